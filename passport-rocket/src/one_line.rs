//! Text from elsewhere in a line of the log.

use std::fmt::{self, Write as _};

/// Writes a text so that it can neither begin a second line nor hide a part of this one.
pub(crate) struct OneLine<'t>(pub(crate) &'t str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c.is_control() || is_invisible(c) {
            true => write!(f, "{}", c.escape_default()),
            false => f.write_char(c),
        })
    }
}

/// A name from elsewhere, of a key or a claim, as it may stand in a message: a name in quotes can
/// hold anything, and be as long as it likes.
pub(crate) fn legible(name: &str) -> String {
    let cut = if name.chars().nth(LONGEST_NAME).is_some() { "…" } else { "" };
    let shown: String = name.chars().take(LONGEST_NAME).flat_map(char::escape_debug).collect();
    format!("{shown}{cut}")
}

const LONGEST_NAME: usize = 64;

/// Line and paragraph separators, and what turns the direction of a text around.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::OneLine;

    #[test]
    fn stays_one_line_that_reads_from_left_to_right() {
        let shown = OneLine("a\nb\u{1b}[2K\u{2028}c\u{202e}d é").to_string();
        assert_eq!(shown, "a\\nb\\u{1b}[2K\\u{2028}c\\u{202e}d é");
    }
}

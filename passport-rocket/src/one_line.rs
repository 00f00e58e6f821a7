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

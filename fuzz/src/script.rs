//! Inputs that are texts with places for tokens, so that mutations keep what makes them interesting.

use crate::keys::{ADA, BEN, EXPIRED};

/// Puts tokens into their places: `$A` and `$B` are valid, `$E` is expired.
pub(crate) fn filled(text: &str) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    text.replace("$A", &ADA).replace("$B", &BEN).replace("$E", &EXPIRED)
}

/// Who the bearer of `token` is, if anybody.
pub(crate) fn bearer(token: &str) -> Option<&'static str> {
    match token {
        _ if token == *ADA => Some("ada"),
        _ if token == *BEN => Some("ben"),
        _ => None,
    }
}

/// The value of a header as it would come over the wire: no control characters, and no white space
/// around it (RFC 9110 section 5.5).
pub(crate) fn header_value(text: &str) -> String {
    let value: String = text.chars().filter(|it| !it.is_ascii_control() || *it == '\t').collect();
    value.trim_matches([' ', '\t']).to_owned()
}

/// Lines of a script: a letter that says where, and what stands there.
pub(crate) fn lines(input: &[u8]) -> Vec<(u8, String)> {
    let text = String::from_utf8_lossy(input);
    let lines = text.split('\n').filter_map(|line| {
        let place = *line.as_bytes().first().filter(|byte| byte.is_ascii())?;
        Some((place, filled(line.get(1..)?)))
    });
    lines.take(MOST_LINES).collect()
}

/// More headers say nothing new.
const MOST_LINES: usize = 12;

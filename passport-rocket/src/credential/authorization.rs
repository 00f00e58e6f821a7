//! The `Authorization` header (RFC 9110 section 11.6.2): a scheme and its credentials.

use crate::denial::Denial;
use crate::strategy::Attempt;

/// The one `Authorization` header of a request, split at its scheme.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Authorization<'r> {
    /// The scheme as it was sent; compare it with [`Authorization::is`].
    pub scheme: &'r str,
    /// Everything behind the scheme; empty when nothing is there.
    pub credentials: &'r str,
}

impl<'r> Authorization<'r> {
    /// Reads the header.
    ///
    /// # Errors
    /// Malformed (400) when two of them were sent: which one a proxy in front has judged is
    /// anybody's guess.
    pub fn of(attempt: Attempt<'r, '_>) -> Result<Option<Self>, Denial> {
        Ok(attempt.header("Authorization")?.map(Self::split))
    }

    /// Whether the scheme is `name`; schemes compare without regard to case (RFC 9110 section
    /// 11.1).
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(name)
    }

    fn split(line: &'r str) -> Self {
        let end = line.bytes().take(LONGEST_SCHEME).position(|byte| byte == b' ');
        let (scheme, rest) = end.and_then(|end| line.split_at_checked(end)).unwrap_or((line, ""));
        Self { scheme, credentials: trimmed(rest) }
    }
}

/// `text` without the blanks around it.
fn trimmed(text: &str) -> &str {
    let begin = blanks(text.bytes());
    let text = text.get(begin..).unwrap_or_default();
    let end = text.len() - blanks(text.bytes().rev());
    text.get(..end).unwrap_or_default()
}

fn blanks(bytes: impl Iterator<Item = u8>) -> usize {
    bytes.take(MOST_BLANKS).take_while(|byte| *byte == b' ').count()
}

/// Whoever sends a header without end shall not have it searched to its end. No registered scheme has
/// more than 20 letters, and one blank is enough for everybody.
const LONGEST_SCHEME: usize = 256;
const MOST_BLANKS: usize = 256;

impl std::fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorization").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Authorization;

    #[test]
    fn splits_at_the_first_space_and_anchors_the_scheme() {
        for (line, scheme, credentials) in [
            ("Bearer abc", "Bearer", "abc"),
            ("bearer   abc ", "bearer", "abc"),
            ("Bearer", "Bearer", ""),
            ("Bearer a b", "Bearer", "a b"),
            ("XBearer abc", "XBearer", "abc"),
            ("abc123", "abc123", ""),
            ("", "", ""),
        ] {
            let read = Authorization::split(line);
            assert_eq!((read.scheme, read.credentials), (scheme, credentials), "{line:?}");
        }
        for (line, scheme) in [("é", "é"), ("é a", "é"), (" é ", "")] {
            assert_eq!(Authorization::split(line).scheme, scheme, "{line:?}");
        }
        assert!(Authorization::split("bEARER x").is("Bearer"));
        assert!(!Authorization::split("XBearer x").is("Bearer"));
    }

    #[test]
    fn searches_no_header_without_end() {
        let blanks = " ".repeat(100_000);
        for line in [blanks.clone(), format!("Bearer{blanks}"), format!("Bearer{blanks}x")] {
            let read = Authorization::split(&line);
            let left = line.len() - read.scheme.len() - read.credentials.len();
            assert!(left <= 2 * super::MOST_BLANKS, "{left}");
        }
        let word = "x".repeat(100_000);
        let line = format!("{word} y");
        let read = Authorization::split(&line);
        assert_eq!((read.scheme, read.credentials), (line.as_str(), ""));
        let line = format!("Bearer  {word} ");
        assert_eq!(Authorization::split(&line).credentials, word);
    }
}

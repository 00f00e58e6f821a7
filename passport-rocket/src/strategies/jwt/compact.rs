//! The compact serialization (RFC 7515 section 3.1): three parts of base64url and two dots.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memchr_iter;

use super::rejection::{Part, Rejection};

/// A token cut into its parts; none of them is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compact<'t> {
    pub(super) header: &'t str,
    pub(super) payload: &'t str,
    pub(super) signature: &'t str,
    /// What is signed: header, dot, payload.
    pub(super) message: &'t str,
}

impl<'t> Compact<'t> {
    /// Cuts `token`, of at most `limit` bytes.
    ///
    /// RFC 8725 section 3.7 and its successor's section 3.14: anything that is not of the compact
    /// form, a JSON serialization for instance, is refused before it is parsed.
    pub(super) fn split(token: &'t str, limit: usize) -> Result<Self, Rejection> {
        if token.len() > limit {
            return Err(Rejection::TooLong { limit });
        }
        // A fold without an early exit: the compiler turns it into vector instructions.
        if !token.bytes().fold(true, |good, byte| good & belongs(byte)) {
            return Err(Rejection::ForeignCharacter);
        }
        let mut dots = memchr_iter(b'.', token.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(Rejection::NotThreeParts);
        };
        Self::cut(token, [first, second]).ok_or(Rejection::NotThreeParts)
    }

    /// Cuts a token at the dots that [`Compact::dots`] has found in it before.
    pub(super) fn cut(token: &'t str, [first, second]: [usize; 2]) -> Option<Self> {
        let part = |range: Range<usize>| token.get(range).filter(|part| !part.is_empty());
        Some(Self {
            header: part(0..first)?,
            payload: part(first + 1..second)?,
            signature: part(second + 1..token.len())?,
            message: part(0..second)?,
        })
    }

    /// Where its dots are.
    pub(super) fn dots(&self) -> [usize; 2] {
        [self.header.len(), self.message.len()]
    }

    /// The payload, decoded: what the token claims, proved or not.
    pub(super) fn payload_text(&self) -> Result<String, Rejection> {
        let payload = decode(self.payload, Part::Payload)?;
        String::from_utf8(payload).map_err(|_| Rejection::NotAnObject)
    }
}

/// Decodes a part. Padding and stray trailing bits are refused, so that there is one spelling of
/// each token.
pub(super) fn decode(part: &str, which: Part) -> Result<Vec<u8>, Rejection> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejection::NotBase64(which))
}

/// Decodes a signature into `buffer`, which no signature of ours outgrows.
pub(super) fn decode_signature<'b>(
    part: &str,
    buffer: &'b mut [u8; LONGEST_SIGNATURE],
) -> Result<&'b [u8], Rejection> {
    if part.len() > LONGEST_SIGNATURE / 3 * 4 {
        return Err(Rejection::Signature);
    }
    decode_into(part, Part::Signature, buffer)
}

/// Decodes a part into `buffer`, which has to have room for it.
pub(super) fn decode_into<'b>(
    part: &str,
    which: Part,
    buffer: &'b mut [u8],
) -> Result<&'b [u8], Rejection> {
    let length =
        URL_SAFE_NO_PAD.decode_slice(part, buffer).map_err(|_| Rejection::NotBase64(which))?;
    buffer.get(..length).ok_or(Rejection::NotBase64(which))
}

/// Encodes a part onto the end of `token`.
pub(super) fn encode(bytes: &[u8], token: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, token);
}

/// RSA with 8192 bits has the longest: 1024 bytes, and two more for whole groups of base64.
pub(super) const LONGEST_SIGNATURE: usize = 1026;

fn belongs(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_') | (byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_two_dots() {
        let token = Compact::split("aa.bb.cc", 8).unwrap();
        assert_eq!((token.header, token.payload, token.signature), ("aa", "bb", "cc"));
        assert_eq!(token.message, "aa.bb");
    }

    // R03, R04: an empty signature part is a missing one.
    #[test]
    fn rejects_anything_but_three_parts() {
        for token in [
            "",
            ".",
            "..",
            "...",
            "aa",
            "aa.bb",
            "aa.bb.",
            "aa..cc",
            ".bb.cc",
            "aa.bb.cc.dd",
            "a.b..c",
        ] {
            assert_eq!(Compact::split(token, 100), Err(Rejection::NotThreeParts), "{token}");
        }
    }

    // R04
    #[test]
    fn rejects_every_foreign_character_before_parsing() {
        for foreign in ["=", "+", "/", " ", "\t", "\n", "{", "\"", ",", ":", "~", "é", "\u{0}"] {
            for token in [format!("{foreign}aa.bb.cc"), format!("aa.bb.cc{foreign}")] {
                assert_eq!(
                    Compact::split(&token, 100),
                    Err(Rejection::ForeignCharacter),
                    "{token:?}"
                );
            }
        }
    }

    // R04
    #[test]
    fn rejects_a_token_above_the_size_limit() {
        assert!(Compact::split("aa.bb.cc", 8).is_ok());
        assert_eq!(Compact::split("aa.bb.ccc", 8), Err(Rejection::TooLong { limit: 8 }));
    }

    #[test]
    fn decodes_one_spelling_only() {
        assert_eq!(decode("-_8", Part::Header).unwrap(), [0xfb, 0xff]);
        // The same bytes with other trailing bits, with padding, and a length that cannot be.
        for spelling in ["-_9", "-_8=", "a"] {
            assert_eq!(
                decode(spelling, Part::Header),
                Err(Rejection::NotBase64(Part::Header)),
                "{spelling}"
            );
        }
        let mut buffer = [0; LONGEST_SIGNATURE];
        assert_eq!(decode_signature("-_8", &mut buffer).unwrap(), [0xfb, 0xff]);
        assert!(decode_signature("-_9", &mut buffer).is_err());
    }

    #[test]
    fn takes_the_longest_signature_and_no_longer_one() {
        let mut buffer = [0; LONGEST_SIGNATURE];
        let mut text = String::new();
        encode(&[7; 1024], &mut text);
        assert_eq!(decode_signature(&text, &mut buffer).unwrap(), [7; 1024]);
        let text = "A".repeat(8000);
        assert_eq!(decode_signature(&text, &mut buffer), Err(Rejection::Signature));
    }
}

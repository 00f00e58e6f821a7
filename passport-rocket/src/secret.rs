//! Values that sign, open or log in.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A value that nobody may read by accident: `Debug` prints `[redacted]`, comparison takes the same
/// time for every value of one length, and the memory is overwritten when it is dropped.
///
/// It cannot be displayed, serialized or dereferenced; [`Secret::expose`] is the one way in, and
/// easy to find in a review.
///
/// ```
/// use passport_rocket::Secret;
///
/// let secret = Secret::new(String::from("correct horse"));
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// assert_eq!(secret.expose(), "correct horse");
/// ```
///
/// # Security
/// Only this copy is overwritten: the configuration it was read from, the environment and the file
/// still hold theirs.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Guards `value`.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value. Whatever is made of it is no longer guarded.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Constant in time for values of one length; that two lengths differ does show.
impl<T: Zeroize + AsRef<[u8]>> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_ref().ct_eq(other.expose().as_ref()).into()
    }
}

impl<T: Zeroize + AsRef<[u8]>> Eq for Secret<T> {}

impl<'de> Deserialize<'de> for Secret<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(TextOnly)
    }
}

/// Takes text and nothing else. A secret of digits arrives as a number from the environment, where
/// quotes are optional: turning it back into text would lose leading zeros. serde's own refusals
/// quote what they found, so each scalar is refused here.
struct TextOnly;

impl Visitor<'_> for TextOnly {
    type Value = Secret<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Secret::new(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Secret::new(text))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(E::custom("a boolean: put the value in quotes"))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Err(E::custom(NUMBER))
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Self::Value, E> {
        Err(E::custom(NUMBER))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Err(E::custom(NUMBER))
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Self::Value, E> {
        Err(E::custom(NUMBER))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(E::custom(NUMBER))
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Self::Value, E> {
        Err(E::custom("bytes: write the value as text"))
    }
}

const NUMBER: &str = "a number: put the value in quotes";

#[cfg(test)]
mod tests {
    use figment::value::Value;

    use super::*;

    // O02
    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::new(String::from("hunter2"));
        assert_eq!(
            format!("{secret:?} {:#?}", Some(&secret)),
            "[redacted] Some(\n    [redacted],\n)"
        );
    }

    // R24
    #[test]
    fn compares_contents() {
        let secret = Secret::new(vec![1_u8, 2, 3]);
        assert_eq!(secret, secret.clone());
        for other in [vec![1, 2], vec![1, 2, 4], vec![1, 2, 3, 4], vec![]] {
            assert_ne!(secret, Secret::new(other));
        }
    }

    #[test]
    fn reads_text() {
        let secret: Secret<String> = Value::from("00412").deserialize().unwrap();
        assert_eq!(secret.expose(), "00412");
        let secret: Secret<String> = Value::from('x').deserialize().unwrap();
        assert_eq!(secret.expose(), "x");
    }

    // Trap 19
    #[test]
    fn refuses_anything_else_without_the_value() {
        let values = [
            Value::from(4_711_471_147_114_711_u64),
            Value::from(-4711),
            Value::from(47.11),
            Value::from(u128::MAX),
            Value::from(i128::MIN),
            Value::from(true),
            Value::from(vec!["4711"]),
        ];
        for value in values {
            let error = value.deserialize::<Secret<String>>().unwrap_err().to_string();
            assert!(
                !error.contains(|c: char| c.is_ascii_digit()) && !error.contains("true"),
                "{error}"
            );
        }
        let error = Value::from(4711).deserialize::<Secret<String>>().unwrap_err();
        assert_eq!(error.kind, figment::error::Kind::Message(NUMBER.into()));
    }
}

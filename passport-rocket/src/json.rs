//! JSON that two readers cannot understand in two ways.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Reads JSON and refuses what [`serde_json::from_slice`] accepts silently: an object with the same
/// member twice (RFC 8725 section 3.7 for tokens; the same trick works on any body).
pub(crate) fn strict(json: &[u8]) -> Result<Value, serde_json::Error> {
    check(json)?;
    // Built by serde_json itself, which knows how it keeps numbers: with `arbitrary_precision`, any
    // other visitor takes one for an object.
    serde_json::from_slice(json)
}

/// Whether [`strict`] would read it, without keeping any of it.
pub(crate) fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Strict>(json).map(|Strict| ())
}

/// Any strict JSON; nothing of it is kept.
pub(crate) struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, Self)) = members.next_entry::<String, Self>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("an object has the same member twice"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::strict;

    // R05
    #[test]
    fn refuses_a_member_that_is_there_twice_at_any_depth() {
        assert!(strict(br#"{"a":1,"b":[{"c":1.5,"d":null}],"e":{"a":true}}"#).is_ok());
        for twice in [r#"{"a":1,"a":1}"#, r#"{"b":[{"c":1,"c":2}]}"#, r#"{"a":1,"\u0061":2}"#] {
            assert!(strict(twice.as_bytes()).is_err(), "{twice}");
        }
    }

    // A number is one, whatever features of serde_json somebody else turns on.
    #[test]
    fn builds_what_serde_json_builds() {
        for json in [
            "1.5",
            r#"{"a":[1.5,-7,0,18446744073709551615,1e3],"b":{"c":null,"d":true,"e":"\u00e9"}}"#,
        ] {
            let built: Value = serde_json::from_str(json).unwrap();
            assert_eq!(strict(json.as_bytes()).unwrap(), built, "{json}");
        }
        assert_eq!(strict(b"1.5").unwrap().as_f64(), Some(1.5));
    }

    #[test]
    fn refuses_what_is_not_json() {
        for not_json in ["", "{", "{}{}", "{a:1}", "\u{feff}{}"] {
            assert!(strict(not_json.as_bytes()).is_err(), "{not_json:?}");
        }
        assert!(strict(b"\"\xff\"").is_err());
    }
}

//! The payload of a token that is to be signed, and whether we would find fault with it.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use smallvec::SmallVec;

use super::cannot_sign::CannotSign;
use super::claims::{Expected, Registered};
use super::payload;
use super::rejection::Rejection;
use crate::json::Strict;

/// The application's claims, as they are, then what is added to them.
#[derive(Debug)]
pub(super) struct Draft {
    json: Vec<u8>,
    added: SmallVec<[&'static str; 8]>,
}

impl Draft {
    /// Begins with the application's claims.
    pub(super) fn of<T: Serialize + ?Sized>(claims: &T) -> Result<Self, CannotSign> {
        let mut json = Vec::with_capacity(USUAL_LENGTH);
        serde_json::to_writer(&mut json, claims).map_err(|_| CannotSign::Unserializable)?;
        if !json.starts_with(b"{") {
            return Err(CannotSign::NotAnObject);
        }
        // An object ends with its brace.
        json.pop();
        Ok(Self { json, added: SmallVec::new() })
    }

    /// Adds a claim of ours.
    pub(super) fn add<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CannotSign> {
        let is_first = self.json.trim_ascii_end().ends_with(b"{");
        self.json.extend_from_slice(if is_first { b"\"" } else { b",\"" });
        self.json.extend_from_slice(name.as_bytes());
        self.json.extend_from_slice(b"\":");
        self.added.push(name);
        serde_json::to_writer(&mut self.json, value).map_err(|_| CannotSign::Unserializable)
    }

    /// Ends it, and reads it as we would on its return: what its claims are refused for is not
    /// signed. For whom it is, and who has to prove what besides, is for those who get it.
    pub(super) fn end(mut self, expected: &Expected) -> Result<String, CannotSign> {
        self.json.push(b'}');
        let json = String::from_utf8(self.json).map_err(|_| CannotSign::NotAnObject)?;
        let mut registered = Registered::new(expected);
        let read = payload::read::<Everything>(&json, &mut registered);
        let found = read.and_then(|_| registered.lifetime()).and_then(|_| registered.complete());
        match found {
            Ok(()) => Ok(json),
            Err(Rejection::RepeatedClaim(name)) if self.added.contains(&name.as_str()) => {
                Err(CannotSign::Conflict(name))
            }
            Err(Rejection::RepeatedClaim(_) | Rejection::RepeatedWithin) => {
                Err(CannotSign::Repeated)
            }
            Err(Rejection::NotText(name)) => Err(CannotSign::NotText(name)),
            Err(Rejection::WrongType(name)) => Err(CannotSign::WrongTime(name)),
            Err(Rejection::Missing(_)) => Err(CannotSign::NoExpiry),
            Err(Rejection::Without(name)) => Err(CannotSign::Missing(name)),
            Err(_) => Err(CannotSign::NotAnObject),
        }
    }
}

/// Reads every value, and keeps none: one that is ignored may be too deep or too large for others.
struct Everything;

impl<'j> Deserialize<'j> for Everything {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'j> Visitor<'j> for Everything {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, Strict>()?.is_some() {}
        Ok(self)
    }
}

/// What few payloads outgrow.
const USUAL_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::super::claims::Required;
    use super::*;

    #[derive(Serialize)]
    struct Twice {
        exp: u64,
        #[serde(flatten)]
        more: Value,
    }

    fn text(name: &'static str) -> Required {
        Required { name: name.into(), is_text: true }
    }

    fn drafted(claims: &impl Serialize, required: &[Required]) -> Result<String, CannotSign> {
        let mut draft = Draft::of(claims)?;
        draft.add("sub", "")?;
        draft.add("aud", &["a", "b"])?;
        draft.end(&Expected { required: required.to_vec(), ..Expected::default() })
    }

    #[test]
    fn finds_what_an_escape_or_a_flattened_map_hides() {
        let twice = |more| Twice { exp: 5, more };
        let end = |claims: &Twice| drafted(claims, &[]);
        let fine = end(&twice(json!({"a\n": 1}))).unwrap();
        assert_eq!(fine, r#"{"exp":5,"a\n":1,"sub":"","aud":["a","b"]}"#);
        let repeated = end(&twice(json!({"a\n": 1, "exp": 5})));
        assert!(matches!(repeated, Err(CannotSign::Repeated)));
        let set = end(&twice(json!({"a\n": 1, "sub": "x"})));
        assert!(matches!(set, Err(CannotSign::Conflict(name)) if name == "sub"));
        let wrong = end(&twice(json!({"a\n": 1, "nbf": "x"})));
        assert!(matches!(wrong, Err(CannotSign::WrongTime("nbf"))));
    }

    #[test]
    fn reads_texts_that_are_inserted_as_they_are() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        let whole = |json| drafted(&raw(json), &[]);
        assert_eq!(whole(r#"{ "exp" : 5 }"#).unwrap(), r#"{ "exp" : 5 ,"sub":"","aud":["a","b"]}"#);
        assert!(matches!(whole("{ }"), Err(CannotSign::NoExpiry)));
        assert!(matches!(whole("[5]"), Err(CannotSign::NotAnObject)));
        assert!(matches!(whole(r#"{"exp":5,"e\u0078p":5}"#), Err(CannotSign::Repeated)));
        let within = |json| drafted(&BTreeMap::from([("exp", raw("5")), ("a", raw(json))]), &[]);
        assert!(within(r#"{"exp":"x"}"#).is_ok());
        // JSON to the letter, but nobody could keep it: half a character, and a number that is too
        // large, unless serde_json's feature `arbitrary_precision` is on.
        for (json, can_be_kept) in
            [(r#""\ud800""#, false), ("1e999", serde_json::from_str::<Value>("1e999").is_ok())]
        {
            let drafted = within(json);
            let is_refused = matches!(drafted, Err(CannotSign::NotAnObject));
            assert_eq!((drafted.is_ok(), is_refused), (can_be_kept, !can_be_kept), "{json}");
        }
    }

    #[test]
    fn refuses_more_depth_than_can_be_read() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
        assert!(drafted(&json!({"exp": 5, "a": nested(110)}), &[]).is_ok());
        let deep = drafted(&json!({"exp": 5, "a": nested(200)}), &[]);
        assert!(matches!(deep, Err(CannotSign::NotAnObject)));
    }

    #[test]
    fn an_added_claim_counts_among_the_required_ones() {
        let claims = json!({"exp": 5});
        let aud = Required { name: "aud".into(), is_text: false };
        assert!(drafted(&claims, &[aud]).is_ok());
        // A list is no text, and an empty text is none.
        for name in ["aud", "sub", "jti"] {
            let missing = drafted(&claims, &[text(name)]);
            assert!(matches!(missing, Err(CannotSign::Missing(found)) if found == name));
        }
    }
}

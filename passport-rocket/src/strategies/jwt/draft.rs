//! The payload of a token that is to be signed, and whether anybody could find fault with it.

use std::borrow::Cow;
use std::{fmt, mem};

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::captured::Captured;
use super::claims::Required;
use super::issuer::CannotSign;
use super::members::{Members, Name};
use super::numeric_date::NumericDate;
use super::outline::{Member, Outline};

/// The application's claims, as they are, then what is added to them.
#[derive(Debug)]
pub(super) struct Draft {
    json: Vec<u8>,
    outline: Outline,
    added: usize,
}

impl Draft {
    /// With nothing in it.
    pub(super) fn new() -> Self {
        Self { json: Vec::with_capacity(USUAL_LENGTH), outline: Outline::new(), added: 0 }
    }

    /// Begins with the application's claims.
    pub(super) fn begin<T: Serialize + ?Sized>(&mut self, claims: &T) -> Result<(), CannotSign> {
        self.outline.write(claims, &mut self.json).map_err(does_not_serialize)?;
        if !self.json.starts_with(b"{") {
            return Err(CannotSign::Claims(None));
        }
        // An object ends with its brace.
        self.json.pop();
        Ok(())
    }

    /// Adds a claim of ours.
    pub(super) fn add<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CannotSign> {
        let is_first = self.json.trim_ascii_end().ends_with(b"{");
        self.json.extend_from_slice(if is_first { b"\"" } else { b",\"" });
        let begin = self.json.len();
        self.json.extend_from_slice(name.as_bytes());
        let name = begin..self.json.len();
        self.json.extend_from_slice(b"\":");
        serde_json::to_writer(&mut self.json, value).map_err(does_not_serialize)?;
        self.outline.members.push(Member { name, end: self.json.len() });
        self.added += 1;
        Ok(())
    }

    /// Ends it, unless somebody could find fault with it.
    pub(super) fn end(&mut self, required: &[Required]) -> Result<String, CannotSign> {
        self.json.push(b'}');
        let json = String::from_utf8(mem::take(&mut self.json));
        let json = json.map_err(|_| CannotSign::Claims(None))?;
        let findings = match self.outline.is_certain {
            true => Findings::by(&self.outline, &json, required),
            false => Findings::by_reading(&json, required),
        };
        match findings.ok_or(CannotSign::Claims(None))? {
            Findings { repeated: Some(name), .. } if self.has_added(&name, &json) => {
                Err(CannotSign::Conflict(name.into_owned()))
            }
            Findings { repeated: Some(_), .. } => Err(CannotSign::Repeated),
            Findings { wrong_time: Some(name), .. } => Err(CannotSign::WrongTime(name)),
            Findings { expires: false, .. } => Err(CannotSign::NoExpiry),
            Findings { missing, .. } => match missing.first() {
                Some(missing) => Err(CannotSign::Missing(missing.name.to_string())),
                None => Ok(json),
            },
        }
    }

    fn has_added(&self, name: &str, json: &str) -> bool {
        let mut added = self.outline.members.iter().rev().take(self.added);
        added.any(|member| json.get(member.name.clone()) == Some(name))
    }
}

fn does_not_serialize(error: serde_json::Error) -> CannotSign {
    CannotSign::Claims(Some(error))
}

/// What was found in a payload.
#[derive(Debug, PartialEq, Eq)]
struct Findings<'j, 'r> {
    repeated: Option<Cow<'j, str>>,
    wrong_time: Option<&'static str>,
    expires: bool,
    missing: Vec<&'r Required>,
}

impl<'j, 'r> Findings<'j, 'r> {
    fn new(required: &'r [Required]) -> Self {
        Self {
            repeated: None,
            wrong_time: None,
            expires: false,
            missing: required.iter().collect(),
        }
    }

    /// Looks only at those values that matter.
    fn by(outline: &Outline, json: &'j str, required: &'r [Required]) -> Option<Self> {
        let mut findings = Self::new(required);
        let mut names = Members::default();
        for member in &outline.members {
            let name = json.get(member.name.clone())?;
            if findings.wants(name) {
                let value = json.get(member.value())?;
                findings.note(name, &serde_json::from_str(value).ok()?);
            }
            if !names.insert(name.into()) {
                findings.repeated = Some(name.into());
            }
        }
        Some(findings)
    }

    fn by_reading(json: &'j str, required: &'r [Required]) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let findings = Self::new(required).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(findings)
    }

    fn wants(&self, name: &str) -> bool {
        TIMES.contains(&name) || self.missing.iter().any(|required| required.name == name)
    }

    fn note(&mut self, name: &str, value: &Captured<'_>) {
        self.missing.retain(|required| required.name != name || !required.is_met_by(value));
        let Some(time) = TIMES.into_iter().find(|time| *time == name) else { return };
        self.expires |= time == "exp";
        if value.seconds() == NumericDate::Wrong {
            self.wrong_time = Some(time);
        }
    }
}

impl<'j> DeserializeSeed<'j> for Findings<'j, '_> {
    type Value = Self;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'j> Visitor<'j> for Findings<'j, '_> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims")
    }

    fn visit_map<A: MapAccess<'j>>(mut self, mut map: A) -> Result<Self, A::Error> {
        let mut names = Members::default();
        while let Some(Name(name)) = map.next_key()? {
            self.note(&name, &map.next_value()?);
            if !names.insert(name.clone()) {
                self.repeated = Some(name);
            }
        }
        Ok(self)
    }
}

/// The claims that say when a token is valid.
const TIMES: [&str; 2] = ["exp", "nbf"];

/// What few payloads outgrow.
const USUAL_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::value::RawValue;
    use serde_json::{Value, json};

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
        let mut draft = Draft::new();
        draft.begin(claims)?;
        draft.add("sub", "")?;
        draft.add("aud", &["a", "b"])?;
        draft.end(required)
    }

    #[test]
    fn finds_the_same_with_and_without_reading() {
        let required = ["a", "b"].map(|name| Required { name: name.into(), is_text: name == "a" });
        for claims in [
            json!({}),
            json!({"a": "", "b": null}),
            json!({"a": "x", "b": [{"exp": 1}]}),
            json!({"a": 1, "b": "", "c": {"nbf": "x"}}),
            json!({"nbf": "7"}),
            json!({"nbf": 7.5, "b": u64::MAX}),
            json!({"exp": -7}),
        ] {
            let twice = Twice { exp: 5, more: claims };
            let (mut outline, mut json) = (Outline::new(), Vec::new());
            outline.write(&twice, &mut json).unwrap();
            let json = String::from_utf8(json).unwrap();
            let findings = Findings::by(&outline, &json, &required).unwrap();
            assert_eq!(Some(findings), Findings::by_reading(&json, &required), "{json}");
        }
    }

    #[test]
    fn reads_where_the_outline_is_uncertain() {
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
        assert!(matches!(whole("[5]"), Err(CannotSign::Claims(None))));
        assert!(matches!(whole(r#"{"exp":5,"e\u0078p":5}"#), Err(CannotSign::Repeated)));
        let within = |json| drafted(&BTreeMap::from([("exp", raw("5")), ("a", raw(json))]), &[]);
        assert!(within(r#"{"exp":"x"}"#).is_ok());
        // JSON to the letter, but nobody could keep it: half a character, and a number that is too
        // large, unless serde_json's feature `arbitrary_precision` is on.
        for (json, can_be_kept) in
            [(r#""\ud800""#, false), ("1e999", serde_json::from_str::<Value>("1e999").is_ok())]
        {
            let drafted = within(json);
            let is_refused = matches!(drafted, Err(CannotSign::Claims(None)));
            assert_eq!((drafted.is_ok(), is_refused), (can_be_kept, !can_be_kept), "{json}");
        }
    }

    #[test]
    fn refuses_more_depth_than_can_be_read() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
        assert!(drafted(&json!({"exp": 5, "a": nested(110)}), &[]).is_ok());
        let deep = drafted(&json!({"exp": 5, "a": nested(200)}), &[]);
        assert!(matches!(deep, Err(CannotSign::Claims(None))));
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

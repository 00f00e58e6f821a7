//! Reads a payload in one pass: the application's claims type takes what it wants, and the
//! registered claims are noted on the way.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr_iter;
use serde::Deserialize;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Error;

use super::captured::Captured;
use super::claims::{Registered, Wanted};
use super::members::{Members, Name};
use super::rejection::{Rejection, Unfit};
use crate::json;

/// Reads `json` as `C`, notes registered claims, and refuses members that are there twice.
pub(super) fn read<'p, C: Deserialize<'p>>(
    json: &'p str,
    registered: &mut Registered<'p, '_>,
) -> Result<C, Rejection> {
    // R05 at every depth. A second brace is a nested object, or stands in a text, where a look does
    // no harm; the outermost members are watched while they are read.
    let nests = memchr_iter(b'{', json.as_bytes()).nth(1).is_some();
    if nests && json::check(json.as_bytes()).is_err() {
        return Err(Rejection::RepeatedWithin);
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let members = Members::default();
    let mut watch = Watch { registered, members, wanted: None, repeated: false };
    let claims = C::deserialize(Payload { inner: &mut deserializer, watch: &mut watch });
    let last = watch.members.last();
    if watch.repeated {
        return Err(Rejection::RepeatedClaim(last.cloned().unwrap_or_default().into_owned()));
    }
    let claims = claims.map_err(|error| because(&error, last))?;
    deserializer.end().map_err(|_| Rejection::NotAnObject)?;
    Ok(claims)
}

/// A payload as a deserializer that looks over the shoulder of whoever reads it.
struct Payload<'w, 'p, 'r, 'e, D> {
    inner: D,
    watch: &'w mut Watch<'p, 'r, 'e>,
}

struct Watch<'p, 'r, 'e> {
    registered: &'r mut Registered<'p, 'e>,
    members: Members<'p>,
    /// The claim whose value comes next, if it is one that we look at.
    wanted: Option<Wanted>,
    repeated: bool,
}

impl<'p, D: Deserializer<'p, Error = Error>> Deserializer<'p> for Payload<'_, 'p, '_, '_, D> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        // Whatever the application's type is, a payload is an object (RFC 7519 section 7.2). serde
        // alone would take a list for a struct.
        self.inner.deserialize_map(Watched { inner: visitor, watch: self.watch })
    }

    fn deserialize_option<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'p>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A visitor, or the members that it visits, under watch.
struct Watched<'w, 'p, 'r, 'e, T> {
    inner: T,
    watch: &'w mut Watch<'p, 'r, 'e>,
}

impl<'p, V: Visitor<'p>> Visitor<'p> for Watched<'_, 'p, '_, '_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'p>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Watched { inner: map, watch: self.watch })
    }
}

impl<'p, A: MapAccess<'p>> MapAccess<'p> for Watched<'_, 'p, '_, '_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'p>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(Name(name)) = self.inner.next_key()? else { return Ok(None) };
        let Watch { registered, members, wanted, repeated } = &mut *self.watch;
        if !members.insert(name.clone()) {
            *repeated = true;
            return Err(A::Error::custom("repeated"));
        }
        *wanted = registered.wanted(&name);
        match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            Cow::Owned(name) => seed.deserialize((&*name).into_deserializer()).map(Some),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'p>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let Some(wanted) = self.watch.wanted else { return self.inner.next_value_seed(seed) };
        let value: Captured<'p> = self.inner.next_value()?;
        self.watch.registered.note(wanted, &value);
        seed.deserialize(value).map_err(A::Error::custom)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// What is wrong, in words without values: serde's own quote them.
fn because(error: &Error, last: Option<&Cow<'_, str>>) -> Rejection {
    if !error.is_data() {
        return Rejection::NotAnObject;
    }
    let message = error.to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    if let Some((name, _)) = missing {
        return Rejection::Unfit { claim: None, problem: Unfit::Missing(name.to_owned()) };
    }
    let Some(claim) = last else { return Rejection::NotAnObject };
    let problem = match message.starts_with("unknown field") {
        true => Unfit::Unknown,
        false => Unfit::Value,
    };
    Rejection::Unfit { claim: Some(claim.to_string()), problem }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::de;
    use serde_json::Value;

    use super::super::claims::Expected;
    use super::super::numeric_date::NumericDate;
    use super::*;

    fn read_as<C: de::DeserializeOwned>(json: &str) -> Result<C, Rejection> {
        let expected = Expected::default();
        let mut registered = Registered::new(&expected);
        let claims = read(json, &mut registered)?;
        registered.judge()?;
        Ok(claims)
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Port,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Subject(String);

    #[derive(Debug, Deserialize, PartialEq)]
    struct Greedy<'a> {
        id: i64,
        exp: u32,
        iat: Option<u64>,
        nbf: Option<i64>,
        sub: Subject,
        jti: Option<Cow<'a, str>>,
        aud: Vec<String>,
        scope: Role,
        #[serde(default)]
        auth_time: f64,
    }

    const GREEDY: &str = r#"{"id":7,"exp":60,"iat":1,"nbf":null,"sub":"s","jti":"\u006a",
        "aud":["a","b"],"scope":"port","auth_time":2}"#;

    #[test]
    fn the_application_may_read_registered_claims_too() {
        let expected = Expected::default();
        let mut registered = Registered::new(&expected);
        let claims: Greedy<'_> = read(GREEDY, &mut registered).unwrap();
        assert_eq!((claims.id, claims.exp, claims.iat, claims.nbf), (7, 60, Some(1), None));
        assert_eq!((claims.sub, claims.jti), (Subject("s".to_owned()), Some("j".into())));
        assert_eq!((claims.aud.len(), claims.scope, claims.auth_time), (2, Role::Port, 2.0));
        assert_eq!(registered.subject.as_deref(), Some("s"));
        assert_eq!(registered.id.as_deref(), Some("j"));
        assert_eq!(registered.scope.as_deref(), Some("port"));
        assert_eq!(registered.issued_at, NumericDate::Since1970(1));
        assert_eq!(registered.authenticated_at, NumericDate::Since1970(2));
    }

    #[test]
    fn any_type_that_reads_an_object_will_do() {
        let json = r#"{"exp":60,"id":7,"name":"ada","deep":{"list":[1,{"a":null}]}}"#;
        let value: Value = read_as(json).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(json).unwrap());
        assert_eq!(read_as::<HashMap<String, Value>>(json).unwrap().len(), 4);
        assert!(read_as::<Option<Value>>(json).unwrap().is_some());
        read_as::<de::IgnoredAny>(json).unwrap();

        #[derive(Deserialize)]
        struct Flat {
            id: i64,
            #[serde(flatten)]
            rest: HashMap<String, Value>,
        }
        let flat: Flat = read_as(json).unwrap();
        assert_eq!((flat.id, flat.rest.len()), (7, 3));

        #[derive(Deserialize)]
        #[serde(tag = "name", rename_all = "lowercase")]
        enum Tagged {
            Ada { id: i64 },
        }
        let Tagged::Ada { id } = read_as(json).unwrap();
        assert_eq!(id, 7);

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Untagged {
            Named { name: String },
        }
        let Untagged::Named { name } = read_as(json).unwrap();
        assert_eq!(name, "ada");
    }

    // R05
    #[test]
    fn rejects_claims_that_are_there_twice() {
        for (json, name) in [
            (r#"{"exp":1,"exp":1}"#, "exp"),
            (r#"{"exp":1,"id":1,"id":2}"#, "id"),
            (r#"{"exp":1,"unknown":1,"unknown":2}"#, "unknown"),
            (r#"{"exp":1,"\u0065xp":2}"#, "exp"),
            (r#"{"exp":1,"sub":"a","sub":"b"}"#, "sub"),
        ] {
            let rejection = Rejection::RepeatedClaim(name.to_owned());
            assert_eq!(read_as::<Value>(json).unwrap_err(), rejection, "{json}");
            assert_eq!(read_as::<de::IgnoredAny>(json).unwrap_err(), rejection, "{json}");
        }
    }

    #[test]
    fn rejects_what_is_no_json_object() {
        for json in [
            "",
            "null",
            "true",
            "7",
            "\"text\"",
            "[]",
            "[7]",
            "{",
            "{\"exp\":1",
            "{exp:1}",
            r#"{"exp":1} x"#,
            r#"{"exp":1,}"#,
            "\u{feff}{\"exp\":1}",
        ] {
            assert_eq!(read_as::<Value>(json).unwrap_err(), Rejection::NotAnObject, "{json}");
        }

        assert_eq!(read_as::<Value>(r#"{"exp":1}{}"#).unwrap_err(), Rejection::RepeatedWithin);

        #[derive(Debug, Deserialize)]
        struct One {
            #[allow(dead_code)]
            exp: u64,
        }
        assert_eq!(read_as::<One>("[7]").unwrap_err(), Rejection::NotAnObject);
    }

    #[test]
    fn a_type_that_stops_reading_cannot_hide_claims() {
        #[derive(Debug)]
        struct Lazy;
        impl<'de> Deserialize<'de> for Lazy {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct First;
                impl<'de> Visitor<'de> for First {
                    type Value = Lazy;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("one member")
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lazy, A::Error> {
                        map.next_entry::<String, de::IgnoredAny>()?;
                        Ok(Lazy)
                    }
                }
                deserializer.deserialize_map(First)
            }
        }
        assert!(read_as::<Lazy>(r#"{"exp":1}"#).is_ok());
        assert!(read_as::<Lazy>(r#"{"exp":1,"cnf":{}}"#).is_err());
    }

    // O02: serde's messages quote values.
    #[test]
    fn says_what_does_not_fit_without_values() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct Strict {
            id: i64,
            exp: u64,
            sub: Option<Role>,
        }
        for (json, reason) in [
            (r#"{"exp":1}"#, "claim `id` is missing"),
            (
                r#"{"exp":1,"id":"hunter2"}"#,
                "claim `id` does not fit the application's claims type",
            ),
            (
                r#"{"exp":1,"id":7,"sub":"hunter2"}"#,
                "claim `sub` does not fit the application's claims type",
            ),
            (
                r#"{"exp":1,"id":7,"hunter":2}"#,
                "claim `hunter` is unknown to the application's claims type",
            ),
        ] {
            assert_eq!(read_as::<Strict>(json).unwrap_err().reason(), reason, "{json}");
        }
    }
}

//! JSON in which no object has a member twice.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The value, if no object in it has a member twice.
pub(crate) fn strict(json: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Unambiguous>(json).ok()?;
    serde_json::from_slice(json).ok()
}

/// Looks for members that are there twice, at any depth, and keeps nothing.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

/// Scalars are of no interest.
macro_rules! scalars {
    ($($name:ident: $kind:ty),*) => {
        $(fn $name<E: Error>(self, _: $kind) -> Result<Unambiguous, E> { Ok(Unambiguous) })*
    };
}

impl<'de> Visitor<'de> for Look {
    type Value = Unambiguous;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unambiguous, A::Error> {
        while items.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unambiguous, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, Unambiguous)) = members.next_entry::<String, Unambiguous>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(Unambiguous)
    }
}

/// The members of an object that a reader of JOSE headers knows; of the others only the names.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) alg: Option<Value>,
    pub(crate) typ: Option<Value>,
    pub(crate) kid: Option<Value>,
    pub(crate) names: BTreeSet<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key::<String>()? {
            let known = match name.as_str() {
                "alg" => &mut members.alg,
                "typ" => &mut members.typ,
                "kid" => &mut members.kid,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    &mut None
                }
            };
            if ["alg", "typ", "kid"].contains(&name.as_str()) {
                *known = Some(map.next_value()?);
            }
            if !members.names.insert(name) {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(members)
    }
}

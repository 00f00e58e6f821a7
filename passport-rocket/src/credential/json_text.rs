//! A look into JSON that builds nothing of it: a number of two bytes is a value of 32, and
//! strangers may send as much as they like while they wait for a key.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands at a path of members.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum At {
    Nothing,
    Null,
    Text(String),
    Other,
}

/// What stands at `path` in strict JSON.
pub(super) fn at(text: &str, path: &[String]) -> At {
    Way(path).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap_or(At::Nothing)
}

/// The rest of a path.
struct Way<'p>(&'p [String]);

impl Way<'_> {
    /// `there`, where the path ends here.
    fn ends(&self, there: At) -> At {
        match self.0 {
            [] => there,
            _ => At::Nothing,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Way<'_> {
    type Value = At;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<At, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Way<'_> {
    type Value = At;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<At, E> {
        Ok(self.ends(At::Null))
    }

    fn visit_bool<E>(self, _: bool) -> Result<At, E> {
        Ok(self.ends(At::Other))
    }

    fn visit_u64<E>(self, _: u64) -> Result<At, E> {
        Ok(self.ends(At::Other))
    }

    fn visit_i64<E>(self, _: i64) -> Result<At, E> {
        Ok(self.ends(At::Other))
    }

    fn visit_f64<E>(self, _: f64) -> Result<At, E> {
        Ok(self.ends(At::Other))
    }

    fn visit_str<E>(self, text: &str) -> Result<At, E> {
        match self.0 {
            [] => Ok(At::Text(text.to_owned())),
            _ => Ok(At::Nothing),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<At, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.ends(At::Other))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<At, A::Error> {
        let mut found = self.ends(At::Other);
        while let Some(name) = members.next_key::<String>()? {
            match self.0 {
                [first, rest @ ..] if *first == name => {
                    found = members.next_value_seed(Way(rest))?;
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{At, at};
    use crate::json::strict;

    const TEXTS: [&str; 22] = [
        "null",
        "7",
        r#""x""#,
        "[]",
        "{}",
        r#"{"a":null}"#,
        r#"{"a":"x"}"#,
        r#"{"\u0061":"\u0078\n"}"#,
        r#"{"a":-7}"#,
        r#"{"a":1.5e3}"#,
        r#"{"a":true}"#,
        r#"{"a":["x"]}"#,
        r#"{"a":{"b":"x"},"b":{"a":"y"}}"#,
        r#"{"b":[{"a":"x"}],"a":{"a":{"b":"z"}}}"#,
        r#"{"a":1,"a":1}"#,
        r#"{"b":[{"c":1,"c":2}]}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"a":1e999}"#,
        r#"{"a":"\ud800"}"#,
        "{}{}",
        "{a:1}",
        "",
    ];

    fn expected(value: &Value, path: &[String]) -> At {
        match path.iter().try_fold(value, |value, step| value.as_object()?.get(step)) {
            None => At::Nothing,
            Some(Value::Null) => At::Null,
            Some(Value::String(text)) => At::Text(text.clone()),
            Some(_) => At::Other,
        }
    }

    #[test]
    fn sees_what_whoever_builds_it_sees() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let deeper = [deep(127), deep(128), deep(100_000)];
        let mut good = 0;
        for text in TEXTS.into_iter().chain(deeper.iter().map(String::as_str)) {
            let built = strict(text.as_bytes());
            let Ok(built) = built else { continue };
            good += 1;
            for path in ["", "a", "b", "a.b", "b.a", "a.a", "a.a.b", "c"] {
                let path: Vec<_> =
                    path.split('.').filter(|s| !s.is_empty()).map(str::to_owned).collect();
                assert_eq!(at(text, &path), expected(&built, &path), "{text} {path:?}");
            }
        }
        // serde_json's feature `arbitrary_precision` can keep a number that is too large otherwise.
        assert_eq!(good, 15 + usize::from(serde_json::from_str::<Value>("1e999").is_ok()));
    }
}

//! Who a token says vouches for it, before anything of it is proved.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::captured::Captured;
use super::members::Name;
use super::rejection::Rejection;

/// The one claim `iss` of a payload: enough to find the keys by, and nothing to believe.
pub(super) fn issuer(payload: &str) -> Result<String, Rejection> {
    let claimed: Claimed<'_> = serde_json::from_str(payload).map_err(|_| Rejection::NotAnObject)?;
    match claimed {
        Claimed { repeated: true, .. } => Err(Rejection::RepeatedClaim("iss".to_owned())),
        Claimed { issuer: Some(issuer), .. } if !issuer.is_null() => {
            issuer.text().map(str::to_owned).ok_or(Rejection::Differs("iss"))
        }
        _ => Err(Rejection::Missing("iss")),
    }
}

#[derive(Default)]
struct Claimed<'p> {
    issuer: Option<Captured<'p>>,
    repeated: bool,
}

impl<'de> Deserialize<'de> for Claimed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimedVisitor)
    }
}

struct ClaimedVisitor;

impl<'de> Visitor<'de> for ClaimedVisitor {
    type Value = Claimed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claimed<'de>, A::Error> {
        let mut claimed = Claimed::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "iss" => claimed.repeated |= claimed.issuer.replace(map.next_value()?).is_some(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(claimed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_one_issuer_of_a_payload() {
        for payload in [r#"{"a":{"iss":"no"},"iss":"us"}"#, r#"{"\u0069ss":"\u0075s"}"#] {
            assert_eq!(issuer(payload).as_deref(), Ok("us"), "{payload}");
        }
    }

    #[test]
    fn says_why_there_is_none() {
        let twice = || Rejection::RepeatedClaim("iss".to_owned());
        for (payload, why) in [
            ("{}", Rejection::Missing("iss")),
            (r#"{"iss":null}"#, Rejection::Missing("iss")),
            (r#"{"iss":7}"#, Rejection::Differs("iss")),
            (r#"{"iss":["a"]}"#, Rejection::Differs("iss")),
            (r#"{"iss":"a","iss":"a"}"#, twice()),
            (r#"{"iss":null,"i\u0073s":"a"}"#, twice()),
            ("", Rejection::NotAnObject),
            ("[", Rejection::NotAnObject),
            (r#"["a"]"#, Rejection::NotAnObject),
            (r#"{"iss":"a"}{}"#, Rejection::NotAnObject),
        ] {
            assert_eq!(issuer(payload), Err(why), "{payload}");
        }
    }
}

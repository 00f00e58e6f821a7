//! Whether a token is good, and what it says.

use serde_json::Value;

use super::{Members, strict, unbase64};
use crate::app::NOW;
use crate::keys::Trusted;

/// What a strategy was configured with.
pub(crate) enum Law {
    /// One party, and what is demanded of its tokens.
    One(Trust),
    /// The issuer in the token says which.
    ByIssuer(Vec<Trust>),
}

pub(crate) struct Trust {
    pub(crate) issuer: Option<&'static str>,
    pub(crate) audience: Option<&'static str>,
    pub(crate) keys: Vec<Key>,
}

pub(crate) struct Key {
    pub(crate) id: Option<&'static str>,
    pub(crate) trusted: Trusted,
}

impl Law {
    /// The claims of a token that is good.
    pub(crate) fn claims(&self, token: &str) -> Option<Value> {
        if token.len() > LONGEST {
            return None;
        }
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { return None };
        if [header, payload, signature].contains(&"") || unbase64(signature).is_none() {
            return None;
        }
        let json = unbase64(header).and_then(|json| String::from_utf8(json).ok())?;
        let members: Members = serde_json::from_str(&json).ok()?;
        let claims = strict(&unbase64(payload)?)?;
        let trust = match self {
            Self::One(trust) => trust,
            Self::ByIssuer(trusts) => {
                trusts.iter().find(|trust| claims["iss"].as_str() == trust.issuer)?
            }
        };
        let key = trust.key(&members)?;
        let (message, _) = token.rsplit_once('.')?;
        (key.verifies(message, signature) && trust.believes(&claims)).then_some(claims)
    }
}

impl Trust {
    /// The key that the header means, if nothing else in it forbids.
    fn key(&self, header: &Members) -> Option<&Trusted> {
        let text = |member: &Option<Value>| match member {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text.clone())),
            Some(_) => None,
        };
        let (algorithm, kind, id) = (text(&header.alg)??, text(&header.typ)?, text(&header.kid)?);
        if header.names.contains("crit") || header.names.contains("b64") || !is_known_type(kind) {
            return None;
        }
        let is_it = |key: &&Key| {
            let is_named = match (key.id, &id) {
                (Some(ours), Some(theirs)) => ours == theirs,
                (None, Some(_)) => self.keys.len() == 1,
                (_, None) => true,
            };
            is_named && format!("{:?}", key.trusted.algorithm) == algorithm
        };
        let mut fitting = self.keys.iter().filter(is_it);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Some(&key.trusted),
            _ => None,
        }
    }

    /// RFC 7519 section 4.1, with clocks that may be five seconds apart.
    fn believes(&self, claims: &Value) -> bool {
        let Some(claims) = claims.as_object() else { return false };
        let time = |name: &str| match claims.get(name).map(Value::as_u64) {
            None => Some(None),
            Some(Some(time)) if time <= 1 << 53 => Some(Some(time)),
            Some(_) => None,
        };
        let (Some(Some(expires)), Some(not_before), Some(issued)) =
            (time("exp"), time("nbf"), time("iat"))
        else {
            return false;
        };
        let is_past = |time: Option<u64>| time.is_none_or(|time| time <= NOW + 5);
        let is_ours = match (self.audience, claims.get("aud")) {
            (None, None) => true,
            (Some(ours), Some(Value::String(theirs))) => ours == theirs,
            (Some(ours), Some(Value::Array(list))) => {
                list.iter().all(Value::is_string) && list.iter().any(|theirs| theirs == ours)
            }
            _ => false,
        };
        expires > NOW
            && is_past(not_before)
            && is_past(issued)
            && is_ours
            && (self.issuer.is_none() || claims.get("iss").and_then(Value::as_str) == self.issuer)
            && !claims.contains_key("cnf")
            && claims.get("scope").is_none_or(Value::is_string)
    }
}

fn is_known_type(kind: Option<String>) -> bool {
    let Some(kind) = kind else { return true };
    ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]
        .contains(&&*kind.to_ascii_lowercase())
}

const LONGEST: usize = 8192;

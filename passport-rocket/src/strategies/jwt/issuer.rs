//! Signs tokens: the application's claims, and what the configuration adds.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::claims::{Claim, Expected, LATEST, Registered, Seconds};
use super::compact::encode;
use super::key::SigningKey;
use super::payload;
use crate::error::{BoxError, Error};

/// Signs tokens with one key, by one set of rules.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) key: SigningKey,
    /// The encoded header.
    pub(super) header: String,
    pub(super) issuer: Option<String>,
    pub(super) audience: Vec<String>,
    pub(super) subject: Option<String>,
    pub(super) expires_in: Option<Duration>,
    pub(super) with_id: bool,
}

/// What one token has otherwise than the configuration says.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    pub(super) expires_in: Option<Duration>,
    pub(super) valid_in: Option<Duration>,
    pub(super) audience: Option<Vec<String>>,
    pub(super) subject: Option<String>,
    pub(super) id: Option<String>,
}

/// Why a token cannot be signed.
#[derive(Debug)]
pub(super) enum CannotSign {
    /// The claims do not serialize, or not as a JSON object.
    Claims(Option<BoxError>),
    /// Two members of one name: we would not accept such a token either.
    Repeated,
    /// The claims hold what the configuration or this call sets, too.
    Conflict(&'static str),
    /// Neither the claims nor the configuration say when the token expires.
    NoExpiry,
    /// The claims' own `exp` or `nbf` is no whole number of seconds.
    WrongTime(&'static str),
    /// The clock stands before 1970, or the token would outlive it.
    Clock,
    /// The key, or the system's randomness, failed.
    Crypto,
}

impl Issuer {
    /// Signs `claims`: they come first, as they are, then what is added.
    pub(super) fn sign<T: Serialize + ?Sized>(
        &self,
        claims: &T,
        overrides: &Overrides,
        now: SystemTime,
    ) -> Result<String, CannotSign> {
        let mut payload = serde_json::to_string(claims)
            .map_err(|error| CannotSign::Claims(Some(error.into())))?;
        let additions = self.additions(&payload, overrides, now)?;
        let is_empty = payload.trim_end_matches('}').trim_end() == "{";
        // An object ends with its brace: `additions` has read it as one.
        payload.pop();
        for (name, value) in additions {
            if !(is_empty && payload.len() == 1) {
                payload.push(',');
            }
            payload.push_str(&format!("\"{name}\":{value}"));
        }
        payload.push('}');
        self.seal(&payload)
    }

    /// The claims to add, in order.
    fn additions(
        &self,
        payload: &str,
        overrides: &Overrides,
        now: SystemTime,
    ) -> Result<Vec<(&'static str, Value)>, CannotSign> {
        let own = Own::of(payload)?;
        let now = now.duration_since(UNIX_EPOCH).map_err(|_| CannotSign::Clock)?.as_secs();
        let after = |span: Duration| match now.checked_add(span.as_secs()) {
            Some(time) if time <= LATEST => Ok(time),
            _ => Err(CannotSign::Clock),
        };
        let mut additions = vec![("iat", Value::from(now))];
        match overrides.expires_in.or(self.expires_in) {
            Some(span) => additions.push(("exp", after(span)?.into())),
            None if own.expires => {}
            None => return Err(CannotSign::NoExpiry),
        }
        if let Some(span) = overrides.valid_in {
            additions.push(("nbf", after(span)?.into()));
        }
        additions.extend(self.issuer.as_deref().map(|issuer| ("iss", issuer.into())));
        additions.extend(match overrides.audience.as_ref().unwrap_or(&self.audience).as_slice() {
            [] => None,
            [one] => Some(("aud", one.as_str().into())),
            several => Some(("aud", several.into())),
        });
        let subject = overrides.subject.as_ref().or(self.subject.as_ref());
        additions.extend(subject.map(|subject| ("sub", subject.as_str().into())));
        match &overrides.id {
            Some(id) => additions.push(("jti", id.as_str().into())),
            None if self.with_id => additions.push(("jti", random_id()?.into())),
            None => {}
        }
        match additions.iter().find(|(name, _)| own.names.contains(name)) {
            Some((name, _)) => Err(CannotSign::Conflict(name)),
            None => Ok(additions),
        }
    }

    fn seal(&self, payload: &str) -> Result<String, CannotSign> {
        let mut token = String::with_capacity(self.header.len() + payload.len() * 4 / 3 + 700);
        token.push_str(&self.header);
        token.push('.');
        encode(payload.as_bytes(), &mut token);
        let signature = self.key.sign(token.as_bytes()).map_err(|_| CannotSign::Crypto)?;
        token.push('.');
        encode(&signature, &mut token);
        Ok(token)
    }
}

/// The registered claims that an application's claims hold already.
struct Own {
    names: Vec<&'static str>,
    expires: bool,
}

impl Own {
    fn of(payload: &str) -> Result<Self, CannotSign> {
        let nothing = Expected::default();
        let mut found = Registered::new(&nothing);
        payload::read::<IgnoredAny>(payload, &mut found).map_err(|rejection| match rejection {
            super::rejection::Rejection::RepeatedClaim(_) => CannotSign::Repeated,
            _ => CannotSign::Claims(None),
        })?;
        let _ = (Claim::Issuer, Seconds::Absent);
        let names = found.names();
        for name in ["exp", "nbf"] {
            if found.is_wrong(name) {
                return Err(CannotSign::WrongTime(name));
            }
        }
        Ok(Self { expires: names.contains(&"exp"), names })
    }
}

/// 128 bits, so that nobody guesses or repeats one.
fn random_id() -> Result<String, CannotSign> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| CannotSign::Crypto)?;
    let mut id = String::new();
    encode(&bytes, &mut id);
    Ok(id)
}

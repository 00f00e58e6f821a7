//! One fetch of a provider's keys: discovery where it is asked for, then the set.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::CACHE_CONTROL;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use super::algorithm::Algorithms;
use super::header::Policy;
use super::jwk::{Entry, Holds, JwkSet};
use super::key_set::KeySet;
use super::location::Location;
use super::provided::Key;
use crate::http_client::{Http, HttpLimits};
use crate::json;
use crate::one_line::OneLine;

/// Fetches the keys of one provider.
pub(super) struct Fetcher {
    pub(super) http: Http,
    pub(super) place: Place,
    pub(super) allowed: Algorithms,
    pub(super) limits: HttpLimits,
    /// Whether the debug profile runs, in which a provider may be on this machine.
    pub(super) loopback: bool,
}

/// Where the set is.
pub(super) enum Place {
    KeySet(Location),
    /// Where the issuer's own description says.
    Discovered {
        issuer: String,
        description: Location,
        /// What it said; forgotten when it turns out wrong.
        key_set: Mutex<Option<Location>>,
    },
}

/// A set, and how long the provider says it may be kept.
pub(super) struct Fetched {
    pub(super) set: KeySet,
    pub(super) max_age: Option<Duration>,
}

/// Why there is no new set.
#[derive(Debug)]
pub(super) enum Failure {
    /// No answer, or one that says to come again.
    Unreachable(String),
    /// An answer that is no good, whenever it is asked for.
    Unusable(String),
}

impl Fetcher {
    /// Fetches the set that follows `before`.
    pub(super) async fn fetch(
        &self,
        before: Option<&KeySet>,
        policy: &Policy,
    ) -> Result<Fetched, Failure> {
        let location = self.place.key_set(self).await?;
        let fetched = self.fetch_set(&location, before, policy).await;
        if fetched.is_err() {
            self.place.forget();
        }
        fetched
    }

    /// What tells this provider from another one, query and all.
    pub(super) fn identity(&self) -> String {
        match &self.place {
            Place::KeySet(location) => location.uri().to_string(),
            Place::Discovered { issuer, .. } => issuer.clone(),
        }
    }

    /// The place as a message may show it.
    pub(super) fn place(&self) -> String {
        match &self.place {
            Place::KeySet(location) => location.to_string(),
            Place::Discovered { description, .. } => description.to_string(),
        }
    }

    async fn fetch_set(
        &self,
        location: &Location,
        before: Option<&KeySet>,
        policy: &Policy,
    ) -> Result<Fetched, Failure> {
        let answer = self.get(location).await?;
        let max_age = max_age(&answer);
        let set = JwkSet::read(answer.body(), &self.allowed, Holds::Public)
            .map_err(|unfit| Failure::Unusable(unfit.problem.into_owned()))?;
        // RFC 7517 section 5: what is of no use to us may be of use to others.
        for Entry { name, unfit } in set.ignored.iter().chain(&set.broken) {
            log::debug!(target: "passport::jwt", "{location}: {name}: {}", unfit.problem);
        }
        let keys: Vec<Key> =
            set.keys.into_iter().map(|found| Key::published(found.keys, found.id)).collect();
        match keys.is_empty() {
            true => Err(Failure::Unusable("no key in it is of use for `algorithm`".to_owned())),
            false => Ok(Fetched { set: KeySet::renewed(keys, before, policy), max_age }),
        }
    }

    async fn get(&self, location: &Location) -> Result<Response<Vec<u8>>, Failure> {
        let request = Request::get(location.uri())
            .header("Accept", "application/json")
            .body(Vec::new())
            .map_err(|error| Failure::Unusable(error.to_string()))?;
        let answer = self.http.send(request, self.limits).await;
        let answer = answer.map_err(|error| Failure::Unreachable(causes(&*error)))?;
        match answer.status() {
            StatusCode::OK => Ok(answer),
            status if status.is_redirection() => Err(Failure::Unreachable(format!(
                "the answer is {}, and redirects are not followed",
                status.as_u16()
            ))),
            status => Err(Failure::Unreachable(format!("the answer is {}", status.as_u16()))),
        }
    }
}

impl Place {
    async fn key_set(&self, fetcher: &Fetcher) -> Result<Location, Failure> {
        let (issuer, description, known) = match self {
            Self::KeySet(location) => return Ok(location.clone()),
            Self::Discovered { issuer, description, key_set } => (issuer, description, key_set),
        };
        if let Some(location) = known.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(location);
        }
        let answer = fetcher.get(description).await?;
        let location = described(answer.body(), issuer, fetcher.loopback)?;
        *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(location.clone());
        Ok(location)
    }

    fn forget(&self) {
        if let Self::Discovered { key_set, .. } = self {
            *key_set.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// Where the description of `issuer` says its keys are. It must be of that very issuer (OpenID
/// Connect Discovery 1.0 section 4.3, C04): one provider could otherwise vouch for another.
fn described(json: &[u8], issuer: &str, loopback: bool) -> Result<Location, Failure> {
    let unusable = |problem: &str| Failure::Unusable(problem.to_owned());
    let description =
        json::strict(json).map_err(|_| unusable("the issuer's description is no JSON"))?;
    let member = |name: &str| description.get(name).and_then(Value::as_str);
    if member("issuer") != Some(issuer) {
        return Err(unusable("the description is of another `issuer`"));
    }
    let location = member("jwks_uri").ok_or_else(|| unusable("no `jwks_uri` is described"))?;
    Location::read(location, loopback)
        .map_err(|unfit| unusable(&format!("the described `jwks_uri` is {}", unfit.problem)))
}

/// RFC 9111 section 5.2.2.1.
fn max_age(answer: &Response<Vec<u8>>) -> Option<Duration> {
    answer
        .headers()
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|directive| directive.trim().split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("max-age"))
        .find_map(|(_, seconds)| seconds.trim_matches('"').parse().ok())
        .map(Duration::from_secs)
}

fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A client of the application may put into it what a server has said.
            Self::Unreachable(problem) | Self::Unusable(problem) => OneLine(problem).fmt(f),
        }
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fetcher").field(&self.place()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_of_a_failure_stays_one_line() {
        let failure = Failure::Unreachable("down\nall is well".to_owned());
        assert_eq!(failure.to_string(), "down\\nall is well");
    }

    #[test]
    fn a_description_is_of_the_very_issuer() {
        let describe = |issuer: &str, uri: &str| {
            let json = serde_json::json!({ "issuer": issuer, "jwks_uri": uri });
            described(json.to_string().as_bytes(), "https://idp.example", false)
        };
        assert!(describe("https://idp.example", "https://keys.example/k").is_ok());
        for other in ["https://idp.example/", "https://IDP.example", "https://other.example", ""] {
            assert!(describe(other, "https://keys.example/k").is_err(), "{other}");
        }
        for uri in ["http://keys.example/k", "http://127.0.0.1/k", "file:///k", "/k"] {
            assert!(describe("https://idp.example", uri).is_err(), "{uri}");
        }
        for garbage in ["", "[]", "{}", r#"{"issuer":"https://idp.example"}"#] {
            assert!(described(garbage.as_bytes(), "https://idp.example", false).is_err());
        }
        // R05: two readers, two issuers.
        let twice = r#"{"issuer":"https://evil.example","issuer":"https://idp.example","jwks_uri":"https://k"}"#;
        assert!(described(twice.as_bytes(), "https://idp.example", false).is_err());
    }

    #[test]
    fn reads_how_long_a_set_may_be_kept() {
        let said = |lines: &[&str]| {
            let mut answer = Response::builder();
            for line in lines {
                answer = answer.header(CACHE_CONTROL, *line);
            }
            max_age(&answer.body(Vec::new()).unwrap())
        };
        assert_eq!(said(&["public, max-age=600, must-revalidate"]), Some(Duration::from_secs(600)));
        assert_eq!(said(&["public", "max-age=\"60\""]), Some(Duration::from_secs(60)));
        for none in [&["no-store"][..], &["max-age=-1"], &["s-maxage=5"], &[]] {
            assert_eq!(said(none), None, "{none:?}");
        }
    }
}

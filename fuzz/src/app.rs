//! An application, built once, and what holds for every answer of it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use passport_rocket::Clock;
use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::local::asynchronous::{Client, LocalRequest};
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::{Build, Config, Rocket};
use serde_json::Value;

/// When all of this takes place, in seconds since 1970.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) struct App {
    runtime: Runtime,
    client: Client,
}

/// What a client sees of an answer, and what the handler was told.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) heard: Option<Value>,
}

/// What handlers were told.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<Value>>);

impl Heard {
    pub(crate) fn tell(&self, what: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An application that is silent, and takes nothing from the environment.
pub(crate) fn rocket(toml: &str) -> Rocket<Build> {
    let figment = Figment::from(Config::debug_default())
        .merge(Toml::string(toml).nested())
        .merge(("log_level", "off"));
    rocket::custom(figment).manage(Heard::default())
}

pub(crate) fn clock() -> Clock {
    Clock::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
}

impl App {
    pub(crate) fn new(rocket: Rocket<Build>) -> Self {
        // One thread, so that an input does the same each time.
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        // What one answer sets must not travel with the next request.
        let client = runtime.block_on(Client::untracked(rocket)).expect("the application launches");
        Self { runtime, client }
    }

    /// Sends a request to an application whose parts are all there: nothing is a fault of ours.
    pub(crate) fn answer(
        &self,
        make: impl for<'c> FnOnce(&'c Client) -> LocalRequest<'c>,
    ) -> Answer {
        let answer = self.answer_of_any_kind(make);
        assert!(answer.status < 500, "{answer:?}");
        answer
    }

    /// The same, where a provider that sends nonsense may be answered with 503.
    pub(crate) fn answer_of_any_kind(
        &self,
        make: impl for<'c> FnOnce(&'c Client) -> LocalRequest<'c>,
    ) -> Answer {
        let (status, headers) = self.runtime.block_on(async {
            let response = make(&self.client).dispatch().await;
            let header = |header: rocket::http::Header<'_>| {
                (header.name().as_str().to_ascii_lowercase(), header.value().to_owned())
            };
            let headers: Vec<_> = response.headers().iter().map(header).collect();
            (response.status().code, headers)
        });
        for (name, value) in &headers {
            assert!(
                is_constant(name, value),
                "a header that depends on the request: {name}: {value}"
            );
        }
        let is_challenged = headers.iter().any(|(name, _)| name == "www-authenticate");
        assert!(status != 401 || is_challenged, "401 without a challenge: {headers:?}");
        let heard = self.client.rocket().state::<Heard>().map(Heard::take).unwrap_or_default();
        assert_eq!(
            heard.len(),
            usize::from(status == 200),
            "{status}, and handlers heard {heard:?}"
        );
        Answer { status, heard: heard.into_iter().next() }
    }
}

/// Whether a response header is one of those that an application of ours sends, to the letter. Then
/// nothing of a token is in it, in no encoding.
fn is_constant(name: &str, value: &str) -> bool {
    match name {
        "www-authenticate" => is_challenge(value),
        "vary" => VARY.contains(&value),
        "cache-control" => value == "no-store",
        "content-type" => {
            ["text/html; charset=utf-8", "text/plain; charset=utf-8"].contains(&value)
        }
        "server" => value == "Rocket",
        "permissions-policy" => value == "interest-cohort=()",
        "x-content-type-options" => value == "nosniff",
        "x-frame-options" => value == "SAMEORIGIN",
        _ => false,
    }
}

/// RFC 6750 section 3: a scheme, the realm, and one of two codes at most.
fn is_challenge(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(' ') else { return false };
    let errors = ["", r#", error="invalid_request""#, r#", error="invalid_token""#];
    let rest = rest.strip_prefix(r#"realm="protected""#);
    ["Bearer", "JWT", "login"].contains(&scheme) && rest.is_some_and(|rest| errors.contains(&rest))
}

const VARY: [&str; 3] = ["Authorization", "Authorization, X-Token", "Authorization, Cookie"];

//! Tokens for the tests of an application: good ones, and one for each way to go bad. Feature
//! `testing`.

use std::fmt::Display;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use jsonwebtoken::Header;
use rocket::{Orbit, Rocket};
use serde::Serialize;
use serde_json::{Map, Value};

use super::cannot_sign::CannotSign;
use super::header;
use super::issuer::{self, Overrides};
use super::key::SigningKey;
use super::keys::Keys;
use super::tokens::Signer;
use crate::clock::Clock;
use crate::error::Error;
use crate::strategy::Service;

/// Makes tokens that a `jwt` strategy accepts, and such that it must refuse.
///
/// A test of an application asks with them what its configuration is worth:
///
/// ```
/// use passport_rocket::{Forge, Jwt, User, protect};
/// use rocket::http::{Header, Status};
/// use rocket::local::blocking::Client;
/// use rocket::{Config, get, routes};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Account { username: String }
///
/// #[protect(strategy = "jwt")]
/// #[get("/me")]
/// fn me(user: User<Account>) -> String {
///     format!("hello {}", user.username)
/// }
///
/// # fn main() {
/// let rocket = rocket::custom(Config::debug_default())
///     .attach(Jwt::<Account>::fairing("jwt"))
///     .mount("/", routes![me]);
/// let client = Client::untracked(rocket).unwrap();
/// let status = |token: String| {
///     let bearer = Header::new("Authorization", format!("Bearer {token}"));
///     client.get("/me").header(bearer).dispatch().status()
/// };
///
/// let forge = Forge::of(client.rocket(), "jwt");
/// let ada = Account { username: "ada".into() };
/// assert_eq!(status(forge.valid(&ada)), Status::Ok);
/// for token in [forge.expired(&ada), forge.wrongly_signed(&ada), forge.unsigned(&ada)] {
///     assert_eq!(status(token), Status::Unauthorized);
/// }
/// # }
/// ```
///
/// The claims are what `Tokens` would be given; the configuration is added likewise. The time is
/// that of the application's [`Clock`].
///
/// # Panics
/// Every method panics, and the test fails, when `Tokens` could not sign the claims: they are no
/// JSON object, or hold what the configuration sets.
#[derive(Debug, Clone)]
pub struct Forge {
    signer: Arc<Signer>,
    clock: Clock,
}

impl Forge {
    /// The forge of the strategy that is registered as `strategy`.
    ///
    /// # Panics
    /// When there is none, or it has no key to sign with: in tests give it a private key in place
    /// of a public one.
    #[must_use]
    #[track_caller]
    pub fn of(rocket: &Rocket<Orbit>, strategy: &str) -> Self {
        match Service::of(rocket, strategy) {
            Some(signer) => Self { signer, clock: Clock::of(rocket) },
            None => fail(format!("no `jwt` strategy `{strategy}` that can sign is registered")),
        }
    }

    /// A token as `Tokens` signs it; it expires in an hour where nothing says when.
    #[must_use]
    #[track_caller]
    pub fn valid<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        self.sealed(&self.payload(claims), &self.signer.issuer.key)
    }

    /// One that expired longer ago than any leeway can be.
    #[must_use]
    #[track_caller]
    pub fn expired<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        let expired = self.now().saturating_sub(BEYOND_LEEWAY);
        self.altered(claims, [("exp", expired.into()), ("iat", expired.saturating_sub(1).into())])
    }

    /// One whose time comes later than clocks may differ.
    #[must_use]
    #[track_caller]
    pub fn not_yet_valid<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        let begin = self.now().saturating_add(BEYOND_LEEWAY);
        let end = begin.saturating_add(3_600);
        self.altered(claims, [("nbf", begin.into()), ("exp", end.into())])
    }

    /// One that somebody signed with the right algorithm and a key of their own.
    #[must_use]
    #[track_caller]
    pub fn wrongly_signed<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        let payload = self.payload(claims);
        let algorithm = header_of(&self.sealed(&payload, &self.signer.issuer.key)).alg;
        match Keys::generate(algorithm).map(|keys| keys.signing) {
            Ok(Some(key)) => self.sealed(&payload, &key),
            _ => fail("no other key could be made"),
        }
    }

    /// One that nobody signed: `alg` is `none` (RFC 7519 section 6).
    #[must_use]
    #[track_caller]
    pub fn unsigned<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        let token = self.valid(claims);
        let payload = token.split('.').nth(1).unwrap_or_default();
        let Header { typ, kid, .. } = header_of(&token);
        format!("{}.{payload}.", header::segment("none", typ.as_deref(), kid.as_deref()))
    }

    /// One that somebody else issued, with the right key. It is refused where `issuer` is
    /// configured.
    #[must_use]
    #[track_caller]
    pub fn of_another_issuer<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        self.altered(claims, [("iss", "https://another-issuer.example".into())])
    }

    /// One that was meant for another application.
    #[must_use]
    #[track_caller]
    pub fn for_another_audience<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        self.altered(claims, [("aud", "https://another-audience.example".into())])
    }

    #[track_caller]
    fn payload<C: Serialize + ?Sized>(&self, claims: &C) -> String {
        let payload =
            |overrides: &Overrides| self.signer.issuer.payload(claims, overrides, self.clock.now());
        let payload = match payload(&Overrides::default()) {
            Err(CannotSign::NoExpiry) => payload(&Overrides::for_an_hour()),
            settled => settled,
        };
        or_fail(payload.map_err(Error::from))
    }

    #[track_caller]
    fn altered<C: Serialize + ?Sized, const N: usize>(
        &self,
        claims: &C,
        changes: [(&str, Value); N],
    ) -> String {
        let mut payload: Map<String, Value> = or_fail(serde_json::from_str(&self.payload(claims)));
        payload.extend(changes.map(|(name, value)| (name.to_owned(), value)));
        self.sealed(&Value::from(payload).to_string(), &self.signer.issuer.key)
    }

    #[track_caller]
    fn sealed(&self, payload: &str, key: &SigningKey) -> String {
        or_fail(issuer::seal(&self.signer.issuer.header, payload, key).map_err(Error::from))
    }

    fn now(&self) -> u64 {
        self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }
}

#[track_caller]
fn header_of(token: &str) -> Header {
    or_fail(jsonwebtoken::decode_header(token))
}

#[track_caller]
fn or_fail<T, E: Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => fail(error),
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "only tests come here, and are to fail")]
fn fail(why: impl Display) -> ! {
    panic!("forge a token: {why}")
}

/// The longest `leeway` and `clock_skew` are five minutes.
const BEYOND_LEEWAY: u64 = 301;

//! The strategy `jwt` as an application meets it. Foreign tokens are made by another library, or byte
//! by byte, so that ours is not asked about itself alone.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header as JoseHeader};
use passport_rocket::testing::MovableClock;
use passport_rocket::{Jwt, Principal, User, protect};
use passport_rocket_tests::{Ran, client, figment, log};
use rocket::figment::Figment;
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::{Build, Rocket, State, get, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A key of the library's own tests.
macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../passport-rocket/src/strategies/jwt/testdata/", $name, ".pem"))
    };
}

mod algorithms;
mod body;
mod challenges;
mod claims;
mod cross_site;
mod environment;
mod forge;
mod function;
mod header;
mod information;
mod issuers;
mod issuing;
mod key_provider;
mod key_sets;
mod keys;
mod liftoff;
mod made;
mod profile;
mod query;
mod remembered;
mod remote;
mod several;
mod shape;
mod sources;
mod transports;
mod vectors;
mod verifiers;

pub(crate) use algorithms::{ALL, Keys, keys};

/// Claims that are the user.
#[derive(Debug, Clone, PartialEq, Eq, Principal, Serialize, Deserialize)]
struct Account {
    #[principal(id)]
    name: String,
}

/// When all of this takes place.
const NOW: u64 = 1_800_000_000;
const SECRET: &str = "a secret of these tests, 32 bytes or more";

/// A configuration with that secret and the lines of `toml` in the table.
fn table(toml: &str) -> String {
    format!("[default.passport.jwt]\nalgorithm = 'HS256'\nsecret = '{SECRET}'\n{toml}\n")
}

fn clock() -> MovableClock {
    MovableClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

#[protect(strategy = "jwt")]
#[post("/me")]
fn change(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

/// An application whose claims are its users.
fn rocket(figment: Figment) -> Rocket<Build> {
    rocket::custom(figment)
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![me, change])
}

/// A client of that application with the lines of `toml` in the table of `jwt`.
fn application(toml: &str) -> Client {
    client(rocket(figment(&table(toml))))
}

/// A token of `ada` for the next minute, by another library.
fn foreign() -> String {
    foreign_with(&json!({}))
}

/// The same with more claims, or others.
fn foreign_with(more: &Value) -> String {
    let mut claims = json!({ "name": "ada", "exp": NOW + 60 });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    signed_by(SECRET, &claims)
}

fn signed_by(secret: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&JoseHeader::new(Algorithm::HS256), claims, &key).unwrap()
}

/// A token of exactly these bytes, with a signature that is right.
fn raw(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    sealed(&format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)))
}

/// `message` and its signature.
fn sealed(message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// What a token says, whoever signed it.
pub(crate) fn payload(token: &str) -> Value {
    serde_json::from_str(&part(token, 1)).unwrap()
}

/// A part of a token to the letter: the header is 0, the payload 1.
fn part(token: &str, nth: usize) -> String {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(nth).unwrap()).unwrap();
    String::from_utf8(part).unwrap()
}

fn bearer(token: impl AsRef<str>) -> Header<'static> {
    Header::new("Authorization", format!("Bearer {}", token.as_ref()))
}

/// `GET /me` with a bearer token.
fn status(client: &Client, token: &str) -> Status {
    client.get("/me").header(bearer(token)).dispatch().status()
}

fn runs(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

/// Accepted, and once more where it may be remembered: the handler ran each time, for `ada`.
#[track_caller]
fn assert_accepted(client: &Client, token: &str) {
    for _ in 0..2 {
        let before = runs(client);
        let response = client.get("/me").header(bearer(token)).dispatch();
        assert_eq!(response.status(), Status::Ok, "{token}");
        assert_eq!(response.into_string().unwrap(), "ada", "{token}");
        assert_eq!(runs(client), before + 1);
    }
}

/// Refused: nothing ran; the log says why in one line, without a word of the token; the client is told
/// what every other refused token is told (R17, R24).
#[track_caller]
fn assert_refused(client: &Client, token: &str, why: &str) {
    let before = runs(client);
    let request = client.get("/me").header(bearer(token));
    let (seen, lines) = log::capture(|| seen(request.dispatch()));
    assert_eq!(runs(client), before, "{token}");
    assert_eq!(seen.status, Status::Unauthorized, "{why}: {token}");
    let challenge = r#"Bearer realm="protected", error="invalid_token""#;
    assert!(seen.has("WWW-Authenticate", challenge), "{seen:?}");
    let any = client.get("/me").header(bearer("another")).dispatch();
    assert_eq!(seen, self::seen(any), "{why}: {token}");
    let line = format!("failed: jwt: {why}, from Authorization: Bearer, route me.");
    assert!(lines.iter().any(|logged| logged.ends_with(&line)), "{line}\n{lines:#?}");
    let parts = token.split('.').filter(|part| part.len() > 8);
    for part in parts {
        assert!(!lines.iter().any(|line| line.contains(part)), "{lines:#?}");
    }
}

/// Everything of a response that a client sees.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: Status,
    headers: BTreeSet<String>,
    body: String,
}

impl Seen {
    fn has(&self, name: &str, value: &str) -> bool {
        self.headers.contains(&format!("{}: {value}", name.to_lowercase()))
    }
}

fn seen(response: LocalResponse<'_>) -> Seen {
    let line = |header: Header<'_>| {
        format!("{}: {}", header.name().as_str().to_lowercase(), header.value())
    };
    let headers = response.headers().iter().map(line).collect();
    Seen { status: response.status(), headers, body: response.into_string().unwrap_or_default() }
}

//! Keys of a provider over HTTP (R15, R16, trap 11): a server on this machine is slow, down, huge,
//! redirecting, garbage and rotating.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use passport_rocket::testing::MovableClock;
use passport_rocket_tests::key_server::{Answer, KeyServer};
use rocket::http::Status;

use super::*;

mod discovery;
mod failures;
mod hangs;
mod launch;
mod own_client;
mod rotation;

/// Where the set stands.
const KEYS: &str = "/keys";

/// A key of the provider.
struct ProviderKey {
    id: String,
    private: EncodingKey,
    jwk: Value,
}

impl ProviderKey {
    fn new(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        });
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { id: id.to_owned(), private, jwk }
    }

    /// A token of `ada` for the next day.
    fn token(&self) -> String {
        self.token_with(&json!({}))
    }

    fn token_with(&self, more: &Value) -> String {
        self.named(&self.id, more)
    }

    /// A token that says it is signed by the key `id`.
    fn named(&self, id: &str, more: &Value) -> String {
        let mut claims = json!({ "name": "ada", "exp": NOW + 7 * 86_400 });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let mut header = JoseHeader::new(Algorithm::ES256);
        header.kid = Some(id.to_owned());
        jsonwebtoken::encode(&header, &claims, &self.private).unwrap()
    }
}

/// The set of these keys.
fn set(keys: &[&ProviderKey]) -> Answer {
    Answer::Body(set_text(keys))
}

fn set_text(keys: &[&ProviderKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| &key.jwk).collect();
    json!({ "keys": keys }).to_string()
}

/// A table with the keys of `server`.
fn remote_table(server: &KeyServer, more: &str) -> String {
    format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\njwks_url = '{}'\n{more}\n",
        server.url(KEYS)
    )
}

/// An application that trusts the keys of `server`, and its clock.
fn trusting(server: &KeyServer, more: &str) -> (Client, MovableClock) {
    let clock = clock();
    let figment = figment(&remote_table(server, more));
    (client(rocket_at(figment, &clock)), clock)
}

fn rocket_at(figment: Figment, clock: &MovableClock) -> Rocket<Build> {
    rocket::custom(figment)
        .manage(clock.clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![me, change])
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The answer is `expected`, and the handler ran only if it is 200; then a second time as well.
#[track_caller]
fn assert_answer(client: &Client, token: &str, expected: Status) {
    let times = if expected == Status::Ok { 2 } else { 1 };
    for _ in 0..times {
        let before = runs(client);
        assert_eq!(status(client, token), expected);
        assert_eq!(runs(client) - before, usize::from(expected == Status::Ok));
    }
}

/// Waits, for a bounded time, until something that happens in the background has happened.
#[track_caller]
fn until(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if happened() {
            return;
        }
        std::thread::yield_now();
        std::thread::sleep(Duration::from_micros(500));
    }
    panic!("it never happened that {what}");
}

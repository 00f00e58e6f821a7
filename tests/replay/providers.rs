//! Keys that the application looks up for each token.

use passport_rocket::{Error, Jwt, Key, Unverified};
use rocket::local::blocking::Client;
use rocket::routes;
use rocket::tokio::task::yield_now;
use serde_json::Value;

use super::differences::jwt::{PROVIDERS_FAIL_AS_WE_DO, WEAK_KEYS_ARE_REFUSED};
use super::times::TEN_SECONDS;
use super::{Answer, Application, Row, SECRET, answer, claims_of, launch, refused, resealed};

/// A client of an application that asks this provider, while the token holds.
macro_rules! asking {
    ($provider:expr) => {{
        let rocket = Application::of("").at(1_437_018_585).bare();
        let jwt = Jwt::<Value>::fairing("jwt").keys($provider);
        launch(rocket.attach(jwt).mount("/", routes![claims_of])).unwrap()
    }};
}

fn key() -> Key {
    Key::from_secret("HS256", SECRET.as_bytes()).unwrap()
}

fn not_found() -> Error {
    Error::failed("find a key", "key not found")
}

fn ask(client: &Client) -> Answer {
    answer(client, Some(&format!("Bearer {}", resealed(TEN_SECONDS))))
}

#[test]
fn t04_a_key_may_be_looked_up_by_the_header() {
    let mut row = Row::new("t04");
    // Upstream asks with `ignoreExpiration`; here the clock stands where the token holds.
    let configured = Application::with("").at(1_437_018_585);
    row.ask("{clockTimestamp: 1437018585}", &configured, &resealed(TEN_SECONDS)).accepted();
    let simple = asking!(|token: Unverified| {
        assert_eq!((&*token.algorithm, token.key_id, token.issuer), ("HS256", None, None));
        Some(key())
    });
    row.same("simple callback", Answer::Accepted, ask(&simple));
    let delayed = asking!(async |_: Unverified| {
        yield_now().await;
        Some(key())
    });
    row.same("delayed callback", Answer::Accepted, ask(&delayed));
    let failing = asking!(|_: Unverified| Err::<Option<Key>, _>(not_found()));
    let failed = Answer::Failed("internal failure: find a key: key not found".to_owned());
    row.differs("simple error", PROVIDERS_FAIL_AS_WE_DO, failed.clone(), ask(&failing));
    let failing = asking!(async |_: Unverified| {
        yield_now().await;
        Err::<Option<Key>, _>(not_found())
    });
    row.differs("delayed error", PROVIDERS_FAIL_AS_WE_DO, failed, ask(&failing));
    let nobody = asking!(|_: Unverified| None::<Key>);
    row.same("no key", refused("the key provider has no key for it"), ask(&nobody));
    let weak = Key::from_secret("HS256", b"key").err().map(|error| error.to_string());
    let why = Some("make a key: too short: HS256 needs 32 bytes".to_owned());
    row.differs("upstream's key", WEAK_KEYS_ARE_REFUSED, why, weak);
    row.done(7);
}

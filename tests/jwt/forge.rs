//! Forged tokens, as the tests of an application use them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use passport_rocket::{Forge, Jwt};
use passport_rocket_tests::{Ran, client, figment, log};
use rocket::routes;
use serde_json::{Value, json};

use super::{
    Account, NOW, application, assert_accepted, assert_refused, bearer, clock, me, part, payload,
    rocket, table,
};

const STRICT: &str = "issuer = 'https://tidal.example'\naudience = 'tidal-api'\nexpires_in = '1m'\n\
                      leeway = '5m'\nclock_skew = '5m'\nkey_id = '2026-a'\njti = true";

fn ada() -> Account {
    Account { name: "ada".to_owned() }
}

#[test]
fn a_valid_token_is_what_a_handler_would_sign() {
    let client = application(STRICT);
    let forge = Forge::of(client.rocket(), "jwt");
    let token = forge.valid(&ada());
    assert_accepted(&client, &token);
    assert_eq!(part(&token, 0), r#"{"alg":"HS256","typ":"JWT","kid":"2026-a"}"#);
    let claims = payload(&token);
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 60)));
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("https://tidal.example"), &json!("tidal-api"))
    );
    assert_accepted(&client, &forge.valid(&json!({ "name": "ada" })));
}

// R02, R03, R08, R10, traps 5 and 7: each is refused for the reason it is named for, however lenient
// the configuration is.
#[test]
fn a_forged_token_is_refused_for_what_it_is() {
    let client = application(STRICT);
    let forge = Forge::of(client.rocket(), "jwt");
    assert_refused(&client, &forge.expired(&ada()), "expired 5 min 1 s ago");
    let early = "not valid before 5 min 1 s from now";
    assert_refused(&client, &forge.not_yet_valid(&ada()), early);
    assert_refused(&client, &forge.wrongly_signed(&ada()), "signature does not match");
    assert_refused(&client, &forge.unsigned(&ada()), "token has not exactly three parts");
    let other = forge.of_another_issuer(&ada());
    assert_refused(&client, &other, "claim `iss` is not the expected one");
    let other = forge.for_another_audience(&ada());
    assert_refused(&client, &other, "claim `aud` is not the expected one");
}

#[test]
fn a_forgery_differs_from_a_valid_token_in_one_thing() {
    let client = application(STRICT);
    let forge = Forge::of(client.rocket(), "jwt");
    let ada = ada();
    let valid = payload(&forge.valid(&ada));
    let differs = |token: String, names: &[&str]| {
        let forged = payload(&token);
        for name in valid.as_object().unwrap().keys().filter(|name| *name != "jti") {
            assert_eq!(forged[name] != valid[name], names.contains(&name.as_str()), "{name}");
        }
    };
    differs(forge.expired(&ada), &["iat", "exp"]);
    differs(forge.not_yet_valid(&ada), &["exp"]);
    differs(forge.wrongly_signed(&ada), &[]);
    differs(forge.unsigned(&ada), &[]);
    differs(forge.of_another_issuer(&ada), &["iss"]);
    differs(forge.for_another_audience(&ada), &["aud"]);
    let unsigned = forge.unsigned(&ada);
    assert_eq!(part(&unsigned, 0), r#"{"alg":"none","typ":"JWT","kid":"2026-a"}"#);
    assert!(unsigned.ends_with('.'));
}

// A test that forges such a token and sees it accepted has found what its configuration lacks.
#[test]
fn an_issuer_that_is_not_checked_is_not_refused() {
    let client = application("");
    let forge = Forge::of(client.rocket(), "jwt");
    assert_accepted(&client, &forge.of_another_issuer(&ada()));
    let why = "token names an audience, and `audience` is not configured";
    assert_refused(&client, &forge.for_another_audience(&ada()), why);
}

#[test]
fn another_key_is_of_the_same_algorithm() {
    for algorithm in ["HS512", "PS384", "ES256", "EdDSA"] {
        let toml = format!("[default.passport.jwt]\nalgorithm = '{algorithm}'");
        let client = client(rocket(figment(&toml)));
        let forge = Forge::of(client.rocket(), "jwt");
        assert_accepted(&client, &forge.valid(&ada()));
        let wrong = forge.wrongly_signed(&ada());
        assert_eq!(part(&wrong, 0), part(&forge.valid(&ada()), 0));
        assert_refused(&client, &wrong, "signature does not match");
    }
}

#[test]
fn the_time_is_that_of_the_application() {
    let clock = clock();
    let rocket = rocket::custom(figment(&table("")))
        .manage(clock.clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![me]);
    let client = client(rocket);
    let forge = Forge::of(client.rocket(), "jwt");
    let token = forge.valid(&ada());
    clock.advance(Duration::from_secs(3_599));
    assert_accepted(&client, &token);
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.get("/me").header(bearer(token)).dispatch().status().code, 401);
    assert_accepted(&client, &forge.valid(&ada()));
}

/// The words of a test that fails.
fn failure<T>(forge: impl FnOnce() -> T) -> String {
    let (failed, _) = log::capture(|| catch_unwind(AssertUnwindSafe(forge)));
    match failed {
        Ok(_) => panic!("it did not fail"),
        Err(words) => words.downcast_ref::<String>().unwrap().clone(),
    }
}

#[test]
fn a_mistake_of_the_test_fails_the_test() {
    let client = application("expires_in = 60");
    let forge = Forge::of(client.rocket(), "jwt");
    let words = failure(|| Forge::of(client.rocket(), "jtw"));
    assert_eq!(words, "forge a token: no `jwt` strategy `jtw` that can sign is registered");
    let words = failure(|| forge.valid(&Value::Null));
    assert_eq!(words, "forge a token: sign a token: the claims are no JSON object");
    let words = failure(|| forge.expired(&json!({ "exp": 7 })));
    let conflict = "the claims hold `exp` already, which is set besides";
    assert_eq!(words, format!("forge a token: sign a token: {conflict}"));

    let toml = format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\npublic_key = '''{}'''",
        pem!("p256-spki")
    );
    let client = passport_rocket_tests::client(rocket(figment(&toml)));
    let words = failure(|| Forge::of(client.rocket(), "jwt"));
    assert_eq!(words, "forge a token: no `jwt` strategy `jwt` that can sign is registered");
}

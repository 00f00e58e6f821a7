//! What the RFCs print as examples and what is no token, sent as one; and the access token of RFC 9068.
//! Their keys and signatures are asked beside the code.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use passport_rocket::testing::MovableClock;
use passport_rocket::{Jwt, User, protect};
use passport_rocket_tests::{client, figment};
use rocket::{get, routes};
use serde::Deserialize;
use serde_json::Value;

use super::algorithms::{Keys, keys};
use super::{application, assert_refused, bearer};

#[derive(Deserialize)]
struct Vectors {
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    source: String,
    kind: String,
    text: String,
}

// R03, R04: RFC 7515 appendix A.5 to A.7 and E, RFC 7516 appendix A, RFC 7519 section 6.1 and appendix
// A, RFC 7520 sections 4 and 5, RFC 7797 section 4.2.
#[test]
fn no_other_serialization_and_nothing_encrypted_is_a_token() {
    let text = include_str!("../../passport-rocket/src/strategies/jwt/testdata/rfc-vectors.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    let client = application("");
    let mut refused = BTreeMap::<String, usize>::new();
    for Refused { source, kind, text } in vectors.refused {
        println!("{source}: {kind}");
        let why = match kind.as_str() {
            "json" => "token holds a character that no token has",
            "unsecured" | "detached" | "encrypted" => "token has not exactly three parts",
            other => panic!("{other}"),
        };
        assert_refused(&client, &text, why);
        *refused.entry(kind).or_default() += 1;
    }
    println!("RFC serializations and encryption: {refused:?} refused");
    let expected = [("detached", 1), ("encrypted", 14), ("json", 38), ("unsecured", 2)];
    assert_eq!(refused, expected.map(|(kind, times)| (kind.to_owned(), times)).into());
}

#[protect(strategy = "jwt", scope = "reademail")]
#[get("/client")]
fn client_of(user: User<Value>) -> String {
    user["client_id"].to_string()
}

// R11: the header and claims of RFC 9068 section 3, signed by a key of ours.
#[test]
fn the_access_token_of_rfc_9068_is_accepted_in_its_time() {
    let header = r#"{"typ":"at+JWT","alg":"RS256","kid":"RjEwOwOA"}"#;
    let claims = r#"{
        "iss": "https://authorization-server.example.com/",
        "sub": "5ba552d67",
        "aud": "https://rs.example.com/",
        "exp": 1639528912,
        "iat": 1618354090,
        "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
        "client_id": "s6BhdRkqt3",
        "scope": "openid profile reademail"
    }"#;
    let Keys { ours, encoding, .. } = keys(Algorithm::RS256);
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &encoding, Algorithm::RS256).unwrap();
    let token = format!("{message}.{signature}");

    let table = format!(
        "[default.passport.jwt]\n{ours}issuer = 'https://authorization-server.example.com/'\n\
         audience = 'https://rs.example.com/'\nkey_id = 'RjEwOwOA'\ntypes = ['at+jwt']"
    );
    let clock = MovableClock::at(UNIX_EPOCH + Duration::from_secs(1_618_354_090));
    let rocket = rocket::custom(figment(&table))
        .manage(clock.clock())
        .attach(Jwt::<Value>::fairing("jwt"))
        .mount("/", routes![client_of]);
    let client = client(rocket);
    let get = || client.get("/client").header(bearer(&token)).dispatch();
    assert_eq!(get().into_string().unwrap(), r#""s6BhdRkqt3""#);
    clock.set(UNIX_EPOCH + Duration::from_secs(1_639_528_912));
    assert_eq!(get().status().code, 401);
}

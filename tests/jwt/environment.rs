//! Every key of the table, set as the environment sets it: in figment's own syntax, for every profile.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use passport_rocket_tests::memory::{of_this_run, remembering};
use passport_rocket_tests::{client, figment, refusal, release_figment};
use rocket::figment::Figment;
use rocket::figment::providers::Serialized;
use rocket::figment::value::Value;
use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::routes;
use serde_json::json;

use super::issuing::{sign, signed};
use super::remembered::remembers;
use super::{
    NOW, SECRET, assert_accepted, assert_refused, foreign, foreign_with, part, payload, raw,
    rocket, status, table,
};

mod keys;

/// `figment` under the variable `ROCKET_PASSPORT='{jwt={…}}'`.
fn set(figment: Figment, keys: &str) -> Figment {
    let passport: Value = format!("{{jwt={{{keys}}}}}").parse().unwrap();
    remembering(figment.merge(Serialized::global("passport", passport)))
}

/// An application whose file knows the secret, and the environment the rest.
fn with(keys: &str) -> Client {
    client(rocket(set(figment(&table("")), keys)).mount("/", routes![sign]))
}

/// One whose file knows nothing.
fn only(keys: &str) -> Client {
    client(rocket(set(release_figment(""), keys)))
}

fn file(name: &str, content: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jwt/environment");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), content).unwrap();
    folder.join(name).display().to_string()
}

fn of_p256() -> String {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    let key = EncodingKey::from_ec_pem(pem!("p256-pkcs8").as_bytes()).unwrap();
    let claims = json!({ "name": "ada", "exp": NOW + 60 });
    encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap()
}

/// As it has to be written where a line break cannot be typed.
fn one_line(pem: &str) -> String {
    pem.trim().replace('\n', "\\n")
}

/// A key, and what shows that it took effect.
type Effect = (&'static str, fn());

const EFFECTS: [Effect; 20] = [
    ("algorithm", || {
        let secret = SECRET.repeat(2);
        let client = only(&format!("algorithm=HS512,secret=\"{secret}\""));
        assert_refused(&client, &foreign(), "algorithm is not HS512");
    }),
    ("secret", || {
        assert_accepted(&only(&format!("algorithm=\"HS256\",secret=\"{SECRET}\"")), &foreign());
    }),
    ("secret_base64", || {
        let base64 = STANDARD.encode(SECRET);
        let client = only(&format!("algorithm=\"HS256\",secret_base64=\"{base64}\""));
        assert_accepted(&client, &foreign());
    }),
    ("secret_file", || {
        let path = file("secret", SECRET);
        assert_accepted(&only(&format!("algorithm=HS256,secret_file=\"{path}\"")), &foreign());
    }),
    ("public_key", || {
        let pem = one_line(pem!("p256-spki"));
        assert_accepted(&only(&format!("algorithm=ES256,public_key=\"{pem}\"")), &of_p256());
    }),
    ("public_key_file", || {
        let path = file("public.pem", pem!("p256-spki"));
        assert_accepted(&only(&format!("algorithm=ES256,public_key_file=\"{path}\"")), &of_p256());
    }),
    ("private_key", || {
        let pem = one_line(pem!("p256-sec1"));
        assert_accepted(&only(&format!("algorithm=ES256,private_key=\"{pem}\"")), &of_p256());
    }),
    ("private_key_file", || {
        let path = file("private.pem", pem!("p256-pkcs8"));
        assert_accepted(&only(&format!("algorithm=ES256,private_key_file=\"{path}\"")), &of_p256());
    }),
    ("key_id", || {
        let client = with("key_id=\"2026-a\",expires_in=60");
        let token = signed(&client, &json!({ "name": "ada" }));
        assert_eq!(part(&token, 0), r#"{"alg":"HS256","typ":"JWT","kid":"2026-a"}"#);
    }),
    ("issuer", || {
        let client = with("issuer=\"https://tidal.example\"");
        assert_accepted(&client, &foreign_with(&json!({ "iss": "https://tidal.example" })));
        assert_refused(&client, &foreign(), "claim `iss` is missing");
    }),
    ("audience", || {
        for (keys, other) in [("audience=tidal-api", "x"), ("audience=[\"x\",\"tidal-api\"]", "y")]
        {
            let client = with(keys);
            assert_accepted(&client, &foreign_with(&json!({ "aud": "tidal-api" })));
            let token = foreign_with(&json!({ "aud": other }));
            assert_refused(&client, &token, "claim `aud` is not the expected one");
        }
    }),
    ("subject", || {
        let client = with("subject=harbour");
        assert_accepted(&client, &foreign_with(&json!({ "sub": "harbour" })));
        assert_refused(&client, &foreign(), "claim `sub` is missing");
    }),
    ("expires_in", || {
        for (written, seconds) in [("4h", 14_400), ("\"2 days\"", 172_800), ("90", 90)] {
            let token = signed(&with(&format!("expires_in={written}")), &json!({}));
            assert_eq!(payload(&token)["exp"], json!(NOW + seconds), "{written}");
        }
    }),
    ("jti", || {
        let token = signed(&with("jti=true,expires_in=60"), &json!({}));
        assert!(payload(&token)["jti"].is_string());
    }),
    ("leeway", || {
        let late = foreign_with(&json!({ "exp": NOW - 59 }));
        assert_accepted(&with("leeway=1m"), &late);
        assert_refused(&with(""), &late, "expired 59 s ago");
    }),
    ("clock_skew", || {
        let early = foreign_with(&json!({ "nbf": NOW + 60, "exp": NOW + 90 }));
        assert_accepted(&with("clock_skew=\"60\""), &early);
        assert_refused(&with(""), &early, "not valid before 1 min from now");
    }),
    ("types", || {
        let claims = json!({ "name": "ada", "exp": NOW + 60 }).to_string();
        let client = with("types=[\"at+jwt\"]");
        assert_accepted(&client, &raw(r#"{"alg":"HS256","typ":"at+jwt"}"#, claims));
        assert_refused(&client, &foreign(), "header has a type that is not accepted");
    }),
    ("max_token_size", || {
        assert_refused(&with("max_token_size=100"), &foreign(), "token is longer than 100 bytes");
        let client = with("max_token_size=\"1 KiB\"");
        assert_refused(&client, &"x".repeat(1_025), "token is longer than 1024 bytes");
        assert_accepted(&client, &foreign());
    }),
    ("remember_tokens", || {
        for (size, expected) in [("\"128 KiB\"", true), ("65536", true), ("0", false)] {
            let rocket = rocket(set(figment(&table("")), &format!("remember_tokens={size}")));
            assert_eq!(remembers(rocket, &foreign()), expected, "{size}");
        }
    }),
    ("token_from", || {
        let client = with("token_from=[{header=\"X-Token\"},{scheme=JWT}]");
        let found = |name: &'static str, value: String| {
            client.get("/me").header(Header::new(name, value)).dispatch().status()
        };
        assert_eq!(found("X-Token", foreign()), Status::Ok);
        assert_eq!(found("Authorization", format!("JWT {}", foreign())), Status::Ok);
        assert_eq!(status(&client, &foreign()), Status::Unauthorized);
        let client = with("token_from=[{query=auth_token},{body=\"user[token]\"}]");
        let response = client.get(format!("/me?auth_token={}", foreign())).dispatch();
        assert_eq!(response.status(), Status::Ok);
    }),
];

#[test]
fn every_key_takes_effect() {
    for (_, assert_effect) in EFFECTS.into_iter().chain(keys::EFFECTS) {
        assert_effect();
    }
}

/// The variable that is for these tests: all memories are on, or all of them off.
#[test]
fn what_a_run_says_of_the_memory_is_what_an_application_does_that_says_nothing() {
    let says = of_this_run().map(|size| size != "0");
    let of_a_secret = remembers(rocket(figment(&table(""))), &foreign());
    assert_eq!(of_a_secret, says.unwrap_or(false));
    let pem = one_line(pem!("p256-spki"));
    let pair = set(release_figment(""), &format!("algorithm=ES256,public_key=\"{pem}\""));
    assert_eq!(remembers(rocket(pair), &of_p256()), says.unwrap_or(true));
}

/// The table in the documentation of the strategy.
#[test]
fn no_key_is_forgotten_here() {
    let page = include_str!("../../passport-rocket/src/strategies/jwt/mod.rs");
    let rows = page.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let documented: BTreeSet<_> = rows
        .flat_map(|row| row.split('|').next().unwrap().split(", "))
        .map(|key| key.trim().trim_matches('`'))
        .collect();
    let effects = EFFECTS.iter().chain(&keys::EFFECTS);
    assert_eq!(documented, effects.map(|(key, _)| *key).collect());
}

#[test]
fn the_environment_wins_over_the_file_key_by_key() {
    let toml = table("issuer = 'of the file'\nsubject = 'of the file'");
    let client = client(rocket(set(figment(&toml), "issuer=\"of the environment\"")));
    let token = foreign_with(&json!({ "iss": "of the environment", "sub": "of the file" }));
    assert_accepted(&client, &token);
}

// Trap 19. Quotes are optional, so a secret of digits arrives as a number.
#[test]
fn a_secret_that_was_written_as_a_number_is_named_and_not_shown() {
    let figment = set(release_figment(""), "algorithm=HS256,secret=471147114711");
    let report = refusal(rocket(figment));
    assert!(
        report.contains("`passport.jwt.secret`: a number: put the value in quotes"),
        "{report}"
    );
    assert!(!report.contains("4711"), "{report}");
}

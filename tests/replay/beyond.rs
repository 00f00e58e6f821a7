//! What upstream accepts and has no test for: measured on jsonwebtoken 9.0.2.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use super::differences::jwt::{
    BOUND_TOKENS_ARE_REFUSED, CLAIMS_ARE_AN_OBJECT, EXTENSIONS_ARE_UNDERSTOOD_OR_REFUSED,
    KEYS_ARE_TOLD_APART, MEMBERS_ARE_THERE_ONCE, TIMES_ARE_WHOLE_SECONDS, TOKENS_ARE_SHORT,
    TOKENS_HAVE_ONE_SPELLING, TYPES_ARE_TOLD_APART,
};
use super::{Application, END, Npm, Row, lasting, raw, refused, signed};

#[test]
fn beyond_upstream() {
    let mut row = Row::new("beyond upstream");
    let header = r#"{"alg":"HS256"}"#;
    for exp in ["3660.5", "1e300", "4e3", "9007199254740993"] {
        let token = raw(header, format!(r#"{{"exp":{exp}}}"#));
        row.ask("{}", &Application::with(""), &token).differs(
            Npm::Accepts,
            TIMES_ARE_WHOLE_SECONDS,
            refused("claim `exp` is not a whole number of seconds"),
        );
    }
    for (claims, name) in [
        (format!(r#"{{"exp":1,"exp":{END}}}"#), "exp"),
        (format!(r#"{{"exp":{END},"sub":"ada","sub":"bob"}}"#), "sub"),
    ] {
        row.ask("{}", &Application::with(""), &raw(header, claims)).differs(
            Npm::Accepts,
            MEMBERS_ARE_THERE_ONCE,
            refused(&format!("claim `{name}` is there twice")),
        );
    }
    let claims = lasting(json!({})).to_string();
    let critical = refused("header has a critical extension, and none is understood");
    for (header, difference, here) in [
        (
            r#"{"alg":"HS256","crit":["exp"]}"#,
            EXTENSIONS_ARE_UNDERSTOOD_OR_REFUSED,
            critical.clone(),
        ),
        (r#"{"alg":"HS256","b64":false}"#, EXTENSIONS_ARE_UNDERSTOOD_OR_REFUSED, critical),
        (
            r#"{"alg":"HS256","typ":"dpop+jwt"}"#,
            TYPES_ARE_TOLD_APART,
            refused("header has a type that is not accepted"),
        ),
    ] {
        let token = raw(header, &claims);
        row.ask(header, &Application::with(""), &token).differs(Npm::Accepts, difference, here);
    }
    let named = Application::with("key_id = '2026-a'");
    let other = raw(r#"{"alg":"HS256","kid":"2026-b"}"#, &claims);
    let case = row.ask("another kid", &named, &other);
    case.differs(Npm::Accepts, KEYS_ARE_TOLD_APART, refused("header names another key"));
    row.ask("{}", &Application::with(""), &signed(&lasting(json!({ "cnf": { "jkt": "x" } }))))
        .differs(
            Npm::Accepts,
            BOUND_TOKENS_ARE_REFUSED,
            refused("token is bound to a key (`cnf`) and was sent as a plain one"),
        );
    for payload in ["\"a string payload\"", "[\"foo\"]", "7"] {
        row.ask("{}", &Application::with(""), &raw(header, payload)).differs(
            Npm::Accepts,
            CLAIMS_ARE_AN_OBJECT,
            refused("payload is not a JSON object in UTF-8"),
        );
    }
    let long = signed(&lasting(json!({ "pad": "x".repeat(8_192) })));
    row.ask("{}", &Application::with(""), &long).differs(
        Npm::Accepts,
        TOKENS_ARE_SHORT,
        refused("token is longer than 8192 bytes"),
    );
    let table = format!("algorithm = 'ES256'\npublic_key = '''{}'''", library_pem!("p256-spki"));
    row.ask("{}", &Application::of(&table), &respelled()).differs(
        Npm::Accepts,
        TOKENS_HAVE_ONE_SPELLING,
        refused("signature is not canonical base64url"),
    );
    row.done(16);
}

/// A signature of ECDSA with other bits where its last character has bits to spare.
fn respelled() -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let key = EncodingKey::from_ec_pem(library_pem!("p256-pkcs8").as_bytes()).unwrap();
    let token = encode(&Header::new(Algorithm::ES256), &lasting(json!({})), &key).unwrap();
    let (start, last) = token.split_at(token.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    format!("{start}{}", &ALPHABET[value + 1..=value + 1])
}

//! Keys that everybody knows, or that prove nothing, in the place of one that is safe.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use passport_rocket::{Jwt, Key};
use passport_rocket_tests::{figment, refusal};
use rocket::routes;
use serde_json::json;

use super::{Account, me};

macro_rules! public_key {
    ($name:literal) => {
        include_str!(concat!("../../passport-rocket/src/strategies/jwt/testdata/", $name, ".pem"))
    };
}

/// Public keys as PEM texts.
const PUBLIC: [&str; 5] = [
    public_key!("rsa-spki"),
    public_key!("rsa-pkcs1-public"),
    public_key!("p256-spki"),
    public_key!("p384-spki"),
    public_key!("ed25519-spki"),
];

/// Such a text without its first and last line.
fn base64_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

fn refused(table: &str) -> String {
    let toml = format!("[default.passport.jwt]\n{table}");
    let rocket = rocket::custom(figment(&toml)).attach(Jwt::<Account>::fairing("jwt"));
    refusal(rocket.mount("/", routes![me]))
}

/// Whoever verified by a public key and changes to `HS256` would let everybody sign.
#[test]
fn a_public_key_is_no_secret_however_it_is_written() {
    for pem in PUBLIC {
        let text = base64_of(pem);
        let der = STANDARD.decode(&text).unwrap();
        let bare = URL_SAFE_NO_PAD.encode(&der);
        let set = json!({ "keys": [{ "kty": "oct", "alg": "HS256", "k": bare }] });
        for table in [
            format!("algorithm = 'HS256'\nsecret = '{text}'"),
            format!("algorithm = 'HS256'\nsecret_base64 = '{text}'"),
            format!("algorithm = 'HS256'\nprivate_jwks = '{set}'"),
        ] {
            let report = refused(&table);
            assert!(report.contains("takes a secret, and this is a key in DER"), "{report}");
            assert!(!report.contains(&text[..16]), "{report}");
        }
        assert!(Key::from_secret("HS256", &der).is_err());
    }
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#;
    let report = refused(&format!("algorithm = 'HS256'\nsecret = '{jwk}'"));
    assert!(report.contains("takes a secret, and this is a JSON Web Key"), "{report}");
}

/// With an exponent of 1, what is signed is the signature.
#[test]
fn an_rsa_key_that_proves_nothing_is_no_key() {
    let modulus: Vec<u8> = (0..=255_u8).map(|byte| byte.wrapping_mul(7) | 0x81).collect();
    let n = URL_SAFE_NO_PAD.encode(&modulus);
    for e in ["AQ", "Ag", "AA", "AQAA"] {
        let jwk = json!({ "kty": "RSA", "n": n, "e": e });
        assert!(Key::from_jwk("RS256", &jwk.to_string()).is_err(), "{e}");
    }
    let jwk = json!({ "kty": "RSA", "n": n, "e": "AQAB" });
    assert!(Key::from_jwk("RS256", &jwk.to_string()).is_ok());
}

/// The browser sends it by itself, also where another site has asked for it.
#[test]
fn the_cookie_header_is_no_explicit_place() {
    for name in ["Cookie", "cookie"] {
        let report = refused(&format!("token_from = [{{ header = '{name}' }}]"));
        assert!(report.contains("`passport.jwt.token_from[0]`: invalid value"), "{report}");
    }
}

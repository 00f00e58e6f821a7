//! The head of a token: what it must say, and what is never believed of it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use passport_rocket_tests::{client, figment};
use serde_json::{Value, json};

use super::{
    NOW, SECRET, application, assert_accepted, assert_refused, foreign, raw, rocket, table,
};

fn claims() -> String {
    format!(r#"{{"name":"ada","exp":{}}}"#, NOW + 60)
}

fn with(header: &Value) -> String {
    raw(header.to_string(), claims())
}

// R01: exactly the one that is configured; the key alone would have done for the others.
#[test]
fn refuses_another_algorithm_than_the_configured_one() {
    let client = application("");
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let claims: Value = serde_json::from_str(&claims()).unwrap();
        let token = jsonwebtoken::encode(&Header::new(algorithm), &claims, &key).unwrap();
        assert_refused(&client, &token, "algorithm is not HS256");
    }
    for name in ["hs256", "HS256 ", "Hs256", "RS256", "EdDSA", "", "HS256,none"] {
        assert_refused(&client, &with(&json!({ "alg": name })), "algorithm is not HS256");
    }
    assert_refused(&client, &with(&json!({ "typ": "JWT" })), "header names no algorithm");
    for no_name in [json!(null), json!(["HS256"]), json!({ "HS256": 1 }), json!(256)] {
        assert_refused(&client, &with(&json!({ "alg": no_name })), NO_HEADER);
    }
}

// R02: the public key is known to everybody, and would be a secret only by name.
#[test]
fn refuses_a_public_key_that_was_used_as_a_secret() {
    let public = pem!("rsa-spki");
    let table = format!("[default.passport.jwt]\nalgorithm = 'RS256'\npublic_key = '''{public}'''");
    let client = client(rocket(figment(&table)));
    let der: String = public.lines().filter(|line| !line.starts_with('-')).collect();
    for secret in [public.as_bytes(), public.trim().as_bytes(), der.as_bytes()] {
        for name in ["HS256", "RS256"] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": name }).to_string());
            let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims()));
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let signature = hmac::sign(&key, message.as_bytes());
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
            let why = match name {
                "RS256" => "signature does not match",
                _ => "algorithm is not RS256",
            };
            assert_refused(&client, &token, why);
        }
    }
}

// R03
#[test]
fn refuses_none_in_every_spelling_signed_or_not() {
    let client = application("");
    for name in ["none", "None", "NONE", "noNE", "nOnE"] {
        let token = with(&json!({ "alg": name, "typ": "JWT" }));
        assert_refused(&client, &token, "algorithm is not HS256");
        let (message, _) = token.rsplit_once('.').unwrap();
        assert_refused(&client, &format!("{message}."), "token has not exactly three parts");
        assert_refused(&client, &format!("{message}.AAAA"), "algorithm is not HS256");
    }
    let token = foreign();
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_refused(&client, &format!("{message}.AAAA"), "signature does not match");
}

// R05
#[test]
fn refuses_a_header_that_two_readers_may_read_differently() {
    let client = application("");
    for header in [
        r#"{"alg":"HS256","alg":"none"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"JWT","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","x":1,"x":1}"#,
    ] {
        assert_refused(&client, &raw(header, claims()), "header has a member twice");
    }
    let no_objects: [&[u8]; 8] = [
        b"[]",
        b"null",
        b"\"HS256\"",
        b"{\"alg\":\"HS256\"} {}",
        b"{\"alg\":\"HS256\",}",
        b"{alg:\"HS256\"}",
        b"\xef\xbb\xbf{\"alg\":\"HS256\"}",
        b"{\"alg\":\"HS256\",\"x\":\"\xff\"}",
    ];
    for header in no_objects {
        assert_refused(&client, &raw(header, claims()), NO_HEADER);
    }
}

// R05, trap 7: RFC 7515 section 4.1.11, RFC 7797 section 6
#[test]
fn refuses_critical_extensions_of_any_kind() {
    let client = application("");
    for header in [
        json!({ "alg": "HS256", "crit": ["exp"], "exp": NOW }),
        json!({ "alg": "HS256", "crit": ["b64"], "b64": true }),
        json!({ "alg": "HS256", "crit": ["b64"], "b64": false }),
        json!({ "alg": "HS256", "b64": false }),
        json!({ "alg": "HS256", "crit": [] }),
        json!({ "alg": "HS256", "crit": null }),
    ] {
        let why = "header has a critical extension, and none is understood";
        assert_refused(&client, &with(&header), why);
    }
}

// R06
#[test]
fn never_takes_a_key_from_the_token() {
    let client = application("");
    let own_key = json!({
        "alg": "HS256",
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/certificate",
        "x5c": ["MIIB"],
        "jwk": { "kty": "oct", "k": URL_SAFE_NO_PAD.encode(STRANGER) },
    });
    // They are ignored where the signature is right, and change nothing where it is theirs.
    assert_accepted(&client, &with(&own_key));
    for header in [own_key, json!({ "alg": "HS256", "kid": "https://evil.example/keys" })] {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims())
        );
        let signature =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, STRANGER), message.as_bytes());
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        assert_refused(&client, &token, "signature does not match");
    }
}

// R06: a name to compare, not a path, a query or a URL to follow.
#[test]
fn a_key_id_is_compared_and_nothing_else() {
    let client = application("key_id = '2026-a'");
    assert_accepted(&client, &with(&json!({ "alg": "HS256", "kid": "2026-a" })));
    assert_accepted(&client, &with(&json!({ "alg": "HS256" })));
    for other in ["2026-b", "2026-A", "", "../../../../dev/null", "' OR '1'='1", "/etc/passwd"] {
        let token = with(&json!({ "alg": "HS256", "kid": other }));
        assert_refused(&client, &token, "header names another key");
    }
    let client = application("");
    assert_accepted(&client, &with(&json!({ "alg": "HS256", "kid": "../../../../dev/null" })));
}

// R11: another kind of token, signed with the same key, is no access token.
#[test]
fn refuses_types_that_are_not_listed() {
    let client = application("");
    let accepted = ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"];
    for kind in accepted {
        assert_accepted(&client, &with(&json!({ "alg": "HS256", "typ": kind })));
    }
    assert_accepted(&client, &with(&json!({ "alg": "HS256" })));
    let others = ["logout+jwt", "dpop+jwt", "secevent+jwt", "refresh+jwt", "JWS", "", "x/at+jwt"];
    for kind in others {
        let token = with(&json!({ "alg": "HS256", "typ": kind }));
        assert_refused(&client, &token, "header has a type that is not accepted");
    }
}

// R11
#[test]
fn the_types_can_be_narrowed() {
    let client = client(rocket(figment(&table("types = ['at+jwt']"))));
    for kind in ["at+jwt", "application/at+jwt"] {
        assert_accepted(&client, &with(&json!({ "alg": "HS256", "typ": kind })));
    }
    for header in [json!({ "alg": "HS256" }), json!({ "alg": "HS256", "typ": "JWT" })] {
        assert_refused(&client, &with(&header), "header has a type that is not accepted");
    }
}

const NO_HEADER: &str = "header is not a JSON object with texts";
const STRANGER: &[u8] = b"the secret of a stranger, also long enough";

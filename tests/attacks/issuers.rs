//! One issuer in the place of another: the partner's key signs, and the payload says as many things at
//! once as JSON can be made to.

use std::collections::HashMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passport_rocket::{Jwt, Key, TokenClaims, Unverified, User, protect};
use passport_rocket_tests::{client, figment};
use rocket::fairing::Fairing;
use rocket::http::{Header, Status};
use rocket::{get, routes};
use serde_json::{Value, json};

const STAFF: &str = "https://staff.example";
const PARTNER: &str = "https://partner.example";

#[protect(strategy = "jwt")]
#[get("/issuer")]
fn issuer(user: User<Value>) -> String {
    let token = User::info::<TokenClaims>(&user);
    token.and_then(TokenClaims::issuer).unwrap_or("nobody").to_owned()
}

struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "1" })
    }

    fn sign(&self, payload: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"1"}"#);
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

/// Payloads that name an issuer in some way. `S` is the staff's, `P` the partner's.
const PAYLOADS: [&str; 20] = [
    r#"{"iss":"S","exp":4000000000}"#,
    r#"{"iss":"P","iss":"S","exp":4000000000}"#,
    r#"{"iss":"S","iss":"P","exp":4000000000}"#,
    r#"{"iss":"P","\u0069ss":"S","exp":4000000000}"#,
    r#"{"\u0069ss":"P","iss":"S","exp":4000000000}"#,
    r#"{"\u0069ss":"S","exp":4000000000}"#,
    r#"{"iss":["P"],"exp":4000000000}"#,
    r#"{"iss":["P","S"],"exp":4000000000}"#,
    r#"{"iss":{"iss":"P"},"exp":4000000000}"#,
    r#"{"iss":null,"exp":4000000000}"#,
    r#"{"iss":7,"exp":4000000000}"#,
    r#"{"iss":"P\u0000","exp":4000000000}"#,
    r#"{"iss":"P ","exp":4000000000}"#,
    r#"{"iss":"P/","exp":4000000000}"#,
    r#"{"ISS":"P","exp":4000000000}"#,
    r#"{"exp":4000000000}"#,
    r#"["P"]"#,
    r#"["P",4000000000]"#,
    r#"{"iss":"P","exp":4000000000}{"iss":"S","exp":4000000000}"#,
    "{\"iss\":\"P\",\"exp\":4000000000,\"a\":\"\\ud800\"}",
];

/// Payloads of the partner that are right, however odd they look.
const RIGHT: [&str; 3] = [
    r#"{"iss":"P","exp":4000000000}"#,
    r#"{"\u0069ss":"P","exp":4000000000}"#,
    r#"{"a":{"iss":"S"},"iss":"P","exp":4000000000,"ISS":"S"}"#,
];

fn said(pattern: &str) -> String {
    pattern.replace("\"S", &format!("\"{STAFF}")).replace("\"P", &format!("\"{PARTNER}"))
}

#[track_caller]
fn assert_each_speaks_for_itself(toml: &str, jwt: impl Fairing, partner: &Issuer) {
    let rocket = rocket::custom(figment(toml)).attach(jwt).mount("/", routes![issuer]);
    let client = client(rocket);
    let ask = |payload: &str| {
        let bearer = Header::new("Authorization", format!("Bearer {}", partner.sign(payload)));
        let response = client.get("/issuer").header(bearer).dispatch();
        (response.status(), response.into_string().unwrap_or_default())
    };
    for pattern in PAYLOADS {
        assert_eq!(ask(&said(pattern)).0, Status::Unauthorized, "{pattern}");
    }
    for pattern in RIGHT {
        assert_eq!(ask(&said(pattern)), (Status::Ok, PARTNER.to_owned()), "{pattern}");
    }
}

#[test]
fn no_issuer_of_a_list_speaks_for_another() {
    let (staff, partner) = (Issuer::new(), Issuer::new());
    let entry = |issuer: &str, keys: &Issuer| {
        format!("[[default.passport.jwt.issuers]]\nissuer = '{issuer}'\njwks = '{}'\n", keys.jwk())
    };
    let toml = format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\n{}{}",
        entry(STAFF, &staff),
        entry(PARTNER, &partner)
    );
    assert_each_speaks_for_itself(&toml, Jwt::<Value>::fairing("jwt"), &partner);
}

#[test]
fn no_issuer_of_a_key_provider_speaks_for_another() {
    let (staff, partner) = (Issuer::new(), Issuer::new());
    let key = |of: &Issuer| Key::from_jwk("ES256", &of.jwk().to_string()).unwrap();
    let keys = HashMap::from([(STAFF, key(&staff)), (PARTNER, key(&partner))]);
    let provider = move |token: Unverified| keys.get(token.issuer?.as_str()).cloned();
    assert_each_speaks_for_itself("", Jwt::<Value>::fairing("jwt").keys(provider), &partner);
}

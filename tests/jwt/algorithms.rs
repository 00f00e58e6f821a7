//! All twelve algorithms, against another library in both directions.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use passport_rocket_tests::{client, figment};
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::routes;
use serde_json::{Value, json};

use super::issuing::{sign, signed};
use super::{Account, NOW, assert_accepted, rocket, status};

pub(crate) const ALL: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Long enough for HS512.
const SECRET: &str = "a secret of these tests that is long enough for the longest of the hashes";

/// A key of ours for one algorithm, and the same for another library.
pub(crate) struct Keys {
    /// As lines of the table.
    pub(crate) ours: String,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
}

pub(crate) fn keys(algorithm: Algorithm) -> Keys {
    let pair = |private: &str, encoding, decoding| Keys {
        ours: format!("algorithm = '{algorithm:?}'\nprivate_key = '''{private}'''\n"),
        encoding,
        decoding,
    };
    match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Keys {
            ours: format!("algorithm = '{algorithm:?}'\nsecret = '{SECRET}'\n"),
            encoding: EncodingKey::from_secret(SECRET.as_bytes()),
            decoding: DecodingKey::from_secret(SECRET.as_bytes()),
        },
        Algorithm::ES256 | Algorithm::ES384 => {
            let (private, public) = match algorithm {
                Algorithm::ES256 => (pem!("p256-pkcs8"), pem!("p256-spki")),
                _ => (pem!("p384-pkcs8"), pem!("p384-spki")),
            };
            pair(
                private,
                EncodingKey::from_ec_pem(private.as_bytes()).unwrap(),
                DecodingKey::from_ec_pem(public.as_bytes()).unwrap(),
            )
        }
        Algorithm::EdDSA => pair(
            pem!("ed25519-pkcs8"),
            EncodingKey::from_ed_pem(pem!("ed25519-pkcs8").as_bytes()).unwrap(),
            DecodingKey::from_ed_pem(pem!("ed25519-spki").as_bytes()).unwrap(),
        ),
        _ => pair(
            pem!("rsa-pkcs8"),
            EncodingKey::from_rsa_pem(pem!("rsa-pkcs8").as_bytes()).unwrap(),
            DecodingKey::from_rsa_pem(pem!("rsa-spki").as_bytes()).unwrap(),
        ),
    }
}

fn application(table: &str) -> Client {
    let toml = format!("[default.passport.jwt]\n{table}expires_in = '1h'");
    client(rocket(figment(&toml)).mount("/", routes![sign]))
}

// R01
#[test]
fn every_algorithm_is_understood_in_both_directions() {
    for algorithm in ALL {
        let Keys { ours, encoding, decoding } = keys(algorithm);
        let client = application(&ours);
        let token = signed(&client, &json!({ "name": "ada" }));
        assert_accepted(&client, &token);

        let mut validation = Validation::new(algorithm);
        validation.validate_exp = false;
        let read = decode::<Account>(&token, &decoding, &validation).unwrap();
        assert_eq!(read.claims, Account { name: "ada".to_owned() }, "{algorithm:?}");
        assert_eq!(read.header, Header::new(algorithm), "{algorithm:?}");

        let claims = json!({ "name": "ada", "exp": NOW + 60 });
        let theirs = encode(&Header::new(algorithm), &claims, &encoding).unwrap();
        assert_accepted(&client, &theirs);
    }
}

// R02: of all pairs, only a token of the very algorithm opens anything, although one key serves six.
#[test]
fn no_algorithm_passes_for_another() {
    let claims = json!({ "name": "ada", "exp": NOW + 60 });
    let tokens: Vec<_> = ALL
        .iter()
        .map(|algorithm| {
            encode(&Header::new(*algorithm), &claims, &keys(*algorithm).encoding).unwrap()
        })
        .collect();
    for (index, algorithm) in ALL.iter().enumerate() {
        let client = application(&keys(*algorithm).ours);
        for (other, token) in tokens.iter().enumerate() {
            let expected = if index == other { Status::Ok } else { Status::Unauthorized };
            assert_eq!(status(&client, token), expected, "{algorithm:?} {:?}", ALL[other]);
        }
    }
}

#[test]
fn a_key_can_be_made_up_for_every_algorithm() {
    for algorithm in ALL {
        let client = application(&format!("algorithm = '{algorithm:?}'\n"));
        let token = signed(&client, &json!({ "name": "ada" }));
        assert_accepted(&client, &token);
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.alg, algorithm);
        let claims: Value = super::payload(&token);
        assert_eq!(claims["exp"], json!(NOW + 3_600));
    }
}

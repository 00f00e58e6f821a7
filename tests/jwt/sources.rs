//! Where a key may come from, each source once, with tokens that another library signed.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use passport_rocket_tests::memory::remembering;
use passport_rocket_tests::{client, figment, refusal};
use rocket::figment::providers::{Format, Toml};
use rocket::routes;
use serde_json::json;

use super::issuing::{sign, signed};
use super::{NOW, SECRET, assert_accepted, foreign, rocket, signed_by};

/// A folder of this test's own, with a `Rocket.toml` and the files beside it.
fn folder(name: &str, toml: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jwt").join(name);
    std::fs::create_dir_all(folder.join("keys")).unwrap();
    std::fs::write(folder.join("Rocket.toml"), toml).unwrap();
    for (file, content) in files {
        std::fs::write(folder.join(file), content).unwrap();
    }
    folder.join("Rocket.toml")
}

fn token(algorithm: Algorithm, key: &EncodingKey) -> String {
    encode(&Header::new(algorithm), &json!({ "name": "ada", "exp": NOW + 60 }), key).unwrap()
}

fn ec() -> String {
    token(Algorithm::ES256, &EncodingKey::from_ec_pem(pem!("p256-pkcs8").as_bytes()).unwrap())
}

fn rsa() -> String {
    token(Algorithm::RS256, &EncodingKey::from_rsa_pem(pem!("rsa-pkcs8").as_bytes()).unwrap())
}

fn ed() -> String {
    token(Algorithm::EdDSA, &EncodingKey::from_ed_pem(pem!("ed25519-pkcs8").as_bytes()).unwrap())
}

#[test]
fn a_secret_is_text_or_base64_in_either_alphabet() {
    // Bytes that need the characters in which the alphabets differ.
    let bytes: Vec<u8> = (0..40).map(|i| 255 - 5 * i).collect();
    let of_bytes = token(Algorithm::HS256, &EncodingKey::from_secret(&bytes));
    let base64 = |text: String| format!("secret_base64 = '{text}'");
    for (line, token) in [
        (format!("secret = '{SECRET}'"), foreign()),
        // UTF-8 as it stands: nothing is trimmed, nothing is decoded.
        (format!("secret = ' {SECRET} '"), signed_by(&format!(" {SECRET} "), &claims())),
        (format!("secret = '{}'", STANDARD.encode(&bytes)), {
            signed_by(&STANDARD.encode(&bytes), &claims())
        }),
        (base64(STANDARD.encode(&bytes)), of_bytes.clone()),
        (base64(STANDARD_NO_PAD.encode(&bytes)), of_bytes.clone()),
        (base64(URL_SAFE.encode(&bytes)), of_bytes.clone()),
        (base64(URL_SAFE_NO_PAD.encode(&bytes)), of_bytes),
    ] {
        let toml = format!("[default.passport.jwt]\nalgorithm = 'HS256'\n{line}");
        assert_accepted(&client(rocket(figment(&toml))), &token);
    }
}

fn claims() -> serde_json::Value {
    json!({ "name": "ada", "exp": NOW + 60 })
}

#[test]
fn a_file_is_found_from_the_file_that_names_it() {
    let secret = format!("{SECRET}\n");
    let windows = format!("{SECRET}\r\n");
    for (name, algorithm, line, content, token) in [
        ("secret", "HS256", "secret_file = 'keys/key'", secret.as_bytes(), foreign()),
        ("windows", "HS256", "secret_file = './keys/key'", windows.as_bytes(), foreign()),
        ("bare", "HS256", "secret_file = 'keys/../keys/key'", SECRET.as_bytes(), foreign()),
        ("public", "ES256", "public_key_file = 'keys/key'", pem!("p256-spki").as_bytes(), ec()),
        ("private", "ES256", "private_key_file = 'keys/key'", pem!("p256-sec1").as_bytes(), ec()),
    ] {
        let toml = format!("[default.passport.jwt]\nalgorithm = '{algorithm}'\n{line}");
        let file = folder(name, &toml, &[("keys/key", content)]);
        let figment = remembering(figment("").merge(Toml::file(file).nested()));
        assert_accepted(&client(rocket(figment)), &token);
    }
}

#[test]
fn every_form_of_pem_is_read() {
    let private = [
        ("RS256", pem!("rsa-pkcs8"), rsa()),
        ("RS256", pem!("rsa-pkcs1"), rsa()),
        ("ES256", pem!("p256-pkcs8"), ec()),
        ("ES256", pem!("p256-sec1"), ec()),
        ("EdDSA", pem!("ed25519-pkcs8"), ed()),
    ];
    for (algorithm, pem, token) in private {
        let toml = format!(
            "[default.passport.jwt]\nalgorithm = '{algorithm}'\nprivate_key = '''{pem}'''\n\
             expires_in = 60"
        );
        let client = client(rocket(figment(&toml)).mount("/", routes![sign]));
        assert_accepted(&client, &token);
        assert_accepted(&client, &signed(&client, &json!({ "name": "ada" })));
    }
    let public = [
        ("RS256", pem!("rsa-spki"), rsa()),
        ("RS256", pem!("rsa-pkcs1-public"), rsa()),
        ("ES256", pem!("p256-spki"), ec()),
        ("EdDSA", pem!("ed25519-spki"), ed()),
    ];
    for (algorithm, pem, token) in public {
        let toml =
            format!("[default.passport.jwt]\nalgorithm = '{algorithm}'\npublic_key = '''{pem}'''");
        assert_accepted(&client(rocket(figment(&toml))), &token);
        // It verifies and cannot sign: a handler that wants tokens refuses launch.
        let report = refusal(rocket(figment(&toml)).mount("/", routes![sign]));
        assert!(report.contains("no registered strategy gives tokens"), "{report}");
    }
}

//! Keys in every file that npm reads: curves, RSASSA-PSS, PKCS#1, sizes.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use super::differences::jwt::{
    KEYS_ARE_JUDGED_AT_LAUNCH, PSS_KEYS_ARE_PLAIN, SMALL_KEYS_VERIFY_NOTHING, THERE_IS_NO_ES512,
};
use super::{Application, Npm, Row, lasting, no_launch};

fn of_private_key(algorithm: &str, pem: &str) -> Application {
    Application::of(&format!("algorithm = '{algorithm}'\nprivate_key = '''{pem}'''"))
}

fn token(algorithm: Algorithm, key: &EncodingKey) -> String {
    encode(&Header::new(algorithm), &lasting(json!({ "foo": "bar" })), key).unwrap()
}

/// `{ iat: 60, exp: 3660, foo: 'bar' }`, signed by npm with `p521-pkcs8.pem`.
const ES512: &str = "eyJhbGciOiJFUzUxMiIsInR5cCI6IkpXVCJ9.\
    eyJpYXQiOjYwLCJleHAiOjM2NjAsImZvbyI6ImJhciJ9.AZYfwPLMF1kh6DBta_DMXAo2SvVyO4jGXiUOGt9C8wIqxmQ3\
    Lm6qRAsGhgZGqV7mP20xsW_WJ6zveAT_hBQvxxtCAb0NGtl6sgyqkvoB-U5CynKts2HmqPoEMZhTaoAL7OSjTgCzEFYI\
    Yap_sl39M25mgEu49w2RCETb1zNflcv69GxJ";

/// The same, with `rsa-pss-sha256-pkcs8.pem`.
const PS256: &str = "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJpYXQiOjYwLCJleHAiOjM2NjAsImZvbyI6ImJhciJ9.P2xhcavxftVleY7SOBtQLhNS_oxY4qG0X2Zs3_dcZdRJ2iWy\
    iUnr1G79wY-0cc2gIfb9DGzCmhajZIs2p4_H5kvA4qePpOkN2O4NoqWyMJkX-1FM3z5OCgZQzdykUrPkqHz88LTUS8qT\
    cbqJf6-ujyCffFzavMaa1cyjc7wmuk86HvmpUDZ3FZe6vbcRRrbiWvUqz67ZBFr1_mjoUhyHiJhURgM8V6oo6hEsOCGA\
    _-YDPFSoMr--TOQj2IgNGyN1qFE90txYMrjaNMGooAwZYj5MKrqqzE1XnBTVO_RjHWGB3PSNr_CJ2EedeMJ19AB48p5K\
    emzrHmg-NbWzj0gXkg";

/// The same, with a key of 1024 bits, which npm has to be told to allow.
const RS256_OF_1024_BITS: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJpYXQiOjYwLCJleHAiOjM2NjAsImZvbyI6ImJhciJ9.RPRtwFEy955gesfV3otQZvys6ipdo-2yj9fEUH_mSOBXje__\
    aHAIJP1ciGYTu5GQEqy6ySCvtrUfTcrzVhnx_G-rIR21vjMB3VQ7MWgfUZXoTtBEajnUBrXr7AH_Hmlcw_BoTv72HfqA\
    WnEK941_YYBNXp7ZVEEpx2VKs9VbaKc";

fn rsa(algorithm: Algorithm) -> String {
    token(algorithm, &EncodingKey::from_rsa_pem(library_pem!("rsa-pkcs8").as_bytes()).unwrap())
}

fn es256() -> String {
    let key = EncodingKey::from_ec_pem(library_pem!("p256-pkcs8").as_bytes()).unwrap();
    token(Algorithm::ES256, &key)
}

fn es384() -> String {
    let key = EncodingKey::from_ec_pem(library_pem!("p384-pkcs8").as_bytes()).unwrap();
    token(Algorithm::ES384, &key)
}

#[test]
fn t19_a_key_fits_its_algorithm_or_nothing_launches() {
    let mut row = Row::new("t19");
    let (p256, p384) = (library_pem!("p256-pkcs8"), library_pem!("p384-pkcs8"));
    let p521 = pem!("p521-pkcs8");
    row.ask("ES256 with prime256v1", &of_private_key("ES256", p256), &es256()).accepted();
    row.ask("ES384 with secp384r1", &of_private_key("ES384", p384), &es384()).accepted();
    for (algorithm, pem, problem) in [
        ("ES256", p384, "ES256 takes a P-256 key, and this is a P-384 key"),
        ("ES256", p521, "ES256 takes a P-256 key, and this is a P-521 key"),
        ("ES384", p256, "ES384 takes a P-384 key, and this is a P-256 key"),
        ("ES384", p521, "ES384 takes a P-384 key, and this is a P-521 key"),
        ("RS256", p384, "RS256 takes an RSA key, and this is a P-384 key"),
        ("PS256", p384, "PS256 takes an RSA key, and this is a P-384 key"),
        ("ES256", library_pem!("rsa-pkcs8"), "ES256 takes a P-256 key, and this is an RSA key"),
        ("RS256", pem!("dsa-pkcs8"), "no key that can be read"),
    ] {
        let asks = format!("{algorithm}: {problem}");
        row.ask(&asks, &of_private_key(algorithm, pem), &es256()).differs(
            Npm::Refuses,
            KEYS_ARE_JUDGED_AT_LAUNCH,
            no_launch(&format!("`passport.jwt.private_key`: {problem}")),
        );
    }
    for (npm, pem) in [(Npm::Refuses, p256), (Npm::Refuses, p384), (Npm::Accepts, p521)] {
        row.ask("ES512", &of_private_key("ES512", pem), ES512).differs(
            npm,
            THERE_IS_NO_ES512,
            no_launch("`passport.jwt.algorithm`: unknown value"),
        );
    }
    for (npm, algorithm, pem) in [
        (Npm::Accepts, "PS256", pem!("rsa-pss-sha256-pkcs8")),
        (Npm::Refuses, "PS512", pem!("rsa-pss-sha256-pkcs8")),
        (Npm::Refuses, "PS256", pem!("rsa-pss-salt16-pkcs8")),
    ] {
        let asks = format!("{algorithm} with a key of RSASSA-PSS");
        row.ask(&asks, &of_private_key(algorithm, pem), PS256).differs(
            npm,
            PSS_KEYS_ARE_PLAIN,
            no_launch("`passport.jwt.private_key`: no key that can be read"),
        );
    }
    // Upstream's keys for ES256 spell their curve out.
    let named = EncodingKey::from_ec_pem(pem!("p256-named-pkcs8").as_bytes()).unwrap();
    let named = token(Algorithm::ES256, &named);
    let explicit = of_private_key("ES256", pem!("p256-explicit-pkcs8"));
    row.ask("explicit parameters", &explicit, &named).accepted();
    let spki = pem!("p256-explicit-spki");
    let explicit = Application::of(&format!("algorithm = 'ES256'\npublic_key = '''{spki}'''"));
    row.ask("explicit parameters", &explicit, &named).accepted();
    row.done(18);
}

#[test]
fn t20_rsa_keys_come_in_two_forms_and_not_below_2048_bits() {
    let mut row = Row::new("t20");
    for (name, algorithm) in [("RS256", Algorithm::RS256), ("PS256", Algorithm::PS256)] {
        let forms = [library_pem!("rsa-pkcs1-public"), library_pem!("rsa-spki")];
        for pem in forms {
            let table = format!("algorithm = '{name}'\npublic_key = '''{pem}'''");
            row.ask(name, &Application::of(&table), &rsa(algorithm)).accepted();
        }
    }
    // npm signs with no such key either.
    let small = of_private_key("RS256", library_pem!("rsa1024-pkcs8"));
    let problem = "an RSA key outside 2048 to 8192 bits";
    row.same(
        "signing with 1024 bits",
        no_launch(&format!("`passport.jwt.private_key`: {problem}")),
        small.answer(RS256_OF_1024_BITS),
    );
    let table = format!("algorithm = 'RS256'\npublic_key = '''{}'''", library_pem!("rsa1024-spki"));
    row.ask("1024 bits", &Application::of(&table), RS256_OF_1024_BITS).differs(
        Npm::Accepts,
        SMALL_KEYS_VERIFY_NOTHING,
        no_launch(&format!("`passport.jwt.public_key`: {problem}")),
    );
    row.done(6);
}

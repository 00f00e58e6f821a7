//! The keys of these applications, and tokens that they sign.

use std::sync::LazyLock;

use jsonwebtoken::crypto::{sign, verify};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use crate::app::NOW;

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../passport-rocket/src/strategies/jwt/testdata/", $name, ".pem"))
    };
}

pub(crate) const SECRET: &str = "a secret of these targets, 32 bytes or more";
pub(crate) const RSA: &str = pem!("rsa-spki");
pub(crate) const EC: &str = pem!("p256-spki");
pub(crate) const ED: &str = pem!("ed25519-spki");
/// The public halves of the three, with the ids `rsa`, `ec` and `ed`.
pub(crate) const SET: &str = include_str!("public.jwks.json");

/// Whoever signs: our keys, and some that are none.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
}

pub(crate) static SIGNERS: LazyLock<Vec<Signer>> = LazyLock::new(|| {
    let signer = |algorithm, key| Signer { algorithm, key };
    let secret = |secret: &str| EncodingKey::from_secret(secret.as_bytes());
    let rsa = EncodingKey::from_rsa_pem(pem!("rsa-pkcs8").as_bytes()).expect("a key");
    let ec = EncodingKey::from_ec_pem(pem!("p256-pkcs8").as_bytes()).expect("a key");
    let ed = EncodingKey::from_ed_pem(pem!("ed25519-pkcs8").as_bytes()).expect("a key");
    vec![
        signer(Algorithm::HS256, secret(SECRET)),
        signer(Algorithm::RS256, rsa.clone()),
        signer(Algorithm::ES256, ec),
        signer(Algorithm::EdDSA, ed),
        signer(Algorithm::HS256, secret("a secret that nobody here trusts, 32 bytes")),
        // RFC 8725 section 3.1: a public key in the place of a secret.
        signer(Algorithm::HS256, secret(RSA)),
        signer(Algorithm::HS512, secret(SECRET)),
        signer(Algorithm::PS256, rsa),
    ]
});

impl Signer {
    /// The signature of exactly this message, encoded.
    pub(crate) fn sign(&self, message: &str) -> String {
        sign(message.as_bytes(), &self.key, self.algorithm).expect("a signature")
    }
}

/// A public key or a secret as jsonwebtoken reads it.
pub(crate) struct Trusted {
    pub(crate) algorithm: Algorithm,
    key: DecodingKey,
}

impl Trusted {
    pub(crate) fn secret() -> Self {
        Self { algorithm: Algorithm::HS256, key: DecodingKey::from_secret(SECRET.as_bytes()) }
    }

    pub(crate) fn rsa() -> Self {
        let key = DecodingKey::from_rsa_pem(RSA.as_bytes()).expect("a key");
        Self { algorithm: Algorithm::RS256, key }
    }

    pub(crate) fn ec() -> Self {
        let key = DecodingKey::from_ec_pem(EC.as_bytes()).expect("a key");
        Self { algorithm: Algorithm::ES256, key }
    }

    pub(crate) fn ed() -> Self {
        let key = DecodingKey::from_ed_pem(ED.as_bytes()).expect("a key");
        Self { algorithm: Algorithm::EdDSA, key }
    }

    pub(crate) fn verifies(&self, message: &str, signature: &str) -> bool {
        verify(signature, message.as_bytes(), &self.key, self.algorithm).unwrap_or(false)
    }
}

/// Tokens of the secret that say who they are of.
pub(crate) static ADA: LazyLock<String> = LazyLock::new(|| of("ada", NOW + 60));
pub(crate) static BEN: LazyLock<String> = LazyLock::new(|| of("ben", NOW + 60));
pub(crate) static EXPIRED: LazyLock<String> = LazyLock::new(|| of("ada", NOW));

fn of(name: &str, expires: u64) -> String {
    let message = [r#"{"alg":"HS256"}"#, &format!(r#"{{"name":"{name}","exp":{expires}}}"#)]
        .map(crate::oracle::base64)
        .join(".");
    format!("{message}.{}", SIGNERS[0].sign(&message))
}

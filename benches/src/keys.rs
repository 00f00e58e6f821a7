//! The keys of one algorithm, made for the run.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey,
    RsaKeyPair, VerificationAlgorithm,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

/// Keys as each competitor takes them.
pub struct Keys {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// For jsonwebtoken, to verify with.
    pub decoding: DecodingKey,
    /// For jsonwebtoken, to sign with.
    pub encoding: EncodingKey,
    /// What the floor prepares its key from: the secret, or the public key.
    material: Vec<u8>,
    /// The table of `jwt`.
    pub table: String,
}

/// A key that needs no more work.
pub enum Prepared {
    /// A secret.
    Hmac(Box<hmac::Key>),
    /// A public key.
    Public(Box<ParsedPublicKey>),
}

impl Prepared {
    /// Whether the signature is that of the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

impl Keys {
    /// The key, prepared once.
    pub fn prepared(&self) -> Prepared {
        let parsed = |algorithm: &'static dyn VerificationAlgorithm| {
            Prepared::Public(Box::new(ParsedPublicKey::new(algorithm, &self.material).unwrap()))
        };
        match self.algorithm {
            Algorithm::RS256 => parsed(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::ES256 => parsed(&signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::EdDSA => parsed(&signature::ED25519),
            _ => Prepared::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &self.material))),
        }
    }

    /// New keys.
    pub fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HS256 => Self::secret(),
            Algorithm::RS256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let pkcs8: Vec<u8> = pair.as_der().unwrap().as_ref().to_vec();
                let public = pair.public_key().as_ref();
                // jsonwebtoken takes PKCS#1 only as DER, and PKCS#8 as PEM.
                let encoding = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", &pkcs8).as_bytes());
                let decoding = DecodingKey::from_rsa_der(public);
                Self::pair(algorithm, &pkcs8, encoding.unwrap(), decoding, public)
            }
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
                let pkcs8 = pair.to_pkcs8v1().unwrap().as_ref().to_vec();
                let public = pair.public_key().as_ref();
                let encoding = EncodingKey::from_ec_der(&pkcs8);
                let decoding = DecodingKey::from_ec_der(public);
                Self::pair(algorithm, &pkcs8, encoding, decoding, public)
            }
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let pkcs8 = pair.to_pkcs8().unwrap().as_ref().to_vec();
                let public = pair.public_key().as_ref();
                let encoding = EncodingKey::from_ed_der(&pkcs8);
                let decoding = DecodingKey::from_ed_der(public);
                Self::pair(algorithm, &pkcs8, encoding, decoding, public)
            }
            other => panic!("no benchmark of {other:?}"),
        }
    }

    /// A table where tokens name their key: this one is `k1`, and `other`, where the algorithm takes
    /// a set of keys, is `k2`.
    pub fn table_with_ids(&self, other: &Self) -> String {
        match self.algorithm {
            Algorithm::HS256 => format!("{}key_id = 'k1'\n", self.table),
            _ => set_table(self.algorithm, &[self.jwk("k1"), other.jwk("k2")]),
        }
    }

    /// The public key, or the secret, as a JSON Web Key.
    pub fn jwk(&self, id: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let material = self.material.as_slice();
        match self.algorithm {
            Algorithm::HS256 => json!({"kty": "oct", "kid": id, "k": text(material)}),
            Algorithm::RS256 => {
                let jwk = Jwk::from_encoding_key(&self.encoding, self.algorithm).unwrap();
                let mut jwk = serde_json::to_value(jwk).unwrap();
                jwk["kid"] = id.into();
                jwk
            }
            Algorithm::ES256 => {
                // SEC 1 section 2.3.3: an uncompressed point.
                let (x, y) = material[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": id, "x": text(x), "y": text(y)})
            }
            _ => json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": text(material)}),
        }
    }

    fn secret() -> Self {
        let mut secret = [0; 32];
        rand::fill(&mut secret).unwrap();
        Self {
            algorithm: Algorithm::HS256,
            decoding: DecodingKey::from_secret(&secret),
            encoding: EncodingKey::from_secret(&secret),
            material: secret.to_vec(),
            table: table("HS256", "secret_base64", &secret),
        }
    }

    fn pair(
        algorithm: Algorithm,
        pkcs8: &[u8],
        encoding: EncodingKey,
        decoding: DecodingKey,
        public: &[u8],
    ) -> Self {
        let table = table(&format!("{algorithm:?}"), "private_key", pkcs8);
        Self { algorithm, decoding, encoding, material: public.to_vec(), table }
    }
}

fn table(algorithm: &str, key: &str, bytes: &[u8]) -> String {
    format!(
        "[default.passport.jwt]\nalgorithm = '{algorithm}'\n{key} = '{}'\naudience = 'tidal-api'\n\
         expires_in = '4h'\n",
        STANDARD.encode(bytes)
    )
}

/// A table with a set of keys, public ones or secrets.
pub fn set_table(algorithm: Algorithm, keys: &[Value]) -> String {
    let key = if algorithm == Algorithm::HS256 { "private_jwks" } else { "jwks" };
    format!(
        "[default.passport.jwt]\nalgorithm = '{algorithm:?}'\n{key} = '{}'\n\
         audience = 'tidal-api'\nexpires_in = '4h'\n",
        json!({ "keys": keys })
    )
}

fn pem(tag: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|l| str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN {tag}-----\n{}\n-----END {tag}-----\n", lines.join("\n"))
}

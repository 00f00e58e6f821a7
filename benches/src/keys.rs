//! The keys of one algorithm, made for the run.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, ParsedPublicKey,
    RsaEncoding, RsaKeyPair, VerificationAlgorithm,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

/// Every algorithm that `jwt` signs with.
pub const ALGORITHMS: [Algorithm; 12] = [
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

/// Keys as each competitor takes them.
pub struct Keys {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// For jsonwebtoken, to verify with.
    pub decoding: DecodingKey,
    /// For jsonwebtoken, to sign with.
    pub encoding: EncodingKey,
    /// What the floor prepares its keys from: the secret, or the pair.
    material: Material,
    /// The table of `jwt`.
    pub table: String,
}

enum Material {
    Secret(Vec<u8>),
    Pair { pkcs8: Vec<u8>, public: Vec<u8> },
}

impl Material {
    fn verifying(&self) -> &[u8] {
        match self {
            Self::Secret(secret) => secret,
            Self::Pair { public, .. } => public,
        }
    }
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

/// A key that signs and needs no more work.
pub enum Signer {
    /// A secret.
    Hmac(Box<hmac::Key>),
    /// An RSA key of 2048 bits, and its padding.
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    /// A key of a NIST curve.
    Ecdsa(EcdsaKeyPair),
    /// An Ed25519 key.
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// Signs the message into `signature`, and says how long it became.
    pub fn sign(&self, message: &[u8], signature: &mut [u8; 256]) -> usize {
        let mut copy = |made: &[u8]| {
            signature[..made.len()].copy_from_slice(made);
            made.len()
        };
        let random = rand::SystemRandom::new();
        match self {
            Self::Hmac(key) => copy(hmac::sign(key, message).as_ref()),
            Self::Rsa(pair, padding) => {
                pair.sign(*padding, &random, message, signature).unwrap();
                signature.len()
            }
            Self::Ecdsa(pair) => copy(pair.sign(&random, message).unwrap().as_ref()),
            Self::Ed25519(pair) => copy(pair.sign(message).as_ref()),
        }
    }
}

/// What computes an algorithm's signatures.
enum Scheme {
    Hmac(hmac::Algorithm),
    Rsa(&'static dyn VerificationAlgorithm, &'static dyn RsaEncoding),
    Ecdsa(&'static dyn VerificationAlgorithm, &'static EcdsaSigningAlgorithm),
    Ed25519,
}

impl Scheme {
    fn of(algorithm: Algorithm) -> Self {
        use signature as s;
        match algorithm {
            Algorithm::HS256 => Self::Hmac(hmac::HMAC_SHA256),
            Algorithm::HS384 => Self::Hmac(hmac::HMAC_SHA384),
            Algorithm::HS512 => Self::Hmac(hmac::HMAC_SHA512),
            Algorithm::RS256 => Self::Rsa(&s::RSA_PKCS1_2048_8192_SHA256, &s::RSA_PKCS1_SHA256),
            Algorithm::RS384 => Self::Rsa(&s::RSA_PKCS1_2048_8192_SHA384, &s::RSA_PKCS1_SHA384),
            Algorithm::RS512 => Self::Rsa(&s::RSA_PKCS1_2048_8192_SHA512, &s::RSA_PKCS1_SHA512),
            Algorithm::PS256 => Self::Rsa(&s::RSA_PSS_2048_8192_SHA256, &s::RSA_PSS_SHA256),
            Algorithm::PS384 => Self::Rsa(&s::RSA_PSS_2048_8192_SHA384, &s::RSA_PSS_SHA384),
            Algorithm::PS512 => Self::Rsa(&s::RSA_PSS_2048_8192_SHA512, &s::RSA_PSS_SHA512),
            Algorithm::ES256 => {
                Self::Ecdsa(&s::ECDSA_P256_SHA256_FIXED, &s::ECDSA_P256_SHA256_FIXED_SIGNING)
            }
            Algorithm::ES384 => {
                Self::Ecdsa(&s::ECDSA_P384_SHA384_FIXED, &s::ECDSA_P384_SHA384_FIXED_SIGNING)
            }
            Algorithm::EdDSA => Self::Ed25519,
            other => panic!("no benchmark of {other:?}"),
        }
    }
}

impl Keys {
    /// The key to verify with, prepared once.
    pub fn prepared(&self) -> Prepared {
        match (Scheme::of(self.algorithm), &self.material) {
            (Scheme::Hmac(hash), Material::Secret(secret)) => {
                Prepared::Hmac(Box::new(hmac::Key::new(hash, secret)))
            }
            (Scheme::Rsa(verify, _) | Scheme::Ecdsa(verify, _), Material::Pair { public, .. }) => {
                Prepared::Public(Box::new(ParsedPublicKey::new(verify, public).unwrap()))
            }
            (Scheme::Ed25519, Material::Pair { public, .. }) => Prepared::Public(Box::new(
                ParsedPublicKey::new(&signature::ED25519, public).unwrap(),
            )),
            _ => unreachable!("a secret is of no pair"),
        }
    }

    /// The key to sign with, prepared once.
    pub fn signer(&self) -> Signer {
        match (Scheme::of(self.algorithm), &self.material) {
            (Scheme::Hmac(hash), Material::Secret(secret)) => {
                Signer::Hmac(Box::new(hmac::Key::new(hash, secret)))
            }
            (Scheme::Rsa(_, sign), Material::Pair { pkcs8, .. }) => {
                Signer::Rsa(RsaKeyPair::from_pkcs8(pkcs8).unwrap(), sign)
            }
            (Scheme::Ecdsa(_, sign), Material::Pair { pkcs8, .. }) => {
                Signer::Ecdsa(EcdsaKeyPair::from_pkcs8(sign, pkcs8).unwrap())
            }
            (Scheme::Ed25519, Material::Pair { pkcs8, .. }) => {
                Signer::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).unwrap())
            }
            _ => unreachable!("a secret is of no pair"),
        }
    }

    /// New keys.
    pub fn new(algorithm: Algorithm) -> Self {
        match Scheme::of(algorithm) {
            Scheme::Hmac(hash) => Self::secret(algorithm, hash),
            Scheme::Rsa(..) => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let pkcs8: Vec<u8> = pair.as_der().unwrap().as_ref().to_vec();
                let public = pair.public_key().as_ref();
                // jsonwebtoken takes PKCS#1 only as DER, and PKCS#8 as PEM.
                let encoding = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", &pkcs8).as_bytes());
                let decoding = DecodingKey::from_rsa_der(public);
                Self::pair(algorithm, &pkcs8, encoding.unwrap(), decoding, public)
            }
            Scheme::Ecdsa(_, sign) => {
                let pair = EcdsaKeyPair::generate(sign).unwrap();
                let pkcs8 = pair.to_pkcs8v1().unwrap().as_ref().to_vec();
                let public = pair.public_key().as_ref();
                let encoding = EncodingKey::from_ec_der(&pkcs8);
                let decoding = DecodingKey::from_ec_der(public);
                Self::pair(algorithm, &pkcs8, encoding, decoding, public)
            }
            Scheme::Ed25519 => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let pkcs8 = pair.to_pkcs8().unwrap().as_ref().to_vec();
                let public = pair.public_key().as_ref();
                let encoding = EncodingKey::from_ed_der(&pkcs8);
                let decoding = DecodingKey::from_ed_der(public);
                Self::pair(algorithm, &pkcs8, encoding, decoding, public)
            }
        }
    }

    /// A table where tokens name their key: this one is `k1`, and `other`, where the algorithm
    /// takes a set of keys, is `k2`.
    pub fn table_with_ids(&self, other: &Self) -> String {
        match self.algorithm {
            Algorithm::HS256 => format!("{}key_id = 'k1'\n", self.table),
            _ => set_table(self.algorithm, &[self.jwk("k1"), other.jwk("k2")]),
        }
    }

    /// The public key, or the secret, as a JSON Web Key.
    pub fn jwk(&self, id: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let material = self.material.verifying();
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
            Algorithm::EdDSA => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": text(material)})
            }
            other => panic!("no benchmark with a JSON Web Key of {other:?}"),
        }
    }

    fn secret(algorithm: Algorithm, hash: hmac::Algorithm) -> Self {
        let mut secret = vec![0; hash.tag_len()];
        rand::fill(&mut secret).unwrap();
        Self {
            algorithm,
            decoding: DecodingKey::from_secret(&secret),
            encoding: EncodingKey::from_secret(&secret),
            table: table(&format!("{algorithm:?}"), "secret_base64", &secret),
            material: Material::Secret(secret),
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
        let material = Material::Pair { pkcs8: pkcs8.to_vec(), public: public.to_vec() };
        Self { algorithm, decoding, encoding, material, table }
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

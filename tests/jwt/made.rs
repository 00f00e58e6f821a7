//! Key pairs as somebody else makes them: the sets they stand in, and tokens that they sign.

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};

use super::*;

/// A key pair, in both of its halves.
pub(super) struct Made {
    pub(super) public: Value,
    pub(super) private: Value,
    algorithm: Algorithm,
    encoding: EncodingKey,
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn es256(id: &str) -> Made {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let public = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": id, "x": base64url(x), "y": base64url(y),
    });
    let private = pair.private_key().as_be_bytes().unwrap();
    let encoding = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    Made {
        private: with(&public, "d", json!(base64url(private.as_ref()))),
        public,
        algorithm: Algorithm::ES256,
        encoding,
    }
}

pub(super) fn ed25519(id: &str) -> Made {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": id,
        "x": base64url(pair.public_key().as_ref()),
    });
    let seed = pair.seed().unwrap().as_be_bytes().unwrap();
    let encoding = EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref());
    Made {
        private: with(&public, "d", json!(base64url(seed.as_ref()))),
        public,
        algorithm: Algorithm::EdDSA,
        encoding,
    }
}

/// A secret, which has no public half.
pub(super) fn hs256(id: &str, secret: &str) -> Made {
    let private = json!({ "kty": "oct", "alg": "HS256", "kid": id, "k": base64url(secret) });
    let encoding = EncodingKey::from_secret(secret.as_bytes());
    Made { public: Value::Null, private, algorithm: Algorithm::HS256, encoding }
}

pub(super) fn with(jwk: &Value, name: &str, value: Value) -> Value {
    let mut jwk = jwk.clone();
    jwk[name] = value;
    jwk
}

impl Made {
    /// A token of `ada` that names its key.
    pub(super) fn token(&self) -> String {
        self.token_with(&json!({}))
    }

    /// The same with more claims, or others.
    pub(super) fn token_with(&self, more: &Value) -> String {
        self.named(self.private["kid"].as_str(), more)
    }

    /// The same under the name of another key, or of none.
    pub(super) fn named(&self, id: Option<&str>, more: &Value) -> String {
        let mut claims = json!({ "name": "ada", "exp": NOW + 60 });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = JoseHeader { kid: id.map(str::to_owned), ..JoseHeader::new(self.algorithm) };
        self.signed(&header, &claims)
    }

    /// A token of exactly these claims.
    pub(super) fn signed(&self, header: &JoseHeader, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.encoding).unwrap()
    }

    /// A token of exactly these texts.
    pub(super) fn sealed(&self, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", base64url(header), base64url(payload));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.encoding, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

/// A set as text.
pub(super) fn set<'k>(keys: impl IntoIterator<Item = &'k Value>) -> String {
    json!({ "keys": keys.into_iter().collect::<Vec<_>>() }).to_string()
}

/// A file of these tests with this content.
pub(super) fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("jwt/made");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), content).unwrap();
    folder.join(name).display().to_string()
}

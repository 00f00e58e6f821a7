//! What is read of JSON Web Keys, and what is not.

mod members;
mod private;
mod published;
mod sets;
mod table;

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::algorithm::{ALL, Algorithm, Algorithms};
use super::*;

/// A key pair in both of its halves, or a secret.
struct Made {
    public: Value,
    private: Value,
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The integers of a DER structure, however deep they are.
fn integers(der: &[u8]) -> Vec<Vec<u8>> {
    let (Some(&tag), Some(&first)) = (der.first(), der.get(1)) else { return Vec::new() };
    let (head, length) = match usize::from(first) {
        short @ ..0x80 => (2, short),
        long => {
            let bytes = &der[2..2 + (long & 0x7f)];
            (2 + bytes.len(), bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
        }
    };
    let (content, rest) = der[head..].split_at(length);
    let mut found = match tag {
        0x02 => vec![content.iter().copied().skip_while(|byte| *byte == 0).collect()],
        0x30 | 0x04 => integers(content),
        0x03 => integers(&content[1..]),
        _ => Vec::new(),
    };
    found.extend(integers(rest));
    found
}

fn rsa_of(pem: &str) -> Made {
    let numbers: Vec<String> = integers(pem::parse(pem).unwrap().contents())
        .into_iter()
        .filter(|number| !number.is_empty())
        .map(base64url)
        .collect();
    let public = json!({ "kty": "RSA", "n": numbers[0], "e": numbers[1] });
    let mut private = public.clone();
    for (name, number) in ["d", "p", "q", "dp", "dq", "qi"].iter().zip(&numbers[2..]) {
        private[*name] = json!(number);
    }
    Made { public, private }
}

fn rsa() -> Made {
    rsa_of(include_str!("../testdata/rsa-pkcs8.pem"))
}

fn ec(curve: &str) -> Made {
    let algorithm: &'static EcdsaSigningAlgorithm = match curve {
        "P-256" => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        "P-384" => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        "P-521" => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
        _ => &signature::ECDSA_P256K1_SHA256_FIXED_SIGNING,
    };
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
    let public = json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) });
    let mut private = public.clone();
    private["d"] = json!(base64url(pair.private_key().as_be_bytes().unwrap().as_ref()));
    Made { public, private }
}

fn ed25519() -> Made {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref()) });
    let mut private = public.clone();
    private["d"] = json!(base64url(pair.seed().unwrap().as_be_bytes().unwrap().as_ref()));
    Made { public, private }
}

/// A key of a curve that we do not know.
fn okp(curve: &str) -> Made {
    let public = json!({ "kty": "OKP", "crv": curve, "x": base64url([9; 57]) });
    let mut private = public.clone();
    private["d"] = json!(base64url([7; 57]));
    Made { public, private }
}

const SECRET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/// A secret has no public half.
fn oct() -> Value {
    json!({ "kty": "oct", "k": base64url(SECRET) })
}

/// `jwk` with more members, or others.
fn with(jwk: &Value, members: &Value) -> Value {
    let mut jwk = jwk.clone();
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

fn read_text(text: &str, allowed: &[Algorithm], holds: Holds) -> Result<JwkSet, Unfit> {
    JwkSet::read(text.as_bytes(), &Algorithms::from(allowed.to_vec()), holds)
}

fn read(keys: &[Value], allowed: &[Algorithm], holds: Holds) -> Result<JwkSet, Unfit> {
    read_text(&json!({ "keys": keys }).to_string(), allowed, holds)
}

/// What became of one entry.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Key(&'static str),
    Ignored(String),
    Broken(String),
    Refused(String),
}

fn fate(jwk: &Value, allowed: &[Algorithm], holds: Holds) -> Fate {
    let set = match read(std::slice::from_ref(jwk), allowed, holds) {
        Ok(set) => set,
        Err(unfit) => return Fate::Refused(unfit.problem.into_owned()),
    };
    let problem = |entries: Vec<Entry>| entries[0].unfit.problem.clone().into_owned();
    match (set.keys.as_slice(), set.ignored.len(), set.broken.len()) {
        ([key], 0, 0) => Fate::Key(key.keys.algorithm),
        ([], 1, 0) => Fate::Ignored(problem(set.ignored)),
        ([], 0, 1) => Fate::Broken(problem(set.broken)),
        other => panic!("one entry became {other:?}"),
    }
}

/// The entry is wrong, and the operator is told why and what to do, without a value of it.
#[track_caller]
fn assert_broken(jwk: &Value, allowed: &[Algorithm], holds: Holds, problem: &str) {
    let set = read(std::slice::from_ref(jwk), allowed, holds).unwrap();
    assert!(set.keys.is_empty() && set.ignored.is_empty(), "{set:?}");
    let unfit = &set.broken[0].unfit;
    assert_eq!(unfit.problem, problem);
    assert!(!unfit.remedy.is_empty(), "no remedy: {problem}");
    assert_silent(jwk, &format!("{set:?}"));
}

/// Nothing of the numbers of a key stands in `text`.
#[track_caller]
fn assert_silent(jwk: &Value, text: &str) {
    for name in ["n", "x", "y", "k", "d", "p", "q", "dp", "dq", "qi"] {
        if let Some(value) = jwk[name].as_str().filter(|value| value.len() > 3) {
            assert!(!text.contains(value), "`{name}` stands in {text}");
        }
    }
}

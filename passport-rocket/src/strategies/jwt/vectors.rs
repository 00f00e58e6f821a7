//! The keys and signatures that the RFCs give as examples, one assertion for each.
//!
//! They are asked beneath the configuration, which refuses every key whose private half stands in a
//! document; that it does is asked too. `testdata/rfc-vectors.json` has them as the RFCs print
//! them, without line breaks.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use serde::Deserialize;
use serde_json::{Value, json};

use super::accepted::Accepted;
use super::algorithm::{ALL, Algorithm, Algorithms, Mechanism, Scheme};
use super::claims::Expected;
use super::compact::Compact;
use super::jwk::{Holds, JwkSet};
use super::key::{SigningKey, VerifyingKey};
use super::keys::{Verifying, prepare_public};
use super::material::{Unfit, base64};
use super::provided::Key;
use super::rejection::Rejection;
use super::verifier::Verifier;

#[derive(Deserialize)]
struct Vectors {
    signed: Vec<Signed>,
    keys: Vec<Printed>,
}

/// A token and the key that verifies it.
#[derive(Deserialize)]
struct Signed {
    source: String,
    algorithm: String,
    key: Jwk,
    token: String,
}

/// A key that is printed in an RFC.
#[derive(Deserialize)]
struct Printed {
    source: String,
    key: Value,
}

impl Printed {
    fn jwk(&self) -> Jwk {
        Jwk::deserialize(&self.key).unwrap()
    }
}

#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    crv: Option<String>,
    k: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("testdata/rfc-vectors.json")).unwrap()
}

fn bytes(member: Option<&String>) -> Vec<u8> {
    base64(member.unwrap()).unwrap().to_vec()
}

impl Jwk {
    /// An algorithm that takes such a key; the last for curves that none takes.
    fn algorithm(&self) -> Algorithm {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => Algorithm::RS256,
            ("EC", Some("P-256")) => Algorithm::ES256,
            ("EC", Some("P-384" | "P-521")) => Algorithm::ES384,
            ("OKP", Some("Ed25519")) => Algorithm::EdDSA,
            other => panic!("{other:?}"),
        }
    }

    fn rsa(&self) -> PublicKeyComponents<Vec<u8>> {
        PublicKeyComponents { n: bytes(self.n.as_ref()), e: bytes(self.e.as_ref()) }
    }

    /// SEC 1 section 2.3.3: an uncompressed point.
    fn point(&self) -> Vec<u8> {
        [&[4][..], &bytes(self.x.as_ref()), &bytes(self.y.as_ref())].concat()
    }

    pub(super) fn prepare(&self, scheme: Scheme) -> Result<(VerifyingKey, Vec<u8>), Unfit> {
        match (scheme.mechanism, self.kty.as_str()) {
            (Mechanism::Hmac(hash), "oct") => {
                let secret = bytes(self.k.as_ref());
                Ok((VerifyingKey::Hmac(Box::new(hmac::Key::new(hash, &secret))), Vec::new()))
            }
            (_, "RSA") => prepare_public(scheme, self.rsa().as_der().unwrap().as_ref()),
            (_, "EC") => prepare_public(scheme, &self.point()),
            (_, "OKP") => prepare_public(scheme, &bytes(self.x.as_ref())),
            (_, kind) => panic!("{} and {kind}", scheme.name),
        }
    }

    /// The private half, as far as it is printed.
    fn signing(&self, scheme: Scheme) -> Option<SigningKey> {
        let private = bytes(Some(self.d.as_ref()?));
        Some(match scheme.mechanism {
            Mechanism::Hmac(_) => panic!("a secret has no halves"),
            Mechanism::Rsa { sign, .. } => {
                let components = KeyPairComponents {
                    public_key: self.rsa(),
                    d: private,
                    p: bytes(self.p.as_ref()),
                    q: bytes(self.q.as_ref()),
                    dP: bytes(self.dp.as_ref()),
                    dQ: bytes(self.dq.as_ref()),
                    qInv: bytes(self.qi.as_ref()),
                };
                let pair = RsaKeyPair::from_components(&components).unwrap();
                SigningKey::Rsa { pair: Box::new(pair), encoding: sign }
            }
            Mechanism::Ecdsa { sign, .. } => {
                let pair =
                    EcdsaKeyPair::from_private_key_and_public_key(sign, &private, &self.point());
                SigningKey::Ecdsa(Box::new(pair.unwrap()))
            }
            Mechanism::Ed25519 => {
                let public = bytes(self.x.as_ref());
                let pair = Ed25519KeyPair::from_seed_and_public_key(&private, &public).unwrap();
                SigningKey::Ed25519(Box::new(pair))
            }
        })
    }
}

impl Signed {
    /// Its scheme; `None` where the algorithm is none of ours.
    fn scheme(&self) -> Option<Scheme> {
        let named = |algorithm: &Algorithm| format!("{algorithm:?}") == self.algorithm;
        ALL.into_iter().find(named).map(|algorithm| Scheme::of(algorithm).unwrap())
    }

    fn verifies(&self, scheme: Scheme, message: &str, signature: &[u8]) -> bool {
        let (key, _) = self.key.prepare(scheme).unwrap();
        key.verify(message.as_bytes(), signature)
    }
}

// RFC 7515 appendix A, RFC 7520 section 4, RFC 7797 section 4.1, RFC 8037 appendix A.4 and RFC 9449
// sections 4.1 and 7.1. ES512 is not among our algorithms.
#[test]
fn every_signature_is_verified() {
    let (mut valid, mut foreign) = (0, 0);
    let vectors = vectors().signed;
    for vector in &vectors {
        let source = &vector.source;
        let Some(scheme) = vector.scheme() else {
            assert_eq!(vector.algorithm, "ES512", "{source}");
            foreign += 1;
            continue;
        };
        let compact = Compact::split(&vector.token, 8192).unwrap();
        let signature = base64(compact.signature).unwrap();
        assert!(vector.verifies(scheme, compact.message, &signature), "{source}");
        valid += 1;

        let another = format!("{}x", compact.message);
        assert!(!vector.verifies(scheme, &another, &signature), "{source}");
        for place in 0..signature.len() {
            let mut altered = signature.to_vec();
            altered[place] ^= 1;
            assert!(!vector.verifies(scheme, compact.message, &altered), "{source} {place}");
        }
        let (_, cut) = signature.split_first().unwrap();
        assert!(!vector.verifies(scheme, compact.message, cut), "{source}");
        // R02: the same key, asked for another algorithm.
        let others = ALL.into_iter().filter_map(Scheme::of).filter(|other| {
            other.mechanism.kind() == scheme.mechanism.kind() && other.name != scheme.name
        });
        for other in others {
            let verifies = vector.verifies(other, compact.message, &signature);
            assert!(!verifies, "{source} {}", other.name);
        }
    }
    println!("RFC signatures: {} vectors, {valid} verified, {foreign} of ES512", vectors.len());
    assert_eq!((valid, foreign), (10, 2));
}

// RFC 7515 to 7517, 7520 and 8037: every key pair that is printed signs what its public half
// verifies. P-521 passes for none of our curves.
#[test]
fn every_printed_key_pair_signs_what_its_public_half_verifies() {
    let (mut pairs, mut public_only, mut foreign) = (0, 0, 0);
    let vectors = vectors().keys;
    for printed in &vectors {
        let (source, key) = (&printed.source, printed.jwk());
        if key.kty == "oct" {
            continue;
        }
        if key.crv.as_deref() == Some("P-521") {
            for algorithm in ALL.into_iter().filter(|algorithm| !is_hmac(*algorithm)) {
                let prepared = key.prepare(Scheme::of(algorithm).unwrap());
                assert!(prepared.is_err(), "{source} {algorithm:?}");
            }
            foreign += 1;
            continue;
        }
        let scheme = Scheme::of(key.algorithm()).unwrap();
        let (verifying, _) = key.prepare(scheme).unwrap();
        match key.signing(scheme) {
            Some(signing) => {
                let signature = signing.sign(b"message").unwrap();
                assert!(verifying.verify(b"message", &signature), "{source}");
                assert!(!verifying.verify(b"massage", &signature), "{source}");
                pairs += 1;
            }
            None => public_only += 1,
        }
    }
    println!(
        "RFC key pairs: {} keys, {pairs} pairs sign and verify, {public_only} public halves are \
         read, {foreign} of P-521 are not",
        vectors.len()
    );
    assert_eq!((pairs, public_only, foreign), (13, 6, 3));
}

fn is_hmac(algorithm: Algorithm) -> bool {
    matches!(Scheme::of(algorithm).unwrap().mechanism, Mechanism::Hmac(_))
}

/// What a set of one key comes to, in a word and why.
fn outcome(key: &Value, allowed: Algorithm, holds: Holds) -> (&'static str, String) {
    let text = json!({ "keys": [key] }).to_string();
    match JwkSet::read(text.as_bytes(), &Algorithms::from(vec![allowed]), holds) {
        Err(unfit) => ("refused", unfit.problem.into_owned()),
        Ok(set) => match (set.keys.as_slice(), set.ignored.as_slice(), set.broken.as_slice()) {
            ([_], [], []) => ("taken", String::new()),
            ([], [entry], []) => ("ignored", entry.unfit.problem.clone().into_owned()),
            ([], [], [entry]) => ("broken", entry.unfit.problem.clone().into_owned()),
            _ => panic!("{set:?}"),
        },
    }
}

// R16, trap 12: of all keys that are printed, a configuration takes those alone that nobody but
// their owner can sign with. Each is also tried without `use` and `alg`, which mostly forbid it
// already.
#[test]
fn no_configuration_takes_a_key_that_is_printed_whole() {
    let vectors = vectors().keys;
    let (mut taken, mut refused) = (Vec::new(), 0);
    for printed in &vectors {
        let (source, jwk) = (&printed.source, printed.jwk());
        let algorithm = if jwk.kty == "oct" { Algorithm::HS256 } else { jwk.algorithm() };
        let is_private = jwk.d.is_some() || jwk.k.is_some();
        if is_private {
            let (word, why) = outcome(&printed.key, algorithm, Holds::Public);
            assert_eq!(word, "refused", "{source}");
            assert!(why.ends_with("holds a private member"), "{source}: {why}");
        }
        let holds = if is_private { Holds::Private } else { Holds::Public };
        let mut bare = printed.key.clone();
        for name in ["use", "alg", "key_ops"] {
            bare.as_object_mut().unwrap().remove(name);
        }
        let (word, why) = outcome(&bare, algorithm, holds);
        let expected = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            (_, Some("P-521")) => ("ignored", "of a type that no algorithm here takes"),
            ("oct", _) if source.ends_with("A.3") && why.starts_with("too short") => {
                ("broken", "too short: HS256 needs 32 bytes")
            }
            _ if word == "taken" => ("taken", ""),
            _ => ("broken", "published in RFC "),
        };
        assert_eq!(word, expected.0, "{source}: {why}");
        assert!(why.starts_with(expected.1), "{source}: {why}");
        let (as_printed, why) = outcome(&printed.key, algorithm, holds);
        match word {
            "taken" => taken.push(source.as_str()),
            _ => {
                assert_ne!(as_printed, "taken", "{source}: {why}");
                refused += 1;
            }
        }
    }
    println!("RFC keys in a set: {} keys, {refused} not taken, {taken:?} taken", vectors.len());
    assert_eq!(taken, ["RFC 7517 appendix B", "RFC 9449 section 4.1"]);
}

/// Accepts whatever the key of a vector has signed.
fn verifier(scheme: Scheme, key: VerifyingKey) -> Verifier {
    let key = Key::new(Verifying { algorithm: scheme.name, key }, None);
    Verifier::of(key, Expected::default())
}

/// What the vector of `source` is at `seconds`, with its own key.
fn judge(source: &str, seconds: u64) -> Result<Value, Rejection> {
    let vectors = vectors().signed;
    let vector = vectors.iter().find(|vector| vector.source == source).unwrap();
    let scheme = vector.scheme().unwrap();
    let (key, _) = vector.key.prepare(scheme).unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    verifier(scheme, key).verify(&vector.token, now).map(Accepted::into_claims)
}

// RFC 7515 appendix A.1 to A.3, the first of them RFC 7519 section 3.1.
#[test]
fn the_tokens_of_the_rfcs_are_accepted_in_their_time() {
    let ends = 1_300_819_380;
    let claims = json!({ "iss": "joe", "exp": ends, "http://example.com/is_root": true });
    for appendix in ["A.1", "A.2", "A.3"] {
        let source = format!("RFC 7515 appendix {appendix}");
        assert_eq!(judge(&source, ends - 1), Ok(claims.clone()), "{source}");
        let ago = Duration::ZERO;
        assert_eq!(judge(&source, ends), Err(Rejection::Expired { ago }), "{source}");
    }
}

// What is rightly signed need not be a token for us: RFC 7519 section 7.2 wants claims, and RFC
// 8725 section 3.11 a type.
#[test]
fn what_is_signed_and_no_token_is_refused() {
    for source in [
        "RFC 7520 section 4.1",
        "RFC 7520 section 4.2",
        "RFC 7520 section 4.4",
        "RFC 7797 section 4.1",
        "RFC 8037 appendix A.4",
    ] {
        assert_eq!(judge(source, 0), Err(Rejection::NotAnObject), "{source}");
    }
    for source in ["RFC 9449 section 4.1", "RFC 9449 section 7.1"] {
        assert_eq!(judge(source, 1_562_262_616), Err(Rejection::Type), "{source}");
    }
}

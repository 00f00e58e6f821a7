//! The keys and signatures that the RFCs give as examples, one assertion for each.
//!
//! They are asked beneath the configuration, which refuses every key whose private half stands in a
//! document; that it does is asked too. `testdata/rfc-vectors.json` has them as the RFCs print them,
//! without line breaks.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use serde::Deserialize;
use serde_json::{Value, json};

use super::algorithm::{ALL, Algorithm, Mechanism, Scheme};
use super::claims::Expected;
use super::compact::Compact;
use super::header::{Policy, Types};
use super::key::{SigningKey, VerifyingKey};
use super::keys::{Keys, prepare_public};
use super::material::{Unfit, base64};
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
    key: Jwk,
}

#[derive(Deserialize)]
struct Jwk {
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

    fn prepare(&self, scheme: Scheme) -> Result<(VerifyingKey, Vec<u8>), Unfit> {
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
            other.mechanism.key_kind() == scheme.mechanism.key_kind() && other.name != scheme.name
        });
        for other in others {
            let verifies = vector.verifies(other, compact.message, &signature);
            assert!(!verifies, "{source} {}", other.name);
        }
    }
    println!("RFC signatures: {} vectors, {valid} verified, {foreign} of ES512", vectors.len());
    assert_eq!((valid, foreign), (10, 2));
}

// RFC 7515 appendix A.4 and RFC 7520 section 4.3: another curve passes for none of ours.
#[test]
fn a_key_of_p521_is_none_of_ours() {
    let ours = |vector: &Printed| vector.key.crv.as_deref() != Some("P-521");
    let vectors = vectors().keys;
    let foreign: Vec<_> = vectors.iter().filter(|vector| !ours(vector)).collect();
    assert_eq!(foreign.len(), 3);
    for vector in foreign {
        for algorithm in [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA, Algorithm::RS256] {
            let prepared = vector.key.prepare(Scheme::of(algorithm).unwrap());
            assert!(prepared.is_err(), "{} {algorithm:?}", vector.source);
        }
    }
}

// RFC 7515 to 7517, 7520 and 8037: every key pair that is printed signs what its public half
// verifies, and no configuration takes it (trap 12).
#[test]
fn every_printed_key_works_and_is_refused_by_configuration() {
    let (mut pairs, mut public_only, mut secrets, mut foreign) = (0, 0, 0, 0);
    let vectors = vectors().keys;
    let is_printed_whole = |spki: &[u8]| {
        vectors.iter().filter(|other| other.key.d.is_some() && other.key.kty != "oct").any(
            |other| {
                let scheme = Scheme::of(other.key.algorithm()).unwrap();
                other.key.prepare(scheme).is_ok_and(|(_, whole)| whole == spki)
            },
        )
    };
    for Printed { source, key } in &vectors {
        if key.kty == "oct" {
            let problem = Keys::from_secret(Algorithm::HS256, &bytes(key.k.as_ref())).unwrap_err();
            let expected = ["published in RFC", "too short: HS256 needs 32 bytes"];
            let is_expected = expected.iter().any(|start| problem.problem.starts_with(start));
            assert!(is_expected, "{source}: {}", problem.problem);
            secrets += 1;
            continue;
        }
        if key.crv.as_deref() == Some("P-521") {
            foreign += 1;
            continue;
        }
        let algorithm = key.algorithm();
        let scheme = Scheme::of(algorithm).unwrap();
        let (verifying, spki) = key.prepare(scheme).unwrap();
        match key.signing(scheme) {
            Some(signing) => {
                let signature = signing.sign(b"message").unwrap();
                assert!(verifying.verify(b"message", &signature), "{source}");
                assert!(!verifying.verify(b"massage", &signature), "{source}");
                pairs += 1;
            }
            None => public_only += 1,
        }
        let configured = Keys::from_public_pem(algorithm, &pem("PUBLIC KEY", &spki));
        match is_printed_whole(&spki) {
            true => {
                let problem = configured.unwrap_err().problem;
                assert!(problem.starts_with("published in RFC"), "{source}: {problem}");
            }
            // Nobody but its owner can sign with it.
            false => assert!(configured.is_ok(), "{source}"),
        }
    }
    println!(
        "RFC keys: {} vectors, {pairs} pairs, {public_only} public halves, {secrets} secrets, \
         {foreign} of P-521",
        vectors.len()
    );
    assert_eq!((pairs, public_only, secrets, foreign), (13, 6, 5, 3));
}

fn pem(tag: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(tag, der))
}

/// Accepts whatever the key of a vector has signed.
fn verifier(scheme: Scheme, key: VerifyingKey) -> Verifier {
    Verifier {
        key,
        header: Policy::new(scheme.name, None, Types::default()),
        expected: Expected::default(),
        max_token_size: 8192,
    }
}

/// What the vector of `source` is at `seconds`, with its own key.
fn judge(source: &str, seconds: u64) -> Result<Value, Rejection> {
    let vectors = vectors().signed;
    let vector = vectors.iter().find(|vector| vector.source == source).unwrap();
    let scheme = vector.scheme().unwrap();
    let (key, _) = vector.key.prepare(scheme).unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(seconds);
    verifier(scheme, key).verify(&vector.token, now).map(|accepted| accepted.claims)
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

// What is rightly signed need not be a token for us: RFC 7519 section 7.2 wants claims, and RFC 8725
// section 3.11 a type.
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

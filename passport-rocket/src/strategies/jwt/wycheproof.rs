//! The public vectors of Project Wycheproof, one assertion for each: signatures that are nearly
//! right, which some library has accepted once. No registry has its files of whole tokens, so they
//! are those of each algorithm, with the keys as JSON Web Keys.
//!
//! They are read when the test runs, since the published package leaves them out for their size.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::algorithm::{ALL, Algorithm, Algorithms, Mechanism, Scheme};
use super::jwk::{Holds, JwkSet};
use super::key::VerifyingKey;
use super::material::base64;
use super::vectors::Jwk;

/// One key, and what is said to be signed by it: number, message, signature, result.
#[derive(Deserialize)]
struct Group {
    algorithm: String,
    key: Value,
    tests: Vec<(u32, String, String, String)>,
}

fn groups() -> Vec<Group> {
    let path = "src/strategies/jwt/testdata/wycheproof.jsonl";
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    let text = text.expect("the vectors are in the repository, not in the package");
    let groups = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap());
    groups.collect()
}

fn algorithm(name: &str) -> Algorithm {
    ALL.into_iter().find(|algorithm| format!("{algorithm:?}") == name).unwrap()
}

/// As a configuration reads it.
fn configured(key: &Value, algorithm: Algorithm) -> Result<VerifyingKey, String> {
    let holds = if key["kty"] == "oct" { Holds::Private } else { Holds::Public };
    let text = json!({ "keys": [key] }).to_string();
    let mut set = JwkSet::read(text.as_bytes(), &Algorithms::from(vec![algorithm]), holds).unwrap();
    match set.keys.pop() {
        Some(identified) => Ok(identified.keys.verifying),
        None => Err(set.broken.pop().unwrap().unfit.problem.into_owned()),
    }
}

#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
    acceptable: usize,
}

// R02, R07: RFC 7518 sections 3.2 to 3.5, RFC 8037 section 3.1.
#[test]
fn no_signature_is_verified_that_is_not_valid() {
    let mut tallies = BTreeMap::<String, Tally>::new();
    let mut refused = 0;
    for Group { algorithm: name, key, tests } in groups() {
        let algorithm = algorithm(&name);
        let scheme = Scheme::of(algorithm).unwrap();
        let verifying = configured(&key, algorithm).unwrap_or_else(|problem| {
            // Weak and published keys are refused at launch; their vectors are asked beneath.
            let is_secret = matches!(scheme.mechanism, Mechanism::Hmac(_));
            let refusals: &[&str] = match is_secret {
                true => &["too short", "too regular"],
                false => &["published in RFC 8037"],
            };
            let is_refusal = refusals.iter().any(|refusal| problem.starts_with(refusal));
            assert!(is_refusal, "{name} {key}: {problem}");
            refused += 1;
            Jwk::deserialize(&key).unwrap().prepare(scheme).unwrap().0
        });
        let tally = tallies.entry(name.clone()).or_default();
        for (id, message, signature, result) in tests {
            let [message, signature] = [message, signature].map(|text| base64(&text).unwrap());
            let is_verified = verifying.verify(&message, &signature);
            match (result.as_str(), is_verified) {
                ("valid", true) => tally.valid += 1,
                ("invalid", false) => tally.invalid += 1,
                // Number 8 for PKCS#1, a hash without the NULL behind its name: RFC 8017 appendix
                // A.2.4 wants it there.
                ("acceptable", false) if id == 8 => tally.acceptable += 1,
                (result, _) => panic!("{name} {id} is {result}, and verified: {is_verified}"),
            }
        }
    }
    for (name, Tally { valid, invalid, acceptable }) in &tallies {
        println!(
            "wycheproof {name}: {} vectors, {valid} valid and verified, {invalid} invalid and \
             {acceptable} merely acceptable refused",
            valid + invalid + acceptable
        );
    }
    println!("wycheproof: {refused} weak or published keys are refused by configuration");
    assert_eq!(tallies.len(), ALL.len());
    let total: usize = tallies.values().map(|tally| tally.valid + tally.invalid).sum();
    assert_eq!((total, refused), (2_155, 11));
}

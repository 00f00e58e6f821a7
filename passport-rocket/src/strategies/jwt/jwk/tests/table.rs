//! Trap 6 and R02: which key is a key for which algorithm.

use super::*;

/// Every type of key, in both of its halves, and the algorithms that take it.
fn types() -> Vec<(&'static str, Made, Vec<Algorithm>)> {
    use Algorithm::{
        ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
    };
    let unknown = json!({ "kty": "AKP", "pub": "AAAA" });
    vec![
        ("RSA", rsa(), vec![RS256, RS384, RS512, PS256, PS384, PS512]),
        ("P-256", ec("P-256"), vec![ES256]),
        ("P-384", ec("P-384"), vec![ES384]),
        ("P-521", ec("P-521"), vec![]),
        ("secp256k1", ec("secp256k1"), vec![]),
        ("Ed25519", ed25519(), vec![EdDSA]),
        ("X25519", okp("X25519"), vec![]),
        ("Ed448", okp("Ed448"), vec![]),
        ("oct", Made { public: Value::Null, private: oct() }, vec![HS256, HS384, HS512]),
        ("AKP", Made { public: unknown.clone(), private: unknown }, vec![]),
    ]
}

/// Each key as it may stand in a set: a secret has no public half.
fn halves(made: Made) -> Vec<(Value, Holds)> {
    let public = Some((made.public, Holds::Public)).filter(|(jwk, _)| !jwk.is_null());
    public.into_iter().chain([(made.private, Holds::Private)]).collect()
}

fn name(algorithm: Algorithm) -> String {
    format!("{algorithm:?}")
}

const NO_TYPE: &str = "of a type that no algorithm here takes";

#[test]
fn a_key_has_the_algorithm_that_it_names_if_that_takes_such_a_key() {
    for (kind, made, takers) in types() {
        for (jwk, holds) in halves(made) {
            for algorithm in ALL {
                let name = name(algorithm);
                let found = fate(&with(&jwk, &json!({ "alg": name })), &ALL, holds);
                let expected = match (takers.is_empty(), takers.contains(&algorithm)) {
                    (true, _) => Fate::Ignored(NO_TYPE.to_owned()),
                    (false, false) => Fate::Broken(format!("{name} does not take such a key")),
                    (false, true) => match found {
                        Fate::Key(found) => Fate::Key(found),
                        _ => panic!("{kind} is no key for {name}: {found:?}"),
                    },
                };
                assert_eq!(found, expected, "{kind} {name} {holds:?}");
                if let Fate::Key(found) = found {
                    assert_eq!(found, name);
                }
            }
        }
    }
}

#[test]
fn a_key_without_alg_has_the_one_algorithm_that_takes_it() {
    for (kind, made, takers) in types() {
        for (jwk, holds) in halves(made) {
            for algorithm in ALL {
                let found = fate(&jwk, &[algorithm], holds);
                match (takers.is_empty(), takers.contains(&algorithm)) {
                    (true, _) => assert_eq!(found, Fate::Ignored(NO_TYPE.to_owned()), "{kind}"),
                    (_, true) => match found {
                        Fate::Key(found) => assert_eq!(found, name(algorithm), "{kind}"),
                        _ => panic!("{kind} is no key for {algorithm:?}: {found:?}"),
                    },
                    (_, false) => {
                        let problem = "of a type that no configured algorithm takes";
                        assert_eq!(found, Fate::Ignored(problem.to_owned()), "{kind}");
                    }
                }
            }
            // Among all of them, which is meant is not guessed.
            match (takers.as_slice(), fate(&jwk, &ALL, holds)) {
                ([], found) => assert_eq!(found, Fate::Ignored(NO_TYPE.to_owned()), "{kind}"),
                ([only], Fate::Key(found)) => assert_eq!(found, name(*only), "{kind}"),
                ([_, _, ..], Fate::Broken(problem)) => assert_eq!(
                    problem,
                    "without `alg`, and several configured algorithms take such a key"
                ),
                (_, found) => panic!("{kind}: {found:?}"),
            }
        }
    }
}

// RFC 7517 section 5: others may have a use for it.
#[test]
fn a_key_for_an_algorithm_that_is_none_of_ours_is_ignored() {
    for (kind, made, takers) in types() {
        for (jwk, holds) in halves(made) {
            for name in ["RSA-OAEP", "ES512", "ES256K", "none", "dir", "hs256", "RS256 ", ""] {
                let problem = match takers.is_empty() {
                    true => NO_TYPE,
                    false => "for an algorithm that is not among ours",
                };
                let found = fate(&with(&jwk, &json!({ "alg": name })), &ALL, holds);
                assert_eq!(found, Fate::Ignored(problem.to_owned()), "{kind} {name}");
            }
        }
    }
}

// R01
#[test]
fn a_key_for_an_algorithm_that_is_not_configured_is_ignored() {
    for (kind, made, takers) in types() {
        for (jwk, holds) in halves(made) {
            for taker in &takers {
                let others: Vec<_> = ALL.into_iter().filter(|other| other != taker).collect();
                let found = fate(&with(&jwk, &json!({ "alg": name(*taker) })), &others, holds);
                let problem = "for an algorithm that is not configured";
                assert_eq!(found, Fate::Ignored(problem.to_owned()), "{kind} {taker:?}");
            }
        }
    }
}

#[test]
fn an_algorithm_that_is_configured_twice_is_still_one() {
    let twice = [Algorithm::RS256, Algorithm::RS256];
    assert_eq!(fate(&rsa().public, &twice, Holds::Public), Fate::Key("RS256"));
}

// RFC 7517 sections 4.2 and 4.3
#[test]
fn a_key_for_another_purpose_is_ignored() {
    let key = ec("P-256").public;
    for members in [
        json!({ "use": "sig" }),
        json!({ "key_ops": ["verify"] }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": ["encrypt", "verify"] }),
        json!({ "use": "sig", "key_ops": ["verify"] }),
        json!({ "use": null, "key_ops": null }),
    ] {
        assert_eq!(fate(&with(&key, &members), &ALL, Holds::Public), Fate::Key("ES256"));
    }
    for (members, member) in [
        (json!({ "use": "enc" }), "use"),
        (json!({ "use": "" }), "use"),
        (json!({ "use": "SIG" }), "use"),
        (json!({ "use": "enc", "key_ops": ["verify"] }), "use"),
        (json!({ "key_ops": [] }), "key_ops"),
        (json!({ "key_ops": ["encrypt", "wrapKey"] }), "key_ops"),
        (json!({ "key_ops": ["Verify"] }), "key_ops"),
        (json!({ "use": "sig", "key_ops": ["deriveKey"] }), "key_ops"),
    ] {
        let found = fate(&with(&key, &members), &ALL, Holds::Public);
        let problem = format!("not for signatures (`{member}`)");
        assert_eq!(found, Fate::Ignored(problem), "{members}");
    }
}

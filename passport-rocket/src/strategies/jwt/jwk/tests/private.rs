//! R16: what is private stays out of public sets, and private sets sign.

use super::*;

const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

#[track_caller]
fn assert_betrayed(keys: &[Value], name: &str) {
    let unfit = read(keys, &ALL, Holds::Public).unwrap_err();
    assert_eq!(unfit.problem, format!("{name} holds a private member"));
    assert!(unfit.remedy.contains("make a new key"), "{unfit:?}");
    for key in keys {
        assert_silent(key, &format!("{unfit:?}"));
    }
}

#[test]
fn one_private_member_refuses_a_whole_public_set() {
    let good = with(&ec("P-256").public, &json!({ "kid": "good" }));
    for key in [
        rsa().public,
        ec("P-256").public,
        ec("P-521").public,
        ed25519().public,
        okp("X25519").public,
        json!({ "kty": "oct" }),
        json!({ "kty": "AKP" }),
        json!({ "kty": "RSA", "use": "enc" }),
        json!({ "kty": "RSA", "alg": "none" }),
        json!({ "kty": "EC" }),
    ] {
        for member in PRIVATE {
            let private = with(&key, &json!({ member: "aHVudGVyMg" }));
            assert_betrayed(&[good.clone(), private.clone()], "keys[1]");
            assert_betrayed(&[private.clone(), good.clone()], "keys[0]");
            let named = with(&private, &json!({ "kid": "bad\nkey" }));
            assert_betrayed(&[good.clone(), named], "key `bad\\nkey`");
        }
    }
}

// A member betrays itself by its name, whatever else is wrong with the entry.
#[test]
fn a_private_member_refuses_the_set_even_in_an_entry_that_cannot_be_read() {
    for member in PRIVATE {
        for entry in [
            json!({ member: "aHVudGVyMg" }),
            json!({ "kty": 7, member: "aHVudGVyMg" }),
            json!({ "kty": "RSA", "e": 65537, member: "aHVudGVyMg" }),
            json!({ "kty": "RSA", "kid": 7, member: "aHVudGVyMg" }),
            json!({ "kty": "RSA", member: 7 }),
            json!({ "kty": "RSA", member: ["aHVudGVyMg"] }),
            json!({ "kty": "RSA", member: { "r": "aHVudGVyMg" } }),
            json!({ "kty": "RSA", member: "" }),
        ] {
            assert_betrayed(&[entry], "keys[0]");
        }
    }
}

#[test]
fn a_private_member_that_is_null_is_none() {
    for member in PRIVATE {
        let key = with(&ec("P-256").public, &json!({ member: null }));
        assert_eq!(fate(&key, &ALL, Holds::Public), Fate::Key("ES256"), "{member}");
    }
}

#[test]
fn a_public_key_has_no_place_in_a_private_set() {
    for (key, algorithm) in [
        (rsa().public, Algorithm::RS256),
        (ec("P-256").public, Algorithm::ES256),
        (ed25519().public, Algorithm::EdDSA),
        (json!({ "kty": "oct" }), Algorithm::HS256),
    ] {
        assert_broken(&key, &[algorithm], Holds::Private, "a public key");
    }
}

fn pairs() -> Vec<(Made, Algorithm)> {
    vec![
        (rsa(), Algorithm::RS256),
        (rsa_of(include_str!("../../testdata/rsa-pkcs1.pem")), Algorithm::PS384),
        (ec("P-256"), Algorithm::ES256),
        (ec("P-384"), Algorithm::ES384),
        (ed25519(), Algorithm::EdDSA),
    ]
}

fn one(jwk: &Value, algorithm: Algorithm, holds: Holds) -> Keys {
    let set = read(std::slice::from_ref(jwk), &[algorithm], holds).unwrap();
    set.keys.into_iter().next().unwrap_or_else(|| panic!("{algorithm:?}: {:?}", set.broken)).keys
}

#[test]
fn a_private_key_signs_what_its_public_half_verifies() {
    for (made, algorithm) in pairs() {
        let private = one(&made.private, algorithm, Holds::Private);
        let public = one(&made.public, algorithm, Holds::Public);
        assert!(public.signing.is_none());
        assert_eq!(private.identity, public.identity);
        let signature = private.signing.unwrap().sign(b"message").unwrap();
        for verifying in [private.verifying, public.verifying] {
            assert!(verifying.verify(b"message", &signature), "{algorithm:?}");
            assert!(!verifying.verify(b"massage", &signature), "{algorithm:?}");
        }
    }
    let secret = one(&oct(), Algorithm::HS512, Holds::Private);
    let signature = secret.signing.unwrap().sign(b"message").unwrap();
    assert!(secret.verifying.verify(b"message", &signature));
    assert_eq!(*secret.identity, SECRET);
}

// The other side of the road.
#[test]
fn agrees_with_jsonwebtoken() {
    use jsonwebtoken::DecodingKey;
    use jsonwebtoken::crypto::verify;
    use jsonwebtoken::jwk::Jwk;

    let secret = Made { public: oct(), private: oct() };
    for (made, algorithm) in pairs().into_iter().chain([(secret, Algorithm::HS384)]) {
        let theirs: Jwk = serde_json::from_value(made.public.clone()).unwrap();
        let theirs = DecodingKey::from_jwk(&theirs).unwrap();
        let ours = one(&made.private, algorithm, Holds::Private);
        let signature = base64url(ours.signing.unwrap().sign(b"message").unwrap());
        assert!(verify(&signature, b"message", &theirs, algorithm).unwrap(), "{algorithm:?}");
    }
}

#[test]
fn numbers_that_are_missing_or_malformed_are_named() {
    let whole: [(Made, Algorithm, &[&str]); 3] = [
        (rsa(), Algorithm::RS256, &["d", "p", "q", "dp", "dq", "qi"]),
        (ec("P-256"), Algorithm::ES256, &["d"]),
        (ed25519(), Algorithm::EdDSA, &["d"]),
    ];
    for (made, algorithm, names) in whole {
        for name in names {
            let right = made.private[*name].as_str().unwrap();
            let padded = with(&made.private, &json!({ *name: format!("{right}=") }));
            let problem = format!("`{name}` is not base64url");
            assert_broken(&padded, &[algorithm], Holds::Private, &problem);
            let number = with(&made.private, &json!({ *name: 7 }));
            assert_broken(&number, &[algorithm], Holds::Private, "not a JSON Web Key");
            if names.len() > 1 {
                let mut lacking = made.private.clone();
                lacking.as_object_mut().unwrap().remove(*name);
                let problem = format!("without `{name}`");
                assert_broken(&lacking, &[algorithm], Holds::Private, &problem);
            }
        }
    }
    let short = with(&ec("P-256").private, &json!({ "d": base64url([7; 31]) }));
    assert_broken(&short, &[Algorithm::ES256], Holds::Private, "`d` is not 32 bytes long");
    let long = with(&ed25519().private, &json!({ "d": base64url([7; 64]) }));
    assert_broken(&long, &[Algorithm::EdDSA], Holds::Private, "`d` is not 32 bytes long");
}

#[test]
fn numbers_that_belong_to_different_keys_make_no_key() {
    let problem = "numbers that make no key";
    let (one, other) = (ec("P-256"), ec("P-256"));
    let mixed = with(&one.private, &json!({ "d": other.private["d"] }));
    assert_broken(&mixed, &[Algorithm::ES256], Holds::Private, problem);
    for scalar in [[0; 32], [0xff; 32]] {
        let mixed = with(&one.private, &json!({ "d": base64url(scalar) }));
        assert_broken(&mixed, &[Algorithm::ES256], Holds::Private, problem);
    }
    let (one, other) = (ed25519(), ed25519());
    let mixed = with(&one.private, &json!({ "d": other.private["d"] }));
    assert_broken(&mixed, &[Algorithm::EdDSA], Holds::Private, problem);
    let (one, other) = (rsa(), rsa_of(include_str!("../../testdata/rsa1024-pkcs8.pem")));
    for name in ["d", "p", "q", "dp", "dq", "qi", "e"] {
        let value = match name {
            "e" => json!("Aw"),
            name => other.private[name].clone(),
        };
        let mixed = with(&one.private, &json!({ name: value }));
        assert_broken(&mixed, &[Algorithm::RS256], Holds::Private, problem);
    }
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        for value in ["", "AA", "AQ"] {
            let mixed = with(&one.private, &json!({ name: value }));
            assert_broken(&mixed, &[Algorithm::RS256], Holds::Private, problem);
        }
    }
}

#[test]
fn leading_zeros_of_private_numbers_change_nothing() {
    let key = rsa().private;
    let mut padded = key.clone();
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let bytes = super::super::base64url(key[name].as_str().unwrap()).unwrap();
        padded[name] = json!(base64url([&[0][..], &bytes].concat()));
    }
    let padded = one(&padded, Algorithm::RS256, Holds::Private);
    assert_eq!(padded.identity, one(&key, Algorithm::RS256, Holds::Private).identity);
}

#[test]
fn a_key_of_several_primes_is_refused() {
    let key = with(&rsa().private, &json!({ "oth": [{ "r": "AQ", "d": "AQ", "t": "AQ" }] }));
    let problem = "an RSA key with more than two primes";
    assert_broken(&key, &[Algorithm::RS256], Holds::Private, problem);
}

// O02
#[test]
fn nothing_of_a_key_is_in_debug() {
    for (made, algorithm) in pairs() {
        let set = read(std::slice::from_ref(&made.private), &[algorithm], Holds::Private).unwrap();
        assert_eq!(set.keys.len(), 1);
        assert_silent(&made.private, &format!("{set:?}"));
    }
}

//! The members of a key: what they have to look like, and what they have to be.

use super::*;

#[test]
fn what_is_no_key_is_broken() {
    let (rsa, ec) = (rsa().public, ec("P-256").public);
    for entry in [
        json!(null),
        json!(7),
        json!("RSA"),
        json!([]),
        json!({}),
        json!({ "kty": 7 }),
        json!({ "kty": null }),
        json!({ "kid": "a" }),
        with(&rsa, &json!({ "n": 7 })),
        with(&rsa, &json!({ "e": 65537 })),
        with(&rsa, &json!({ "kid": 7 })),
        with(&rsa, &json!({ "alg": ["RS256"] })),
        with(&rsa, &json!({ "use": ["sig"] })),
        with(&rsa, &json!({ "key_ops": "verify" })),
        with(&rsa, &json!({ "key_ops": [7] })),
        with(&ec, &json!({ "crv": 256 })),
        with(&ec, &json!({ "x": ["AA"] })),
        with(&ec, &json!({ "y": { "a": 1 } })),
    ] {
        assert_broken(&entry, &ALL, Holds::Public, "not a JSON Web Key");
    }
}

/// A list in the order of our members says what an object would, and a private member in it has no
/// name to betray it.
#[test]
fn a_list_is_no_key_whatever_is_in_it() {
    let of = |key: &Value| {
        Value::from_iter(
            ["kty", "kid", "alg", "use", "key_ops", "crv", "n", "e", "x", "y", "k", "d", "p"]
                .map(|name| key.get(name).cloned().unwrap_or_default())
                .into_iter()
                .chain([const { Value::Null }; 5]),
        )
    };
    let made = ec("P-256");
    for key in [rsa().public, made.public, made.private, ed25519().private, oct()] {
        for holds in [Holds::Public, Holds::Private] {
            assert_broken(&of(&key), &ALL, holds, "not a JSON Web Key");
        }
    }
}

#[test]
fn what_we_do_not_read_may_be_anything() {
    let key = with(
        &ec("P-256").public,
        &json!({ "x5c": 7, "x5u": [], "x5t": {}, "iat": 1, "nested": [{ "d": "not a member" }] }),
    );
    assert_eq!(fate(&key, &ALL, Holds::Public), Fate::Key("ES256"));
}

#[test]
fn a_member_that_is_missing_is_named() {
    for (made, names) in [
        (rsa(), &["n", "e"][..]),
        (ec("P-256"), &["x", "y"]),
        (ec("P-384"), &["x", "y"]),
        (ed25519(), &["x"]),
    ] {
        let allowed = [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
        for (jwk, holds) in [(&made.public, Holds::Public), (&made.private, Holds::Private)] {
            for name in names {
                let mut lacking = jwk.clone();
                lacking.as_object_mut().unwrap().remove(*name);
                assert_broken(&lacking, &allowed, holds, &format!("without `{name}`"));
                lacking[*name] = Value::Null;
                assert_broken(&lacking, &allowed, holds, &format!("without `{name}`"));
            }
        }
    }
    for kty in ["EC", "OKP"] {
        assert_broken(&json!({ "kty": kty }), &ALL, Holds::Public, "without `crv`");
    }
}

// RFC 7515 section 2: without padding, and in one spelling only.
#[test]
fn numbers_are_base64url() {
    for (made, names, allowed) in [
        (rsa(), &["n", "e"][..], Algorithm::RS256),
        (ec("P-256"), &["x", "y"], Algorithm::ES256),
        (ed25519(), &["x"], Algorithm::EdDSA),
    ] {
        for name in names {
            let right = made.public[*name].as_str().unwrap();
            for wrong in [
                format!("{right}="),
                format!("{right}=="),
                format!(" {right}"),
                format!("{right}\n"),
                format!("{right}+"),
                format!("{right}/"),
                "A".to_owned(),
                "AB".to_owned(),
                "\u{e9}".to_owned(),
            ] {
                let key = with(&made.public, &json!({ *name: wrong }));
                let problem = format!("`{name}` is not base64url");
                assert_broken(&key, &[allowed], Holds::Public, &problem);
            }
        }
    }
}

// RFC 7518 sections 6.2.1.2 and 6.2.1.3, RFC 8037 section 2
#[test]
fn coordinates_have_their_full_length() {
    for (made, names, algorithm, length) in [
        (ec("P-256"), &["x", "y"][..], Algorithm::ES256, 32),
        (ec("P-384"), &["x", "y"], Algorithm::ES384, 48),
        (ed25519(), &["x"], Algorithm::EdDSA, 32),
    ] {
        for name in names {
            let right = super::super::base64url(made.public[*name].as_str().unwrap()).unwrap();
            for wrong in [&right[1..], &right[..length - 1], &[&[0], &right[..]].concat(), &[]] {
                let key = with(&made.public, &json!({ *name: base64url(wrong) }));
                let problem = format!("`{name}` is not {length} bytes long");
                assert_broken(&key, &[algorithm], Holds::Public, &problem);
            }
        }
    }
}

#[test]
fn a_coordinate_with_leading_zeros_is_read() {
    let begins_with_zero = |key: &Value| {
        let first = |name: &str| super::super::base64url(key[name].as_str().unwrap()).unwrap()[0];
        first("x") == 0 || first("y") == 0
    };
    let mut keys = std::iter::repeat_with(|| ec("P-256").public).take(20_000);
    let key = keys.find(begins_with_zero).expect("one of 128 does");
    assert_eq!(fate(&key, &[Algorithm::ES256], Holds::Public), Fate::Key("ES256"));
}

// RFC 7518 section 2 forbids them, and some write them all the same.
#[test]
fn leading_zeros_of_an_rsa_key_change_nothing() {
    let key = rsa().public;
    let bytes = |name: &str| super::super::base64url(key[name].as_str().unwrap()).unwrap();
    let padded = with(
        &key,
        &json!({
            "n": base64url([&[0][..], &bytes("n")].concat()),
            "e": base64url([&[0, 0, 0][..], &bytes("e")].concat()),
        }),
    );
    let identity = |key: &Value| {
        let set = read(std::slice::from_ref(key), &[Algorithm::RS256], Holds::Public).unwrap();
        set.keys[0].keys.identity.clone()
    };
    assert_eq!(identity(&padded), identity(&key));
}

#[test]
fn a_point_is_on_its_curve() {
    for (curve, other, algorithm) in
        [("P-256", "P-384", Algorithm::ES256), ("P-384", "P-256", Algorithm::ES384)]
    {
        let key = ec(curve).public;
        let swapped = json!({ "x": key["y"], "y": key["x"] });
        assert_broken(&with(&key, &swapped), &[algorithm], Holds::Public, NO_KEY);
        let length = super::super::base64url(key["x"].as_str().unwrap()).unwrap().len();
        let zero = base64url(vec![0; length]);
        let origin = json!({ "x": zero, "y": zero });
        assert_broken(&with(&key, &origin), &[algorithm], Holds::Public, NO_KEY);
        let high = base64url(vec![0xff; length]);
        assert_broken(&with(&key, &json!({ "x": high })), &[algorithm], Holds::Public, NO_KEY);
        let renamed = with(&ec(other).public, &json!({ "crv": curve }));
        let problem = format!("`x` is not {length} bytes long");
        assert_broken(&renamed, &[algorithm], Holds::Public, &problem);
    }
}

const NO_KEY: &str = "numbers that make no key";

// R07
#[test]
fn an_rsa_key_is_neither_short_nor_degenerate() {
    let weak = "an RSA key outside 2048 to 8192 bits";
    let short = rsa_of(include_str!("../../testdata/rsa1024-pkcs8.pem"));
    assert_broken(&short.public, &[Algorithm::RS256], Holds::Public, weak);
    assert_broken(&short.private, &[Algorithm::RS256], Holds::Private, weak);
    let key = rsa().public;
    for wrong in [
        json!({ "n": "" }),
        json!({ "n": "AA" }),
        json!({ "n": "AQ" }),
        json!({ "e": "" }),
        json!({ "e": "AA" }),
        // With the exponent 1, everybody signs.
        json!({ "e": "AQ" }),
        json!({ "e": "Ag" }),
        json!({ "e": base64url([0xff; 40]) }),
        json!({ "n": base64url([0xff; 1_025]) }),
        json!({ "n": base64url([0xff; 100_000]) }),
    ] {
        let found = fate(&with(&key, &wrong), &[Algorithm::RS256], Holds::Public);
        assert!(matches!(found, Fate::Broken(_)), "{found:?}");
    }
    let small = with(&key, &json!({ "e": "Aw" }));
    assert_eq!(fate(&small, &[Algorithm::RS256], Holds::Public), Fate::Key("RS256"));
}

// R07
#[test]
fn a_secret_is_as_long_as_the_hash() {
    for (algorithm, least) in
        [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)]
    {
        let of = |bytes: &[u8]| json!({ "kty": "oct", "k": base64url(bytes) });
        let found = fate(&of(&SECRET[..least]), &[algorithm], Holds::Private);
        assert!(matches!(found, Fate::Key(_)), "{found:?}");
        let problem = format!("too short: {algorithm:?} needs {least} bytes");
        assert_broken(&of(&SECRET[..least - 1]), &[algorithm], Holds::Private, &problem);
        let regular = "too regular to be random";
        assert_broken(&of(&[b'a'; 64]), &[algorithm], Holds::Private, regular);
    }
    let padded = json!({ "kty": "oct", "k": format!("{}==", base64url(SECRET)) });
    let problem = "`k` is not base64url";
    assert_broken(&padded, &[Algorithm::HS256], Holds::Private, problem);
}

/// What is done about a secret is done about `k`, which is base64url.
#[test]
fn a_remedy_speaks_of_the_member() {
    let short = json!({ "kty": "oct", "k": "AAAA" });
    let set = read(&[short], &[Algorithm::HS256], Holds::Private).unwrap();
    let remedy = &set.broken[0].unfit.remedy;
    assert!(remedy.contains("`k`") && !remedy.contains("secret_base64"), "{remedy}");
    let key = ec("P-256").public;
    let swapped = with(&key, &json!({ "x": key["y"], "y": key["x"] }));
    let set = read(&[swapped], &[Algorithm::ES256], Holds::Public).unwrap();
    let remedy = &set.broken[0].unfit.remedy;
    assert!(!remedy.contains("PEM"), "{remedy}");
}

//! Keys of every kind and encoding, and those that are refused.

use super::super::algorithm::ALL;
use super::*;

const RSA: &str = include_str!("../testdata/rsa-pkcs8.pem");
const RSA_PKCS1: &str = include_str!("../testdata/rsa-pkcs1.pem");
const RSA_PUBLIC: &str = include_str!("../testdata/rsa-spki.pem");
const RSA_PUBLIC_PKCS1: &str = include_str!("../testdata/rsa-pkcs1-public.pem");
const P256: &str = include_str!("../testdata/p256-pkcs8.pem");
const P256_SEC1: &str = include_str!("../testdata/p256-sec1.pem");
const P256_PUBLIC: &str = include_str!("../testdata/p256-spki.pem");
const P384: &str = include_str!("../testdata/p384-pkcs8.pem");
const P384_PUBLIC: &str = include_str!("../testdata/p384-spki.pem");
const ED25519: &str = include_str!("../testdata/ed25519-pkcs8.pem");
const ED25519_PUBLIC: &str = include_str!("../testdata/ed25519-spki.pem");
const SECRET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

const RSA_ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

fn problem(keys: Result<Keys, Unfit>) -> String {
    keys.unwrap_err().problem.into_owned()
}

fn sign_and_verify(signer: &Keys, verifier: &Keys) {
    let signature = signer.signing.as_ref().unwrap().sign(b"message").unwrap();
    assert!(verifier.verifying.verify(b"message", &signature), "{}", signer.algorithm);
    assert!(!verifier.verifying.verify(b"massage", &signature), "{}", signer.algorithm);
    assert!(!verifier.verifying.verify(b"message", &[]), "{}", signer.algorithm);
    let (short, last) = signature.split_at(signature.len() - 1);
    assert!(!verifier.verifying.verify(b"message", short), "{}", signer.algorithm);
    let altered = [short, &[last[0] ^ 1]].concat();
    assert!(!verifier.verifying.verify(b"message", &altered), "{}", signer.algorithm);
    let longer = [&signature[..], &[0]].concat();
    assert!(!verifier.verifying.verify(b"message", &longer), "{}", signer.algorithm);
}

#[test]
fn every_form_of_a_key_signs_and_verifies() {
    let pairs = [
        (Algorithm::RS256, RSA, RSA_PUBLIC),
        (Algorithm::RS512, RSA_PKCS1, RSA_PUBLIC_PKCS1),
        (Algorithm::PS256, RSA_PKCS1, RSA_PUBLIC),
        (Algorithm::PS384, RSA, RSA_PUBLIC_PKCS1),
        (Algorithm::ES256, P256, P256_PUBLIC),
        (Algorithm::ES256, P256_SEC1, P256_PUBLIC),
        (Algorithm::ES384, P384, P384_PUBLIC),
        (Algorithm::EdDSA, ED25519, ED25519_PUBLIC),
    ];
    for (algorithm, private, public) in pairs {
        let private = Keys::from_private_pem(algorithm, private).unwrap();
        let public = Keys::from_public_pem(algorithm, public).unwrap();
        sign_and_verify(&private, &private);
        sign_and_verify(&private, &public);
        assert!(public.signing.is_none());
        assert_eq!(private.identity, public.identity);
    }
    let secret = Keys::from_secret(Algorithm::HS512, SECRET).unwrap();
    sign_and_verify(&secret, &secret);
}

#[test]
fn made_up_keys_work_for_every_algorithm() {
    for algorithm in ALL {
        let keys = Keys::generate(algorithm).unwrap();
        sign_and_verify(&keys, &keys);
        assert_ne!(keys.identity, Keys::generate(algorithm).unwrap().identity);
    }
}

// R02: a signature by one algorithm is none by another, even of the same key.
#[test]
fn algorithms_do_not_mix() {
    for one in RSA_ALGORITHMS {
        for other in RSA_ALGORITHMS.iter().filter(|other| **other != one) {
            let signer = Keys::from_private_pem(one, RSA).unwrap();
            let verifier = Keys::from_private_pem(*other, RSA).unwrap();
            let signature = signer.signing.unwrap().sign(b"message").unwrap();
            assert!(!verifier.verifying.verify(b"message", &signature), "{one:?} {other:?}");
        }
    }
}

// Trap 5, R02
#[test]
fn a_key_of_another_family_is_refused() {
    let problem_of = |algorithm| problem(Keys::from_secret(algorithm, SECRET));
    assert_eq!(problem_of(Algorithm::RS256), "RS256 takes an RSA key, not a secret");
    assert_eq!(problem_of(Algorithm::ES256), "ES256 takes a P-256 key, not a secret");
    assert_eq!(problem_of(Algorithm::EdDSA), "EdDSA takes an Ed25519 key, not a secret");
    for pem in [RSA, RSA_PUBLIC, P256] {
        let taken = problem(Keys::from_secret(Algorithm::HS256, pem.as_bytes()));
        assert_eq!(taken, "HS256 takes a secret, and this is a PEM file");
    }
    let taken = problem(Keys::from_public_pem(Algorithm::HS256, RSA_PUBLIC));
    assert_eq!(taken, "HS256 takes a secret, not a key pair");
    let taken = problem(Keys::from_private_pem(Algorithm::HS256, RSA));
    assert_eq!(taken, "HS256 takes a secret, not a key pair");
}

// R02
#[test]
fn a_key_of_another_kind_is_refused_by_name() {
    let keys = [
        (Algorithm::RS256, "an RSA key", RSA, RSA_PUBLIC),
        (Algorithm::ES256, "a P-256 key", P256, P256_PUBLIC),
        (Algorithm::ES384, "a P-384 key", P384, P384_PUBLIC),
        (Algorithm::EdDSA, "an Ed25519 key", ED25519, ED25519_PUBLIC),
    ];
    for (algorithm, wanted, ..) in keys {
        for (other, found, private, public) in keys {
            if algorithm == other {
                continue;
            }
            let expected = format!("{algorithm:?} takes {wanted}, and this is {found}");
            assert_eq!(problem(Keys::from_private_pem(algorithm, private)), expected);
            assert_eq!(problem(Keys::from_public_pem(algorithm, public)), expected);
        }
    }
}

// R07
#[test]
fn a_secret_is_as_long_as_the_hash() {
    for (algorithm, least) in
        [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)]
    {
        assert!(Keys::from_secret(algorithm, &SECRET[..least]).is_ok());
        let short = problem(Keys::from_secret(algorithm, &SECRET[..least - 1]));
        assert_eq!(short, format!("too short: {algorithm:?} needs {least} bytes"));
        assert!(Keys::from_secret(algorithm, b"").is_err());
    }
}

// R07
#[test]
fn a_secret_is_no_pattern() {
    for text in ["0".repeat(64), "abcdefg".repeat(10)] {
        let regular = problem(Keys::from_secret(Algorithm::HS256, text.as_bytes()));
        assert_eq!(regular, "too regular to be random");
    }
    assert!(Keys::from_secret(Algorithm::HS256, "abcdefgh".repeat(10).as_bytes()).is_ok());
}

// R07
#[test]
fn a_short_rsa_key_is_refused() {
    for algorithm in RSA_ALGORITHMS {
        let private =
            Keys::from_private_pem(algorithm, include_str!("../testdata/rsa1024-pkcs8.pem"));
        assert_eq!(problem(private), "an RSA key outside 2048 to 8192 bits");
        let public = Keys::from_public_pem(algorithm, include_str!("../testdata/rsa1024-spki.pem"));
        assert_eq!(problem(public), "an RSA key outside 2048 to 8192 bits");
    }
}

#[test]
fn an_rsa_key_with_restrictions_is_refused() {
    let key = include_str!("../testdata/rsa-pss-spki.pem");
    assert_eq!(problem(Keys::from_public_pem(Algorithm::PS512, key)), "an RSASSA-PSS key");
}

// R07, trap 12
#[test]
fn a_published_key_is_refused() {
    let secret = b"a-string-secret-at-least-256-bits-long";
    let published = problem(Keys::from_secret(Algorithm::HS256, secret));
    assert_eq!(published, "published in jwt.io");
    for (algorithm, pem, place) in [
        (Algorithm::RS256, include_str!("../testdata/rfc7515-a2.pem"), "RFC 7515 appendix A.2"),
        (Algorithm::ES256, include_str!("../testdata/rfc7515-a3.pem"), "RFC 7515 appendix A.3"),
        (Algorithm::EdDSA, include_str!("../testdata/rfc8037-a.pem"), "RFC 8037 appendix A"),
    ] {
        let published = problem(Keys::from_public_pem(algorithm, pem));
        assert_eq!(published, format!("published in {place}, private half and all"));
    }
    let private = include_str!("../testdata/jwt-io-es256.pem");
    let published = problem(Keys::from_private_pem(Algorithm::ES256, private));
    assert_eq!(published, "published in jwt.io, private half and all");
}

// R16
#[test]
fn a_private_key_is_no_public_key_and_the_reverse() {
    for (algorithm, private, public) in [
        (Algorithm::RS256, RSA, RSA_PUBLIC),
        (Algorithm::RS256, RSA_PKCS1, RSA_PUBLIC_PKCS1),
        (Algorithm::ES256, P256, P256_PUBLIC),
        (Algorithm::ES256, P256_SEC1, P256_PUBLIC),
        (Algorithm::EdDSA, ED25519, ED25519_PUBLIC),
    ] {
        let swapped = problem(Keys::from_public_pem(algorithm, private));
        assert_eq!(swapped, "a private key where a public key belongs");
        let swapped = problem(Keys::from_private_pem(algorithm, public));
        assert_eq!(swapped, "a public key where a private key belongs");
    }
}

// RFC 7515 appendix A.1 to A.3, RFC 8037 appendix A.4.
#[test]
fn verifies_the_signatures_of_the_rfcs() {
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc\
                   19yb290Ijp0cnVlfQ";
    let rsa = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5\
               YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h\
               6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZE\
               Sc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig\
               cN_IoypGlUPQGe77Rw";
    let ec = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6N\
              U1Q";
    let ed = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0\
              KAg";
    let ed_message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned();
    for (algorithm, pem, message, signature) in [
        (
            Algorithm::RS256,
            include_str!("../testdata/rfc7515-a2.pem"),
            format!("eyJhbGciOiJSUzI1NiJ9.{payload}"),
            rsa,
        ),
        (
            Algorithm::ES256,
            include_str!("../testdata/rfc7515-a3.pem"),
            format!("eyJhbGciOiJFUzI1NiJ9.{payload}"),
            ec,
        ),
        (Algorithm::EdDSA, include_str!("../testdata/rfc8037-a.pem"), ed_message, ed),
    ] {
        // Not through `Keys`, which refuses published ones.
        let der = pem::parse(pem).unwrap();
        let (key, _) = prepare_public(scheme(algorithm).unwrap(), der.contents()).unwrap();
        let signature = super::super::material::base64(signature).unwrap();
        assert!(key.verify(message.as_bytes(), &signature), "{algorithm:?}");
    }
}

// O02
#[test]
fn nothing_of_a_key_is_in_debug() {
    let keys = Keys::from_secret(Algorithm::HS256, SECRET).unwrap();
    assert_eq!(format!("{keys:?}"), "Keys { algorithm: \"HS256\", can_sign: true, .. }");
}

#[test]
fn refuses_a_point_that_everybody_can_sign_for() {
    let mut point = [0; 32];
    for first in [0, 1] {
        point[0] = first;
        let unfit = Keys::from_public_parts(Algorithm::EdDSA, &point).unwrap_err();
        assert_eq!(unfit.problem, "a point of small order, which everybody can sign for");
    }
}

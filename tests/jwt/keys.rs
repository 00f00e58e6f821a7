//! Keys that refuse launch: the report names key, place and remedy, and never shows what was given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use passport_rocket_tests::{figment, ignite, refusal, release_figment};

use super::{SECRET, rocket, table};

const IN_TOML: &str = "in TOML source string, profile `default`";

/// The report of mistakes in the table, each a key, a problem and a remedy.
fn report(mistakes: &[(&str, &str, &str)]) -> String {
    let count = match mistakes.len() {
        1 => "one mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    let mut report = format!("passport ERROR: launch refused, {count}:");
    for (key, problem, remedy) in mistakes {
        report.push_str(&format!(
            "\npassport ERROR: `passport.jwt.{key}`: {problem}\n    {IN_TOML}\n    {remedy}"
        ));
    }
    report
}

#[track_caller]
fn assert_refused(toml: &str, mistakes: &[(&str, &str, &str)]) {
    let toml = format!("[default.passport.jwt]\n{toml}");
    assert_eq!(refusal(rocket(figment(&toml))), report(mistakes));
}

const GIVE_PRIVATE: &str = "give a PEM text (`BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY` or \
                            `BEGIN EC PRIVATE KEY`), or the same in DER";
const MAKE_A_SECRET: &str = "make one for `secret_base64`: `openssl rand -base64 64`";

// R01: there is no default that a token could profit from.
#[test]
fn a_key_without_an_algorithm() {
    let remedy = "write `algorithm = \"HS256\"` for a secret, \"ES256\", \"RS256\" or \"EdDSA\" for a \
                  key pair; most providers sign with \"RS256\"";
    let toml = format!("[default.passport.jwt]\nsecret = '{SECRET}'");
    let report = refusal(rocket(figment(&toml)));
    assert!(report.contains("`passport.jwt.algorithm`: missing\n"), "{report}");
    assert!(report.ends_with(&format!("\n    {remedy}")), "{report}");
}

// R01
#[test]
fn an_algorithm_that_is_none_of_the_list() {
    for name in ["none", "hs256", "HS256 ", "ES512", "RSA-OAEP", ""] {
        let toml = format!("[default.passport.jwt]\nalgorithm = '{name}'\nsecret = '{SECRET}'");
        let report = refusal(rocket(figment(&toml)));
        assert!(report.contains("launch refused, one mistake:"), "{report}");
        assert!(report.contains("`passport.jwt.algorithm`: "), "{report}");
    }
}

#[test]
fn two_keys_and_both_are_named() {
    let secret = format!("algorithm = 'HS256'\nsecret = '{SECRET}'\n");
    let second = "a second key beside `secret`";
    let keep = "keep one of the two";
    for (line, key) in [
        (format!("secret_base64 = '{}'", STANDARD.encode(SECRET)), "secret_base64"),
        ("secret_file = 'nowhere'".to_owned(), "secret_file"),
        (format!("public_key = '''{}'''", pem!("p256-spki")), "public_key"),
        (format!("private_key = '''{}'''", pem!("p256-pkcs8")), "private_key"),
    ] {
        assert_refused(&format!("{secret}{line}"), &[(key, second, keep)]);
    }
    let pair = "algorithm = 'ES256'\nprivate_key_file = 'a'\npublic_key_file = 'b'";
    assert_refused(pair, &[("private_key_file", "a second key beside `public_key_file`", keep)]);
    let three = format!("{secret}secret_base64 = 'a'\nprivate_key_file = 'b'");
    assert_refused(&three, &[("secret_base64", second, keep), ("private_key_file", second, keep)]);
}

// Trap 5, R02
#[test]
fn a_key_of_another_family() {
    let pair = "give `private_key`, or `public_key` to verify only";
    for (algorithm, problem) in [
        ("RS256", "RS256 takes an RSA key, not a secret"),
        ("PS512", "PS512 takes an RSA key, not a secret"),
        ("ES256", "ES256 takes a P-256 key, not a secret"),
        ("ES384", "ES384 takes a P-384 key, not a secret"),
        ("EdDSA", "EdDSA takes an Ed25519 key, not a secret"),
    ] {
        let toml = format!("algorithm = '{algorithm}'\nsecret = '{SECRET}'");
        assert_refused(&toml, &[("secret", problem, pair)]);
    }
    let toml = format!("algorithm = 'HS256'\npublic_key = '''{}'''", pem!("rsa-spki"));
    let remedy = "give `secret` or `secret_base64`, or choose RS256, ES256 or EdDSA";
    assert_refused(&toml, &[("public_key", "HS256 takes a secret, not a key pair", remedy)]);
    let toml = format!("algorithm = 'HS256'\nsecret = '''{}'''", pem!("rsa-spki"));
    let remedy = "a public key is known to everybody: choose RS256, ES256 or EdDSA, or a secret";
    assert_refused(&toml, &[("secret", "HS256 takes a secret, and this is a PEM file", remedy)]);
}

// R02
#[test]
fn a_key_of_another_kind() {
    let remedy = "change the key or the `algorithm`";
    for (algorithm, key, pem, problem) in [
        (
            "ES256",
            "private_key",
            pem!("p384-pkcs8"),
            "ES256 takes a P-256 key, and this is a P-384 key",
        ),
        (
            "ES384",
            "public_key",
            pem!("p256-spki"),
            "ES384 takes a P-384 key, and this is a P-256 key",
        ),
        (
            "RS256",
            "public_key",
            pem!("p256-spki"),
            "RS256 takes an RSA key, and this is a P-256 key",
        ),
        (
            "EdDSA",
            "private_key",
            pem!("rsa-pkcs8"),
            "EdDSA takes an Ed25519 key, and this is an RSA key",
        ),
    ] {
        let toml = format!("algorithm = '{algorithm}'\n{key} = '''{pem}'''");
        assert_refused(&toml, &[(key, problem, remedy)]);
    }
}

// R16: a private key that lies about as a public one.
#[test]
fn a_private_key_in_the_place_of_a_public_one_and_the_reverse() {
    let toml = format!("algorithm = 'ES256'\npublic_key = '''{}'''", pem!("p256-pkcs8"));
    let problem = "a private key where a public key belongs";
    let remedy = "give it as `private_key`, or take its public half";
    assert_refused(&toml, &[("public_key", problem, remedy)]);
    let toml = format!("algorithm = 'ES256'\nprivate_key = '''{}'''", pem!("p256-spki"));
    let problem = "a public key where a private key belongs";
    assert_refused(&toml, &[("private_key", problem, "give it as `public_key` to verify only")]);
}

// R07
#[test]
fn a_weak_key() {
    for (algorithm, least) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let secret =
            &"hunter2-but-a-little-longer-than-that-and-then-a-little-longer-still"[..least];
        let toml = |secret: &str| format!("algorithm = '{algorithm}'\nsecret = '{secret}'");
        let long = format!("[default.passport.jwt]\n{}", toml(secret));
        assert!(ignite(rocket(figment(&long))).is_ok(), "{algorithm}");
        let problem = format!("too short: {algorithm} needs {least} bytes");
        assert_refused(&toml(&secret[1..]), &[("secret", &problem, MAKE_A_SECRET)]);
    }
    let short = STANDARD.encode(&SECRET[..31]);
    let toml = format!("algorithm = 'HS256'\nsecret_base64 = '{short}'");
    let problem = "too short: HS256 needs 32 bytes";
    assert_refused(&toml, &[("secret_base64", problem, MAKE_A_SECRET)]);
    let toml = format!("algorithm = 'HS256'\nsecret = '{}'", "x".repeat(64));
    assert_refused(&toml, &[("secret", "too regular to be random", MAKE_A_SECRET)]);
    let problem = "an RSA key outside 2048 to 8192 bits";
    let remedy = "make one: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`";
    for (key, pem) in [("private_key", pem!("rsa1024-pkcs8")), ("public_key", pem!("rsa1024-spki"))]
    {
        let toml = format!("algorithm = 'RS256'\n{key} = '''{pem}'''");
        assert_refused(&toml, &[(key, problem, remedy)]);
    }
}

// R07, trap 12
#[test]
fn a_published_key() {
    for (line, place) in [
        ("secret = 'a-string-secret-at-least-256-bits-long'", "jwt.io"),
        ("secret = 'hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk='", "Rocket's guide"),
        ("secret_base64 = 'hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk='", "Rocket's guide"),
        // Short besides; that it is known to everybody is worse.
        ("secret = 'secret'", "the documentation of jsonwebtoken and passport-jwt"),
    ] {
        let key = line.split(' ').next().unwrap();
        let problem = format!("published in {place}");
        let toml = format!("algorithm = 'HS256'\n{line}");
        assert_refused(&toml, &[(key, &problem, MAKE_A_SECRET)]);
    }
    let remedy = "make one: `openssl genpkey -algorithm ED25519`";
    for (algorithm, key, pem, place) in [
        ("ES256", "private_key", pem!("jwt-io-es256"), "jwt.io"),
        ("RS256", "public_key", pem!("rfc7515-a2"), "RFC 7515 appendix A.2"),
        ("EdDSA", "public_key", pem!("rfc8037-a"), "RFC 8037 appendix A"),
    ] {
        let problem = format!("published in {place}, private half and all");
        let toml = format!("algorithm = '{algorithm}'\n{key} = '''{pem}'''");
        assert_refused(&toml, &[(key, &problem, remedy)]);
    }
}

#[test]
fn a_key_that_cannot_be_read() {
    let path = "a relative path begins at the file that names it";
    for (toml, key, problem, remedy) in [
        (
            "algorithm = 'HS256'\nsecret_base64 = 'hunter2!'".to_owned(),
            "secret_base64",
            "not base64",
            "or give it as `secret`, as it stands",
        ),
        (
            "algorithm = 'HS256'\nsecret_file = 'hunter2/no/such/file'".to_owned(),
            "secret_file",
            "the file cannot be read: entity not found",
            path,
        ),
        (
            "algorithm = 'ES256'\nprivate_key = 'hunter2'".to_owned(),
            "private_key",
            "no key that can be read",
            GIVE_PRIVATE,
        ),
        (
            format!("algorithm = 'ES256'\nprivate_key = '''{}'''", pem!("p256-encrypted")),
            "private_key",
            "protected by a passphrase",
            "decrypt it: `openssl pkey -in key.pem -out plain.pem`",
        ),
        (
            format!("algorithm = 'ES256'\npublic_key = '''{}'''", pem!("p256-certificate")),
            "public_key",
            "a certificate",
            "take the key out: `openssl x509 -pubkey -noout -in certificate.pem`",
        ),
    ] {
        assert_refused(&toml, &[(key, problem, remedy)]);
    }
}

// Trap 19: what is wrong with a key is no reason to print it.
#[test]
fn nothing_that_was_given_is_shown() {
    for toml in [
        "algorithm = 'HS256'\nsecret = 'hunter2'",
        "algorithm = 'HS256'\nsecret = 4711",
        "algorithm = 'HS256'\nsecret = ['hunter2']",
        "algorithm = 'HS256'\nsecret_base64 = 'hunter2'",
        "algorithm = 'HS256'\nsecret_file = 'hunter2'",
        "algorithm = 'RS256'\nprivate_key = 'hunter2'",
        "algorithm = 'HS256'\nsecret = 'hunter2'\nsecret_base64 = 'hunter2'",
        "algorithm = 'HS256'\nsecret = 'hunter2'\naudiance = 'hunter2'",
        "algorithm = 'hunter2'\nsecret = 'hunter2'",
    ] {
        let report = refusal(rocket(figment(&format!("[default.passport.jwt]\n{toml}"))));
        assert!(report.contains("`passport.jwt."), "{report}");
        assert!(!report.contains("hunter2") && !report.contains("4711"), "{report}");
    }
}

#[test]
fn a_missing_key_outside_the_debug_profile() {
    for (algorithm, key, remedy) in [
        ("HS512", "secret_base64", "make one: `openssl rand -base64 64`"),
        ("ES256", "private_key_file", "name a PEM file, or a `public_key_file` to verify only"),
    ] {
        let toml = format!("[default.passport.jwt]\nalgorithm = '{algorithm}'");
        for profile in ["release", "staging", "production", "debug2"] {
            let figment = release_figment(&toml).select(profile);
            assert_eq!(refusal(rocket(figment)), report(&[(key, MISSING, remedy)]));
        }
        assert!(ignite(rocket(figment(&toml))).is_ok());
    }
    // With a key, the release profile is content.
    assert!(ignite(rocket(release_figment(&table("")))).is_ok());
}

// Whoever only ever ran the debug profile learns of both at once.
#[test]
fn a_missing_table_outside_the_debug_profile() {
    let report = refusal(rocket(release_figment("")));
    assert!(report.contains("launch refused, 2 mistakes:"), "{report}");
    let place = "    nowhere set, profile `release`\n";
    assert!(report.contains(&format!("`passport.jwt.algorithm`: missing\n{place}")), "{report}");
    let secret = format!("`passport.jwt.secret_base64`: {MISSING}\n{place}");
    assert!(report.contains(&secret), "{report}");
    assert!(ignite(rocket(figment(""))).is_ok());
}

const MISSING: &str = "missing; only the debug profile makes one up for the run";

#[test]
fn all_mistakes_of_a_table_in_one_start() {
    let toml = "algorithm = 'HS256'\nsecret = 'hunter2'\nissuer = ''\nleeway = '1h'\ntypes = []\n\
                token_from = []\nmax_token_size = 0";
    assert_refused(
        toml,
        &[
            ("issuer", "empty", "remove it, or fill it in"),
            ("types", "lets no token through", "list a type, or remove it for the default"),
            ("leeway", "longer than five minutes", "set the clocks right instead"),
            ("max_token_size", "lets no token through", "remove it for 8 KiB"),
            ("token_from", "lets no token through", "remove it for `Authorization: Bearer`"),
            ("secret", "too short: HS256 needs 32 bytes", MAKE_A_SECRET),
        ],
    );
}

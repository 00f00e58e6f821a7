//! The table: defaults, sources of keys, and what refuses launch.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use figment::Figment;
use figment::providers::{Format, Toml};
use serde_json::{Value, json};

use super::super::accepted::Accepted;
use super::super::issuer::Overrides;
use super::super::memory::Memory;
use super::super::prepare::{Prepared, Surroundings};
use super::super::rejection::Rejection;
use super::*;
use crate::credential::FieldPath;

const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const NOW: Duration = Duration::from_secs(1_000);
const MINUTE: Duration = Duration::from_secs(60);

fn parse(toml: &str) -> Result<Config, Box<figment::Error>> {
    Figment::from(Toml::string(toml)).extract().map_err(Box::new)
}

fn config(toml: &str) -> Config {
    parse(&format!("algorithm = 'HS256'\n{toml}")).unwrap()
}

fn prepare(config: &Config, is_debug: bool) -> Result<Prepared, Vec<Fault>> {
    let memory = Memory::new(config.remembered(false)).map(Arc::new);
    let around = Surroundings { strategy: "jwt", is_debug, http: None, provider: None, memory };
    Prepared::new(config, &around)
}

fn prepared(toml: &str) -> Prepared {
    prepare(&config(&format!("secret = '{SECRET}'\n{toml}")), false).unwrap()
}

/// What is wrong with a table, keys and all.
fn faults(toml: &str) -> Vec<Fault> {
    prepare(&parse(toml).unwrap(), false).err().unwrap_or_default()
}

fn expected(prepared: &Prepared) -> &Expected {
    &prepared.verifier.trusts.only().unwrap().expected
}

fn sign(prepared: &Prepared, claims: &Value) -> String {
    let issuer = prepared.issuer.as_ref().unwrap();
    issuer.sign(claims, &Overrides::default(), UNIX_EPOCH + NOW).unwrap()
}

fn judge(prepared: &Prepared, token: &str, now: Duration) -> Result<Value, Rejection> {
    prepared.verifier.verify(token, UNIX_EPOCH + now).map(Accepted::into_claims)
}

#[test]
fn defaults_are_those_that_the_documentation_states() {
    let prepared = prepared("expires_in = '60s'");
    assert_eq!(config("").places(false), [Source::Scheme("Bearer".to_owned())]);
    assert_eq!(prepared.verifier.max_token_size, 8192);
    assert_eq!(expected(&prepared).leeway, Duration::ZERO);
    assert_eq!(expected(&prepared).clock_skew, Duration::from_secs(5));
    let times = config("").times();
    assert_eq!((times.lifetime, times.stale), (10 * MINUTE, 24 * 60 * MINUTE));
    assert_eq!(times.cooldown, Duration::from_secs(30));
    assert_eq!(config("").limits(), HttpLimits::new(Duration::from_secs(5), 256 * 1024));
    assert_eq!(config("").at_launch(), AtLaunch::Require);
    let token = sign(&prepared, &json!({"id": 7}));
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
    let claims = judge(&prepared, &token, NOW).unwrap();
    assert_eq!(claims, json!({"id": 7, "iat": 1000, "exp": 1060}));
}

#[test]
fn what_is_configured_is_signed_and_demanded() {
    let all = prepared(
        "issuer = 'i'\naudience = ['a', 'b']\nsubject = 's'\nkey_id = 'k'\njti = true\n\
         types = ['at+jwt']\nexpires_in = '1m'\nleeway = '2s'\nclock_skew = '3s'",
    );
    let token = sign(&all, &json!({}));
    let claims = judge(&all, &token, NOW).unwrap();
    assert_eq!(claims["iss"], "i");
    assert_eq!(claims["aud"], json!(["a", "b"]));
    assert_eq!(claims["sub"], "s");
    assert!(claims["jti"].is_string());
    assert!(judge(&all, &token, Duration::from_secs(1_061)).is_ok());
    assert!(judge(&all, &token, Duration::from_secs(1_062)).is_err());
    assert!(judge(&all, &token, Duration::from_secs(997)).is_ok());
    assert!(judge(&all, &token, Duration::from_secs(996)).is_err());

    for (toml, rejection) in [
        ("issuer = 'i'", Rejection::Missing("iss")),
        ("audience = 'a'", Rejection::Missing("aud")),
        ("subject = 's'", Rejection::Missing("sub")),
        ("types = ['at+jwt']", Rejection::Type),
        ("max_token_size = 20", Rejection::TooLong { limit: 20 }),
    ] {
        let plain = sign(&prepared("expires_in = 60"), &json!({}));
        assert_eq!(judge(&prepared(toml), &plain, NOW), Err(rejection), "{toml}");
    }
    let other = prepared("expires_in = 60\nkey_id = 'other'");
    let rejection = judge(&other, &token, NOW).unwrap_err();
    assert_eq!(rejection, Rejection::KeyId);
}

#[test]
fn one_audience_needs_no_brackets() {
    assert_eq!(expected(&prepared("audience = 'a'")).audience, ["a"]);
    assert_eq!(expected(&prepared("audience = ['a', 'b']")).audience, ["a", "b"]);
    assert!(parse("algorithm = 'HS256'\naudience = 7").is_err());
    assert!(parse("algorithm = 'HS256'\naudience = [7]").is_err());
}

#[test]
fn reads_every_source_of_a_key() {
    let folder = std::env::temp_dir().join(format!("passport-jwt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        std::fs::write(folder.join(name), content).unwrap();
        folder.join(name).display().to_string()
    };
    let private = include_str!("../testdata/p256-pkcs8.pem");
    let public = include_str!("../testdata/p256-spki.pem");
    let text = |key: &str, pem: &str| format!("algorithm = 'ES256'\n{key} = '''{pem}'''");
    let secret = format!("algorithm = 'HS256'\nsecret = '{SECRET}'");
    let secret_base64 = "algorithm = 'HS256'\n\
        secret_base64 = 'MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6'";
    let der = |pem: &str| pem::parse(pem).unwrap().into_contents();
    let der_file = |name: &str, pem: &str| {
        std::fs::write(folder.join(name), der(pem)).unwrap();
        folder.join(name).display().to_string()
    };
    let base64 =
        |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("");
    let mut claims = Vec::new();
    for (toml, signs) in [
        (secret, true),
        (secret_base64.to_owned(), true),
        (
            format!("algorithm = 'HS256'\nsecret_file = '{}'", file("s", &format!("{SECRET}\r\n"))),
            true,
        ),
        (text("private_key", private), true),
        (text("private_key", &base64(private)), true),
        (text("private_key_file", &file("private.pem", private)), true),
        (text("private_key_file", &der_file("private.der", private)), true),
        (text("public_key", public), false),
        (text("public_key", &base64(public)), false),
        (text("public_key_file", &file("public.pem", public)), false),
        (text("public_key_file", &der_file("public.der", public)), false),
    ] {
        let prepared = prepare(&parse(&toml).unwrap(), false).unwrap();
        assert_eq!(prepared.issuer.is_some(), signs, "{toml}");
        claims.push(prepared.claims);
    }
    assert!(claims[..3].windows(2).all(|pair| pair[0] == pair[1]));
    assert!(claims[3..].windows(2).all(|pair| pair[0] == pair[1]));
    let invalid = folder.join("invalid");
    std::fs::write(&invalid, [0xff; 40]).unwrap();
    let found = faults(&format!("algorithm = 'HS256'\nsecret_file = '{}'", invalid.display()));
    assert_eq!(found[0].problem, "the file holds no UTF-8 text");
    std::fs::remove_dir_all(folder).unwrap();
    let found = faults("algorithm = 'HS256'\nsecret_file = '/nowhere/at/all'");
    assert_eq!(found[0].key, "secret_file");
    assert!(found[0].problem.starts_with("the file cannot be read: "));
    assert!(!format!("{found:?}").contains("nowhere"));
}

#[test]
fn two_sources_of_a_key_are_a_mistake_that_names_both() {
    let toml = format!("secret = '{SECRET}'\nsecret_base64 = 'AA'\npublic_key_file = 'x'");
    let faults = faults(&format!("algorithm = 'HS256'\n{toml}"));
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[0].key, "secret_base64");
    assert_eq!(faults[0].problem, "a second key beside `secret`");
    assert_eq!(faults[1].key, "public_key_file");
}

#[test]
fn a_key_can_be_made_up_when_none_is_given() {
    assert_eq!(faults("algorithm = 'HS256'")[0].key, "secret_base64");
    assert_eq!(faults("algorithm = 'EdDSA'")[0].key, "private_key_file");
    let keys: Vec<_> = faults("").into_iter().map(|fault| fault.key).collect();
    assert_eq!(keys, ["algorithm", "secret_base64"]);
    for toml in ["", "algorithm = 'EdDSA'", "algorithm = 'HS512'\nkey_id = 'k'"] {
        let prepared = prepare(&parse(toml).unwrap(), true).unwrap();
        assert!(prepared.made_up && prepared.issuer.is_some(), "{toml}");
    }
}

// Trap 5, R02, R07
#[test]
fn an_unfit_key_is_a_mistake_at_its_key_without_its_value() {
    for (toml, key) in [
        ("algorithm = 'RS256'\nsecret = 'hunter2hunter2hunter2hunter2hunter2'", "secret"),
        ("algorithm = 'HS256'\nsecret = 'hunter2'", "secret"),
        ("algorithm = 'HS256'\nsecret_base64 = 'hunter2!'", "secret_base64"),
        ("algorithm = 'HS256'\npublic_key = 'hunter2'", "public_key"),
        ("algorithm = 'ES256'\nprivate_key = 'hunter2'", "private_key"),
    ] {
        let config = parse(toml).unwrap();
        let faults = faults(toml);
        assert_eq!(faults[0].key, key, "{toml}");
        assert!(!format!("{faults:?} {config:?}").contains("hunter2"), "{toml}");
    }
}

#[test]
fn values_out_of_range_are_mistakes() {
    for (toml, key) in [
        ("key_id = ''", "key_id"),
        ("issuer = ''", "issuer"),
        ("subject = ''", "subject"),
        ("audience = ''", "audience"),
        ("audience = []", "audience"),
        ("audience = ['a', '']", "audience"),
        ("types = []", "types"),
        ("leeway = '301s'", "leeway"),
        ("clock_skew = '301s'", "clock_skew"),
        ("expires_in = 0", "expires_in"),
        ("expires_in = '1500ms'", "expires_in"),
        ("max_token_size = 0", "max_token_size"),
        ("token_from = []", "token_from"),
        ("max_age = 0", "max_age"),
        ("required_claims = ['']", "required_claims"),
        ("jwks_lifetime = '5m'", "jwks_lifetime"),
        ("jwks_at_launch = 'warn'", "jwks_at_launch"),
        ("jwks_url = 'https://a/k'\njwks_lifetime = 0", "jwks_lifetime"),
        ("jwks_url = 'https://a/k'\njwks_cooldown = '999ms'", "jwks_cooldown"),
        ("jwks_url = 'https://a/k'\njwks_timeout = '61s'", "jwks_timeout"),
        ("jwks_url = 'https://a/k'\njwks_timeout = 0", "jwks_timeout"),
        ("jwks_url = 'https://a/k'\njwks_stale = '9m'", "jwks_stale"),
        ("jwks_url = 'https://a/k'\njwks_cooldown = '11m'", "jwks_cooldown"),
        ("jwks_url = 'https://a/k'\njwks_max_size = '17 MiB'", "jwks_max_size"),
        ("profile = 'rfc9068'\naudience = 'a'", "issuer"),
        ("profile = 'rfc9068'\nissuer = 'i'", "audience"),
        ("profile = 'rfc9068'\nissuer = 'i'\naudience = 'a'\ntypes = ['JWT']", "types"),
    ] {
        let algorithm = if toml.contains("jwks_url") { "ES256" } else { "HS256" };
        let faults = parse(&format!("algorithm = '{algorithm}'\n{toml}")).unwrap().faults();
        assert_eq!(faults.len(), 1, "{toml}");
        assert_eq!(faults[0].key, key, "{toml}");
    }
    assert_eq!(config("leeway = '300s'\nclock_skew = 300").faults(), []);
    let faults = config("jwks_url = 'https://a/k'").faults();
    assert_eq!(faults[0].problem, "for a secret, and a provider publishes public keys");
    assert_eq!(config("issuer = ''\ntypes = []").faults().len(), 2);
}

// R01, R02
#[test]
fn algorithms_are_those_of_the_keys() {
    let found = |toml: &str| {
        let found = faults(toml);
        assert_eq!(found.len(), 1, "{toml}: {found:?}");
        (found[0].key.clone(), found[0].problem.clone())
    };
    let secret = format!("secret = '{SECRET}'");
    let (key, problem) = found(&format!("algorithm = ['HS256', 'HS512']\n{secret}"));
    assert_eq!((&*key, &*problem), ("algorithm", "several, and one key has exactly one"));
    let (key, problem) = found(&format!("algorithm = ['HS256', 'RS256']\n{secret}"));
    assert_eq!((&*key, &*problem), ("algorithm", "both of secrets and of key pairs"));
    assert_eq!(found(&format!("algorithm = []\n{secret}")).0, "algorithm");
    assert_eq!(found(&secret), ("algorithm".into(), "missing".into()));
    assert!(prepare(&parse(&format!("algorithm = ['HS256']\n{secret}")).unwrap(), false).is_ok());
}

// R09: the issuer that the keys were found by is compared again, as every claim is.
#[test]
fn each_of_several_issuers_is_demanded_of_its_tokens() {
    let pem = include_str!("../testdata/p256-spki.pem");
    let issuers: String = ["a", "b"]
        .iter()
        .map(|name| format!("[[issuers]]\nissuer = '{name}'\npublic_key = '''{pem}'''\n"))
        .collect();
    let config = parse(&format!("algorithm = 'ES256'\n{issuers}")).unwrap();
    let trusts = prepare(&config, false).unwrap().verifier.trusts;
    for name in ["a", "b"] {
        let trust = trusts.of_issuer_in(&json!({ "iss": name }).to_string()).unwrap();
        assert_eq!(trust.expected.issuer.as_deref(), Some(name));
    }
}

#[test]
fn keys_that_do_not_exist_are_refused() {
    assert!(parse("algorithm = 'HS256'\naudiance = 'a'").is_err());
    assert!(parse("algorithm = 'none'").is_err());
    assert!(parse("algorithm = ['HS256', 'none']").is_err());
    assert!(parse("algorithm = 7").is_err());
    assert!(parse("profile = 'rfc9069'").is_err());
}

#[test]
fn takes_tokens_from_the_places_listed() {
    let sources = config(
        "token_from = [{ scheme = 'JWT' }, { header = 'X-Token' }, { query = 'token' }, \
         { body = 'user[token]' }, { cookie = 'token' }]",
    )
    .places(false);
    assert_eq!(
        sources,
        [
            Source::Scheme("JWT".to_owned()),
            Source::Header("X-Token".to_owned()),
            Source::Query("token".to_owned()),
            Source::Body(FieldPath::parse("user.token").unwrap()),
            Source::Cookie("token".to_owned()),
        ]
    );
}

#[test]
fn a_function_is_asked_alone_unless_places_are_configured() {
    let sources = |toml: &str| config(toml).places(true);
    assert_eq!(sources(""), [Source::Function]);
    let cookie = Source::Cookie("token".to_owned());
    assert_eq!(sources("token_from = [{ cookie = 'token' }]"), [cookie, Source::Function]);
}

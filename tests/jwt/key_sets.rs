//! Sets of keys in the configuration: several are valid at once, and each token is judged by the one
//! that it names.

use passport_rocket_tests::{figment, ignite, refusal, release_figment};
use rocket::Rocket;

use super::issuing::{sign, signed};
use super::made::{Made, ed25519, es256, file, hs256, set, with};
use super::*;

const OTHERS: &str = "algorithm is not that of the key";

fn of(algorithm: &str, source: &str, text: &str) -> String {
    format!("[default.passport.jwt]\nalgorithm = {algorithm}\n{source} = '''{text}'''\n")
}

fn public(algorithm: &str, keys: &[&Made]) -> String {
    of(algorithm, "jwks", &set(keys.iter().map(|key| &key.public)))
}

fn private(algorithm: &str, keys: &[&Made]) -> String {
    of(algorithm, "private_jwks", &set(keys.iter().map(|key| &key.private)))
}

fn application(toml: &str) -> Client {
    client(rocket(release_figment(toml)))
}

fn signing(toml: &str) -> Rocket<Build> {
    rocket(release_figment(&format!("{toml}expires_in = 60\n"))).mount("/", routes![sign])
}

// R16: the old key and the new one, while both are out.
#[test]
fn two_keys_are_valid_at_once() {
    let (old, new) = (es256("2025"), es256("2026"));
    let path = file("two.json", set([&old.public, &new.public]));
    let by_file = format!("[default.passport.jwt]\nalgorithm = 'ES256'\njwks_file = '{path}'\n");
    for toml in [public("'ES256'", &[&old, &new]), by_file] {
        let client = application(&toml);
        assert_accepted(&client, &old.token());
        assert_accepted(&client, &new.token());
        assert_refused(&client, &es256("2026").token(), "signature does not match");
    }
    // Once it is taken out, the old one opens nothing any more.
    let client = application(&public("'ES256'", &[&new]));
    assert_accepted(&client, &new.token());
    assert_refused(&client, &old.token(), "header names another key");
}

// R02
#[test]
fn the_named_key_judges_by_its_own_algorithm() {
    let (ec, ed) = (es256("ec"), ed25519("ed"));
    let client = application(&public("['ES256', 'EdDSA']", &[&ec, &ed]));
    assert_accepted(&client, &ec.token());
    assert_accepted(&client, &ed.token());
    assert_refused(&client, &ec.named(Some("ed"), &json!({})), OTHERS);
    assert_refused(&client, &ed.named(Some("ec"), &json!({})), OTHERS);
    for name in ["none", "HS256", "RS256", "es256", "ES384"] {
        let header = json!({ "alg": name, "kid": "ec" }).to_string();
        assert_refused(&client, &raw(header, r#"{"name":"ada","exp":1800000060}"#), OTHERS);
    }
}

// Trap 5: the public key is no secret.
#[test]
fn a_public_key_of_a_set_signs_nothing() {
    let key = es256("a");
    let text = key.public.to_string();
    let client = application(&public("'ES256'", &[&key, &es256("b")]));
    let header = JoseHeader { kid: Some("a".into()), ..JoseHeader::new(Algorithm::HS256) };
    for secret in [text.as_bytes(), key.public["x"].as_str().unwrap().as_bytes()] {
        let encoding = EncodingKey::from_secret(secret);
        let claims = json!({ "name": "ada", "exp": NOW + 60 });
        let token = jsonwebtoken::encode(&header, &claims, &encoding).unwrap();
        assert_refused(&client, &token, OTHERS);
    }
}

// R06
#[test]
fn an_id_is_looked_up_and_nothing_else() {
    let (one, two) = (es256("one"), es256("two"));
    let client = application(&public("'ES256'", &[&one, &two]));
    for id in [
        "three",
        "ONE",
        "one ",
        "",
        "../one",
        "/etc/passwd",
        "one' OR '1'='1",
        "one; DROP TABLE keys",
        "https://evil.example/one",
        "one\u{0}",
        "0",
    ] {
        assert_refused(&client, &one.named(Some(id), &json!({})), "header names another key");
    }
    // The right name of the wrong key.
    assert_refused(&client, &one.named(Some("two"), &json!({})), "signature does not match");
    let brought = JoseHeader {
        kid: Some("two".into()),
        jku: Some("https://evil.example".into()),
        jwk: Some(serde_json::from_value(one.public.clone()).unwrap()),
        ..JoseHeader::new(Algorithm::ES256)
    };
    let token = one.signed(&brought, &json!({ "name": "ada", "exp": NOW + 60 }));
    assert_refused(&client, &token, "signature does not match");
}

#[test]
fn a_token_without_an_id_is_judged_where_only_one_key_can_be_meant() {
    let (ec, ed) = (es256("ec"), ed25519("ed"));
    let client = application(&public("['ES256', 'EdDSA']", &[&ec, &ed]));
    assert_accepted(&client, &ec.named(None, &json!({})));
    assert_accepted(&client, &ed.named(None, &json!({})));
    let client = application(&public("'ES256'", &[&ec, &es256("other")]));
    let why = "header names no key, and several have its algorithm";
    assert_refused(&client, &ec.named(None, &json!({})), why);
    let client = application(&public("'ES256'", &[&ec]));
    assert_accepted(&client, &ec.named(None, &json!({})));
}

#[test]
fn a_single_key_may_stand_without_a_set() {
    let key = es256("only");
    for toml in [
        of("'ES256'", "jwks", &key.public.to_string()),
        of("'ES256'", "private_jwks", &key.private.to_string()),
    ] {
        assert_accepted(&application(&toml), &key.token());
    }
}

// R16: sign with the new, accept both.
#[test]
fn a_signing_set_is_rotated_by_key_id() {
    for (old, new, algorithm) in [
        (es256("2025"), es256("2026"), "'ES256'"),
        (hs256("2025", SECRET), hs256("2026", &SECRET.repeat(2)), "'HS256'"),
        (ed25519("2025"), es256("2026"), "['ES256', 'EdDSA']"),
    ] {
        let path = file("rotated.json", set([&old.private, &new.private]));
        let by_file = format!(
            "[default.passport.jwt]\nalgorithm = {algorithm}\nprivate_jwks_file = '{path}'\n"
        );
        for (toml, id, key) in [
            (private(algorithm, &[&old, &new]), "", &old),
            (private(algorithm, &[&old, &new]), "key_id = '2026'\n", &new),
            (by_file, "key_id = '2026'\n", &new),
        ] {
            let client = client(signing(&format!("{toml}{id}")));
            let token = signed(&client, &json!({ "name": "ada" }));
            let header: Value = serde_json::from_str(&part(&token, 0)).unwrap();
            assert_eq!(header["kid"], key.private["kid"], "{id}");
            assert_eq!(header["alg"], key.private["alg"], "{id}");
            assert_accepted(&client, &token);
            assert_accepted(&client, &old.token());
            assert_accepted(&client, &new.token());
        }
    }
}

// RFC 7517 section 4.3
#[test]
fn a_key_that_may_only_verify_does_not_sign() {
    let (old, new) = (hs256("2025", SECRET), hs256("2026", &SECRET.repeat(2)));
    let retired = with(&old.private, "key_ops", json!(["verify"]));
    let toml = of("'HS256'", "private_jwks", &set([&retired, &new.private]));
    let client = client(signing(&toml));
    let token = signed(&client, &json!({ "name": "ada" }));
    assert!(part(&token, 0).contains("2026"), "{token}");
    assert_accepted(&client, &token);
    assert_accepted(&client, &old.token());

    let report = refusal(signing(&format!("{toml}key_id = '2025'\n")));
    assert!(report.contains("`passport.jwt.key_id`: no private key has this `kid`"), "{report}");
}

/// What launch says of a table.
#[track_caller]
fn assert_mistake(toml: &str, key: &str, problem: &str, remedy: &str) {
    let report = refusal(rocket(release_figment(toml)));
    assert_eq!(
        report,
        format!(
            "passport ERROR: launch refused, one mistake:\npassport ERROR: `passport.jwt.{key}`: \
             {problem}\n    in TOML source string, profile `default`\n    {remedy}"
        )
    );
}

#[test]
fn a_key_id_that_names_nothing() {
    let keys = [&es256("a"), &es256("b")];
    let toml = format!("{}key_id = 'c'\n", private("'ES256'", &keys));
    let problem = "no private key has this `kid`";
    assert_mistake(&toml, "key_id", problem, "name one of the set, or remove it");
    let toml = format!("{}key_id = 'a'\n", public("'ES256'", &keys));
    assert_mistake(&toml, "key_id", "names one key, and a set has names of its own", "remove it");
}

#[test]
fn a_set_that_gives_no_key() {
    let remedy = "put a key in, or list its algorithm under `algorithm`";
    for source in ["jwks", "private_jwks"] {
        let empty = of("'ES256'", source, r#"{"keys":[]}"#);
        assert_mistake(&empty, source, "an empty set", remedy);
        let shape = "it looks like `{\"keys\":[{…}]}`";
        for text in ["hunter2", "", "[]", "{}", r#"{"keys":{}}"#] {
            assert_mistake(&of("'ES256'", source, text), source, "no JSON Web Key Set", shape);
        }
    }
    let useless = "no key in it is for signatures by `algorithm`";
    assert_mistake(&public("'EdDSA'", &[&es256("a")]), "jwks", useless, remedy);
    let encrypts = with(&es256("a").public, "use", json!("enc"));
    assert_mistake(&of("'ES256'", "jwks", &set([&encrypts])), "jwks", useless, remedy);
    let toml = "[default.passport.jwt]\nalgorithm = 'ES256'\njwks_file = 'hunter2/none.json'";
    let path = "a relative path begins at the file that names it";
    assert_mistake(toml, "jwks_file", "the file cannot be read: entity not found", path);
}

// R16
#[test]
fn a_private_member_in_a_public_set() {
    let (good, bad) = (es256("good"), es256("bad"));
    let remedy = "a public set is for everybody to read: make a new key, and publish its public half \
                  only; a set to sign with is `private_jwks_file`";
    let text = set([&good.public, &bad.private]);
    let problem = "key `bad` holds a private member";
    assert_mistake(&of("'ES256'", "jwks", &text), "jwks", problem, remedy);
    let path = file("betrayed.json", text);
    let toml = format!("[default.passport.jwt]\nalgorithm = 'ES256'\njwks_file = '{path}'");
    assert_mistake(&toml, "jwks_file", problem, remedy);
    // The reverse is a mistake as well: it could not sign.
    let text = set([&good.private, &bad.public]);
    let remedy = "a set of public keys is `jwks_file`";
    let toml = of("'ES256'", "private_jwks", &text);
    assert_mistake(&toml, "private_jwks", "key `bad`: a public key", remedy);
}

// R02
#[test]
fn secrets_and_key_pairs_in_one_set() {
    let keys = [&es256("pair"), &hs256("secret", SECRET)];
    let remedy = "whoever knows a public key could sign with it as a secret; use two strategies";
    let toml = private("['ES256', 'HS256']", &keys);
    assert_mistake(&toml, "algorithm", "both of secrets and of key pairs", remedy);
    // Of one family only, the other one is none of ours.
    let client = application(&private("'ES256'", &keys));
    assert_accepted(&client, &keys[0].token());
    assert_refused(&client, &keys[1].named(None, &json!({})), "algorithm is not ES256");
}

#[test]
fn a_list_of_algorithms_for_a_single_key() {
    let problem = "several, and one key has exactly one";
    let remedy = "keep the one that the key is for; a list is for sets of keys";
    let toml = of("['ES256', 'ES384']", "public_key", pem!("p256-spki"));
    assert_mistake(&toml, "algorithm", problem, remedy);
}

#[test]
fn every_key_that_is_wrong_in_one_start() {
    let good = es256("good").public;
    let broken = with(&es256("broken").public, "x", json!("AAAA"));
    let short = json!({ "kty": "EC", "crv": "P-256", "kid": "short" });
    let toml = of("'ES256'", "jwks", &set([&broken, &good, &short, &good]));
    let report = refusal(rocket(release_figment(&toml)));
    assert!(report.contains("launch refused, 3 mistakes:"), "{report}");
    for line in [
        "`passport.jwt.jwks`: key `broken`: `x` is not 32 bytes long\n",
        "`passport.jwt.jwks`: key `short`: without `x`\n",
        "`passport.jwt.jwks`: key `good`: a second key of this id and algorithm\n",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
    }
}

// Such a key could judge no token: one without an id may mean another, and one with an id does.
#[test]
fn a_key_without_an_id_beside_another_of_its_algorithm() {
    let unnamed = |mut jwk: Value| {
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    };
    let problem = "a key without `kid` beside another for ES256";
    let remedy = "give each its own `kid`: no token could say which of them signed it";
    for (source, one, other) in [
        ("jwks", unnamed(es256("a").public), unnamed(es256("b").public)),
        ("jwks", unnamed(es256("a").public), es256("b").public),
        ("private_jwks", unnamed(es256("a").private), unnamed(es256("b").private)),
    ] {
        let toml = of("'ES256'", source, &set([&one, &other]));
        assert_mistake(&toml, source, problem, remedy);
    }
    let (ec, ed) = (es256("a"), ed25519("b"));
    let keys = set([&unnamed(ec.public.clone()), &unnamed(ed.public.clone())]);
    let client = application(&of("['ES256', 'EdDSA']", "jwks", &keys));
    assert_accepted(&client, &ec.named(None, &json!({})));
    assert_accepted(&client, &ed.named(None, &json!({})));
}

// What is signed for the one would open the other.
#[test]
fn two_strategies_that_share_one_key_of_a_set() {
    let (ours, shared, theirs) = (es256("ours"), es256("shared"), es256("theirs"));
    let secret = hs256("secret", SECRET);
    let pair = |one: &str, other: &str| {
        let toml = format!("{one}{}", other.replace("passport.jwt", "passport.partner"));
        rocket::custom(figment(&toml))
            .manage(Ran::default())
            .attach(Jwt::<Account>::fairing("jwt"))
            .attach(Jwt::<Account>::fairing("partner"))
            .mount("/", routes![me])
    };
    let expected = "passport ERROR: launch refused, one mistake:\n\
                    passport ERROR: strategies `jwt` and `partner` share a key: what is signed for \
                    one would open the other; give each its own";
    let renamed = with(&shared.public, "kid", json!("another name"));
    for (one, other) in [
        (public("'ES256'", &[&ours, &shared]), public("'ES256'", &[&shared, &theirs])),
        (public("'ES256'", &[&ours, &shared]), private("'ES256'", &[&shared])),
        (public("'ES256'", &[&shared]), of("'ES256'", "jwks", &set([&renamed]))),
        (private("'HS256'", &[&secret]), table("")),
    ] {
        assert_eq!(refusal(pair(&one, &other)), expected);
    }
    let rocket = pair(&public("'ES256'", &[&ours]), &public("'ES256'", &[&theirs]));
    assert!(ignite(rocket).is_ok());
}

// A launch that takes minutes is a launch that never was.
#[test]
fn large_sets_launch_quickly() {
    let many = |name: &str| {
        let keys: Vec<Value> = (0..10_000)
            .map(|n| hs256(&format!("{n}"), &format!("{name} {n:0>40} of these tests")).private)
            .collect();
        of("'HS256'", "private_jwks_file", &file(&format!("{name}.json"), set(&keys)))
    };
    let (ours, theirs) = (many("ours"), many("them"));
    let toml = format!("{ours}{}", theirs.replace("passport.jwt", "passport.partner"));
    let rocket = rocket(figment(&toml)).attach(Jwt::<Account>::fairing("partner"));
    let client = client(rocket);
    let last = hs256("9999", &format!("ours {:0>40} of these tests", 9_999));
    assert_accepted(&client, &last.token());
    assert_refused(&client, &last.named(Some("9998"), &json!({})), "signature does not match");
}

#[test]
fn keys_in_der_are_read_from_files_and_from_base64() {
    let pem = |text: &str| -> String { text.lines().filter(|l| !l.starts_with('-')).collect() };
    let der = |text: &str| base64::engine::general_purpose::STANDARD.decode(pem(text)).unwrap();
    let sign = |pem: &str| {
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let claims = json!({ "name": "ada", "exp": NOW + 60 });
        jsonwebtoken::encode(&JoseHeader::new(Algorithm::ES256), &claims, &key).unwrap()
    };
    let token = sign(pem!("p256-pkcs8"));
    for (key, text) in [("public", pem!("p256-spki")), ("private", pem!("p256-pkcs8"))] {
        let path = file(&format!("{key}.der"), der(text));
        let broken = format!("{}\n\n{}", &pem(text)[..20], &pem(text)[20..]);
        for line in [
            format!("{key}_key_file = '{path}'"),
            format!("{key}_key = '{}'", pem(text)),
            format!("{key}_key = '''\n  {broken}\n'''"),
        ] {
            let toml = format!("[default.passport.jwt]\nalgorithm = 'ES256'\n{line}\n");
            assert_accepted(&application(&toml), &token);
        }
    }
    // R16, in DER as in PEM.
    let swapped = |key: &str, text: &str| of("'ES256'", key, &pem(text));
    let problem = "a private key where a public key belongs";
    let remedy = "give it as `private_key`, or take its public half";
    let toml = swapped("public_key", pem!("p256-pkcs8"));
    assert_mistake(&toml, "public_key", problem, remedy);
    let problem = "a public key where a private key belongs";
    let remedy = "give it as `public_key` to verify only";
    let toml = swapped("private_key", pem!("p256-spki"));
    assert_mistake(&toml, "private_key", problem, remedy);
}

// O02
#[test]
fn nothing_that_was_given_is_shown() {
    let text = r#"{"keys":[{"kty":"oct","k":"aHVudGVyMi1odW50ZXIy","d":"aHVudGVyMi1odW50ZXIy"}]}"#;
    for (source, text) in [
        ("jwks", text),
        ("private_jwks", text),
        ("jwks", "{\"keys\":\"aHVudGVyMi1odW50ZXIy\"}"),
        ("private_jwks", r#"{"keys":[{"kty":"oct","k":7,"d":"aHVudGVyMi1odW50ZXIy"}]}"#),
        ("private_jwks", r#"{"keys":[{"kty":"EC","crv":"P-256","d":"aHVudGVyMi1odW50ZXIy"}]}"#),
    ] {
        let report = refusal(rocket(release_figment(&of("'HS256'", source, text))));
        assert!(report.contains(&format!("`passport.jwt.{source}`: ")), "{report}");
        assert!(!report.contains("aHVu"), "{report}");
    }
}

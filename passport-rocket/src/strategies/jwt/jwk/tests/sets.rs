//! Sets: their shape, their size, and the names in them.

use super::*;

fn problem(text: &str) -> String {
    let unfit = read_text(text, &ALL, Holds::Public).unwrap_err();
    assert!(!unfit.remedy.is_empty());
    unfit.problem.into_owned()
}

#[test]
fn what_is_no_set_is_refused_whole() {
    for text in [
        "",
        "hunter2",
        "null",
        "[]",
        "7",
        "{}",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":"hunter2"}"#,
        r#"{"Keys":[]}"#,
        r#"{"keys":[]"#,
        r#"{"keys":[]} {}"#,
        r#"{"keys":[],}"#,
        "\u{feff}{\"keys\":[]}",
    ] {
        assert_eq!(problem(text), "no JSON Web Key Set", "{text}");
    }
    let not_utf8 = JwkSet::read(b"{\"keys\":[\"\xff\"]}", &Algorithms::from(vec![]), Holds::Public);
    assert_eq!(not_utf8.unwrap_err().problem, "no JSON Web Key Set");
    let deep = format!(r#"{{"keys":[{}{}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(problem(&deep), "no JSON Web Key Set");
}

// R05: two readers, two keys.
#[test]
fn a_member_that_is_there_twice_refuses_the_set() {
    let key = ec("P-256").public.to_string();
    let repeated = key.replacen('{', r#"{"x":"AAAA","#, 1);
    for text in [
        format!(r#"{{"keys":[{repeated}]}}"#),
        format!(r#"{{"keys":[],"keys":[{key}]}}"#),
        format!(r#"{{"keys":[{}]}}"#, key.replacen('{', r#"{"\u006bty":"RSA","#, 1)),
        r#"{"keys":[],"other":{"a":1,"a":2}}"#.to_owned(),
    ] {
        assert_eq!(problem(&text), "no JSON Web Key Set", "{text}");
    }
}

#[test]
fn a_single_key_is_a_set_of_one() {
    let key = with(&ec("P-256").public, &json!({ "kid": "only" }));
    let set = read_text(&key.to_string(), &[Algorithm::ES256], Holds::Public).unwrap();
    assert_eq!(set.keys.len(), 1);
    assert_eq!(set.keys[0].id.as_deref(), Some("only"));
    // A private one is no more public for standing alone.
    assert!(read_text(&ec("P-256").private.to_string(), &ALL, Holds::Public).is_err());
}

#[test]
fn what_a_set_says_besides_is_ignored() {
    let text = json!({ "keys": [ec("P-256").public], "issuer": "x", "kty": "RSA" }).to_string();
    assert_eq!(read_text(&text, &[Algorithm::ES256], Holds::Public).unwrap().keys.len(), 1);
    let empty = read_text(r#"{"keys":[]}"#, &ALL, Holds::Public).unwrap();
    assert!(empty.keys.is_empty() && empty.ignored.is_empty() && empty.broken.is_empty());
}

// RFC 7517 section 5: an entry of no use does not spoil the others.
#[test]
fn good_keys_stay_good_beside_others() {
    let good = with(&ec("P-256").public, &json!({ "kid": "good" }));
    let foreign = with(&ec("P-521").public, &json!({ "kid": "foreign" }));
    let broken = json!({ "kty": "RSA", "alg": "RS256", "kid": "bro`ken\n" });
    let set = read(&[foreign, json!(7), good, broken], &ALL, Holds::Public).unwrap();
    assert_eq!(set.keys.len(), 1);
    assert_eq!(set.keys[0].id.as_deref(), Some("good"));
    assert_eq!(set.ignored[0].name, "key `foreign`");
    let names: Vec<_> = set.broken.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["keys[1]", "key `bro`ken\\n`"]);
}

// RFC 7517 section 4.5
#[test]
fn an_id_names_one_key_for_each_algorithm() {
    let named = |key: &Value| with(key, &json!({ "kid": "a" }));
    let (one, other) = (named(&ec("P-256").public), named(&ec("P-256").public));
    let keys = [one.clone(), other, named(&ec("P-384").public), named(&ed25519().public)];
    let set = read(&keys, &ALL, Holds::Public).unwrap();
    let found: Vec<_> = set.keys.iter().map(|key| key.keys.algorithm).collect();
    assert_eq!(found, ["ES256", "ES384", "EdDSA"]);
    assert_eq!(set.broken.len(), 1);
    assert_eq!(set.broken[0].unfit.problem, "a second key of this id and algorithm");
    // The first one, and not whichever comes last.
    let first = read(&[one], &ALL, Holds::Public).unwrap();
    assert_eq!(set.keys[0].keys.identity, first.keys[0].keys.identity);
}

#[test]
fn an_empty_id_is_an_id() {
    let key = with(&ec("P-256").public, &json!({ "kid": "" }));
    let set = read(&[key], &ALL, Holds::Public).unwrap();
    assert_eq!(set.keys[0].id.as_deref(), Some(""));
}

#[test]
fn a_set_has_a_size() {
    let foreign = json!({ "kty": "AKP" });
    let most = read(&vec![foreign.clone(); MOST_KEYS], &ALL, Holds::Public).unwrap();
    assert_eq!(most.ignored.len(), MOST_KEYS);
    let more = read(&vec![foreign; MOST_KEYS + 1], &ALL, Holds::Public).unwrap_err();
    assert_eq!(more.problem, "more than 10000 keys");
}

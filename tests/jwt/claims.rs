//! What a token says, once its signature is right: what it must say, and when that holds.

use serde_json::{Value, json};

use super::{
    NOW, application, assert_accepted, assert_refused, foreign_with, raw, signed_by, status,
};

const HEADER: &str = r#"{"alg":"HS256"}"#;

// R24
#[test]
fn refuses_another_key_and_an_altered_token() {
    let client = application("");
    let stranger = signed_by(
        "a secret of somebody else, 32 bytes or more",
        &json!({ "name": "ada", "exp": NOW + 60 }),
    );
    assert_refused(&client, &stranger, "signature does not match");
    let (ada, bob) = (foreign_with(&json!({})), foreign_with(&json!({ "name": "bob" })));
    let (message, _) = bob.rsplit_once('.').unwrap();
    let (_, signature) = ada.rsplit_once('.').unwrap();
    assert_refused(&client, &format!("{message}.{signature}"), "signature does not match");
    assert_refused(&client, &format!("{message}.{}", &signature[..42]), NOT_CANONICAL);
    assert_refused(&client, &format!("{message}.{}", &signature[..40]), "signature does not match");
}

// R05
#[test]
fn refuses_claims_that_two_readers_may_read_differently() {
    let client = application("");
    let exp = NOW + 60;
    for (claims, name) in [
        (format!(r#"{{"name":"ada","name":"bob","exp":{exp}}}"#), "name"),
        (format!(r#"{{"name":"ada","exp":{exp},"exp":{exp}}}"#), "exp"),
        (format!(r#"{{"name":"ada","exp":{exp},"e\u0078p":9}}"#), "exp"),
        (format!(r#"{{"name":"ada","exp":{exp},"more":1,"more":2}}"#), "more"),
    ] {
        let why = format!("claim `{name}` is there twice");
        assert_refused(&client, &raw(HEADER, claims), &why);
    }
    let nested = format!(r#"{{"name":"ada","exp":{exp},"more":{{"a":1,"a":2}}}}"#);
    assert_refused(&client, &raw(HEADER, nested), "a claim holds a member twice, or is no JSON");
}

// R05
#[test]
fn refuses_what_is_no_object_in_utf8() {
    let client = application("");
    let no_objects: [&[u8]; 6] = [
        b"null",
        b"[\"ada\", 9999999999]",
        b"\"ada\"",
        b"{\"name\":\"ada\",\"exp\":9999999999} x",
        b"{\"name\":\"\xff\",\"exp\":9999999999}",
        b"\xef\xbb\xbf{\"name\":\"ada\",\"exp\":9999999999}",
    ];
    for claims in no_objects {
        assert_refused(&client, &raw(HEADER, claims), "payload is not a JSON object in UTF-8");
    }
}

// R08
#[test]
fn demands_an_end_that_is_a_whole_number_of_seconds() {
    let client = application("");
    let endless = signed_by(super::SECRET, &json!({ "name": "ada" }));
    assert_refused(&client, &endless, "claim `exp` is missing");
    let end = NOW + 60;
    let wrong = [
        json!(null),
        json!(end.to_string()),
        json!(end as f64 + 0.5),
        json!(1e300),
        json!(u64::MAX),
        json!((1_u64 << 53) + 1),
        json!(-1),
        json!(true),
        json!([end]),
        json!({ "exp": end }),
    ];
    for value in wrong {
        for name in ["exp", "nbf", "iat"] {
            let token = foreign_with(&json!({ name: value }));
            let why = format!("claim `{name}` is not a whole number of seconds");
            assert_refused(&client, &token, &why);
        }
    }
    for spelled in ["1e10", "10000000000.0", "18446744073709551616", "1E+10"] {
        let token = raw(HEADER, format!(r#"{{"name":"ada","exp":{spelled}}}"#));
        assert_refused(&client, &token, "claim `exp` is not a whole number of seconds");
    }
}

// R08: to the second, without leeway unless configured.
#[test]
fn a_token_ends_at_its_end() {
    let client = application("");
    let ending = |at: u64| foreign_with(&json!({ "exp": at }));
    assert_accepted(&client, &ending(NOW + 1));
    assert_refused(&client, &ending(NOW), "expired 0 s ago");
    assert_refused(&client, &ending(NOW - 3), "expired 3 s ago");
    assert_refused(&client, &ending(0), "expired 20833 d 8 h ago");
    let client = application("leeway = '1m'");
    assert_accepted(&client, &ending(NOW - 59));
    assert_refused(&client, &ending(NOW - 60), "expired 1 min ago");
}

// R08, trap 7
#[test]
fn a_token_begins_at_its_beginning_within_the_skew_of_clocks() {
    for (toml, skew) in [("", 5), ("clock_skew = 0", 0), ("clock_skew = '2 min'", 120)] {
        let client = application(toml);
        let ends = NOW + 3_600;
        let beginning = |at: u64| foreign_with(&json!({ "nbf": at, "exp": ends }));
        let issued = |at: u64| foreign_with(&json!({ "iat": at, "exp": ends }));
        assert_accepted(&client, &beginning(NOW + skew));
        assert_accepted(&client, &issued(NOW + skew));
        assert_accepted(&client, &beginning(0));
        assert_accepted(&client, &issued(0));
        let early = match skew {
            120 => "2 min 1 s".to_owned(),
            skew => format!("{} s", skew + 1),
        };
        let why = format!("not valid before {early} from now");
        assert_refused(&client, &beginning(NOW + skew + 1), &why);
        let why = format!("issued {early} in the future");
        assert_refused(&client, &issued(NOW + skew + 1), &why);
    }
}

// Trap 7, R10
#[test]
fn a_configured_check_fails_when_the_claim_is_absent() {
    let client = application("issuer = 'i'\naudience = 'a'\nsubject = 's'");
    let all = json!({ "iss": "i", "aud": "a", "sub": "s" });
    assert_accepted(&client, &foreign_with(&all));
    for name in ["iss", "aud", "sub"] {
        let mut some = all.clone();
        some.as_object_mut().unwrap().remove(name);
        assert_refused(&client, &foreign_with(&some), &format!("claim `{name}` is missing"));
    }
}

#[test]
fn issuer_and_subject_are_compared_to_the_letter() {
    let client = application("issuer = 'https://tidal.example'\nsubject = 'harbour'");
    let with = |iss: Value, sub: Value| foreign_with(&json!({ "iss": iss, "sub": sub }));
    let (iss, sub) = ("https://tidal.example", "harbour");
    assert_accepted(&client, &with(json!(iss), json!(sub)));
    let others = [
        json!("https://tidal.example/"),
        json!("https://TIDAL.example"),
        json!("https://tidal.example.evil"),
        json!(""),
        json!([iss]),
        json!(7),
    ];
    for other in others {
        let token = with(other, json!(sub));
        assert_refused(&client, &token, "claim `iss` is not the expected one");
    }
    for other in [json!("Harbour"), json!("harbours")] {
        let token = with(json!(iss), other);
        assert_refused(&client, &token, "claim `sub` is not the expected one");
    }
    for no_text in [json!(null), json!(["harbour"]), json!(7)] {
        let token = with(json!(iss), no_text);
        assert_eq!(status(&client, &token).code, 401, "{token}");
    }
}

// R10
#[test]
fn one_of_several_audiences_is_enough() {
    let of = |audience: Value| foreign_with(&json!({ "aud": audience }));
    let client = application("audience = ['tidal-api', 'tidal-admin']");
    for audience in [json!("tidal-api"), json!("tidal-admin"), json!(["x", "tidal-api"])] {
        assert_accepted(&client, &of(audience));
    }
    let others = [
        json!("other"),
        json!("tidal-api tidal-admin"),
        json!("Tidal-API"),
        json!([]),
        json!(["other"]),
        json!([["tidal-api"]]),
        json!(["tidal-api", 7]),
        json!(["tidal-api", null]),
        json!({ "aud": "tidal-api" }),
        json!(null),
    ];
    for audience in others {
        assert_refused(&client, &of(audience), "claim `aud` is not the expected one");
    }
    // RFC 7519 section 4.1.3: whoever has no name is not meant.
    let client = application("");
    for audience in [json!("other"), json!(["other"]), json!([])] {
        let why = "token names an audience, and `audience` is not configured";
        assert_refused(&client, &of(audience), why);
    }
}

// Trap 22, R22
#[test]
fn refuses_a_token_that_is_bound_to_a_key() {
    let client = application("");
    for binding in [json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }), json!(null)] {
        let why = "token is bound to a key (`cnf`) and was sent as a plain one";
        assert_refused(&client, &foreign_with(&json!({ "cnf": binding })), why);
    }
}

#[test]
fn refuses_claims_of_another_type_than_the_applications() {
    let client = application("");
    let token = signed_by(super::SECRET, &json!({ "exp": NOW + 60 }));
    assert_refused(&client, &token, "claim `name` is missing");
    let token = foreign_with(&json!({ "name": 7 }));
    assert_refused(&client, &token, "claim `name` does not fit the application's claims type");
}

const NOT_CANONICAL: &str = "signature is not canonical base64url";

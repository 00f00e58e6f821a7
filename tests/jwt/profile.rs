//! Profiles, and what an application demands of tokens besides: RFC 9068, ages, claims, checks.

use passport_rocket::danger::decode_without_verification;
use passport_rocket::{Denial, Error, TokenClaims, Tokens, public};
use passport_rocket_tests::{figment, refusal, release_figment};
use rocket::http::Status;
use rocket::{post, routes};

use super::issuing::{sign, signed};
use super::*;

const PROFILE: &str =
    "profile = 'rfc9068'\nissuer = 'https://tidal.example'\naudience = 'tidal-api'";

#[public("for tests")]
#[post("/nowhere")]
fn nowhere(tokens: Tokens) -> Result<String, Error> {
    let nobody: [&str; 0] = [];
    let claims = json!({ "name": "ada", "sub": "7", "client_id": "quay" });
    tokens.with().audience(nobody).sign(&claims)
}

fn profiled(more: &str) -> Client {
    let toml = table(&format!("{PROFILE}\nexpires_in = '5m'\n{more}"));
    client(rocket(figment(&toml)).mount("/", routes![sign, nowhere]))
}

/// An access token of RFC 9068 section 2.2.
fn access_token() -> Value {
    json!({
        "iss": "https://tidal.example", "exp": NOW + 60, "aud": "tidal-api", "sub": "7",
        "client_id": "quay", "iat": NOW, "jti": "1", "name": "ada",
    })
}

fn typed(kind: &str, claims: &Value) -> String {
    raw(json!({ "alg": "HS256", "typ": kind }).to_string(), claims.to_string())
}

// R12
#[test]
fn an_access_token_has_every_claim_of_the_profile() {
    let client = profiled("");
    assert_accepted(&client, &typed("at+jwt", &access_token()));
    let lacks = |name: &str| format!("claim `{name}` is required, and missing or empty");
    let differs = |name: &str| format!("claim `{name}` is not the expected one");
    let seconds = |name: &str| format!("claim `{name}` is not a whole number of seconds");
    for name in ["sub", "client_id", "jti"] {
        for wrong in [json!(null), json!(""), json!(7), json!(["7"]), json!({}), json!(true)] {
            let mut claims = access_token();
            claims[name] = wrong;
            assert_refused(&client, &typed("at+jwt", &claims), &lacks(name));
        }
    }
    for name in ["iss", "aud"] {
        for wrong in [json!(null), json!(""), json!(7), json!([]), json!({})] {
            let mut claims = access_token();
            claims[name] = wrong;
            assert_refused(&client, &typed("at+jwt", &claims), &differs(name));
        }
    }
    for name in ["exp", "iat"] {
        for wrong in [json!(null), json!(""), json!("1"), json!(1.5), json!([1]), json!(-1)] {
            let mut claims = access_token();
            claims[name] = wrong;
            assert_refused(&client, &typed("at+jwt", &claims), &seconds(name));
        }
    }
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        let mut claims = access_token();
        claims.as_object_mut().unwrap().remove(name);
        let why = match name {
            "iss" | "exp" | "aud" => format!("claim `{name}` is missing"),
            _ => lacks(name),
        };
        assert_refused(&client, &typed("at+jwt", &claims), &why);
    }
}

// R11
#[test]
fn an_access_token_says_that_it_is_one() {
    let client = profiled("");
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        assert_accepted(&client, &typed(kind, &access_token()));
    }
    let why = "header has a type that is not accepted";
    for kind in ["JWT", "", "id_token+jwt", "logout+jwt", "application/jwt", "at+jwt ", "x/at+jwt"]
    {
        assert_refused(&client, &typed(kind, &access_token()), why);
    }
    let untyped = raw(r#"{"alg":"HS256"}"#, access_token().to_string());
    assert_refused(&client, &untyped, why);
}

// T01
#[test]
fn what_is_signed_under_the_profile_is_accepted_by_it() {
    let client = profiled("key_id = '1'");
    let token = signed(&client, &json!({ "name": "ada", "sub": "7", "client_id": "quay" }));
    assert_eq!(part(&token, 0), r#"{"alg":"HS256","typ":"at+jwt","kid":"1"}"#);
    let mut claims = payload(&token);
    let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(id.as_str().unwrap().len(), 22);
    let expected = json!({
        "name": "ada", "sub": "7", "client_id": "quay", "iat": NOW, "exp": NOW + 300,
        "iss": "https://tidal.example", "aud": "tidal-api",
    });
    assert_eq!(claims, expected);
    assert_accepted(&client, &token);
}

/// 500, and a line that says which claim is missing.
#[track_caller]
fn assert_not_signed(client: &Client, path: &str, claims: &Value, why: &str) {
    let request = client.post(path.to_owned()).body(claims.to_string());
    let (answer, lines) = log::capture(|| request.dispatch().status());
    assert_eq!(answer, Status::InternalServerError, "{claims}");
    let line = format!("passport ERROR: Misuse: sign a token: {why}, route {}", &path[1..]);
    assert!(lines.contains(&line), "{line}\n{lines:#?}");
}

#[test]
fn what_the_profile_would_refuse_is_not_signed() {
    let client = profiled("");
    let whole = json!({ "sub": "7", "client_id": "quay" });
    for name in ["sub", "client_id"] {
        for wrong in [json!(null), json!(""), json!(7), json!(["7"])] {
            let mut claims = whole.clone();
            claims[name] = wrong;
            let why = format!("the claim `{name}` is required");
            assert_not_signed(&client, "/sign", &claims, &why);
        }
        let mut claims = whole.clone();
        claims.as_object_mut().unwrap().remove(name);
        assert_not_signed(&client, "/sign", &claims, &format!("the claim `{name}` is required"));
    }
    assert_not_signed(&client, "/nowhere", &whole, "the claim `aud` is required");
}

#[test]
fn a_profile_demands_what_it_needs_of_the_table() {
    let demanded = "missing, and `profile` demands it";
    for (lines, key, problem, remedy) in [
        ("audience = 'a'", "issuer", demanded, "say who signs the tokens"),
        ("issuer = 'i'", "audience", demanded, "say whom the tokens are for"),
        (
            "issuer = 'i'\naudience = 'a'\ntypes = ['JWT']",
            "types",
            "said by `profile` already",
            "remove one of the two",
        ),
    ] {
        let toml = table(&format!("profile = 'rfc9068'\n{lines}"));
        let report = refusal(rocket(release_figment(&toml)));
        let expected = format!(
            "passport ERROR: launch refused, one mistake:\npassport ERROR: `passport.jwt.{key}`: \
             {problem}\n    in TOML source string, profile `default`\n    {remedy}"
        );
        // A key that is absent has the place of its table.
        assert_eq!(report, expected);
    }
    let report = refusal(rocket(release_figment(&table("profile = 'rfc9067'"))));
    assert!(report.contains("`passport.jwt.profile`: unknown value"), "{report}");
    assert!(report.contains("did you mean `rfc9068`?"), "{report}");
}

// The boundary of `exp`: as old as `max_age` is too old.
#[test]
fn a_token_has_a_greatest_age() {
    let aged = |client: &Client, issued: u64, why: Option<&str>| {
        let token = foreign_with(&json!({ "iat": issued }));
        match why {
            None => assert_accepted(client, &token),
            Some(why) => assert_refused(client, &token, why),
        }
    };
    let client = application("max_age = '1m'");
    aged(&client, NOW, None);
    aged(&client, NOW - 59, None);
    aged(&client, NOW - 60, Some("issued 1 min ago, longer than `max_age`"));
    aged(&client, NOW + 5, None);
    aged(&client, NOW + 6, Some("issued 6 s in the future"));
    assert_refused(&client, &foreign(), "claim `iat` is missing");
    let wrong = foreign_with(&json!({ "iat": null }));
    assert_refused(&client, &wrong, "claim `iat` is not a whole number of seconds");
    let lenient = self::application("max_age = '1m'\nleeway = '30s'");
    aged(&lenient, NOW - 89, None);
    aged(&lenient, NOW - 90, Some("issued 1 min 30 s ago, longer than `max_age`"));
}

fn application(toml: &str) -> Client {
    super::application(toml)
}

#[test]
fn required_claims_are_there() {
    let client = application("required_claims = ['tenant', 'jti']");
    let with = |tenant: Value| foreign_with(&json!({ "tenant": tenant, "jti": "1" }));
    for tenant in [json!("north"), json!(7), json!(false), json!([]), json!({})] {
        assert_accepted(&client, &with(tenant));
    }
    let why = |name: &str| format!("claim `{name}` is required, and missing or empty");
    assert_refused(&client, &with(json!(null)), &why("tenant"));
    assert_refused(&client, &foreign_with(&json!({ "jti": "1" })), &why("tenant"));
    assert_refused(&client, &foreign_with(&json!({ "tenant": 7 })), &why("jti"));
    // Not one that stands deeper.
    let nested = foreign_with(&json!({ "user": { "tenant": 7 }, "jti": "1" }));
    assert_refused(&client, &nested, &why("tenant"));
}

#[test]
fn required_claims_are_signed() {
    let toml = table("required_claims = ['tenant']\nexpires_in = 60");
    let client = client(rocket(figment(&toml)).mount("/", routes![sign]));
    let claims = json!({ "name": "ada" });
    assert_not_signed(&client, "/sign", &claims, "the claim `tenant` is required");
    assert_accepted(&client, &signed(&client, &json!({ "name": "ada", "tenant": 7 })));
}

#[test]
fn more_claims_than_can_be_counted_refuse_launch() {
    let names = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("'c{n}'")).collect();
        format!("required_claims = [{}]", names.join(","))
    };
    let report = refusal(rocket(release_figment(&table(&names(29)))));
    assert!(report.contains("`passport.jwt.required_claims`: too many"), "{report}");
    let client = application(&names(28));
    let all: serde_json::Map<String, Value> =
        (0..28).map(|n| (format!("c{n}"), json!(n))).collect();
    assert_accepted(&client, &foreign_with(&Value::Object(all.clone())));
    for n in [0, 13, 27] {
        let mut lacking = all.clone();
        lacking.remove(&format!("c{n}"));
        let why = format!("claim `c{n}` is required, and missing or empty");
        assert_refused(&client, &foreign_with(&Value::Object(lacking)), &why);
    }
    // Under a profile, the last bits are its own.
    let all = Value::Object(all);
    let client = profiled(&names(28));
    let mut claims = access_token();
    for (name, value) in all.as_object().unwrap() {
        claims[name] = value.clone();
    }
    assert_accepted(&client, &typed("at+jwt", &claims));
    claims["jti"] = json!("");
    let why = "claim `jti` is required, and missing or empty";
    assert_refused(&client, &typed("at+jwt", &claims), why);
}

/// An application that checks the `jti` of tokens, and counts how often it was asked.
fn checking() -> Client {
    let asked = |token: &TokenClaims| {
        CHECKED.with(|checked| checked.set(checked.get() + 1));
        match token.id() {
            None => Err(Denial::rejected("without an id")),
            Some("revoked") => Err(Denial::rejected("revoked")),
            Some("locked") => Err(Denial::forbidden("locked")),
            Some("down") => Err(Denial::unavailable("hunter2: connection refused")),
            Some("broken") => Err(Denial::fault("hunter2: no such column")),
            Some(_) => Ok(()),
        }
    };
    let second = |token: &TokenClaims| match token.subject() {
        Some("nobody") => Err(Denial::rejected("about nobody")),
        _ => Ok(()),
    };
    let rocket = rocket::custom(figment(&table("")))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt").check(asked).check(second))
        .mount("/", routes![me]);
    client(rocket)
}

thread_local! {
    static CHECKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[test]
fn an_application_checks_what_else_it_likes() {
    let client = checking();
    let of = |id: &str| foreign_with(&json!({ "jti": id }));
    assert_accepted(&client, &of("1"));
    assert_refused(&client, &of("revoked"), "revoked");
    assert_refused(&client, &foreign(), "without an id");
    let nobody = foreign_with(&json!({ "jti": "1", "sub": "nobody" }));
    assert_refused(&client, &nobody, "about nobody");
    let both = foreign_with(&json!({ "jti": "revoked", "sub": "nobody" }));
    assert_refused(&client, &both, "revoked");
    let before = runs(&client);
    for (id, expected) in [
        ("locked", Status::Forbidden),
        ("down", Status::ServiceUnavailable),
        ("broken", Status::InternalServerError),
    ] {
        let answer = seen(client.get("/me").header(bearer(of(id))).dispatch());
        assert_eq!(answer.status, expected, "{id}");
        assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
    }
    assert_eq!(runs(&client), before);
}

#[test]
fn a_check_is_asked_last_and_about_proved_tokens_only() {
    let client = checking();
    let stranger = signed_by("a secret of somebody else, 32 bytes or more", &payload(&foreign()));
    for token in [
        "x".to_owned(),
        stranger,
        foreign_with(&json!({ "jti": "1", "exp": 1 })),
        foreign_with(&json!({ "jti": "1", "aud": "others" })),
        foreign_with(&json!({ "jti": "1", "cnf": {} })),
        foreign_with(&json!({ "jti": "1", "name": 7 })),
    ] {
        assert_eq!(status(&client, &token), Status::Unauthorized);
    }
    assert_eq!(CHECKED.get(), 0);
    assert_accepted(&client, &foreign_with(&json!({ "jti": "1" })));
    assert_eq!(CHECKED.get(), 2);
}

// A check stands before the user is looked up: a revoked token costs no store.
#[test]
fn a_check_stands_before_the_verifier() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let looked_up = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&looked_up);
    let jwt = Jwt::<Account>::fairing("jwt")
        .check(|token| match token.id() {
            Some(_) => Ok(()),
            None => Err(Denial::rejected("without an id")),
        })
        .verify(move |account: Account| {
            counting.fetch_add(1, Ordering::SeqCst);
            Some(account)
        });
    let rocket = rocket::custom(figment(&table("")))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(jwt)
        .mount("/", routes![me]);
    let client = client(rocket);
    assert_refused(&client, &foreign(), "without an id");
    assert_eq!(looked_up.load(Ordering::SeqCst), 0);
    assert_accepted(&client, &foreign_with(&json!({ "jti": "1" })));
    assert_eq!(looked_up.load(Ordering::SeqCst), 2);
}

/// Claims that borrow from the token.
#[derive(Deserialize)]
struct Tenant<'t> {
    tenant: &'t str,
    #[serde(borrow)]
    group: std::borrow::Cow<'t, str>,
}

#[protect(strategy = "jwt")]
#[get("/tenant")]
fn tenant(user: User<Account>) -> Result<String, Error> {
    let token = User::info::<TokenClaims>(&user).unwrap();
    let Tenant { tenant, group } = token.get()?;
    Ok(format!("{tenant} {group}"))
}

#[test]
fn a_handler_borrows_claims() {
    let client = client(rocket(figment(&table(""))).mount("/", routes![tenant]));
    let ask = |token: String| client.get("/tenant").header(bearer(token)).dispatch();
    let token = foreign_with(&json!({ "tenant": "north", "group": "a\"b" }));
    assert_eq!(ask(token).into_string().unwrap(), "north a\"b");
    // What cannot be lent is an error, of ours.
    for claims in [json!({ "tenant": "a\"b", "group": "" }), json!({}), json!({ "tenant": 7 })] {
        let response = ask(foreign_with(&claims));
        assert_eq!(response.status(), Status::InternalServerError, "{claims}");
    }
}

#[test]
fn a_tool_reads_a_token_that_proves_nothing() {
    let key = EncodingKey::from_secret(b"whatever");
    let header = JoseHeader {
        kid: Some("a".into()),
        typ: Some("anything/at all".into()),
        ..JoseHeader::new(Algorithm::HS384)
    };
    let claims = json!({ "iss": "https://north.example", "name": "ada", "exp": 1 });
    let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    let (said, account) = decode_without_verification::<Account>(&token).unwrap();
    assert_eq!((&*said.algorithm, said.key_id.as_deref()), ("HS384", Some("a")));
    assert_eq!(said.issuer.as_deref(), Some("https://north.example"));
    assert_eq!(account.name, "ada");
    let (_, all) = decode_without_verification::<Value>(&token).unwrap();
    assert_eq!(all, claims);

    let problem =
        |token: &str| decode_without_verification::<Account>(token).unwrap_err().to_string();
    let parts: Vec<_> = token.split('.').collect();
    let other =
        |payload: &[u8]| problem(&format!("{}.{}.AA", parts[0], URL_SAFE_NO_PAD.encode(payload)));
    assert_eq!(problem("hunter2"), "decode a token: token has not exactly three parts");
    assert_eq!(problem("AA.AA.AA"), "decode a token: header is not a JSON object with texts");
    assert_eq!(problem(&token[1..]), "decode a token: header is not canonical base64url");
    let unfit = "decode a token: its claims do not fit the type";
    for payload in [&br#"{"name":7}"#[..], b"hunter2", b"{}", br#"{"name":"hunter2","name":"a"}"#] {
        assert_eq!(other(payload), unfit);
    }
    assert_eq!(other(b"\xff"), "decode a token: payload is not a JSON object in UTF-8");
}

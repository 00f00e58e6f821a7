//! Tokens that handlers sign.

use std::time::Duration;

use passport_rocket::{Error, Tokens, public};
use passport_rocket_tests::{client, figment, log, refusal};
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, post, routes};
use serde_json::{Value, json};

use super::{Account, NOW, assert_accepted, bearer, part, payload, rocket, table};

#[public("for tests")]
#[post("/sign", data = "<claims>")]
pub(super) fn sign(claims: Json<Value>, tokens: Tokens) -> Result<String, Error> {
    tokens.sign(&*claims)
}

#[public("for tests")]
#[post("/reset")]
fn reset(tokens: Tokens) -> Result<String, Error> {
    tokens
        .with()
        .expires_in(Duration::from_secs(600))
        .valid_in(Duration::from_secs(2))
        .audience(["mail", "web"])
        .subject("7")
        .id("reset-1")
        .sign(&json!({ "name": "ada" }))
}

#[public("for tests")]
#[post("/typed")]
fn typed(tokens: Tokens) -> Result<String, Error> {
    tokens.sign(&Account { name: "ada".to_owned() })
}

fn application(toml: &str) -> Rocket<Build> {
    rocket(figment(&table(toml))).mount("/", routes![sign, reset, typed])
}

/// The token that `POST /sign` answers.
pub(super) fn signed(client: &Client, claims: &Value) -> String {
    let response = client.post("/sign").body(claims.to_string()).dispatch();
    assert_eq!(response.status(), Status::Ok);
    response.into_string().unwrap()
}

fn post(client: &Client, path: &str) -> String {
    client.post(path).dispatch().into_string().unwrap()
}

#[test]
fn with_nothing_configured_a_token_is_the_claims_and_two_times() {
    let client = client(application("expires_in = '4h'"));
    let token = post(&client, "/typed");
    let end = NOW + 14_400;
    assert_eq!(part(&token, 1), format!(r#"{{"name":"ada","iat":{NOW},"exp":{end}}}"#));
    assert_eq!(part(&token, 0), r#"{"alg":"HS256","typ":"JWT"}"#);
    assert_eq!(part(&signed(&client, &json!({})), 1), format!(r#"{{"iat":{NOW},"exp":{end}}}"#));
    assert_accepted(&client, &token);
}

// T01
#[test]
fn what_is_configured_is_signed() {
    let client = client(application(
        "expires_in = '4h'\nissuer = 'https://tidal.example'\naudience = 'tidal-api'\n\
         subject = 'harbour'\njti = true\nkey_id = '2026-a'\ntypes = ['at+jwt', 'JWT']",
    ));
    let token = post(&client, "/typed");
    assert_eq!(part(&token, 0), r#"{"alg":"HS256","typ":"at+jwt","kid":"2026-a"}"#);
    let mut claims = payload(&token);
    let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
    let expected = json!({
        "name": "ada", "iat": NOW, "exp": NOW + 14_400,
        "iss": "https://tidal.example", "aud": "tidal-api", "sub": "harbour",
    });
    assert_eq!(claims, expected);
    // 128 random bits.
    assert_eq!(id.as_str().unwrap().len(), 22);
    assert_ne!(payload(&post(&client, "/typed"))["jti"], id);
    assert_accepted(&client, &token);
}

#[test]
fn several_audiences_are_all_signed() {
    let client = client(application("expires_in = 60\naudience = ['tidal-api', 'tidal-admin']"));
    let token = post(&client, "/typed");
    assert_eq!(payload(&token)["aud"], json!(["tidal-api", "tidal-admin"]));
    assert_accepted(&client, &token);
}

#[test]
fn one_token_may_differ_from_the_configuration() {
    let table = "expires_in = '4h'\naudience = 'web'\nsubject = 'harbour'\njti = true";
    let client = client(application(table));
    let token = post(&client, "/reset");
    let expected = json!({
        "name": "ada", "iat": NOW, "exp": NOW + 600, "nbf": NOW + 2,
        "aud": ["mail", "web"], "sub": "7", "jti": "reset-1",
    });
    assert_eq!(payload(&token), expected);
    // It is checked by the configuration all the same: of another subject, it opens nothing.
    let response = client.get("/me").header(bearer(token)).dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
}

#[test]
fn durations_are_written_as_people_write_them() {
    for (written, seconds) in [
        ("'15s'", 15),
        ("'4h'", 14_400),
        ("'2 days'", 172_800),
        ("'1h30m'", 5_400),
        ("'1h 30m'", 5_400),
        ("'2 weeks'", 1_209_600),
        ("90", 90),
        ("'90'", 90),
    ] {
        let client = client(application(&format!("expires_in = {written}")));
        let token = post(&client, "/typed");
        assert_eq!(payload(&token)["exp"], json!(NOW + seconds), "{written}");
    }
}

#[test]
fn ambiguous_durations_refuse_launch() {
    for (written, problem) in [
        ("'1 month'", "a month has no fixed length: count in days"),
        ("'1M'", "a month has no fixed length: count in days"),
        ("'1h 30'", "a number without a unit beside others: give each a unit"),
        ("'4H'", "an unknown unit: use s, min, h, d or w, in lower case"),
        ("1.5", "a fraction without a unit: write whole seconds, or a unit"),
        ("-5", "a negative duration: leave out the sign"),
        ("0", "not a whole number of seconds above zero"),
        ("'1500ms'", "not a whole number of seconds above zero"),
        ("1800000000000", "longer than a hundred years: a bare number is seconds"),
    ] {
        let report = refusal(application(&format!("expires_in = {written}")));
        let line = report.lines().nth(1).unwrap_or_default();
        let expected = format!("passport ERROR: `passport.jwt.expires_in`: {problem}");
        assert!(line.starts_with(&expected), "{written}: {report}");
    }
}

/// A 500 that tells the client nothing, and one line of the log that tells the programmer.
#[track_caller]
fn assert_fails(client: &Client, path: &str, claims: &Value, why: &str) {
    let request = client.post(path).body(claims.to_string());
    let ((status, body), lines) = log::capture(|| {
        let response = request.dispatch();
        (response.status(), response.into_string().unwrap())
    });
    assert_eq!(status, Status::InternalServerError, "{claims}");
    assert!(!body.contains("eyJ") && !body.contains("claim"), "{body}");
    let line = format!("passport ERROR: Misuse: sign a token: {why}, route {}", &path[1..]);
    assert!(lines.contains(&line), "{line}\n{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("eyJ") || line.contains("hunter2")));
}

// R05, R08: never sign what we would refuse, and never guess which of two is meant.
#[test]
fn a_token_that_contradicts_itself_is_not_signed() {
    let table = "expires_in = 60\nissuer = 'i'\naudience = 'a'\nsubject = 's'\njti = true";
    let client = client(application(table));
    for name in ["iat", "exp", "iss", "aud", "sub", "jti"] {
        let why = format!("the claims hold `{name}` already, which is set besides");
        assert_fails(&client, "/sign", &json!({ "name": "hunter2", name: 5 }), &why);
    }
    let why = "the claim `nbf` is no whole number of seconds";
    assert_fails(&client, "/sign", &json!({ "nbf": "hunter2" }), why);
    for claims in [json!("hunter2"), json!(["hunter2"]), json!(null), json!(7)] {
        assert_fails(&client, "/sign", &claims, "the claims are no JSON object");
    }
}

// R08
#[test]
fn a_token_without_an_end_is_not_signed() {
    let client = client(application(""));
    let why = "nothing says when it expires (`passport.jwt.expires_in`)";
    assert_fails(&client, "/typed", &json!({}), why);
    let own = signed(&client, &json!({ "name": "ada", "exp": NOW + 60 }));
    assert_eq!(payload(&own), json!({ "name": "ada", "exp": NOW + 60, "iat": NOW }));
    assert_accepted(&client, &own);
}

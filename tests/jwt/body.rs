//! A token in a field of the body, with the payload beside it or alone.

use passport_rocket::{Error, Jwt, User, UserAnd, protect, verify};
use passport_rocket_tests::{Ran, client, figment, headers, log, refusal};
use rocket::form::{Form, Strict};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::serde::json::Json;
use rocket::{Build, FromForm, Rocket, State, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Account, bearer, clock, foreign, foreign_with, me, runs, signed_by, table};

/// What Passport calls `versionOneCompatibility`.
const VERSION_ONE: &str =
    "token_from = [{ scheme = 'JWT' }, { body = 'auth_token' }, { query = 'auth_token' }]";
const COOKIE_TOO: &str = "token_from = [{ scheme = 'Bearer' }, { body = 'auth_token' }, \
                          { body = 'user[token]' }, { cookie = 'token' }]";
const BODY_ONLY: &str = "token_from = [{ body = 'auth_token' }]";

#[derive(Serialize, Deserialize, FromForm)]
#[serde(deny_unknown_fields)]
struct Tide {
    height: f32,
}

#[protect(strategy = "jwt")]
#[post("/user", data = "<user>")]
fn user(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

#[protect(strategy = "jwt")]
#[post("/json", data = "<sent>")]
fn json_too(sent: UserAnd<Account, Json<Tide>>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} {}", sent.user.name, sent.payload.height)
}

#[protect(strategy = "jwt")]
#[post("/form", data = "<sent>")]
fn form_too(sent: UserAnd<Account, Form<Strict<Tide>>>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} {}", sent.user.name, sent.payload.height)
}

/// Here nobody looks for a token in the body.
#[protect(strategy = "jwt")]
#[post("/apart", data = "<tide>")]
fn apart(user: User<Account>, tide: Json<serde_json::Value>, ran: &State<Ran>) -> String {
    ran.count();
    drop(tide);
    user.name.clone()
}

/// Rocket's own guards, to compare with.
#[protect(strategy = "jwt")]
#[post("/plain/json", data = "<tide>")]
fn plain_json(user: User<Account>, tide: Json<Tide>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} {}", user.name, tide.height)
}

#[protect(strategy = "jwt")]
#[post("/plain/form", data = "<tide>")]
fn plain_form(user: User<Account>, tide: Form<Strict<Tide>>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} {}", user.name, tide.height)
}

fn rocket(toml: &str) -> Rocket<Build> {
    let limits = "[default.limits]\njson = '2 KiB'\nform = '2 KiB'";
    rocket::custom(figment(&format!("{}\n{limits}", table(toml))))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt"))
}

fn application(toml: &str) -> Client {
    let routes = routes![user, json_too, form_too, apart, plain_json, plain_form];
    client(rocket(toml).mount("/", routes))
}

fn bob() -> String {
    foreign_with(&json!({ "name": "bob" }))
}

fn jwt(token: &str) -> Header<'static> {
    Header::new("Authorization", format!("JWT {token}"))
}

fn cookie(token: &str) -> Header<'static> {
    Header::new("Cookie", format!("token={token}"))
}

fn from_elsewhere() -> Header<'static> {
    Header::new("Sec-Fetch-Site", "cross-site")
}

fn send<'c>(
    client: &'c Client,
    path: &str,
    headers: &[Header<'static>],
    (kind, body): (ContentType, &str),
) -> LocalResponse<'c> {
    let mut request = client.post(path.to_owned()).header(kind).body(body);
    for header in headers {
        request.add_header(header.clone());
    }
    request.dispatch()
}

fn as_json(body: &serde_json::Value) -> (ContentType, String) {
    (ContentType::JSON, body.to_string())
}

fn as_form(body: &str) -> (ContentType, String) {
    (ContentType::Form, body.to_owned())
}

/// The handler ran, and said `said`.
#[track_caller]
fn assert_said(
    client: &Client,
    path: &str,
    headers: &[Header<'static>],
    (kind, body): (ContentType, String),
    said: &str,
) {
    let before = runs(client);
    let response = send(client, path, headers, (kind, &body));
    assert_eq!(response.status(), Status::Ok, "{path} {body}");
    assert_eq!(response.into_string().unwrap(), said, "{path} {body}");
    assert_eq!(runs(client), before + 1);
}

/// It is refused with `status`, and nothing ran.
#[track_caller]
fn assert_refused(
    client: &Client,
    path: &str,
    headers: &[Header<'static>],
    (kind, body): (ContentType, String),
    status: u16,
) {
    let before = runs(client);
    let response = send(client, path, headers, (kind, &body));
    assert_eq!(response.status().code, status, "{path} {body}");
    assert_eq!(runs(client), before, "{path} {body}");
}

#[test]
fn version_one_compatibility_takes_header_body_and_query() {
    let client = application(VERSION_ONE);
    let token = foreign();
    let nothing = || as_json(&json!({}));
    assert_said(&client, "/user", &[jwt(&token)], nothing(), "ada");
    assert_said(&client, &format!("/user?auth_token={token}"), &[], nothing(), "ada");
    assert_said(&client, "/user", &[], as_json(&json!({ "auth_token": token })), "ada");
    assert_said(&client, "/user", &[], as_form(&format!("auth_token={token}")), "ada");
    assert_refused(&client, "/user", &[bearer(&token)], nothing(), 401);
    assert_refused(&client, "/user", &[], as_json(&json!({ "token": token })), 401);
    let response = send(&client, "/user", &[], (ContentType::JSON, "{}"));
    assert_eq!(headers(&response, "WWW-Authenticate"), [r#"JWT realm="protected""#]);
    assert_eq!(headers(&response, "Vary"), ["Authorization"]);
}

#[test]
fn the_payload_does_not_see_the_token() {
    let client = application(COOKIE_TOO);
    let token = foreign();
    let body = || as_json(&json!({ "auth_token": token, "height": 1.5 }));
    assert_said(&client, "/json", &[], body(), "ada 1.5");
    let nested = as_json(&json!({ "user": { "token": token }, "height": 1.5 }));
    assert_said(&client, "/json", &[], nested, "ada 1.5");
    // It is taken out also where the head had told the same.
    assert_said(&client, "/json", &[bearer(&token)], body(), "ada 1.5");
    let form = || as_form(&format!("height=1.5&auth%5Ftoken={token}"));
    assert_said(&client, "/form", &[], form(), "ada 1.5");
    assert_said(&client, "/form", &[bearer(&token)], form(), "ada 1.5");
    assert_said(&client, "/form", &[], as_form(&format!("user[token]={token}&height=1")), "ada 1");
    // Any other field is the payload's.
    let more = as_json(&json!({ "auth_token": token, "height": 1.5, "more": 1 }));
    assert_refused(&client, "/json", &[], more, 422);
    let user = as_json(&json!({ "user": { "token": token, "name": "ada" }, "height": 1.5 }));
    assert_refused(&client, "/json", &[], user, 422);
}

#[test]
fn strangers_are_refused_before_the_payload_is_judged() {
    let client = application(COOKIE_TOO);
    let expired = foreign_with(&json!({ "exp": super::NOW - 60 }));
    for token in ["", "x", &expired] {
        let body = json!({ "auth_token": token, "height": "high" });
        assert_refused(&client, "/json", &[], as_json(&body), 401);
        let body = as_form(&format!("auth_token={token}&height=high"));
        assert_refused(&client, "/form", &[], body, 401);
    }
    for body in [json!({}), json!([]), json!(null), json!({ "auth_token": null })] {
        assert_refused(&client, "/json", &[], as_json(&body), 401);
    }
    // Neither says anything of a payload: there is no telling whether a token is in there.
    assert_refused(&client, "/json", &[], (ContentType::JSON, "{".to_owned()), 400);
    assert_refused(&client, "/json", &[], as_json(&json!("x".repeat(3_000))), 413);
    // A body in which no token can be looked for has none.
    assert_refused(&client, "/form", &[], (ContentType::Plain, foreign()), 401);
    assert_refused(&client, "/user", &[], (ContentType::Plain, foreign()), 401);
    assert_refused(&client, "/json", &[], (ContentType::JSON, String::new()), 401);
}

// R17
#[test]
fn a_token_that_is_no_text_or_there_twice_is_malformed() {
    let client = application(COOKIE_TOO);
    let token = foreign();
    for body in [
        json!({ "auth_token": 7 }).to_string(),
        json!({ "auth_token": [token] }).to_string(),
        json!({ "auth_token": { "token": token } }).to_string(),
        format!(r#"{{"auth_token":"{token}","auth_token":"{token}"}}"#),
        format!(r#"{{"height":1,"height":2,"auth_token":"{token}"}}"#),
        json!({ "auth_token": token, "user": { "token": bob() } }).to_string(),
    ] {
        assert_refused(&client, "/user", &[], (ContentType::JSON, body.clone()), 400);
        let response = send(&client, "/user", &[], (ContentType::JSON, &body));
        let challenge = r#"Bearer realm="protected", error="invalid_request""#;
        assert_eq!(headers(&response, "WWW-Authenticate"), [challenge], "{body}");
    }
    for body in [
        format!("auth_token={token}&auth_token={token}"),
        format!("auth_token={token}&auth%5Ftoken={}", bob()),
        format!("auth_token={token}&user.token={}", bob()),
        "auth_token=%ff".to_owned(),
    ] {
        assert_refused(&client, "/form", &[], as_form(&body), 400);
    }
    let same = as_form(&format!("auth_token={token}&user.token={token}"));
    assert_said(&client, "/user", &[], same, "ada");
}

// R19
#[test]
fn another_token_in_the_head_is_malformed_whichever_of_them_is_right() {
    let client = application(COOKIE_TOO);
    let body = |token: &str| as_json(&json!({ "auth_token": token, "height": 1.5 }));
    for (head, in_body) in [(foreign(), bob()), (foreign(), "x".to_owned()), ("x".into(), bob())] {
        for path in ["/json", "/user"] {
            assert_refused(&client, path, &[bearer(&head)], body(&in_body), 400);
        }
    }
    let client = application(VERSION_ONE);
    let path = format!("/json?auth_token={}", bob());
    assert_refused(&client, &path, &[], body(&foreign()), 400);
    assert_refused(&client, &path, &[jwt(&bob())], body(&foreign()), 400);
    assert_said(&client, &path, &[jwt(&bob())], body(&bob()), "bob 1.5");
}

// R19: a cookie is ambient, whatever it holds and whoever caused it to be sent.
#[test]
fn a_cookie_yields_to_the_body() {
    let client = application(COOKIE_TOO);
    let body = || as_json(&json!({ "auth_token": bob(), "height": 1.5 }));
    for ambient in [foreign(), "x".to_owned(), foreign_with(&json!({ "exp": 1 }))] {
        assert_said(&client, "/json", &[cookie(&ambient)], body(), "bob 1.5");
        let headers = [cookie(&ambient), from_elsewhere()];
        assert_said(&client, "/json", &headers, body(), "bob 1.5");
    }
    let wrong = as_json(&json!({ "auth_token": "x", "height": 1.5 }));
    assert_refused(&client, "/json", &[cookie(&foreign())], wrong, 401);
    let nothing = || as_json(&json!({ "height": 1.5 }));
    let own = Header::new("Sec-Fetch-Site", "same-origin");
    assert_said(&client, "/json", &[cookie(&foreign()), own], nothing(), "ada 1.5");
    assert_refused(&client, "/json", &[cookie(&foreign()), from_elsewhere()], nothing(), 403);
}

// The page of another site does not know the token.
#[test]
fn a_body_needs_no_sign_of_where_it_comes_from() {
    let client = application(COOKIE_TOO);
    let body = as_form(&format!("auth_token={}&height=1", foreign()));
    assert_said(&client, "/form", &[from_elsewhere()], body, "ada 1");
}

// Trap 15
#[test]
fn a_body_that_nobody_completes_holds_no_credential() {
    let client = application(COOKIE_TOO);
    let body = || as_json(&json!({ "auth_token": foreign() }));
    assert_refused(&client, "/apart", &[], body(), 401);
    assert_said(&client, "/apart", &[bearer(bob())], body(), "bob");
}

#[test]
fn a_payload_meets_the_statuses_of_rockets_own_guard() {
    let client = application(COOKIE_TOO);
    let (json, form) = (ContentType::JSON, ContentType::Form);
    let long = format!("height=1&more={}", "x".repeat(3_000));
    let mut seen = std::collections::BTreeSet::new();
    for (kind, body) in [
        (json.clone(), r#"{"height":1.5}"#),
        (json.clone(), r#"{"height":1.5,"more":1}"#),
        (json.clone(), r#"{"height":"high"}"#),
        (json.clone(), r#"{"height":1.5"#),
        (json.clone(), ""),
        (json, &long),
        (ContentType::Plain, r#"{"height":1.5}"#),
        (form.clone(), "height=1.5"),
        (form.clone(), "height=high"),
        (form.clone(), "height=1.5&more=1"),
        (form.clone(), ""),
        (form, &long),
        (ContentType::Plain, "height=1.5"),
    ] {
        for (ours, rockets) in [("/json", "/plain/json"), ("/form", "/plain/form")] {
            let [ours, rockets] = [ours, rockets].map(|path| {
                let before = runs(&client);
                let response = send(&client, path, &[bearer(foreign())], (kind.clone(), body));
                let (status, said) = (response.status().code, response.into_string());
                (status, runs(&client) - before, said.filter(|_| status == 200))
            });
            assert_eq!(ours, rockets, "{kind} {body}");
            seen.insert(ours.0);
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 400, 413, 415, 422]);
}

/// Two of a kind, each with tokens of its own in the same place.
fn two_of_a_kind() -> Client {
    #[protect(strategy = ["jwt", "partner"])]
    #[post("/both", data = "<sent>")]
    fn both(sent: UserAnd<Account, Json<Tide>>, ran: &State<Ran>) -> String {
        ran.count();
        format!("{}, by {}", sent.user.name, User::strategy(&sent.user))
    }

    let partner =
        table(BODY_AND_BEARER).replace(".jwt]", ".partner]").replace(super::SECRET, PARTNER);
    rocket_of_two(&format!("{}{partner}", table(BODY_AND_BEARER)), routes![both])
}

const BODY_AND_BEARER: &str = "token_from = [{ scheme = 'Bearer' }, { body = 'auth_token' }]";
const PARTNER: &str = "another secret of these tests, 32 bytes or more";

fn rocket_of_two(toml: &str, routes: Vec<rocket::Route>) -> Client {
    let rocket = rocket::custom(figment(toml))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt"))
        .attach(Jwt::<Account>::fairing("partner"))
        .mount("/", routes);
    client(rocket)
}

#[test]
fn every_strategy_of_a_chain_may_find_its_token_in_the_body() {
    let client = two_of_a_kind();
    let of_partner = signed_by(PARTNER, &json!({ "name": "eve", "exp": super::NOW + 60 }));
    let body = |token: &str| as_json(&json!({ "auth_token": token, "height": 1.5 }));
    assert_said(&client, "/both", &[], body(&foreign()), "ada, by jwt");
    // The first refuses it, and for the next one it is still there.
    assert_said(&client, "/both", &[], body(&of_partner), "eve, by partner");
    let nothing = || as_json(&json!({ "height": 1.5 }));
    assert_said(&client, "/both", &[bearer(&of_partner)], nothing(), "eve, by partner");
    assert_refused(&client, "/both", &[], body("x"), 401);
    assert_refused(&client, "/both", &[], nothing(), 401);
    assert_refused(&client, "/both", &[bearer(&of_partner)], body(&foreign()), 400);
}

struct Accounts;

#[verify]
async fn look_up(claims: Account, _accounts: &State<Accounts>) -> Result<Option<Account>, Error> {
    match &*claims.name {
        "ada" => Ok(Some(claims)),
        "down" => Err(Error::unavailable("look an account up", "connection refused")),
        _ => Ok(None),
    }
}

#[test]
fn a_verifier_judges_it_as_ever() {
    let rocket = rocket::custom(figment(&table(COOKIE_TOO)))
        .manage(clock().clock())
        .manage(Ran::default())
        .manage(Accounts)
        .attach(Jwt::fairing("jwt").verify(look_up))
        .mount("/", routes![json_too]);
    let client = client(rocket);
    for (name, status) in [("ada", 422), ("bob", 401), ("down", 503)] {
        let token = foreign_with(&json!({ "name": name }));
        assert_refused(&client, "/json", &[], as_json(&json!({ "auth_token": token })), status);
    }
}

#[test]
fn the_log_of_a_refusal_names_the_field_and_not_the_token() {
    let client = application(COOKIE_TOO);
    let body = json!({ "user": { "token": "hunter2.hunter2.hunter2" } }).to_string();
    let (_, lines) =
        log::capture(|| send(&client, "/json", &[], (ContentType::JSON, &body)).status());
    assert!(lines.iter().any(|line| line.contains("from body field user.token")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
}

// Trap 15
#[test]
fn a_token_that_is_in_the_body_only_needs_a_guard_that_reads_it() {
    let client = client(rocket(BODY_ONLY).mount("/", routes![user, json_too]));
    let body = as_json(&json!({ "auth_token": foreign(), "height": 1.5 }));
    assert_said(&client, "/json", &[], body, "ada 1.5");
    assert_refused(&client, "/user", &[bearer(foreign())], as_json(&json!({})), 401);
    let response = send(&client, "/user", &[], (ContentType::JSON, "{}"));
    assert_eq!(headers(&response, "WWW-Authenticate"), ["jwt"]);

    for routes in [routes![me], routes![apart]] {
        let report = refusal(rocket(BODY_ONLY).mount("/", routes));
        let what = "strategy `jwt` reads its credential from the body, so the body's guard must \
                    complete it";
        assert!(report.contains(what), "{report}");
    }
}

//! Credentials in a body, and the payload beside them: forms and JSON, for `local` and `jwt`.

mod expected;

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use passport_rocket::{Credentials, Jwt, Local, User, UserAnd, protect, verify};
use rocket::form::Form;
use rocket::http::Header;
use rocket::serde::json::Json;
use rocket::{FromForm, State, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::expected::expected;
use crate::app::{App, Heard, clock, rocket};
use crate::keys::SECRET;
use crate::script::filled;

/// A request is answered with 200 if and only if the second opinion finds credentials in the body and
/// a payload in what is left of it, and then the handler hears what the second opinion read.
///
/// The first byte says which handler, what `Authorization` there is, and whether the body is the rest
/// of the input or put together from pieces; the second, what the request says that the body is.
pub fn body(input: &[u8]) {
    let [first, kind, rest @ ..] = input else { return };
    let first = usize::from(*first);
    let handler = HANDLERS[first % HANDLERS.len()];
    let authorization = AUTHORIZATIONS[first / HANDLERS.len() % AUTHORIZATIONS.len()];
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let body = match first / HANDLERS.len() / AUTHORIZATIONS.len() % 2 {
        0 => with_tokens(rest),
        _ => with_tokens(pieced(rest, handler.1).as_bytes()),
    };
    let authorization = authorization.map(filled);
    let answer = APP.answer(|client| {
        let mut local = client.post(handler.0);
        if let Some(kind) = kind {
            local.add_header(Header::new("Content-Type", kind));
        }
        if let Some(authorization) = &authorization {
            local.add_header(Header::new("Authorization", authorization.clone()));
        }
        local.body(&body)
    });
    let known = [200, 400, 401, 413, 415, 422].contains(&answer.status);
    assert!(known, "{answer:?} {}", String::from_utf8_lossy(&body));
    if handler.1 == Asked::Form && kind.is_some_and(|kind| kind.starts_with("multipart")) {
        // No credential is looked for in there, and the rest is Rocket's own affair.
        let may_be = authorization.as_deref().is_some_and(|line| line == filled("Bearer $A"));
        assert!(may_be || answer.status != 200, "{answer:?} {}", String::from_utf8_lossy(&body));
        return;
    }
    let sent = expected::Sent { authorization: authorization.as_deref(), kind, body: &body };
    let expected = expected(handler.0, &sent);
    let context = || format!("{handler:?} {sent:?} {}", String::from_utf8_lossy(&body));
    assert_eq!(answer.status == 200, expected.is_some(), "{answer:?} {expected:?} {}", context());
    if let (Some(heard), Some(expected)) = (&answer.heard, &expected) {
        assert!(expected.is(heard), "{heard} is not {expected:?} {}", context());
    }
}

/// The paths, and whether JSON is what the handler asks for.
const HANDLERS: [(&str, Asked); 6] = [
    ("/local/user", Asked::Any),
    ("/local/json", Asked::Json),
    ("/local/form", Asked::Form),
    ("/jwt/user", Asked::Any),
    ("/jwt/json", Asked::Json),
    ("/jwt/form", Asked::Form),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Any,
    Json,
    Form,
}

const AUTHORIZATIONS: [Option<&str>; 5] =
    [None, Some("Bearer $A"), Some("Bearer $E"), Some("Basic YTpi"), Some("Bearer")];

const KINDS: [Option<&str>; 8] = [
    Some("application/json"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=x"),
    Some("text/plain"),
    None,
    Some("Application/JSON; charset=utf-8"),
    Some("application/x-www-form-urlencoded; charset=utf-8"),
    Some("application/problem+json"),
];

/// Tokens in their places, also where the rest is no UTF-8.
fn with_tokens(body: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(body) {
        Ok(text) => filled(text).into_bytes(),
        Err(_) => body.to_vec(),
    }
}

/// Who signs in with a name and a password, to see both.
#[derive(Serialize)]
struct Visitor {
    username: String,
    password: String,
}

#[verify]
fn visitor(credentials: Credentials) -> Option<Visitor> {
    let password = credentials.password.expose().to_owned();
    Some(Visitor { username: credentials.username, password })
}

#[derive(Deserialize, Serialize)]
struct Account {
    name: String,
}

/// What comes along. It asks for the credentials' fields, which it must never see.
#[derive(Debug, Deserialize, Serialize, FromForm)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    count: Option<i8>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    auth_token: Option<String>,
}

#[protect(strategy = "login")]
#[post("/local/user", data = "<user>")]
fn local_user(user: User<Visitor>, heard: &State<Heard>) {
    heard.tell(json!({ "user": *user }));
}

#[protect(strategy = "login")]
#[post("/local/json", data = "<sent>")]
fn local_json(sent: UserAnd<Visitor, Json<Note>>, heard: &State<Heard>) {
    heard.tell(json!({ "user": *sent.user, "payload": sent.payload }));
}

#[protect(strategy = "login")]
#[post("/local/form", data = "<sent>")]
fn local_form(sent: UserAnd<Visitor, Form<Note>>, heard: &State<Heard>) {
    heard.tell(json!({ "user": *sent.user, "payload": sent.payload }));
}

#[protect(strategy = "jwt")]
#[post("/jwt/user", data = "<user>")]
fn jwt_user(user: User<Account>, heard: &State<Heard>) {
    heard.tell(json!({ "user": *user }));
}

#[protect(strategy = "jwt")]
#[post("/jwt/json", data = "<sent>")]
fn jwt_json(sent: UserAnd<Account, Json<Note>>, heard: &State<Heard>) {
    heard.tell(json!({ "user": *sent.user, "payload": sent.payload }));
}

#[protect(strategy = "jwt")]
#[post("/jwt/form", data = "<sent>")]
fn jwt_form(sent: UserAnd<Account, Form<Note>>, heard: &State<Heard>) {
    heard.tell(json!({ "user": *sent.user, "payload": sent.payload }));
}

static APP: LazyLock<App> = LazyLock::new(|| {
    let toml = format!(
        "[default.limits]\njson = {LIMIT}\nform = {LIMIT}\n\
         [default.passport.login]\nmax_body = {LIMIT}\n\
         [default.passport.jwt]\nalgorithm = 'HS256'\nsecret = '{SECRET}'\n\
         token_from = [{{ scheme = 'Bearer' }}, {{ body = 'auth_token' }}, \
         {{ body = 'user[token]' }}]"
    );
    let rocket = rocket(&toml)
        .manage(clock())
        .attach(Local::fairing("login").verify(visitor))
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![local_user, local_json, local_form, jwt_user, jwt_json, jwt_form]);
    App::new(rocket)
});

/// Of bodies, in bytes.
const LIMIT: usize = 1024;

/// A form or an object of pieces.
fn pieced(input: &[u8], asked: Asked) -> String {
    #[derive(Arbitrary)]
    enum Text {
        Of(u8),
        Free(String),
    }
    type Pair = (Text, Text);
    let Ok((is_json, pairs)) = <(bool, Vec<Pair>)>::arbitrary(&mut Unstructured::new(input)) else {
        return String::new();
    };
    let text = |text: &Text, pieces: &[&str]| match text {
        Text::Of(index) => pieces[usize::from(*index) % pieces.len()].to_owned(),
        Text::Free(text) => text.clone(),
    };
    let is_json = asked == Asked::Json || asked == Asked::Any && is_json;
    let pairs = pairs.iter().take(8).map(|(name, value)| match is_json {
        true => {
            let name = match name {
                Text::Of(index) => format!("\"{}\"", text(&Text::Of(*index), NAMES)),
                Text::Free(name) => Value::from(name.as_str()).to_string(),
            };
            let value = match value {
                Text::Of(index) => text(&Text::Of(*index), JSON),
                Text::Free(value) => Value::from(value.as_str()).to_string(),
            };
            format!("{name}:{value}")
        }
        false => format!("{}={}", text(name, FORM_NAMES), text(value, FORM)),
    });
    let pairs: Vec<_> = pairs.collect();
    match is_json {
        true => format!("{{{}}}", pairs.join(",")),
        false => pairs.join("&"),
    }
}

const NAMES: &[&str] = &[
    "username",
    "password",
    "auth_token",
    "user",
    "text",
    "count",
    r"\u0075sername",
    r"auth\u005ftoken",
    "user.token",
    "user[token]",
];

const JSON: &[&str] = &[
    r#""ada""#,
    r#""$A""#,
    r#""$B""#,
    r#""$E""#,
    r#"{"token":"$A"}"#,
    r#"{"token":"$B","token":"$A"}"#,
    r#"{"token":"$A","more":1}"#,
    r#"{"token":null}"#,
    r#"{}"#,
    r#""""#,
    "null",
    "7",
    "300",
    "1e999",
    r#"["ada"]"#,
    r#""\ud83c\udf0a""#,
    r#""\ud800""#,
];

const FORM_NAMES: &[&str] = &[
    "username",
    "password",
    "auth_token",
    "user[token]",
    "user.token",
    "user%5Btoken%5D",
    "text",
    "count",
    "auth%5ftoken",
    "password[]",
    "text[]",
    "[auth_token]",
    "auth_token.",
    "",
];

const FORM: &[&str] =
    &["ada", "$A", "$B", "$E", "", "7", "300", "a+b%26c", "%", "%ff", "%F0%9F%8C%8A", "=", "a=b"];

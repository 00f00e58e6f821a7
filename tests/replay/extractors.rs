//! `ExtractJwt` of passport-jwt: where a token stands in a request. Upstream's `abcd123` is a real
//! token here, since an application is asked and not an extractor.

use passport_rocket::{Jwt, User, protect};
use rocket::http::{ContentType, Header};
use rocket::local::blocking::Client;
use rocket::serde::json::Json;
use rocket::{post, routes};
use serde_json::{Value, json};

use super::differences::jwt::{
    AUTHORIZATION_HAS_A_SCHEME, ONE_TOKEN_STANDS_BEHIND_A_SCHEME, PLACES_AGREE,
    WHAT_IS_NO_TOKEN_IS_MALFORMED,
};
use super::{Answer, Application, Row, ask, claims_of, lasting, launch, refused, signed};

fn token() -> String {
    signed(&lasting(json!({ "foo": "bar" })))
}

fn taking_from(places: &str) -> Result<Client, String> {
    launch(Application::with(&format!("token_from = {places}")).rocket())
}

/// What a request with this header is answered.
fn with(client: &Client, name: &'static str, value: impl Into<String>) -> Answer {
    ask(client.get("/").header(Header::new(name, value.into())), &token())
}

fn without(client: &Client) -> Answer {
    ask(client.get("/"), "")
}

fn nothing() -> Answer {
    refused("no credential")
}

#[test]
fn x1_from_a_header_of_its_own() {
    let mut row = Row::new("x1");
    let client = taking_from("[{ header = 'test_header' }]").unwrap();
    row.same("absent", nothing(), without(&client));
    row.same("test_header: abcd123", Answer::Accepted, with(&client, "test_header", token()));
    // Node knows headers in lower case alone, so that `fromHeader('X-Token')` never finds one.
    let client = taking_from("[{ header = 'X-Token' }]").unwrap();
    row.same("x-token: abcd123", Answer::Accepted, with(&client, "x-token", token()));
    row.done(3);
}

/// The data guard completes the sign-in, so that the body may hold the token.
#[protect(strategy = "jwt")]
#[post("/", data = "<user>")]
fn claims_of_body(user: User<Value>) -> Json<Value> {
    Json(Value::clone(&user))
}

/// An application that looks for tokens in the body, too.
fn with_body(places: &str) -> Client {
    let application = Application::with(&format!("token_from = {places}"));
    let jwt = Jwt::<Value>::fairing("jwt");
    launch(application.bare().attach(jwt).mount("/", routes![claims_of_body])).unwrap()
}

/// What a request with this body is answered.
fn sent(client: &Client, kind: ContentType, body: impl Into<String>) -> Answer {
    ask(client.post("/").header(kind).body(body.into()), &token())
}

#[test]
fn x2_from_a_field_of_the_body() {
    let mut row = Row::new("x2");
    let client = with_body("[{ body = 'test_field' }]");
    row.same("no body", nothing(), ask(client.post("/"), ""));
    row.same("{}", nothing(), sent(&client, ContentType::JSON, "{}"));
    let json = json!({ "test_field": token() }).to_string();
    row.same("test_field", Answer::Accepted, sent(&client, ContentType::JSON, json));
    let form = format!("test_field={}", token());
    row.same("test_field=abcd123", Answer::Accepted, sent(&client, ContentType::Form, form));
    let number = json!({ "test_field": 7 }).to_string();
    row.differs(
        "a field that is no text",
        WHAT_IS_NO_TOKEN_IS_MALFORMED,
        Answer::Malformed("the field test_field of the body is no text".to_owned()),
        sent(&client, ContentType::JSON, number),
    );
    row.done(5);
}

#[test]
fn x3_from_a_parameter_of_the_query() {
    let mut row = Row::new("x3");
    let client = taking_from("[{ query = 'test_param' }]").unwrap();
    row.same("absent", nothing(), without(&client));
    let get = |query: String| ask(client.get(format!("/?{query}")), &token());
    row.same("?test_param=abcd123", Answer::Accepted, get(format!("test_param={}", token())));
    row.same("?test_param=", nothing(), get("test_param=".to_owned()));
    row.differs(
        "a parameter that is there twice",
        WHAT_IS_NO_TOKEN_IS_MALFORMED,
        Answer::Malformed("the parameter is there twice".to_owned()),
        get(format!("test_param={}&test_param={}", token(), token())),
    );
    row.done(4);
}

#[test]
fn x4_from_a_scheme_whatever_its_case() {
    let mut row = Row::new("x4");
    let client = taking_from("[{ scheme = 'TEST_SCHEME' }]").unwrap();
    row.same("absent", nothing(), without(&client));
    for (scheme, expected) in [
        ("NOT_TEST_SCHEME", nothing()),
        ("TEST_SCHEME", Answer::Accepted),
        ("test_scheme", Answer::Accepted),
    ] {
        let value = format!("{scheme} {}", token());
        row.same(scheme, expected, with(&client, "Authorization", value));
    }
    row.done(4);
}

#[test]
fn x5_from_a_bearer_token() {
    let mut row = Row::new("x5");
    let client = launch(Application::with("").rocket()).unwrap();
    let value = format!("bearer {}", token());
    row.same("bearer abcd123", Answer::Accepted, with(&client, "Authorization", value));
    row.done(1);
}

#[test]
fn x6_from_the_first_place_that_has_one() {
    let mut row = Row::new("x6");
    let client = taking_from("[{ scheme = 'Bearer' }, { header = 'X-Token' }]").unwrap();
    row.same("none", nothing(), without(&client));
    row.same("the last place", Answer::Accepted, with(&client, "X-Token", token()));
    let value = format!("bearer {}", token());
    row.same("the first place", Answer::Accepted, with(&client, "Authorization", value));
    let both = client
        .get("/")
        .header(Header::new("Authorization", format!("Bearer {}", token())))
        .header(Header::new("X-Token", token()));
    row.same("the same token twice", Answer::Accepted, ask(both, &token()));
    let other = signed(&lasting(json!({ "foo": "baz" })));
    let both = client
        .get("/")
        .header(Header::new("Authorization", format!("Bearer {}", token())))
        .header(Header::new("X-Token", other));
    row.differs(
        "two different tokens",
        PLACES_AGREE,
        Answer::Malformed(
            "different tokens in Authorization: Bearer and header X-Token".to_owned(),
        ),
        ask(both, &token()),
    );
    row.differs(
        "fromHeader('authorization')",
        AUTHORIZATION_HAS_A_SCHEME,
        Some("`passport.jwt.token_from[1]`: invalid value".to_owned()),
        taking_from("[{ scheme = 'Bearer' }, { header = 'authorization' }]").err(),
    );
    // A function of the application finds what no place of the configuration is.
    let jwt = Jwt::<Value>::fairing("jwt")
        .token_from(|attempt| Ok(attempt.header("Authorization")?.map(str::to_owned)));
    let raw = launch(Application::with("").bare().attach(jwt).mount("/", routes![claims_of]));
    let raw = with(&raw.unwrap(), "Authorization", token());
    row.same("jwtFromRequest: a function", Answer::Accepted, raw);
    let no_list = Some("`passport.jwt.token_from`: expected a list, found a table".to_owned());
    row.same("no array", no_list, taking_from("{}").err());
    row.done(8);
}

#[test]
fn x7_from_header_body_or_query_as_version_one_did() {
    let mut row = Row::new("x7");
    for (scheme, field, parameter) in [
        ("JWT", "auth_token", "auth_token"),
        ("MY_CUSTOM_AUTH_SCHEME", "auth_token", "auth_token"),
        ("JWT", "CUSTOM_BODY_FIELD", "auth_token"),
        ("JWT", "auth_token", "CustomQueryParam"),
    ] {
        let client = with_body(&format!(
            "[{{ scheme = '{scheme}' }}, {{ body = '{field}' }}, {{ query = '{parameter}' }}]"
        ));
        let header = Header::new("Authorization", format!("{scheme} {}", token()));
        row.same(scheme, Answer::Accepted, ask(client.post("/").header(header), &token()));
        let json = json!({ field: token() }).to_string();
        row.same(field, Answer::Accepted, sent(&client, ContentType::JSON, json));
        let query = client.post(format!("/?{parameter}={}", token()));
        row.same(parameter, Answer::Accepted, ask(query, &token()));
    }
    let client =
        with_body("[{ scheme = 'JWT' }, { body = 'auth_token' }, { query = 'auth_token' }]");
    let bearer = Header::new("Authorization", format!("Bearer {}", token()));
    row.same("Bearer", nothing(), ask(client.post("/").header(bearer), &token()));
    row.done(13);
}

#[test]
fn x8_a_scheme_and_a_token_are_told_apart() {
    let mut row = Row::new("x8");
    let client = launch(Application::with("").rocket()).unwrap();
    let token = token();
    let send = |value: String| with(&client, "Authorization", value);
    row.same("SCHEME VALUE", Answer::Accepted, send(format!("Bearer {token}")));
    row.same("two spaces", Answer::Accepted, send(format!("Bearer  {token}")));
    row.same("malformed", nothing(), send("malformed".to_owned()));
    row.same("a token alone", nothing(), send(token.clone()));
    for (value, why) in [
        ("Bearer".to_owned(), "no token behind the scheme"),
        (format!("Bearer {token} junk"), "more than a token behind the scheme"),
    ] {
        let here = Answer::Malformed(why.to_owned());
        row.differs(why, ONE_TOKEN_STANDS_BEHIND_A_SCHEME, here, send(value));
    }
    row.done(6);
}

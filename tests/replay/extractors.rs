//! `ExtractJwt` of passport-jwt: where a token stands in a request. Upstream's `abcd123` is a real token
//! here, since an application is asked and not an extractor.

use rocket::http::Header;
use rocket::local::blocking::Client;
use serde_json::json;

use super::differences::{
    AUTHORIZATION_HAS_A_SCHEME, ONE_TOKEN_STANDS_BEHIND_A_SCHEME, PLACES_AGREE,
};
use super::{Answer, Application, Row, ask, lasting, launch, refused, signed};

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
    let no_list = Some("`passport.jwt.token_from`: expected a list, found a table".to_owned());
    row.same("no array", no_list, taking_from("{}").err());
    row.done(7);
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

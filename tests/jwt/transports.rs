//! Where a token may stand, and several places at once.

use passport_rocket_tests::{client, figment, headers};
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalResponse};
use serde_json::json;

use super::{application, bearer, foreign, foreign_with, rocket, runs, table};

const EVERYWHERE: &str = "token_from = [{ scheme = 'Bearer' }, { scheme = 'JWT' }, \
                          { header = 'X-Token' }, { cookie = 'token' }]";

fn authorization(value: impl Into<String>) -> Header<'static> {
    Header::new("Authorization", value.into())
}

fn x_token(token: impl Into<String>) -> Header<'static> {
    Header::new("X-Token", token.into())
}

fn cookie(token: &str) -> Header<'static> {
    Header::new("Cookie", format!("theme=dark; token={token}"))
}

fn bob() -> String {
    foreign_with(&json!({ "name": "bob" }))
}

fn send<'c>(client: &'c Client, headers: &[Header<'static>]) -> LocalResponse<'c> {
    let mut request = client.get("/me");
    for header in headers {
        request.add_header(header.clone());
    }
    request.dispatch()
}

/// `GET /me` with these headers is for `name`, and so is the next.
#[track_caller]
fn assert_signed_in(client: &Client, headers: &[Header<'static>], name: &str) {
    for _ in 0..2 {
        let response = send(client, headers);
        assert_eq!(response.status(), Status::Ok, "{headers:?}");
        assert_eq!(response.into_string().unwrap(), name, "{headers:?}");
    }
}

/// It is refused with `status` and the error codes of RFC 6750, and nothing ran.
#[track_caller]
fn assert_answered(client: &Client, headers: &[Header<'static>], status: u16, error: &str) {
    let before = runs(client);
    let response = send(client, headers);
    assert_eq!(response.status().code, status, "{headers:?}");
    assert_eq!(runs(client), before, "{headers:?}");
    let challenge = response.headers().get_one("WWW-Authenticate").unwrap_or_default();
    let found = challenge.split_once("error=").map_or("", |(_, error)| error);
    assert_eq!(found.trim_matches('"'), error, "{headers:?}");
}

// R18
#[test]
fn finds_a_scheme_whatever_its_case() {
    let client = application(EVERYWHERE);
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "JWT", "jwt", "Jwt"] {
        assert_signed_in(&client, &[authorization(format!("{scheme} {}", foreign()))], "ada");
    }
    assert_signed_in(&client, &[authorization(format!("Bearer   {}  ", foreign()))], "ada");
}

#[test]
fn compares_a_scheme_as_a_whole() {
    let client = application(EVERYWHERE);
    let token = foreign();
    let values = ["XBearer", "Bearer2", "Bear", "JWTs", "Basic", "Bearer,", "X Bearer", "\"JWT\""];
    for scheme in values {
        assert_answered(&client, &[authorization(format!("{scheme} {token}"))], 401, "");
    }
    for value in [token.clone(), format!("Bearer{token}"), format!("Bearer:{token}")] {
        assert_answered(&client, &[authorization(value)], 401, "");
    }
}

#[test]
fn takes_a_token_from_the_places_listed_and_no_other() {
    let client = application(EVERYWHERE);
    assert_signed_in(&client, &[x_token(foreign())], "ada");
    assert_signed_in(&client, &[cookie(&foreign())], "ada");
    let client = application("token_from = [{ scheme = 'JWT' }]");
    assert_signed_in(&client, &[authorization(format!("jwt {}", foreign()))], "ada");
    for header in [bearer(foreign()), x_token(foreign()), cookie(&foreign())] {
        assert_answered(&client, &[header], 401, "");
    }
}

// R19
#[test]
fn never_takes_a_token_from_the_query() {
    let client = application(EVERYWHERE);
    for name in ["access_token", "token", "jwt", "auth_token"] {
        let response = client.get(format!("/me?{name}={}", foreign())).dispatch();
        assert_eq!(response.status(), Status::Unauthorized, "{name}");
    }
    assert_eq!(runs(&client), 0);
}

// R19
#[test]
fn takes_the_same_token_in_two_places_and_refuses_different_ones() {
    let client = application(EVERYWHERE);
    let same = [bearer(foreign()), x_token(foreign())];
    assert_signed_in(&client, &same, "ada");
    for (one, other) in [(foreign(), bob()), (foreign(), "x".to_owned()), ("x".into(), foreign())] {
        let different = [bearer(one), x_token(other)];
        assert_answered(&client, &different, 400, "invalid_request");
    }
}

// R19: a cookie comes by itself; whoever sends a token means that one.
#[test]
fn a_cookie_yields_to_an_explicit_place() {
    let client = application(EVERYWHERE);
    for explicit in [bearer(bob()), x_token(bob()), authorization(format!("JWT {}", bob()))] {
        assert_signed_in(&client, &[cookie(&foreign()), explicit.clone()], "bob");
        assert_signed_in(&client, &[cookie("x"), explicit], "bob");
    }
    assert_answered(&client, &[cookie(&foreign()), bearer("x")], 401, "invalid_token");
    assert_answered(
        &client,
        &[cookie(&foreign()), authorization("Bearer")],
        400,
        "invalid_request",
    );
}

// R19
#[test]
fn refuses_a_header_that_comes_twice() {
    let client = application(EVERYWHERE);
    let basic = || authorization("Basic YTpi");
    for twice in [
        [bearer(foreign()), bearer(foreign())],
        [bearer(foreign()), bearer(bob())],
        [bearer(foreign()), authorization(format!("JWT {}", foreign()))],
        [bearer(foreign()), basic()],
        [basic(), bearer(foreign())],
        [x_token(foreign()), x_token(foreign())],
    ] {
        assert_answered(&client, &twice, 400, "invalid_request");
    }
}

// R19: which of two cookies a browser means, nobody knows; the other may be planted by a subdomain.
#[test]
fn refuses_two_cookies_and_takes_none_of_another_spelling() {
    let client = application(EVERYWHERE);
    let cookies = |value: String| [Header::new("Cookie", value)];
    for twice in
        [format!("token={0}; token={0}", foreign()), format!("token=x; token={}", foreign())]
    {
        assert_answered(&client, &cookies(twice), 400, "invalid_request");
    }
    let lines = [cookie(&foreign()), cookie(&foreign())];
    assert_answered(&client, &lines, 400, "invalid_request");
    for name in ["Token", "%74oken", "xtoken", "token%20"] {
        assert_answered(&client, &cookies(format!("{name}={}", foreign())), 401, "");
    }
}

// R17
#[test]
fn a_scheme_without_exactly_one_token_is_malformed() {
    let client = application(EVERYWHERE);
    let two = format!("Bearer {} {}", foreign(), foreign());
    let tab = format!("Bearer {}\t{}", foreign(), foreign());
    for value in ["Bearer".to_owned(), "JWT ".to_owned(), "Bearer    ".to_owned(), two, tab] {
        assert_answered(&client, &[authorization(value)], 400, "invalid_request");
    }
}

#[test]
fn an_empty_place_holds_nothing() {
    let client = application(EVERYWHERE);
    assert_answered(&client, &[x_token("")], 401, "");
    assert_answered(&client, &[cookie("")], 401, "");
    assert_answered(&client, &[authorization("")], 401, "");
    assert_signed_in(&client, &[x_token(""), cookie(&foreign())], "ada");
}

#[test]
fn tells_caches_what_the_answer_depends_on() {
    for (places, vary) in [
        ("", "Authorization"),
        ("token_from = [{ cookie = 'token' }]", "Cookie"),
        ("token_from = [{ scheme = 'Bearer' }, { cookie = 'token' }]", "Authorization, Cookie"),
        ("token_from = [{ body = 't' }, { cookie = 'token' }, { query = 't' }]", "Cookie"),
        (EVERYWHERE, "Authorization, X-Token, Cookie"),
    ] {
        let client = client(rocket(figment(&table(places))));
        for header in [bearer(foreign()), cookie(&foreign()), bearer("x"), cookie("x")] {
            let response = send(&client, &[header]);
            assert_eq!(headers(&response, "Vary"), [vary], "{places}");
            assert_eq!(headers(&response, "Cache-Control"), ["no-store"], "{places}");
        }
    }
}

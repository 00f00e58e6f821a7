//! A token in the query: only where the configuration says so, and launch warns.

use passport_rocket::{User, protect};
use passport_rocket_tests::{Ran, client, figment, headers, log};
use rocket::http::{Accept, Header, Status};
use rocket::local::blocking::Client;
use rocket::{State, get, routes, uri};
use serde_json::json;

use super::{Account, application, bearer, foreign, foreign_with, rocket, runs, table};

const BOTH: &str = "token_from = [{ scheme = 'Bearer' }, { query = 'access_token' }]";

fn ask(client: &Client, query: &str, headers: &[Header<'static>]) -> (u16, Option<String>) {
    let mut request = client.get(format!("/me?{query}"));
    for header in headers {
        request.add_header(header.clone());
    }
    let response = request.dispatch();
    (response.status().code, response.into_string().filter(|_| runs(client) > 0))
}

fn bob() -> String {
    foreign_with(&json!({ "name": "bob" }))
}

/// As strangely as a client may write it: every byte in hexadecimal.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn takes_a_token_from_the_parameter_that_is_named_and_no_other() {
    let client = application(BOTH);
    let token = foreign();
    for name in ["token", "Access_token", "access_token[]", "access_token.x", "auth_token"] {
        assert_eq!(ask(&client, &format!("{name}={token}"), &[]), (401, None), "{name}");
    }
    assert_eq!(ask(&client, &format!("a=1&access_token={token}&&b"), &[]).0, 200);
    assert_eq!(ask(&client, "a=1", &[bearer(&token)]).0, 200);
    assert_eq!(runs(&client), 2);
}

#[test]
fn decodes_name_and_value_once() {
    let client = application(BOTH);
    let token = foreign();
    let once = format!("{}={}", escaped("access_token"), escaped(&token));
    assert_eq!(ask(&client, &once, &[]), (200, Some("ada".to_owned())));
    let twice = format!("access_token={}", escaped(&escaped(&token)));
    assert_eq!(ask(&client, &twice, &[]).0, 401);
    assert_eq!(runs(&client), 1);
}

// R19: which of the two somebody in front has judged, nobody knows.
#[test]
fn a_parameter_that_is_there_twice_is_malformed() {
    let client = application(BOTH);
    let token = foreign();
    for query in [
        format!("access_token={token}&access_token={token}"),
        format!("access_token={token}&access_token={}", bob()),
        format!("access_token={token}&access_token="),
        format!("access_token&access_token={token}"),
        format!("access_token={token}&access%5Ftoken={token}"),
    ] {
        assert_eq!(ask(&client, &query, &[]), (400, None), "{query}");
    }
}

#[test]
fn a_badly_encoded_value_is_malformed_and_an_empty_one_nothing() {
    let client = application(BOTH);
    for query in ["access_token=%ff", "access_token=%e2%82", "access_token=%zz", "access_token=%4"]
    {
        assert_eq!(ask(&client, query, &[]), (400, None), "{query}");
    }
    for query in ["", "access_token", "access_token=", "%ff=x", "other=%ff"] {
        assert_eq!(ask(&client, query, &[]), (401, None), "{query}");
    }
}

// R19
#[test]
fn agrees_with_the_other_places_or_is_refused() {
    let client = application(
        "token_from = [{ scheme = 'Bearer' }, { query = 'a' }, { query = 'b' }, { cookie = 'c' }]",
    );
    let (ada, bob) = (foreign(), bob());
    let cookie = |token: &str| Header::new("Cookie", format!("c={token}"));
    for (query, headers) in [
        (format!("a={ada}"), vec![bearer(&bob)]),
        (format!("a={ada}"), vec![bearer("x")]),
        ("a=x".to_owned(), vec![bearer(&ada)]),
        (format!("a={ada}&b={bob}"), vec![]),
    ] {
        assert_eq!(ask(&client, &query, &headers), (400, None), "{query}");
    }
    assert_eq!(runs(&client), 0);
    assert_eq!(ask(&client, &format!("a={ada}&b={ada}"), &[bearer(&ada)]).0, 200);
    let explicit = ask(&client, &format!("b={bob}"), &[cookie(&ada)]);
    assert_eq!(explicit, (200, Some("bob".to_owned())));
    assert_eq!(ask(&client, "b=x", &[cookie(&ada)]).0, 401);
    assert_eq!(runs(&client), 2);
}

#[test]
fn is_asked_for_by_the_name_of_the_strategy_and_varies_on_nothing() {
    let client = application("token_from = [{ query = 'access_token' }]");
    for (query, status) in [(String::new(), 401), (format!("access_token={}", foreign()), 200)] {
        let response = client.get(format!("/me?{query}")).dispatch();
        assert_eq!(response.status().code, status);
        assert_eq!(headers(&response, "Vary"), [""; 0]);
        assert_eq!(headers(&response, "Cache-Control"), ["no-store"]);
    }
    let response = client.get("/me").dispatch();
    assert_eq!(headers(&response, "WWW-Authenticate"), ["jwt"]);
    // A header is no place of it.
    let response = client.get("/me").header(bearer(foreign())).dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
}

// R19, RFC 9700 section 4.3.2
#[test]
fn launch_warns_once_that_the_query_is_logged() {
    let warnings = |toml: &str| {
        let (_, lines) = log::capture(|| client(rocket(figment(&table(toml)))));
        lines.into_iter().filter(|line| line.starts_with("passport::jwt WARN")).collect::<Vec<_>>()
    };
    let warning = "passport::jwt WARN: strategy `jwt` takes tokens from the query \
                   (`passport.jwt.token_from`), and Rocket logs the query of each request; prefer a \
                   header or the body";
    assert_eq!(warnings(BOTH), [warning]);
    assert_eq!(warnings("token_from = [{ query = 'a' }, { query = 'b' }]"), [warning]);
    assert_eq!(warnings(""), [""; 0]);
    assert_eq!(warnings("token_from = [{ body = 'a' }, { cookie = 'b' }]"), [""; 0]);
}

#[test]
fn the_log_of_a_refusal_names_the_parameter_and_not_the_token() {
    let client = application(BOTH);
    let (_, lines) = log::capture(|| ask(&client, "access_token=hunter2.hunter2.hunter2", &[]));
    let refusals: Vec<_> = lines.iter().filter(|line| line.contains("failed: ")).collect();
    assert!(refusals[0].contains("from query parameter access_token, route me"), "{refusals:?}");
    assert!(!refusals[0].contains("hunter2"), "{refusals:?}");
}

// What was refused would come back with the browser for ever, and stand in one more place.
#[test]
fn who_is_sent_to_sign_in_does_not_take_the_token_along() {
    #[protect(strategy = "jwt", unauthenticated = redirect(uri!("/login")))]
    #[get("/page?<page>")]
    fn page(user: User<Account>, page: Option<u8>, ran: &State<Ran>) -> String {
        ran.count();
        format!("{} {page:?}", user.name)
    }

    let client = client(rocket(figment(&table(BOTH))).mount("/", routes![page]));
    for (query, next) in [
        ("access_token=old.wrong.token&page=2", "/login?next=%2Fpage%3Fpage%3D2"),
        ("page=2&%61ccess_token=old.wrong.token", "/login?next=%2Fpage%3Fpage%3D2"),
        ("access_token=old.wrong.token", "/login?next=%2Fpage"),
        ("page=2", "/login?next=%2Fpage%3Fpage%3D2"),
    ] {
        let request = client.get(format!("/page?{query}")).header(Accept::HTML);
        let response = request.dispatch();
        assert_eq!(response.status(), Status::SeeOther, "{query}");
        assert_eq!(headers(&response, "Location"), [next], "{query}");
    }
    assert_eq!(runs(&client), 0);
}

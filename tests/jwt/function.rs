//! A function of the application that finds the token.

use passport_rocket::{Attempt, Denial, Jwt, User, csrf, protect};
use passport_rocket_tests::{Ran, client, figment, headers};
use rocket::fairing::Fairing;
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::{get, post, routes};
use serde_json::json;

use super::{Account, bearer, change, clock, foreign, foreign_with, me, runs, table};

/// Reads the protocols that a browser's WebSocket names, and does as `X-Order` says.
fn from_protocols(attempt: Attempt<'_, '_>) -> Result<Option<String>, Denial> {
    match attempt.header("X-Order")? {
        Some("forbid") => return Err(Denial::forbidden("not from here")),
        Some("break") => return Err(Denial::unavailable("the vault is down")),
        Some("empty") => return Ok(Some(String::new())),
        _ => {}
    }
    let protocols = attempt.header("Sec-WebSocket-Protocol")?.unwrap_or_default();
    let mut protocols = protocols.split(',').map(str::trim);
    Ok(protocols.find_map(|protocol| protocol.strip_prefix("token.")).map(str::to_owned))
}

fn protocols(token: &str) -> Header<'static> {
    Header::new("Sec-WebSocket-Protocol", format!("chat, token.{token}"))
}

fn application(toml: &str, jwt: impl Fairing) -> Client {
    let rocket = rocket::custom(figment(&table(toml)))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(jwt)
        .mount("/", routes![me, change]);
    client(rocket)
}

fn claims_are_the_user() -> impl Fairing {
    Jwt::<Account>::fairing("jwt").token_from(from_protocols)
}

fn send<'c>(client: &'c Client, headers: &[Header<'static>]) -> LocalResponse<'c> {
    let mut request = client.get("/me");
    for header in headers {
        request.add_header(header.clone());
    }
    request.dispatch()
}

/// It is answered with `status`, and the handler ran only if that is 200.
#[track_caller]
fn assert_answered(client: &Client, headers: &[Header<'static>], status: u16) {
    let before = runs(client);
    assert_eq!(send(client, headers).status().code, status, "{headers:?}");
    assert_eq!(runs(client) - before, usize::from(status == 200), "{headers:?}");
}

fn bob() -> String {
    foreign_with(&json!({ "name": "bob" }))
}

#[test]
fn is_asked_alone_where_no_place_is_configured() {
    let client = application("", claims_are_the_user());
    let response = send(&client, &[protocols(&foreign())]);
    assert_eq!(response.into_string().unwrap(), "ada");
    assert_answered(&client, &[protocols("x")], 401);
    assert_answered(&client, &[bearer(foreign())], 401);
    assert_answered(&client, &[], 401);
    let response = send(&client, &[]);
    assert_eq!(headers(&response, "WWW-Authenticate"), ["jwt"]);
}

#[test]
fn is_asked_besides_the_places_that_are_configured() {
    let toml = "token_from = [{ scheme = 'Bearer' }, { cookie = 'token' }]";
    let client = application(toml, claims_are_the_user());
    let cookie = |token: String| Header::new("Cookie", format!("token={token}"));
    for places in [
        vec![protocols(&foreign())],
        vec![bearer(foreign())],
        vec![cookie(foreign())],
        vec![protocols(&foreign()), bearer(foreign())],
        vec![protocols(&foreign()), cookie("x".to_owned())],
    ] {
        assert_answered(&client, &places, 200);
    }
    // R19
    assert_answered(&client, &[protocols(&bob()), bearer(foreign())], 400);
    assert_answered(&client, &[protocols("x"), bearer(foreign())], 400);
    // What it finds is explicit.
    let response = send(&client, &[protocols(&bob()), cookie(foreign())]);
    assert_eq!(response.into_string().unwrap(), "bob");
    assert_answered(&client, &[protocols("x"), cookie(foreign())], 401);
}

#[test]
fn is_given_before_or_after_the_verifier() {
    let known = |claims: Account| (claims.name == "ada").then_some(claims);
    let before = Jwt::fairing("jwt").token_from(from_protocols).verify(known);
    let after = Jwt::fairing("jwt").verify(known).token_from(from_protocols);
    for client in [application("", before), application("", after)] {
        assert_answered(&client, &[protocols(&foreign())], 200);
        assert_answered(&client, &[protocols(&bob())], 401);
        assert_answered(&client, &[bearer(foreign())], 401);
    }
}

#[test]
fn the_last_function_counts() {
    let jwt = Jwt::<Account>::fairing("jwt").token_from(|_| Ok(None)).token_from(from_protocols);
    assert_answered(&application("", jwt), &[protocols(&foreign())], 200);
}

#[test]
fn what_it_refuses_is_refused_as_it_says() {
    let toml = "token_from = [{ scheme = 'Bearer' }]";
    let client = application(toml, claims_are_the_user());
    for (order, status) in [("forbid", 403), ("break", 503), ("empty", 401)] {
        assert_answered(&client, &[Header::new("X-Order", order)], status);
    }
    assert_answered(&client, &[Header::new("X-Order", "forbid"), bearer(foreign())], 403);
    assert_answered(&client, &[Header::new("X-Order", "empty"), bearer(foreign())], 200);
    // A header twice is malformed, in its hands too.
    assert_answered(&client, &[protocols(&foreign()), protocols(&foreign())], 400);
}

#[test]
fn responses_vary_on_everything() {
    #[protect(strategy = ["other", "jwt"])]
    #[get("/both")]
    fn both(_user: User<Account>) {}

    let toml = format!("{}{}", table(""), table("").replace(".jwt]", ".other]"))
        .replacen("a secret", "b secret", 1);
    let rocket = rocket::custom(figment(&toml))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(claims_are_the_user())
        .attach(Jwt::<Account>::fairing("other"))
        .mount("/", routes![me, both]);
    let client = client(rocket);
    for path in ["/me", "/both"] {
        for token in [protocols("x"), bearer("x"), protocols(&foreign())] {
            let response = client.get(path).header(token).dispatch();
            assert_eq!(headers(&response, "Vary"), ["*"], "{path}");
        }
    }
}

// What a browser sends by itself is judged by the function, as the documentation says.
#[test]
fn it_can_refuse_what_another_site_causes() {
    #[protect(strategy = "jwt")]
    #[post("/crossing")]
    fn crossing(_user: User<Account>) {}

    let jwt = Jwt::<Account>::fairing("jwt").token_from(|attempt| {
        let Some(cookie) = attempt.request().cookies().get("wrapped") else { return Ok(None) };
        attempt.refuse_cross_site(csrf::Rule::Cookie)?;
        Ok(cookie.value().strip_prefix("v1-").map(str::to_owned))
    });
    let rocket = rocket::custom(figment(&table("")))
        .manage(clock().clock())
        .attach(jwt)
        .mount("/", routes![crossing]);
    let client = client(rocket);
    let from = |site: &'static str| {
        let request = client.post("/crossing").cookie(("wrapped", format!("v1-{}", foreign())));
        request.header(Header::new("Sec-Fetch-Site", site)).dispatch().status()
    };
    assert_eq!((from("same-origin"), from("cross-site")), (Status::Ok, Status::Forbidden));
}

//! What a browser sees that nobody signed in.

use std::path::PathBuf;

use passport_rocket::{User, protect};
use passport_rocket_tests::{Ran, client, headers};
use rocket::http::{Accept, Header, Status};
use rocket::local::blocking::{Client, LocalRequest};
use rocket::{State, get, post, routes, uri};

use super::{Account, rocket, runs};

#[get("/login?<_next>")]
fn login(_next: Option<&str>) {}

#[protect(strategy = "token", unauthenticated = redirect(uri!("/auth", login(_))))]
#[get("/tides?<_page>")]
fn tides(_user: User<Account>, _page: Option<u8>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "token", unauthenticated = redirect(uri!("/auth", login(_))))]
#[post("/tides")]
fn create(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "token", unauthenticated = redirect(uri!("/login?lang=en#form")))]
#[get("/any/<_path..>")]
fn any(_user: User<Account>, _path: PathBuf) {}

#[protect(strategy = "token", unauthenticated = redirect(uri!("/login?lang=en#form")))]
#[get("/<_path..>", rank = 20)]
fn rest(_user: User<Account>, _path: PathBuf) {}

#[protect(strategy = ["token", "session"], unauthenticated = redirect(uri!("/login")))]
#[get("/both")]
fn both(_user: User<Account>) {}

fn application() -> Client {
    let rocket = rocket().mount("/", routes![tides, create, any, rest, both]);
    client(rocket.mount("/auth", routes![login]))
}

fn navigating(request: LocalRequest<'_>) -> LocalRequest<'_> {
    request.header(Header::new("Sec-Fetch-Mode", "navigate")).header(Accept::HTML)
}

#[test]
fn a_navigating_browser_is_sent_to_sign_in_and_learns_where_to_return() {
    let client = application();
    for token in [None, Some("dead"), Some("forged")] {
        let mut request = navigating(client.get("/tides?_page=2"));
        if let Some(token) = token {
            request.add_header(Header::new("token", token));
        }
        let response = request.dispatch();
        assert_eq!(response.status(), Status::SeeOther, "{token:?}");
        let location = response.headers().get_one("Location");
        assert_eq!(location, Some("/auth/login?next=%2Ftides%3F_page%3D2"), "{token:?}");
        assert!(headers(&response, "WWW-Authenticate").is_empty(), "{token:?}");
        assert_eq!(headers(&response, "Cache-Control"), ["no-store"], "{token:?}");
        assert_eq!(response.into_string().as_deref(), Some(""), "{token:?}");
    }
    assert_eq!(runs(&client), 0);
}

#[test]
fn what_the_strategies_set_goes_along() {
    let client = application();
    let response = navigating(client.get("/both")).dispatch();
    assert_eq!(response.status(), Status::SeeOther);
    assert_eq!(headers(&response, "Set-Cookie"), ["token=1", "session=1"]);
}

#[test]
fn an_old_browser_is_known_by_what_it_accepts() {
    let client = application();
    let location = "/auth/login?next=%2Ftides";
    for request in [client.get("/tides"), client.head("/tides")] {
        let response = request.header(Accept::HTML).dispatch();
        assert_eq!(response.status(), Status::SeeOther);
        assert_eq!(response.headers().get_one("Location"), Some(location));
    }
}

#[test]
fn whoever_navigates_not_wants_the_401() {
    let client = application();
    let modes = ["cors", "no-cors", "same-origin", "websocket", "NAVIGATE"];
    let fetches = modes.into_iter().map(|mode| {
        client.get("/tides").header(Accept::HTML).header(Header::new("Sec-Fetch-Mode", mode))
    });
    let others = [
        client.get("/tides"),
        client.get("/tides").header(Accept::JSON),
        client.get("/tides").header(Accept::Any),
        // What a form sent is lost by a redirect.
        navigating(client.post("/tides")),
    ];
    for request in fetches.chain(others) {
        let what = format!("{:?}", request.inner().headers());
        let response = request.dispatch();
        assert_eq!(response.status(), Status::Unauthorized, "{what}");
        assert_eq!(headers(&response, "WWW-Authenticate"), ["Told realm=\"token\""], "{what}");
    }
    assert_eq!(runs(&client), 0);
}

#[test]
fn only_a_401_is_a_reason_to_sign_in() {
    let client = application();
    let told = |token| navigating(client.get("/tides")).header(Header::new("token", token));
    for (token, status) in [("malformed", 400), ("forbidden", 403), ("fault", 500), ("down", 503)] {
        let response = told(token).dispatch();
        assert_eq!(response.status().code, status, "{token}");
        assert_eq!(response.headers().get_one("Location"), None, "{token}");
    }
    // A strategy knows better where to go.
    let response = told("redirect").dispatch();
    assert_eq!(response.headers().get_one("Location"), Some("/elsewhere"));
}

// S09
#[test]
fn the_return_path_stays_in_the_application() {
    let client = application();
    let paths = [
        ("/any/a%20b?c=d", "%2Fany%2Fa%2520b%3Fc%3Dd"),
        ("/any/https://evil.example", "%2Fany%2Fhttps:%2F%2Fevil.example"),
        ("//evil.example/any", "%2F"),
        ("/%2Fevil.example/any", "%2F"),
        ("/%5Cevil.example/any", "%2F"),
        ("/any/a%0D%0ASet-Cookie:b", "%2F"),
    ];
    for (path, next) in paths {
        let response = navigating(client.get(path)).dispatch();
        assert_eq!(response.status(), Status::SeeOther, "{path}");
        let expected = format!("/login?lang=en&next={next}#form");
        assert_eq!(response.headers().get_one("Location"), Some(&*expected), "{path}");
    }
}

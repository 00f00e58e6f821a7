//! What a reviewer in an attacker's place got through once, and never again.

use passport_rocket::testing::MovableClock;
use passport_rocket::{Credentials, Jwt, Local, User, protect};
use passport_rocket_tests::{client, figment, headers, refusal};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::Client;
use rocket::{Request, Response, get, post, response, routes};
use serde::{Deserialize, Serialize};
use std::time::{Duration, UNIX_EPOCH};

mod chains;
mod issuers;
mod keys;
mod panics;
mod payloads;

#[derive(Clone, Serialize, Deserialize)]
struct Account {
    name: String,
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    user.name.clone()
}

const TOML: &str = r#"
    [default.passport.jwt]
    algorithm = "HS256"
    secret = "a secret of this test, 32 bytes or more"
    token_from = [{ scheme = "Bearer" }, { cookie = "__Host-token" }]
"#;

fn token(name: &str) -> String {
    let claims = serde_json::json!({ "name": name, "exp": 4_000_000_000_u64 });
    let key = jsonwebtoken::EncodingKey::from_secret(b"a secret of this test, 32 bytes or more");
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

fn application() -> Client {
    let clock = MovableClock::at(UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    client(
        rocket::custom(figment(TOML))
            .manage(clock.clock())
            .attach(Jwt::<Account>::fairing("jwt"))
            .mount("/", routes![me, unprotected]),
    )
}

fn with_cookie(client: &Client, cookie: String) -> (Status, Option<String>) {
    let response = client.get("/me").header(Header::new("Cookie", cookie)).dispatch();
    (response.status(), response.into_string())
}

/// A subdomain can set the cookie `__%48ost-token`, to which no browser applies the rules of
/// `__Host-`; Rocket's jar decodes the name.
#[test]
fn a_cookie_is_found_by_the_name_that_was_sent() {
    let client = application();
    let (ada, eve) = (token("ada"), token("eve"));
    assert_eq!(with_cookie(&client, format!("__Host-token={ada}")).1.as_deref(), Some("ada"));
    let (status, _) = with_cookie(&client, format!("__%48ost-token={eve}"));
    assert_eq!(status, Status::Unauthorized);
    let both = format!("__Host-token={ada}; __%48ost-token={eve}");
    assert_eq!(with_cookie(&client, both).1.as_deref(), Some("ada"));
    let twice = format!("__Host-token={ada}; other=1; __Host-token={eve}");
    assert_eq!(with_cookie(&client, twice).0, Status::BadRequest);
}

/// Nor to a name that begins or ends with what Unicode calls white space, and browsers a character.
#[test]
fn a_cookie_whose_name_has_more_than_spaces_around_it_is_another() {
    let client = application();
    for space in ['\u{a0}', '\u{85}', '\u{2003}', '\u{3000}'] {
        for name in [format!("{space}__Host-token"), format!("__Host-token{space}")] {
            let (status, _) = with_cookie(&client, format!("{name}={}", token("eve")));
            assert_eq!(status, Status::Unauthorized, "{name:?}");
            let both = format!("__Host-token={}; {name}={}", token("ada"), token("eve"));
            assert_eq!(with_cookie(&client, both).1.as_deref(), Some("ada"), "{name:?}");
        }
        let inside = format!("__Host-token={}{space}", token("ada"));
        assert_eq!(with_cookie(&client, inside).0, Status::Unauthorized, "{space:?}");
    }
    let spaced = format!("a=b;\t__Host-token \t= {} ; c", token("ada"));
    assert_eq!(with_cookie(&client, spaced).1.as_deref(), Some("ada"));
}

struct Leaky;

impl<'r> response::Responder<'r, 'static> for Leaky {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let body = "page for nobody";
        Response::build()
            .raw_header("Set-Cookie", "visitor=1")
            .raw_header("X-Page", "open")
            .sized_body(body.len(), std::io::Cursor::new(body))
            .ok()
    }
}

#[get("/unprotected")]
fn unprotected(_user: Option<User<Account>>) -> Leaky {
    Leaky
}

/// `Option` swallows the guard's error where no `#[protect]` stands in front.
#[test]
fn nothing_of_a_page_made_for_nobody_by_mistake_leaves() {
    let client = application();
    let response = client.get("/unprotected").dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
    for name in ["Set-Cookie", "X-Page"] {
        assert!(headers(&response, name).is_empty(), "{name}");
    }
    assert_eq!(response.into_string().unwrap_or_default(), "");
}

#[protect(strategy = "local")]
#[post("/login", data = "<_user>")]
fn login(_user: User<Result<Account, String>>) {}

/// `Some(Err(…))` would be a user.
#[test]
fn a_user_type_that_can_mean_nobody_refuses_launch() {
    fn find(_: Credentials) -> Option<Result<Account, String>> {
        Some(Err("the store is down".to_owned()))
    }
    let rocket = rocket::custom(figment(""))
        .attach(Local::fairing("local").verify(find))
        .mount("/", routes![login]);
    let report = refusal(rocket);
    assert!(report.contains("strategy `local` would sign in a `core::result::Result<"), "{report}");
    assert!(report.contains("let its verifier return `Option<T>`"), "{report}");
}

/// `None` in a `Result` of a `Denial` is nobody, as everywhere.
#[test]
fn a_verifier_that_finds_nobody_signs_nobody_in() {
    #[protect(strategy = "local")]
    #[post("/login", data = "<user>")]
    fn login(user: User<Account>) -> String {
        user.name.clone()
    }
    fn find(login: Credentials) -> Result<Option<Account>, passport_rocket::Denial> {
        Ok((login.username == "ada").then_some(Account { name: login.username }))
    }
    let rocket = rocket::custom(figment(""))
        .attach(Local::fairing("local").verify(find))
        .mount("/", routes![login]);
    let client = client(rocket);
    let sign_in = |name: &str| {
        let form = format!("username={name}&password=x");
        client.post("/login").header(ContentType::Form).body(form).dispatch().status()
    };
    assert_eq!((sign_in("ada"), sign_in("eve")), (Status::Ok, Status::Unauthorized));
}

//! The line that liftoff prints for whoever has no token yet: only of a key that was made up.

use passport_rocket::{Jwt, User, protect};
use passport_rocket_tests::{client, figment, log, release_figment};
use rocket::figment::Figment;
use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::{get, routes};
use serde::Deserialize;

use super::{Account, rocket, table};

/// Launches, and finds the line.
fn launch(figment: Figment) -> (Client, Option<String>) {
    let (client, lines) = log::capture(|| client(rocket(figment)));
    let command =
        lines.iter().find_map(|line| line.find("curl ").map(|start| line[start..].to_owned()));
    if command.is_none() {
        assert!(!lines.iter().any(|line| line.contains("eyJ")), "{lines:#?}");
    }
    (client, command)
}

/// The header of a `curl` line.
fn header(command: &str) -> Header<'static> {
    let header = command.split('\'').nth(1).unwrap();
    let (name, value) = header.split_once(": ").unwrap();
    Header::new(name.to_owned(), value.to_owned())
}

#[test]
fn a_key_that_was_made_up_comes_with_a_token_that_works() {
    for (toml, start) in [
        ("", "curl -H 'Authorization: Bearer eyJ"),
        ("algorithm = 'EdDSA'", "curl -H 'Authorization: Bearer eyJ"),
        ("token_from = [{ scheme = 'JWT' }]", "curl -H 'Authorization: JWT eyJ"),
        ("token_from = [{ header = 'X-Token' }]", "curl -H 'X-Token: eyJ"),
        ("token_from = [{ cookie = 'token' }]", "curl -H 'Cookie: token=eyJ"),
        (
            "token_from = [{ query = 'token' }, { body = 'token' }, { scheme = 'JWT' }]",
            "curl -H 'Authorization: JWT eyJ",
        ),
        (
            "issuer = 'i'\naudience = ['a', 'b']\nsubject = 's'\nkey_id = 'k'\njti = true\n\
             expires_in = '1s'\ntypes = ['at+jwt']",
            "curl -H 'Authorization: Bearer eyJ",
        ),
    ] {
        let (client, command) = launch(figment(&format!("[default.passport.jwt]\n{toml}")));
        let command = command.unwrap_or_else(|| panic!("no line for {toml}"));
        assert!(command.starts_with(start), "{command}");
        assert!(command.ends_with("' http://127.0.0.1:8000/me"), "{command}");
        let response = client.get("/me").header(header(&command)).dispatch();
        assert_eq!(response.status(), Status::Ok, "{toml}");
        assert_eq!(response.into_string().unwrap(), "demo");
    }
}

#[test]
fn a_token_that_no_header_can_bring_comes_with_no_line() {
    let (_, command) =
        launch(figment("[default.passport.jwt]\ntoken_from = [{ query = 'token' }]"));
    assert_eq!(command, None);
}

// What is printed must be worthless elsewhere, and in the next run.
#[test]
fn every_run_makes_up_its_own_key() {
    let (_, first) = launch(figment(""));
    let (client, second) = launch(figment(""));
    let (first, second) = (first.unwrap(), second.unwrap());
    let status = |command: &str| client.get("/me").header(header(command)).dispatch().status();
    assert_eq!(status(&first), Status::Unauthorized);
    assert_eq!(status(&second), Status::Ok);
}

// O02
#[test]
fn a_configured_key_signs_nothing_that_is_printed() {
    let es256 = format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\nprivate_key = '''{}'''",
        pem!("p256-pkcs8")
    );
    for figment in [
        figment(&table("")),
        figment(&table("expires_in = '4h'")),
        figment(&es256),
        release_figment(&table("")),
    ] {
        assert_eq!(launch(figment).1, None);
    }
}

#[test]
fn claims_that_nobody_can_guess_are_not_printed() {
    /// Somebody whose name must look like this.
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Plate;

    impl TryFrom<String> for Plate {
        type Error = &'static str;

        fn try_from(_: String) -> Result<Self, Self::Error> {
            Err("no plate")
        }
    }

    #[derive(Deserialize)]
    struct Driver {
        #[allow(dead_code)]
        plate: Plate,
    }

    #[protect(strategy = "jwt")]
    #[get("/drive")]
    fn drive(_user: User<Driver>) {}

    let rocket = rocket::custom(figment(""))
        .attach(Jwt::<Driver>::fairing("jwt"))
        .mount("/", routes![drive]);
    let (client, lines) = log::capture(|| client(rocket));
    assert!(!lines.iter().any(|line| line.contains("curl ")), "{lines:#?}");
    assert_eq!(client.get("/drive").dispatch().status(), Status::Unauthorized);
}

// With several strategies, only those with a key of this run may be shown.
#[test]
fn a_route_with_a_configured_key_is_passed_over() {
    #[protect(strategy = "ours")]
    #[get("/a")]
    fn ours(_user: User<Account>) {}

    #[protect(strategy = "jwt")]
    #[get("/z")]
    fn made_up(user: User<Account>) -> String {
        user.name.clone()
    }

    let toml = table("").replace("passport.jwt", "passport.ours");
    let rocket = rocket::custom(figment(&toml))
        .attach(Jwt::<Account>::fairing("ours"))
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![ours, made_up]);
    let (client, lines) = log::capture(|| client(rocket));
    let command = lines.iter().find(|line| line.contains("curl ")).unwrap();
    assert!(command.ends_with("/z"), "{command}");
    assert_eq!(client.get("/z").header(header(command)).dispatch().status(), Status::Ok);
    assert_eq!(client.get("/a").header(header(command)).dispatch().status(), Status::Unauthorized);
}

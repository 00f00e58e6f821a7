//! Launch checks where Rocket asks no Sentinel of ours, and what liftoff prints.

use std::time::Duration;

use passport_rocket::{User, protect, public};
use passport_rocket_tests::{figment, log};
use rocket::{Build, Rocket, get, post, routes, tokio};

use super::{Account, report, strategy};

/// Launches for real, on a port that is free, and returns what was logged until it ended by itself.
fn launch(rocket: Rocket<Build>) -> Vec<String> {
    let (ended, lines) = log::capture(|| {
        rocket::async_test(async {
            tokio::time::timeout(Duration::from_secs(60), rocket.launch()).await
        })
    });
    let launched = ended.expect("the launch ends by itself");
    drop(launched.map_err(|error| error.kind().to_string()));
    lines
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[test]
fn stops_before_the_first_request_when_no_declared_handler_is_mounted() {
    let toml = "[default]\nport = 0\nshutdown = { ctrlc = false }\n\
                [default.passport]\nrequre_declaration = true";
    let rocket =
        rocket::custom(figment(toml)).attach(strategy::<Account>("jwt")).mount("/", routes![open]);
    let lines = launch(rocket);
    let mistake = "`passport.requre_declaration`: unknown option\n    in TOML source string, \
                   profile `default`\n    did you mean `require_declaration`?";
    let log = lines.join("\n");
    assert!(log.contains(&report(&[mistake])), "{log}");
    assert_eq!(log.matches("launch refused").count(), 1, "{log}");
    assert!(!log.contains("passport routes"), "{log}");
}

#[test]
fn stops_when_nothing_at_all_is_declared_but_everything_must_be() {
    let toml = "[default]\nport = 0\nshutdown = { ctrlc = false }\n\
                [default.passport]\nrequire_declaration = true";
    let rocket =
        rocket::custom(figment(toml)).attach(strategy::<Account>("jwt")).mount("/", routes![open]);
    let log = launch(rocket).join("\n");
    assert!(log.contains("route `open` (GET /open): neither protected nor public"), "{log}");
}

#[test]
fn lists_every_route_with_its_strategies_and_requirement() {
    #[protect(strategy = ["jwt", "session"])]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    #[protect(optional)]
    #[get("/")]
    fn home(_user: Option<User<Account>>) {}

    #[protect(strategy = "jwt", any_scope = ["tides:read", "tides:write"])]
    #[get("/tides/<_id>?<_page>")]
    fn tides(_user: User<Account>, _id: u8, _page: Option<u8>) {}

    #[protect(strategy = "jwt", sign_in = "cookie")]
    #[post("/exchange")]
    fn exchange(_user: User<Account>) {}

    #[protect(strategy = "jwt", optional, sign_in = "cookie")]
    #[post("/")]
    fn enter(_user: Option<User<Account>>) {}

    #[public("health of the process")]
    #[get("/health")]
    fn health() {}

    let rocket = rocket::custom(figment("[default.passport]\nstrategies = ['session', 'jwt']"))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Account>("session"))
        .attach(super::sign_in::beginning("cookie"))
        .mount("/", routes![me, home, open, exchange, enter])
        .mount("/api", routes![tides, health]);
    let (client, lines) = log::capture(|| passport_rocket_tests::client(rocket));
    drop(client);
    let start = lines.iter().position(|line| line.ends_with("passport routes:")).unwrap();
    let routes: Vec<_> = lines[start + 1..]
        .iter()
        .map_while(|line| line.strip_prefix("rocket::launch INFO:    "))
        .collect();
    let expected = [
        "GET /: session, jwt (optional)",
        "POST /: jwt (optional, begins cookie)",
        "GET /api/health: (public: health of the process)",
        "GET /api/tides/<_id>?<_page>: jwt (any scope of tides:read, tides:write)",
        "POST /exchange: jwt (signed in, begins cookie)",
        "GET /me: jwt, session (signed in)",
        "GET /open: undeclared",
    ];
    assert_eq!(routes, expected);
}

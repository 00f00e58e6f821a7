//! The README tells the truth: each block of it stands in a file that is compiled and run, and what
//! it shows of the terminal is what the application prints. Its first page is `examples/hello`, whose
//! own test runs with the others.

#[path = "readme/login.rs"]
mod login;
#[path = "readme/provider.rs"]
mod provider;
#[path = "readme/session.rs"]
mod session;
#[path = "readme/signing.rs"]
mod signing;

use passport_rocket::{Jwt, User, protect};
use passport_rocket_tests::{client, figment, headers, log, refusal};
use rocket::http::{Header, Status};
use rocket::{get, routes};

/// The first page's user, whose own is private to it.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Account {
    username: String,
}

const README: &str = include_str!("../README.md");
const ROCKET_TOML: &str = include_str!("../examples/hello/Rocket.toml");

/// The blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let block = |rest: &'static str| rest.split_once("```").expect("a block ends").0;
    README.split(fence.as_str()).skip(1).map(block).collect()
}

#[test]
fn every_block_of_rust_is_compiled_and_run() {
    let files = [
        include_str!("../examples/hello/src/main.rs"),
        include_str!("readme/login.rs"),
        include_str!("readme/session.rs"),
        include_str!("readme/signing.rs"),
    ];
    let blocks = blocks("rust");
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        assert!(files.iter().any(|file| file.contains(block)), "in no file:\n{block}");
    }
}

/// From an empty `cargo new` to 200 and 401.
#[test]
fn the_first_page_is_fifteen_lines() {
    let lines = blocks("rust")[0].lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 15, "{lines}");
}

#[test]
fn the_configuration_is_that_of_the_example() {
    let blocks = blocks("toml");
    let configuration = blocks.iter().find(|block| block.contains("HS256")).unwrap();
    assert!(ROCKET_TOML.contains(configuration), "{configuration}");
    let manifest = include_str!("../examples/hello/Cargo.toml");
    let dependencies = blocks.iter().find(|block| block.starts_with("[dependencies]")).unwrap();
    for line in dependencies.lines().filter(|line| line.starts_with("serde")) {
        assert!(manifest.contains(line), "{line}");
    }
}

fn rocket() -> rocket::Rocket<rocket::Build> {
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(user: User<Account>) -> String {
        format!("hello {}", user.username)
    }
    rocket::custom(figment("")).attach(Jwt::<Account>::fairing("jwt")).mount("/", routes![me])
}

#[test]
fn the_terminal_shows_what_it_shows() {
    let (client, lines) = log::capture(|| client(rocket()));
    let launch: Vec<_> = lines.iter().filter_map(|line| line.split_once("INFO: ")).collect();
    let report = launch.iter().map(|(_, line)| format!("{line}\n")).collect::<String>();
    for line in ["passport routes:", "   GET /me: jwt (signed in)"] {
        assert!(README.contains(line) && report.contains(line), "{line}:\n{report}");
    }

    // The line to try, tried.
    let command = report.lines().find(|line| line.contains("curl ")).expect("a line to try");
    let (before, token) = command.split_once("Bearer ").unwrap();
    let (token, after) = token.split_once('\'').unwrap();
    assert!(README.contains(&format!("{before}Bearer eyJ…'{after}")), "{command}");
    let bearer = Header::new("Authorization", format!("Bearer {token}"));
    let response = client.get("/me").header(bearer).dispatch();
    assert_eq!(response.status(), Status::Ok);
    let greeting = response.into_string().unwrap();
    assert!(README.contains(&format!("http://127.0.0.1:8000/me\n{greeting}\n")), "{greeting}");

    let response = client.get("/me").dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
    let challenge = headers(&response, "WWW-Authenticate").join("\n");
    assert!(README.contains(&format!("www-authenticate: {challenge}\n")), "{challenge}");
}

#[test]
fn a_typo_refuses_launch_as_printed() {
    #[protect(strategy = "jtw")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let line = line!() - 2;
    let rocket = rocket::custom(figment(ROCKET_TOML))
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![me]);
    let report = refusal(rocket).replace("passport ERROR: ", "");
    // The README's handler stands elsewhere: in its own file, where `#[protect]` does.
    let page = blocks("rust")[0];
    let place = 1 + page.lines().position(|line| line.starts_with("fn me")).unwrap();
    let report = report.replace(&format!("{}:{line}", file!()), &format!("src/main.rs:{place}"));
    assert!(README.contains(&report), "{report}");
}

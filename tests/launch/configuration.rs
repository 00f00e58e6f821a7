//! The configuration: what nobody reads, and what cannot be read.

use passport_rocket::{Registration, Secret, User, protect};
use passport_rocket_tests::figment;
use rocket::fairing::Fairing;
use rocket::{Build, Rocket, get, routes};
use serde::Deserialize;

use super::{Account, assert_refused, never, strategy};

/// The table of a strategy that lets in whoever knows the code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Invitation {
    code: Secret<String>,
    host: Option<String>,
    guests: Option<u8>,
}

pub(super) fn invitation(name: &'static str) -> impl Fairing {
    Registration::new(name, |setup| {
        let config: Invitation = setup.config()?;
        match config.guests {
            Some(0) => Err(vec![setup.mistake("guests", "lets nobody in", "write at least 1")]),
            _ => Ok(never::<Account>()),
        }
    })
}

#[protect(strategy = "invitation")]
#[get("/party")]
fn party(_user: User<Account>) {}

/// An application with a strategy `invitation` and what `toml` says.
fn rocket(toml: &str) -> Rocket<Build> {
    let rocket = rocket::custom(figment(toml)).attach(invitation("invitation"));
    rocket.mount("/", routes![party])
}

/// A mistake in the text of a test.
fn mistake(key: &str, problem: &str, remedy: &str) -> String {
    let remedy = if remedy.is_empty() { String::new() } else { format!("\n    {remedy}") };
    format!("`passport.{key}`: {problem}\n    in TOML source string, profile `default`{remedy}")
}

#[test]
fn refuses_an_unknown_option_and_names_the_nearest() {
    let rocket = rocket(
        "[default.passport]\nrequre_declaration = true\n\
         [default.passport.invitation]\ncode = 'a'",
    );
    let remedy = "did you mean `require_declaration`?";
    assert_refused(rocket, &[mistake("requre_declaration", "unknown option", remedy)]);
}

#[test]
fn refuses_an_unknown_option_that_is_near_to_none() {
    let rocket =
        rocket("[default.passport]\nharbour = 'Dover'\n[default.passport.invitation]\ncode = 'a'");
    let remedy = "a strategy is a table; options are `client_address`, `origin`, `realm`, \
                  `require_declaration`, `store`, `strategies`, `trusted_origins`";
    assert_refused(rocket, &[mistake("harbour", "unknown option", remedy)]);
}

#[test]
fn refuses_a_table_that_nobody_reads_and_names_the_nearest() {
    let rocket = rocket(
        "[default.passport.invitation]\ncode = 'a'\n[default.passport.invitaton]\ncode = 'b'",
    );
    let problem = "no fairing registers a strategy of this name";
    let remedy = "did you mean `invitation`?";
    assert_refused(rocket, &[mistake("invitaton", problem, remedy)]);
}

#[test]
fn refuses_a_table_that_nobody_reads() {
    let rocket =
        rocket("[default.passport.invitation]\ncode = 'a'\n[default.passport.jwt]\nsecret = 'b'");
    let problem = "no fairing registers a strategy of this name";
    let remedy = "attach the fairing of a strategy of this name (`.attach(…::fairing(\"jwt\"))`), or \
                  remove the table";
    assert_refused(rocket, &[mistake("jwt", problem, remedy)]);
}

#[test]
fn refuses_unknown_keys_of_a_strategy() {
    let rocket = rocket("[default.passport.invitation]\ncode = 'a'\ngeusts = 3\nharbour = 'Dover'");
    let known = "known keys: `code`, `host`, `guests`";
    let mistakes = [
        mistake("invitation.geusts", "unknown key", "did you mean `guests`?"),
        mistake("invitation.harbour", "unknown key", known),
    ];
    assert_refused(rocket, &mistakes);
}

#[test]
fn refuses_a_missing_key() {
    let rocket = rocket("[default.passport.invitation]\nguests = 3");
    let remedy = "add it to `[default.passport.invitation]`";
    assert_refused(rocket, &[mistake("invitation.code", "missing", remedy)]);
}

#[test]
fn refuses_a_missing_table() {
    let mistake = "`passport.invitation.code`: missing\n    nowhere set, profile `debug`\n    \
                   add it to `[default.passport.invitation]`";
    assert_refused(rocket(""), &[mistake]);
}

#[test]
fn refuses_values_of_a_wrong_type() {
    let rocket = rocket(
        "[default.passport]\nstrategies = 'invitation'\nrequire_declaration = 'on'\n\
         [default.passport.invitation]\ncode = 'a'\nhost = 4711\nguests = '3'",
    );
    let boolean = "expected a boolean, found a string";
    let range = "expected a whole number from 0 to 255, found a string";
    let string = "expected a string, found a number";
    let mistakes = [
        mistake("require_declaration", boolean, "leave out the quotes"),
        mistake("strategies", "expected a list, found a string", "put it in brackets"),
        mistake("invitation.guests", range, "leave out the quotes"),
        mistake("invitation.host", string, "put the value in quotes"),
    ];
    assert_refused(rocket, &mistakes);
}

#[test]
fn refuses_values_out_of_range() {
    let range = "invalid value: expected a whole number from 0 to 255";
    let wide = rocket("[default.passport.invitation]\ncode = 'a'\nguests = 256");
    assert_refused(wide, &[mistake("invitation.guests", range, "")]);

    let none = rocket("[default.passport.invitation]\ncode = 'a'\nguests = 0");
    assert_refused(none, &[mistake("invitation.guests", "lets nobody in", "write at least 1")]);

    let origin = rocket(
        "[default.passport]\norigin = 'https://tidal.example/'\n\
         [default.passport.invitation]\ncode = 'a'",
    );
    let remedy = "leave out what follows host and port, if only a slash";
    assert_refused(origin, &[mistake("origin", "no origin", remedy)]);
}

#[test]
fn refuses_a_strategy_that_is_no_table() {
    let rocket = rocket("[default.passport]\ninvitation = 'a'");
    let problem = "expected a table, found a string";
    assert_refused(rocket, &[mistake("invitation", problem, "write it as a table")]);
}

#[test]
fn refuses_a_passport_that_is_no_table() {
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment("[default]\npassport = 'on'"))
        .attach(strategy::<Account>("jwt"))
        .mount("/", routes![me]);
    let mistake = "`passport`: expected a table, found a string\n    in TOML source string, \
                   profile `default`\n    write it as a table";
    assert_refused(rocket, &[mistake]);
}

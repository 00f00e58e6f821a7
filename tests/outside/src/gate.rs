//! `gate`: one key for each harbour, in a closure.
//!
//! ```toml
//! [default.passport.gate.keys]
//! dover = "…"     # `Authorization: Gate …` comes from Dover
//! calais = "…"
//! ```

use std::borrow::Cow;

use passport_rocket::credential::Authorization;
use passport_rocket::{
    Answer, Attempt, Builder, Challenge, Denial, Registration, SignIn, Verdict, from_fn,
};
use serde::Deserialize;

use crate::keyring::Keyring;

/// The harbour whose key was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Harbour {
    /// Its name in the configuration.
    pub name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The key of each harbour. _Default:_ none; at least one is needed.
    keys: Keyring,
}

/// Registers it as `name`.
pub fn fairing(name: impl Into<Cow<'static, str>>) -> Registration<impl Builder> {
    Registration::new(name, |setup| {
        let Config { keys } = setup.config()?;
        keys.claim("keys", setup)?;
        Ok(from_fn(move |attempt| Answer::now(judge(&keys, attempt))))
    })
}

fn judge(keys: &Keyring, attempt: Attempt<'_, '_>) -> Verdict<Harbour> {
    // A closure has no other place for what it asks for.
    let ask = |denial: Denial| denial.with_challenge(Challenge::new(SCHEME));
    let shown = Authorization::of(attempt).map_err(ask)?.filter(|header| header.is(SCHEME));
    let Some(header) = shown else { return Err(ask(Denial::absent())) };
    if header.credentials.is_empty() {
        return Err(ask(Denial::malformed("no key behind the scheme").read_from(SOURCE)));
    }
    match keys.owner(header.credentials) {
        Some(name) => Ok(SignIn::new(Harbour { name: name.to_owned() })),
        None => Err(ask(Denial::rejected("nobody has this key").read_from(SOURCE))),
    }
}

const SCHEME: &str = "Gate";

const SOURCE: &str = "Authorization: Gate";

#[cfg(test)]
mod tests {
    use passport_rocket::testing::SignedInAs;
    use passport_rocket::{User, protect};
    use rocket::http::{Header, Status};
    use rocket::{Build, Rocket, get, routes};

    use super::*;
    use crate::launch;

    const TABLE: &str = r#"
        [default.passport.gate.keys]
        dover = "white cliffs 0001"
        calais = "blanches falaises"
    "#;

    #[protect(strategy = "gate")]
    #[get("/")]
    fn enter(harbour: User<Harbour>) -> String {
        format!("welcome, {}", harbour.name)
    }

    fn rocket(toml: &str) -> Rocket<Build> {
        launch::rocket(toml).attach(fairing("gate")).mount("/", routes![enter])
    }

    fn show(authorization: &'static str) -> (Status, Option<String>) {
        let client = launch::client(rocket(TABLE));
        let header = Header::new("Authorization", authorization);
        let response = client.get("/").header(header).dispatch();
        let challenge = response.headers().get_one("WWW-Authenticate").map(str::to_owned);
        match response.status() {
            Status::Ok => (Status::Ok, response.into_string()),
            status => (status, challenge),
        }
    }

    #[test]
    fn opens_to_whoever_has_a_key() {
        let welcome = |name: &str| (Status::Ok, Some(format!("welcome, {name}")));
        assert_eq!(show("Gate white cliffs 0001"), welcome("dover"));
        assert_eq!(show("gate blanches falaises"), welcome("calais"));
    }

    #[test]
    fn asks_for_a_key_that_is_absent_malformed_or_wrong() {
        let asks = |status| (status, Some("Gate".to_owned()));
        assert_eq!(show("Bearer white cliffs 0001"), asks(Status::Unauthorized));
        assert_eq!(show("Gate "), asks(Status::BadRequest));
        assert_eq!(show("Gate white cliffs 0002"), asks(Status::Unauthorized));
    }

    #[test]
    fn a_test_signs_in_as_anyone() {
        let client = launch::client(rocket(TABLE));
        let harbour = Harbour { name: "ostend".into() };
        let response = client.get("/").signed_in(&harbour).dispatch();
        assert_eq!(response.into_string().unwrap(), "welcome, ostend");
    }

    #[test]
    fn refuses_launch_for_an_unknown_key_of_its_table() {
        let toml = "[default.passport.gate]\nkeys.dover = \"white cliffs 0001\"\nkey = 1";
        let report = launch::refusal(rocket(toml));
        assert!(report.contains("`passport.gate.key`"), "{report}");
        assert!(report.contains("did you mean `keys`?"), "{report}");
    }

    #[test]
    fn refuses_launch_for_a_weak_key_and_does_not_show_it() {
        let report = launch::refusal(rocket("[default.passport.gate.keys]\ndover = \"cliffs\""));
        assert!(report.contains("`passport.gate.keys.dover`: can be guessed"), "{report}");
        assert!(report.contains("at least 16 bytes"), "{report}");
        assert!(!report.contains("cliffs"), "{report}");
    }

    #[test]
    fn refuses_launch_without_a_key() {
        let report = launch::refusal(rocket(""));
        assert!(report.contains("`passport.gate.keys`"), "{report}");
        let report = launch::refusal(rocket("[default.passport.gate.keys]"));
        assert!(report.contains("`passport.gate.keys`: opens to nobody"), "{report}");
    }

    #[test]
    fn refuses_launch_when_two_gates_share_a_key() {
        let toml = TABLE.replace("gate", "pier") + TABLE;
        let report = launch::refusal(rocket(&toml).attach(fairing("pier")));
        assert!(report.contains("`gate` and `pier` share a key"), "{report}");
    }
}

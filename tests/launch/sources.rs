//! Where a mistake stands: file, environment, profile. And never what stands there.

use std::path::{Path, PathBuf};
use std::process::Command;

use passport_rocket::{Registration, Secret, User, protect};
use passport_rocket_tests::{figment, refusal, release_figment};
use rocket::figment::providers::{Format, Toml};
use rocket::figment::value::{Dict, Map};
use rocket::figment::{Figment, Metadata, Profile, Provider};
use rocket::{Build, Config, Rocket, get, routes};
use serde::Deserialize;

use super::configuration::invitation;
use super::{Account, assert_refused, never, report};

#[protect(strategy = "invitation")]
#[get("/party")]
fn party(_user: User<Account>) {}

fn rocket(figment: Figment) -> Rocket<Build> {
    rocket::custom(figment).attach(invitation("invitation")).mount("/", routes![party])
}

/// A folder of this test's own, with a `Rocket.toml`.
fn folder(name: &str, toml: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Rocket.toml"), toml).unwrap();
    folder
}

/// Shaped like the provider of the environment in Rocket's own figment.
struct Environment(&'static str);

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("`ROCKET_` environment variable(s)")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, rocket::figment::Error> {
        let passport = self.0.parse().unwrap();
        Ok(Profile::Global.collect(Dict::from([("passport".to_owned(), passport)])))
    }
}

#[test]
fn names_the_file_and_the_profile() {
    let toml = "[default.passport.invitation]\ncode = 'a'\ngeusts = 1\n\
                [debug.passport.invitation]\nhots = 'b'\n[release.passport.invitation]\nx = 'c'";
    let file = folder("names_the_file_and_the_profile", toml).join("Rocket.toml");
    let figment = figment("").merge(Toml::file(&file).nested());
    let report = refusal(rocket(figment));
    let place = |profile: &str| {
        report.lines().any(|line| {
            line.starts_with("    in ")
                && line.ends_with(&format!("Rocket.toml, profile `{profile}`"))
        })
    };
    assert!(report.contains("`passport.invitation.geusts`: unknown key"), "{report}");
    assert!(report.contains("`passport.invitation.hots`: unknown key"), "{report}");
    assert!(!report.contains("`passport.invitation.x`"), "{report}");
    assert!(place("default") && place("debug") && !place("release"), "{report}");
}

#[test]
fn names_the_environment() {
    let figment = figment("[default.passport.invitation]\nguests = 1")
        .merge(Environment("{invitation={code=\"a\", geusts=2}, orign=\"b\"}"));
    let place = "in the environment (ROCKET_PASSPORT), every profile";
    let mistakes = [
        format!("`passport.orign`: unknown option\n    {place}\n    did you mean `origin`?"),
        format!(
            "`passport.invitation.geusts`: unknown key\n    {place}\n    did you mean `guests`?"
        ),
    ];
    assert_refused(rocket(figment), &mistakes);
}

// Trap 19
#[test]
fn never_prints_a_secret_of_the_file() {
    let secrets = ["code = 4711471147114711", "code = ['4711471147114711']", "code = true"];
    for secret in secrets {
        let toml = format!("[release.passport.invitation]\n{secret}");
        let file = folder("never_prints_a_secret_of_the_file", &toml).join("Rocket.toml");
        let figment = release_figment("").merge(Toml::file(&file).nested());
        let report = refusal(rocket(figment));
        assert!(report.contains("`passport.invitation.code`: "), "{report}");
        assert!(report.contains("Rocket.toml, profile `release`"), "{report}");
        assert!(!report.contains("4711") && !report.contains("true"), "{report}");
    }
}

// Trap 19
#[test]
fn never_prints_a_secret_of_the_environment() {
    // A number, since quotes are optional there; a brace left open turns all into one string.
    let values = ["{invitation={code=4711471147114711}}", "{invitation={code=4711471147114711}"];
    for value in values {
        let report = refusal(rocket(figment("").merge(Environment(value))));
        assert!(report.contains("in the environment (ROCKET_PASSPORT), every profile"), "{report}");
        assert!(!report.contains("4711"), "{report}");
    }
}

// Trap 19
#[test]
fn never_prints_a_secret_under_a_wrong_key() {
    let toml = "[default.passport]\nsecret = 'hunter2-hunter2'\n\
                [default.passport.invitation]\nkode = 'hunter2-hunter2'\n\
                [default.passport.jwt]\nsecret = 'hunter2-hunter2'";
    let report = refusal(rocket(figment(toml)));
    for key in ["secret", "invitation.kode", "jwt"] {
        assert!(report.contains(&format!("`passport.{key}`: ")), "{report}");
    }
    assert!(!report.contains("hunter2"), "{report}");
}

/// Rocket's own figment, with a file and a variable of a process of its own: this test starts
/// itself once more, and is that process then.
#[test]
fn names_the_file_and_the_environment_of_a_process() {
    const NAME: &str = "launch::sources::names_the_file_and_the_environment_of_a_process";
    if std::env::var_os("ROCKET_PASSPORT").is_some() {
        passport_rocket_tests::log::capture(|| ());
        return println!("{}", refusal(rocket(Config::figment())));
    }
    let toml = "[default.passport.invitation]\ncode = 'hunter2-hunter2'\ngeusts = 1";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .current_dir(folder("names_the_file_and_the_environment_of_a_process", toml))
        .env("ROCKET_PROFILE", "debug")
        .env("ROCKET_PASSPORT", "{realm=4711, invitation={hots=hunter2-hunter2}}")
        .output()
        .unwrap();
    let output = String::from_utf8(child.stdout).unwrap();
    let environment = "in the environment (ROCKET_PASSPORT), every profile";
    let mistakes = [
        format!(
            "`passport.realm`: expected a string, found a number\n    {environment}\n    \
             put the value in quotes"
        ),
        "`passport.invitation.geusts`: unknown key\n    in Rocket.toml, profile `default`\n    \
         did you mean `guests`?"
            .to_owned(),
        format!(
            "`passport.invitation.hots`: unknown key\n    {environment}\n    did you mean `host`?"
        ),
    ];
    assert!(output.contains(&report(&mistakes)), "{output}");
    assert!(!output.contains("hunter2") && !output.contains("4711"), "{output}");
}

#[test]
fn lets_a_strategy_make_a_secret_in_the_debug_profile_only() {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        code: Option<Secret<String>>,
    }

    let rocket = |figment| {
        let invitation = Registration::new("invitation", |setup| {
            let config: Config = setup.config()?;
            match config.code {
                None if !setup.is_debug() => {
                    Err(vec![setup.mistake("code", "missing", "set it: only debug makes one up")])
                }
                _ => Ok(never::<Account>()),
            }
        });
        rocket::custom(figment).attach(invitation).mount("/", routes![party])
    };
    assert!(passport_rocket_tests::ignite(rocket(figment(""))).is_ok());
    for profile in ["release", "debug_staging", "staging"] {
        let figment = release_figment("").select(profile);
        let mistake = format!(
            "`passport.invitation.code`: missing\n    nowhere set, profile `{profile}`\n    \
             set it: only debug makes one up"
        );
        assert_refused(rocket(figment), &[mistake]);
    }
}

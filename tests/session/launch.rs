//! What its table and its store refuse at launch: the key, the remedy, and never a value.

use passport_rocket::Jwt;
use passport_rocket::store::Memory;
use passport_rocket_tests::{refusal, release_figment};
use rocket::figment::providers::Serialized;
use serde::{Deserialize, Serialize};

use super::*;

/// What stands in every value of this file, and in no message.
const VALUE: &str = "hunter2";

const LONG: &str = "hunter2 hunter2 hunter2 hunter2 hunter2";

#[derive(Serialize, Deserialize)]
struct Claims {
    id: u32,
}

/// Launch is refused with one mistake, at this key, which says this and what to do.
#[track_caller]
fn assert_refused(rocket: Rocket<Build>, key: &str, problem: &str, remedy: &str) {
    let report = refusal(rocket);
    assert!(report.starts_with("passport ERROR: launch refused, one mistake:"), "{report}");
    assert!(report.contains(&format!("`passport.{key}`: {problem}")), "{report}");
    assert!(report.contains(remedy), "{report}");
    assert!(!report.contains(VALUE), "{report}");
}

fn debug(keys: &str) -> Rocket<Build> {
    bare(figment(&format!("[default.passport.session]\n{keys}")))
}

#[test]
fn refuses_secrets_that_are_none() {
    let draw = "openssl rand -base64 33";
    for (keys, key, problem, remedy) in [
        ("secrets = []", "secrets", "there is none in it", draw),
        ("secrets = ['hunter2']", "secrets[0]", "a secret of 7 bytes, and 32 are needed", draw),
        (
            &format!("secrets = ['{LONG}', '1234567890123456789012345678901']"),
            "secrets[1]",
            "a secret of 31 bytes, and 32 are needed",
            draw,
        ),
        (
            &format!("secrets = ['{LONG}', '{LONG}']"),
            "secrets[1]",
            "stands there twice",
            "remove it, or draw a new one",
        ),
        (
            &format!("secrets = ['{LONG}']\nsecrets_file = 'hunter2'"),
            "secrets_file",
            "secrets are given twice",
            "remove `secrets` or `secrets_file`",
        ),
        (
            "secrets_file = '/nowhere/at/all/hunter2'",
            "secrets_file",
            "cannot be read",
            "one secret a line, the newest first",
        ),
        (&format!("secrets = '{LONG}'"), "secrets", "", ""),
        (&format!("secret = '{LONG}'"), "secret", "unknown key", "did you mean `secrets`?"),
    ] {
        assert_refused(debug(keys), &format!("session.{key}"), problem, remedy);
    }
}

#[test]
fn refuses_release_without_a_secret() {
    let draw = "openssl rand -base64 33";
    let memory = "[default.passport]\nstore = 'memory:'";
    assert_refused(bare(release_figment(memory)), "session.secrets", "missing", draw);
    let toml = format!("[default.passport.session]\nsecrets = ['{LONG}']");
    assert_eq!(refused(bare(release_figment(&toml))), None);
}

/// The report, or `None` where the application launches.
fn refused(rocket: Rocket<Build>) -> Option<String> {
    match passport_rocket_tests::ignite(rocket) {
        Ok(_) => None,
        Err(error) => Some(error.kind().to_string()),
    }
}

#[test]
fn refuses_files_of_secrets_that_hold_none_or_short_ones() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, text, problem) in [
        ("session-empty", "\n \n", "there is none in it"),
        ("session-short", "hunter2\n", "a secret of 7 bytes, and 32 are needed"),
    ] {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        let rocket = debug(&format!("secrets_file = {file:?}"));
        assert_refused(rocket, "session.secrets_file", problem, "");
    }
}

#[test]
fn refuses_timeouts_that_end_nothing_or_everything() {
    let second = "write a second at least";
    let shorter = "write a shorter one, or raise the absolute time-out";
    for (keys, key, problem, remedy) in [
        ("idle_timeout = '0s'", "idle_timeout", "ends every session at once", second),
        ("anonymous_timeout = '999ms'", "anonymous_timeout", "ends every session at once", second),
        (
            "remember_idle_timeout = '0s'",
            "remember_idle_timeout",
            "ends every session at once",
            second,
        ),
        ("absolute_timeout = '59m'", "idle_timeout", "is longer than the absolute one", shorter),
        ("idle_timeout = '2 days'", "idle_timeout", "is longer than the absolute one", shorter),
        (
            "remember_idle_timeout = '31 days'",
            "remember_idle_timeout",
            "is longer than the absolute one",
            shorter,
        ),
        ("idle_timeout = 'hunter2'", "idle_timeout", "", ""),
        ("idle_timeut = '1h'", "idle_timeut", "unknown key", "did you mean `idle_timeout`?"),
        ("max_data = '0 B'", "max_data", "holds nothing", "remove it for 16 KiB"),
    ] {
        assert_refused(debug(keys), &format!("session.{key}"), problem, remedy);
    }
}

#[test]
fn refuses_a_cookie_that_browsers_would_not_send_back() {
    let long = "hunter2".repeat(10);
    for name in [
        "",
        " ",
        "a b",
        "hunter2;",
        "a=b",
        "a,b",
        "a\"b",
        "möwe",
        "__Host-hunter2",
        "__Secure-a",
        "__host-a",
        "a%41",
        "a#b",
        "a^b",
        "a|b",
        "a`b",
        "(a)",
        &long,
    ] {
        let rocket = debug(&format!("cookie = '''{name}'''"));
        let remedy = "`__Host-` is put before it by itself";
        assert_refused(rocket, "session.cookie", "no name of a cookie", remedy);
    }
    for (same_site, problem, remedy) in [
        ("none", "browsers drop a cookie of `SameSite=None`", "`https://`"),
        ("hunter2", "", "`lax`"),
    ] {
        let rocket = debug(&format!("same_site = '{same_site}'"));
        assert_refused(rocket, "session.same_site", problem, remedy);
    }
}

#[test]
fn a_name_of_a_cookie_that_launches_signs_in() {
    let long = "a".repeat(64);
    for name in ["a", "a.b", "sid_2", "A-b", "_a", &long] {
        let world = World::of(&format!("cookie = '{name}'"), |rocket| rocket);
        assert_eq!(world.signed_in(ADA).get("/me").status, 200, "{name}");
    }
}

#[test]
fn refuses_a_secret_that_another_strategy_has() {
    let toml = format!(
        "[default.passport.session]\nsecrets = ['another one of 32 bytes or more', '{LONG}']\n\
         [default.passport.jwt]\nalgorithm = 'HS256'\nsecret = '{LONG}'\nexpires_in = '1h'"
    );
    let toml = toml.replace("32 bytes or more", "thirty-two bytes or more");
    let report = refusal(bare(figment(&toml)).attach(Jwt::<Claims>::fairing("jwt")));
    assert!(report.contains("one mistake"), "{report}");
    assert!(report.contains("strategies `session` and `jwt` share a key"), "{report}");
    assert!(!report.contains(VALUE), "{report}");
}

// Trap 19
#[test]
fn a_mistake_from_the_environment_shows_no_value_either() {
    let table = |secrets: serde_json::Value| {
        let passport = serde_json::json!({ "session": { "secrets": secrets } });
        bare(figment("").merge(Serialized::default("passport", passport)))
    };
    for secrets in
        [serde_json::json!([VALUE]), serde_json::json!(LONG), serde_json::json!([[VALUE]])]
    {
        let report = refusal(table(secrets));
        assert!(report.contains("`passport.session.secrets"), "{report}");
        assert!(!report.contains(VALUE), "{report}");
    }
}

/// `session` and another one of its kind, on one store.
fn two(toml: &str) -> Rocket<Build> {
    bare(figment(toml)).attach(Session::fairing("crew").verify(crew_of))
}

#[verify]
fn crew_of(id: u64) -> Option<Crew> {
    Some(Crew { id })
}

#[derive(Principal)]
struct Crew {
    #[principal(id)]
    id: u64,
}

#[test]
fn refuses_a_store_that_it_does_not_know_once() {
    for (url, problem, remedy) in [
        ("mysql://ada:hunter2@host", "no scheme of a store", "write `memory:`"),
        ("hunter2", "no URL of a store", "write `memory:`"),
        ("memory:?max=hunter2", "`max` is no size", "memory:?max=256MiB"),
    ] {
        let toml = format!("[default.passport]\nstore = '{url}'");
        assert_refused(bare(figment(&toml)), "store", problem, remedy);
        assert_refused(two(&toml), "store", problem, remedy);
    }
}

#[test]
fn refuses_two_stores_once() {
    let toml = "[default.passport]\nstore = 'memory:?max=1MiB'";
    let problem = "Rocket manages a `Store` already";
    for rocket in [bare(figment(toml)), two(toml)] {
        let rocket = rocket.manage(Store::new(Memory::default()));
        assert_refused(rocket, "store", problem, "remove the key, or the `.manage(…)`");
    }
}

#[test]
fn refuses_a_store_that_cannot_be_opened_once() {
    let problem = "the store cannot be opened: Unavailable: ask the store: connection\\nrefused";
    for rocket in [bare(figment("")), two("")] {
        let spy = Spy::default();
        spy.take_down();
        let rocket = rocket.manage(Store::new(spy));
        assert_refused(rocket, "store", problem, "see that it runs");
    }
}

#[test]
fn reports_every_mistake_of_its_table_at_once() {
    let toml = "[default.passport]\nstore = 'hunter2'\n[default.passport.session]\n\
                secrets = ['hunter2']\ncookie = 'a b'\nidle_timeout = '0s'\nsame_site = 'none'";
    let report = refusal(bare(figment(toml)));
    for key in ["store", "session.secrets[0]", "session.cookie", "session.idle_timeout"] {
        assert!(report.contains(&format!("`passport.{key}`")), "{key}: {report}");
    }
    assert!(report.contains("5 mistakes") && !report.contains(VALUE), "{report}");
}

#[test]
fn the_guards_of_two_strategies_are_told_apart_or_refused() {
    #[protect(strategy = "session")]
    #[post("/flash")]
    async fn flash(_user: User<Account>, session: Session<'_>) -> Result<(), Error> {
        session.flash("success", "a tide").await
    }

    #[protect(strategy = "session", issue = "session")]
    #[post("/flash")]
    async fn named(_user: User<Account>, session: Session<'_>) -> Result<(), Error> {
        session.flash("success", "a tide").await
    }

    let report = refusal(two("").mount("/", routes![flash]));
    assert!(report.contains("handler `flash`") && report.contains("`issue"), "{report}");
    assert_eq!(refused(two("").mount("/", routes![named])), None);
}

#[test]
fn a_launch_in_production_warns_where_nobody_chose_the_memory() {
    use passport_rocket_tests::{ignite, log};

    let secrets =
        "[default.passport.session]\nsecrets = ['a secret of this test, 32 bytes or more']\n";
    let chosen = format!("{secrets}[default.passport]\nstore = 'memory:'");
    for (figment, warned) in [
        (release_figment(secrets), true),
        (release_figment(&chosen), false),
        (figment(secrets), false),
    ] {
        let (launched, lines) = log::capture(|| ignite(bare(figment)));
        assert!(launched.is_ok());
        let warnings = lines.iter().filter(|line| line.contains("in the memory of this process"));
        assert_eq!(warnings.count(), usize::from(warned), "{lines:?}");
    }
}

//! Strategies that are not there, not alone, or not whole.

use passport_rocket::{Credentials, Local, Registration, User, protect, verify};
use passport_rocket_tests::{figment, ignite};
use rocket::{State, get, routes};

use super::{Account, assert_refused, strategy};

#[test]
fn refuses_an_unknown_strategy_and_names_the_nearest() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "jtw")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment(""))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Account>("session"))
        .mount("/", routes![me]);
    let what = "no strategy `jtw` is registered; did you mean `jwt`?";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn lists_what_is_registered_when_no_name_is_near() {
    let at = handler!("me", 3 below);
    #[protect(strategy = ["jwt", "kerberos"])]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment(""))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Account>("session"))
        .mount("/", routes![me]);
    let what = "no strategy `kerberos` is registered; registered are: `jwt`, `session`";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn refuses_an_unknown_default() {
    #[protect]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment("[default.passport]\nstrategies = ['jwt', 'sesion']"))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Account>("session"))
        .mount("/", routes![me]);
    let mistake = "`passport.strategies`: no strategy `sesion` is registered\n    \
                   in TOML source string, profile `default`\n    did you mean `session`?";
    assert_refused(rocket, &[mistake]);
}

#[test]
fn refuses_a_handler_without_any_strategy() {
    let at = handler!("me", 3 below);
    #[protect]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket =
        rocket::custom(figment("")).attach(strategy::<Account>("jwt")).mount("/", routes![me]);
    let what = "names no strategy, and the configuration has no default; write \
                `#[protect(strategy = \"…\")]` or set `passport.strategies`";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

// Trap 3
#[test]
fn refuses_when_no_fairing_is_attached() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "session")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let what = "no strategy is attached; attach the fairing of `session` before launch: \
                `.attach(…::fairing(\"session\"))`";
    let rocket = rocket::custom(figment("")).mount("/", routes![me]);
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn refuses_a_strategy_named_like_an_option() {
    #[protect(strategy = "realm")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket =
        rocket::custom(figment("")).attach(strategy::<Account>("realm")).mount("/", routes![me]);
    let mistake = "a strategy cannot be named `realm`: that is an option of `[passport]`; give its \
                   fairing another name";
    assert_refused(rocket, &[mistake]);
}

#[test]
fn refuses_names_that_no_table_can_have() {
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment(""))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Account>(""))
        .attach(strategy::<Account>("my.jwt"))
        .mount("/", routes![me]);
    let mistake = |name: &str| {
        format!(
            "a strategy cannot be named `{name}`: a name has at least one character and neither \
             dot nor comma; give its fairing another name"
        )
    };
    assert_refused(rocket, &[mistake(""), mistake("my.jwt")]);
}

#[test]
fn refuses_two_strategies_of_one_name() {
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment(""))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Account>("jwt"))
        .mount("/", routes![me]);
    let mistake = "two strategies are registered as `jwt`; give one of the fairings another name";
    assert_refused(rocket, &[mistake]);
}

#[test]
fn refuses_a_secret_of_two_strategies() {
    #[protect(strategy = ["jwt", "partner", "session"])]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let signing = |name: &'static str, secrets: &'static [&'static str]| {
        Registration::new(name, move |setup| {
            secrets.iter().for_each(|secret| setup.claim_secret(secret.as_bytes()));
            Ok(super::never::<Account>())
        })
    };
    let rocket = rocket::custom(figment(""))
        .attach(signing("jwt", &["Ebb-and-flow-1", "Ebb-and-flow-2"]))
        .attach(signing("partner", &["Ebb-and-flow-3", "Ebb-and-flow-2"]))
        .attach(signing("session", &["Ebb-and-flow-4"]))
        .mount("/", routes![me]);
    let mistake = "strategies `jwt` and `partner` share a key: what is signed for one would open \
                   the other; give each its own";
    assert_refused(rocket, &[mistake]);
}

#[test]
fn refuses_what_a_verifier_misses() {
    struct Accounts;

    #[verify]
    async fn check(_login: Credentials, _accounts: &State<Accounts>) -> Option<Account> {
        None
    }

    #[protect(strategy = "local")]
    #[rocket::post("/login", data = "<_user>")]
    fn login(_user: User<Account>) {}

    let rocket = || {
        rocket::custom(figment(""))
            .attach(Local::fairing("local").verify(check))
            .mount("/", routes![login])
    };
    let mistake = "strategy `local`: the verifier's guard `_accounts` refuses launch; its own \
                   message above says what it misses (for `&State<T>`: `.manage(…)` the value)";
    assert_refused(rocket(), &[mistake]);
    assert!(ignite(rocket().manage(Accounts)).is_ok());
}

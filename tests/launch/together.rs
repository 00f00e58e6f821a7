//! All mistakes of an application in one start.

use passport_rocket::{Registration, User, protect};
use passport_rocket_tests::{figment, log};
use rocket::{Build, Rocket, State, get, post, routes};

use super::configuration::invitation;
use super::{Account, assert_refused, never, strategy};

struct Partner;

#[test]
fn reports_four_different_mistakes_in_one_start() {
    let [first, second] = [handler!("typo", 3 below), handler!("login", 7 below)];
    #[protect(strategy = "jtw")]
    #[get("/typo")]
    fn typo(_user: User<Account>) {}

    #[protect(strategy = "jwt", issue = "sesion")]
    #[post("/login")]
    fn login(_user: User<Account>) {}

    #[get("/open")]
    fn open() {}

    let toml = "[default.passport]\nrequire_declaration = true\n\
                [default.passport.invitation]\ncode = 'a'\ngeusts = 3";
    let rocket = rocket::custom(figment(toml))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Partner>("session"))
        .attach(invitation("invitation"))
        .mount("/", routes![typo, login, open]);
    let mistakes = [
        "`passport.invitation.geusts`: unknown key\n    in TOML source string, profile \
         `default`\n    did you mean `guests`?"
            .to_owned(),
        format!("{first}: no strategy `jtw` is registered; did you mean `jwt`?"),
        format!(
            "{second}: `issue` names `sesion`, which is not registered; did you mean `session`?"
        ),
        "route `open` (GET /open): neither protected nor public, and \
         `passport.require_declaration` is on; write `#[protect]` or `#[public(\"why\")]` above \
         its route attribute"
            .to_owned(),
    ];
    assert_refused(rocket, &mistakes);
}

#[test]
fn a_strategy_that_cannot_be_built_hides_no_other_mistake() {
    let at = handler!("both", 3 below);
    #[protect(strategy = ["broken", "partner"])]
    #[get("/both")]
    fn both(_user: User<Account>) {}

    // Of the broken one alone nothing more can be said.
    #[protect(strategy = "broken")]
    #[get("/alone")]
    fn alone(_user: User<Account>) {}

    let broken = Registration::new("broken", |setup| {
        let mistake = setup.mistake("key", "missing", "add it");
        if setup.is_debug() { Err(vec![mistake]) } else { Ok(never::<Account>()) }
    });
    let rocket = rocket::custom(figment(""))
        .attach(broken)
        .attach(strategy::<Partner>("partner"))
        .mount("/", routes![both, alone]);
    let mistakes = [
        "`passport.broken.key`: missing\n    nowhere set, profile `debug`\n    add it".to_owned(),
        format!(
            "{at}: `_user` is a `User<{}>`, but strategy `partner` yields `{}`; give the handler \
             that type, or the strategy a verifier that returns the handler's",
            std::any::type_name::<Account>(),
            std::any::type_name::<Partner>()
        ),
    ];
    assert_refused(rocket, &mistakes);
}

#[test]
fn the_sentinels_of_others_are_heard_as_well() {
    struct Missing;

    #[protect(strategy = "jtw")]
    #[get("/typo")]
    fn typo(_user: User<Account>, _missing: &State<Missing>) {}

    let rocket: Rocket<Build> =
        rocket::custom(figment("")).attach(strategy::<Account>("jwt")).mount("/", routes![typo]);
    let (result, lines) = log::capture(|| passport_rocket_tests::ignite(rocket));
    let error = result.map(|_| ()).unwrap_err();
    let rocket::error::ErrorKind::SentinelAborts(aborted) = error.kind() else {
        panic!("{error}");
    };
    let names: Vec<_> = aborted.iter().map(|sentry| sentry.type_name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let lines = lines.join("\n");
    assert!(lines.contains("no strategy `jtw` is registered"), "{lines}");
    assert!(lines.contains("Missing"), "{lines}");
}

//! `issue`, and the guards that speak for a service of a strategy.

use std::sync::Arc;

use passport_rocket::{
    Answer, Attempt, Denial, Error, Registration, Service, Speaks, Strategy, User, Verdict, protect,
};
use passport_rocket_tests::{client, figment, ignite};
use rocket::fairing::Fairing;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, get, routes};

use super::{Account, assert_refused, strategy};

/// What a strategy stamps with.
struct Stamp(&'static str);

/// A strategy that offers its stamp.
struct Stamping(&'static str);

impl Strategy for Stamping {
    type User = Account;

    fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
        Answer::now(Err(Denial::absent()))
    }

    fn services(&self) -> Vec<Service> {
        vec![Service::new(Arc::new(Stamp(self.0)))]
    }
}

fn stamping(name: &'static str) -> impl Fairing {
    Registration::new(name, move |_| Ok(Stamping(name)))
}

/// The guard that speaks for it.
struct Stamps(Arc<Stamp>);

impl Speaks for Stamps {
    type Service = Stamp;
    const WHAT: &'static str = "stamps";
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Stamps {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Error> {
        match Service::find(request) {
            Ok(stamp) => Outcome::Success(Self(stamp)),
            Err(error) => Outcome::Error((error.status(), error)),
        }
    }
}

fn rocket() -> Rocket<Build> {
    rocket::custom(figment("")).attach(strategy::<Account>("jwt"))
}

#[test]
fn refuses_to_issue_by_an_unknown_strategy() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt", issue = "stmap")]
    #[get("/me")]
    fn me(_user: User<Account>, _stamps: Stamps) {}

    let rocket = rocket().attach(stamping("stamp")).mount("/", routes![me]);
    let what = "`issue` names `stmap`, which is not registered; did you mean `stamp`?";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn refuses_to_issue_by_a_strategy_that_offers_nothing() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt", issue = "jwt")]
    #[get("/me")]
    fn me(_user: User<Account>, _stamps: Stamps) {}

    let rocket = rocket().attach(stamping("stamp")).mount("/", routes![me]);
    let what = "strategy `jwt` gives no stamps; these do: `stamp`";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn refuses_a_service_that_nobody_offers() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: User<Account>, _stamps: Stamps) {}

    let what = "no registered strategy gives stamps";
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

#[test]
fn refuses_a_service_that_several_offer() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: User<Account>, _stamps: Stamps) {}

    let rocket = rocket().attach(stamping("one")).attach(stamping("two")).mount("/", routes![me]);
    let what = "several strategies give stamps (`one`, `two`); say which: `issue = \"one\"`";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn refuses_an_issue_that_nothing_speaks_for() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt", issue = "stamp")]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket().attach(stamping("stamp")).mount("/", routes![me]);
    let what = "`issue = \"stamp\"` speaks for no parameter; add `tokens: Tokens`, or remove it";
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

#[test]
fn checks_the_services_of_a_public_handler_too() {
    let at = handler!("stamp", 3 below);
    #[passport_rocket::public("everybody may have one")]
    #[get("/stamp")]
    fn stamp(_stamps: Stamps) {}

    let what = "no registered strategy gives stamps";
    assert_refused(rocket().mount("/", routes![stamp]), &[format!("{at}: {what}")]);
}

#[test]
fn gives_the_service_of_the_strategy_that_is_meant() {
    #[protect(strategy = "jwt", optional)]
    #[get("/only")]
    fn only(stamps: Stamps) -> &'static str {
        stamps.0.0
    }

    #[protect(strategy = "jwt", optional, issue = "two")]
    #[get("/named")]
    fn named(stamps: Stamps) -> &'static str {
        stamps.0.0
    }

    #[get("/unasked")]
    fn unasked(stamps: Stamps) -> &'static str {
        stamps.0.0
    }

    #[protect(strategy = "jwt", optional, issue = "two")]
    #[get("/number/<_id>")]
    fn number(_stamps: Stamps, _id: u8) {}

    #[get("/number/<_name>", rank = 2)]
    fn name(stamps: Stamps, _name: &str) -> &'static str {
        stamps.0.0
    }

    let one = rocket().attach(stamping("one"));
    let one = client(one.mount("/", routes![only]));
    assert_eq!(one.get("/only").dispatch().into_string().as_deref(), Some("one"));

    let two = || rocket().attach(stamping("one")).attach(stamping("two"));
    assert!(ignite(two().mount("/", routes![named])).is_ok());
    let two = client(two().mount("/", routes![named, unasked, number, name]));
    assert_eq!(two.get("/named").dispatch().into_string().as_deref(), Some("two"));
    // Nothing was proved of a handler that declares nothing: it gets none rather than any.
    // And what a route names is not for the one it forwards to.
    for path in ["/unasked", "/number/a"] {
        assert_eq!(two.get(path).dispatch().status(), Status::InternalServerError, "{path}");
    }
}

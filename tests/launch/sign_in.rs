//! `sign_in`: what launch proves of the strategy that it names.

use std::sync::Arc;

use passport_rocket::{
    Answer, Attempt, Denial, Error, Mistake, Registration, Service, Speaks, Strategy, User,
    Verdict, protect,
};
use passport_rocket_tests::{client, figment, ignite};
use rocket::fairing::Fairing;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, get, routes};

use super::{Account, assert_refused, strategy};

/// What a strategy offers besides.
struct Stamp(&'static str);

/// A strategy that begins something, and offers a stamp if it has one.
struct Beginning(Option<&'static str>);

impl Strategy for Beginning {
    type User = Account;

    fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
        Answer::now(Err(Denial::absent()))
    }

    fn begins(&self) -> bool {
        true
    }

    fn begin<'r>(&'r self, _: Attempt<'r, '_>, _: User<Account>) -> Answer<'r, Result<(), Denial>> {
        Answer::now(Ok(()))
    }

    fn services(&self) -> Vec<Service> {
        self.0.map(|stamp| Service::new(Arc::new(Stamp(stamp)))).into_iter().collect()
    }
}

pub(super) fn beginning(name: &'static str) -> impl Fairing {
    Registration::new(name, |_| Ok(Beginning(None)))
}

/// The same with a stamp of its name.
fn stamping(name: &'static str) -> impl Fairing {
    Registration::new(name, move |_| Ok(Beginning(Some(name))))
}

/// One that cannot be built.
fn broken(name: &'static str) -> impl Fairing {
    Registration::new(name, |setup| -> Result<Beginning, Vec<Mistake>> {
        Err(vec![setup.mistake("store", "is not there", "start it")])
    })
}

fn rocket() -> Rocket<Build> {
    rocket::custom(figment("")).attach(strategy::<Account>("jwt"))
}

fn place() -> String {
    handler!("exchange", 5 below)
}

#[protect(strategy = "jwt", sign_in = "session")]
#[get("/exchange")]
fn exchange(_user: User<Account>) {}

#[test]
fn takes_a_strategy_that_begins_something_for_users_of_the_route() {
    let rocket = rocket().attach(beginning("session")).mount("/", routes![exchange]);
    assert!(ignite(rocket).is_ok());
}

#[test]
fn refuses_a_sign_in_by_an_unknown_strategy() {
    let near = rocket().attach(beginning("sesion")).mount("/", routes![exchange]);
    let what = "`sign_in` names `session`, which is not registered; did you mean `sesion`?";
    assert_refused(near, &[format!("{}: {what}", place())]);
    let far = rocket().mount("/", routes![exchange]);
    let what = "`sign_in` names `session`, which is not registered; registered are: `jwt`";
    assert_refused(far, &[format!("{}: {what}", place())]);
}

#[test]
fn refuses_a_sign_in_by_a_strategy_that_begins_nothing() {
    let rocket = || rocket().attach(strategy::<Account>("session")).mount("/", routes![exchange]);
    let what = |remedy| {
        format!("`sign_in` names `session`, which begins nothing that outlives a request; {remedy}")
    };
    let others = rocket().attach(beginning("cookie")).attach(beginning("ticket"));
    let remedy = "these do: `cookie`, `ticket`";
    assert_refused(others, &[format!("{}: {}", place(), what(remedy))]);
    let remedy = "attach a strategy that does and name it, or remove `sign_in`";
    assert_refused(rocket(), &[format!("{}: {}", place(), what(remedy))]);
}

#[test]
fn refuses_a_sign_in_for_other_users_than_those_of_the_route() {
    let at = handler!("exchange", 3 below);
    #[protect(strategy = ["jwt", "number"], sign_in = "session")]
    #[get("/exchange")]
    fn exchange() {}

    let account = std::any::type_name::<Account>();
    let what = format!(
        "`sign_in` names `session`, whose users are `{account}`, but strategy `number` yields `u8`; \
         give both the same type of user, or name a strategy of that type"
    );
    let rocket = rocket().attach(strategy::<u8>("number")).attach(beginning("session"));
    assert_refused(rocket.mount("/", routes![exchange]), &[format!("{at}: {what}")]);
}

#[test]
fn refuses_a_sign_in_by_a_strategy_of_the_route_itself() {
    let what = "`sign_in` names `session`, which is a strategy of the route, too: it would begin \
                anew with every request; take it from the strategies, or remove `sign_in`";

    let at = handler!("declared", 3 below);
    #[protect(strategy = ["jwt", "session"], sign_in = "session")]
    #[get("/declared")]
    fn declared(_user: User<Account>) {}

    let rocket = rocket().attach(beginning("session")).mount("/", routes![declared]);
    assert_refused(rocket, &[format!("{at}: {what}")]);

    let at = handler!("configured", 3 below);
    #[protect(sign_in = "session")]
    #[get("/configured")]
    fn configured(_user: User<Account>) {}

    let rocket = rocket::custom(figment("[default.passport]\nstrategies = ['session']"))
        .attach(beginning("session"))
        .mount("/", routes![configured]);
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

/// What a strategy could not be built for is said; that it might do nothing is not.
#[test]
fn says_nothing_more_of_a_strategy_that_could_not_be_built() {
    #[protect(strategy = "jwt", sign_in = "session")]
    #[get("/stamped")]
    fn stamped(_user: User<Account>, _stamps: Stamps) {}

    let mistake = "`passport.session.store`: is not there\n    nowhere set, profile `debug`\n    \
                   start it";
    let rocket = rocket().attach(broken("session")).attach(stamping("one")).attach(stamping("two"));
    assert_refused(rocket.mount("/", routes![exchange, stamped]), &[mistake]);
}

/// The guard that speaks for a stamp.
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

#[test]
fn a_guard_speaks_for_the_strategy_that_begins_unless_another_is_named() {
    #[protect(strategy = "jwt", optional, sign_in = "two")]
    #[get("/begun")]
    fn begun(stamps: Stamps) -> &'static str {
        stamps.0.0
    }

    #[protect(strategy = "jwt", optional, sign_in = "two", issue = "one")]
    #[get("/named")]
    fn named(stamps: Stamps) -> &'static str {
        stamps.0.0
    }

    let rocket = rocket().attach(stamping("one")).attach(stamping("two"));
    let client = client(rocket.mount("/", routes![begun, named]));
    assert_eq!(client.get("/begun").dispatch().into_string().as_deref(), Some("two"));
    assert_eq!(client.get("/named").dispatch().into_string().as_deref(), Some("one"));
}

#[test]
fn a_guard_speaks_for_the_only_service_where_what_begins_offers_none() {
    #[protect(strategy = "jwt", optional, sign_in = "session")]
    #[get("/only")]
    fn only(stamps: Stamps) -> &'static str {
        stamps.0.0
    }

    let rocket = || rocket().attach(beginning("session")).attach(stamping("one"));
    let client = client(rocket().mount("/", routes![only]));
    let response = client.get("/only").dispatch();
    assert_eq!((response.status(), response.into_string().as_deref()), (Status::Ok, Some("one")));

    let at = handler!("several", 3 below);
    #[protect(strategy = "jwt", sign_in = "session")]
    #[get("/several")]
    fn several(_user: User<Account>, _stamps: Stamps) {}

    let what = "several strategies give stamps (`one`, `two`); say which: `issue = \"one\"`";
    let rocket = rocket().attach(stamping("two")).mount("/", routes![several]);
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

//! Routes whose credential is the body: only a data guard that completes the sign-in will do.

use std::sync::Arc;

use passport_rocket::{
    Answer, Attempt, Body, Credentials, Denial, Local, Registration, Strategy, User, UserAnd,
    Verdict, protect,
};
use passport_rocket_tests::{figment, ignite};
use rocket::form::Form;
use rocket::serde::json::Json;
use rocket::{Build, FromForm, Rocket, get, post, routes};
use serde::Deserialize;

use super::{Account, assert_refused, strategy};

#[derive(Deserialize, FromForm)]
struct Tide {
    #[allow(dead_code)]
    height: f32,
}

fn rocket() -> Rocket<Build> {
    rocket::custom(figment(""))
        .attach(Local::fairing("local").verify(|_: Credentials| None::<Account>))
        .attach(strategy::<Account>("jwt"))
        .attach(Registration::new("both", |_| Ok(Both)))
}

/// Takes a header or a body.
struct Both;

impl Strategy for Both {
    type User = Account;

    fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
        Answer::now(Err(Denial::absent()))
    }

    fn body(&self) -> Body {
        Body::Also
    }
}

const NOT_COMPLETED: &str = "strategy `local` reads its credential from the body, so the body's \
                             guard must complete it: `#[post(\"…\", data = \"<user>\")]` with \
                             `user: User<…>`, or `UserAnd<…>` for a payload beside it";

// Trap 15
#[test]
fn refuses_a_body_route_without_data_guard() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "local")]
    #[get("/me")]
    fn me() {}

    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {NOT_COMPLETED}")]);
}

// Trap 15
#[test]
fn refuses_a_user_as_request_guard_of_a_body_route() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "local")]
    #[post("/me")]
    fn me(_user: User<Account>) {}

    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {NOT_COMPLETED}")]);
}

// Trap 15
#[test]
fn refuses_json_and_forms_as_the_data_guard() {
    let [first, second] = [handler!("json", 3 below), handler!("form", 7 below)];
    #[protect(strategy = "local")]
    #[post("/json", data = "<_tide>")]
    fn json(_tide: Json<Tide>) {}

    #[protect(strategy = "local")]
    #[post("/form", data = "<_tide>")]
    fn form(_tide: Form<Tide>) {}

    let mistakes = [format!("{first}: {NOT_COMPLETED}"), format!("{second}: {NOT_COMPLETED}")];
    assert_refused(rocket().mount("/", routes![json, form]), &mistakes);
}

// Trap 15
#[test]
fn refuses_an_optional_user_as_the_data_guard() {
    type Perhaps = Option<User<Account>>;

    let [first, second] = [handler!("strict", 3 below), handler!("lax", 7 below)];
    #[protect(strategy = "local")]
    #[post("/strict", data = "<_user>")]
    fn strict(_user: Perhaps) {}

    #[protect(strategy = "local", optional)]
    #[post("/lax", data = "<_user>")]
    fn lax(_user: Perhaps) {}

    let without = "`_user` is an `Option<User<…>>` without `optional`; write `User<…>`, or \
                   `#[protect(optional, …)]`";
    let mistakes = [
        format!("{first}: {without}"),
        format!("{first}: {NOT_COMPLETED}"),
        format!("{second}: {NOT_COMPLETED}"),
    ];
    assert_refused(rocket().mount("/", routes![strict, lax]), &mistakes);
}

// Trap 15
#[test]
fn refuses_a_result_as_the_data_guard() {
    type Either = Result<User<Account>, Arc<Denial>>;

    let at = handler!("me", 3 below);
    #[protect(strategy = "local")]
    #[post("/me", data = "<_user>")]
    fn me(_user: Either) {}

    let result = "`_user` is a `Result<User<…>, _>`, which would turn a forged credential into an \
                  error value of the handler; write `User<…>`";
    let mistakes = [format!("{at}: {result}"), format!("{at}: {NOT_COMPLETED}")];
    assert_refused(rocket().mount("/", routes![me]), &mistakes);
}

#[test]
fn refuses_a_body_strategy_in_a_chain() {
    let at = handler!("me", 3 below);
    #[protect(strategy = ["jwt", "local"])]
    #[post("/me", data = "<_user>")]
    fn me(_user: User<Account>) {}

    let what = "strategy `local` reads the body and must stand alone; give it a route of its own";
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

#[test]
fn refuses_a_second_user_before_the_body_is_read() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "local")]
    #[post("/me", data = "<_user>")]
    fn me(_early: User<Account>, _user: User<Account>) {}

    let what = "`_early` is asked for before the body is read, when nobody is signed in yet; only \
                the data guard can be a `User<…>` here";
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

#[test]
fn refuses_to_forward_a_body_that_was_read() {
    let [first, second] = [handler!("only", 3 below), handler!("also", 7 below)];
    #[protect(strategy = "local", unauthenticated = forward)]
    #[post("/only", data = "<_user>")]
    fn only(_user: User<Account>) {}

    #[protect(strategy = ["jwt", "both"], unauthenticated = forward)]
    #[post("/also", data = "<_user>")]
    fn also(_user: User<Account>) {}

    #[protect(strategy = "jwt", unauthenticated = forward)]
    #[post("/never", data = "<_tide>")]
    fn never(_user: User<Account>, _tide: Json<Tide>) {}

    let rocket = rocket().mount("/", routes![only, also, never]);
    let what = "a body that was read cannot be forwarded; remove `unauthenticated = forward`";
    assert_refused(rocket, &[format!("{first}: {what}"), format!("{second}: {what}")]);
}

// Trap 15
#[test]
fn refuses_a_user_before_a_body_that_may_hold_the_credential() {
    let [first, second] = [handler!("early", 3 below), handler!("payload", 7 below)];
    #[protect(strategy = "both")]
    #[post("/early", data = "<_user>")]
    fn early(_early: User<Account>, _user: User<Account>) {}

    #[protect(strategy = ["jwt", "both"])]
    #[post("/payload", data = "<_sent>")]
    fn payload(_early: User<Account>, _sent: UserAnd<Account, Json<Tide>>) {}

    let what = "`_early` is asked for before the body is read, when nobody is signed in yet; only \
                the data guard can be a `User<…>` here";
    let mistakes = [format!("{first}: {what}"), format!("{second}: {what}")];
    assert_refused(rocket().mount("/", routes![early, payload]), &mistakes);
}

// Trap 15
#[test]
fn refuses_a_payload_guard_in_which_a_refusal_would_get_lost() {
    type Sent = UserAnd<Account, Json<Tide>>;
    type Perhaps = Option<Sent>;
    type Either = Result<UserAnd<Account, Form<Tide>>, Arc<Denial>>;

    let at = [
        handler!("option", 7 below),
        handler!("optional", 9 below),
        handler!("either", 11 below),
        handler!("certain", 13 below),
    ];
    #[protect(strategy = "jwt")]
    #[post("/1", data = "<_sent>")]
    fn option(_sent: Perhaps) {}
    #[protect(strategy = "jwt", optional)]
    #[post("/2", data = "<_sent>")]
    fn optional(_sent: Perhaps) {}
    #[protect(strategy = "both")]
    #[post("/3", data = "<_sent>")]
    fn either(_sent: Either) {}
    #[protect(strategy = "both", optional)]
    #[post("/4", data = "<_sent>")]
    fn certain(_sent: Sent) {}

    let perhaps = "`_sent` is an `Option<UserAnd<…>>`, which would turn a refused credential and a \
                  mistaken payload into `None`; write `UserAnd<…>`, without `optional`";
    let swallowed = "`_sent` is a `Result<UserAnd<…>, _>`, which would turn a forged credential into \
                  an error value of the handler; write `UserAnd<…>`";
    let allowed = "`_sent` is a `UserAnd<…>`, but the route is `optional`; remove `optional`, or \
                   take an `Option<User<…>>` and the payload apart, with credentials in the head";
    let mistakes = [perhaps, perhaps, swallowed, allowed];
    let mistakes: Vec<_> =
        at.iter().zip(mistakes).map(|(at, what)| format!("{at}: {what}")).collect();
    let rocket = rocket().mount("/", routes![option, optional, either, certain]);
    assert_refused(rocket, &mistakes);
}

// Trap 4
#[test]
fn refuses_another_user_type_beside_a_payload() {
    let at = handler!("me", 3 below);
    #[protect(strategy = "both")]
    #[post("/me", data = "<_sent>")]
    fn me(_sent: UserAnd<u8, Json<Tide>>) {}

    let what = format!(
        "`_sent` is a `UserAnd<u8>`, but strategy `both` yields `{}`; give the handler that type, or \
         the strategy a verifier that returns the handler's",
        std::any::type_name::<Account>()
    );
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

#[test]
fn accepts_a_payload_wherever_the_credential_is() {
    #[protect(strategy = "local")]
    #[post("/only", data = "<_sent>")]
    fn only(_sent: UserAnd<Account, Json<Tide>>) {}

    #[protect(strategy = ["jwt", "both"])]
    #[post("/also", data = "<_sent>")]
    fn also(_sent: UserAnd<Account, Form<Tide>>) {}

    #[protect(strategy = "jwt")]
    #[post("/never", data = "<_sent>")]
    fn never(_user: User<Account>, _sent: UserAnd<Account, Json<Tide>>) {}

    // Where nobody completes the body, a credential in it is absent.
    #[protect(strategy = "both")]
    #[post("/apart", data = "<_tide>")]
    fn apart(_user: User<Account>, _tide: Json<Tide>) {}

    assert!(ignite(rocket().mount("/", routes![only, also, never, apart])).is_ok());
}

#[test]
fn accepts_a_body_that_the_user_completes() {
    type Member = User<Account>;

    #[protect(strategy = "local")]
    #[post("/login", data = "<_user>")]
    fn login(_user: User<Account>) {}

    #[protect(strategy = "local")]
    #[post("/join", data = "<_member>")]
    fn join(_member: Member) {}

    assert!(ignite(rocket().mount("/", routes![login, join])).is_ok());
}

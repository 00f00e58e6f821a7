//! The user of a handler: of the type its strategies yield, and in no wrapping that hides a refusal.

use std::any::type_name;
use std::sync::Arc;

use passport_rocket::{Denial, Principal, User, protect};
use passport_rocket_tests::{figment, ignite};
use rocket::fairing::AdHoc;
use rocket::{Build, Rocket, get, routes};

use super::{Account, assert_refused, strategy};

struct Partner;

/// Two strategies of two types.
fn rocket() -> Rocket<Build> {
    rocket::custom(figment(""))
        .attach(strategy::<Account>("jwt"))
        .attach(strategy::<Partner>("partner"))
}

// Trap 4
#[test]
fn refuses_another_user_type_on_one_of_two_strategies() {
    let at = handler!("me", 3 below);
    #[protect(strategy = ["jwt", "partner"])]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let what = format!(
        "`_user` is a `User<{}>`, but strategy `partner` yields `{}`; give the handler that type, \
         or the strategy a verifier that returns the handler's",
        type_name::<Account>(),
        type_name::<Partner>()
    );
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

// Trap 4
#[test]
fn refuses_another_user_type_among_the_defaults() {
    let at = handler!("me", 3 below);
    #[protect]
    #[get("/me")]
    fn me(_user: User<Account>) {}

    let rocket = rocket::custom(figment("[default.passport]\nstrategies = ['partner']"))
        .attach(strategy::<Partner>("partner"))
        .mount("/", routes![me]);
    let what = format!(
        "`_user` is a `User<{}>`, but strategy `partner` yields `{}`; give the handler that type, \
         or the strategy a verifier that returns the handler's",
        type_name::<Account>(),
        type_name::<Partner>()
    );
    assert_refused(rocket, &[format!("{at}: {what}")]);
}

// Trap 4
#[test]
fn refuses_a_role_of_another_user_type() {
    #[derive(Principal)]
    struct Captain {
        #[principal(id)]
        #[allow(dead_code)]
        id: u8,
        #[principal(role)]
        #[allow(dead_code)]
        rank: String,
    }

    let at = handler!("bridge", 3 below);
    #[protect(strategy = "jwt", role = "captain")]
    #[get("/bridge")]
    fn bridge(_user: User<Captain>) {}

    let what = format!(
        "`_user` is a `User<{}>`, but strategy `jwt` yields `{}`; give the handler that type, or \
         the strategy a verifier that returns the handler's",
        type_name::<Captain>(),
        type_name::<Account>()
    );
    assert_refused(rocket().mount("/", routes![bridge]), &[format!("{at}: {what}")]);
}

#[test]
fn sees_the_user_type_through_an_alias() {
    type Visitor = User<Partner>;

    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_visitor: Visitor) {}

    #[protect(strategy = "partner")]
    #[get("/partner")]
    fn partner(_visitor: Visitor) {}

    let what = format!(
        "`_visitor` is a `User<{}>`, but strategy `jwt` yields `{}`; give the handler that type, \
         or the strategy a verifier that returns the handler's",
        type_name::<Partner>(),
        type_name::<Account>()
    );
    assert_refused(rocket().mount("/", routes![me, partner]), &[format!("{at}: {what}")]);
}

// Trap 17
#[test]
fn refuses_an_alias_of_an_optional_user_without_optional() {
    type Perhaps = Option<User<Account>>;

    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: Perhaps) {}

    let what = "`_user` is an `Option<User<…>>` without `optional`; write `User<…>`, or \
                `#[protect(optional, …)]`";
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

// Trap 17
#[test]
fn refuses_an_alias_of_a_result() {
    type Either = Result<User<Account>, Arc<Denial>>;

    let [first, second] = [handler!("strict", 3 below), handler!("lax", 7 below)];
    #[protect(strategy = "jwt")]
    #[get("/strict")]
    fn strict(_user: Either) {}

    #[protect(strategy = "jwt", optional)]
    #[get("/lax")]
    fn lax(_user: Either) {}

    let what = "`_user` is a `Result<User<…>, _>`, which would turn a forged credential into an \
                error value of the handler; write `User<…>`";
    let mistakes = [format!("{first}: {what}"), format!("{second}: {what}")];
    assert_refused(rocket().mount("/", routes![strict, lax]), &mistakes);
}

#[test]
fn refuses_a_certain_user_behind_an_alias_where_nobody_may_come() {
    type Visitor = User<Account>;

    let at = handler!("me", 3 below);
    #[protect(strategy = "jwt", optional)]
    #[get("/me")]
    fn me(_user: Visitor) {}

    let what = "`_user` is a `User<…>`, but the route is `optional`; write `Option<User<…>>`";
    assert_refused(rocket().mount("/", routes![me]), &[format!("{at}: {what}")]);
}

#[test]
fn accepts_aliases_that_fit() {
    type Visitor = User<Account>;
    type Perhaps = Option<User<Account>>;

    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(_user: Visitor) {}

    #[protect(strategy = "jwt", optional)]
    #[get("/")]
    fn home(_user: Perhaps) {}

    // Fairings that have nothing to do with it change nothing.
    let rocket = rocket().attach(AdHoc::on_liftoff("other", |_| Box::pin(async {})));
    assert!(ignite(rocket.mount("/", routes![me, home])).is_ok());
}

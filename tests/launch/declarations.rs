//! `require_declaration`: every mounted route is protected or public, and nothing vouches for
//! another.

use passport_rocket::{
    Answer, Attempt, Denial, Registration, Strategy, User, Verdict, protect, public,
};
use passport_rocket_tests::{client, figment, ignite};
use rocket::fs::FileServer;
use rocket::http::Status;
use rocket::{Build, Rocket, Route, get, routes};

use super::{Account, assert_refused, strategy};

/// An application in which every route must be declared.
fn rocket() -> Rocket<Build> {
    rocket::custom(figment("[default.passport]\nrequire_declaration = true"))
        .attach(strategy::<Account>("jwt"))
}

/// What launch says of a route that nobody declared.
fn undeclared(route: &str) -> String {
    format!(
        "route {route}: neither protected nor public, and `passport.require_declaration` is on; \
         write `#[protect]` or `#[public(\"why\")]` above its route attribute"
    )
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(_user: User<Account>) {}

#[public("the tides are everybody's")]
#[get("/tides")]
fn tides() -> &'static str {
    "high"
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[test]
fn accepts_protected_and_public_handlers() {
    let client = client(rocket().mount("/", routes![me, tides]));
    assert_eq!(client.get("/me").dispatch().status(), Status::Unauthorized);
    assert_eq!(client.get("/tides").dispatch().into_string().as_deref(), Some("high"));
}

#[test]
fn refuses_an_undeclared_handler() {
    let rocket = rocket().mount("/api", routes![me, open, tides]);
    assert_refused(rocket, &[undeclared("`open` (GET /api/open)")]);
}

#[test]
fn refuses_an_undeclared_handler_of_an_application_without_protected_ones() {
    let rocket = rocket().mount("/", routes![tides, open]);
    assert_refused(rocket, &[undeclared("`open` (GET /open)")]);
}

#[test]
fn refuses_when_no_strategy_is_there_to_count() {
    let with = |toml| rocket::custom(figment(toml)).mount("/", routes![tides, open]);
    let mistake = "`passport.require_declaration`: nobody checks it, since no strategy is \
                   attached\n    in TOML source string, profile `default`\n    attach one before \
                   launch, or remove it";
    assert_refused(with("[default.passport]\nrequire_declaration = true"), &[mistake]);
    assert!(ignite(with("[default.passport]\nrequire_declaration = false")).is_ok());
    assert!(ignite(with("")).is_ok());
}

#[test]
fn asks_for_nothing_unless_it_is_on() {
    for toml in ["", "[default.passport]\nrequire_declaration = false"] {
        let rocket = rocket::custom(figment(toml))
            .attach(strategy::<Account>("jwt"))
            .mount("/", routes![me, open]);
        assert!(ignite(rocket).is_ok());
    }
}

#[test]
fn refuses_an_undeclared_route_that_another_forwards_to() {
    #[protect(strategy = "jwt", unauthenticated = forward)]
    #[get("/")]
    fn home(_user: User<Account>) {}

    #[get("/", rank = 2)]
    fn welcome() {}

    let rocket = rocket().mount("/", routes![home, welcome]);
    assert_refused(rocket, &[undeclared("`welcome` (GET /)")]);
}

#[test]
fn refuses_an_undeclared_file_server() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let files = FileServer::from(folder);
    let name = Vec::<Route>::from(files.clone())[0].name.clone().unwrap();
    let rocket = rocket().mount("/", routes![me]).mount("/assets", files);
    assert_refused(rocket, &[undeclared(&format!("`{name}` (GET /assets/<path..>)"))]);
}

mod shut {
    use super::*;

    pub(super) const LINE: u32 = line!() + 3;
    #[protect(strategy = "jwt")]
    #[get("/harbour")]
    pub(super) fn harbour(_user: User<Account>) {}
}

mod ajar {
    use super::*;

    #[get("/harbour")]
    pub(super) fn harbour() {}
}

// Trap 20
#[test]
fn no_unmounted_homonym_vouches_for_an_open_handler() {
    // The declared one is not mounted: `use` alone must change nothing.
    let _ = routes![shut::harbour];
    let rocket = rocket().mount("/", routes![me, ajar::harbour]);
    assert_refused(rocket, &[undeclared("`harbour` (GET /harbour)")]);
}

// Trap 20
#[test]
fn no_mounted_homonym_vouches_for_an_open_handler() {
    let rocket =
        rocket().mount("/declared", routes![shut::harbour]).mount("/open", routes![ajar::harbour]);
    let mistake = format!(
        "route `harbour` (GET /declared/harbour); route `harbour` (GET /open/harbour): 2 routes \
         look alike to Rocket and only one is declared (handler `harbour` ({}:{})); mount them \
         with `passport_rocket::routes![…]`, which tells them apart",
        file!(),
        shut::LINE
    );
    assert_refused(rocket, &[mistake]);
}

// Trap 20
#[test]
fn tells_homonyms_apart_by_their_full_path() {
    let rocket = rocket()
        .mount("/declared", passport_rocket::routes![shut::harbour])
        .mount("/open", passport_rocket::routes![ajar::harbour]);
    let name = format!("{}::ajar::harbour", module_path!());
    assert_refused(rocket, &[undeclared(&format!("`{name}` (GET /open/harbour)"))]);
}

#[test]
fn refuses_a_handler_that_is_mounted_twice_and_says_how_to_mount_it() {
    let at = handler!("tide", 3 below);
    #[protect(strategy = "jwt")]
    #[get("/tide")]
    fn tide(_user: User<Account>) {}

    let twice = rocket().mount("/v1", routes![tide]).mount("/v2", routes![tide]);
    let mistake = format!(
        "route `tide` (GET /v1/tide); route `tide` (GET /v2/tide): 2 routes look alike to Rocket \
         and only one is declared ({at}); mount them with `passport_rocket::routes![…]`, which \
         tells them apart"
    );
    assert_refused(twice, &[mistake]);

    let client = client(
        rocket()
            .mount("/v1", passport_rocket::routes![tide])
            .mount("/v2", passport_rocket::routes![tide]),
    );
    for path in ["/v1/tide", "/v2/tide"] {
        assert_eq!(client.get(path).dispatch().status(), Status::Unauthorized, "{path}");
    }
}

// Trap 20
#[test]
fn a_mount_that_tells_apart_vouches_for_no_other() {
    let rocket = rocket()
        .mount("/v1", passport_rocket::routes![shut::harbour])
        .mount("/v2", routes![shut::harbour])
        .mount("/open", passport_rocket::routes![me]);
    let mistake = "route `harbour` (GET /v2/harbour): a handler that looks alike is declared, and \
                   mounted with `passport_rocket::routes![…]`; mount this one with it too";
    assert_refused(rocket, &[mistake]);
}

#[test]
fn a_strategys_own_routes_are_declared_too() {
    #[public("the provider sends browsers here")]
    #[get("/callback")]
    fn callback() {}

    /// A strategy with a route.
    struct Provider(fn() -> Vec<Route>);

    impl Strategy for Provider {
        type User = Account;

        fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
            Answer::now(Err(Denial::absent()))
        }

        fn routes(&self) -> Vec<Route> {
            (self.0)()
        }
    }

    let with = |routes: fn() -> Vec<Route>| {
        rocket()
            .attach(Registration::new("provider", move |_| Ok(Provider(routes))))
            .mount("/", routes![me])
    };
    assert!(ignite(with(|| routes![callback])).is_ok());
    assert_refused(with(|| routes![open]), &[undeclared("`open` (GET /open)")]);
}

//! Rocket's order of Sentinels, on which the audit rests: breadth-first through the types of all
//! routes together, each type once. Should Rocket change it, this fails before launch checks do.

use std::marker::PhantomData;
use std::sync::Mutex;

use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::Json;
use rocket::{Ignite, Request, Rocket, Sentinel, State, get, post, routes};

use passport_rocket::{User, protect};
use passport_rocket_tests::{figment, ignite, refusal};

use super::{Account, strategy};

/// A guard of the shape of ours.
struct Hidden<M, A>(PhantomData<(M, A)>);
struct Mark<const N: u8>;
struct Last<A>(PhantomData<A>);
struct Audit;

#[derive(Default)]
struct Asked(Mutex<Vec<String>>);

impl Asked {
    fn note(rocket: &Rocket<Ignite>, who: impl Into<String>) -> bool {
        rocket.state::<Self>().unwrap().0.lock().unwrap().push(who.into());
        false
    }
}

impl<const N: u8> Sentinel for Mark<N> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        Asked::note(rocket, format!("mark {N}"))
    }
}

impl Sentinel for Audit {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        Asked::note(rocket, "audit")
    }
}

#[rocket::async_trait]
impl<'r, M, A> FromRequest<'r> for Hidden<M, A> {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Self(PhantomData))
    }
}

#[get("/first")]
fn first(_hidden: Hidden<Mark<1>, Last<Audit>>, _asked: &State<Asked>) {}

#[post("/second", data = "<_body>")]
fn second(
    _hidden: Hidden<Mark<2>, Last<Audit>>,
    _deep: Option<Option<Option<&State<Asked>>>>,
    _body: Json<Vec<Option<u8>>>,
) {
}

#[get("/third")]
fn third(_hidden: Hidden<Mark<3>, Last<Audit>>) {}

#[get("/plain")]
fn plain(_asked: &State<Asked>) {}

#[test]
fn asks_every_mark_before_the_audit_and_the_audit_once() {
    let rocket = rocket::custom(figment(""))
        .manage(Asked::default())
        .mount("/b", routes![plain, second, third])
        .mount("/a", routes![first, second, third]);
    let rocket = ignite(rocket).unwrap();
    let mut asked = rocket.state::<Asked>().unwrap().0.lock().unwrap().clone();
    assert_eq!(asked.pop().as_deref(), Some("audit"), "the audit is last");
    // Each handler once, however often it is mounted; in which order does not matter.
    asked.sort();
    assert_eq!(asked, ["mark 1", "mark 2", "mark 3"]);
}

#[test]
fn every_mounted_handler_is_in_the_one_report() {
    type Person = User<Account>;

    #[protect(strategy = "jtw")]
    #[get("/")]
    fn shallow(_user: Person) {}

    #[protect(strategy = "jtw")]
    #[get("/<_id>")]
    fn deep(_user: User<Account>, _id: Option<Option<u8>>) {}

    #[protect(strategy = "jtw")]
    #[post("/", data = "<_body>")]
    fn body(_body: Option<Json<Vec<u8>>>) {}

    let rocket = rocket::custom(figment(""))
        .attach(strategy::<Account>("jwt"))
        .mount("/a", routes![shallow])
        .mount("/b", routes![plain, deep, body])
        .mount("/c", routes![body, shallow, deep])
        .manage(Asked::default());
    let report = refusal(rocket);
    assert!(report.starts_with("passport ERROR: launch refused, 3 mistakes:"), "{report}");
    for name in ["shallow", "deep", "body"] {
        assert_eq!(report.matches(&format!("handler `{name}` (")).count(), 1, "{report}");
    }
}

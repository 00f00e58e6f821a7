//! A thousand protected routes beside one. Rocket's router looks at routes one by one, in the order
//! in which they are mounted; so each protected route has an open one beside it, and what is
//! compared is the difference of the two.

use jsonwebtoken::Algorithm;
use passport_benches::contest::{Contest, HEADS, bearer, heads};
use passport_benches::keys::Keys;
use passport_benches::measure::{adds, median};
use passport_benches::token::token;
use passport_benches::{Account, figment};
use passport_rocket::{Jwt, User, protect};
use rocket::http::Status;
use rocket::{Build, Rocket, Route, get, routes};

use crate::handlers;
use crate::launch;

#[get("/")]
fn open() -> &'static str {
    "ok"
}

#[protect(strategy = "jwt")]
#[get("/")]
fn mine(user: User<Account>) -> &'static str {
    let _ = user;
    "ok"
}

pub(crate) fn compare() {
    let keys = Keys::new(Algorithm::HS256);
    let heads = heads(HEADS, |number| bearer(token(&keys, number)));
    let mut contest = Contest::default();
    // Whoever is first pays for what a process does once.
    launch(&mut contest, || one(&keys));
    let (_, without) = launch(&mut contest, thousand_open);
    let (first, one) = launch(&mut contest, || one(&keys));
    let (all, functions) = launch(&mut contest, || with_functions(&keys));
    let (again, mounts) = launch(&mut contest, || with_mounts(&keys));
    println!("\na thousand protected routes: launch, in ms\n");
    for (name, time) in [
        ("one, protected", one),
        ("2,000, open, without passport", without),
        ("1,000 functions, protected", functions),
        ("one function at 1,000 bases, protected", mounts),
    ] {
        println!("{name:40} {:8.1}", time.as_secs_f64() * 1_000.0);
    }
    let pairs = [
        ("one", first, "/m0/h00"),
        ("1,000 functions, the first", all, "/m0/h00"),
        ("1,000 functions, the last", all, "/m9/h99"),
        ("1,000 bases, the last", again, "/b/999"),
    ]
    .map(|(name, application, base)| {
        let open = format!("{name}: open");
        let mut enter =
            |name: &str, path| contest.enter(name, application, path, heads.clone(), Status::Ok);
        (enter(&open, format!("/open{base}")), enter(name, format!("/mine{base}")))
    });
    let times = contest.rounds(40, 300);
    println!("\n{:40} {:>8} {:>8} {:>8}", "a request, in ns", "open", "added", "allocs");
    for (open, mine) in pairs {
        println!(
            "{:40} {:8.0} {:8.0} {:8}",
            contest.name(mine),
            median(times[open].clone()),
            adds(&times[mine], &times[open]),
            contest.allocations(mine) - contest.allocations(open),
        );
    }
}

fn rocket(keys: &Keys) -> Rocket<Build> {
    rocket::custom(figment(&keys.table)).attach(Jwt::<Account>::fairing("jwt"))
}

fn one(keys: &Keys) -> Rocket<Build> {
    beside(rocket(keys), "/m0/h00", routes![mine])
}

/// Mounts a protected route, and an open one with a path of the same length.
fn beside(rocket: Rocket<Build>, base: &str, protected: Vec<Route>) -> Rocket<Build> {
    rocket.mount(format!("/open{base}"), routes![open]).mount(format!("/mine{base}"), protected)
}

fn thousand_open() -> Rocket<Build> {
    handlers::groups()
        .into_iter()
        .flat_map(|(base, routes)| {
            routes
                .into_iter()
                .map(move |route| format!("{base}/{}", route.name.unwrap_or_default()))
        })
        .fold(rocket::custom(figment("")), |rocket, path| beside(rocket, &path, routes![open]))
}

fn with_functions(keys: &Keys) -> Rocket<Build> {
    handlers::groups().into_iter().fold(rocket(keys), |rocket, (base, routes)| {
        routes.into_iter().fold(rocket, |rocket, route| {
            let name = route.name.clone().unwrap_or_default();
            beside(rocket, &format!("{base}/{name}"), vec![route])
        })
    })
}

fn with_mounts(keys: &Keys) -> Rocket<Build> {
    let bases = (0..1_000).map(|number| format!("/b/{number:03}"));
    bases.fold(rocket(keys), |rocket, base| beside(rocket, &base, passport_rocket::routes![mine]))
}

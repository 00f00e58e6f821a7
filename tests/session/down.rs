//! A store that is down: 503, nobody is signed in, nobody is signed out, and nobody is "nobody".

use passport_rocket::{Answer, Registration, SessionData, from_fn};
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Default, Serialize, Deserialize)]
struct Cart(Vec<u32>);

impl SessionData for Cart {
    const NAME: &'static str = "cart";
}

#[protect(strategy = ["never", "session"])]
#[get("/after")]
fn after(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = ["session", "never"])]
#[get("/before")]
fn before(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = ["session", "never"], optional)]
#[get("/perhaps")]
fn perhaps(_user: Option<User<Account>>, ran: &State<Ran>) {
    ran.count();
}

/// Each method of the guards, by name, in a handler that nobody declared.
#[post("/ask/<what>")]
async fn ask(
    what: &str,
    session: Session<'_>,
    sessions: Sessions<'_, Account>,
) -> Result<(), Error> {
    let ada = Account { id: ADA };
    match what {
        "get" => session.get::<Cart>().await.map(drop),
        "set" => session.set(&Cart(vec![7])).await,
        "update" => session.update(|cart: &mut Cart| cart.0.push(1)).await,
        "take" => session.take::<Cart>().await.map(drop),
        "flash" => session.flash("error", "no tide").await,
        "take_flashes" => session.take_flashes().await.map(drop),
        "sign_in" => sessions.sign_in(&ada).await,
        "sign_out" => sessions.sign_out().await,
        "list" => sessions.list().await.map(drop),
        "list_of" => sessions.list_of(&BOB).await.map(drop),
        "end" => sessions.end("handle").await.map(drop),
        "end_of" => sessions.end_of(&BOB, "handle").await.map(drop),
        "end_others" => sessions.end_others().await.map(drop),
        "end_all_of" => sessions.end_all_of(&BOB).await.map(drop),
        _ => unreachable!("{what}"),
    }
}

const METHODS: [&str; 14] = [
    "get",
    "set",
    "update",
    "take",
    "flash",
    "take_flashes",
    "sign_in",
    "sign_out",
    "list",
    "list_of",
    "end",
    "end_of",
    "end_others",
    "end_all_of",
];

fn world() -> World {
    let never = Registration::new("never", |_| {
        Ok(from_fn::<Account, _>(|_| Answer::now(Err(Denial::absent()))))
    });
    World::of("", |rocket| rocket.attach(never).mount("/", routes![after, before, perhaps, ask]))
}

#[test]
fn nobody_is_anonymous_while_it_is_down() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    let before = world.runs();
    world.spy.take_down();
    for path in ["/me", "/home", "/after", "/before", "/perhaps"] {
        let seen = ada.get(path);
        assert_eq!((seen.status, seen.set.len()), (503, 0), "{path}");
        assert!(seen.header("WWW-Authenticate").is_empty(), "{path}");
    }
    assert_eq!(world.runs(), before);
    // And it recovers by itself.
    world.spy.bring_up();
    for path in ["/me", "/home", "/after", "/before", "/perhaps"] {
        assert_eq!(ada.get(path).status, 200, "{path}");
    }
}

#[test]
fn who_shows_no_cookie_does_not_notice() {
    let world = world();
    world.spy.take_down();
    for (path, status) in [("/me", 401), ("/home", 200), ("/after", 401), ("/perhaps", 200)] {
        assert_eq!(world.browser().get(path).status, status, "{path}");
    }
}

#[test]
fn every_method_of_the_guards_says_503() {
    let world = world();
    for method in METHODS {
        let mut ada = world.signed_in(ADA);
        world.spy.take_down();
        let seen = ada.post(&format!("/ask/{method}"));
        assert_eq!((seen.status, seen.set.len()), (503, 0), "{method}");
        world.spy.bring_up();
        assert_eq!(ada.get("/me").status, 200, "{method}");
    }
}

#[test]
fn what_cannot_be_written_is_503() {
    let world = world();
    for method in ["set", "update", "flash", "sign_in", "sign_out", "end_others", "end_all_of"] {
        let mut ada = world.signed_in(ADA);
        world.spy.only_reads();
        let seen = ada.post(&format!("/ask/{method}"));
        assert_eq!((seen.status, seen.set.len()), (503, 0), "{method}");
        world.spy.bring_up();
    }
}

#[test]
fn a_sign_in_that_fails_signs_nobody_in_and_sends_no_cookie() {
    let world = world();
    world.spy.take_down();
    let before = world.runs();
    let mut ada = world.browser();
    let seen = ada.login(ADA);
    assert_eq!((seen.status, seen.set.len()), (503, 0));
    assert_eq!(world.runs(), before, "the handler did not run");
    let seen = ada.post("/ask/sign_in");
    assert_eq!((seen.status, seen.set.len()), (503, 0));
    world.spy.bring_up();
    assert_eq!(ada.get("/me").status, 401);
    assert_eq!(sessions_of(&world, ADA), 0);
    ada.login(ADA);
    assert_eq!(sessions_of(&world, ADA), 1);
}

// Who was Ada before is not Bob afterwards.
#[test]
fn a_failed_sign_in_as_somebody_else_leaves_who_was_there() {
    let world = world();
    let mut browser = world.signed_in(ADA);
    world.spy.only_reads();
    assert_eq!(browser.login(BOB).status, 503);
    world.spy.bring_up();
    assert_eq!(browser.get("/me").body, "1");
}

#[test]
fn a_sign_out_that_fails_keeps_session_and_cookie_for_another_try() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.spy.only_reads();
    let seen = ada.post("/out");
    assert_eq!((seen.status, seen.set.len()), (503, 0));
    world.spy.bring_up();
    assert_eq!(ada.get("/me").status, 200);
    assert!(ada.post("/out").takes_the_cookie_away());
}

// The session was read: that its use cannot be written down harms nobody.
#[test]
fn a_store_that_only_reads_lets_users_in() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.spy.only_reads();
    world.clock.advance(seconds(3599));
    assert_eq!(ada.get("/me").body, "1");
    world.clock.advance(seconds(1));
    assert_eq!(ada.get("/me").status, 401);
}

#[test]
fn a_deleted_account_whose_session_cannot_be_ended_is_503() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.fate(ADA, Fate::Deleted);
    world.spy.only_reads();
    for path in ["/me", "/home"] {
        let seen = ada.get(path);
        assert_eq!((seen.status, seen.set.len()), (503, 0), "{path}");
    }
}

/// How many sessions of a user the store holds, by its own index.
fn sessions_of(world: &World, id: u32) -> usize {
    use passport_rocket::store::{Adapter, Owner, Space};

    let owner = Owner::new(&Space::new("session/session"), id.to_string());
    rocket::async_test(world.spy.owned(&owner, world.clock.now()).get()).unwrap().len()
}

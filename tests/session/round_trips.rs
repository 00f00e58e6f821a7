//! How often a request asks the store: once at most, unless something changes.

use passport_rocket::SessionData;
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Default, Serialize, Deserialize)]
struct Cart(Vec<u32>);

impl SessionData for Cart {
    const NAME: &'static str = "cart";
}

/// Whatever reads a session, in one handler.
#[protect(strategy = "session")]
#[get("/everything")]
async fn everything(
    user: User<Account>,
    session: Session<'_>,
    sessions: Sessions<'_, Account>,
    again: Session<'_>,
) -> Result<String, Error> {
    let cart = session.get::<Cart>().await?.is_some() || again.get::<Cart>().await?.is_some();
    let flashes = session.take_flashes().await?.len();
    session.update(|cart: &mut Cart| cart.0.len()).await.map(drop)?;
    let _ = &sessions;
    Ok(format!("{} {cart} {flashes}", user.id))
}

/// Guards that nobody uses.
#[get("/guards")]
fn guards(_session: Session<'_>, _sessions: Sessions<'_, Account>) {}

#[get("/reads")]
async fn reads(session: Session<'_>) -> Result<String, Error> {
    let cart = session.get::<Cart>().await?;
    let flashes = session.take_flashes().await?;
    let taken = session.take::<Cart>().await?;
    Ok(format!("{} {} {}", cart.is_some(), flashes.len(), taken.is_some()))
}

#[post("/set")]
async fn set(session: Session<'_>) -> Result<(), Error> {
    session.set(&Cart(vec![])).await
}

fn world() -> World {
    World::of("", |rocket| rocket.mount("/", routes![everything, guards, reads, set]))
}

const READING: [&str; 5] = ["/me", "/home", "/everything", "/guards", "/reads"];

#[test]
fn without_a_cookie_the_store_is_not_asked() {
    let world = world();
    for path in READING {
        world.browser().get(path);
        assert_eq!(world.spy.round_trips(), (0, 0), "{path}");
    }
}

#[test]
fn a_forged_cookie_does_not_reach_the_store() {
    let world = world();
    let real = world.signed_in(ADA).cookie.unwrap();
    let last = if real.ends_with('A') { "B" } else { "A" };
    let (_, mac) = real.split_once('.').unwrap();
    world.spy.round_trips();
    for cookie in [
        "session=x".to_owned(),
        format!("{}{last}", &real[..real.len() - 1]),
        format!("session={}.{mac}", "A".repeat(32)),
        format!("session=.{mac}"),
        real.split_once('.').unwrap().0.to_owned(),
        format!("session={}", "x".repeat(8000)),
    ] {
        let mut forger = world.browser();
        forger.cookie = Some(cookie.clone());
        for path in READING {
            forger.clone().get(path);
            assert_eq!(world.spy.round_trips(), (0, 0), "{path} {cookie}");
        }
        assert_eq!(forger.get("/me").status, 401, "{cookie}");
    }
}

#[test]
fn a_request_reads_its_session_once_however_many_ask() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    ada.post("/set");
    assert_eq!(ada.get("/everything").body, "1 true 0");
    for path in ["/me", "/home", "/everything"] {
        world.spy.round_trips();
        assert_eq!(ada.get(path).status, 200);
        assert_eq!(world.spy.round_trips(), (1, 0), "{path}");
    }
    ada.get("/guards");
    assert_eq!(world.spy.round_trips(), (0, 0), "guards that nobody uses");
}

#[test]
fn use_is_written_down_once_in_a_twentieth_of_the_idle_timeout() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.spy.round_trips();
    for (elapsed, writes) in [(179, 0), (1, 1), (0, 0), (179, 0), (1, 1), (3000, 1), (1, 0)] {
        world.clock.advance(seconds(elapsed));
        assert_eq!(ada.get("/me").status, 200);
        assert_eq!(world.spy.round_trips(), (1, writes), "after {elapsed} s more");
    }
    // However many use it.
    world.clock.advance(seconds(180));
    ada.get("/reads");
    assert_eq!(world.spy.round_trips(), (1, 1));
    ada.post("/set");
    world.clock.advance(seconds(180));
    world.spy.round_trips();
    ada.get("/everything");
    assert_eq!(world.spy.round_trips(), (1, 1));
}

#[test]
fn a_change_costs_one_write() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.spy.round_trips();
    ada.post("/set");
    assert_eq!(world.spy.round_trips(), (1, 1));
    // What changes nothing writes nothing.
    ada.post("/set");
    assert_eq!(world.spy.round_trips(), (1, 0));
    // Nobody's session is written with the first value.
    world.browser().post("/set");
    assert_eq!(world.spy.round_trips(), (0, 1));
}

#[test]
fn a_first_sign_in_is_one_write_and_a_sign_out_a_read_and_a_write() {
    let world = world();
    let mut ada = world.browser();
    ada.login(ADA);
    assert_eq!(world.spy.round_trips(), (0, 1));
    // The one before is taken.
    ada.login(ADA);
    assert_eq!(world.spy.round_trips(), (1, 2));
    ada.post("/out");
    assert_eq!(world.spy.round_trips(), (1, 1));
}

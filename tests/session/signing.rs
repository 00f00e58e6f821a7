//! Who is signed in: ids, sign-ins and sign-outs.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use passport_rocket_tests::log;
use rocket::http::{ContentType, Header};

use super::*;

#[protect(strategy = "session")]
#[get("/since")]
fn since(user: User<Account>) -> String {
    let since = User::authenticated_at(&user).unwrap().duration_since(start()).unwrap();
    since.as_secs().to_string()
}

#[get("/out")]
async fn sign_out_by_a_link(sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.sign_out().await
}

fn world() -> World {
    World::of("", |rocket| rocket.mount("/", routes![since, sign_out_by_a_link]))
}

// S01
#[test]
fn an_id_has_192_bits_and_no_two_are_alike() {
    let world = world();
    let ids: BTreeSet<_> = (0..100).map(|_| world.signed_in(ADA).id()).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| BASE64.decode(id).unwrap().len() == 24));
}

// S01
#[test]
fn the_store_sees_neither_an_id_nor_a_cookie() {
    let world = world();
    let mut ada = world.browser();
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        ada.login(ADA);
        world.clock.advance(seconds(600));
        assert_eq!(ada.get("/me").status, 200);
        let (id, mac) = ada.cookie.as_ref().unwrap().split_once('.').unwrap();
        let id = id.split_once('=').unwrap().1;
        for part in [id, mac] {
            seen.insert(part.as_bytes().to_vec());
            seen.insert(BASE64.decode(part).unwrap());
        }
    }
    ada.post("/out");
    let told = world.spy.told();
    assert!(told.len() > 8, "the store was told something");
    for secret in seen {
        let holds = |told: &Vec<u8>| told.windows(secret.len()).any(|part| part == secret);
        assert!(!told.iter().any(holds), "{secret:?}");
    }
}

// S02
#[test]
fn a_sign_in_begins_a_new_id_and_kills_the_one_before() {
    let world = world();
    for sign_in in [
        (|browser: &mut Browser<'_>| browser.login(ADA)) as fn(&mut Browser<'_>) -> Seen,
        |browser| browser.post("/in/1"),
        |browser| browser.post("/in/1?remembered=true"),
        |browser| browser.post("/in/1?keeping=true"),
    ] {
        let mut ada = world.signed_in(ADA);
        let mut before = ada.clone();
        assert_eq!(sign_in(&mut ada).status, 200);
        assert_ne!(ada.id(), before.id());
        assert_eq!((ada.get("/me").status, before.get("/me").status), (200, 401));
    }
}

// S02, trap 9
#[test]
fn signing_in_as_somebody_else_begins_a_new_id_and_kills_the_one_before() {
    let world = world();
    for sign_in in [
        (|browser: &mut Browser<'_>| browser.login(BOB)) as fn(&mut Browser<'_>) -> Seen,
        |browser| browser.post("/in/2"),
        |browser| browser.post("/in/2?keeping=true"),
    ] {
        let mut browser = world.signed_in(ADA);
        let mut before = browser.clone();
        assert_eq!(sign_in(&mut browser).status, 200);
        assert_ne!(browser.id(), before.id());
        assert_eq!(browser.get("/me").body, "2");
        assert_eq!(before.get("/me").status, 401);
    }
}

// S02
#[test]
fn an_id_that_somebody_planted_is_never_taken_over() {
    let world = world();
    // The attacker has a session of nobody, and one of their own.
    for mut planted in [world.signed_in(BOB), world.browser()] {
        planted.cookie.get_or_insert_with(|| format!("session={}.x", "A".repeat(32)));
        let mut victim = planted.clone();
        victim.login(ADA);
        assert_ne!(victim.cookie, planted.cookie);
        assert_eq!(planted.get("/me").status, 401);
        assert_eq!(victim.get("/me").body, "1");
    }
}

// S04
#[test]
fn a_sign_out_deletes_the_session_and_takes_the_cookie_away() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    let mut stolen = ada.clone();
    assert_eq!(stolen.get("/me").status, 200);
    let seen = ada.post("/out");
    assert!(seen.takes_the_cookie_away(), "{seen:?}");
    assert_eq!(stolen.get("/me").status, 401);
    // And nothing happens to who is signed out.
    let seen = ada.post("/out");
    assert_eq!((seen.status, seen.set.len()), (200, 0));
}

// S04
#[test]
fn a_sign_out_ends_this_session_and_no_other() {
    let world = world();
    let [mut one, mut other, mut bob] = [ADA, ADA, BOB].map(|id| world.signed_in(id));
    one.post("/out");
    assert_eq!(
        [&mut one, &mut other, &mut bob].map(|browser| browser.get("/me").status),
        [401, 200, 200]
    );
}

// S04
#[test]
fn a_sign_out_in_a_handler_that_any_site_can_cause_is_our_mistake() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    for method in ["GET", "HEAD"] {
        let (seen, lines) = log::capture(|| match method {
            "GET" => ada.get("/out"),
            _ => ada.send(world.client.head("/out")),
        });
        assert_eq!((seen.status, seen.set.len()), (500, 0), "{method}");
        let said: Vec<_> = lines.iter().filter(|line| line.starts_with("passport ERROR")).collect();
        assert!(matches!(&said[..], [line] if line.contains("make it a POST")), "{lines:?}");
    }
    assert_eq!(ada.get("/me").status, 200);
}

// S08
#[test]
fn a_handler_knows_when_its_user_signed_in() {
    let world = world();
    world.clock.advance(seconds(7));
    let mut ada = world.signed_in(ADA);
    assert_eq!(ada.get("/since").body, "7");
    // Activity, also when it is written down, is no sign-in.
    for _ in 0..3 {
        world.clock.advance(seconds(1000));
        assert_eq!(ada.get("/since").body, "7");
    }
    ada.post("/in/1?keeping=true");
    assert_eq!(ada.get("/since").body, "3007");
}

#[test]
fn a_wrong_password_begins_nothing_and_ends_nothing() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.spy.round_trips();
    let request = world.client.post("/login").header(ContentType::Form);
    let request = request.header(Header::new("Sec-Fetch-Site", "same-origin"));
    let seen = ada.send(request.body("username=2&password=ebb"));
    assert_eq!((seen.status, seen.set.len()), (401, 0));
    assert_eq!(world.spy.round_trips(), (0, 0));
    assert_eq!(ada.get("/me").body, "1");
}

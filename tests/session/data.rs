//! What a session holds: values of the application's types, and messages for the next page.

use passport_rocket::SessionData;
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Cart(pub(super) Vec<u32>);

impl SessionData for Cart {
    const NAME: &'static str = "cart";
}

#[derive(Serialize, Deserialize)]
struct Language(String);

impl SessionData for Language {
    const NAME: &'static str = "language";
}

/// What an older version of the application kept under the name of the cart.
#[derive(Serialize, Deserialize)]
struct OldCart(String);

impl SessionData for OldCart {
    const NAME: &'static str = "cart";
}

#[get("/cart")]
async fn cart(session: Session<'_>) -> Result<String, Error> {
    Ok(format!("{:?}", session.get::<Cart>().await?.map(|cart| cart.0)))
}

#[post("/cart/<item>")]
async fn add(item: u32, session: Session<'_>) -> Result<String, Error> {
    let count = |cart: &mut Cart| {
        cart.0.push(item);
        cart.0.len()
    };
    session.update(count).await.map(|count| count.to_string())
}

#[post("/cart/take")]
async fn take(session: Session<'_>) -> Result<String, Error> {
    Ok(format!("{:?}", session.take::<Cart>().await?.map(|cart| cart.0)))
}

#[post("/cart/old")]
async fn set_old(session: Session<'_>) -> Result<(), Error> {
    session.set(&OldCart("an apple".into())).await
}

#[get("/language")]
async fn language(session: Session<'_>) -> Result<Option<String>, Error> {
    Ok(session.get::<Language>().await?.map(|language| language.0))
}

#[post("/language/<length>")]
async fn set_language(length: usize, session: Session<'_>) -> Result<(), Error> {
    session.set(&Language("x".repeat(length))).await
}

#[post("/flash/<kind>/<text>")]
async fn flash(kind: &str, text: &str, session: Session<'_>) -> Result<(), Error> {
    session.flash(kind, text).await
}

#[get("/flashes")]
async fn flashes(session: Session<'_>) -> Result<String, Error> {
    let flashes = session.take_flashes().await?;
    let lines = flashes.iter().map(|flash| format!("{}: {}; ", flash.kind, flash.text));
    Ok(lines.collect())
}

/// An application with all of these.
pub(super) fn routes(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket
        .mount("/", routes![cart, add, take, set_old, language, set_language])
        .mount("/", routes![flash, flashes])
}

fn world_of(keys: &str) -> World {
    World::of(keys, routes)
}

fn world() -> World {
    world_of("")
}

/// Sets the language to a text of this length.
fn set_text(browser: &mut Browser<'_>, length: usize) -> u16 {
    browser.post(&format!("/language/{length}")).status
}

#[test]
fn values_are_kept_by_their_type() {
    let world = world();
    for mut browser in [world.browser(), world.signed_in(ADA)] {
        assert_eq!(browser.get("/cart").body, "None");
        assert_eq!(browser.post("/cart/3").body, "1");
        assert_eq!(browser.post("/cart/4").body, "2");
        assert_eq!(set_text(&mut browser, 2), 200);
        assert_eq!(set_text(&mut browser, 3), 200);
        assert_eq!(browser.get("/cart").body, "Some([3, 4])");
        assert_eq!(browser.get("/language").body, "xxx");
        assert_eq!(browser.post("/cart/take").body, "Some([3, 4])");
        assert_eq!(browser.post("/cart/take").body, "None");
        assert_eq!(browser.get("/language").body, "xxx");
    }
}

#[test]
fn a_value_that_is_of_another_type_now_is_our_failure_and_stays() {
    let world = world();
    let mut browser = world.browser();
    browser.post("/cart/old");
    assert_eq!(browser.get("/cart").status, 500);
    assert_eq!(browser.post("/cart/3").status, 500);
    assert_eq!(browser.post("/cart/take").status, 500);
    assert_eq!(browser.post("/cart/old").status, 200);
}

#[test]
fn each_browser_has_its_own() {
    let world = world();
    let [mut one, mut other] = [world.browser(), world.browser()];
    one.post("/cart/1");
    other.post("/cart/2");
    assert_eq!((&*one.get("/cart").body, &*other.get("/cart").body), ("Some([1])", "Some([2])"));
}

#[test]
fn the_session_of_nobody_begins_with_the_first_value_and_signs_nobody_in() {
    let world = world();
    let mut browser = world.browser();
    for path in ["/cart", "/flashes", "/me", "/home"] {
        assert!(browser.get(path).set.is_empty(), "{path}");
    }
    assert!(browser.post("/cart/take").set.is_empty());
    let seen = browser.post("/cart/3");
    assert_eq!(seen.set.len(), 1);
    assert!(!seen.set[0].contains("Max-Age"), "{seen:?}");
    assert_eq!((browser.get("/me").status, &*browser.get("/home").body), (401, "nobody"));
    // It is no dead cookie, and stays.
    assert_eq!(browser.get("/cart").body, "Some([3])");
}

// S03
#[test]
fn the_session_of_nobody_ends_when_it_was_not_used_for_its_timeout() {
    for (keys, timeout) in [("", 900), ("anonymous_timeout = '10m'", 600)] {
        for (elapsed, expected) in [(timeout - 1, "Some([3])"), (timeout, "None")] {
            let world = world_of(keys);
            let mut browser = world.browser();
            browser.post("/cart/3");
            world.clock.advance(seconds(elapsed));
            assert_eq!(browser.get("/cart").body, expected, "{keys} {elapsed}");
        }
    }
}

// S03
#[test]
fn the_session_of_nobody_goes_on_while_it_is_used_until_its_absolute_end() {
    for path in ["/cart", "/flashes", "/language"] {
        let world = world_of("absolute_timeout = '2h'");
        let mut browser = world.browser();
        browser.post("/cart/3");
        for _ in 0..8 {
            world.clock.advance(seconds(899));
            browser.get(path);
        }
        assert_eq!(browser.get("/cart").body, "Some([3])", "{path}");
        world.clock.set(start() + seconds(7200));
        assert_eq!(browser.get("/cart").body, "None", "{path}");
    }
    // Writing is use as well.
    let world = world();
    let mut browser = world.browser();
    for item in 0..5 {
        assert_eq!(browser.post(&format!("/cart/{item}")).body, (item + 1).to_string());
        world.clock.advance(seconds(899));
    }
}

// S03
#[test]
fn what_a_user_does_on_open_pages_is_use_too() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    for _ in 0..3 {
        world.clock.advance(seconds(3599));
        ada.get("/cart");
    }
    assert_eq!(ada.get("/me").status, 200);
}

#[test]
fn a_change_by_a_clock_that_went_back_takes_no_time_away() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.clock.set(start() - seconds(86_400));
    ada.post("/cart/3");
    world.clock.set(start() + seconds(3599));
    assert_eq!(ada.get("/me").status, 200);
}

#[test]
fn a_message_is_shown_once_oldest_first() {
    let world = world();
    for mut browser in [world.browser(), world.signed_in(ADA)] {
        browser.post("/flash/error/no%20tide");
        browser.post("/flash/error/no%20tide");
        browser.post("/flash/success/a%20tide");
        assert_eq!(
            browser.get("/flashes").body,
            "error: no tide; error: no tide; success: a tide; "
        );
        assert_eq!(browser.get("/flashes").body, "");
    }
}

#[test]
fn a_sign_in_keeps_what_the_browser_held_if_it_is_told_to() {
    let world = world();
    for (path, expected) in [("/in/1?keeping=true", "Some([3])"), ("/in/1", "None")] {
        // Nobody's, and the user's own.
        for mut browser in [world.browser(), world.signed_in(ADA)] {
            browser.post("/cart/3");
            browser.post("/flash/error/no%20tide");
            browser.post(path);
            assert_eq!(browser.get("/me").body, "1");
            assert_eq!(browser.get("/cart").body, expected, "{path}");
            let flashes = if expected == "None" { "" } else { "error: no tide; " };
            assert_eq!(browser.get("/flashes").body, flashes, "{path}");
        }
    }
    // A declaration does not tell it to.
    let mut browser = world.browser();
    browser.post("/cart/3");
    browser.login(ADA);
    assert_eq!(browser.get("/cart").body, "None");
}

#[test]
fn nothing_of_one_user_is_kept_for_another() {
    let world = world();
    let mut browser = world.signed_in(ADA);
    browser.post("/cart/3");
    browser.post("/flash/error/no%20tide");
    browser.post("/in/2?keeping=true");
    assert_eq!(browser.get("/me").body, "2");
    assert_eq!((&*browser.get("/cart").body, &*browser.get("/flashes").body), ("None", ""));
    // Nor for nobody.
    browser.post("/cart/4");
    let mut before = browser.clone();
    browser.post("/out");
    assert_eq!(browser.get("/cart").body, "None");
    assert_eq!(before.get("/cart").body, "None");
}

#[test]
fn a_session_holds_what_its_table_says_and_no_more() {
    let world = world_of("max_data = '1 KiB'");
    for mut browser in [world.browser(), world.signed_in(ADA)] {
        assert_eq!(set_text(&mut browser, 900), 200);
        assert_eq!(set_text(&mut browser, 1024), 500);
        assert_eq!(browser.get("/language").body.len(), 900);
        assert_eq!(browser.post(&format!("/flash/error/{}", "x".repeat(200))).status, 500);
        assert_eq!(browser.get("/flashes").body, "");
    }
    let world = world_of("");
    let mut browser = world.browser();
    assert_eq!(set_text(&mut browser, 16_000), 200);
    assert_eq!(set_text(&mut browser, 16_384), 500);
}

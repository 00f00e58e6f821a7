//! The secrets that cookies are signed with, and how one gives way to the next.

use std::path::PathBuf;

use super::*;

const OLD: &str = "the secret of last year, 32 bytes long";
const NEW: &str = "the secret of this year, 32 bytes long";

#[get("/messages")]
async fn messages(session: Session<'_>) -> Result<String, Error> {
    Ok(session.take_flashes().await?.len().to_string())
}

#[post("/messages")]
async fn leave(session: Session<'_>) -> Result<(), Error> {
    session.flash("success", "a tide").await
}

/// The application with these secrets, the newest first; its store and clock are those of the first.
fn with(first: Option<&World>, secrets: &[&str]) -> World {
    let (clock, spy) = match first {
        Some(world) => (world.clock.clone(), world.spy.clone()),
        None => (MovableClock::at(start()), Spy::default()),
    };
    let toml = format!("[default.passport.session]\nsecrets = {secrets:?}");
    World::on(clock, spy, figment(&toml), |rocket| rocket.mount("/", routes![messages, leave]))
}

/// The browser at another application of the same store.
fn at<'c>(world: &'c World, browser: &Browser<'_>) -> Browser<'c> {
    Browser { client: &world.client, cookie: browser.cookie.clone() }
}

#[test]
fn a_new_secret_signs_nobody_out_and_signs_their_cookies_anew() {
    let old = with(None, &[OLD]);
    let both = with(Some(&old), &[NEW, OLD]);
    let new = with(Some(&old), &[NEW]);
    let before = old.signed_in(ADA);
    assert_eq!(at(&new, &before).get("/me").status, 401);
    // On a protected page, where nobody may come, and where nobody asks for a user.
    for path in ["/me", "/home", "/messages"] {
        let mut ada = at(&both, &before);
        let seen = ada.get(path);
        assert_eq!((seen.status, seen.set.len()), (200, 1), "{path}");
        assert_eq!(ada.id(), before.id(), "{path}");
        assert_ne!(ada.cookie, before.cookie, "{path}");
        // Once.
        assert!(ada.get(path).set.is_empty(), "{path}");
        assert_eq!(at(&new, &ada).get("/me").body, "1", "{path}");
    }
    // Who was not there meanwhile signs in again.
    assert_eq!(at(&new, &before).get("/me").status, 401);
}

#[test]
fn the_session_of_nobody_goes_on_as_well() {
    let old = with(None, &[OLD]);
    let both = with(Some(&old), &[NEW, OLD]);
    let mut browser = old.browser();
    browser.post("/messages");
    let mut browser = at(&both, &browser);
    let seen = browser.get("/me");
    assert_eq!((seen.status, seen.set.len()), (401, 1));
    assert_eq!(at(&with(Some(&old), &[NEW]), &browser).get("/messages").body, "1");
}

#[test]
fn what_is_signed_anew_lasts_no_longer() {
    let old = with(None, &[OLD]);
    let both = with(Some(&old), &[NEW, OLD]);
    let mut ada = old.browser();
    ada.post("/in/1?remembered=true");
    old.clock.advance(seconds(86_400));
    let seen = at(&both, &ada).get("/me");
    assert!(seen.set[0].ends_with("; Max-Age=2505600"), "{seen:?}");
    let seen = at(&both, &old.signed_in(ADA)).get("/me");
    assert!(!seen.set[0].contains("Max-Age"), "{seen:?}");
}

#[test]
fn who_signs_in_or_out_meanwhile_gets_one_cookie() {
    let old = with(None, &[OLD]);
    let both = with(Some(&old), &[NEW, OLD]);
    let mut ada = at(&both, &old.signed_in(ADA));
    assert!(ada.post("/out").takes_the_cookie_away());
    let before = old.signed_in(ADA);
    let mut ada = at(&both, &before);
    assert_eq!(ada.post("/in/1").set.len(), 1);
    assert_ne!(ada.id(), before.id());
    // Nor is the cookie of an account that is gone signed anew.
    let mut ada = at(&both, &old.signed_in(ADA));
    both.fate(ADA, Fate::Deleted);
    assert!(ada.get("/me").takes_the_cookie_away());
}

#[test]
fn the_first_of_several_signs_and_each_opens() {
    let third = "the secret of the year before, 32 bytes";
    let worlds = [OLD, third].map(|secret| with(None, &[secret]));
    for old in &worlds {
        let all = with(Some(old), &[NEW, OLD, third]);
        let mut ada = at(&all, &old.signed_in(ADA));
        assert_eq!(ada.get("/me").status, 200);
        assert_eq!(at(&with(Some(old), &[NEW]), &ada).get("/me").status, 200);
        assert_eq!(at(&with(Some(old), &[OLD]), &all.signed_in(ADA)).get("/me").status, 401);
    }
}

#[test]
fn a_file_holds_one_a_line() {
    let old = with(None, &[OLD]);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("session-secrets");
    std::fs::write(&file, format!("\n  {NEW}\r\n\n{OLD}\n")).unwrap();
    let toml = format!("[default.passport.session]\nsecrets_file = {file:?}");
    let both = World::on(old.clock.clone(), old.spy.clone(), figment(&toml), |rocket| rocket);
    let mut ada = at(&both, &old.signed_in(ADA));
    assert_eq!(ada.get("/me").status, 200);
    assert_eq!(at(&with(Some(&old), &[NEW]), &ada).get("/me").status, 200);
}

#[test]
fn one_that_is_made_for_the_run_is_another_one_in_the_next() {
    let one = World::plain();
    let next = World::on(one.clock.clone(), one.spy.clone(), figment(""), |rocket| rocket);
    assert_eq!(at(&next, &one.signed_in(ADA)).get("/me").status, 401);
}

// Its answer may come behind that of a sign-in, which has sent the cookie of another session.
#[test]
fn a_cookie_is_signed_anew_for_a_page_and_not_for_a_script() {
    let old = with(None, &[OLD]);
    let both = with(Some(&old), &[NEW, OLD]);
    let before = old.signed_in(ADA);
    for (mode, count) in [("cors", 0), ("same-origin", 0), ("navigate", 1)] {
        let request = both.client.get("/me").header(Header::new("Sec-Fetch-Mode", mode));
        let seen = at(&both, &before).send(request);
        assert_eq!((seen.status, seen.set.len()), (200, count), "{mode}");
    }
}

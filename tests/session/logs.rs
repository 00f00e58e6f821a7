//! What the log says of sessions: why, and never a cookie or an id.

use passport_rocket_tests::log;
use rocket::Request;
use rocket::request::FromRequest;

use super::*;

#[get("/shown")]
async fn shown(session: Session<'_>, sessions: Sessions<'_, Account>) -> String {
    let account = Account { id: ADA };
    format!("{session:?} {sessions:?} {:?}", sessions.sign_in(&account))
}

/// A handler that prints what its guard refused.
struct Refusal(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Refusal {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> rocket::request::Outcome<Self, ()> {
        let session = request.guard::<Session<'_>>().await;
        rocket::request::Outcome::Success(Self(format!("{session:?}")))
    }
}

#[post("/refusal")]
fn refusal(refusal: Refusal) -> String {
    refusal.0
}

fn world() -> World {
    World::of("", |rocket| rocket.mount("/", routes![shown, refusal]))
}

/// Sends it, and gives the lines about it, none of which holds a part of the cookie.
fn lines<'c, T>(
    browser: &mut Browser<'c>,
    send: impl FnOnce(&mut Browser<'c>) -> T,
) -> Vec<String> {
    let before = browser.cookie.clone();
    let (_, lines) = log::capture(|| send(browser));
    assert!(!lines.is_empty(), "the log is written");
    for cookie in [before, browser.cookie.clone()].into_iter().flatten() {
        let (_, value) = cookie.split_once('=').unwrap();
        for part in value.split('.').filter(|part| part.len() > 8) {
            assert!(!lines.iter().any(|line| line.contains(part)), "{lines:#?}");
        }
    }
    lines
}

fn why(lines: &[String]) -> &str {
    let why: Vec<_> = lines.iter().filter(|line| line.contains(", route ")).collect();
    let [why] = why[..] else { panic!("{lines:#?}") };
    why.split_once("` failed: ").map_or(&**why, |(_, why)| why)
}

// O01, O02
#[test]
fn a_refusal_says_why_and_shows_no_cookie() {
    let world = world();
    let from = "from cookie session, route me";
    let mut forged = world.browser();
    forged.cookie = Some(format!("session={}.{}", "forgedforged", "forgedforged"));
    let said = lines(&mut forged, |browser| browser.get("/me"));
    assert_eq!(why(&said), format!("session: the cookie is not signed by us, {from}."));

    let mut dead = world.signed_in(ADA);
    dead.clone().post("/out");
    let said = lines(&mut dead, |browser| browser.get("/me"));
    assert_eq!(why(&said), format!("session: the session has ended, {from}."));

    let mut gone = world.signed_in(ADA);
    world.fate(ADA, Fate::Deleted);
    let said = lines(&mut gone, |browser| browser.get("/me"));
    let reason = "session: signed out: the verifier knows nobody like that";
    assert_eq!(why(&said), format!("{reason}, {from}."));
    world.fate(ADA, Fate::Well);

    let mut twice = world.signed_in(ADA);
    let cookie = twice.cookie.take().unwrap();
    twice.cookie = Some(format!("{cookie}; {cookie}"));
    let (_, said) = log::capture(|| twice.get("/me"));
    assert_eq!(why(&said), format!("session: two session cookies, {from}."));

    let mut down = world.signed_in(ADA);
    world.spy.take_down();
    let said = lines(&mut down, |browser| browser.get("/me"));
    assert!(why(&said).contains("connection\\nrefused"), "{said:#?}");
    world.spy.bring_up();

    let mut cross = world.signed_in(ADA);
    let said = lines(&mut cross, |browser| {
        let request = world.client.post("/me").header(Header::new("Sec-Fetch-Site", "cross-site"));
        browser.send(request)
    });
    let reason = "session: cross-site request: Sec-Fetch-Site names another site";
    assert_eq!(why(&said), format!("{reason}, from cookie session, route change_me."));
}

// O02
#[test]
fn what_succeeds_shows_no_cookie_either() {
    let world = world();
    let mut ada = world.browser();
    for path in ["/in/1", "/in/1?remembered=true", "/in/1?keeping=true", "/out"] {
        lines(&mut ada, |browser| browser.post(path));
    }
    lines(&mut ada, |browser| browser.login(ADA));
    world.clock.advance(seconds(600));
    for path in ["/me", "/home", "/shown"] {
        lines(&mut ada, |browser| browser.get(path));
    }
}

// O01
#[test]
fn a_failure_to_write_use_down_is_one_line() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.spy.only_reads();
    world.clock.advance(seconds(600));
    let said = lines(&mut ada, |browser| browser.get("/me"));
    let ours: Vec<_> = said.iter().filter(|line| line.starts_with("passport")).collect();
    let expected = "passport::session WARN: session: Unavailable: ask the store: \
                    connection\\nrefused";
    assert_eq!(ours, [expected], "{said:#?}");
}

// O02
#[test]
fn debug_of_the_guards_and_of_their_refusals_shows_no_cookie() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    let (id, cookie) = (ada.id(), ada.cookie.clone().unwrap());
    let (_, mac) = cookie.split_once('.').unwrap();
    let request = world.client.post("/refusal").header(Header::new("Sec-Fetch-Site", "cross-site"));
    for seen in [ada.get("/shown"), ada.post("/refusal"), ada.send(request)] {
        assert_eq!(seen.status, 200);
        assert!(!seen.body.contains(&id) && !seen.body.contains(mac), "{}", seen.body);
    }
}

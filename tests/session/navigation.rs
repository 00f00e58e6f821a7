//! To the sign-in page, and back to where somebody wanted to go.

use passport_rocket::ReturnPath;
use rocket::http::Accept;
use rocket::response::Redirect;
use rocket::uri;

use super::*;

#[protect(strategy = "session", unauthenticated = redirect(uri!("/enter")))]
#[get("/tides?<page>")]
fn tides(user: User<Account>, page: Option<u8>) -> String {
    format!("{} {page:?}", user.id)
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/enter?<next>", data = "<_user>")]
fn enter(_user: User<Account>, next: Option<ReturnPath>) -> Redirect {
    Redirect::to(next.unwrap_or_default())
}

/// The same by hand.
#[post("/enter/<id>?<next>")]
async fn enter_by_hand(
    id: u32,
    next: Option<ReturnPath>,
    sessions: Sessions<'_, Account>,
) -> Result<Redirect, Error> {
    sessions.sign_in(&Account { id }).await?;
    Ok(Redirect::to(next.unwrap_or_default()))
}

#[post("/leave")]
async fn leave(sessions: Sessions<'_, Account>) -> Result<Redirect, Error> {
    sessions.sign_out().await?;
    Ok(Redirect::to("/"))
}

fn world() -> World {
    World::of("", |rocket| rocket.mount("/", routes![tides, enter, enter_by_hand, leave]))
}

fn navigate(browser: &mut Browser<'_>, path: &str) -> Seen {
    let request = browser.client.get(path.to_owned()).header(Accept::HTML);
    browser.send(request.header(Header::new("Sec-Fetch-Mode", "navigate")))
}

fn submit(browser: &mut Browser<'_>, path: &str) -> Seen {
    let request = browser.client.post(path.to_owned()).header(ContentType::Form);
    let request = request.header(Header::new("Sec-Fetch-Site", "same-origin"));
    browser.send(request.body("username=1&password=tide"))
}

// S09
#[test]
fn who_is_not_signed_in_is_sent_to_sign_in_and_comes_back() {
    let world = world();
    let mut ada = world.browser();
    let seen = navigate(&mut ada, "/tides?page=2");
    assert_eq!(seen.status, 303);
    let [page] = seen.header("Location")[..] else { panic!("{seen:?}") };
    assert_eq!(page, "/enter?next=%2Ftides%3Fpage%3D2");
    let seen = submit(&mut ada, page);
    assert_eq!((seen.status, seen.header("Location")), (303, vec!["/tides?page=2"]));
    assert_eq!(navigate(&mut ada, "/tides?page=2").body, "1 Some(2)");
}

// S09
#[test]
fn whose_session_has_ended_is_sent_to_sign_in_without_the_dead_cookie() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.clock.advance(seconds(3600));
    let seen = navigate(&mut ada, "/tides");
    assert_eq!((seen.status, seen.header("Location")), (303, vec!["/enter?next=%2Ftides"]));
    assert!(seen.takes_the_cookie_away());
}

// S09
#[test]
fn a_script_is_told_401() {
    let world = world();
    let request = world.client.get("/tides").header(Header::new("Sec-Fetch-Mode", "cors"));
    let seen = world.browser().send(request);
    assert_eq!((seen.status, seen.header("Location").len()), (401, 0));
    assert_eq!(seen.header("WWW-Authenticate").len(), 1);
}

// S09
#[test]
fn a_sign_in_leads_to_no_other_site() {
    let world = world();
    for next in [
        "//evil.example",
        "/%5Cevil.example",
        "https:%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%09%2Fevil.example",
        "",
    ] {
        for path in [format!("/enter?next={next}"), format!("/enter/1?next={next}")] {
            let seen = submit(&mut world.browser(), &path);
            assert_eq!((seen.status, seen.header("Location")), (303, vec!["/"]), "{path}");
        }
    }
}

// S10
#[test]
fn a_redirect_after_a_sign_in_or_a_sign_out_is_303_and_brings_the_cookie() {
    let world = world();
    for path in ["/enter", "/enter/1", "/leave"] {
        let mut ada = world.signed_in(ADA);
        let seen = submit(&mut ada, path);
        assert_eq!((seen.status, seen.header("Location")), (303, vec!["/"]), "{path}");
        assert_eq!(seen.set.len(), 1, "{path}");
    }
}

//! The cookie, to the letter, and the headers around it.

use passport_rocket_tests::{headers, release_figment};
use rocket::http::Cookie;

use super::*;

/// Reads what a browser holds, in a handler that nobody declared.
#[get("/messages")]
async fn messages(session: Session<'_>) -> Result<String, Error> {
    Ok(session.take_flashes().await?.len().to_string())
}

#[get("/users")]
async fn users(sessions: Sessions<'_, Account>) -> Result<String, Error> {
    Ok(sessions.list().await?.len().to_string())
}

#[get("/open")]
fn open() {}

const SECRET: &str = "secrets = ['a secret of these tests, and 32 bytes']";

fn routes(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![messages, users, open])
}

fn world() -> World {
    World::of("", routes)
}

/// `name=` and 76 characters: the id, a dot, the signature.
fn value<'l>(line: &'l str, name: &str) -> (&'l str, &'l str) {
    let value = line.strip_prefix(name).unwrap_or_else(|| panic!("{line}"));
    let (value, attributes) = value.split_at(76);
    let (id, mac) = value.split_once('.').unwrap();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    assert!(id.len() == 32 && id.chars().all(is_plain), "{line}");
    assert!(mac.len() == 43 && mac.chars().all(is_plain), "{line}");
    (value, attributes)
}

// S06
#[test]
fn is_plain_on_a_developers_own_machine() {
    let world = world();
    let seen = world.browser().post("/in/1");
    assert_eq!(value(&seen.set[0], "session=").1, "; HttpOnly; SameSite=Lax; Path=/");
    let debug = figment("[default.passport]\norigin = 'http://localhost:8000'");
    let world = World::launched(debug, routes);
    let seen = world.browser().post("/in/1");
    assert_eq!(value(&seen.set[0], "session=").1, "; HttpOnly; SameSite=Lax; Path=/");
}

// S06
#[test]
fn is_secure_and_of_one_host_where_tls_is_in_front_and_in_release() {
    let secure = "; HttpOnly; SameSite=Lax; Secure; Path=/";
    let debug = figment("[default.passport]\norigin = 'https://tidal.example'");
    let without_origin = release_figment(&format!("[default.passport.session]\n{SECRET}"));
    let http = format!(
        "[default.passport]\norigin = 'http://localhost:8000'\n[default.passport.session]\n{SECRET}"
    );
    for figment in [debug, without_origin, release_figment(&http)] {
        let world = World::launched(figment, routes);
        let mut ada = world.browser();
        let seen = ada.post("/in/1");
        assert_eq!(value(&seen.set[0], "__Host-session=").1, secure);
        assert_eq!(ada.get("/me").status, 200);
        // Under the bare name, which anybody may set, it is nobody's.
        ada.cookie = ada.cookie.map(|cookie| cookie.replace("__Host-", ""));
        assert_eq!(ada.get("/me").status, 401);
    }
}

// S06
#[test]
fn outlives_the_browser_for_whom_is_remembered_and_nobody_else() {
    let world = world();
    let mut ada = world.browser();
    let line = ada.post("/in/1?remembered=true").set.remove(0);
    let attributes = "; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000";
    assert_eq!(value(&line, "session=").1, attributes);
    for path in ["/in/1", "/in/1?keeping=true"] {
        let line = ada.post(path).set.remove(0);
        assert!(!line.contains("Max-Age") && !line.contains("Expires"), "{line}");
    }
    let line = ada.login(ADA).set.remove(0);
    assert!(!line.contains("Max-Age") && !line.contains("Expires"), "{line}");
}

// S06
#[test]
fn is_taken_away_by_its_name_and_place() {
    let debug = figment("[default.passport]\norigin = 'https://tidal.example'");
    let world = World::launched(debug, routes);
    let line = world.signed_in(ADA).post("/out").set.remove(0);
    assert_eq!(
        line,
        "__Host-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0; \
         Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    );
}

// S06
#[test]
fn has_the_name_and_the_same_site_that_its_table_says() {
    let world = World::of("cookie = 'sid'\nsame_site = 'strict'", routes);
    let mut ada = world.browser();
    let line = ada.post("/in/1").set.remove(0);
    assert_eq!(value(&line, "sid=").1, "; HttpOnly; SameSite=Strict; Path=/");
    assert_eq!(ada.get("/me").status, 200);
    let toml = "[default.passport]\norigin = 'https://tidal.example'\n\
                [default.passport.session]\nsame_site = 'none'";
    let world = World::launched(figment(toml), routes);
    let line = world.browser().post("/in/1").set.remove(0);
    assert_eq!(value(&line, "__Host-session=").1, "; HttpOnly; SameSite=None; Secure; Path=/");
}

// S06
#[test]
fn is_at_most_4096_bytes_with_the_longest_name() {
    let name = "a".repeat(64);
    let toml = format!(
        "[default.passport]\norigin = 'https://tidal.example'\n\
         [default.passport.session]\ncookie = '{name}'"
    );
    let world = World::launched(figment(&toml), routes);
    let line = world.browser().post("/in/1?remembered=true").set.remove(0);
    assert!(line.len() <= 4096, "{}", line.len());
}

#[test]
fn is_not_sent_again_without_a_reason() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    for elapsed in [0, 1, 600] {
        world.clock.advance(seconds(elapsed));
        for path in ["/me", "/home", "/messages", "/users"] {
            assert!(ada.get(path).set.is_empty(), "{path}");
        }
    }
}

/// `GET /me` with a cookie that stands for nothing.
fn with_dead_cookie(world: &World, path: &str, mode: Option<&'static str>) -> Seen {
    let mut ada = world.signed_in(ADA);
    ada.clone().post("/out");
    let request = world.client.get(path.to_owned());
    ada.send(match mode {
        Some(mode) => request.header(Header::new("Sec-Fetch-Mode", mode)),
        None => request,
    })
}

#[test]
fn a_dead_cookie_is_taken_away_from_a_page_and_left_to_a_script() {
    let world = world();
    for (path, status) in [("/me", 401), ("/home", 200)] {
        for (mode, taken) in [
            (None, true),
            (Some("navigate"), true),
            (Some("cors"), false),
            (Some("same-origin"), false),
            (Some("no-cors"), false),
            (Some("websocket"), false),
        ] {
            let seen = with_dead_cookie(&world, path, mode);
            assert_eq!(seen.status, status, "{path} {mode:?}");
            assert_eq!(seen.takes_the_cookie_away(), taken, "{path} {mode:?} {seen:?}");
            assert_eq!(seen.set.len(), usize::from(taken), "{path} {mode:?}");
        }
    }
}

// The guard takes the dead cookie away, the sign-in sends another: one line, the later one.
#[test]
fn there_are_never_two_of_one_name_in_a_response() {
    #[protect(strategy = "session", optional)]
    #[post("/enter")]
    async fn enter(sessions: Sessions<'_, Account>) -> Result<(), Error> {
        sessions.sign_in(&Account { id: ADA }).await?;
        sessions.sign_out().await?;
        sessions.sign_in(&Account { id: BOB }).await
    }

    let world = World::of("", |rocket| routes(rocket).mount("/", routes![enter]));
    let mut ada = world.signed_in(ADA);
    ada.clone().post("/out");
    let seen = ada.post("/enter");
    assert_eq!((seen.status, seen.set.len()), (200, 1), "{seen:?}");
    assert_eq!(ada.get("/me").body, "2");
}

#[test]
fn two_session_cookies_are_malformed() {
    let world = world();
    let cookie = world.signed_in(ADA).cookie.unwrap();
    let twice = [format!("{cookie}; {cookie}"), format!("{cookie}; session=x")];
    for cookie in twice {
        let mut ada = world.browser();
        ada.cookie = Some(cookie);
        assert_eq!((ada.get("/me").status, ada.get("/home").status), (400, 400));
    }
}

// S04: a sign-out that ended neither would only look like one.
#[test]
fn with_two_session_cookies_nobody_signs_in_or_out() {
    let world = world();
    let [mut one, mut other] = [ADA, BOB].map(|id| world.signed_in(id));
    let mut both = world.browser();
    both.cookie =
        Some(format!("{}; {}", one.cookie.clone().unwrap(), other.cookie.clone().unwrap()));
    for path in ["/out", "/in/1"] {
        let seen = both.post(path);
        assert_eq!((seen.status, seen.set.len()), (400, 0), "{path}");
    }
    assert_eq!([&mut one, &mut other].map(|browser| browser.get("/me").status), [200, 200]);
}

#[test]
fn other_cookies_do_not_matter() {
    let world = world();
    let cookie = world.signed_in(ADA).cookie.unwrap();
    let mut ada = world.browser();
    ada.cookie = Some(format!("a=b; {cookie}; xsession={cookie}; c=d"));
    assert_eq!(ada.get("/me").status, 200);
}

/// What a response of `path` says of caches.
fn caching(browser: &mut Browser<'_>, path: &str) -> (Vec<String>, Vec<String>) {
    let seen = browser.get(path);
    let owned = |name| seen.header(name).into_iter().map(str::to_owned).collect();
    (owned("Vary"), owned("Cache-Control"))
}

#[test]
fn what_depends_on_it_says_so_and_is_not_stored() {
    let world = world();
    for mut browser in [world.browser(), world.signed_in(ADA)] {
        for path in ["/me", "/home", "/messages", "/users"] {
            let expected = (vec!["Cookie".to_owned()], vec!["no-store".to_owned()]);
            assert_eq!(caching(&mut browser, path), expected, "{path}");
        }
        assert_eq!(caching(&mut browser, "/open"), (vec![], vec![]));
    }
}

#[test]
fn whatever_sends_it_is_not_stored() {
    let world = world();
    let mut ada = world.browser();
    for seen in [ada.login(ADA), ada.post("/in/1"), ada.post("/out")] {
        assert_eq!(seen.set.len(), 1);
        assert_eq!(seen.header("Cache-Control"), ["no-store"]);
    }
    // A refusal of the guard is somebody's own as well.
    let refused = world.client.post("/in/1").header(Header::new("Sec-Fetch-Site", "cross-site"));
    let seen = world.browser().send(refused);
    assert_eq!((seen.status, seen.header("Vary")), (403, vec!["Cookie"]));
    assert_eq!(seen.header("Cache-Control"), ["no-store"]);
}

// A browser as Rocket's client plays one.
#[test]
fn a_tracked_client_stays_signed_in() {
    let rocket = bare(figment("")).manage(MovableClock::at(start()).clock());
    let client = Client::tracked(rocket).unwrap();
    let post = |path: &'static str| {
        let request = client.post(path).header(Header::new("Sec-Fetch-Site", "same-origin"));
        request.dispatch().status().code
    };
    assert_eq!(post("/in/1"), 200);
    assert_eq!(client.get("/me").dispatch().into_string().as_deref(), Some("1"));
    assert_eq!(post("/out"), 200);
    assert_eq!(client.get("/me").dispatch().status().code, 401);
    let forged = client.get("/me").cookie(Cookie::new("session", "forged"));
    let response = forged.dispatch();
    assert_eq!(headers(&response, "Set-Cookie").len(), 1);
}

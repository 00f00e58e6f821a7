//! What a reviewer in an attacker's place got through once, and never again.

use passport_rocket::store::Memory;
use passport_rocket::{Answer, Registration, SessionData, SignIn, from_fn};
use passport_rocket_tests::{log, refusal};
use serde::{Deserialize, Serialize};

use super::*;

#[protect(strategy = "old_token", sign_in = "session")]
#[post("/exchange")]
fn exchange(_user: User<Account>) {}

#[protect(strategy = "session")]
#[get("/since")]
fn since(user: User<Account>) -> Option<String> {
    let since = User::authenticated_at(&user)?;
    Some(since.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs().to_string())
}

/// A session of today, begun with a token of somebody who proved who they are yesterday, would pass
/// for somebody who has just done so.
// S08
#[test]
fn who_exchanges_an_old_token_for_a_session_has_not_signed_in_anew() {
    let yesterday = start() - seconds(86_400);
    let with = |authenticated: SystemTime| {
        World::of("", move |rocket| {
            let strategy = Registration::new("old_token", move |_| {
                Ok(from_fn(move |_| {
                    let sign_in = SignIn::new(Account { id: ADA });
                    Answer::now(Ok(sign_in.with_authenticated_at(authenticated)))
                }))
            });
            rocket.attach(strategy).mount("/", routes![exchange, since])
        })
    };
    let tomorrow = start() + seconds(86_400);
    for (authenticated, expected) in [(yesterday, yesterday), (tomorrow, start())] {
        let world = with(authenticated);
        let mut ada = world.browser();
        assert_eq!(ada.post("/exchange").status, 200);
        let expected = expected.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(ada.get("/since").body, expected.to_string());
    }
}

#[derive(rocket::Responder)]
struct Cached(&'static str, Header<'static>);

#[get("/cached?<control>")]
async fn cached(control: String, session: Session<'_>) -> Result<Cached, Error> {
    session.flash("info", "hello").await?;
    Ok(Cached("x", Header::new("Cache-Control", control)))
}

/// A cache that is told that it may keep a page keeps its `Set-Cookie` as well (RFC 9111 section
/// 7.3), and gives everybody who comes without a cookie one and the same session.
#[test]
fn no_shared_cache_may_keep_the_cookie_whatever_the_handler_says() {
    let world = World::of("", |rocket| rocket.mount("/", routes![cached]));
    let table = [
        ("public,%20max-age=60", "no-store"),
        ("max-age=60", "no-store"),
        ("no-cache", "no-store"),
        ("private=%22x-name%22,%20max-age=60", "no-store"),
        ("Private,%20max-age=60", "Private, max-age=60"),
        ("max-age=60,%20private", "max-age=60, private"),
        ("no-store,%20no-transform", "no-store, no-transform"),
    ];
    for (control, expected) in table {
        let mut browser = world.browser();
        let path = format!("/cached?control={control}");
        let seen = browser.get(&path);
        assert_eq!((seen.set.len(), seen.header("Cache-Control")), (1, vec![expected]));
        // Where no cookie is sent, it is the handler's affair.
        let seen = browser.get(&path);
        assert_eq!(seen.set.len(), 0);
        assert_ne!((control, seen.header("Cache-Control")), ("max-age=60", vec!["no-store"]));
    }
}

#[post("/leave")]
async fn leave(session: Session<'_>) -> Result<(), Error> {
    session.flash("info", "x".repeat(1000)).await
}

/// Whoever has no account cannot crowd those out who are signed in, however close to its end a
/// session of theirs is.
#[test]
fn a_flood_of_sessions_of_nobody_signs_nobody_out() {
    for (keys, idle) in [("idle_timeout = '5m'", 0), ("", 3590)] {
        let clock = MovableClock::at(start());
        let rocket = bare(figment(&format!("[default.passport.session]\n{keys}")))
            .manage(clock.clock())
            .manage(Store::new(Memory::new(Memory::LEAST)))
            .mount("/", routes![leave]);
        let client = Client::untracked(rocket).unwrap();
        let mut ada = Browser { client: &client, cookie: None };
        ada.login(ADA);
        clock.advance(seconds(idle));
        for _ in 0..200 {
            assert_eq!(Browser { client: &client, cookie: None }.post("/leave").status, 200);
        }
        assert_eq!(ada.get("/me").status, 200, "{keys}");
    }
}

#[derive(Serialize, Deserialize)]
struct Code(String);

impl SessionData for Code {
    const NAME: &'static str = "code";
}

/// The same in the next version of the application.
#[derive(Default, Serialize, Deserialize)]
struct NewCode(u32);

impl SessionData for NewCode {
    const NAME: &'static str = "code";
}

#[post("/code")]
async fn set_code(session: Session<'_>) -> Result<(), Error> {
    session.set(&Code("hunter2".into())).await
}

#[get("/code")]
async fn code(session: Session<'_>) -> Result<String, Error> {
    Ok(session.get::<NewCode>().await?.unwrap_or_default().0.to_string())
}

// O02
#[test]
fn what_a_session_holds_is_not_logged_when_its_type_has_changed() {
    let world = World::of("", |rocket| rocket.mount("/", routes![set_code, code]));
    let mut browser = world.browser();
    assert_eq!(browser.post("/code").status, 200);
    let (seen, lines) = log::capture(|| browser.get("/code"));
    assert_eq!(seen.status, 500);
    assert!(lines.iter().any(|line| line.contains("read `code` of a session")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
}

// S05
#[test]
fn a_deleted_user_is_signed_out_everywhere_and_not_in_again_when_the_account_returns() {
    let world = World::plain();
    let (mut here, mut there) = (world.signed_in(ADA), world.signed_in(ADA));
    let mut bob = world.signed_in(BOB);
    world.fate(ADA, Fate::Deleted);
    assert_eq!(here.get("/me").status, 401);
    world.fate(ADA, Fate::Well);
    assert_eq!(there.get("/me").status, 401);
    assert_eq!(bob.get("/me").status, 200);
}

#[get("/end/<what>")]
async fn end(what: &str, sessions: Sessions<'_, Account>) -> Result<(), Error> {
    let handle = sessions.list().await?.pop().map(|info| info.handle).unwrap_or_default();
    match what {
        "end" => sessions.end(&handle).await.map(drop),
        "end_of" => sessions.end_of(&ADA, &handle).await.map(drop),
        "end_others" => sessions.end_others().await.map(drop),
        _ => sessions.end_all_of(&ADA).await.map(drop),
    }
}

/// An image on any page could sign the user out.
// S07
#[test]
fn no_safe_method_ends_a_session() {
    let world = World::of("", |rocket| rocket.mount("/", routes![end]));
    let (mut ada, mut other) = (world.signed_in(ADA), world.signed_in(ADA));
    for what in ["end", "end_of", "end_others", "end_all_of"] {
        let request = world.client.get(format!("/end/{what}"));
        let seen = ada.send(request.header(Header::new("Sec-Fetch-Site", "cross-site")));
        assert_eq!((seen.status, seen.set.len()), (500, 0), "{what}");
        assert_eq!([ada.get("/me").status, other.get("/me").status], [200, 200], "{what}");
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Preferences(serde_json::Value);

impl SessionData for Preferences {
    const NAME: &'static str = "preferences";
}

#[post("/preferences/<depth>")]
async fn prefer(depth: usize, session: Session<'_>) -> Result<(), Error> {
    let nested = (0..depth).fold(serde_json::Value::Null, |inner, _| vec![inner].into());
    session.set(&Preferences(nested)).await
}

#[get("/sessions")]
async fn list(sessions: Sessions<'_, Account>) -> Result<String, Error> {
    Ok(sessions.list().await?.len().to_string())
}

/// A value that nobody can read back, written through a stolen session, would hide that session from
/// its user: their list would be an error.
#[test]
fn what_could_not_be_read_back_is_not_written() {
    let world = World::of("", |rocket| rocket.mount("/", routes![prefer, list]));
    let (mut ada, mut thief) = (world.signed_in(ADA), world.signed_in(ADA));
    let mut nobody = world.browser();
    for depth in [1, 100, 124, 125, 126, 127, 128, 1000] {
        for browser in [&mut thief, &mut nobody] {
            let seen = browser.post(&format!("/preferences/{depth}"));
            assert_eq!(seen.status, if depth < 126 { 200 } else { 500 }, "{depth}");
        }
        assert_eq!(ada.get("/sessions").body, "2", "{depth}");
    }
}

/// A sign-in by one would end that by the other, and a page that takes both would take the cookie
/// away.
#[test]
fn no_two_strategies_send_the_same_cookie() {
    let rocket = |cookie: &str| {
        let toml = format!("[default.passport.crew]\ncookie = '{cookie}'");
        bare(figment(&toml)).attach(Session::fairing("crew").verify(account_of))
    };
    let report = refusal(rocket("session"));
    let sentence = "strategies `session` and `crew` send the same cookie, `session`: a sign-in by one \
                    would end that by the other; give each its own name, or remove the key `cookie`";
    assert!(report.contains(sentence), "{report}");
}

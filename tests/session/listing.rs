//! A user's sessions, listed and ended; and accounts that are gone.

use passport_rocket::SessionInfo;
use passport_rocket::testing::SignedInAs;
use rocket::serde::json::Json;

use super::*;

#[protect(strategy = "session")]
#[get("/sessions")]
async fn list(_user: User<Account>, sessions: Sessions<'_, Account>) -> Result<Listed, Error> {
    Ok(Json(sessions.list().await?))
}

type Listed = Json<Vec<SessionInfo>>;

#[get("/sessions/of/<id>")]
async fn list_of(id: u32, sessions: Sessions<'_, Account>) -> Result<Listed, Error> {
    Ok(Json(sessions.list_of(&id).await?))
}

/// For whoever asks, also where nobody is signed in.
#[get("/sessions/mine")]
async fn list_mine(sessions: Sessions<'_, Account>) -> Result<Listed, Error> {
    Ok(Json(sessions.list().await?))
}

#[post("/end/<handle>")]
async fn end(handle: &str, sessions: Sessions<'_, Account>) -> Result<String, Error> {
    sessions.end(handle).await.map(|ended| ended.to_string())
}

#[post("/end/of/<id>/<handle>")]
async fn end_of(id: u32, handle: &str, sessions: Sessions<'_, Account>) -> Result<String, Error> {
    sessions.end_of(&id, handle).await.map(|ended| ended.to_string())
}

#[post("/end/others")]
async fn end_others(sessions: Sessions<'_, Account>) -> Result<String, Error> {
    sessions.end_others().await.map(|ended| ended.to_string())
}

#[post("/end/all/<id>")]
async fn end_all(id: u32, sessions: Sessions<'_, Account>) -> Result<String, Error> {
    sessions.end_all_of(&id).await.map(|ended| ended.to_string())
}

#[post("/password")]
async fn change_password(sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.end_all_of(&ADA).await?;
    sessions.sign_in(&Account { id: ADA }).await
}

fn world() -> World {
    World::of("", |rocket| {
        rocket
            .mount("/", routes![list, list_of, list_mine, end, end_of, end_others, end_all])
            .mount("/", routes![change_password])
    })
}

/// The statuses of `/me`.
fn statuses<const N: usize>(browsers: [&mut Browser<'_>; N]) -> [u16; N] {
    browsers.map(|browser| browser.get("/me").status)
}

fn listed(browser: &mut Browser<'_>, path: &str) -> Vec<serde_json::Value> {
    let seen = browser.get(path);
    assert_eq!(seen.status, 200);
    serde_json::from_str(&seen.body).unwrap()
}

/// The handle of the browser's own session.
fn handle(browser: &mut Browser<'_>) -> String {
    let list = listed(browser, "/sessions");
    let own: Vec<_> = list.iter().filter(|info| info["is_current"] == true).collect();
    assert_eq!(own.len(), 1);
    own[0]["handle"].as_str().unwrap().to_owned()
}

// S05
#[test]
fn a_user_lists_their_sessions_the_last_used_first() {
    let world = world();
    let _bob = world.signed_in(BOB);
    let mut phone = world.browser();
    let request = world.client.post("/in/1?remembered=true");
    let request = request.header(Header::new("Sec-Fetch-Site", "same-origin"));
    phone.send(request.header(Header::new("User-Agent", format!("Phone{}", "é".repeat(300)))));
    world.clock.advance(seconds(60));
    let mut desk = world.signed_in(ADA);
    let list = listed(&mut desk, "/sessions");
    let what = |key: &str| list.iter().map(|info| info[key].clone()).collect::<Vec<_>>();
    assert_eq!(what("is_current"), [true, false]);
    assert_eq!(what("is_remembered"), [false, true]);
    let agent = format!("Phone{}", "é".repeat(195));
    assert_eq!(list[1]["user_agent"], *agent);
    // A list opens nothing.
    let (id, page) = (phone.id(), format!("{list:?}"));
    assert!(!page.contains(&id) && !page.contains(&desk.id()));
    // Used later, listed first.
    world.clock.advance(seconds(86_400));
    phone.get("/me");
    let list = listed(&mut phone, "/sessions");
    assert_eq!(list.len(), 1, "the other one has ended");
}

// S05
#[test]
fn a_handle_signs_nobody_in() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    let (_, mac) = ada
        .cookie
        .clone()
        .unwrap()
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let handle = handle(&mut ada);
    for value in [handle.clone(), format!("{handle}.{mac}")] {
        let mut thief = world.browser();
        thief.cookie = Some(format!("session={value}"));
        assert_eq!(thief.get("/me").status, 401);
    }
}

// S05
#[test]
fn a_user_ends_one_of_their_sessions() {
    let world = world();
    let [mut one, mut other, mut third] = [ADA, ADA, ADA].map(|id| world.signed_in(id));
    let path = format!("/end/{}", handle(&mut other));
    let seen = one.post(&path);
    assert_eq!((&*seen.body, seen.set.len()), ("true", 0));
    assert_eq!(statuses([&mut one, &mut other, &mut third]), [200, 401, 200]);
    assert_eq!(one.post(&path).body, "false");
    // The own one: the cookie goes as well.
    let path = format!("/end/{}", handle(&mut third));
    let seen = third.post(&path);
    assert!(seen.body == "true" && seen.takes_the_cookie_away(), "{seen:?}");
    assert_eq!(statuses([&mut one, &mut third]), [200, 401]);
}

// S05
#[test]
fn another_users_handle_ends_nothing() {
    let world = world();
    let [mut ada, mut bob] = [ADA, BOB].map(|id| world.signed_in(id));
    let of_bob = handle(&mut bob);
    for mut who in [ada.clone(), world.browser()] {
        assert_eq!(who.post(&format!("/end/{of_bob}")).body, "false");
    }
    assert_eq!(ada.post(&format!("/end/of/{ADA}/{of_bob}")).body, "false");
    assert_eq!(ada.post("/end/no%20handle").body, "false");
    assert_eq!(statuses([&mut ada, &mut bob]), [200, 200]);
}

// S05
#[test]
fn a_user_ends_all_other_sessions() {
    let world = world();
    let [mut one, mut other, mut third] = [ADA, ADA, ADA].map(|id| world.signed_in(id));
    let mut bob = world.signed_in(BOB);
    assert_eq!(one.post("/end/others").body, "2");
    assert_eq!(statuses([&mut one, &mut other, &mut third, &mut bob]), [200, 401, 401, 200]);
    assert_eq!(world.browser().post("/end/others").body, "0");
}

// S05
#[test]
fn an_administrator_lists_and_ends_the_sessions_of_a_user() {
    let world = world();
    let [mut admin, mut one, mut other] = [BOB, ADA, ADA].map(|id| world.signed_in(id));
    assert_eq!(listed(&mut admin, "/sessions/of/1").len(), 2);
    let of_one = handle(&mut one);
    assert_eq!(admin.post(&format!("/end/of/1/{of_one}")).body, "true");
    assert_eq!(statuses([&mut admin, &mut one, &mut other]), [200, 401, 200]);
    let seen = admin.post("/end/all/1");
    assert_eq!((&*seen.body, seen.set.len()), ("1", 0));
    assert_eq!(statuses([&mut admin, &mut other]), [200, 401]);
    assert_eq!(admin.post("/end/all/7").body, "0");
}

// S05
#[test]
fn ending_all_of_ones_own_sessions_takes_the_own_cookie_as_well() {
    let world = world();
    let [mut one, mut other] = [ADA, ADA].map(|id| world.signed_in(id));
    let mut stolen = one.clone();
    let seen = one.post("/end/all/1");
    assert!(seen.body == "2" && seen.takes_the_cookie_away(), "{seen:?}");
    assert_eq!(statuses([&mut one, &mut other, &mut stolen]), [401, 401, 401]);
}

// S05
#[test]
fn a_changed_password_ends_every_session_but_the_one_that_begins() {
    let world = world();
    let [mut one, mut other] = [ADA, ADA].map(|id| world.signed_in(id));
    let mut stolen = one.clone();
    let seen = one.post("/password");
    assert!(seen.status == 200 && !seen.takes_the_cookie_away(), "{seen:?}");
    assert_eq!(statuses([&mut one, &mut other, &mut stolen]), [200, 401, 401]);
}

// S05
#[test]
fn who_is_not_signed_in_has_no_sessions() {
    let world = world();
    let _ada = world.signed_in(ADA);
    assert!(listed(&mut world.browser(), "/sessions/mine").is_empty());
    // Nor has whom a test signs in.
    let request = world.client.get("/sessions").signed_in(&Account { id: ADA });
    assert_eq!(request.dispatch().into_string().as_deref(), Some("[]"));
}

// S05
#[test]
fn a_deleted_user_is_signed_out_and_not_in_again_when_the_account_returns() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    let mut copy = ada.clone();
    world.fate(ADA, Fate::Deleted);
    let before = world.runs();
    let seen = ada.get("/me");
    assert!(seen.status == 401 && seen.takes_the_cookie_away(), "{seen:?}");
    assert_eq!(seen.header("WWW-Authenticate").len(), 1);
    world.fate(ADA, Fate::Well);
    assert_eq!(copy.get("/me").status, 401);
    assert_eq!(world.runs(), before);
}

// S05
#[test]
fn a_deleted_user_is_nobody_where_nobody_may_come() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.fate(ADA, Fate::Deleted);
    let seen = ada.get("/home");
    assert_eq!((seen.status, &*seen.body), (200, "nobody"));
    assert!(seen.takes_the_cookie_away());
}

// S05
#[test]
fn a_disabled_user_is_refused_and_stays_signed_in() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.fate(ADA, Fate::Disabled);
    for path in ["/me", "/home"] {
        let seen = ada.get(path);
        assert_eq!((seen.status, seen.set.len()), (403, 0), "{path}");
    }
    world.fate(ADA, Fate::Well);
    assert_eq!(ada.get("/me").status, 200);
}

#[test]
fn accounts_that_cannot_be_looked_up_are_503_and_sign_nobody_out() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    world.fate(ADA, Fate::Unreachable);
    for path in ["/me", "/home"] {
        let seen = ada.get(path);
        assert_eq!((seen.status, seen.set.len()), (503, 0), "{path}");
    }
    world.fate(ADA, Fate::Well);
    assert_eq!(ada.get("/me").status, 200);
}

// S05, S07
#[test]
fn no_session_is_ended_in_a_handler_that_any_site_can_cause() {
    #[get("/by-link/<what>/<handle>")]
    async fn by_link(
        what: &str,
        handle: &str,
        sessions: Sessions<'_, Account>,
    ) -> Result<(), Error> {
        match what {
            "end" => sessions.end(handle).await.map(drop),
            "end_of" => sessions.end_of(&ADA, handle).await.map(drop),
            "end_others" => sessions.end_others().await.map(drop),
            "end_all_of" => sessions.end_all_of(&ADA).await.map(drop),
            _ => unreachable!("{what}"),
        }
    }

    let world = World::of("", |rocket| rocket.mount("/", routes![list, by_link]));
    let [mut here, mut there] = [ADA, ADA].map(|id| world.signed_in(id));
    for what in ["end", "end_of", "end_others", "end_all_of"] {
        let handle = handle(&mut there);
        assert_eq!(here.get(&format!("/by-link/{what}/{handle}")).status, 500, "{what}");
        assert_eq!(statuses([&mut here, &mut there]), [200, 200], "{what}");
    }
}

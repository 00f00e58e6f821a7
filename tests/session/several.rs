//! Two strategies of sessions in one application, for two kinds of users.

use super::*;

#[derive(Debug, Clone, PartialEq, Eq, Principal)]
struct Pilot {
    #[principal(id)]
    id: u32,
}

#[verify]
fn pilot_of(id: u32) -> Option<Pilot> {
    Some(Pilot { id })
}

#[protect(strategy = "bridge")]
#[get("/bridge")]
fn bridge(user: User<Pilot>) -> String {
    format!("pilot {}", user.id)
}

#[protect(strategy = ["session", "bridge"])]
#[get("/whoever")]
fn whoever() {}

#[post("/bridge/in/<id>")]
async fn board(id: u32, sessions: Sessions<'_, Pilot>) -> Result<(), Error> {
    sessions.sign_in(&Pilot { id }).await
}

#[post("/bridge/out")]
async fn leave(sessions: Sessions<'_, Pilot>) -> Result<(), Error> {
    sessions.sign_out().await
}

#[get("/bridge/sessions/<id>")]
async fn count(id: u32, sessions: Sessions<'_, Pilot>) -> Result<String, Error> {
    Ok(sessions.list_of(&id).await?.len().to_string())
}

#[get("/sessions/<id>")]
async fn count_accounts(id: u32, sessions: Sessions<'_, Account>) -> Result<String, Error> {
    Ok(sessions.list_of(&id).await?.len().to_string())
}

#[post("/end/<id>")]
async fn end_all(id: u32, sessions: Sessions<'_, Account>) -> Result<String, Error> {
    Ok(sessions.end_all_of(&id).await?.to_string())
}

fn world() -> World {
    World::of("", |rocket| {
        rocket
            .attach(Session::fairing("bridge").verify(pilot_of))
            .mount("/", routes![bridge, whoever, board, leave, count, count_accounts, end_all])
    })
}

fn post(world: &World, path: &str, cookies: &[&str]) -> Seen {
    let request = world.client.post(path.to_owned());
    let request = request.header(Header::new("Sec-Fetch-Site", "same-origin"));
    Seen::of(request.header(Header::new("Cookie", cookies.join("; "))).dispatch())
}

fn get(world: &World, path: &str, cookies: &[&str]) -> Seen {
    let request = world.client.get(path.to_owned());
    Seen::of(request.header(Header::new("Cookie", cookies.join("; "))).dispatch())
}

fn pair(seen: &Seen) -> String {
    seen.set[0].split("; ").next().unwrap().to_owned()
}

#[test]
fn each_has_its_own_cookie_and_its_own_users() {
    let world = world();
    let account = pair(&post(&world, "/in/1", &[]));
    let pilot = pair(&post(&world, "/bridge/in/7", &[&account]));
    assert!(account.starts_with("session=") && pilot.starts_with("bridge="));
    let both = [&*account, &*pilot];
    assert_eq!(get(&world, "/me", &both).body, "1");
    assert_eq!(get(&world, "/bridge", &both).body, "pilot 7");
    assert_eq!(get(&world, "/me", &[&pilot]).status, 401);
    assert_eq!(get(&world, "/bridge", &[&account]).status, 401);
    // Signing out here is no signing out there.
    assert!(post(&world, "/bridge/out", &both).set[0].starts_with("bridge=;"));
    assert_eq!(
        (get(&world, "/me", &both).status, get(&world, "/bridge", &both).status),
        (200, 401)
    );
}

// The signature of a cookie is of one strategy.
#[test]
fn a_cookie_of_one_opens_nothing_under_the_name_of_the_other() {
    let world = world();
    let account = pair(&post(&world, "/in/1", &[]));
    let pilot = pair(&post(&world, "/bridge/in/1", &[]));
    world.spy.round_trips();
    assert_eq!(get(&world, "/bridge", &[&account.replace("session=", "bridge=")]).status, 401);
    assert_eq!(get(&world, "/me", &[&pilot.replace("bridge=", "session=")]).status, 401);
    assert_eq!(world.spy.round_trips(), (0, 0));
}

#[test]
fn a_user_of_one_id_has_the_sessions_of_one_strategy() {
    let world = world();
    let account = pair(&post(&world, "/in/1", &[]));
    let pilot = pair(&post(&world, "/bridge/in/1", &[]));
    assert_eq!(get(&world, "/sessions/1", &[]).body, "1");
    assert_eq!(get(&world, "/bridge/sessions/1", &[]).body, "1");
    assert_eq!(post(&world, "/end/1", &[]).body, "1");
    assert_eq!(get(&world, "/me", &[&account]).status, 401);
    assert_eq!(get(&world, "/bridge", &[&pilot]).status, 200);
}

#[test]
fn a_chain_of_both_lets_either_in_and_challenges_for_both() {
    let world = world();
    let account = pair(&post(&world, "/in/1", &[]));
    let pilot = pair(&post(&world, "/bridge/in/7", &[]));
    for cookie in [&account, &pilot] {
        assert_eq!(get(&world, "/whoever", &[cookie]).status, 200);
    }
    let seen = get(&world, "/whoever", &["session=x", "bridge=y"]);
    assert_eq!((seen.status, seen.header("WWW-Authenticate").len(), seen.set.len()), (401, 2, 2));
}

// Nor does it when both have the secret, as two applications may that nobody compares.
#[test]
fn a_cookie_of_one_is_not_signed_for_another_with_the_same_secret() {
    let table = |name| {
        let secret = "one secret of both, 32 bytes or more";
        figment(&format!("[default.passport.{name}]\ncookie = 'sid'\nsecrets = ['{secret}']"))
    };
    let world = World::launched(table("session"), |rocket| rocket);
    let other = rocket::custom(table("bridge"))
        .manage(world.clock.clock())
        .manage(Store::new(world.spy.clone()))
        .attach(Session::fairing("bridge").verify(pilot_of))
        .mount("/", routes![bridge]);
    let other = Client::untracked(other).unwrap();
    let mut browser = Browser { client: &other, cookie: world.signed_in(ADA).cookie };
    world.spy.round_trips();
    assert_eq!(browser.get("/bridge").status, 401);
    assert_eq!(world.spy.round_trips(), (0, 0));
}

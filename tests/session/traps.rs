//! Traps that other libraries have sprung, with real sessions.

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, http::Status};

use super::*;

/// Signs in, and forwards where `id` is no number.
#[protect(strategy = "session")]
#[get("/open/<_id>")]
fn numbered(_user: User<Account>, _id: u8) {}

#[get("/open/<_name>", rank = 2)]
fn open(_name: &str) -> &'static str {
    "open"
}

#[protect(strategy = "session")]
#[get("/curious/<_id>")]
fn curious_number(_user: User<Account>, _id: u8) {}

#[get("/curious/<_name>", rank = 2)]
fn curious(_name: &str, user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.id.to_string())
}

/// Two strategies, two users.
#[protect(strategy = "session")]
#[get("/second/<_id>")]
fn first(_user: User<Account>, _id: u8) {}

#[protect(strategy = "crew")]
#[get("/second/<_name>", rank = 2)]
fn second(user: User<Account>, _name: &str) -> String {
    format!("{} by {}", user.id, User::strategy(&user))
}

type Crew<'r> = Sessions<'r, Account>;

/// A guard of the application that never lets anybody in.
struct Closed;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Closed {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Error((Status::ImATeapot, ()))
    }
}

#[protect(strategy = "session", optional)]
#[get("/closed")]
fn closed(_user: Option<User<Account>>, _closed: Closed) {}

#[protect(strategy = "local", sign_in = "session")]
#[post("/closed/login?<number>", data = "<user>")]
fn closed_login(user: User<Account>, number: u8) -> String {
    format!("{} {number}", user.id)
}

/// Nobody declared what is asked here.
#[get("/perhaps")]
fn perhaps(user: Option<User<Account>>) -> String {
    user.map_or("nobody".to_owned(), |user| user.id.to_string())
}

fn world() -> World {
    World::of("", |rocket| {
        rocket.mount("/", routes![numbered, open, curious_number, curious, closed, closed_login])
    })
}

// Trap 16
#[test]
fn an_unprotected_route_sees_no_user_of_an_earlier_one() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    assert_eq!(ada.get("/open/7").status, 200);
    assert_eq!(ada.get("/open/a").body, "open");
    let before = world.runs();
    let seen = ada.get("/curious/a");
    assert_eq!(seen.status, 500);
    assert_ne!(seen.body, "1");
    assert!(world.runs() - before <= 1);
}

// Trap 16
#[test]
fn a_route_sees_the_user_of_its_own_strategy() {
    #[protect(strategy = "local", issue = "crew")]
    #[post("/crew", data = "<_user>")]
    async fn board(_user: User<Account>, crew: Crew<'_>) -> Result<(), Error> {
        crew.sign_in(&Account { id: BOB }).await
    }

    let rocket = rocket::custom(figment(""))
        .manage(Accounts::default())
        .manage(Ran::default())
        .attach(Local::fairing("local").verify(check))
        .attach(Session::fairing("session").verify(account_of))
        .attach(Session::fairing("crew").verify(account_of))
        .mount("/", routes![login, board, first, second]);
    let client = Client::untracked(rocket).unwrap();
    let mut session = Browser { client: &client, cookie: None };
    session.login(ADA);
    let mut crew = Browser { client: &client, cookie: None };
    let request = client.post("/crew").header(ContentType::Form);
    crew.send(request.body("username=1&password=tide"));
    let [session, crew] = [session, crew].map(|browser| browser.cookie.unwrap());
    assert!(session.starts_with("session=") && crew.starts_with("crew="));
    let body = |cookie: &str| {
        let request = client.get("/second/a").header(Header::new("Cookie", cookie.to_owned()));
        let seen = Seen::of(request.dispatch());
        (seen.status, if seen.status == 200 { seen.body } else { String::new() })
    };
    assert_eq!(body(&format!("{session}; {crew}")), (200, "2 by crew".to_owned()));
    assert_eq!(body(&session), (401, String::new()));
}

// Trap 17
#[test]
fn who_shows_a_cookie_is_nobody_only_when_it_is_dead() {
    let world = World::of("", |rocket| rocket.mount("/", routes![perhaps]));
    let mut ada = world.signed_in(ADA);
    let mut forged = world.browser();
    forged.cookie = Some("session=forged".to_owned());
    for browser in [&mut ada, &mut forged.clone(), &mut world.browser()] {
        let seen = browser.get("/perhaps");
        assert_eq!(seen.status, 500);
        assert!(!["1", "nobody"].contains(&&*seen.body));
    }
    world.spy.take_down();
    for path in ["/perhaps", "/me", "/home"] {
        let seen = ada.clone().get(path);
        assert!(seen.status >= 500 && seen.body != "nobody", "{path} {seen:?}");
    }
    world.spy.bring_up();
    assert_eq!((&*ada.get("/home").body, &*forged.get("/home").body), ("1", "nobody"));
}

// Trap 18
#[test]
fn a_cookie_is_sent_and_taken_away_also_when_a_later_guard_fails() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    ada.clone().post("/out");
    let seen = ada.get("/closed");
    assert!(seen.status == 418 && seen.takes_the_cookie_away(), "{seen:?}");
}

// Trap 18: nobody is signed in by a request whose other arguments are wrong.
#[test]
fn a_login_whose_query_cannot_be_read_begins_nothing() {
    let world = world();
    let mut ada = world.browser();
    let login = |number: &str| {
        let request = world.client.post(format!("/closed/login?number={number}"));
        let request = request.header(ContentType::Form);
        request.body("username=1&password=tide")
    };
    let seen = ada.send(login("seven"));
    assert!(seen.status >= 400 && seen.set.is_empty(), "{seen:?}");
    assert_eq!(ada.send(login("7")).body, "1 7");
    assert_eq!(ada.get("/me").body, "1");
}

//! What a handler knows of its user, and what a verifier may answer.

use std::time::{Duration, SystemTime};

use passport_rocket::{
    Answer, BoxError, Credentials, Denial, Error, Local, Registration, SignIn, User, Verified,
    from_fn, protect, verify,
};
use passport_rocket_tests::{Ran, client, figment, headers};
use rocket::http::{ContentType, Status};
use rocket::local::blocking::Client;
use rocket::{State, get, post, routes};

use super::{Account, rocket};

/// What a verifier found besides the user.
struct LastSeen(u64);

/// What nobody found.
struct Nothing;

#[test]
fn a_handler_knows_strategy_scopes_and_time() {
    #[protect(strategy = ["token", "timed"])]
    #[get("/me")]
    fn me(user: User<Account>) -> String {
        let scopes = User::scopes(&user);
        let reads = scopes.as_ref().map(|scopes| scopes.contains("tides:read"));
        let time = User::authenticated_at(&user)
            .map(|time| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
        assert!(User::info::<Nothing>(&user).is_none());
        format!("{} by {}, {reads:?}, {time:?}", user.name, User::strategy(&user))
    }

    let timed = Registration::new("timed", |_| {
        Ok(from_fn(|_| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(4711);
            Answer::now(Ok(SignIn::new(Account::named("bob")).with_authenticated_at(time)))
        }))
    });
    let client = client(rocket().attach(timed).mount("/", routes![me]));
    let ada = super::get(&client, "/me", Some("ada")).into_string();
    assert_eq!(ada.as_deref(), Some("ada by token, Some(true), None"));
    let bob = super::get(&client, "/me", None).into_string();
    assert_eq!(bob.as_deref(), Some("bob by timed, None, Some(4711)"));
}

#[protect(strategy = "local")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    let seen = User::info::<LastSeen>(&user).map(|seen| seen.0);
    format!("{}, {seen:?}", user.name)
}

/// The verifier of this test: what it answers depends on the name.
macro_rules! application {
    ($verify:expr) => {
        client(
            rocket::custom(figment(""))
                .manage(Ran::default())
                .attach(Local::fairing("local").verify($verify))
                .mount("/", routes![login]),
        )
    };
}

fn answer(client: &Client, name: &str) -> (u16, Option<String>) {
    let request = client.post("/login").header(ContentType::Form);
    let response = request.body(format!("username={name}&password=x")).dispatch();
    let status = response.status();
    let body = (status == Status::Ok).then(|| response.into_string().unwrap());
    (status.code, body)
}

#[test]
fn a_verifier_adds_information() {
    let client = application!(|login: Credentials| match &*login.username {
        "ada" => Verified::user(Account::named("ada")).info(3_u8).info(LastSeen(3)),
        _ => Verified::nobody(),
    });
    assert_eq!(answer(&client, "ada"), (200, Some("ada, Some(3)".to_owned())));
    assert_eq!(answer(&client, "eve"), (401, None));
}

#[test]
fn a_verifier_may_be_any_function() {
    fn plain(login: Credentials) -> Option<Account> {
        (login.username == "ada").then(|| Account::named("ada"))
    }

    async fn later(login: Credentials) -> Option<Account> {
        rocket::tokio::task::yield_now().await;
        plain(login)
    }

    #[verify]
    fn declared(login: Credentials, ran: &State<Ran>) -> Option<Account> {
        assert_eq!(ran.times(), 0);
        plain(login)
    }

    #[verify]
    async fn declared_later(login: Credentials, ran: &State<Ran>) -> Option<Account> {
        rocket::tokio::task::yield_now().await;
        assert_eq!(ran.times(), 0);
        plain(login)
    }

    let ada = (200, Some("ada, None".to_owned()));
    for client in [
        application!(plain),
        application!(later),
        application!(declared),
        application!(declared_later),
        application!(|login: Credentials| plain(login)),
    ] {
        assert_eq!(answer(&client, "eve"), (401, None));
        assert_eq!(answer(&client, "ada"), ada);
    }
}

// Trap 10
#[test]
fn an_error_of_the_verifier_is_ours() {
    let client = application!(|login: Credentials| match &*login.username {
        "ada" => Ok(Some(Account::named("ada"))),
        "eve" => Ok(None),
        "down" => Err(BoxError::from(Error::unavailable("ask the store", "refused"))),
        _ => Err("the query is wrong".into()),
    });
    assert_eq!(answer(&client, "ada").0, 200);
    assert_eq!(answer(&client, "eve"), (401, None));
    assert_eq!(answer(&client, "down"), (503, None));
    assert_eq!(answer(&client, "bob"), (500, None));
    assert_eq!(client.rocket().state::<Ran>().unwrap().times(), 1);
}

#[test]
fn a_verifier_may_refuse_in_its_own_words() {
    let client = application!(|login: Credentials| match &*login.username {
        "ada" => Ok(Some(Account::named("ada"))),
        "nobody" => Ok(None),
        "locked" => Err(Denial::forbidden("the account is locked")),
        "late" => Err(Denial::rejected("too often").with_status(Status::TooManyRequests)),
        _ => Err(Denial::rejected("no such name")),
    });
    let table = [("ada", 200), ("locked", 403), ("late", 429), ("eve", 401), ("nobody", 401)];
    for (name, status) in table {
        assert_eq!(answer(&client, name).0, status, "{name}");
    }
    // Who is refused for another reason than who they are is not asked to sign in.
    let request = client.post("/login").header(ContentType::Form);
    let response = request.body("username=late&password=x").dispatch();
    assert!(headers(&response, "WWW-Authenticate").is_empty());
}

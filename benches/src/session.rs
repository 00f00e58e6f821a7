//! One route, `/me`, behind a session, and behind what a session is compared with.

use passport_rocket::{Principal, Session, Sessions, User, protect};
use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, get, routes};

use crate::contest::{Application, Contest, HEADS};
use crate::figment;

/// What stands in front of the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing.
    Open,
    /// A guard that costs what a guard costs.
    NoOp,
    /// A guard that asks Redis for one value, as people write it.
    BareGet,
    /// `#[protect(strategy = "session")]`.
    Session,
}

impl Guard {
    /// The guard of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Open, Self::NoOp, Self::BareGet, Self::Session];
        all.into_iter().find(|guard| format!("{guard:?}") == name)
    }

    /// An application with it, and a store at `url`.
    pub fn rocket(self, url: &str) -> Rocket<Build> {
        let with_us = || {
            let table = format!(
                "[default.passport]\nstore = '{url}'\n\
                 session = {{ secrets = ['a secret of the benchmarks, 32 bytes or more'] }}"
            );
            rocket::custom(figment(&table))
                .attach(Session::fairing("session").verify(|id: i64| Some(Account { id })))
        };
        let without = || rocket::custom(figment(""));
        match self {
            Self::Open => without().mount("/", routes![open]),
            Self::NoOp => without().mount("/", routes![no_op]),
            Self::BareGet => without().attach(connected(url.to_owned())).mount("/", routes![bare]),
            Self::Session => with_us().mount("/", routes![ours, begin]),
        }
    }
}

/// The cookies of some sessions, each of another user.
pub fn cookies(contest: &Contest, application: Application) -> Vec<Vec<Header<'static>>> {
    (0..HEADS).map(|id| vec![contest.cookie(application, &format!("/begin/{id}"))]).collect()
}

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
}

struct NoOp;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for NoOp {
    type Error = std::convert::Infallible;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self)
    }
}

struct BareGet(Vec<u8>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for BareGet {
    type Error = redis::RedisError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let mut connection = request.rocket().state::<ConnectionManager>().unwrap().clone();
        match connection.get(KEY).await {
            Ok(value) => Outcome::Success(Self(value)),
            Err(error) => Outcome::Error((Status::ServiceUnavailable, error)),
        }
    }
}

/// As long as a key and a value of ours.
fn connected(url: String) -> AdHoc {
    AdHoc::on_ignite("connect", |rocket| async move {
        let client = redis::Client::open(url).unwrap();
        let mut connection = ConnectionManager::new(client).await.unwrap();
        let _: () = connection.set(KEY, vec![7_u8; 100]).await.unwrap();
        rocket.manage(connection)
    })
}

const KEY: &str = "passport:entry:00000000000000000000000000000000000000000000";

#[get("/me")]
fn open() -> &'static str {
    "ok"
}

#[get("/me")]
fn no_op(_guard: NoOp) -> &'static str {
    "ok"
}

#[get("/me")]
fn bare(found: BareGet) -> &'static str {
    match found.0.len() {
        100 => "ok",
        _ => "another",
    }
}

#[protect(strategy = "session")]
#[get("/me")]
fn ours(user: User<Account>) -> &'static str {
    match user.id {
        0.. => "ok",
        _ => "another",
    }
}

#[get("/begin/<id>")]
async fn begin(id: i64, sessions: Sessions<'_, Account>) -> Result<(), passport_rocket::Error> {
    sessions.sign_in(&Account { id }).await
}

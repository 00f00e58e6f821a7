//! The application that both processes run.

use passport_rocket::{
    Credentials, Error, Local, Principal, Session, SessionData, Sessions, User, protect, public,
    verify,
};
use rocket::figment::Figment;
use rocket::serde::json::Json;
use rocket::{Build, Config, Rocket, get, post, routes};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Principal)]
struct Account {
    #[principal(id)]
    id: u32,
}

#[verify]
fn account_of(id: u32) -> Option<Account> {
    Some(Account { id })
}

/// Everybody's password is `tide`.
#[verify]
fn check(login: Credentials) -> Option<Account> {
    let id = login.username.parse().ok()?;
    (login.password.expose() == "tide").then_some(Account { id })
}

/// What a user writes down.
#[derive(Default, Serialize, Deserialize)]
struct Notes(Vec<String>);

impl SessionData for Notes {
    const NAME: &'static str = "notes";
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>) -> String {
    user.id.to_string()
}

/// A note that is there already was written by a request whose answer was a 503.
#[protect(strategy = "session")]
#[post("/notes/<note>")]
async fn write(user: User<Account>, note: &str, session: Session<'_>) -> Result<String, Error> {
    let write = |Notes(notes): &mut Notes| {
        if !notes.iter().any(|written| written == note) {
            notes.push(note.to_owned());
        }
    };
    session.update(write).await?;
    Ok(user.id.to_string())
}

/// Who asks, and what they have written.
#[protect(strategy = "session")]
#[get("/notes")]
async fn read(user: User<Account>, session: Session<'_>) -> Result<Json<(u32, Notes)>, Error> {
    Ok(Json((user.id, session.get().await?.unwrap_or_default())))
}

#[public("signs out whoever asks")]
#[post("/logout")]
async fn logout(sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.sign_out().await
}

/// On a free port of this machine, over the store at `url`.
pub(super) fn application(url: &str) -> Rocket<Build> {
    let figment = Figment::from(Config::debug_default())
        .merge(("address", "127.0.0.1"))
        .merge(("port", 0))
        // A user who waits for the others is not hung up on.
        .merge(("keep_alive", 600))
        .merge(("passport.store", url))
        .merge(("passport.session.secrets", [SECRET]));
    rocket::custom(figment)
        .attach(Local::fairing("local").verify(check))
        .attach(Session::fairing("session").verify(account_of))
        .mount("/", routes![login, write, read, logout])
}

/// Of both processes, so that either opens what the other has signed.
const SECRET: &str = "a secret of two processes, 32 bytes or more";

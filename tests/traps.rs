//! Traps that other libraries have sprung, each as a test; the numbers are those of the
//! requirements.

use std::sync::atomic::{AtomicUsize, Ordering};

use passport_rocket::{
    Answer, Attempt, Challenge, Credentials, Denial, Local, Principal, Registration, SignIn,
    Strategy, Verdict,
};
use passport_rocket_tests::{Ran, figment};
use rocket::fairing::Fairing;
use rocket::http::Cookie;
use rocket::local::blocking::{Client, LocalResponse};
use rocket::{Build, Rocket};

mod body;
mod browser;
mod catchers;
mod forwards;
mod misuse;
mod orderly;
mod refusals;
mod shapes;
mod users;

#[derive(Debug, Clone, PartialEq, Eq, Principal)]
pub(crate) struct Account {
    #[principal(id)]
    name: String,
    #[principal(role)]
    role: String,
}

impl Account {
    /// `ada` the admin, or any other user.
    fn named(name: &str) -> Self {
        let role = if name == "ada" { "admin" } else { "user" };
        Self { name: name.to_owned(), role: role.to_owned() }
    }
}

/// Reads a header of the strategy's own name: who signs in, or what goes wrong. It greets everybody
/// with a cookie and counts how often it ran.
struct Told {
    name: &'static str,
    runs: AtomicUsize,
}

impl Strategy for Told {
    type User = Account;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        attempt.set_cookie(&Cookie::new(self.name, run.to_string()));
        let told = attempt.request().headers().get_one(self.name);
        Answer::later(async move {
            rocket::tokio::task::yield_now().await;
            match told {
                None => Err(Denial::absent()),
                Some("dead") => Err(Denial::dead("expired session")),
                Some("forged") => Err(Denial::rejected("signature is wrong")),
                Some("malformed") => Err(Denial::malformed("no token")),
                Some("forbidden") => Err(Denial::forbidden("not from here")),
                Some("redirect") => Err(Denial::redirect("/elsewhere")),
                Some("fault") => Err(Denial::fault("key is gone")),
                Some("down") => Err(Denial::unavailable("store is down")),
                Some("panic") => panic!("a strategy panics"),
                Some(name) => {
                    Ok(SignIn::new(Account::named(name)).with_scope("tides:read tides:write"))
                }
            }
        })
    }

    fn challenges(&self, _: &Denial) -> Vec<Challenge> {
        vec![Challenge::new("Told").realm(self.name)]
    }
}

/// What a `Told` is told, and the status of its refusal.
const REFUSALS: [(Option<&str>, u16); 9] = [
    (None, 401),
    (Some("dead"), 401),
    (Some("forged"), 401),
    (Some("malformed"), 400),
    (Some("forbidden"), 403),
    (Some("redirect"), 303),
    (Some("fault"), 500),
    (Some("down"), 503),
    (Some("panic"), 500),
];

fn told(name: &'static str) -> impl Fairing {
    Registration::new(name, move |_| Ok(Told { name, runs: AtomicUsize::new(0) }))
}

/// An application with the strategies `token` and `session`, which do as they are told, and
/// `local`, for which everybody's password is `tide`.
fn rocket() -> Rocket<Build> {
    let check = |login: Credentials| {
        (login.password.expose() == "tide").then(|| Account::named(&login.username))
    };
    rocket::custom(figment(""))
        .manage(Ran::default())
        .attach(told("token"))
        .attach(told("session"))
        .attach(Local::fairing("local").verify(check))
}

/// How often handlers that count did run.
fn runs(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

/// `GET path` with what the strategy `token` is told.
fn get<'c>(client: &'c Client, path: &'c str, token: Option<&'static str>) -> LocalResponse<'c> {
    let mut request = client.get(path);
    if let Some(token) = token {
        request.add_header(rocket::http::Header::new("token", token));
    }
    request.dispatch()
}

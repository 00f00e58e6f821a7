//! What refuses launch: every mistake, its place, and what to do, by real ignitions.

use passport_rocket::{Answer, Denial, Registration, Strategy, from_fn};
use passport_rocket_tests::refusal;
use rocket::fairing::Fairing;
use rocket::{Build, Rocket};

/// The handler of that name, so many lines below.
macro_rules! handler {
    ($name:literal, $below:literal below) => {
        format!("handler `{}` ({}:{})", $name, file!(), line!() + $below)
    };
}

mod body;
mod configuration;
mod declarations;
mod liftoff;
mod order;
mod services;
mod sign_in;
mod sources;
mod strategies;
mod together;
mod users;

struct Account;

/// A strategy of users `U` that nobody passes.
fn never<U: Send + Sync + 'static>() -> impl Strategy<User = U> {
    from_fn(|_| Answer::now(Err(Denial::absent())))
}

/// The same, registered.
fn strategy<U: Send + Sync + 'static>(name: &'static str) -> impl Fairing {
    Registration::new(name, |_| Ok(never::<U>()))
}

/// Launch reports these mistakes, all of them, in this order and once.
#[track_caller]
fn assert_refused<S: AsRef<str>>(rocket: Rocket<Build>, mistakes: &[S]) {
    assert_eq!(refusal(rocket), report(mistakes));
}

/// The report of these mistakes.
fn report<S: AsRef<str>>(mistakes: &[S]) -> String {
    let count = match mistakes.len() {
        1 => "one mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    let mut lines = vec![format!("passport ERROR: launch refused, {count}:")];
    lines.extend(mistakes.iter().map(|mistake| format!("passport ERROR: {}", mistake.as_ref())));
    lines.join("\n")
}

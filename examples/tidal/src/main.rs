//! Tidal: high and low waters of some harbours, open to read, written by those who know them.
//!
//! What it shows of passport-rocket: a login that checks a password and issues a token
//! (`auth`), routes that a role may write to (`tidal`), users read from a database
//! (`account`), and a configuration without a secret in it (`Rocket.toml`).

mod account;
mod auth;
mod catchers;
mod config;
mod db;
mod demo;
mod moment;
mod refusal;
#[cfg(test)]
mod tests;
mod tidal;
mod tide;
mod valid;
mod word;

use passport_rocket::{Jwt, Local};
use rocket::figment::Figment;
use rocket::{Build, Rocket};

/// The whole application over a configuration, so that tests can bring their own.
fn build(config: Figment) -> Rocket<Build> {
    rocket::custom(config)
        .attach(db::fairing())
        .attach(Jwt::fairing("jwt").verify(auth::account_of))
        .attach(Local::fairing("local").verify(auth::check_password))
        .attach(demo::fairing())
        .mount("/api/auth", auth::routes())
        .mount("/api/tidal", tidal::routes())
        .register("/", catchers::all())
}

#[rocket::launch]
fn rocket() -> _ {
    build(config::layers())
}

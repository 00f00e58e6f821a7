//! What the benchmarks compare: one route, behind nothing, behind guards that people write by hand,
//! and behind `#[protect]`.
//!
//! - [`measure`], [`contest`], [`served`]: who takes turns, in this process or behind a socket;
//! - [`competitors`], [`hand`], [`floor`]: the guards, ours and those beside it;
//! - [`refusals`], [`sign`], [`session`]: what is refused, who signs, and who is remembered;
//! - [`keys`], [`token`]: the keys of the run, and what they sign.

pub mod competitors;
pub mod contest;
pub mod floor;
pub mod hand;
pub mod keys;
pub mod measure;
pub mod refusals;
pub mod served;
pub mod session;
pub mod sign;
pub mod token;

use passport_rocket::{Jwt, User, protect};
use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::{Build, Config, Rocket, get, routes};
use serde::{Deserialize, Serialize};

use keys::Keys;

/// The three claims that become the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// A number.
    pub id: i64,
    /// A name.
    pub username: String,
    /// An enum, as applications have them.
    pub employer_type: EmployerType,
}

/// Whom somebody works for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmployerType {
    /// A port.
    Port,
    /// A ship.
    Ship,
}

#[get("/open")]
fn open() -> &'static str {
    "ok"
}

#[protect(strategy = "jwt")]
#[get("/protected")]
fn protected(user: User<Account>) -> &'static str {
    answer(&user)
}

/// Something has to look at the user.
pub fn answer(user: &Account) -> &'static str {
    match user.id {
        7 => "ok",
        _ => "another",
    }
}

/// An application with an open and a protected route, with the keys of one algorithm.
pub fn rocket(keys: &Keys) -> Rocket<Build> {
    rocket_with(&keys.table)
}

/// The same with another table of `jwt`.
pub fn rocket_with(table: &str) -> Rocket<Build> {
    rocket::custom(figment(table))
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![open, protected])
}

/// The configuration of an application in production that logs nothing, with this table.
pub fn figment(table: &str) -> Figment {
    Figment::from(Config::release_default())
        .select(Config::RELEASE_PROFILE)
        .merge(("log_level", "off"))
        .merge(Toml::string(table).nested())
}

//! What the benchmarks compare: one route, behind nothing, behind guards that people write by hand,
//! and behind `#[protect]`.

pub mod contest;
pub mod floor;
pub mod hand;
pub mod keys;
pub mod measure;
pub mod refusals;
pub mod sign;
pub mod token;

use passport_rocket::{Jwt, User, protect};
use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Config, Request, Rocket, get, routes};
use serde::{Deserialize, Serialize};

use floor::Floor;
use hand::ByHand;
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

/// A guard that costs what a guard costs.
pub struct NoOp;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for NoOp {
    type Error = std::convert::Infallible;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self)
    }
}

#[get("/open")]
fn open() -> &'static str {
    "ok"
}

#[get("/noop")]
fn noop(_guard: NoOp) -> &'static str {
    "ok"
}

#[get("/hand")]
fn by_hand(user: ByHand) -> &'static str {
    answer(&user.0)
}

#[get("/floor")]
fn floor_guard(user: Floor) -> &'static str {
    answer(&user.0)
}

#[protect(strategy = "jwt")]
#[get("/protected")]
fn protected(user: User<Account>) -> &'static str {
    answer(&user)
}

/// Something has to look at the user.
fn answer(user: &Account) -> &'static str {
    match user.id {
        7 => "ok",
        _ => "another",
    }
}

/// An application with all of them, with the keys of one algorithm.
pub fn rocket(keys: &Keys) -> Rocket<Build> {
    rocket_with(keys, &keys.table)
}

/// The same with another table of `jwt`.
pub fn rocket_with(keys: &Keys, table: &str) -> Rocket<Build> {
    rocket::custom(figment(table))
        .manage(Floor::verifier(keys))
        .manage(ByHand::verifier(keys))
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![open, noop, by_hand, floor_guard, protected])
}

/// The configuration of an application in production that logs nothing, with this table.
pub fn figment(table: &str) -> Figment {
    Figment::from(Config::release_default())
        .select(Config::RELEASE_PROFILE)
        .merge(("log_level", "off"))
        .merge(Toml::string(table).nested())
}

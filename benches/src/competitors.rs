//! One route, `/me`, in an application for each guard that is compared, so that Rocket's router
//! takes the same way to all of them.

use jsonwebtoken::Algorithm;
use passport_rocket::{Jwt, User, protect};
use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Responder, Rocket, get, routes};

use crate::contest::{Contest, bearer, heads};
use crate::floor::Floor;
use crate::hand::ByHand;
use crate::keys::Keys;
use crate::token::token;
use crate::{Account, answer, figment};

/// What stands in front of the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing, in an application without us.
    Open,
    /// Nothing, and a handler that sends the two headers which we add to a protected route.
    Headed,
    /// Nothing, beside a route that we protect.
    Beside,
    /// A guard that costs what a guard costs.
    NoOp,
    /// The guard that people write.
    ByHand,
    /// The least that can be done.
    Floor,
    /// `#[protect]`, with tokens that nobody remembers.
    FirstSight,
    /// `#[protect]`, with tokens that are remembered, and never come again.
    Remembering,
    /// `#[protect]`, with tokens that were seen.
    Seen,
}

/// All of them.
pub const GUARDS: [Guard; 9] = [
    Guard::Open,
    Guard::Headed,
    Guard::Beside,
    Guard::NoOp,
    Guard::ByHand,
    Guard::Floor,
    Guard::FirstSight,
    Guard::Remembering,
    Guard::Seen,
];

impl Guard {
    /// The guard of this name.
    pub fn named(name: &str) -> Option<Self> {
        GUARDS.into_iter().find(|guard| format!("{guard:?}") == name)
    }

    /// An application with it.
    pub fn rocket(self, keys: &Keys) -> Rocket<Build> {
        let memory = match self {
            Self::FirstSight => "remember_tokens = 0\n",
            _ => "remember_tokens = '8 MiB'\n",
        };
        let with_us = || {
            rocket::custom(figment(&format!("{}{memory}", keys.table)))
                .attach(Jwt::<Account>::fairing("jwt"))
        };
        let without = || rocket::custom(figment(""));
        match self {
            Self::Open => without().mount("/", routes![open]),
            Self::Headed => without().mount("/", routes![headed]),
            Self::Beside => with_us().mount("/", routes![open]).mount("/beside", routes![ours]),
            Self::NoOp => without().mount("/", routes![no_op]),
            Self::ByHand => without().manage(ByHand::verifier(keys)).mount("/", routes![by_hand]),
            Self::Floor => without().manage(Floor::verifier(keys)).mount("/", routes![floor]),
            _ => with_us().mount("/", routes![ours]),
        }
    }
}

/// Enters every guard with the keys of one algorithm; tokens that must be new each time suffice for
/// so many requests.
pub fn contest(algorithm: Algorithm, requests: usize) -> Contest {
    let keys = Keys::new(algorithm);
    let mut contest = Contest::default();
    let tokens = |count| heads(count, |number| bearer(token(&keys, number)));
    let few = tokens(TOKENS);
    for guard in GUARDS {
        let application = contest.launch(guard.rocket(&keys));
        let heads = match guard {
            Guard::Remembering => tokens(requests as u64),
            _ => few.clone(),
        };
        contest.enter(format!("{guard:?}"), application, "/me", heads, Status::Ok);
    }
    contest
}

/// With how many tokens requests take turns.
pub const TOKENS: u64 = 997;

struct NoOp;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for NoOp {
    type Error = std::convert::Infallible;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self)
    }
}

#[get("/me")]
fn open() -> &'static str {
    "ok"
}

#[derive(Responder)]
struct Headed(&'static str, Header<'static>, Header<'static>);

#[get("/me")]
fn headed() -> Headed {
    let vary = Header::new("Vary", "Authorization");
    Headed("ok", Header::new("Cache-Control", "no-store"), vary)
}

#[get("/me")]
fn no_op(_guard: NoOp) -> &'static str {
    "ok"
}

#[get("/me")]
fn by_hand(user: ByHand) -> &'static str {
    answer(&user.0)
}

#[get("/me")]
fn floor(user: Floor) -> &'static str {
    answer(&user.0)
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn ours(user: User<Account>) -> &'static str {
    answer(&user)
}

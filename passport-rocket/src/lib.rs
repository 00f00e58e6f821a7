//! Authentication for Rocket, declared on the handler and proved before the port opens.
//!
//! A strategy finds out who sent a request; an attribute says which one a handler wants; a guard
//! hands the handler its user, as a type of the application.
//!
//! ```
//! # #[cfg(feature = "jwt")] mod page {
//! use passport_rocket::{Jwt, User, protect};
//! use rocket::{get, routes};
//!
//! #[derive(serde::Deserialize)]
//! struct Account {
//!     username: String,
//! }
//!
//! #[protect(strategy = "jwt")]
//! #[get("/me")]
//! fn me(user: User<Account>) -> String {
//!     format!("hello {}", user.username)
//! }
//!
//! # fn rocket() -> rocket::Rocket<rocket::Build> {
//! rocket::build().attach(Jwt::<Account>::fairing("jwt")).mount("/", routes![me])
//! # }
//! # }
//! ```
//!
//! # Strategies
//!
//! | name | what it reads | feature |
//! |---|---|---|
//! | [`jwt`](strategies::jwt) | a signed token in `Authorization`, another header, a cookie, the query, the body, or where a function finds it | `jwt`, default |
//! | [`local`](strategies::local) | user name and password from a form or JSON | `local`, default |
//! | [`session`](strategies::session) | a cookie that stands for somebody who signed in before | `session` |
//! | one's own | anything: [`from_fn`], or the trait [`Strategy`] | |
//!
//! The feature `http-client` fetches the keys of a provider; an [`HttpClient`] of the application
//! does as well. The feature `testing` brings sign-in as anyone, a movable clock and forged tokens
//! for the tests of an application. It is never on by default.
//!
//! What must be remembered from one request to another, sessions for instance, is kept in a
//! [`store`]: in memory, or by the features `sqlite`, `postgres` and `redis` anywhere else.
//!
//! # What a handler declares
//!
//! [`protect`] says who may call it: strategies in the order in which they are tried, roles,
//! scopes, `optional`, what a browser sees instead of a 401, which strategy begins something for
//! whoever signed in (`sign_in`). [`public`] says that everybody may, and why. The handler takes
//! [`User<T>`](User), or [`UserAnd<T, P>`](UserAnd) where the body holds a credential and a
//! payload; `T` is what the strategy's verifier returns ([`verify`]), and [`Principal`] says which
//! of its fields are id, role and scopes.
//!
//! # What is proved at launch
//!
//! Launch is refused, with the handler's file and line, the key and the remedy, when a strategy is
//! not registered, a user is of another type than every strategy of the route yields, a body that
//! is the credential is not completed by the data guard, a `sign_in` names a strategy that begins
//! nothing for users of the route, a key is missing, weak, published, shared or of the wrong kind,
//! or the configuration holds a key that nobody knows. With `require_declaration = true`, a route
//! that is neither protected nor public refuses launch as well. All mistakes are reported in one
//! start.
//!
//! # What a request meets
//!
//! | the strategy sees | in a chain | alone | with `optional` |
//! |---|---|---|---|
//! | no credential, or a dead cookie | next | 401 | nobody |
//! | a rejected credential | next | 401 | 401 |
//! | a malformed one | next | 400 | 400 |
//! | somebody who may not | stop | 403 | 403 |
//! | a need to go elsewhere | stop | 303 | nobody, if nothing wrong was shown before |
//! | our own failure, a store that is down | stop | 500, 503 | 500, 503 |
//!
//! When all fail, the answer is 401 if any says so, otherwise the first one's, with the challenges
//! of all. A refusal is one value, [`Denial`]: catchers read it, Rocket logs it in one line, and
//! the client is told no more than the scheme's RFC permits.
//!
//! # Configuration
//!
//! [`[default.passport]`](config::Options) holds options of the application, and one table for each
//! strategy, under the strategy's name: [`jwt`](strategies::jwt#configuration),
//! [`local`](strategies::local#configuration), [`session`](strategies::session#configuration).
//! Each key can be set by environment.
//!
//! # Extending
//!
//! [`strategy`] is the contract, and the one module that the author of a strategy has to read.

#![cfg_attr(docsrs, feature(doc_cfg))]

// The macros name this crate by its absolute path, also in its own tests.
#[allow(unused_extern_crates, reason = "doctests and macros of this crate need it")]
extern crate self as passport_rocket;

mod audit;
mod authorize;
mod begin;
mod catchers;
mod challenge;
mod clock;
pub mod config;
pub mod credential;
pub mod csrf;
mod declaration;
pub mod denial;
pub mod duration;
mod error;
mod fairing;
#[cfg(any(feature = "http-client", feature = "jwt"))]
mod http_client;
mod json;
mod liftoff;
mod one_line;
mod payload;
mod probe;
mod protect;
mod reason;
mod registration;
mod registry;
mod return_path;
mod secret;
mod sign_in;
mod slot;
#[cfg(feature = "store")]
pub mod store;
pub mod strategies;
pub mod strategy;
#[cfg(feature = "testing")]
pub mod testing;
mod user;
mod verify;

pub use authorize::Scopes;
pub use catchers::catchers;
pub use challenge::Challenge;
pub use clock::Clock;
pub use config::Mistake;
pub use declaration::{Declaration, Need, Unauthenticated};
pub use denial::Denial;
pub use error::{BoxError, Error, ErrorKind};
#[cfg(any(feature = "http-client", feature = "jwt"))]
pub use http_client::{Http, HttpClient, HttpLimits};
pub use passport_macros::{Principal, protect, public, verify};
pub use payload::{Payload, UserAnd};
pub use probe::{Parameter, Speaks};
pub use registration::{Builder, Registration, Setup};
pub use return_path::ReturnPath;
pub use secret::Secret;
pub use sign_in::{Kept, SignIn};
#[cfg(feature = "store")]
pub use store::Store;
#[cfg(all(feature = "jwt", feature = "testing"))]
pub use strategies::jwt::Forge;
#[cfg(feature = "jwt")]
pub use strategies::jwt::{Jwt, Key, Subject, TokenClaims, Tokens, Unverified, danger};
#[cfg(feature = "local")]
pub use strategies::local::{Credentials, Local, password};
#[cfg(feature = "session")]
pub use strategies::session::{Flash, Session, SessionData, SessionInfo, Sessions};
pub use strategy::{Answer, Attempt, Body, FromFn, Service, Strategy, Verdict, from_fn};
pub use user::{Principal, User};
pub use verify::{IntoDenial, Verified, Verify, VerifyOutput};

/// What the macros write against; no part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use rocket;

    pub use crate::__completes_body as completes_body;
    pub use crate::__parameter as parameter;
    pub use crate::authorize::{Unmet, scopes};
    pub use crate::declaration::{Declaration, Need, Unauthenticated};
    pub use crate::probe::{
        CompletesBody, Guard, Parameter, Position, Probe, Unasked, WantedService, WantedUser,
        Wrapping,
    };
    pub use crate::protect::{Audit, Last, Mark, Open, Protected, Requirement};
    pub use crate::user::SignedIn;
    pub use crate::verify::{Async, Call, Declared, Plain, Verifies, guard};

    /// The parts of the hidden guard under names so short that Rocket logs its type in one line.
    pub mod short {
        pub use crate::protect::{
            Audit as __A, Last as __L, Mark as __M, Open as __O, Protected as __P,
        };
    }

    /// The role of a user type that has none.
    #[derive(Debug)]
    #[allow(clippy::exhaustive_enums, reason = "nobody can have it")]
    pub enum NoRole {}

    impl<R: ?Sized> PartialEq<R> for NoRole {
        fn eq(&self, _: &R) -> bool {
            match *self {}
        }
    }
}

/// Rocket's `routes!`, with each handler's full path as the route's name.
///
/// Rocket itself knows a handler by its bare name. That is enough to prove that every mounted route
/// is declared, unless two look alike or one is mounted twice; launch then asks for this macro.
///
/// ```
/// use passport_rocket::{protect, routes, User};
/// use rocket::get;
///
/// #[protect(strategy = "jwt")]
/// #[get("/me")]
/// fn me(user: User<String>) -> String { user.to_string() }
///
/// # fn main() {
/// let rocket = rocket::build().mount("/v1", routes![me]).mount("/v2", routes![me]);
/// # let _ = rocket;
/// # }
/// ```
#[macro_export]
macro_rules! routes {
    ($($handler:path),* $(,)?) => {
        ::std::vec![$({
            type Handler = $handler;
            let mut route: $crate::__private::rocket::Route = (Handler {}).into_route();
            route.name = ::core::option::Option::Some(::core::any::type_name::<Handler>().into());
            route
        }),*]
    };
}

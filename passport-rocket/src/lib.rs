//! Declarative authentication for Rocket.

#![cfg_attr(docsrs, feature(doc_cfg))]

// The macros name this crate by its absolute path, also in its own tests.
#[allow(unused_extern_crates, reason = "doctests and macros of this crate need it")]
extern crate self as passport_rocket;

mod audit;
mod authorize;
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
#[cfg(any(feature = "jwt", feature = "local"))]
mod json;
mod probe;
mod protect;
mod registration;
mod registry;
mod return_path;
mod secret;
mod slot;
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
pub use passport_macros::{Principal, protect, public, verify};
pub use probe::{Parameter, Speaks};
pub use registration::{Builder, Registration, Setup};
pub use return_path::ReturnPath;
pub use secret::Secret;
#[cfg(feature = "jwt")]
pub use strategies::jwt::{Jwt, TokenClaims, Tokens};
#[cfg(feature = "local")]
pub use strategies::local::{Credentials, Local, password};
pub use strategy::{Answer, Attempt, Body, FromFn, Service, SignIn, Strategy, Verdict, from_fn};
pub use user::{Principal, User};
pub use verify::{Verified, Verify, VerifyOutput};

/// What the macros write against; no part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use rocket;

    pub use crate::__completes_body as completes_body;
    pub use crate::__parameter as parameter;
    pub use crate::authorize::{Unmet, scopes};
    pub use crate::declaration::{Declaration, Need, Unauthenticated};
    pub use crate::probe::{
        CompletesBody, Parameter, Position, Probe, Unasked, WantedService, WantedUser, Wrapping,
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

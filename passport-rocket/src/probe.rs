//! What the types of a handler's parameters mean to us, decided by the compiler and not by their
//! spelling, so that an alias hides nothing.
//!
//! Rocket's own trick for Sentinels: an inherent item of `Probe<User<T>>` wins over the trait's
//! item of the same name, which every other type falls back to.

use std::any::TypeId;
use std::marker::PhantomData;

use rocket::{Ignite, Rocket, Sentinel};

use crate::payload::{Payload, UserAnd};
use crate::user::{Principal, SignedIn, User};

/// Asks about `T`.
#[allow(missing_debug_implementations)]
pub struct Probe<T: ?Sized>(PhantomData<fn(&T)>);

/// A parameter of a handler or a verifier, as the macros describe it: its name, where Rocket takes
/// it from, whether it is a user, speaks for a service, or has a Sentinel.
#[derive(Debug, Clone)]
#[allow(clippy::exhaustive_structs, reason = "written by our own macro")]
pub struct Parameter {
    #[doc(hidden)]
    pub name: &'static str,
    #[doc(hidden)]
    pub position: Position,
    #[doc(hidden)]
    pub user: Option<WantedUser>,
    #[doc(hidden)]
    pub service: Option<WantedService>,
    #[doc(hidden)]
    pub sentinel: Option<fn(&Rocket<Ignite>) -> bool>,
}

/// Where Rocket takes a parameter from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "written by our own macro")]
pub enum Position {
    /// A request guard, or a part of the path or query.
    Request,
    /// The data guard.
    Data,
}

/// A `User<T>` or a `UserAnd<T, _>` among the parameters.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "read by the audit only")]
pub struct WantedUser {
    /// Which of the two guards it is.
    pub guard: Guard,
    /// In what it is wrapped.
    pub wrapping: Wrapping,
    /// `T`.
    pub type_id: TypeId,
    /// The name of `T`.
    pub type_name: &'static str,
}

/// The guards that are users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "read by the audit only")]
pub enum Guard {
    /// `User<T>`.
    User,
    /// `UserAnd<T, _>`.
    UserAnd,
}

/// In what such a guard is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "read by the audit only")]
pub enum Wrapping {
    /// In nothing.
    None,
    /// `Option<…>`.
    Option,
    /// `Result<…, _>`.
    Result,
}

/// A parameter that speaks for a service of a strategy.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "read by the audit only")]
pub struct WantedService {
    /// The service's type.
    pub type_id: TypeId,
    /// What it is called in a message.
    pub what: &'static str,
}

/// A guard that speaks for a [`Service`](crate::Service) of a strategy, as `Tokens` does for the
/// one that signs.
///
/// Launch proves that the service is there: offered by the strategy that `issue` names or, without
/// it, by the one that `sign_in` names, or else by exactly one.
pub trait Speaks {
    /// The service's type.
    type Service: Send + Sync + 'static;

    /// What it does, in a word: `tokens`.
    const WHAT: &'static str;
}

/// A data guard that completes the sign-in of a route whose credential is the body.
///
/// It is ours alone: a guard that claimed this and let the body pass would open its route. Only
/// such a type lets the engine leave a body unread until Rocket asks the data guard; with any
/// other, a credential in the body counts as absent.
pub trait CompletesBody {}

impl<T: Send + Sync + 'static> CompletesBody for User<T> {}

impl<T: Send + Sync + 'static, P: Payload> CompletesBody for UserAnd<T, P> {}

/// The answers for a type that means nothing to us.
pub trait Unasked {
    /// Whether it is a `User<T>` or `UserAnd<T, _>`, in whatever wrapping.
    const IS_USER: bool = false;
    /// Whether it is [`CompletesBody`].
    const COMPLETES_BODY: bool = false;

    /// Which user it is.
    #[must_use]
    fn user() -> Option<WantedUser> {
        None
    }

    /// Which service it speaks for.
    #[must_use]
    fn service() -> Option<WantedService> {
        None
    }

    /// Its Sentinel.
    #[must_use]
    fn sentinel() -> Option<fn(&Rocket<Ignite>) -> bool> {
        None
    }

    /// Whether its user has the role.
    fn has_role<R: ?Sized>(_who: &SignedIn, _role: &R) -> Option<bool> {
        None
    }

    /// Whether its user has the scope.
    #[must_use]
    fn has_scope(_who: &SignedIn, _scope: &str) -> Option<bool> {
        None
    }
}

impl<T: ?Sized> Unasked for Probe<T> {}

macro_rules! user_in {
    ($guard:ident, $wrapping:ident: $($generics:ident $(: $bound:path)?),* => $type:ty) => {
        impl<$($generics: 'static $(+ $bound)?),*> Probe<$type> {
            /// See [`Unasked`].
            pub const IS_USER: bool = true;

            /// See [`Unasked`].
            #[must_use]
            pub fn user() -> Option<WantedUser> {
                Some(WantedUser {
                    guard: Guard::$guard,
                    wrapping: Wrapping::$wrapping,
                    type_id: TypeId::of::<T>(),
                    type_name: std::any::type_name::<T>(),
                })
            }

            /// See [`Unasked`].
            #[must_use]
            pub fn has_role<R: ?Sized>(who: &SignedIn, role: &R) -> Option<bool>
            where
                T: Principal<Role: PartialEq<R>>,
            {
                // A user of another type is refused at launch; here it has no role at all.
                Some(who.user_ref::<T>().is_some_and(|user| user.has_role(role)))
            }
        }

        impl<$($generics: 'static $(+ $bound)?),*> Probe<$type>
        where
            T: Principal,
        {
            /// See [`Unasked`].
            #[must_use]
            pub fn has_scope(who: &SignedIn, scope: &str) -> Option<bool> {
                let user = who.user_ref::<T>()?;
                user.scopes().map(|scopes| scopes.contains(scope))
            }
        }
    };
}

user_in!(User, None: T => User<T>);
user_in!(User, Option: T => Option<User<T>>);
user_in!(User, Result: T, E => Result<User<T>, E>);
user_in!(UserAnd, None: T, P: Payload => UserAnd<T, P>);
user_in!(UserAnd, Option: T, P: Payload => Option<UserAnd<T, P>>);
user_in!(UserAnd, Result: T, P: Payload, E => Result<UserAnd<T, P>, E>);

impl<T: CompletesBody> Probe<T> {
    /// See [`Unasked`].
    pub const COMPLETES_BODY: bool = true;
}

impl<T: Speaks> Probe<T> {
    /// See [`Unasked`].
    #[must_use]
    pub fn service() -> Option<WantedService> {
        Some(WantedService { type_id: TypeId::of::<T::Service>(), what: T::WHAT })
    }
}

impl<T: Sentinel + ?Sized> Probe<T> {
    /// See [`Unasked`].
    #[must_use]
    pub fn sentinel() -> Option<fn(&Rocket<Ignite>) -> bool> {
        Some(T::abort)
    }
}

/// Describes one parameter.
#[doc(hidden)]
#[macro_export]
macro_rules! __parameter {
    ($name:expr, $position:ident, $type:ty) => {{
        #[allow(unused_imports)]
        use $crate::__private::Unasked as _;
        $crate::__private::Parameter {
            name: $name,
            position: $crate::__private::Position::$position,
            user: $crate::__private::Probe::<$type>::user(),
            service: $crate::__private::Probe::<$type>::service(),
            sentinel: $crate::__private::Probe::<$type>::sentinel(),
        }
    }};
}

/// Whether a data guard's type completes a sign-in by body.
#[doc(hidden)]
#[macro_export]
macro_rules! __completes_body {
    ($type:ty) => {{
        #[allow(unused_imports)]
        use $crate::__private::Unasked as _;
        $crate::__private::Probe::<$type>::COMPLETES_BODY
    }};
}

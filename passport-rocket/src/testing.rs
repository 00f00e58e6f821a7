//! For the tests of an application: sign in as anyone, and move the time. Feature `testing`.
//!
//! A test that is about tokens, not about who signed in, forges them: `passport_rocket::Forge`,
//! with the feature `jwt`.
//!
//! Nothing here can be reached over the network: a sign-in is put into a local request by the
//! process that owns it.
//!
//! Make each request anew. A clone of a local request shares Rocket's request cache, and with it
//! the verdicts that were kept when the first of them was dispatched.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rocket::Request;
use rocket::local::{asynchronous, blocking};

use crate::clock::Clock;
use crate::registry::Entry;
use crate::sign_in::SignIn;
use crate::user::SignedIn;

/// Signs a local request in, whatever the strategy of its route.
///
/// ```
/// use passport_rocket::testing::SignedInAs;
/// use rocket::local::blocking::Client;
///
/// #[derive(Clone)]
/// struct Account { username: String }
///
/// fn test(client: &Client, ada: &Account) {
///     let response = client.get("/me").signed_in(ada).dispatch();
///     assert_eq!(response.into_string().unwrap(), "hello ada");
/// }
/// ```
///
/// The first strategy of the route that yields a `T` is taken to have signed `user` in; roles and
/// scopes are asked as ever. A route without such a strategy refuses as if nothing had been sent.
pub trait SignedInAs {
    /// Signs in as `user`.
    #[must_use]
    fn signed_in<T: Clone + Send + Sync + 'static>(self, user: &T) -> Self;

    /// Signs in as `user` with the scopes of a credential, separated by spaces.
    #[must_use]
    fn signed_in_with_scope<T: Clone + Send + Sync + 'static>(self, user: &T, scope: &str) -> Self;
}

macro_rules! signed_in_as {
    ($($request:ty),*) => {$(
        impl SignedInAs for $request {
            fn signed_in<T: Clone + Send + Sync + 'static>(self, user: &T) -> Self {
                Forced::put(self.inner(), user, None);
                self
            }

            fn signed_in_with_scope<T: Clone + Send + Sync + 'static>(
                self,
                user: &T,
                scope: &str,
            ) -> Self {
                Forced::put(self.inner(), user, Some(scope.to_owned()));
                self
            }
        }
    )*};
}

signed_in_as!(blocking::LocalRequest<'_>, asynchronous::LocalRequest<'_>);

/// The sign-in that a test put into a request.
#[derive(Default)]
struct Forced(Mutex<Option<Force>>);

struct Force {
    user_type: TypeId,
    sign_in: Box<SignInBy>,
    /// Made before in this request, and by which strategy: its sign-in stays the same one.
    made: Option<(Arc<str>, SignedIn)>,
}

/// Signs in by a strategy of this name.
type SignInBy = dyn Fn(&Arc<str>) -> SignedIn + Send;

impl Forced {
    fn put<T: Clone + Any + Send + Sync>(request: &Request<'_>, user: &T, scope: Option<String>) {
        let user = user.clone();
        let sign_in = Box::new(move |strategy: &Arc<str>| {
            let sign_in = SignIn::new(user.clone());
            SignedIn::new(
                strategy,
                match &scope {
                    Some(scope) => sign_in.with_scope(scope.clone()),
                    None => sign_in,
                },
            )
        });
        let forced = request.local_cache(Self::default);
        *forced.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Force { user_type: TypeId::of::<T>(), sign_in, made: None });
    }
}

/// The sign-in that a test wants of this strategy.
pub(crate) fn forced(request: &Request<'_>, entry: &Entry) -> Option<SignedIn> {
    let forced = request.local_cache(Forced::default);
    let mut forced = forced.0.lock().unwrap_or_else(PoisonError::into_inner);
    let force = forced.as_mut().filter(|force| force.user_type == entry.user_type.0)?;
    if let Some((strategy, made)) = &force.made
        && *strategy == entry.name
    {
        return Some(made.clone());
    }
    let made = (force.sign_in)(&entry.name);
    force.made = Some((Arc::clone(&entry.name), made.clone()));
    Some(made)
}

/// A clock that a test moves.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use passport_rocket::testing::MovableClock;
///
/// let clock = MovableClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(60));
/// let rocket = rocket::build().manage(clock.clock());
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(65));
/// # let _ = rocket;
/// ```
#[derive(Debug, Clone)]
pub struct MovableClock(Arc<Mutex<SystemTime>>);

impl MovableClock {
    /// A clock that stands at `time` until it is moved.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Sets it.
    pub fn set(&self, time: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// The clock to manage: `rocket.manage(clock.clock())`.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::new(move || this.now())
    }
}

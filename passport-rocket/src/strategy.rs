//! The contract between the engine and a strategy: the one file a strategy's author must read.
//!
//! A [`Strategy`] looks at one request and gives a [`Verdict`]: somebody signed in, or a [`Denial`]
//! that says how it failed. Everything else belongs to the engine: the order of strategies, roles
//! and scopes, status codes, challenges of a whole chain, cookies that survive an error page,
//! caching headers, launch checks.
//!
//! ```
//! use std::borrow::Cow;
//! use passport_rocket::{Answer, Attempt, Challenge, Denial, Registration, SignIn, Strategy, Verdict};
//!
//! struct Invitation { code: String }
//!
//! struct Invited { by: String }
//!
//! impl Strategy for Invitation {
//!     type User = Invited;
//!
//!     fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<Invited>> {
//!         Answer::now(match attempt.header("X-Invitation") {
//!             Ok(None) => Err(Denial::absent()),
//!             Ok(Some(code)) if code == self.code => Ok(SignIn::new(Invited { by: "host".into() })),
//!             Ok(Some(_)) => Err(Denial::rejected("not on the list").read_from("X-Invitation")),
//!             Err(denial) => Err(denial),
//!         })
//!     }
//!
//!     fn challenges(&self, _: &Denial) -> Vec<Challenge> {
//!         vec![Challenge::new("Invitation").realm("party")]
//!     }
//!
//!     fn reads(&self) -> &[Cow<'static, str>] {
//!         &[Cow::Borrowed("X-Invitation")]
//!     }
//! }
//!
//! # use serde::Deserialize;
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Config { code: String }
//!
//! rocket::build().attach(Registration::new("invitation", |setup| {
//!     let config: Config = setup.config()?;
//!     Ok(Invitation { code: config.code })
//! }));
//! ```
//!
//! # The walk
//!
//! What a strategy may need, and where the contract has room for it:
//!
//! | need | place |
//! |---|---|
//! | several challenges | [`Strategy::challenges`] returns a list; [`Denial::with_challenge`] adds those of one attempt |
//! | headers and cookies on success | [`Attempt::set_header`], [`Attempt::set_cookie`]: written in every outcome |
//! | beginning what outlives the request: a session | [`Strategy::begins`] and [`Strategy::begin`], for handlers with `sign_in = "…"` |
//! | redirect with cookies | [`Denial::redirect`] after [`Attempt::set_cookie`] |
//! | the body is the credential, or holds it beside a payload | [`Strategy::body`] and [`Strategy::authenticate_body`], which is lent a [`RequestBody`] |
//! | the verifier is asked first (Digest, key providers) | the strategy owns its verifier and calls [`Verify::verify`](crate::Verify::verify) when it suits: with a name before, or an identity after, the protocol is checked |
//! | routes of its own | [`Strategy::routes`], mounted at the root before launch checks run |
//! | options of the route | keys of the strategy's table; two sets of options are two names, so that all of them are proved at launch. [`Attempt::declaration`] tells what the handler asks for, to word a challenge by |
//! | clock, store and HTTP handles | [`Attempt::now`] for the time; other handles are built from [`Setup`](crate::Setup) and kept in the strategy: [`Setup::store`](crate::Setup::store), [`Http::of`](crate::Http::of) |
//! | I/O before the port opens | [`Strategy::prepare`] |
//! | `stale=true` and other state of one attempt | [`Denial::with_challenge`]: an explicit challenge replaces the strategy's general ones |
//! | no I/O, no boxed future | [`Answer::now`] |
//! | a strategy in a closure | [`from_fn`] |

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::http::{Cookie, Header, Status};
use rocket::{Orbit, Request, Rocket, Route};

use crate::challenge::Challenge;
use crate::config::{Mistake, Options};
use crate::credential::{self, RequestBody};
use crate::csrf;
use crate::declaration::Declaration;
use crate::denial::Denial;
use crate::error::Error;
use crate::probe::Parameter;
use crate::registry::{Launching, Registry};
use crate::sign_in::SignIn;
use crate::slot::Slot;
use crate::user::User;

/// A way to find out who sent a request.
///
/// Implement it for a scheme that this crate does not bring, and hand it to
/// [`Registration`](crate::Registration). The [module](self) shows a whole one.
pub trait Strategy: Send + Sync + 'static {
    /// Who signs in by this strategy: the `T` of [`User<T>`](crate::User).
    type User: Send + Sync + 'static;

    /// Judges the head of a request.
    ///
    /// Absent, malformed and rejected are three things: [`Denial::absent`] when there is no
    /// credential for this strategy at all, [`Denial::malformed`] when there is one that cannot be
    /// read, [`Denial::rejected`] when it was read and is wrong. A store that is down is
    /// [`Denial::unavailable`], never any of these.
    ///
    /// # Security
    /// The verdict is kept for the request and serves every route that it is forwarded to: it must
    /// not depend on the route.
    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<Self::User>>;

    /// Whether credentials of this strategy travel in the body.
    ///
    /// _Default:_ [`Body::Never`].
    fn body(&self) -> Body {
        Body::Never
    }

    /// Judges the body of a request, where [`Strategy::body`] says that it may hold a credential
    /// and the route's data guard reads it.
    ///
    /// [`Denial::absent`] leaves what [`Strategy::authenticate`] said of the head as it is; any
    /// other verdict takes its place, since a page puts nothing into a body without meaning it. So
    /// a strategy that reads both places refuses here what contradicts: another token in the head,
    /// for instance.
    ///
    /// What is taken out of the [`RequestBody`] is hidden from the payload that comes along, and
    /// not from the next strategy.
    fn authenticate_body<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        body: &'r mut RequestBody<'_>,
    ) -> Answer<'r, Verdict<Self::User>> {
        let _ = (attempt, body);
        Answer::now(Err(Denial::absent()))
    }

    /// Whether it can begin something that outlives the request, a session for instance, for a user
    /// whom another strategy signed in: what `sign_in = "…"` of a handler may name.
    ///
    /// _Default:_ no.
    fn begins(&self) -> bool {
        false
    }

    /// Begins it for `user`, as the last step before the handler: every strategy, role and scope
    /// was asked, and where the data guard is a [`User<T>`](crate::User) or a
    /// [`UserAnd`](crate::UserAnd), the body was read. Nothing begins for nobody (`optional`).
    ///
    /// It is asked once in a request, also when the route forwards to another that begins the same
    /// for the same sign-in; if that one would begin anything else, the request ends as a fault.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use passport_rocket::{Answer, Attempt, Denial, SignIn, Strategy, User, Verdict};
    /// use rocket::http::Cookie;
    ///
    /// #[derive(Default)]
    /// struct Visits(AtomicU64);
    ///
    /// struct Account { name: String }
    ///
    /// impl Strategy for Visits {
    ///     type User = Account;
    ///
    ///     fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
    ///         Answer::now(Err(Denial::absent())) // it counts, and knows nobody again
    ///     }
    ///
    ///     fn begins(&self) -> bool {
    ///         true
    ///     }
    ///
    ///     fn begin<'r>(
    ///         &'r self,
    ///         attempt: Attempt<'r, '_>,
    ///         _user: User<Account>,
    ///     ) -> Answer<'r, Result<(), Denial>> {
    ///         let visit = self.0.fetch_add(1, Ordering::Relaxed);
    ///         attempt.set_cookie(&Cookie::new("visit", visit.to_string()));
    ///         Answer::now(Ok(()))
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// Any denial ends the request with its status, and the handler does not run: a store that is
    /// down is [`Denial::unavailable`].
    ///
    /// # Security
    /// What begins must be new. An id that the request brought may be one that somebody else put
    /// there. Later guards of the handler may still fail or forward; what was set by
    /// [`Attempt::set_cookie`] is sent all the same, and only to who signed in.
    fn begin<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        user: User<Self::User>,
    ) -> Answer<'r, Result<(), Denial>> {
        let _ = (attempt, user);
        Answer::Now(Err(Denial::fault("the strategy begins nothing")))
    }

    /// What `WWW-Authenticate` asks for after `denial` (RFC 9110 section 11.6.1); for a 401 of a
    /// chain, every strategy that was tried is asked.
    ///
    /// _Default:_ nothing. A 401 without any challenge gets one with an unregistered scheme, named
    /// like the strategy, so that RFC 9110 holds and no browser opens its own prompt.
    fn challenges(&self, denial: &Denial) -> Vec<Challenge> {
        let _ = denial;
        Vec::new()
    }

    /// The request headers that the verdict depends on, for `Vary`.
    ///
    /// _Default:_ `Authorization`.
    fn reads(&self) -> &[Cow<'static, str>] {
        const { &[Cow::Borrowed("Authorization")] }
    }

    /// Parameters of the query in which a credential may stand. Whoever is sent to sign in does not take
    /// them along in the return path: a refused credential would come back with them for ever.
    ///
    /// _Default:_ none.
    fn query_parameters(&self) -> Vec<String> {
        Vec::new()
    }

    /// Routes the strategy needs for itself, a callback for instance, mounted at `/`.
    ///
    /// _Default:_ none.
    fn routes(&self) -> Vec<Route> {
        Vec::new()
    }

    /// What handlers may ask of this strategy besides the user, as typed handles: `jwt` offers the
    /// signer behind `Tokens`.
    ///
    /// _Default:_ nothing.
    fn services(&self) -> Vec<Service> {
        Vec::new()
    }

    /// Guard types that the application's verifier asks for, so that launch can ask their
    /// Sentinels.
    ///
    /// _Default:_ none. Strategies with a verifier return
    /// [`Verify::parameters`](crate::Verify::parameters).
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    /// Gets what has to be there before the port opens and takes I/O to get: the keys of a
    /// provider. Asked once, after the strategy was built, and awaited: bound the time it takes.
    ///
    /// _Default:_ nothing.
    ///
    /// # Errors
    /// What could not be had refuses launch. [`Setup::mistake`](crate::Setup::mistake) says where
    /// it is configured; the strategy makes the mistake while it is built, and keeps it.
    fn prepare(&self, now: SystemTime) -> Answer<'_, Result<(), Vec<Mistake>>> {
        let _ = now;
        Answer::Now(Ok(()))
    }

    /// A credential that opens the strategy's routes, to be printed once at liftoff.
    ///
    /// Return one only when the key was made for this run in the debug profile: what is printed
    /// must be worthless anywhere else.
    ///
    /// _Default:_ none.
    fn sample(&self, now: SystemTime) -> Option<Header<'static>> {
        let _ = now;
        None
    }
}

/// What a strategy says of a request: who signed in, or how it failed.
pub type Verdict<U> = Result<SignIn<U>, Denial>;

/// Where credentials of a strategy may travel besides the head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// In the head only: headers, cookies, the query.
    Never,
    /// In the head or in the body. On a route whose data guard reads no credential, in the head.
    Also,
    /// In the body only; such a strategy stands alone on its route.
    Only,
}

/// A value that is there now or will be later: a strategy without I/O answers without a boxed
/// future.
#[non_exhaustive]
pub enum Answer<'r, T> {
    /// Known already.
    Now(T),
    /// Known when the future ends.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'r>>),
}

impl<'r, T> Answer<'r, T> {
    /// An answer that is known already.
    pub fn now(value: T) -> Self {
        Self::Now(value)
    }

    /// An answer that needs I/O.
    pub fn later(future: impl Future<Output = T> + Send + 'r) -> Self {
        Self::Later(Box::pin(future))
    }

    /// Applies `f` to the value, now or when it arrives.
    pub fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'r) -> Answer<'r, U>
    where
        T: 'r,
    {
        match self {
            Self::Now(value) => Answer::Now(f(value)),
            Self::Later(future) => Answer::Later(Box::pin(async move { f(future.await) })),
        }
    }

    /// Waits for the value.
    pub async fn get(self) -> T {
        match self {
            Self::Now(value) => value,
            Self::Later(future) => future.await,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(value) => f.debug_tuple("Now").field(value).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}

/// One try of one strategy at one request: the request, and what the engine lends a strategy.
#[derive(Clone, Copy)]
pub struct Attempt<'r, 'i> {
    pub(crate) request: &'r Request<'i>,
    pub(crate) registry: &'r Registry,
    pub(crate) declaration: &'static Declaration,
    pub(crate) slot: &'r Slot,
}

impl<'r, 'i> Attempt<'r, 'i> {
    /// The request under judgement.
    #[must_use]
    pub fn request(&self) -> &'r Request<'i> {
        self.request
    }

    /// The one value of a request header.
    ///
    /// # Errors
    /// Malformed (400) when the header stands there twice: which of the two is meant is not ours to
    /// guess.
    pub fn header(&self, name: &str) -> Result<Option<&'r str>, Denial> {
        // A look at each of the few that there are is cheaper than a look-up, which hashes the name
        // letter by letter.
        let mut found = None;
        for header in self.request.headers().iter().filter(|header| header.name == name) {
            let Cow::Borrowed(value) = header.value else { continue };
            if found.replace(value).is_some() {
                return Err(Denial::malformed(format!("two {name} headers")));
            }
        }
        Ok(found)
    }

    /// What the handler declared, its scopes for instance, to word a challenge or a redirect by.
    /// Whether somebody signs in must not depend on it: the verdict outlives the route.
    #[must_use]
    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// The options of the table `[passport]`.
    #[must_use]
    pub fn options(&self) -> &'r Options {
        self.registry.options()
    }

    /// The time, by the application's [`Clock`](crate::Clock).
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.registry.clock().now()
    }

    /// The client's address, by the option `client_address`.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        self.options().client_address.of(self.request)
    }

    /// Sends a header with the response, whatever the outcome.
    ///
    /// Rocket drops what a guard changed when the request ends in a catcher; this does not.
    pub fn set_header(&self, header: Header<'static>) {
        self.slot.add_header(header);
    }

    /// Sends a cookie with the response, whatever the outcome, as
    /// [`credential::set_cookie`] does for guards.
    pub fn set_cookie(&self, cookie: &Cookie<'_>) {
        credential::set_cookie(self.request, cookie);
    }

    /// Judges whether another site may have caused this request; ask before trusting anything that
    /// a browser sends by itself ([`csrf::Rule::Cookie`]) or that signs somebody in
    /// ([`csrf::Rule::Login`]).
    ///
    /// # Errors
    /// Forbidden (403) when it may.
    pub fn refuse_cross_site(&self, rule: csrf::Rule) -> Result<(), Denial> {
        csrf::refuse_by(self.options(), self.request, rule)
    }
}

impl fmt::Debug for Attempt<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("handler", &self.declaration.handler())
            .finish_non_exhaustive()
    }
}

/// Something a strategy offers to handlers, found again by its type.
#[derive(Clone)]
pub struct Service(pub(crate) Arc<dyn Any + Send + Sync>);

impl Service {
    /// Offers `service`.
    pub fn new<S: Any + Send + Sync>(service: Arc<S>) -> Self {
        Self(service)
    }

    /// Finds the service of type `S` that the route's `issue` offers, else its `sign_in`, else the
    /// only one there is. For guards; implement [`Speaks`](crate::Speaks) on them, and launch
    /// proves that this succeeds.
    ///
    /// # Errors
    /// When no strategy or several offer it, or launch checks were not made.
    pub fn find<S: Any + Send + Sync>(request: &Request<'_>) -> Result<Arc<S>, Error> {
        Self::found(request).map(|(_, service)| service)
    }

    /// As [`Service::find`], for guards that look at what the browser sent: the response depends on
    /// what the strategy [reads](Strategy::reads), and says so by `Vary` and `no-store`, as if the
    /// strategy had been tried.
    ///
    /// # Errors
    /// Those of [`Service::find`].
    pub fn consult<S: Any + Send + Sync>(request: &Request<'_>) -> Result<Arc<S>, Error> {
        let (strategy, service) = Self::found(request)?;
        Slot::of(request).note_read(strategy);
        Ok(service)
    }

    fn found<S: Any + Send + Sync>(request: &Request<'_>) -> Result<(usize, Arc<S>), Error> {
        let declaration = Slot::of(request).declaration(request);
        let named = |declared: &Declaration| [declared.issue, declared.sign_in];
        let mut named = declaration.map(named).into_iter().flatten().flatten();
        let find = |registry: &Registry| {
            named.find_map(|name| registry.service(Some(name))).or_else(|| registry.service(None))
        };
        Registry::of(request).and_then(find).ok_or_else(|| {
            Error::misuse(
                "find the strategy that a guard speaks for; name it with `issue` or `sign_in`",
            )
        })
    }

    /// The service of type `S` that the strategy `name` offers, where there is no request: at
    /// liftoff, in a task, in a test. `None` when it offers none, or launch checks were not made.
    #[must_use]
    pub fn of<S: Any + Send + Sync>(rocket: &Rocket<Orbit>, name: &str) -> Option<Arc<S>> {
        let registry = Launching::of(rocket)?.serving()?;
        registry.service(Some(name)).map(|(_, service)| service)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service(..)")
    }
}

/// A strategy made of one function.
///
/// ```
/// use passport_rocket::{from_fn, Answer, Denial, Registration, SignIn};
///
/// rocket::build().attach(Registration::new("ship", |_| {
///     let strategy = from_fn(|attempt| {
///         Answer::now(match attempt.request().headers().get_one("X-Ship") {
///             Some(name) => Ok(SignIn::new(name.to_owned())),
///             None => Err(Denial::absent()),
///         })
///     });
///     Ok(strategy.reads(["X-Ship"]))
/// }));
/// ```
pub fn from_fn<U, F>(judge: F) -> FromFn<F>
where
    U: Send + Sync + 'static,
    F: for<'r, 'i> Fn(Attempt<'r, 'i>) -> Answer<'r, Verdict<U>> + Send + Sync + 'static,
{
    FromFn { judge, challenges: Vec::new(), reads: vec![Cow::Borrowed("Authorization")] }
}

/// A strategy made of one function, by [`from_fn`].
pub struct FromFn<F> {
    judge: F,
    challenges: Vec<Challenge>,
    reads: Vec<Cow<'static, str>>,
}

impl<F> FromFn<F> {
    /// Asks for `challenge` after a 401; may be repeated. See [`Strategy::challenges`].
    #[must_use]
    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenges.push(challenge);
        self
    }

    /// Reads these request headers and no `Authorization`. See [`Strategy::reads`].
    #[must_use]
    pub fn reads(mut self, headers: impl IntoIterator<Item = &'static str>) -> Self {
        self.reads = headers.into_iter().map(Cow::Borrowed).collect();
        self
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn(..)")
    }
}

impl<U, F> Strategy for FromFn<F>
where
    U: Send + Sync + 'static,
    F: for<'r, 'i> Fn(Attempt<'r, 'i>) -> Answer<'r, Verdict<U>> + Send + Sync + 'static,
{
    type User = U;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<U>> {
        (self.judge)(attempt)
    }

    fn challenges(&self, denial: &Denial) -> Vec<Challenge> {
        match denial.status() == Status::Unauthorized {
            true => self.challenges.clone(),
            false => Vec::new(),
        }
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        &self.reads
    }
}

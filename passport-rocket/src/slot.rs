//! What the engine remembers during one request.
//!
//! There is one slot in a request. It says who is signed in *on the route that is being tried*:
//! Rocket keeps a request's cache across a forward, and the user of one route must never be seen on
//! another, so each protected route begins the slot anew and the slot remembers which route did.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocket::http::Header;
use rocket::{Request, Route};
use smallvec::SmallVec;

use crate::declaration::Declaration;
use crate::denial::Denial;
use crate::protect::Authorize;
use crate::user::SignedIn;

#[derive(Default)]
pub(crate) struct Slot(Mutex<State>);

#[derive(Default)]
struct State {
    route: Option<RouteId>,
    declaration: Option<&'static Declaration>,
    standing: Standing,
    /// The strategies that were tried or asked for something in this request, whatever the route:
    /// `Vary` is made of what they read.
    tried: Tried,
    /// Verdicts by strategy, whatever the route: none runs twice.
    verdicts: SmallVec<[(usize, Outcome); 2]>,
    /// The strategy that began something in this request, whatever the route, and for which sign-in.
    begun: Option<(usize, SignedIn)>,
    headers: Vec<Header<'static>>,
    misused: bool,
}

/// Indices of strategies; most routes have one or two.
pub(crate) type Tried = SmallVec<[usize; 4]>;

/// What is left to do when the response is there.
pub(crate) struct Rest {
    pub(crate) is_misused: bool,
    pub(crate) headers: Vec<Header<'static>>,
    pub(crate) tried: Tried,
    pub(crate) denial: Option<Arc<Denial>>,
}

/// Where the request stands on its route.
#[derive(Clone, Default)]
pub(crate) enum Standing {
    /// No guard of ours has answered.
    #[default]
    Unasked,
    /// The body may hold the credential; the data guard completes the sign-in.
    Pending(Authorize),
    /// Somebody is signed in; what the sign-in begins is yet to begin, by the data guard.
    Beginning(SignedIn),
    SignedIn(SignedIn),
    /// Nobody is signed in, and the declaration allows that.
    Nobody,
    Denied(Arc<Denial>),
}

/// Whether something begins with a sign-in.
pub(crate) enum Begun {
    Now,
    /// It began on a route that forwarded here.
    Before,
    /// Something else did, or for another sign-in.
    Otherwise,
}

/// A strategy's verdict in the form in which it is kept.
pub(crate) type Outcome = Result<SignedIn, Arc<Denial>>;

/// A mounted route, by its address: the router neither moves nor changes its routes after launch.
#[derive(Clone, Copy, PartialEq, Eq)]
struct RouteId(usize);

impl RouteId {
    fn of(request: &Request<'_>) -> Option<Self> {
        request.route().map(|route| Self(std::ptr::from_ref::<Route>(route).addr()))
    }
}

impl Slot {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }

    /// Begins a protected route: whoever signed in on an earlier one is forgotten.
    pub(crate) fn begin(&self, request: &Request<'_>, declaration: &'static Declaration) {
        let mut state = self.lock();
        state.route = RouteId::of(request);
        state.declaration = Some(declaration);
        state.standing = Standing::Unasked;
    }

    pub(crate) fn settle(&self, standing: Standing) {
        self.lock().standing = standing;
    }

    /// Notes that a strategy is tried, and gives its verdict if it has judged this request before.
    pub(crate) fn begin_try(&self, strategy: usize) -> Option<Outcome> {
        let mut state = self.lock();
        if !state.tried.contains(&strategy) {
            state.tried.push(strategy);
            return None;
        }
        state.verdicts.iter().find(|(name, _)| *name == strategy).map(|(_, v)| v.clone())
    }

    pub(crate) fn keep(&self, strategy: usize, outcome: Outcome) {
        self.lock().verdicts.push((strategy, outcome));
    }

    /// Notes that `strategy` begins something for `who`: once in a request.
    pub(crate) fn begin_for(&self, strategy: usize, who: &SignedIn) -> Begun {
        let mut state = self.lock();
        match &state.begun {
            None => {
                state.begun = Some((strategy, who.clone()));
                Begun::Now
            }
            Some((by, earlier)) if *by == strategy && earlier.is(who) => Begun::Before,
            Some(_) => Begun::Otherwise,
        }
    }

    /// The standing on the route that is being tried; `Unasked` on any other.
    pub(crate) fn standing(&self, request: &Request<'_>) -> Standing {
        let state = self.lock();
        match state.route == RouteId::of(request) {
            true => state.standing.clone(),
            false => Standing::Unasked,
        }
    }

    pub(crate) fn declaration(&self, request: &Request<'_>) -> Option<&'static Declaration> {
        let state = self.lock();
        state.declaration.filter(|_| state.route == RouteId::of(request))
    }

    pub(crate) fn denial(&self, request: &Request<'_>) -> Option<Arc<Denial>> {
        match self.standing(request) {
            Standing::Denied(denial) => Some(denial),
            _ => None,
        }
    }

    pub(crate) fn add_header(&self, header: Header<'static>) {
        self.lock().headers.push(header);
    }

    /// Sends a cookie in place of the one of that name that was to be sent: ours have one path and no
    /// domain, so a name is enough to tell them apart.
    pub(crate) fn set_cookie(&self, name: &str, header: Header<'static>) {
        let is_same = |other: &Header<'_>| {
            let value =
                other.name().as_str().eq_ignore_ascii_case("set-cookie").then(|| other.value());
            value.and_then(|value| value.split_once('=')).is_some_and(|(other, _)| other == name)
        };
        let mut state = self.lock();
        state.headers.retain(|other| !is_same(other));
        state.headers.push(header);
    }

    /// Notes that the response depends on what a strategy reads, though it was not tried.
    pub(crate) fn note_read(&self, strategy: usize) {
        let mut state = self.lock();
        if !state.tried.contains(&strategy) {
            state.tried.push(strategy);
        }
    }

    /// Ends the request: what the response has yet to be given.
    pub(crate) fn finish(&self, request: &Request<'_>) -> Rest {
        let mut state = self.lock();
        let is_here = state.route == RouteId::of(request);
        let denial = match &state.standing {
            Standing::Denied(denial) if is_here => Some(Arc::clone(denial)),
            _ => None,
        };
        Rest {
            is_misused: state.misused,
            headers: std::mem::take(&mut state.headers),
            tried: std::mem::take(&mut state.tried),
            denial,
        }
    }

    pub(crate) fn mark_misused(&self) {
        self.lock().misused = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No lock is held while foreign code runs, so a poisoned one still holds a whole state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

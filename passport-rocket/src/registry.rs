//! Name → strategy: written while Rocket ignites, read-only afterwards.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use rocket::http::Header;
use rocket::{Phase, Request, Rocket};

use crate::challenge::Challenge;
use crate::clock::Clock;
use crate::config::{Mistake, Options};
use crate::credential::RequestBody;
use crate::denial::Denial;
use crate::probe::Parameter;
use crate::protect::Declared;
use crate::secret::Secret;
use crate::slot::Outcome;
#[cfg(feature = "store")]
use crate::store::Store;
use crate::strategy::{Answer, Attempt, Body, Service, Strategy, Verdict};
use crate::user::SignedIn;

/// Everything the engine knows of an application.
#[derive(Default)]
pub(crate) struct Launching {
    draft: Mutex<Draft>,
    ready: OnceLock<Registry>,
    /// The one that all strategies share, once the first of them asked for it.
    #[cfg(feature = "store")]
    pub(crate) store: OnceLock<Result<Store, Vec<Mistake>>>,
}

/// What is collected while fairings ignite and Sentinels are asked.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) entries: Vec<Entry>,
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) declared: Vec<Declared>,
}

/// The strategies, options and clock of a running application.
pub(crate) struct Registry {
    entries: Vec<Entry>,
    /// Strategies are few and their names short: comparing is cheaper than hashing.
    by_name: BTreeMap<Arc<str>, usize>,
    defaults: Vec<usize>,
    options: Options,
    clock: Clock,
    pub(crate) declared: Vec<Declared>,
    /// Launch checks passed. A registry that failed them serves nobody.
    sound: bool,
}

/// A registered strategy.
pub(crate) struct Entry {
    pub(crate) name: Arc<str>,
    /// `None`: it could not be built; the mistakes say why.
    pub(crate) strategy: Option<Box<dyn AnyStrategy>>,
    pub(crate) user_type: (TypeId, &'static str),
    pub(crate) services: Vec<Service>,
    pub(crate) parameters: Vec<Parameter>,
    /// The request headers it reads, as `Vary` lists them; asked for once, since a panic in a response
    /// fairing would break the connection.
    pub(crate) vary: Cow<'static, str>,
    /// See [`Strategy::query_parameters`].
    pub(crate) query_parameters: Vec<String>,
    /// Its secrets and cookies, to find one that two strategies share; forgotten after launch checks.
    pub(crate) claims: Claims,
}

/// What no two strategies may have.
#[derive(Default)]
pub(crate) struct Claims {
    pub(crate) secrets: Vec<Secret<Vec<u8>>>,
    pub(crate) cookies: Vec<String>,
}

impl Launching {
    pub(crate) fn of<P: Phase>(rocket: &Rocket<P>) -> Option<&Self> {
        rocket.state::<Arc<Self>>().map(|launching| &**launching)
    }

    pub(crate) fn draft(&self) -> MutexGuard<'_, Draft> {
        self.draft.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The registry, once launch checks were made.
    pub(crate) fn registry(&self) -> Option<&Registry> {
        self.ready.get()
    }

    /// The registry that serves requests; `None` when launch checks were not made or failed.
    pub(crate) fn serving(&self) -> Option<&Registry> {
        self.registry().filter(|registry| registry.sound)
    }

    /// Ends the draft. Checks are made once; a second call changes nothing.
    pub(crate) fn freeze(&self, options: Options, clock: Clock, sound: bool) {
        let draft = std::mem::take(&mut *self.draft());
        let by_name: BTreeMap<_, _> = draft
            .entries
            .iter()
            .enumerate()
            .map(|(index, entry)| (Arc::clone(&entry.name), index))
            .collect();
        let defaults =
            options.strategies.iter().filter_map(|name| by_name.get(&**name).copied()).collect();
        let _ = self.ready.set(Registry {
            entries: draft.entries,
            by_name,
            defaults,
            options,
            clock,
            declared: draft.declared,
            sound,
        });
    }
}

impl Registry {
    /// The registry that serves a request.
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        Launching::of(request.rocket())?.serving()
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The `nth` strategy of a declaration, and its index.
    pub(crate) fn nth(
        &self,
        names: &[&str],
        nth: usize,
    ) -> Option<Result<(usize, &Entry), Missing>> {
        let index = match names {
            [] => *self.defaults.get(nth)?,
            names => match self.by_name.get(*names.get(nth)?) {
                Some(index) => *index,
                None => return Some(Err(Missing)),
            },
        };
        Some(self.entries.get(index).map(|entry| (index, entry)).ok_or(Missing))
    }

    /// Whether a credential of any strategy may stand in this parameter of the query.
    pub(crate) fn is_credential(&self, parameter: &str) -> bool {
        self.entries.iter().any(|entry| entry.query_parameters.iter().any(|own| own == parameter))
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// The service of type `S` that `name` offers, or the only one there is, and the index of its
    /// strategy.
    pub(crate) fn service<S: Send + Sync + 'static>(
        &self,
        name: Option<&str>,
    ) -> Option<(usize, Arc<S>)> {
        let mut offers = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| name.is_none_or(|name| *entry.name == *name))
            .filter_map(|(index, entry)| Some((index, entry.service()?)));
        match (offers.next(), offers.next()) {
            (Some(offer), None) => Some(offer),
            _ => None,
        }
    }
}

/// A declared strategy that is not registered; launch refuses it.
pub(crate) struct Missing;

impl Entry {
    pub(crate) fn new<S: Strategy>(name: Arc<str>, strategy: S) -> Self {
        Self {
            name,
            user_type: user_type::<S>(),
            services: strategy.services(),
            parameters: strategy.parameters(),
            query_parameters: strategy.query_parameters(),
            vary: match strategy.reads() {
                [Cow::Borrowed(only)] => Cow::Borrowed(only),
                several => Cow::Owned(vary(several.iter().map(|name| &**name))),
            },
            claims: Claims::default(),
            strategy: Some(Box::new(strategy)),
        }
    }

    pub(crate) fn broken<S: Strategy>(name: Arc<str>) -> Self {
        Self {
            name,
            user_type: user_type::<S>(),
            services: Vec::new(),
            parameters: Vec::new(),
            vary: Cow::Borrowed(""),
            query_parameters: Vec::new(),
            claims: Claims::default(),
            strategy: None,
        }
    }

    pub(crate) fn service<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        self.services.iter().find_map(|service| Arc::clone(&service.0).downcast().ok())
    }

    pub(crate) fn offers(&self, service: TypeId) -> bool {
        self.services.iter().any(|offer| (*offer.0).type_id() == service)
    }

    pub(crate) fn body(&self) -> Body {
        self.strategy.as_ref().map_or(Body::Never, |strategy| strategy.body())
    }

    /// What the strategy asks for after `denial`; never nothing, since every 401 has a challenge
    /// (RFC 9110 section 11.6.1).
    pub(crate) fn challenges(&self, denial: &Denial) -> Vec<Challenge> {
        if !denial.challenges().is_empty() {
            return denial.challenges().to_vec();
        }
        let own = self.strategy.as_ref().map(|strategy| strategy.challenges(denial));
        match own {
            Some(challenges) if !challenges.is_empty() => challenges,
            // An unregistered scheme, so that no browser opens a prompt of its own.
            _ if denial.status() == rocket::http::Status::Unauthorized => {
                vec![Challenge::new(self.name.to_string())]
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A list for `Vary`: each name once, and nothing beside `*` (RFC 9110 section 12.5.5).
pub(crate) fn vary<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        if name == "*" {
            return "*".to_owned();
        }
        if !seen.iter().any(|old| old.eq_ignore_ascii_case(name)) {
            seen.push(name);
        }
    }
    seen.join(", ")
}

fn user_type<S: Strategy>() -> (TypeId, &'static str) {
    (TypeId::of::<S::User>(), std::any::type_name::<S::User>())
}

/// A strategy whose user type is forgotten.
pub(crate) trait AnyStrategy: Send + Sync {
    fn authenticate<'r>(&'r self, name: &Arc<str>, attempt: Attempt<'r, '_>)
    -> Answer<'r, Outcome>;
    fn authenticate_body<'r>(
        &'r self,
        name: &Arc<str>,
        attempt: Attempt<'r, '_>,
        body: &'r mut RequestBody<'_>,
    ) -> Answer<'r, Outcome>;
    fn body(&self) -> Body;
    fn begins(&self) -> bool;
    fn begin<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        who: SignedIn,
    ) -> Answer<'r, Result<(), Denial>>;
    fn challenges(&self, denial: &Denial) -> Vec<Challenge>;
    fn sample(&self, now: SystemTime) -> Option<Header<'static>>;
}

impl<S: Strategy> AnyStrategy for S {
    fn authenticate<'r>(
        &'r self,
        name: &Arc<str>,
        attempt: Attempt<'r, '_>,
    ) -> Answer<'r, Outcome> {
        forget_later::<S>(name, Strategy::authenticate(self, attempt))
    }

    fn authenticate_body<'r>(
        &'r self,
        name: &Arc<str>,
        attempt: Attempt<'r, '_>,
        body: &'r mut RequestBody<'_>,
    ) -> Answer<'r, Outcome> {
        forget_later::<S>(name, Strategy::authenticate_body(self, attempt, body))
    }

    fn body(&self) -> Body {
        Strategy::body(self)
    }

    fn begins(&self) -> bool {
        Strategy::begins(self)
    }

    fn begin<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        who: SignedIn,
    ) -> Answer<'r, Result<(), Denial>> {
        match who.into_user() {
            Some(user) => Strategy::begin(self, attempt, user),
            // Launch refuses this.
            None => Answer::Now(Err(Denial::fault("`sign_in` names a strategy of other users"))),
        }
    }

    fn challenges(&self, denial: &Denial) -> Vec<Challenge> {
        Strategy::challenges(self, denial)
    }

    fn sample(&self, now: SystemTime) -> Option<Header<'static>> {
        Strategy::sample(self, now)
    }
}

fn forget_later<'r, S: Strategy>(
    name: &Arc<str>,
    answer: Answer<'r, Verdict<S::User>>,
) -> Answer<'r, Outcome> {
    match answer {
        Answer::Now(verdict) => Answer::Now(forget::<S>(name, verdict)),
        Answer::Later(future) => {
            // Counting the name up and down is for whoever waits.
            let name = Arc::clone(name);
            Answer::later(async move { forget::<S>(&name, future.await) })
        }
    }
}

fn forget<S: Strategy>(name: &Arc<str>, verdict: Verdict<S::User>) -> Outcome {
    match verdict {
        Ok(sign_in) => Ok(SignedIn::new(name, sign_in)),
        Err(denial) => Err(Arc::new(denial.with_strategy(Arc::clone(name)))),
    }
}

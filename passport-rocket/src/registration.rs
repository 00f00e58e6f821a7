//! The fairing that registers one strategy under one name.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::{Build, Rocket};
use serde::de::DeserializeOwned;

use crate::clock::Clock;
use crate::config::{self, Mistake, Options, Table};
use crate::fairing::Passport;
use crate::registry::{Claims, Entry, Launching};
use crate::secret::Secret;
#[cfg(feature = "store")]
use crate::store::{self, Store};
use crate::strategy::Strategy;

/// Registers a strategy under a name, from the table `[default.passport.<name>]`.
///
/// Ready-made strategies return one from `fairing`: `Jwt::fairing("jwt")`. An own strategy is
/// registered with a function that builds it:
///
/// ```
/// use passport_rocket::{from_fn, Answer, Denial, Registration};
///
/// let never = Registration::new("never", |_| {
///     Ok(from_fn::<(), _>(|_| Answer::now(Err(Denial::absent()))))
/// });
/// # let _ = rocket::build().attach(never);
/// ```
///
/// A strategy that cannot be built does not fail the fairing, since Rocket would then ask no
/// Sentinel: launch is refused a moment later, with every other mistake in the same report.
pub struct Registration<B> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) builder: B,
}

/// Builds a strategy from its table; a function of [`Setup`] is one.
pub trait Builder: Send + Sync + 'static {
    /// What is built.
    type Strategy: Strategy;

    /// Builds it.
    ///
    /// # Errors
    /// Every mistake of the table at once.
    fn build(&self, setup: &Setup<'_>) -> Result<Self::Strategy, Vec<Mistake>>;
}

impl<F, S> Builder for F
where
    F: Fn(&Setup<'_>) -> Result<S, Vec<Mistake>> + Send + Sync + 'static,
    S: Strategy,
{
    type Strategy = S;

    fn build(&self, setup: &Setup<'_>) -> Result<S, Vec<Mistake>> {
        self(setup)
    }
}

impl<S: Strategy, F> Registration<F>
where
    F: Fn(&Setup<'_>) -> Result<S, Vec<Mistake>> + Send + Sync + 'static,
{
    /// Registers what `build` makes as `name`.
    pub fn new(name: impl Into<Cow<'static, str>>, build: F) -> Self {
        Self { name: name.into(), builder: build }
    }
}

impl<B: Builder> Registration<B> {
    /// Registers what `builder` makes as `name`; for a builder that is a type of its own, because
    /// it holds a verifier for instance.
    pub fn of(name: impl Into<Cow<'static, str>>, builder: B) -> Self {
        Self { name: name.into(), builder }
    }
}

impl<B> fmt::Debug for Registration<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("name", &self.name).finish_non_exhaustive()
    }
}

#[rocket::async_trait]
impl<B: Builder> Fairing for Registration<B> {
    fn info(&self) -> Info {
        Info { name: "Passport strategy", kind: Kind::Ignite }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let mut rocket = match Launching::of(&rocket) {
            Some(_) => rocket,
            None => {
                let launching = Arc::<Launching>::default();
                rocket.manage(Arc::clone(&launching)).attach(Passport(launching))
            }
        };
        let name: Arc<str> = Arc::from(&*self.name);
        let setup = Setup::new(&name, &rocket);
        let built = self.builder.build(&setup);
        let claims = setup.into_claims();
        let built = match built {
            Ok(strategy) => {
                let prepared = strategy.prepare(Clock::of(&rocket).now()).get().await;
                prepared.map(|()| strategy)
            }
            Err(mistakes) => Err(mistakes),
        };
        let (entry, mistakes, routes) = match built {
            Ok(strategy) => {
                let routes = strategy.routes();
                (Entry { claims, ..Entry::new(name, strategy) }, Vec::new(), routes)
            }
            Err(mistakes) => (Entry::broken::<B::Strategy>(name), mistakes, Vec::new()),
        };
        if let Some(launching) = Launching::of(&rocket) {
            let mut draft = launching.draft();
            draft.entries.push(entry);
            draft.mistakes.extend(mistakes);
        }
        if !routes.is_empty() {
            rocket = rocket.mount("/", routes);
        }
        Ok(rocket)
    }
}

/// What a strategy is built from: its name, its table, the profile.
pub struct Setup<'a> {
    name: &'a str,
    table: Table,
    options: Options,
    rocket: &'a Rocket<Build>,
    claims: Mutex<Claims>,
}

impl<'a> Setup<'a> {
    fn new(name: &'a str, rocket: &'a Rocket<Build>) -> Self {
        let table = Table::new(rocket.figment(), &format!("passport.{name}"));
        // Their own mistakes are reported once, by the audit.
        let (options, ..) = config::options(rocket.figment());
        Self { name, table, options, rocket, claims: Mutex::default() }
    }

    /// The strategy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The options of `[passport]`.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The application before launch, for what it manages.
    #[must_use]
    pub fn rocket(&self) -> &Rocket<Build> {
        self.rocket
    }

    /// Reads the table `passport.<name>`. Unknown keys are refused when `C` says
    /// `#[serde(deny_unknown_fields)]`, and it should.
    ///
    /// # Errors
    /// Every mistake in the table, with file, profile, key and remedy, and without any value.
    pub fn config<C: DeserializeOwned>(&self) -> Result<C, Vec<Mistake>> {
        self.table.read()
    }

    /// Whether the application runs in the debug profile, the only one in which a secret may be
    /// made up.
    #[must_use]
    pub fn is_debug(&self) -> bool {
        self.table.is_debug()
    }

    /// A mistake at a key of the table, located in file and profile.
    #[must_use]
    pub fn mistake(
        &self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Mistake {
        self.table.mistake(key, problem, remedy)
    }

    /// Declares a secret of this strategy. Two strategies with the same one refuse launch: what is
    /// signed for the one would open the other.
    pub fn claim_secret(&self, secret: &[u8]) {
        let secret = Secret::new(secret.to_vec());
        self.claims.lock().unwrap_or_else(PoisonError::into_inner).secrets.push(secret);
    }

    /// Declares a cookie that this strategy sends: of two strategies that send one of the same name,
    /// each would take the other's away.
    pub fn claim_cookie(&self, name: &str) {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.cookies.push(name.to_owned());
    }

    /// What the application remembers things in: the [`Store`] that Rocket manages, else the one
    /// that `passport.store` names, else the memory of this process. Open it in
    /// [`Strategy::prepare`].
    ///
    /// # Errors
    /// When the URL names no store, or there are two: one that is managed, and one that is named.
    #[cfg(feature = "store")]
    pub fn store(&self) -> Result<Store, Vec<Mistake>> {
        let table = Table::new(self.rocket.figment(), "passport");
        if let Some(managed) = self.rocket.state::<Store>() {
            return match self.options.store {
                None => Ok(managed.clone().at(store::place(&table))),
                Some(_) => Err(vec![table.mistake(
                    "store",
                    "Rocket manages a `Store` already",
                    "remove the key, or the `.manage(…)`",
                )]),
            };
        }
        let open = || store::open(&table, &self.options);
        match Launching::of(self.rocket) {
            Some(launching) => launching.store.get_or_init(open).clone(),
            None => open(),
        }
    }

    fn into_claims(self) -> Claims {
        self.claims.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Setup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("name", &self.name).finish_non_exhaustive()
    }
}

//! What a strategy says of somebody who signed in.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use smallvec::SmallVec;

/// Somebody signed in: the user and what the credential says besides.
#[derive(Debug)]
pub struct SignIn<U>(State<U>);

#[derive(Debug)]
enum State<U> {
    New { user: Held<U>, facts: Facts },
    Kept(Kept<U>),
}

/// A user of one's own, or of a sign-in that is kept.
#[derive(Debug)]
enum Held<U> {
    Own(U),
    Kept(Kept<U>),
}

/// What is known of a sign-in besides the user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) scope: Option<String>,
    pub(crate) authenticated_at: Option<SystemTime>,
    /// Mostly one: what the strategy itself says.
    pub(crate) info: SmallVec<[Arc<dyn Any + Send + Sync>; 1]>,
}

/// A sign-in that a strategy keeps, to give it to one request after the other; they share its user.
///
/// ```
/// use passport_rocket::{Kept, SignIn, Verdict};
///
/// struct Ship { name: String }
///
/// /// A strategy that knows one ship, and need not make it anew.
/// struct Mooring { ship: Kept<Ship> }
///
/// impl Mooring {
///     fn new(strategy: &str) -> Self {
///         let ship = Ship { name: "Ada".to_owned() };
///         Self { ship: SignIn::new(ship).with_scope("tides:read").keep(strategy) }
///     }
///
///     fn judge(&self) -> Verdict<Ship> {
///         Ok(self.ship.sign_in())
///     }
/// }
/// # let mooring = Mooring::new("mooring");
/// # assert_eq!(mooring.judge().unwrap().user().name, "Ada");
/// # assert_eq!(mooring.judge().unwrap().scope(), Some("tides:read"));
/// ```
pub struct Kept<U>(Arc<Record<U>>);

/// A sign-in as it is kept, for one request at least.
pub(crate) struct Record<U> {
    pub(crate) strategy: Arc<str>,
    user: Held<U>,
    pub(crate) facts: Facts,
}

impl<U> SignIn<U> {
    /// `user` signed in.
    pub fn new(user: U) -> Self {
        Self(State::New { user: Held::Own(user), facts: Facts::default() })
    }

    /// The user; of a verifier's sign-in, what it found. A strategy may ask for something else than
    /// users, for keys for instance:
    ///
    /// ```
    /// use passport_rocket::{Denial, Verdict};
    ///
    /// fn key(found: Verdict<String>) -> Result<String, Denial> {
    ///     found.map(|key| key.user().clone())
    /// }
    /// ```
    #[must_use]
    pub fn user(&self) -> &U {
        match &self.0 {
            State::New { user, .. } => user.get(),
            State::Kept(kept) => kept.0.user(),
        }
    }

    /// The scopes that the credential grants, separated by spaces (RFC 6749 section 3.3).
    #[must_use]
    pub fn with_scope(self, scope: impl Into<String>) -> Self {
        self.noting(|facts| facts.scope = Some(scope.into()))
    }

    /// The scopes that were set, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        let facts = match &self.0 {
            State::New { facts, .. } => facts,
            State::Kept(kept) => &kept.0.facts,
        };
        facts.scope.as_deref()
    }

    /// When the user proved who they are.
    #[must_use]
    pub fn with_authenticated_at(self, time: SystemTime) -> Self {
        self.noting(|facts| facts.authenticated_at = Some(time))
    }

    /// Extra information for handlers, found by its type with [`User::info`](crate::User::info):
    /// Passport's `authInfo`.
    #[must_use]
    pub fn with_info(self, info: impl Any + Send + Sync) -> Self {
        self.with_shared_info(Arc::new(info))
    }

    /// As [`SignIn::with_info`], for what the strategy has elsewhere, too; it is found by the type
    /// behind the `Arc`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use passport_rocket::SignIn;
    ///
    /// struct Berth(u8);
    ///
    /// let berth = Arc::new(Berth(3));
    /// let sign_in = SignIn::new("ada").with_shared_info(Arc::clone(&berth));
    /// # let _ = (sign_in, berth.0);
    /// ```
    #[must_use]
    pub fn with_shared_info<I: Any + Send + Sync>(self, info: Arc<I>) -> Self {
        self.noting(|facts| facts.info.push(info))
    }

    /// Keeps it for the strategy of this name ([`Setup::name`](crate::Setup::name)); see [`Kept`].
    #[must_use]
    pub fn keep(self, strategy: impl Into<Arc<str>>) -> Kept<U> {
        let (user, facts) = self.into_parts();
        Kept(Arc::new(Record { strategy: strategy.into(), user, facts }))
    }

    pub(crate) fn into_record(self, strategy: &Arc<str>) -> Arc<Record<U>> {
        match self.0 {
            State::Kept(kept) if kept.0.strategy == *strategy => kept.0,
            state => Self(state).keep(Arc::clone(strategy)).0,
        }
    }

    fn noting(self, note: impl FnOnce(&mut Facts)) -> Self {
        let (user, mut facts) = self.into_parts();
        note(&mut facts);
        Self(State::New { user, facts })
    }

    fn into_parts(self) -> (Held<U>, Facts) {
        match self.0 {
            State::New { user, facts } => (user, facts),
            State::Kept(kept) => {
                let facts = kept.0.facts.clone();
                (Held::Kept(kept), facts)
            }
        }
    }
}

impl<U> Kept<U> {
    /// The sign-in, for one more request.
    #[must_use]
    pub fn sign_in(&self) -> SignIn<U> {
        self.clone().into_sign_in()
    }

    pub(crate) fn into_sign_in(self) -> SignIn<U> {
        SignIn(State::Kept(self))
    }
}

impl<U: Send + Sync + 'static> Kept<U> {
    /// The same without its type, for a strategy that keeps sign-ins of several in one place.
    ///
    /// ```
    /// use passport_rocket::{Kept, SignIn};
    ///
    /// let kept = SignIn::new("ada").keep("mooring").erased();
    /// assert_eq!(Kept::<&str>::of_erased(&kept).unwrap().sign_in().user(), &"ada");
    /// assert!(Kept::<String>::of_erased(&kept).is_none());
    /// ```
    #[must_use]
    pub fn erased(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::<Record<U>>::clone(&self.0)
    }

    /// What was [erased](Self::erased), if it is of this type.
    #[must_use]
    pub fn of_erased(kept: &Arc<dyn Any + Send + Sync>) -> Option<Self> {
        Arc::clone(kept).downcast().ok().map(Self)
    }
}

impl<U> Clone for Kept<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Names the strategy only, as [`User`](crate::User) does.
impl<U> fmt::Debug for Kept<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("strategy", &self.0.strategy).finish_non_exhaustive()
    }
}

impl<U> Record<U> {
    pub(crate) fn user(&self) -> &U {
        self.user.get()
    }
}

impl<U> Held<U> {
    fn get(&self) -> &U {
        match self {
            Self::Own(user) => user,
            Self::Kept(kept) => kept.0.user(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_given_without_a_copy() {
        let kept = SignIn::new("ada".to_owned()).with_scope("read").keep("jwt");
        let record = kept.sign_in().into_record(&"jwt".into());
        assert!(Arc::ptr_eq(&record, &kept.0));
        assert_eq!((kept.sign_in().user().as_str(), kept.sign_in().scope()), ("ada", Some("read")));
    }

    #[test]
    fn what_one_request_adds_no_other_one_sees() {
        let kept = SignIn::new("ada".to_owned()).with_scope("read").with_info(7_u8).keep("jwt");
        let more = kept.sign_in().with_scope("write").with_info(8_u16);
        assert_eq!((more.user().as_str(), more.scope()), ("ada", Some("write")));
        let record = more.into_record(&"jwt".into());
        assert_eq!((record.user().as_str(), record.facts.info.len()), ("ada", 2));
        assert_eq!(kept.sign_in().scope(), Some("read"));
        assert_eq!(kept.0.facts.info.len(), 1);
    }

    #[test]
    fn a_strategy_of_another_name_signs_in_under_its_own() {
        let kept = SignIn::new("ada".to_owned()).with_scope("read").keep("jwt");
        let record = kept.sign_in().into_record(&"other".into());
        assert_eq!((&*record.strategy, &*kept.0.strategy), ("other", "jwt"));
        assert_eq!((record.user().as_str(), record.facts.scope.as_deref()), ("ada", Some("read")));
    }
}

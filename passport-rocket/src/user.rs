//! Who is signed in: the guard [`User`] and the trait [`Principal`].

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::Request;
use rocket::data::{Data, FromData};
use rocket::request::{FromRequest, Outcome};

use crate::authorize::Scopes;
use crate::begin;
use crate::credential::RequestBody;
use crate::denial::Denial;
use crate::protect;
use crate::sign_in::{Facts, Record, SignIn};
use crate::slot::{Slot, Standing};

/// The signed-in user of the route, as a request guard or, where the body is the credential, as its
/// data guard.
///
/// Where the body holds a payload besides, [`UserAnd`](crate::UserAnd) is the data guard.
///
/// It derefs to `T`, the type that the strategy's verifier returns; another type refuses launch.
/// Only a handler with `#[protect]` can have it: anywhere else the request ends as a 500 that names
/// the handler in the log, never as a 401 and never as "nobody".
///
/// ```
/// use passport_rocket::{protect, User};
/// use rocket::get;
///
/// struct Account { username: String }
///
/// #[protect(strategy = "jwt")]
/// #[get("/me")]
/// fn me(user: User<Account>) -> String {
///     format!("hello {}, by {}", user.username, User::strategy(&user))
/// }
/// # fn main() {}
/// ```
///
/// What it knows besides the user are associated functions, so that they hide none of `T`'s
/// methods.
pub struct User<T>(Arc<Record<T>>);

impl<T> User<T> {
    /// The name of the strategy that signed the user in.
    #[must_use]
    pub fn strategy(this: &Self) -> &str {
        &this.0.strategy
    }

    /// Extra information of type `I` that the strategy or the verifier added: Passport's
    /// `authInfo`. The token's claims are found as the strategy's own type, `TokenClaims` for
    /// `jwt`.
    #[must_use]
    pub fn info<I: Any>(this: &Self) -> Option<&I> {
        this.0.facts.info.iter().find_map(|info| info.downcast_ref())
    }

    /// The scopes that the credential grants; `None` when it does not speak of scopes.
    #[must_use]
    pub fn scopes(this: &Self) -> Option<Scopes<'_>> {
        this.0.facts.scope.as_deref().map(Scopes::of_text)
    }

    /// When the user proved who they are, as far as the strategy knows.
    #[must_use]
    pub fn authenticated_at(this: &Self) -> Option<SystemTime> {
        this.0.facts.authenticated_at
    }
}

impl<T> Deref for User<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.user()
    }
}

impl<T> Clone for User<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Names the strategy only: a user's own `Debug` may hold what must not reach a log.
impl<T> fmt::Debug for User<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("strategy", &self.0.strategy).finish_non_exhaustive()
    }
}

#[rocket::async_trait]
impl<'r, T: Send + Sync + 'static> FromRequest<'r> for User<T> {
    type Error = Arc<Denial>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Arc<Denial>> {
        match signed_in(request, Slot::of(request).standing(request)) {
            Ok(user) => Outcome::Success(user),
            Err(denial) => Outcome::Error((denial.status(), denial)),
        }
    }
}

#[rocket::async_trait]
impl<'r, T: Send + Sync + 'static> FromData<'r> for User<T> {
    type Error = Arc<Denial>;

    async fn from_data(
        request: &'r Request<'_>,
        data: Data<'r>,
    ) -> rocket::data::Outcome<'r, Self> {
        let entered = match complete(request, &mut RequestBody::new(request, data)).await {
            Ok(arrived) => arrived.enter(request).await,
            Err(denial) => Err(denial),
        };
        match entered {
            Ok(user) => rocket::data::Outcome::Success(user),
            Err(denial) => rocket::data::Outcome::Error((denial.status(), denial)),
        }
    }
}

/// The user of a route whose data guard is ours, with whom something may be yet to begin.
pub(crate) struct Arrived<T> {
    user: User<T>,
    begins: bool,
}

impl<T: Send + Sync + 'static> Arrived<T> {
    /// The last step of the data guard.
    pub(crate) async fn enter(self, request: &Request<'_>) -> Result<User<T>, Arc<Denial>> {
        if self.begins {
            begin::enter_behind_body(request).await?;
        }
        Ok(self.user)
    }
}

/// The user of a route whose credential may be in the body.
pub(crate) async fn complete<T: Send + Sync + 'static>(
    request: &Request<'_>,
    body: &mut RequestBody<'_>,
) -> Result<Arrived<T>, Arc<Denial>> {
    let standing = protect::complete(request, body).await;
    let begins = matches!(standing, Standing::Beginning(_));
    Ok(Arrived { user: signed_in(request, standing)?, begins })
}

fn signed_in<T: Send + Sync + 'static>(
    request: &Request<'_>,
    standing: Standing,
) -> Result<User<T>, Arc<Denial>> {
    match standing {
        Standing::SignedIn(signed_in) | Standing::Beginning(signed_in) => {
            // Launch refuses another type; it is reached only if launch checks were never asked.
            let another = "`User<…>` is of another type than its strategy yields";
            signed_in.into_user().ok_or_else(|| misuse(request, another))
        }
        Standing::Denied(denial) => Err(denial),
        Standing::Nobody => Err(Arc::new(Denial::absent())),
        Standing::Unasked => Err(misuse(request, "`User<…>` needs `#[protect]` on the handler")),
        Standing::Pending(_) => Err(misuse(
            request,
            "the credential may be in the body: only the data guard can be a `User<…>` or `UserAnd<…>`",
        )),
    }
}

/// The application is wrong: a 500 that says where, so that it is found, and nobody gets in.
///
/// `Option<User<T>>` on a handler without `#[protect]` would swallow the error and call the handler
/// with nobody; the mark lets the response fairing answer 500 all the same.
fn misuse(request: &Request<'_>, what: &'static str) -> Arc<Denial> {
    let route = request.route().and_then(|route| route.name.as_deref()).unwrap_or("unknown");
    log::error!("handler `{route}`: {what}");
    Slot::of(request).mark_misused();
    Arc::new(Denial::fault(what))
}

/// A sign-in whose user type is known to the handler only.
#[derive(Clone)]
pub struct SignedIn(Arc<dyn AnyRecord>);

impl SignedIn {
    pub(crate) fn new<T: Send + Sync + 'static>(strategy: &Arc<str>, sign_in: SignIn<T>) -> Self {
        Self(sign_in.into_record(strategy))
    }

    pub(crate) fn into_user<T: Send + Sync + 'static>(self) -> Option<User<T>> {
        self.0.into_any().downcast().ok().map(User)
    }

    /// Whether both are one sign-in, not only one user's.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn user_ref<T: 'static>(&self) -> Option<&T> {
        self.0.user_any().downcast_ref()
    }

    pub(crate) fn scopes(&self) -> Option<Scopes<'_>> {
        self.0.facts().scope.as_deref().map(Scopes::of_text)
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIn(..)")
    }
}

trait AnyRecord: Send + Sync {
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
    fn user_any(&self) -> &dyn Any;
    fn facts(&self) -> &Facts;
}

impl<T: Send + Sync + 'static> AnyRecord for Record<T> {
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn user_any(&self) -> &dyn Any {
        self.user()
    }

    fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// Who a user is: id, roles and scopes.
///
/// Needed where a declaration asks for a role, or where something must remember a user by their
/// id; derive it and mark the fields:
///
/// ```
/// use passport_rocket::Principal;
///
/// #[derive(PartialEq)]
/// enum EmployerType { Port, Ship }
///
/// #[derive(Principal)]
/// struct Account {
///     #[principal(id)]
///     id: i64,
///     #[principal(role)]
///     employer_type: EmployerType,
///     #[principal(scopes)]
///     scopes: Vec<String>,
/// }
///
/// let account = Account { id: 7, employer_type: EmployerType::Port, scopes: vec!["tides:write".into()] };
/// assert_eq!(*account.id(), 7);
/// assert!(account.has_role(&EmployerType::Port));
/// assert!(!account.has_role(&EmployerType::Ship));
/// assert!(account.scopes().unwrap().contains("tides:write"));
/// ```
#[diagnostic::on_unimplemented(
    message = "roles are asked of `{Self}`, which is no `Principal`",
    note = "write `#[derive(Principal)]` on it, `#[principal(id)]` on the id and `#[principal(role)]` on the role"
)]
pub trait Principal {
    /// What identifies the user, and never changes.
    type Id;

    /// What a role is: an enum of the application, or `String` where declarations name roles by
    /// text (`role = "admin"`; the type has to be comparable with `str`, which `&'static str` is
    /// not).
    type Role;

    /// What identifies the user.
    fn id(&self) -> &Self::Id;

    /// Whether the user has `role`.
    fn has_role<R: ?Sized>(&self, role: &R) -> bool
    where
        Self::Role: PartialEq<R>;

    /// What the user may do; `None` when the type does not speak of scopes.
    fn scopes(&self) -> Option<Scopes<'_>>;
}

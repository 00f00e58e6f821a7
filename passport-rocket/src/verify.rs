//! The application's answer to "who is that?": from an identity that a strategy proved to a user.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use rocket::Request;
use rocket::http::Status;
use rocket::request::Outcome;

use crate::denial::Denial;
use crate::error::{BoxError, Error, ErrorKind};
use crate::one_line::OneLine;
use crate::probe::Parameter;
use crate::sign_in::SignIn;
use crate::strategy::{Answer, Verdict};

/// Finds the user behind an identity: claims of a token, a user name and a password, a session's
/// user id.
///
/// Nobody implements it by hand. Whatever has one of these shapes is one:
///
/// - a function or closure of the identity alone, sync or async;
/// - a function with `#[verify]`, whose further parameters are Rocket's request guards.
///
/// and it returns one of the shapes of [`VerifyOutput`]. `Via` tells the compiler which of them; it
/// is inferred.
///
/// # Security
/// The verdict is kept for the request: after a forward, another route with the same strategy gets
/// it without the verifier being asked again. So it must depend on the identity and the request,
/// and not on the route or its parameters; what a user may do on a route is for roles and scopes.
pub trait Verify<I, Via>: Send + Sync + 'static {
    /// Who is found.
    type User: Send + Sync + 'static;

    /// Finds the user.
    fn verify<'r>(
        &'r self,
        identity: I,
        request: &'r Request<'_>,
    ) -> Answer<'r, Verdict<Self::User>>;

    /// The user that an identity is, where nobody has to be asked: a strategy may then keep the
    /// sign-in for other requests with the same identity.
    #[doc(hidden)]
    fn itself(&self) -> Option<fn(I) -> Self::User> {
        None
    }

    /// The guards it asks for.
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }
}

/// What a verifier returns.
///
/// | type | meaning |
/// |---|---|
/// | `Option<T>` | the user; `None`: rejected, 401 |
/// | `Result<Option<T>, E>` | likewise; `Err`: our fault, 500, never "wrong password" |
/// | `Result<Option<T>, Denial>` | likewise; `Err`: the refusal that it says |
/// | `Verified<T>` in the place of `Option<T>` | the same with extra information |
///
/// `Result<T, Denial>` is not among them on purpose: with `T = Option<Account>` it would take
/// `Ok(None)` for a user.
#[diagnostic::on_unimplemented(
    message = "a verifier cannot return `{Self}`",
    note = "return `Option<T>`, `Result<Option<T>, E>`, `Verified<T>` or `Result<Verified<T>, E>`; \
            `E` is a `Denial` or converts into `Box<dyn Error + Send + Sync>`"
)]
pub trait VerifyOutput {
    /// Who is found.
    type User: Send + Sync + 'static;

    /// The verdict that the value stands for.
    ///
    /// # Errors
    /// When nobody was found, or our side failed.
    fn into_verdict(self) -> Verdict<Self::User>;
}

impl<T: Send + Sync + 'static> VerifyOutput for Option<T> {
    type User = T;

    fn into_verdict(self) -> Verdict<T> {
        self.map(SignIn::new).ok_or_else(|| Denial::rejected(NOBODY))
    }
}

impl<T: Send + Sync + 'static, E: IntoDenial> VerifyOutput for Result<Option<T>, E> {
    type User = T;

    fn into_verdict(self) -> Verdict<T> {
        self.map_err(E::into_denial)?.into_verdict()
    }
}

/// Why nobody is signed in where the verifier found nobody.
pub(crate) const NOBODY: &str = "the verifier knows nobody like that";

/// The error of a verifier: a refusal as it stands, or anything else, which is our fault.
pub trait IntoDenial {
    /// The refusal.
    fn into_denial(self) -> Denial;
}

impl IntoDenial for Denial {
    fn into_denial(self) -> Denial {
        self
    }
}

impl<E: Into<BoxError>> IntoDenial for E {
    fn into_denial(self) -> Denial {
        our_fault(self.into())
    }
}

/// An error of the verifier is our fault; one of ours that says "unavailable" keeps its 503.
fn our_fault(error: BoxError) -> Denial {
    match error.downcast_ref::<Error>().map(Error::kind) {
        Some(ErrorKind::Unavailable) => Denial::unavailable(error),
        _ => Denial::fault(error),
    }
}

/// A user with extra information for handlers, or nobody.
///
/// ```
/// use passport_rocket::{User, Verified};
///
/// struct Account { name: String }
/// struct LastSeen(u64);
///
/// fn find(name: String) -> Verified<Account> {
///     Verified::user(Account { name }).info(LastSeen(3))
/// }
///
/// fn greet(user: User<Account>) -> String {
///     let seen = User::info::<LastSeen>(&user).map_or(0, |seen| seen.0);
///     format!("{} was here {seen} days ago", user.name)
/// }
/// ```
#[derive(Debug)]
pub struct Verified<T>(Verdict<T>);

impl<T> Verified<T> {
    /// The user.
    pub fn user(user: T) -> Self {
        Self(Ok(SignIn::new(user)))
    }

    /// Nobody: 401.
    #[must_use]
    pub fn nobody() -> Self {
        Self(Err(Denial::rejected(NOBODY)))
    }

    /// Adds extra information, found again by its type with [`User::info`](crate::User::info).
    #[must_use]
    pub fn info(self, info: impl std::any::Any + Send + Sync) -> Self {
        Self(self.0.map(|sign_in| sign_in.with_info(info)))
    }
}

impl<T> From<Denial> for Verified<T> {
    fn from(denial: Denial) -> Self {
        Self(Err(denial))
    }
}

impl<T: Send + Sync + 'static> VerifyOutput for Verified<T> {
    type User = T;

    fn into_verdict(self) -> Verdict<T> {
        self.0
    }
}

impl<T: Send + Sync + 'static, E: IntoDenial> VerifyOutput for Result<Verified<T>, E> {
    type User = T;

    fn into_verdict(self) -> Verdict<T> {
        self.map_err(E::into_denial)?.into_verdict()
    }
}

/// Marks a verifier that is a plain function.
#[derive(Debug)]
pub struct Plain<R>(std::marker::PhantomData<R>);

impl<I, R, F> Verify<I, Plain<R>> for F
where
    F: Fn(I) -> R + Send + Sync + 'static,
    R: VerifyOutput,
{
    type User = R::User;

    fn verify<'r>(&'r self, identity: I, _: &'r Request<'_>) -> Answer<'r, Verdict<R::User>> {
        Answer::Now(self(identity).into_verdict())
    }
}

/// Marks a verifier that is an async function.
#[derive(Debug)]
pub struct Async<R>(std::marker::PhantomData<R>);

impl<I, R, F> Verify<I, Async<R>> for F
where
    F: Fn(I) -> R + Send + Sync + 'static,
    R: Future<Output: VerifyOutput> + Send + 'static,
{
    type User = <R::Output as VerifyOutput>::User;

    fn verify<'r>(&'r self, identity: I, _: &'r Request<'_>) -> Answer<'r, Verdict<Self::User>> {
        let answer = self(identity);
        Answer::later(async move { answer.await.into_verdict() })
    }
}

/// Marks a verifier with `#[verify]`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Declared;

impl<V> Verify<V::Identity, Declared> for V
where
    V: Verifies,
    V::Output: VerifyOutput,
{
    type User = <V::Output as VerifyOutput>::User;

    fn verify<'r>(
        &'r self,
        identity: V::Identity,
        request: &'r Request<'_>,
    ) -> Answer<'r, Verdict<Self::User>> {
        match self.call(identity, request) {
            Call::Now(output) => Answer::Now(output.and_then(V::Output::into_verdict)),
            Call::Later(output) => {
                Answer::later(async move { output.await.and_then(V::Output::into_verdict) })
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        V::parameters()
    }
}

/// What `#[verify]` writes.
pub trait Verifies: Send + Sync + 'static {
    /// The type of the function's first parameter.
    type Identity: Send;

    /// What the function returns.
    type Output;

    /// Fetches the guards and calls the function.
    fn call<'r>(
        &'r self,
        identity: Self::Identity,
        request: &'r Request<'_>,
    ) -> Call<'r, Self::Output>;

    /// The function's guards.
    fn parameters() -> Vec<Parameter>;
}

/// A call of a verifier, which may fail before it begins when a guard of it does.
#[allow(missing_debug_implementations, clippy::exhaustive_enums)]
pub enum Call<'r, T> {
    /// Done.
    Now(Result<T, Denial>),
    /// Done when the future ends.
    Later(Pin<Box<dyn Future<Output = Result<T, Denial>> + Send + 'r>>),
}

/// What a guard of a verifier said.
///
/// # Errors
/// What the guard answers with 4xx ends the request with that status; anything else is our fault.
pub fn guard<G, E: Debug>(outcome: Outcome<G, E>, name: &str) -> Result<G, Denial> {
    let status = match outcome {
        Outcome::Success(guard) => return Ok(guard),
        Outcome::Error((status, error)) => {
            let error = format!("{error:?}");
            log::warn!(
                target: "passport",
                "guard `{name}` of a verifier failed: {}",
                OneLine(&error)
            );
            status
        }
        Outcome::Forward(status) => status,
    };
    let reason = format!("guard `{name}` of the verifier answered {}", status.code);
    Err(match status {
        status if status.class().is_client_error() => Denial::forbidden(reason).with_status(status),
        Status::ServiceUnavailable => Denial::unavailable(reason),
        _ => Denial::fault(reason),
    })
}

//! The guard through which a handler issues tokens.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rocket::Request;
use rocket::request::{FromRequest, Outcome};
use serde::Serialize;

use super::issuer::{Issuer, Overrides};
use crate::clock::Clock;
use crate::error::Error;
use crate::probe::Speaks;
use crate::strategy::Service;

/// Signs tokens in a handler.
///
/// It speaks for the only `jwt` strategy that can sign or, where several can, for the one that
/// `issue` names; launch refuses anything else. A strategy signs when it has a secret or a private
/// key.
///
/// ```
/// use passport_rocket::{protect, Error, Tokens, User};
/// use rocket::post;
/// use serde::Serialize;
///
/// struct Account { id: i64 }
///
/// #[derive(Serialize)]
/// struct Claims { id: i64 }
///
/// #[protect(strategy = "local", issue = "jwt")]
/// #[post("/login", data = "<user>")]
/// fn login(user: User<Account>, tokens: Tokens) -> Result<String, Error> {
///     tokens.sign(&Claims { id: user.id })
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone)]
pub struct Tokens {
    signer: Arc<Signer>,
    clock: Clock,
}

/// What a `jwt` strategy signs with.
#[derive(Debug)]
pub struct Signer {
    name: String,
    pub(super) issuer: Issuer,
}

impl Tokens {
    /// Signs `claims`, a JSON object, and adds what the configuration says: `iat` always, `exp`,
    /// and `iss`, `aud`, `sub`, `jti` as far as they are configured.
    ///
    /// # Errors
    /// When the claims are no JSON object, when they hold what is added, or when neither they nor
    /// the configuration say when the token expires.
    pub fn sign<C: Serialize + ?Sized>(&self, claims: &C) -> Result<String, Error> {
        self.with().sign(claims)
    }

    /// A token that is to differ from the configuration.
    ///
    /// ```
    /// # use passport_rocket::{Error, Tokens};
    /// use std::time::Duration;
    ///
    /// # fn short(tokens: Tokens) -> Result<String, Error> {
    /// tokens.with().expires_in(Duration::from_secs(600)).subject("7").sign(&serde_json::json!({}))
    /// # }
    /// ```
    pub fn with(&self) -> Overriding<'_> {
        Overriding { tokens: self, overrides: Overrides::default() }
    }
}

/// One token that differs from the configuration; see [`Tokens::with`].
#[derive(Debug, Clone)]
#[must_use = "nothing is signed before `sign`"]
pub struct Overriding<'t> {
    tokens: &'t Tokens,
    overrides: Overrides,
}

impl Overriding<'_> {
    /// Valid for this long.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.overrides.expires_in = Some(lifetime);
        self
    }

    /// Valid only from so long after now (`nbf`).
    pub fn valid_in(mut self, wait: Duration) -> Self {
        self.overrides.valid_in = Some(wait);
        self
    }

    /// For these audiences; none leaves `aud` out.
    pub fn audience<A: Into<String>>(mut self, audience: impl IntoIterator<Item = A>) -> Self {
        self.overrides.audience = Some(audience.into_iter().map(Into::into).collect());
        self
    }

    /// About this subject (`sub`).
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.overrides.subject = Some(subject.into());
        self
    }

    /// Under this id (`jti`), to be found again when it is revoked.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.overrides.id = Some(id.into());
        self
    }

    /// Signs `claims`.
    ///
    /// # Errors
    /// As [`Tokens::sign`].
    pub fn sign<C: Serialize + ?Sized>(self, claims: &C) -> Result<String, Error> {
        let Tokens { signer, clock } = self.tokens;
        signer.sign(claims, &self.overrides, clock.now())
    }
}

impl Signer {
    pub(super) fn new(name: &str, issuer: Issuer) -> Self {
        Self { name: name.to_owned(), issuer }
    }

    fn sign<C: Serialize + ?Sized>(
        &self,
        claims: &C,
        overrides: &Overrides,
        now: SystemTime,
    ) -> Result<String, Error> {
        self.issuer.sign(claims, overrides, now).map_err(|cannot| {
            let error = Error::from(cannot);
            match error.key().map(|key| format!("passport.{}.{key}", self.name)) {
                Some(key) => error.with_key(key),
                None => error,
            }
        })
    }

    /// A token to try the application with.
    pub(super) fn sample<C: Serialize>(
        &self,
        claims: &C,
        now: SystemTime,
    ) -> Result<String, Error> {
        self.sign(claims, &Overrides::for_an_hour(), now)
    }
}

impl Speaks for Tokens {
    type Service = Signer;

    const WHAT: &'static str = "tokens";
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Tokens {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Error> {
        match Service::find(request) {
            Ok(signer) => Outcome::Success(Self { signer, clock: Clock::of(request.rocket()) }),
            Err(error) => Outcome::Error((error.status(), error)),
        }
    }
}

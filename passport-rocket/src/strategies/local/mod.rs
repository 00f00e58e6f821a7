//! `local`: a user name and a password from a form or a JSON body.
//!
//! There is no RFC for it; the words are Passport's. It proves that whoever sent the body knew the
//! password. It does not throttle, and it does not remember anybody: issue a token or begin a
//! session in the handler.
//!
//! # Quickstart
//!
//! ```
//! use passport_rocket::strategies::local::{Credentials, Local};
//! use passport_rocket::{protect, verify, Error, User};
//! use rocket::{post, routes, State};
//!
//! struct Account { username: String }
//!
//! struct Users { hash: String }
//!
//! #[verify]
//! async fn check_password(login: Credentials, users: &State<Users>) -> Result<Option<Account>, Error> {
//!     let hash = (login.username == "ada").then_some(users.hash.as_str());
//!     let matches = login.password_matches(hash).await?;
//!     Ok(matches.then(|| Account { username: login.username }))
//! }
//!
//! #[protect(strategy = "local")]
//! #[post("/login", data = "<user>")]
//! fn login(user: User<Account>) -> String {
//!     format!("hello {}", user.username)
//! }
//!
//! rocket::build()
//!     .attach(Local::fairing("local").verify(check_password))
//!     .mount("/", routes![login]);
//! ```
//!
//! The body is the credential, so the user is the data guard, or [`UserAnd`](crate::UserAnd) where
//! the same body says more; anything else in its place refuses launch. The payload sees neither
//! name nor password.
//!
//! # Configuration
//!
//! | key | type | default | meaning |
//! |---|---|---|---|
//! | `username_field` | string | `"username"` | the field with the name; `user[name]` or `user.name` for a nested one |
//! | `password_field` | string | `"password"` | the field with the password |
//! | `max_body` | byte size | `"8 KiB"` | larger bodies, a payload included, are 413, before anything is hashed |
//!
//! ```toml
//! [default.passport.local]
//! username_field = "user[email]"
//! ```
//! ```sh
//! ROCKET_PASSPORT='{local={username_field="user[email]"}}'
//! ```
//!
//! # Challenge sent
//!
//! A scheme that is not registered, named like the strategy (`WWW-Authenticate: local`), so that no
//! browser opens a prompt of its own.
//!
//! # Threats considered
//!
//! An unknown user and a wrong password are one answer, and cost one hash each
//! ([`Credentials::password_matches`]). A sign-in that another site causes (login CSRF) is refused
//! with 403 before the body is read. Hashes are computed on the blocking pool, as many at once as
//! there are cores; when too many wait, the answer is 503. Guessing is not limited here: put a
//! limit in front, by account and by source.

mod body;
mod config;
mod credentials;
pub mod password;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use self::config::Config;
pub use self::credentials::Credentials;
use crate::config::Mistake;
use crate::credential::RequestBody;
use crate::csrf;
use crate::denial::Denial;
use crate::probe::Parameter;
use crate::registration::{Builder, Registration, Setup};
use crate::strategy::{Answer, Attempt, Body, Strategy, Verdict};
use crate::verify::Verify;

/// The strategy `local`; see the [module](self).
#[derive(Debug)]
#[non_exhaustive]
pub struct Local;

impl Local {
    /// Registers it as `name`, once it was told how to [`verify`](Registration::verify).
    pub fn fairing(name: impl Into<Cow<'static, str>>) -> Registration<WithoutVerifier> {
        Registration { name: name.into(), builder: WithoutVerifier(()) }
    }
}

/// A `local` without a verifier: it is no fairing yet.
#[derive(Debug)]
pub struct WithoutVerifier(());

impl Registration<WithoutVerifier> {
    /// Asks `verify` who has these credentials.
    #[must_use]
    pub fn verify<V, Via>(self, verify: V) -> Registration<WithVerifier<V, Via>>
    where
        V: Verify<Credentials, Via> + Clone,
        Via: 'static,
    {
        Registration { name: self.name, builder: WithVerifier { verify, via: PhantomData } }
    }
}

/// A `local` with its verifier.
pub struct WithVerifier<V, Via> {
    verify: V,
    via: PhantomData<fn() -> Via>,
}

impl<V, Via> fmt::Debug for WithVerifier<V, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Local")
    }
}

impl<V, Via> Builder for WithVerifier<V, Via>
where
    V: Verify<Credentials, Via> + Clone,
    Via: 'static,
{
    type Strategy = Form<V, Via>;

    fn build(&self, setup: &Setup<'_>) -> Result<Form<V, Via>, Vec<Mistake>> {
        let config: Config = setup.config()?;
        Ok(Form { fields: config.fields(setup)?, verify: self.verify.clone(), via: PhantomData })
    }
}

/// The strategy as it runs.
pub struct Form<V, Via> {
    fields: body::Fields,
    verify: V,
    via: PhantomData<fn() -> Via>,
}

impl<V, Via> fmt::Debug for Form<V, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Local")
    }
}

impl<V, Via> Strategy for Form<V, Via>
where
    V: Verify<Credentials, Via>,
    Via: 'static,
{
    type User = V::User;

    fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<V::User>> {
        Answer::now(Err(Denial::absent()))
    }

    fn body(&self) -> Body {
        Body::Only
    }

    fn authenticate_body<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        body: &'r mut RequestBody<'_>,
    ) -> Answer<'r, Verdict<V::User>> {
        Answer::later(async move {
            attempt.refuse_cross_site(csrf::Rule::Login)?;
            let credentials = self.fields.take_from(body).await?;
            self.verify.verify(credentials, attempt.request()).get().await
        })
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        // A response to a POST is not cached by what its body said.
        &[]
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.verify.parameters()
    }
}

//! `jwt`: signed tokens (RFC 7519), verified and issued.
//!
//! It proves that a holder of the key said what the token says, and that this still holds. It does
//! not prove that the user still exists, unless a verifier looks them up, and it cannot take a token
//! back before it expires.
//!
//! # Quickstart
//!
//! ```
//! use passport_rocket::{protect, Jwt, User};
//! use rocket::{get, routes};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Account { username: String }
//!
//! #[protect(strategy = "jwt")]
//! #[get("/me")]
//! fn me(user: User<Account>) -> String {
//!     format!("hello {}", user.username)
//! }
//!
//! # fn main() {
//! rocket::build()
//!     .attach(Jwt::<Account>::fairing("jwt")) // the claims are the user: no lookup
//!     .mount("/", routes![me]);
//! # }
//! ```
//!
//! With a lookup, the claims are the verifier's first parameter:
//!
//! ```
//! use passport_rocket::{verify, Jwt};
//! use rocket::State;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Claims { id: i64 }
//!
//! struct Account { id: i64 }
//! # struct Db;
//! # impl Db { async fn find(&self, id: i64) -> std::io::Result<Option<Account>> { Ok(Some(Account { id })) } }
//!
//! #[verify]
//! async fn account_of(claims: Claims, db: &State<Db>) -> std::io::Result<Option<Account>> {
//!     db.find(claims.id).await
//! }
//!
//! # fn main() {
//! rocket::build().attach(Jwt::fairing("jwt").verify(account_of));
//! # }
//! ```
//!
//! Tokens are signed through the guard [`Tokens`].
//!
//! # Configuration
//!
//! | key | type | default | meaning |
//! |---|---|---|---|
//! | `algorithm` | string | required with a key | `HS256`, `HS384`, `HS512`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `EdDSA`: the one that is accepted and signed with |
//! | `secret` | string | | a shared secret, UTF-8 as it stands |
//! | `secret_base64` | string | | one in base64, standard or URL-safe |
//! | `secret_file` | path | | one in a file |
//! | `public_key`, `public_key_file` | PEM, path | | verifies only: SPKI or PKCS#1 |
//! | `private_key`, `private_key_file` | PEM, path | | signs and verifies: PKCS#8, PKCS#1 or SEC1 |
//! | `key_id` | string | none | signed as `kid`; a token with another is refused |
//! | `issuer` | string | not checked | the exact `iss`, demanded and signed |
//! | `audience` | string or list | none | one of these must be in `aud`; all are signed |
//! | `subject` | string | not checked | the exact `sub`, demanded and signed |
//! | `expires_in` | duration | none | how long a signed token is valid |
//! | `jti` | boolean | `false` | signs a random id of 128 bits |
//! | `leeway` | duration | `"0s"` | how long after `exp` a token is accepted, up to 5 minutes |
//! | `clock_skew` | duration | `"5s"` | how far `nbf` and `iat` may lie ahead, up to 5 minutes |
//! | `types` | list | `["JWT", "at+jwt", ""]` | accepted `typ`; `""` is none; the first is signed |
//! | `max_token_size` | byte size | `"8 KiB"` | longer tokens are refused unread |
//! | `token_from` | list | `[{ scheme = "Bearer" }]` | where the token stands: `{ scheme = … }`, `{ header = … }`, `{ cookie = … }` |
//!
//! Exactly one source of a key is given. Without any, the debug profile makes one in memory for the
//! run, for `HS256` unless `algorithm` says otherwise, and every other profile refuses launch. A path is relative to the file that names it. A
//! duration is `15s`, `4h`, `2 days`, `1h30m`, or a bare number of seconds.
//!
//! ```toml
//! [default.passport.jwt]
//! algorithm     = "HS256"
//! secret_base64 = "…"   # openssl rand -base64 32
//! issuer        = "https://tidal.example"
//! audience      = "tidal-api"
//! expires_in    = "4h"
//! token_from    = [{ scheme = "Bearer" }, { scheme = "JWT" }, { cookie = "token" }]
//! ```
//! ```sh
//! ROCKET_PASSPORT='{jwt={secret_file="/run/secrets/jwt",expires_in="1h"}}'
//! ```
//!
//! A configured check fails when its claim is absent. `exp` is always required. Without `audience`, a
//! token that names one is meant for others (RFC 7519 section 4.1.3), and refused.
//!
//! # Challenge sent
//!
//! For each scheme of `token_from`, RFC 6750 section 3: `Bearer realm="…"` when nothing was sent,
//! with `error="invalid_token"` after a token that was refused (401), `"invalid_request"` after one
//! that cannot be read or two that differ (400), `"insufficient_scope"` with the scopes (403).
//!
//! # Threats considered
//!
//! - The token chooses its algorithm, or none at all: the key has one, the header must name it
//!   (RFC 8725 section 3.1).
//! - The token brings or names its key: `jwk`, `jku`, `x5c`, `x5u` are never read.
//! - Weak, published or shared secrets, and keys of the wrong kind, refuse launch.
//! - Two readers see two tokens: duplicate members, foreign characters, padding and non-canonical
//!   base64 are refused, unknown `crit` too.
//! - A token bound to a key (`cnf`) comes as a plain one: refused, since its binding is not checked.
//! - Another site lets the browser send a cookie: judged by where the request comes from; an
//!   explicit token wins over a cookie.

mod algorithm;
mod bearer;
mod challenges;
mod claims;
mod compact;
mod config;
pub mod danger;
mod fault;
mod fetch;
#[cfg(feature = "testing")]
mod forge;
mod header;
mod issuer;
mod issuers;
mod jwk;
mod key;
mod key_set;
mod key_source;
mod keys;
mod lists;
mod location;
mod material;
mod members;
mod payload;
mod prepare;
mod provided;
mod provider;
mod published;
mod rejection;
mod remote;
mod sample;
mod sources;
mod subject;
mod token_claims;
mod tokens;
mod trust;
mod verifier;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rocket::Request;
use serde::de::DeserializeOwned;

pub use self::bearer::Bearer;
#[cfg(feature = "testing")]
pub use self::forge::Forge;
pub use self::provided::Key;
pub use self::provider::Unverified;
use self::provider::{Provider, Providing};
pub use self::subject::Subject;
pub use self::token_claims::TokenClaims;
pub use self::tokens::{Overriding, Signer, Tokens};
use crate::config::Mistake;
use crate::denial::Denial;
use crate::registration::{Builder, Registration, Setup};
use crate::strategy::{Answer, SignIn, Verdict};
use crate::verify::Verify;

/// The strategy `jwt`; see the [module](self). `C` is the type of the claims.
pub struct Jwt<C>(PhantomData<fn() -> C>);

impl<C: DeserializeOwned + Send + Sync + 'static> Jwt<C> {
    /// Registers it as `name`. The claims are the user, unless
    /// [`verify`](Registration::verify) says who the user is.
    pub fn fairing(name: impl Into<Cow<'static, str>>) -> Registration<Unbuilt<C, Itself, Itself>> {
        let ways = Ways::default();
        Registration {
            name: name.into(),
            builder: Unbuilt { verify: Itself, ways, claims: PhantomData },
        }
    }
}

impl<C> fmt::Debug for Jwt<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}

/// The verifier of a `jwt` that was given none: the claims are the user.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Itself;

impl<C: Send + Sync + 'static> Verify<C, Itself> for Itself {
    type User = C;

    fn verify<'r>(&'r self, claims: C, _: &'r Request<'_>) -> Answer<'r, Verdict<C>> {
        Answer::Now(Ok(SignIn::new(claims)))
    }
}

/// A `jwt` before launch.
pub struct Unbuilt<C, V, Via> {
    verify: V,
    ways: Ways,
    claims: PhantomData<fn() -> (C, Via)>,
}

/// What the application does otherwise than the configuration could say.
#[derive(Clone, Default)]
struct Ways {
    provider: Option<Arc<dyn Provider>>,
    checks: Vec<Check>,
}

/// A check of the application's own, of an accepted token.
type Check = Arc<dyn Fn(&TokenClaims) -> Result<(), Denial> + Send + Sync>;

impl<C> Registration<Unbuilt<C, Itself, Itself>> {
    /// Asks `verify` who the user behind the claims is.
    #[must_use]
    pub fn verify<V, Via>(self, verify: V) -> Registration<Unbuilt<C, V, Via>>
    where
        V: Verify<C, Via> + Clone,
        Via: 'static,
    {
        let ways = self.builder.ways;
        Registration { name: self.name, builder: Unbuilt { verify, ways, claims: PhantomData } }
    }
}

impl<C, V, Via> Registration<Unbuilt<C, V, Via>> {
    /// Asks `provider` for the key of each token, in place of any that the configuration names:
    /// Passport's `secretOrKeyProvider`.
    ///
    /// It is given what the token says of itself, [`Unverified`], and may ask for guards as any
    /// verifier may; it returns a [`Key`], which has one algorithm that the token must name. `None` is
    /// a token that is refused, an error is our fault (500, or 503 when it says so), and never a
    /// refusal.
    ///
    /// ```
    /// use passport_rocket::{Jwt, Key, Unverified, verify};
    /// use rocket::State;
    /// use std::collections::HashMap;
    ///
    /// struct Partners(HashMap<String, Key>);
    ///
    /// #[verify]
    /// async fn key_of(token: Unverified, partners: &State<Partners>) -> Option<Key> {
    ///     partners.0.get(&token.issuer?).cloned()
    /// }
    ///
    /// # #[derive(serde::Deserialize)]
    /// # struct Account;
    /// # fn main() {
    /// rocket::build().attach(Jwt::<Account>::fairing("jwt").keys(key_of));
    /// # }
    /// ```
    ///
    /// Prepare keys once and keep them: making one costs more than a signature.
    #[must_use]
    pub fn keys<P, PVia>(mut self, provider: P) -> Self
    where
        P: Verify<Unverified, PVia, User = Key>,
        PVia: 'static,
    {
        let provider = Providing { verify: provider, via: PhantomData };
        self.builder.ways.provider = Some(Arc::new(provider));
        self
    }

    /// Asks `check` about each token that everything else has accepted, before the user is looked up;
    /// may be repeated. For what neither the configuration nor the claims' type says: that a token was
    /// revoked, that its `jti` or `nonce` is the one that was given out.
    ///
    /// ```
    /// use passport_rocket::{Denial, Jwt};
    ///
    /// # #[derive(serde::Deserialize)]
    /// # struct Account;
    /// Jwt::<Account>::fairing("jwt").check(|token| match token.id() {
    ///     Some(id) if !id.starts_with("revoked-") => Ok(()),
    ///     _ => Err(Denial::rejected("revoked, or without an id")),
    /// });
    /// ```
    ///
    /// A check has no I/O; what has to ask a store belongs to [`verify`](Registration::verify).
    #[must_use]
    pub fn check(
        mut self,
        check: impl Fn(&TokenClaims) -> Result<(), Denial> + Send + Sync + 'static,
    ) -> Self {
        self.builder.ways.checks.push(Arc::new(check));
        self
    }
}

impl<C, V, Via> fmt::Debug for Unbuilt<C, V, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}

impl<C, V, Via> Builder for Unbuilt<C, V, Via>
where
    C: DeserializeOwned + Send + 'static,
    V: Verify<C, Via> + Clone,
    Via: 'static,
{
    type Strategy = Bearer<C, V, Via>;

    fn build(&self, setup: &Setup<'_>) -> Result<Self::Strategy, Vec<Mistake>> {
        Bearer::build(self.verify.clone(), self.ways.clone(), setup)
    }
}

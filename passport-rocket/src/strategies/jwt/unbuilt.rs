//! What an application says of a `jwt` in code, before launch builds it from its table.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::bearer::Bearer;
use super::functions::Functions;
use super::itself::Itself;
use super::provided::Key;
use super::provider::{Providing, Unverified};
use super::token_claims::TokenClaims;
use crate::config::Mistake;
use crate::denial::Denial;
use crate::registration::{Builder, Registration, Setup};
use crate::strategy::Attempt;
use crate::verify::Verify;

/// A `jwt` before launch.
pub struct Unbuilt<C, V, Via> {
    pub(super) verify: V,
    pub(super) functions: Functions,
    pub(super) claims: PhantomData<fn() -> (C, Via)>,
}

impl<C> Registration<Unbuilt<C, Itself, Itself>> {
    /// Asks `verify` who the user behind the claims is.
    #[must_use]
    pub fn verify<V, Via>(self, verify: V) -> Registration<Unbuilt<C, V, Via>>
    where
        V: Verify<C, Via> + Clone,
        Via: 'static,
    {
        let functions = self.builder.functions;
        Registration {
            name: self.name,
            builder: Unbuilt { verify, functions, claims: PhantomData },
        }
    }
}

impl<C, V, Via> Registration<Unbuilt<C, V, Via>> {
    /// Asks `function` for the token, besides the places of the configuration's `token_from`;
    /// without that key, `function` alone. The last function counts.
    ///
    /// ```
    /// use passport_rocket::Jwt;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Account { username: String }
    ///
    /// // A browser's WebSocket can say a token only where it names its protocols.
    /// let jwt = Jwt::<Account>::fairing("jwt").token_from(|attempt| {
    ///     let protocols = attempt.header("Sec-WebSocket-Protocol")?.unwrap_or_default();
    ///     let mut protocols = protocols.split(',').map(str::trim);
    ///     Ok(protocols.find_map(|protocol| protocol.strip_prefix("token.")).map(str::to_owned))
    /// });
    /// # let _ = rocket::build().attach(jwt);
    /// ```
    ///
    /// `Ok(None)` and an empty token are no credential; a [`Denial`] refuses as it says. Another
    /// token in another place is 400. Responses vary on everything (`Vary: *`), since nobody knows
    /// what the function looks at. It may be asked more than once in a request.
    ///
    /// # Security
    /// The token counts as explicit, as something that is not there unless the sender means it.
    /// What a browser sends by itself, a cookie or a client certificate, has to be judged first:
    /// [`attempt.refuse_cross_site(csrf::Rule::Cookie)?`](Attempt::refuse_cross_site). And what is
    /// found must not depend on the route: the verdict is kept for the request.
    #[must_use]
    pub fn token_from<F>(mut self, function: F) -> Self
    where
        F: Fn(Attempt<'_, '_>) -> Result<Option<String>, Denial> + Send + Sync + 'static,
    {
        self.builder.functions.token_from = Some(Arc::new(function));
        self
    }

    /// Asks `provider` for the key of each token, in place of any that the configuration names:
    /// Passport's `secretOrKeyProvider`.
    ///
    /// It is given what the token says of itself, [`Unverified`], and may ask for guards as any
    /// verifier may; it returns a [`Key`], which has one algorithm that the token must name. `None`
    /// is a token that is refused, an error is our fault (500, or 503 when it says so), and never a
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
        self.builder.functions.provider = Some(Arc::new(provider));
        self
    }

    /// Asks `check` about each token that everything else has accepted, before the user is looked
    /// up; may be repeated. For what neither the configuration nor the claims' type says: that a
    /// token was revoked, that its `jti` or `nonce` is the one that was given out.
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
        self.builder.functions.checks.push(Arc::new(check));
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
        Bearer::build(self.verify.clone(), self.functions.clone(), setup)
    }
}

//! The strategy as it runs: a token in, a user out.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::futures::future::join_all;
use rocket::http::Header;
use serde::de::DeserializeOwned;

use super::accepted::{Accepted, Who};
use super::challenges::Challenges;
use super::config::{AtLaunch, Config};
use super::fault::Fault;
use super::fetch::Failure;
use super::functions::{Check, Functions, TokenFrom};
use super::lookup::Lookup;
use super::memory::Memory;
use super::prepare::{Prepared, Surroundings};
use super::provided::Key;
use super::provider::Provider;
use super::remote::RemoteKeys;
use super::sample;
use super::token_claims::TokenClaims;
use super::tokens::Signer;
use super::verifier::{Opened, Verifier};
use crate::challenge::Challenge;
use crate::config::Mistake;
use crate::credential::{Found, RequestBody, Source};
use crate::denial::{Denial, Kind};
use crate::http_client::Http;
use crate::probe::Parameter;
use crate::registration::Setup;
use crate::sign_in::SignIn;
use crate::strategy::{Answer, Attempt, Body, Service, Strategy, Verdict};
use crate::verify::Verify;

/// The strategy `jwt` at work.
pub struct Bearer<C, V, Via> {
    name: Arc<str>,
    verifier: Verifier,
    checks: Vec<Check>,
    sources: Vec<Source>,
    function: Option<TokenFrom>,
    reads: Vec<Cow<'static, str>>,
    challenges: Challenges,
    verify: V,
    signer: Option<Arc<Signer>>,
    /// The key was made for this run, so a token of it may be shown.
    made_up: bool,
    at_launch: AtLaunch,
    /// What is said where keys cannot be fetched, at the key that says where they are.
    unreachable: Mistake,
    claims: PhantomData<fn() -> (C, Via)>,
}

impl<C, V, Via> Bearer<C, V, Via> {
    /// Builds it from its table.
    pub(super) fn build(
        verify: V,
        functions: Functions,
        setup: &Setup<'_>,
    ) -> Result<Self, Vec<Mistake>> {
        let config: Config = setup.config()?;
        let located = |Fault { key, problem, remedy }| setup.mistake(&key, problem, remedy);
        let around = Surroundings {
            strategy: setup.name(),
            is_debug: setup.is_debug(),
            http: Http::of(setup.rocket()),
            memory: Memory::new(config.remembered(functions.provider.is_some())).map(Arc::new),
            provider: functions.provider,
        };
        let prepared = Prepared::new(&config, &around)
            .map_err(|faults| faults.into_iter().map(located).collect::<Vec<_>>())?;
        for claim in &prepared.claims {
            setup.claim_secret(claim);
        }
        let sources = config.places(functions.token_from.is_some());
        if sources.iter().any(|source| matches!(source, Source::Query(_))) {
            log::warn!(
                target: "passport::jwt",
                "strategy `{0}` takes tokens from the query (`passport.{0}.token_from`), and Rocket logs \
                 the query of each request; prefer a header or the body",
                setup.name()
            );
        }
        let signer = prepared.issuer.map(|issuer| Arc::new(Signer::new(setup.name(), issuer)));
        let unreachable = located(config.unreachable());
        Ok(Self {
            name: setup.name().into(),
            verifier: prepared.verifier,
            checks: functions.checks,
            reads: Source::headers(&sources),
            challenges: Challenges::new(&sources, &setup.options().realm),
            at_launch: config.at_launch(),
            unreachable,
            sources,
            function: functions.token_from,
            verify,
            signer,
            made_up: prepared.made_up,
            claims: PhantomData,
        })
    }

    /// Fetches a provider's keys before the port opens, and says what is wrong if that fails.
    async fn first_fetch(&self, keys: &RemoteKeys, now: SystemTime) -> Option<Mistake> {
        let failure = keys.prepare(now).await.err()?;
        if matches!(failure, Failure::Unreachable(_)) && self.at_launch == AtLaunch::Warn {
            let place = keys.place();
            log::warn!(
                target: "passport::jwt",
                "`{}`: no keys from {place} yet ({failure}); its tokens are answered with 503 until \
                 they are there", self.unreachable.key
            );
            return None;
        }
        let problem = format!("no keys from {}: {failure}", keys.place());
        Some(Mistake { problem, ..self.unreachable.clone() })
    }

    /// Judges what everything else has accepted.
    fn check(&self, token: &TokenClaims) -> Result<(), Denial> {
        self.checks.iter().try_for_each(|check| check(token))
    }
}

impl<C, V, Via> Bearer<C, V, Via>
where
    C: DeserializeOwned + Send + 'static,
    V: Verify<C, Via>,
    Via: 'static,
{
    /// The token of the head that nobody sends without meaning it.
    fn explicit<'r>(&'r self, attempt: Attempt<'r, '_>) -> Result<Option<Found<'r>>, Denial> {
        let answered = match &self.function {
            Some(function) => function(attempt)?.filter(|token| !token.is_empty()),
            None => None,
        };
        let answered = answered.map(|token| Found::new(token, const { &Source::Function }));
        Found::one_of(answered, Source::explicit(&self.sources, attempt)?)
    }

    fn find<'r>(&'r self, attempt: Attempt<'r, '_>) -> Result<Option<Found<'r>>, Denial> {
        match self.explicit(attempt)? {
            Some(found) => Ok(Some(found)),
            None => Source::ambient(&self.sources, attempt),
        }
    }

    /// Judges a token, at once if its key is there.
    fn judge<'r>(
        &'r self,
        found: Found<'r>,
        attempt: Attempt<'r, '_>,
    ) -> Answer<'r, Verdict<V::User>> {
        let source = found.source;
        let refused = |denial| Answer::Now(Err(from(source, denial)));
        let opened = match self.verifier.open(&found.token) {
            Ok(opened) => opened,
            Err(rejection) => return refused(rejection.into()),
        };
        let now = attempt.now();
        let wait = match self.verifier.key_of(&opened, now) {
            Lookup::Found(key) => return self.accept(opened, key, source, now, attempt),
            Lookup::Refused(denial) => return refused(denial),
            Lookup::Wait(wait) => wait,
        };
        drop(opened);
        Answer::later(async move {
            // What was opened borrows from what moved here.
            let opened = self.verifier.open(&found.token)?;
            let policy = &self.verifier.header;
            let key = wait.key(opened.compact, policy, attempt.request()).await;
            let key = key.map_err(|denial| from(source, denial))?;
            self.accept(opened, Cow::Owned(key), source, attempt.now(), attempt).get().await
        })
    }

    /// Judges a token whose key is there.
    fn accept<'r>(
        &'r self,
        token: Opened<'_, '_>,
        key: Cow<'_, Key>,
        source: &'r Source,
        now: SystemTime,
        attempt: Attempt<'r, '_>,
    ) -> Answer<'r, Verdict<V::User>> {
        let who = |claims, token: &Arc<TokenClaims>| match self.verify.itself() {
            Some(itself) => {
                let sign_in = SignIn::new(itself(claims)).of_token(Arc::clone(token));
                Who::User(sign_in.keep(Arc::clone(&self.name)))
            }
            None => Who::Claims(claims),
        };
        let (text, compact) = (token.text, token.compact);
        let accepted = self.verifier.accept(token, &key, now, who);
        let accepted = accepted.map_err(Denial::from).and_then(|accepted| {
            self.check(accepted.proof.token())?;
            self.verifier.remember(compact, text, key, &accepted);
            Ok(accepted)
        });
        let Accepted { who, proof } = match accepted {
            Ok(accepted) => accepted,
            Err(denial) => return Answer::Now(Err(from(source, denial))),
        };
        let claims = match who {
            Who::Claims(claims) => claims,
            Who::User(user) => return Answer::Now(Ok(user.into_sign_in())),
        };
        let token = Arc::clone(proof.token());
        self.verify.verify(claims, attempt.request()).map(move |verdict| match verdict {
            Ok(sign_in) => Ok(sign_in.of_token(token)),
            Err(denial) => Err(from(source, denial)),
        })
    }
}

/// Says where the token stood, where the token is what is wrong.
fn from(source: &Source, denial: Denial) -> Denial {
    match denial.kind() {
        Kind::Rejected => denial.read_from(source),
        _ => denial,
    }
}

impl<C, V, Via> Strategy for Bearer<C, V, Via>
where
    C: DeserializeOwned + Send + 'static,
    V: Verify<C, Via>,
    Via: 'static,
{
    type User = V::User;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<V::User>> {
        match self.find(attempt) {
            Ok(Some(found)) => self.judge(found, attempt),
            Ok(None) => Answer::Now(Err(Denial::absent())),
            Err(denial) => Answer::Now(Err(denial)),
        }
    }

    fn body(&self) -> Body {
        let in_body = self.sources.iter().filter(|source| matches!(source, Source::Body(_)));
        match in_body.count() {
            0 => Body::Never,
            count if count == self.sources.len() => Body::Only,
            _ => Body::Also,
        }
    }

    fn authenticate_body<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        body: &'r mut RequestBody<'_>,
    ) -> Answer<'r, Verdict<V::User>> {
        Answer::later(async move {
            let Some(found) = Source::take_from_body(&self.sources, body).await? else {
                return Err(Denial::absent());
            };
            // Another site may cause the request, but its page does not know the token: what a body
            // says is explicit, needs no sign of where it comes from, and wins over a cookie.
            let explicit = self.explicit(attempt)?;
            let is_in_head = explicit.is_some();
            Found::one_of(explicit, Some(found.clone()))?;
            match is_in_head {
                // The head was judged by the same token.
                true => Err(Denial::absent()),
                false => self.judge(found, attempt).get().await,
            }
        })
    }

    fn prepare(&self, now: SystemTime) -> Answer<'_, Result<(), Vec<Mistake>>> {
        let providers: Vec<&RemoteKeys> = self.verifier.trusts.remote().collect();
        if providers.is_empty() {
            return Answer::Now(Ok(()));
        }
        Answer::later(async move {
            let fetches = providers.into_iter().map(|keys| self.first_fetch(keys, now));
            let mistakes: Vec<_> = join_all(fetches).await.into_iter().flatten().collect();
            match mistakes.is_empty() {
                true => Ok(()),
                false => Err(mistakes),
            }
        })
    }

    fn challenges(&self, denial: &Denial) -> Vec<Challenge> {
        self.challenges.after(denial)
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        &self.reads
    }

    fn query_parameters(&self) -> Vec<String> {
        let in_query = |source: &Source| match source {
            Source::Query(name) => Some(name.clone()),
            _ => None,
        };
        self.sources.iter().filter_map(in_query).collect()
    }

    fn services(&self) -> Vec<Service> {
        self.signer.iter().cloned().map(Service::new).collect()
    }

    fn parameters(&self) -> Vec<Parameter> {
        let provider = self.verifier.trusts.provider().map(Provider::parameters);
        [self.verify.parameters(), provider.unwrap_or_default()].concat()
    }

    fn sample(&self, now: SystemTime) -> Option<Header<'static>> {
        let signer = self.signer.as_ref().filter(|_| self.made_up)?;
        let claims = sample::sample::<C>()?;
        let token = signer.sample(&claims, now).ok()?;
        self.sources.iter().find_map(|source| match source {
            Source::Scheme(scheme) => {
                Some(Header::new("Authorization", format!("{scheme} {token}")))
            }
            Source::Header(name) => Some(Header::new(name.clone(), token.clone())),
            Source::Cookie(name) => Some(Header::new("Cookie", format!("{name}={token}"))),
            _ => None,
        })
    }
}

impl<U> SignIn<U> {
    /// What a token says besides, unless the verifier said it otherwise.
    fn of_token(mut self, token: Arc<TokenClaims>) -> Self {
        if self.scope().is_none()
            && let Some(scope) = token.scope()
        {
            self = self.with_scope(scope);
        }
        // Not `iat`: a token that was renewed is young, and its sign-in may be old.
        if let Some(time) = token.authenticated_at() {
            self = self.with_authenticated_at(time);
        }
        self.with_shared_info(token)
    }
}

impl<C, V, Via> fmt::Debug for Bearer<C, V, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("sources", &self.sources).finish_non_exhaustive()
    }
}

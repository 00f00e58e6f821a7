//! The strategy as it runs: a token in, a user out.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::http::Header;
use serde::de::DeserializeOwned;

use super::challenges::Challenges;
use super::config::{Config, Fault};
use super::issuer::Overrides;
use super::sample;
use super::tokens::Signer;
use super::verifier::Verifier;
use crate::challenge::Challenge;
use crate::config::Mistake;
use crate::credential::Source;
use crate::denial::{Denial, Kind};
use crate::probe::Parameter;
use crate::registration::Setup;
use crate::strategy::{Answer, Attempt, Service, SignIn, Strategy, Verdict};
use crate::verify::Verify;

/// The strategy `jwt` at work.
pub struct Bearer<C, V, Via> {
    verifier: Verifier,
    sources: Vec<Source>,
    reads: Vec<Cow<'static, str>>,
    challenges: Challenges,
    verify: V,
    signer: Option<Arc<Signer>>,
    /// The key was made for this run, so a token of it may be shown.
    made_up: bool,
    claims: PhantomData<fn() -> (C, Via)>,
}

impl<C, V, Via> Bearer<C, V, Via> {
    /// Builds it from its table.
    pub(super) fn build(verify: V, setup: &Setup<'_>) -> Result<Self, Vec<Mistake>> {
        let config: Config = setup.config()?;
        let located = |Fault { key, problem, remedy }| setup.mistake(key, problem, remedy);
        let mut mistakes: Vec<_> = config.faults().into_iter().map(located).collect();
        let made_up = setup.is_debug() && !config.names_a_key();
        if let Some(fault) = config.missing_algorithm(made_up) {
            mistakes.push(located(fault));
            if !config.names_a_key() {
                mistakes.push(located(config.no_key()));
            }
            return Err(mistakes);
        }
        let keys = match config.keys() {
            Ok(Some(keys)) => Ok(keys),
            Ok(None) if made_up => config.made_up_keys(),
            Ok(None) => Err(vec![config.no_key()]),
            Err(faults) => Err(faults),
        };
        let keys = match keys {
            Ok(keys) if mistakes.is_empty() => keys,
            Ok(_) => return Err(mistakes),
            Err(faults) => {
                mistakes.extend(faults.into_iter().map(located));
                return Err(mistakes);
            }
        };
        let prepared = config.prepare(keys);
        setup.claim_secret(&prepared.identity);
        let signer = prepared.issuer.map(|issuer| Arc::new(Signer::new(setup.name(), issuer)));
        Ok(Self {
            verifier: prepared.verifier,
            reads: Source::headers(&prepared.sources),
            challenges: Challenges::new(&prepared.sources, &setup.options().realm),
            sources: prepared.sources,
            verify,
            signer,
            made_up,
            claims: PhantomData,
        })
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
        let found = match Source::find(&self.sources, attempt) {
            Ok(Some(found)) => found,
            Ok(None) => return Answer::Now(Err(Denial::absent())),
            Err(denial) => return Answer::Now(Err(denial)),
        };
        let accepted = match self.verifier.verify::<C>(found.token, attempt.now()) {
            Ok(accepted) => accepted,
            Err(rejection) => {
                let denial = Denial::rejected(rejection.reason()).read_from(found.source);
                return Answer::Now(Err(denial));
            }
        };
        let token = accepted.token;
        self.verify.verify(accepted.claims, attempt.request()).map(move |verdict| match verdict {
            Ok(sign_in) => Ok(sign_in.of_token(token)),
            Err(denial) if denial.kind() == Kind::Rejected => Err(denial.read_from(found.source)),
            Err(denial) => Err(denial),
        })
    }

    fn challenges(&self, denial: &Denial) -> Vec<Challenge> {
        self.challenges.after(denial)
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        &self.reads
    }

    fn services(&self) -> Vec<Service> {
        self.signer.iter().cloned().map(Service::new).collect()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.verify.parameters()
    }

    fn sample(&self, now: SystemTime) -> Option<Header<'static>> {
        let signer = self.signer.as_ref().filter(|_| self.made_up)?;
        let claims = sample::sample::<C>()?;
        let token = signer.sample(&claims, now).ok()?;
        Some(match self.sources.first()? {
            Source::Scheme(scheme) => Header::new("Authorization", format!("{scheme} {token}")),
            Source::Header(name) => Header::new(name.clone(), token),
            Source::Cookie(name) => Header::new("Cookie", format!("{name}={token}")),
        })
    }
}

impl<U> SignIn<U> {
    /// What a token says besides, unless the verifier said it otherwise.
    fn of_token(mut self, token: super::TokenClaims) -> Self {
        if self.scope().is_none()
            && let Some(scope) = token.scope()
        {
            self = self.with_scope(scope);
        }
        // Not `iat`: a token that was renewed is young, and its sign-in may be old.
        if let Some(time) = token.authenticated_at() {
            self = self.with_authenticated_at(time);
        }
        self.with_info(token)
    }
}

impl<C, V, Via> fmt::Debug for Bearer<C, V, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("sources", &self.sources).finish_non_exhaustive()
    }
}

/// The overrides of a sample: an hour, whatever is configured.
pub(super) fn for_an_hour() -> Overrides {
    Overrides { expires_in: Some(std::time::Duration::from_secs(3_600)), ..Overrides::default() }
}

//! Where the keys of a trust come from, and the key for one token.

use std::sync::Arc;
use std::time::SystemTime;

use rocket::Request;

use super::algorithm::Algorithms;
use super::claimed;
use super::header::Policy;
use super::key_set::{self, KeySet};
use super::provided::Key;
use super::provider::{Provider, Unverified};
use super::rejection::Rejection;
use super::remote::{Fetch, RemoteKeys};
use super::verifier::Opened;
use crate::denial::Denial;

/// Where keys come from.
#[derive(Debug)]
pub(super) enum KeySource {
    /// The configuration: all are there before the port opens.
    Fixed(KeySet),
    /// A provider, over HTTP.
    Remote(RemoteKeys),
    /// A function of the application.
    Provided(Arc<dyn Provider>),
}

/// The key of a token, or the way to it.
pub(super) enum Lookup<'k> {
    Found(Key),
    /// Not without waiting for somebody.
    Wait(Wait<'k>),
    Refused(Denial),
}

/// Whom to wait for.
pub(super) enum Wait<'k> {
    Fetch(Fetch<'k>),
    Provider(&'k dyn Provider),
}

impl KeySource {
    /// Looks for the key of a token with this encoded header.
    pub(super) fn find(&self, segment: &str, policy: &Policy, now: SystemTime) -> Lookup<'_> {
        match self {
            Self::Fixed(set) => match set.pick(segment, policy) {
                Ok(key) => Lookup::Found(key.clone()),
                Err(miss) => Lookup::Refused(refusal(miss.into())),
            },
            Self::Remote(keys) => keys.find(segment, policy, now),
            Self::Provided(provider) => Lookup::Wait(Wait::Provider(&**provider)),
        }
    }
}

impl Wait<'_> {
    /// The key, after waiting.
    pub(super) async fn key(
        self,
        token: &Opened<'_, '_>,
        policy: &Policy,
        request: &Request<'_>,
    ) -> Result<Key, Denial> {
        let provider = match self {
            Self::Fetch(fetch) => return fetch.key(token.compact.header, policy).await,
            Self::Provider(provider) => provider,
        };
        let head = policy.read(token.compact.header).map_err(refusal)?;
        // R03: no key is one for it, so nobody has to look.
        if Algorithms::named(&head.algorithm).is_none() {
            return Err(refusal(Rejection::Algorithm { expected: None }));
        }
        let payload = token.payload().map_err(refusal)?;
        let unverified = Unverified {
            algorithm: head.algorithm.clone(),
            key_id: head.key_id.clone(),
            issuer: claimed::issuer(&payload).ok(),
        };
        let key = provider.key(unverified, request).get().await?;
        key_set::fits(&key, &head).map_err(|miss| refusal(miss.into()))?;
        Ok(key)
    }
}

/// A rejection as a verdict.
pub(super) fn refusal(rejection: Rejection) -> Denial {
    Denial::rejected(rejection.reason())
}

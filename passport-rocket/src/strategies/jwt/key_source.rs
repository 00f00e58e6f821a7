//! Where the keys of a trust come from, and the key for one token.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::Request;

use super::algorithm::Algorithms;
use super::claimed;
use super::compact::Compact;
use super::header::Policy;
use super::key_set::{self, KeySet};
use super::lookup::Lookup;
use super::provided::Key;
use super::provider::{Provider, Unverified};
use super::rejection::Rejection;
use super::remote::{Fetch, RemoteKeys};
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

/// Whom to wait for.
pub(super) enum Wait<'k> {
    Fetch(Fetch<'k>),
    Provider(&'k dyn Provider),
}

impl KeySource {
    /// Looks for the key of a token with this encoded header.
    pub(super) fn find(
        &self,
        segment: &str,
        policy: &Policy,
        now: SystemTime,
    ) -> Lookup<'_, Wait<'_>> {
        match self {
            Self::Fixed(set) => match set.pick(segment, policy) {
                Ok(key) => Lookup::Found(Cow::Borrowed(key)),
                Err(miss) => Lookup::Refused(Rejection::from(miss).into()),
            },
            Self::Remote(keys) => match keys.find(segment, policy, now) {
                Lookup::Found(key) => Lookup::Found(key),
                Lookup::Wait(fetch) => Lookup::Wait(Wait::Fetch(fetch)),
                Lookup::Refused(denial) => Lookup::Refused(denial),
            },
            Self::Provided(provider) => Lookup::Wait(Wait::Provider(&**provider)),
        }
    }
}

impl Wait<'_> {
    /// The key, after waiting.
    pub(super) async fn key(
        self,
        token: Compact<'_>,
        policy: &Policy,
        request: &Request<'_>,
    ) -> Result<Key, Denial> {
        let provider = match self {
            Self::Fetch(fetch) => return fetch.key(token.header, policy).await,
            Self::Provider(provider) => provider,
        };
        let head = policy.read(token.header)?;
        // R03: no key is one for it, so nobody has to look.
        if Algorithms::named(&head.algorithm).is_none() {
            return Err(Rejection::Algorithm { expected: None }.into());
        }
        let payload = token.payload_text()?;
        let unverified = Unverified::of(head.clone(), claimed::issuer(&payload).ok());
        let key = provider.key(unverified, request).get().await?;
        key_set::fits(&key, &head).map_err(Rejection::from)?;
        Ok(key)
    }
}

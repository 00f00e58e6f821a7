//! What is left of a token once it is accepted.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::memory::Seen;
use super::token_claims::TokenClaims;
use crate::sign_in::Kept;

/// An accepted token: whom it speaks of, and everything that it says.
#[derive(Debug)]
pub(super) struct Accepted<C, U> {
    pub(super) who: Who<C, U>,
    pub(super) proof: Proof,
}

impl<C: DeserializeOwned, U: Send + Sync + 'static> Accepted<C, U> {
    /// A token that was seen; `None` where its claims cannot be read once more.
    pub(super) fn again(seen: Arc<Seen>) -> Option<Self> {
        let who = match &seen.user {
            Some(user) => Who::User(Kept::of_erased(user)?),
            None => Who::Claims(seen.token.get().ok()?),
        };
        Some(Self { who, proof: Proof::Seen(seen) })
    }
}

/// Where an accepted token is from.
#[derive(Debug)]
pub(super) enum Proof {
    /// Its signature is right.
    New(Arc<TokenClaims>),
    /// Its signature was right before, by the same key.
    Seen(Arc<Seen>),
}

impl Proof {
    pub(super) fn token(&self) -> &Arc<TokenClaims> {
        match self {
            Self::New(token) => token,
            Self::Seen(seen) => &seen.token,
        }
    }
}

/// Whom a token speaks of.
#[derive(Debug)]
pub(super) enum Who<C, U> {
    /// The application is asked who that is.
    Claims(C),
    /// The claims are the user.
    User(Kept<U>),
}

#[cfg(test)]
impl<C> Accepted<C, ()> {
    pub(super) fn into_claims(self) -> C {
        match self.who {
            Who::Claims(claims) => claims,
            Who::User(_) => panic!("somebody made a user of the claims"),
        }
    }
}

//! What is left of a token once it is accepted.

use std::sync::Arc;

use super::token_claims::TokenClaims;
use crate::verify::AsUser;

/// An accepted token: whom it speaks of, and everything that it says.
#[derive(Debug)]
pub(super) struct Accepted<C, U> {
    pub(super) who: Who<C, U>,
    pub(super) token: Arc<TokenClaims>,
}

/// Whom a token speaks of.
#[derive(Debug)]
pub(super) enum Who<C, U> {
    /// The application is asked who that is.
    Claims(C),
    /// The claims are the user, whom requests may share.
    User(Arc<U>),
}

impl<C, U> Who<C, U> {
    pub(super) fn of(claims: C, itself: Option<AsUser<C, U>>) -> Self {
        match itself {
            Some(itself) => Self::User(itself(Arc::new(claims))),
            None => Self::Claims(claims),
        }
    }
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

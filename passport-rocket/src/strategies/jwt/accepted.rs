//! What is left of a token once it is accepted.

use std::sync::Arc;

use super::token_claims::TokenClaims;
use crate::sign_in::Kept;

/// An accepted token: whom it speaks of, and everything that it says.
#[derive(Debug)]
pub(super) struct Accepted<C, U> {
    pub(super) who: Who<C, U>,
    pub(super) token: Arc<TokenClaims>,
    /// It is not one that was remembered.
    pub(super) is_new: bool,
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

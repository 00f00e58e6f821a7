//! The claims as the user.

use rocket::Request;

use crate::sign_in::SignIn;
use crate::strategy::{Answer, Verdict};
use crate::verify::Verify;

/// The verifier of a `jwt` that was given none: the claims are the user.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Itself;

impl<C: Send + Sync + 'static> Verify<C, Itself> for Itself {
    type User = C;

    fn verify<'r>(&'r self, claims: C, _: &'r Request<'_>) -> Answer<'r, Verdict<C>> {
        Answer::Now(Ok(SignIn::new(claims)))
    }

    fn itself(&self) -> Option<fn(C) -> C> {
        Some(|claims| claims)
    }
}

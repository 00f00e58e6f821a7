//! The application's own source of keys: Passport's `secretOrKeyProvider`, async and typed.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use rocket::Request;

use super::header::Head;
use super::provided::Key;
use crate::denial::Denial;
use crate::probe::Parameter;
use crate::strategy::Answer;
use crate::verify::{NOBODY, Verify};

/// What a token says of itself before anything of it is proved: enough to look a key up, and
/// nothing to believe.
///
/// # Security
/// Anybody can write anything here. Use the texts as keys of a lookup, with parameters bound and
/// never as part of a path, a URL or a query (RFC 8725 section 3.10): a URL made of `issuer` would
/// let the token say who vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unverified {
    /// The header `alg`; the key that is found must be one of this algorithm.
    pub algorithm: String,
    /// The header `kid`.
    pub key_id: Option<String>,
    /// The claim `iss`.
    pub issuer: Option<String>,
}

impl Unverified {
    pub(super) fn of(head: Head<'_>, issuer: Option<String>) -> Self {
        let key_id = head.key_id.map(Cow::into_owned);
        Self { algorithm: head.algorithm.into_owned(), key_id, issuer }
    }
}

/// A provider whose type is forgotten.
pub(super) trait Provider: Send + Sync {
    fn key<'r>(
        &'r self,
        token: Unverified,
        request: &'r Request<'_>,
    ) -> Answer<'r, Result<Key, Denial>>;

    fn parameters(&self) -> Vec<Parameter>;
}

pub(super) struct Providing<V, Via> {
    pub(super) verify: V,
    pub(super) via: PhantomData<fn() -> Via>,
}

impl<V, Via> Provider for Providing<V, Via>
where
    V: Verify<Unverified, Via, User = Key>,
    Via: 'static,
{
    fn key<'r>(
        &'r self,
        token: Unverified,
        request: &'r Request<'_>,
    ) -> Answer<'r, Result<Key, Denial>> {
        self.verify.verify(token, request).map(|verdict| match verdict {
            Ok(found) => Ok(found.user().clone()),
            Err(denial) if denial.reason() == NOBODY => Err(Denial::rejected(NO_KEY)),
            // Passport answers 401 when its provider fails; here that is our fault, as it is.
            Err(denial) => Err(denial),
        })
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.verify.parameters()
    }
}

impl fmt::Debug for dyn Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider(..)")
    }
}

const NO_KEY: &str = "the key provider has no key for it";

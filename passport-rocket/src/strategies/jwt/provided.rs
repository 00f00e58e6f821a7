//! A key as an application provides it, for tokens whose keys no configuration can list.

use std::fmt;
use std::sync::{Arc, Weak};

use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Algorithms};
use super::jwk::{Holds, JwkSet};
use super::key::VerifyingKey;
use super::keys::{Keys, Verifying};
use super::material::Unfit;
use crate::config;
use crate::error::Error;

/// A key that verifies tokens of exactly one algorithm, prepared once; cloning it costs nothing.
///
/// An application makes one in its [key provider](crate::Registration::keys). Weak and published
/// keys, and keys of the wrong kind for the algorithm, are refused as they are at launch.
///
/// Keep a key that is used again, and hand out clones of it: preparing one anew for each request
/// costs more than most signatures, and what it has proved cannot be remembered.
///
/// ```
/// use passport_rocket::Key;
///
/// let key = Key::from_secret("HS256", b"a secret of this example, 32 bytes")?;
/// assert_eq!(key.algorithm(), "HS256");
/// assert!(Key::from_secret("HS256", b"short").is_err());
/// # Ok::<(), passport_rocket::Error>(())
/// ```
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    verifying: Verifying,
    id: Option<String>,
    /// Of a key that a provider publishes, to know it when it is published again.
    spki: Option<Zeroizing<Vec<u8>>>,
}

/// Algorithm, id and `SubjectPublicKeyInfo`.
pub(super) type Likeness<'k> = (&'static str, Option<&'k str>, &'k [u8]);

/// Which key it was, as long as it is there: a key that is made again is another one.
pub(super) struct KeyIdentity(Weak<Inner>);

impl Key {
    /// A shared secret, for `HS256`, `HS384` or `HS512`.
    ///
    /// # Errors
    /// When it is shorter than the hash (RFC 7518 section 3.2), a pattern, or published.
    pub fn from_secret(algorithm: &str, secret: &[u8]) -> Result<Self, Error> {
        Self::made(named(algorithm)?, |algorithm| Keys::from_secret(algorithm, secret))
    }

    /// A public key in PEM, SPKI or PKCS#1.
    ///
    /// # Errors
    /// When it cannot be read, is of the wrong kind for the algorithm, weak, private or published.
    pub fn from_pem(algorithm: &str, pem: &str) -> Result<Self, Error> {
        Self::made(named(algorithm)?, |algorithm| Keys::from_public_pem(algorithm, pem))
    }

    /// A public key in DER, SPKI or PKCS#1.
    ///
    /// # Errors
    /// As [`Key::from_pem`].
    pub fn from_der(algorithm: &str, der: &[u8]) -> Result<Self, Error> {
        Self::made(named(algorithm)?, |algorithm| Keys::from_public_der(algorithm, der))
    }

    /// A public key as a JSON Web Key (RFC 7517), with its `kid`. Its `alg` has to be `algorithm`,
    /// or absent.
    ///
    /// # Errors
    /// As [`Key::from_pem`], and when it is not for signatures.
    pub fn from_jwk(algorithm: &str, jwk: &str) -> Result<Self, Error> {
        let allowed = Algorithms::from(vec![named(algorithm)?]);
        let set = JwkSet::read(jwk.as_bytes(), &allowed, Holds::Public).map_err(refused)?;
        if let Some(entry) = set.broken.into_iter().chain(set.ignored).next() {
            return Err(refused(entry.unfit));
        }
        let mut keys = set.keys.into_iter();
        match (keys.next(), keys.next()) {
            (Some(found), None) => Ok(Self::new(found.keys.into_verifying(), found.id)),
            _ => Err(refused(Unfit::new("not exactly one key", ""))),
        }
    }

    /// The one algorithm that it verifies.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        self.0.verifying.algorithm
    }

    /// Its name, the `kid` of tokens.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    pub(super) fn new(verifying: Verifying, id: Option<String>) -> Self {
        Self(Arc::new(Inner { verifying, id, spki: None }))
    }

    /// A public key that a provider publishes.
    pub(super) fn published(mut keys: Keys, id: Option<String>) -> Self {
        let spki = Some(std::mem::take(&mut keys.identity));
        Self(Arc::new(Inner { verifying: keys.into_verifying(), id, spki }))
    }

    /// Everything that makes a published key another one.
    pub(super) fn likeness(&self) -> Option<Likeness<'_>> {
        let Inner { verifying, id, spki } = &*self.0;
        Some((verifying.algorithm, id.as_deref(), spki.as_ref()?))
    }

    pub(super) fn verifying(&self) -> &VerifyingKey {
        &self.0.verifying.key
    }

    /// Whether it is the very same key.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn identity(&self) -> KeyIdentity {
        KeyIdentity(Arc::downgrade(&self.0))
    }

    /// Whether anybody else holds it, too.
    pub(super) fn is_held(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    fn made(
        algorithm: Algorithm,
        make: impl FnOnce(Algorithm) -> Result<Keys, Unfit>,
    ) -> Result<Self, Error> {
        make(algorithm).map(|keys| Self::new(keys.into_verifying(), None)).map_err(refused)
    }
}

impl KeyIdentity {
    pub(super) fn is_of(&self, key: &Key) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&key.0))
    }

    /// Whether anybody holds the key.
    pub(super) fn is_there(&self) -> bool {
        self.0.strong_count() > 0
    }
}

fn named(algorithm: &str) -> Result<Algorithm, Error> {
    Algorithms::named(algorithm).ok_or_else(|| {
        let meant = config::nearest(algorithm, Algorithms::NAMES).unwrap_or("RS256");
        Error::misuse(format!("make a key: unknown algorithm; did you mean `{meant}`?"))
    })
}

fn refused(unfit: Unfit) -> Error {
    Error::misuse(format!("make a key: {}", unfit.problem))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

//! What is kept, and what is read back.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use aws_lc_rs::rand;

use super::Owner;
use crate::error::Error;

/// Bytes to be kept until they expire.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use passport_rocket::store::{Entry, Owner, Space};
///
/// let end = SystemTime::now() + Duration::from_secs(60);
/// let entry = Entry::new("for Ada", end).owned_by(Owner::new(&Space::new("invitation"), "ada"));
/// assert_eq!(entry.expires_at, end);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Entry {
    /// The bytes.
    pub value: Arc<[u8]>,
    /// Whose they are.
    pub owner: Option<Owner>,
    /// From then on they are not there. What is finer than a millisecond may be cut off.
    pub expires_at: SystemTime,
}

impl Entry {
    /// `value`, until `expires_at`.
    pub fn new(value: impl AsRef<[u8]>, expires_at: SystemTime) -> Self {
        Self { value: Arc::from(value.as_ref()), owner: None, expires_at }
    }

    /// As [`Entry::new`], for bytes that are shared already.
    #[must_use]
    pub fn shared(value: Arc<[u8]>, expires_at: SystemTime) -> Self {
        Self { value, owner: None, expires_at }
    }

    /// Says whose it is, so that it can be listed and deleted with all else that is theirs.
    #[must_use]
    pub fn owned_by(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }
}

/// Shows no bytes: they may be personal.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// An entry that was read.
#[derive(Clone)]
#[non_exhaustive]
pub struct Found {
    /// The bytes.
    pub value: Arc<[u8]>,
    /// From then on they are not there.
    pub expires_at: SystemTime,
    /// What [`compare_and_swap`](super::Adapter::compare_and_swap) compares.
    pub version: Version,
}

impl Found {
    /// What an adapter read.
    pub fn new(value: impl Into<Arc<[u8]>>, expires_at: SystemTime, version: Version) -> Self {
        Self { value: value.into(), expires_at, version }
    }
}

/// Shows no bytes: they may be personal.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Which write an entry is of: each has another.
///
/// It is random and not counted, so that an entry which was deleted and made anew is never taken
/// for the old one.
///
/// ```
/// use passport_rocket::store::Version;
///
/// assert_eq!(Version::from(7), Version::from(7));
/// assert_ne!(Version::random()?, Version::random()?);
/// # Ok::<_, passport_rocket::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(i64);

impl Version {
    /// A version that no other write has.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 8];
        rand::fill(&mut bytes)
            .map_err(|error| Error::failed("draw the version of an entry", error))?;
        Ok(Self(i64::from_ne_bytes(bytes)))
    }
}

impl From<i64> for Version {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl From<Version> for i64 {
    fn from(version: Version) -> Self {
        version.0
    }
}

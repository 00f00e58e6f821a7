//! Password hashes: Argon2id in PHC strings, on the blocking pool, a few at once.

use std::num::NonZero;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use rocket::tokio::sync::{OwnedSemaphorePermit, Semaphore};
use rocket::tokio::task::spawn_blocking;

use crate::error::Error;
use crate::secret::Secret;

/// Hashes a new password: Argon2id with 19 MiB, two passes, one lane, and a random salt, as a PHC
/// string for [`Credentials::password_matches`](super::Credentials::password_matches).
///
/// ```
/// # rocket::async_test(async {
/// use passport_rocket::strategies::local::{password, Credentials};
///
/// let hash = password::hash("correct horse battery staple").await?;
/// assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
///
/// let login = Credentials::new("ada", "correct horse battery staple");
/// assert!(login.password_matches(Some(&hash)).await?);
/// assert!(!login.password_matches(None).await?);
/// # Ok::<_, passport_rocket::Error>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// Unavailable (503) when too many are being hashed already; a failure when the system has no
/// randomness or no thread to give.
pub async fn hash(password: impl Into<String>) -> Result<String, Error> {
    let password = Secret::new(password.into());
    on_blocking_pool(move || {
        Argon2::default()
            .hash_password(password.expose().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::failed("hashing a password", error))
    })
    .await
}

/// Whether `password` is the one behind `hash`; without a hash, no, after the same time.
pub(super) async fn verify(password: &Secret<String>, hash: Option<&str>) -> Result<bool, Error> {
    let password = password.clone();
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY).to_owned();
    let matches = on_blocking_pool(move || {
        let unreadable = |error| Error::failed("reading a password hash", error);
        let hash = PasswordHash::new(&hash).map_err(|error| unreadable(HashError::from(error)))?;
        match Argon2::default().verify_password(password.expose().as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(error) => Err(unreadable(error)),
        }
    })
    .await?;
    Ok(matches && known)
}

/// A hash that belongs to nobody, with the parameters that [`hash`] uses.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGxpdmVzIGg$\
                      p2UoqTzSCvTYPcUGxqCqN3xVb7LrKBxOZzF0cUXl4D8";

/// Hashing takes tens of milliseconds and 19 MiB: off the executor, no more at once than there are
/// cores, and no long queue. Rocket finishes a request whose client has hung up, so whoever floods
/// the queue would hold up everybody behind them.
async fn on_blocking_pool<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    #[cfg(test)]
    tests::HASHED.set(tests::HASHED.get() + 1);
    static LANES: OnceLock<Lanes> = OnceLock::new();
    let lanes = LANES.get_or_init(Lanes::new);
    let place = lanes.queue()?;
    let lane = lanes.lane().await?;
    let done = spawn_blocking(move || {
        let result = work();
        // Held until the work ends, even if the request was dropped meanwhile.
        drop((lane, place));
        result
    });
    done.await.map_err(|error| Error::failed("hashing a password", error))?
}

/// Where hashing happens, and where it is waited for.
struct Lanes {
    places: Arc<Semaphore>,
    lanes: Arc<Semaphore>,
}

impl Lanes {
    fn new() -> Self {
        let cores = available_parallelism().map_or(2, NonZero::get);
        Self {
            places: Arc::new(Semaphore::new(cores * PLACES_FOR_EACH_CORE)),
            lanes: Arc::new(Semaphore::new(cores)),
        }
    }

    fn queue(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|error| Error::unavailable("queue to hash a password", error))
    }

    async fn lane(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.lanes)
            .acquire_owned()
            .await
            .map_err(|error| Error::failed("waiting to hash a password", error))
    }
}

/// About two seconds of work.
const PLACES_FOR_EACH_CORE: usize = 32;

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How often this thread had something hashed.
        pub(super) static HASHED: Cell<usize> = const { Cell::new(0) };
    }

    fn matches(password: &str, hash: Option<&str>) -> Result<bool, Error> {
        rocket::async_test(verify(&Secret::new(password.to_owned()), hash))
    }

    #[test]
    fn a_hash_matches_its_password_and_no_other() {
        let hash = rocket::async_test(hash("open sesame")).unwrap();
        assert!(matches("open sesame", Some(&hash)).unwrap());
        assert!(!matches("open sesam", Some(&hash)).unwrap());
        assert!(!matches("", Some(&hash)).unwrap());
    }

    // L04: an unknown user costs the same hash, and never matches.
    #[test]
    fn nobody_has_a_hash_of_the_same_cost() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = rocket::async_test(hash("x")).unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(nobody.algorithm, real.algorithm);
        assert_eq!(nobody.params, real.params);
        assert_eq!(nobody.hash.map(|h| h.len()), real.hash.map(|h| h.len()));
        let before = HASHED.get();
        assert!(!matches("x", None).unwrap());
        assert_eq!(HASHED.get(), before + 1, "it was hashed all the same");
    }

    #[test]
    fn an_unreadable_hash_is_our_fault_and_not_a_wrong_password() {
        assert!(matches("x", Some("x")).is_err());
        assert!(matches("x", Some("")).is_err());
        assert!(matches("x", Some("$2b$10$abcdefghijklmnopqrstuv")).is_err());
    }

    #[test]
    fn a_full_queue_is_unavailable_at_once() {
        let lanes = Lanes::new();
        let taken: Vec<_> = std::iter::from_fn(|| lanes.queue().ok()).collect();
        assert!(taken.len() >= PLACES_FOR_EACH_CORE);
        let error = lanes.queue().unwrap_err();
        assert_eq!(error.status(), rocket::http::Status::ServiceUnavailable);
        drop(taken);
        assert!(lanes.queue().is_ok());
    }
}

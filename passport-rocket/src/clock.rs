//! The time, which tests can set.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::{Phase, Rocket};

/// Where the library reads the time.
///
/// The system's clock unless the application manages another one; tests do, so that nothing has to
/// wait for a token to expire.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use passport_rocket::Clock;
///
/// let rocket = rocket::build().manage(Clock::new(|| UNIX_EPOCH + Duration::from_secs(60)));
/// # let _ = rocket;
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that reads `now`.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The clock the application manages, else the system's.
    pub(crate) fn of<P: Phase>(rocket: &Rocket<P>) -> Self {
        rocket.state::<Self>().cloned().unwrap_or_default()
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

//! The time, which tests can set.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::request::{FromRequest, Outcome};
use rocket::{Phase, Request, Rocket};

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

/// The clock as a request guard, for handlers and guards that need the library's time.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Clock {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request.rocket()))
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

//! Outbound HTTP, as little of it as strategies need: one request, one answer, with limits.

#[cfg(feature = "http-client")]
mod over_rustls;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use rocket::futures::FutureExt;
use rocket::tokio::time::timeout;
use rocket::{Phase, Rocket};

use crate::error::BoxError;

/// Sends requests to providers: to fetch their keys, for instance.
///
/// The feature `http-client` brings one over rustls. Implement it to go through a proxy, to trust a
/// certificate authority of your own, or to answer in a test; then let Rocket manage it, as an
/// [`Http`]. Requests and answers are those of the crate `http`, version 1.
///
/// ```
/// use http::{Request, Response};
/// use passport_rocket::{BoxError, Http, HttpClient, HttpLimits};
///
/// struct Offline;
///
/// #[rocket::async_trait]
/// impl HttpClient for Offline {
///     async fn send(
///         &self,
///         request: Request<Vec<u8>>,
///         _: HttpLimits,
///     ) -> Result<Response<Vec<u8>>, BoxError> {
///         Err(format!("{} is out of reach", request.uri().host().unwrap_or_default()).into())
///     }
/// }
///
/// let rocket = rocket::build().manage(Http::new(Offline));
/// # let _ = rocket;
/// ```
///
/// # Security
/// It must not follow redirects: whoever can answer one could send the application to an address in
/// its own network. An answer larger than the limit must not be read to its end. Whoever forgets
/// the latter, or the time limit, is cut off all the same.
#[rocket::async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Sends `request`, and returns the answer with whatever status it has.
    ///
    /// # Errors
    /// When there is no answer, or none within the limits. The error must not hold what was sent.
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        limits: HttpLimits,
    ) -> Result<Response<Vec<u8>>, BoxError>;
}

/// How long an answer may take, and how large it may be.
///
/// ```
/// use passport_rocket::HttpLimits;
/// use std::time::Duration;
///
/// let limits = HttpLimits::new(Duration::from_secs(5), 256 * 1024);
/// assert_eq!(limits.max_body, 262_144);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpLimits {
    /// From the connection to the last byte of the answer.
    pub timeout: Duration,
    /// Bytes of the answer's body.
    pub max_body: usize,
}

impl HttpLimits {
    /// At most `timeout`, and `max_body` bytes.
    #[must_use]
    pub fn new(timeout: Duration, max_body: usize) -> Self {
        Self { timeout, max_body }
    }
}

/// The [`HttpClient`] of the application, for Rocket to manage, and what a strategy sends by.
#[derive(Clone)]
pub struct Http(Arc<dyn HttpClient>);

impl Http {
    /// Sends by `client`.
    pub fn new(client: impl HttpClient) -> Self {
        Self(Arc::new(client))
    }

    /// The client that the application manages, else the one of the feature `http-client`; `None`
    /// without either.
    #[must_use]
    pub fn of<P: Phase>(rocket: &Rocket<P>) -> Option<Self> {
        rocket.state::<Self>().cloned().or_else(Self::default_client)
    }

    /// Sends `request` within `limits`, whatever the client does about them.
    ///
    /// # Errors
    /// When there is no answer, or none within the limits, also where the client panics.
    pub async fn send(
        &self,
        request: Request<Vec<u8>>,
        limits: HttpLimits,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let answer = AssertUnwindSafe(async { self.0.send(request, limits).await }).catch_unwind();
        let answer = timeout(limits.timeout, answer).await.map_err(|_| "no answer in time")?;
        let answer = answer.map_err(|_| "the HTTP client panicked")??;
        match answer.body().len() > limits.max_body {
            true => Err(TOO_LARGE.into()),
            false => Ok(answer),
        }
    }

    #[cfg(feature = "http-client")]
    fn default_client() -> Option<Self> {
        Some(Self::new(over_rustls::OverRustls::default()))
    }

    #[cfg(not(feature = "http-client"))]
    fn default_client() -> Option<Self> {
        None
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

const TOO_LARGE: &str = "the answer is larger than it may be";

#[cfg(test)]
mod tests {
    use super::*;

    struct Careless;

    #[rocket::async_trait]
    impl HttpClient for Careless {
        async fn send(
            &self,
            request: Request<Vec<u8>>,
            _: HttpLimits,
        ) -> Result<Response<Vec<u8>>, BoxError> {
            match request.uri().path() {
                "/never" => std::future::pending().await,
                "/panic" => panic!("this client panics"),
                _ => Ok(Response::new(vec![0; 100])),
            }
        }
    }

    fn send(path: &str, max_body: usize) -> Result<usize, String> {
        let request = Request::get(format!("https://tidal.example{path}")).body(Vec::new());
        let limits = HttpLimits::new(Duration::from_millis(20), max_body);
        let answer = rocket::async_test(Http::new(Careless).send(request.unwrap(), limits));
        answer.map(|answer| answer.body().len()).map_err(|error| error.to_string())
    }

    #[test]
    fn limits_hold_whatever_the_client_does() {
        assert_eq!(send("/", 100), Ok(100));
        assert_eq!(send("/", 99), Err(TOO_LARGE.to_owned()));
        assert_eq!(send("/never", 100), Err("no answer in time".to_owned()));
    }

    #[test]
    fn a_client_that_panics_gives_no_answer() {
        assert_eq!(send("/panic", 100), Err("the HTTP client panicked".to_owned()));
    }
}

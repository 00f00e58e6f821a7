//! The client that comes with the crate: reqwest over rustls.

use http::{Request, Response};
use reqwest::Client;
use reqwest::redirect::Policy;

use super::{HttpClient, Limits, TOO_LARGE};
use crate::error::BoxError;

pub(super) struct OverRustls(Client);

impl OverRustls {
    /// `None` when the system has no certificates that rustls could trust.
    pub(super) fn new() -> Option<Self> {
        let client = Client::builder()
            // Whoever answers could send us to an address in our own network.
            .redirect(Policy::none())
            // What is behind a URL of the configuration says who may sign in: no referrer, no cookies.
            .referer(false)
            .user_agent(concat!("passport-rocket/", env!("CARGO_PKG_VERSION")));
        match client.build() {
            Ok(client) => Some(Self(client)),
            Err(error) => {
                log::error!(target: "passport", "no HTTP client could be made: {error}");
                None
            }
        }
    }
}

#[rocket::async_trait]
impl HttpClient for OverRustls {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        limits: Limits,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let mut request = reqwest::Request::try_from(request)?;
        *request.timeout_mut() = Some(limits.timeout);
        // The URL may hold what is nobody's business; whoever asked knows it.
        let mut answer = self.0.execute(request).await.map_err(reqwest::Error::without_url)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len().saturating_add(chunk.len()) > limits.max_body {
                return Err(TOO_LARGE.into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

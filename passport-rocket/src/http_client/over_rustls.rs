//! The client that comes with the crate: reqwest over rustls.

use std::sync::OnceLock;

use http::{Request, Response};
use reqwest::Client;
use reqwest::redirect::Policy;

use super::{HttpClient, HttpLimits, TOO_LARGE};
use crate::error::BoxError;

/// Made when something is sent: reading the system's certificates costs each launch some 20 ms, and
/// most applications fetch nothing.
#[derive(Default)]
pub(super) struct OverRustls(OnceLock<Client>);

impl OverRustls {
    fn client(&self) -> Result<&Client, BoxError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = Client::builder()
            // Whoever answers could send us to an address in our own network.
            .redirect(Policy::none())
            // What is behind a URL of the configuration says who may sign in: no referrer, no
            // cookies.
            .referer(false)
            .user_agent(concat!("passport-rocket/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(self.0.get_or_init(|| client))
    }
}

#[rocket::async_trait]
impl HttpClient for OverRustls {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        limits: HttpLimits,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let mut request = reqwest::Request::try_from(request)?;
        *request.timeout_mut() = Some(limits.timeout);
        let answer = self.client()?.execute(request).await;
        // The URL may hold what is nobody's business; whoever asked knows it.
        let mut answer = answer.map_err(reqwest::Error::without_url)?;
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

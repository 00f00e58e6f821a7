//! The application's own client in the place of the one that comes with the crate.

use std::sync::Arc;

use passport_rocket::{BoxError, Http, HttpClient, HttpLimits};

use super::*;

struct Canned {
    body: String,
    asked: Arc<AtomicUsize>,
}

#[rocket::async_trait]
impl HttpClient for Canned {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        limits: HttpLimits,
    ) -> Result<http::Response<Vec<u8>>, BoxError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        assert_eq!(request.uri(), "https://idp.example/keys");
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!((limits.timeout, limits.max_body), (Duration::from_secs(2), 65_536));
        Ok(http::Response::new(self.body.clone().into_bytes()))
    }
}

#[test]
fn keys_come_through_the_client_that_rocket_manages() {
    let key = ProviderKey::new("a");
    let asked = Arc::new(AtomicUsize::new(0));
    let http = Http::new(Canned { body: set_text(&[&key]), asked: Arc::clone(&asked) });
    let toml = "[default.passport.jwt]\nalgorithm = 'ES256'\n\
                jwks_url = 'https://idp.example/keys'\njwks_timeout = '2s'\n\
                jwks_max_size = '64 KiB'";
    let client = client(rocket(figment(toml)).manage(http));
    assert_accepted(&client, &key.token());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

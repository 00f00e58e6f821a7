//! The keys that say where keys come from, and how they are fetched.

use std::sync::{Arc, Mutex};

use passport_rocket::testing::MovableClock;
use passport_rocket::{BoxError, Http, HttpClient, HttpLimits};
use passport_rocket_tests::key_server::{Answer, KeyServer};

use super::super::remote::{KEYS, ProviderKey, assert_answer, minutes, rocket_at, set_text};
use super::super::{Duration, URL_SAFE_NO_PAD, clock};
use super::*;

pub(super) const EFFECTS: [Effect; 13] = [
    ("jwks", || {
        let key = ProviderKey::new("a");
        let client = only(&format!("algorithm=ES256,jwks={}", quoted(&set_text(&[&key]))));
        assert_accepted(&client, &key.token());
    }),
    ("jwks_file", || {
        let key = ProviderKey::new("a");
        let path = file("keys.json", &set_text(&[&key]));
        let client = only(&format!("algorithm=ES256,jwks_file=\"{path}\""));
        assert_accepted(&client, &key.token());
    }),
    ("private_jwks", || {
        let client = only(&format!("algorithm=HS256,private_jwks={}", quoted(&secret_set())));
        assert_accepted(&client, &foreign());
    }),
    ("private_jwks_file", || {
        let path = file("private.json", &secret_set());
        let client = only(&format!("algorithm=HS256,private_jwks_file=\"{path}\""));
        assert_accepted(&client, &foreign());
    }),
    ("jwks_url", || {
        let (server, key) = provider();
        let (client, _) = fetching(&server, "");
        assert_accepted(&client, &key.token());
    }),
    ("issuer_url", || {
        let (server, key) = provider();
        let issuer = server.url("");
        let description = json!({ "issuer": issuer, "jwks_uri": server.url(KEYS) });
        let place = "/.well-known/openid-configuration";
        server.set(place, Answer::Body(description.to_string()));
        let keys = format!("algorithm=ES256,issuer_url=\"{issuer}\"");
        let client = client(rocket_at(set(figment(""), &keys), &clock()));
        assert_accepted(&client, &key.token_with(&json!({ "iss": issuer })));
        assert_refused(&client, &key.token(), "claim `iss` is missing");
    }),
    ("issuers", || {
        let key = ProviderKey::new("a");
        let keys = quoted(&set_text(&[&key]));
        let client = only(&format!("algorithm=ES256,issuers=[{{issuer=harbour,jwks={keys}}}]"));
        assert_accepted(&client, &key.token_with(&json!({ "iss": "harbour" })));
        let token = key.token_with(&json!({ "iss": "pier" }));
        assert_refused(&client, &token, "claim `iss` is not the expected one");
    }),
    ("jwks_lifetime", || {
        for (keys, fetches) in [("", 1), ("jwks_lifetime=1m", 2)] {
            let (server, key) = provider();
            let (client, clock) = fetching(&server, keys);
            clock.advance(minutes(2));
            assert_accepted(&client, &key.token());
            assert_eq!(server.asked(KEYS), fetches, "{keys}");
        }
    }),
    ("jwks_stale", || {
        for (keys, status) in
            [("", Status::Ok), ("jwks_stale=\"11 min\"", Status::ServiceUnavailable)]
        {
            let (server, key) = provider();
            let (client, clock) = fetching(&server, keys);
            server.set(KEYS, Answer::Status(500));
            clock.advance(minutes(12));
            assert_answer(&client, &key.token(), status);
        }
    }),
    ("jwks_cooldown", || {
        for (keys, fetches) in [("", 3), ("jwks_cooldown=1h", 2)] {
            let (server, key) = provider();
            let (client, clock) = fetching(&server, keys);
            for _ in 0..2 {
                let token = key.named("unknown", &json!({}));
                assert_refused(&client, &token, "header names another key");
                clock.advance(minutes(1));
            }
            assert_eq!(server.asked(KEYS), fetches, "{keys}");
        }
    }),
    ("jwks_timeout", || {
        assert_eq!(limits("").timeout, Duration::from_secs(5));
        assert_eq!(limits("jwks_timeout=2s").timeout, Duration::from_secs(2));
    }),
    ("jwks_max_size", || {
        assert_eq!(limits("").max_body, 256 * 1024);
        assert_eq!(limits("jwks_max_size=\"64 KiB\"").max_body, 64 * 1024);
    }),
    ("jwks_at_launch", || {
        let (server, key) = provider();
        server.set(KEYS, Answer::Closed);
        let (client, _) = fetching(&server, "jwks_at_launch=warn");
        assert_answer(&client, &key.token(), Status::ServiceUnavailable);
    }),
];

/// A text in figment's quotes, whose escapes are those of JSON.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

fn secret_set() -> String {
    let secret = URL_SAFE_NO_PAD.encode(SECRET);
    json!({ "keys": [{ "kty": "oct", "k": secret, "kid": "a" }] }).to_string()
}

fn provider() -> (KeyServer, ProviderKey) {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    server.set(KEYS, Answer::Body(set_text(&[&key])));
    (server, key)
}

/// An application that fetches from `server`, all of it said by the environment.
fn fetching(server: &KeyServer, keys: &str) -> (Client, MovableClock) {
    let clock = clock();
    let url = server.url(KEYS);
    let keys = format!("algorithm=ES256,jwks_url=\"{url}\"{}{keys}", separator(keys));
    (client(rocket_at(set(figment(""), &keys), &clock)), clock)
}

fn separator(keys: &str) -> &'static str {
    if keys.is_empty() { "" } else { "," }
}

/// What an HTTP client is told about the first fetch.
fn limits(keys: &str) -> HttpLimits {
    struct Listening {
        set: String,
        heard: Arc<Mutex<Option<HttpLimits>>>,
    }

    #[rocket::async_trait]
    impl HttpClient for Listening {
        async fn send(
            &self,
            _: http::Request<Vec<u8>>,
            limits: HttpLimits,
        ) -> Result<http::Response<Vec<u8>>, BoxError> {
            *self.heard.lock().unwrap() = Some(limits);
            Ok(http::Response::new(self.set.clone().into_bytes()))
        }
    }

    let heard = Arc::<Mutex<Option<HttpLimits>>>::default();
    let set_of_one = set_text(&[&ProviderKey::new("a")]);
    let http = Http::new(Listening { set: set_of_one, heard: Arc::clone(&heard) });
    let keys =
        format!("algorithm=ES256,jwks_url=\"https://idp.example/keys\"{}{keys}", separator(keys));
    client(rocket(set(figment(""), &keys)).manage(http));
    heard.lock().unwrap().take().expect("keys were fetched")
}

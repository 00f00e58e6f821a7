//! The keys that say where keys come from, and what is demanded besides.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use passport_rocket::testing::MovableClock;
use passport_rocket::{BoxError, Http, HttpClient, HttpLimits, Jwt};

use super::super::made::{Made, ed25519, es256, file, set as set_of};
use super::super::{Account, Ran, clock, me};
use super::*;

/// A text as a value of the environment.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

pub(super) const EFFECTS: [Effect; 16] = [
    ("jwks", || {
        let (ec, ed) = (es256("a"), ed25519("b"));
        let text = quoted(&set_of([&ec.public, &ed.public]));
        let client = only(&format!("algorithm=[ES256,\"EdDSA\"],jwks={text}"));
        assert_accepted(&client, &ec.token());
        assert_accepted(&client, &ed.token());
    }),
    ("jwks_file", || {
        let key = es256("a");
        let path = file("environment.json", set_of([&key.public]));
        assert_accepted(&only(&format!("algorithm=ES256,jwks_file=\"{path}\"")), &key.token());
    }),
    ("private_jwks", || {
        let key = es256("a");
        let text = quoted(&set_of([&key.private]));
        assert_signs(&format!("private_jwks={text}"), &key);
    }),
    ("private_jwks_file", || {
        let key = es256("a");
        let path = file("environment-private.json", set_of([&key.private]));
        assert_signs(&format!("private_jwks_file=\"{path}\""), &key);
    }),
    ("issuers", || {
        let (staff, partner) = (es256("a"), es256("a"));
        let issuer = |name: &str, key: &Made| {
            format!("{{issuer=\"{name}\",jwks={}}}", quoted(&set_of([&key.public])))
        };
        let issuers = [issuer("https://staff.example", &staff), issuer("partner", &partner)];
        let client = only(&format!("algorithm=ES256,issuers=[{}]", issuers.join(",")));
        assert_accepted(&client, &partner.token_with(&json!({ "iss": "partner" })));
        let claimed = partner.token_with(&json!({ "iss": "https://staff.example" }));
        assert_refused(&client, &claimed, "signature does not match");
    }),
    ("profile", || {
        let client = with("profile=rfc9068,issuer=i,audience=a");
        assert_refused(&client, &foreign(), "header has a type that is not accepted");
    }),
    ("max_age", || {
        let old = foreign_with(&json!({ "iat": NOW - 60 }));
        assert_accepted(&with("max_age=\"2 min\""), &old);
        assert_refused(&with("max_age=60"), &old, "issued 1 min ago, longer than `max_age`");
    }),
    ("required_claims", || {
        let client = with("required_claims=[tenant,\"jti\"]");
        assert_accepted(&client, &foreign_with(&json!({ "tenant": 7, "jti": "1" })));
        let why = "claim `jti` is required, and missing or empty";
        assert_refused(&client, &foreign_with(&json!({ "tenant": 7 })), why);
    }),
    ("jwks_url", || {
        let idp = Idp::new();
        assert_accepted(&idp.client(JWKS_URL), &idp.key.token());
    }),
    ("issuer_url", || {
        let idp = Idp::new();
        let client = idp.client("issuer_url=\"https://idp.example\"");
        assert_accepted(&client, &idp.key.token_with(&json!({ "iss": "https://idp.example" })));
        assert_refused(&client, &idp.key.token(), "claim `iss` is missing");
    }),
    ("jwks_lifetime", || {
        let idp = Idp::new();
        let client = idp.client(&format!("{JWKS_URL},jwks_lifetime=\"2 min\""));
        for (seconds, fetches) in [(60, 1), (61, 2)] {
            idp.clock.advance(Duration::from_secs(seconds));
            assert_accepted(&client, &idp.lasting());
            assert_eq!(idp.fetches(), fetches, "{seconds}");
        }
    }),
    ("jwks_stale", || {
        let idp = Idp::new();
        let client = idp.client(&format!("{JWKS_URL},jwks_stale=20m"));
        idp.fail();
        for (minutes, expected) in [(19, Status::Ok), (2, Status::ServiceUnavailable)] {
            idp.clock.advance(Duration::from_secs(60 * minutes));
            assert_eq!(status(&client, &idp.lasting()), expected, "{minutes}");
        }
    }),
    ("jwks_cooldown", || {
        let idp = Idp::new();
        let client = idp.client(&format!("{JWKS_URL},jwks_cooldown=2m"));
        for (seconds, fetches) in [(1, 2), (60, 2), (60, 3)] {
            idp.clock.advance(Duration::from_secs(seconds));
            let unknown = idp.key.named(Some("unknown"), &json!({}));
            assert_refused(&client, &unknown, "header names another key");
            assert_eq!(idp.fetches(), fetches, "{seconds}");
        }
    }),
    ("jwks_timeout", || {
        let idp = Idp::new();
        idp.client(&format!("{JWKS_URL},jwks_timeout=2s"));
        assert_eq!(idp.limits().timeout, Duration::from_secs(2));
    }),
    ("jwks_max_size", || {
        let idp = Idp::new();
        idp.client(&format!("{JWKS_URL},jwks_max_size=\"64 KiB\""));
        assert_eq!(idp.limits().max_body, 65_536);
    }),
    ("jwks_at_launch", || {
        let idp = Idp::new();
        idp.fail();
        let report = refusal(idp.rocket(JWKS_URL));
        assert!(report.contains("`passport.jwt.jwks_url`: no keys from "), "{report}");
        let client = idp.client(&format!("{JWKS_URL},jwks_at_launch=warn"));
        assert_eq!(status(&client, &idp.key.token()), Status::ServiceUnavailable);
    }),
];

const JWKS_URL: &str = "jwks_url=\"https://idp.example/keys\"";

/// What is signed with the keys of the environment names `key`, and is accepted.
fn assert_signs(keys: &str, key: &Made) {
    let keys = format!("algorithm=ES256,{keys},expires_in=60");
    let rocket = rocket(set(release_figment(""), &keys)).mount("/", routes![sign]);
    let client = client(rocket);
    let token = signed(&client, &json!({ "name": "ada" }));
    assert_eq!(part(&token, 0), r#"{"alg":"ES256","typ":"JWT","kid":"a"}"#);
    assert_accepted(&client, &token);
    assert_accepted(&client, &key.token());
}

/// A provider in the place of the network, and the clock of the application that asks it.
struct Idp {
    key: Made,
    clock: MovableClock,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    set: String,
    fails: Mutex<bool>,
    fetches: AtomicUsize,
    limits: Mutex<Option<HttpLimits>>,
}

struct Line(Arc<Shared>);

#[rocket::async_trait]
impl HttpClient for Line {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        limits: HttpLimits,
    ) -> Result<http::Response<Vec<u8>>, BoxError> {
        *self.0.limits.lock().unwrap() = Some(limits);
        if *self.0.fails.lock().unwrap() {
            return Err("out of reach".into());
        }
        if request.uri() != "https://idp.example/keys" {
            assert_eq!(request.uri(), "https://idp.example/.well-known/openid-configuration");
            let description = json!({
                "issuer": "https://idp.example", "jwks_uri": "https://idp.example/keys",
            });
            return Ok(http::Response::new(description.to_string().into_bytes()));
        }
        self.0.fetches.fetch_add(1, Ordering::SeqCst);
        Ok(http::Response::new(self.0.set.clone().into_bytes()))
    }
}

impl Idp {
    fn new() -> Self {
        let key = es256("a");
        let shared = Shared { set: set_of([&key.public]), ..Shared::default() };
        Self { key, clock: clock(), shared: Arc::new(shared) }
    }

    fn rocket(&self, keys: &str) -> rocket::Rocket<rocket::Build> {
        rocket::custom(set(release_figment(""), &format!("algorithm=ES256,{keys}")))
            .manage(self.clock.clock())
            .manage(Ran::default())
            .manage(Http::new(Line(Arc::clone(&self.shared))))
            .attach(Jwt::<Account>::fairing("jwt"))
            .mount("/", routes![me])
    }

    fn client(&self, keys: &str) -> Client {
        client(self.rocket(keys))
    }

    /// A token that outlives the test.
    fn lasting(&self) -> String {
        self.key.token_with(&json!({ "exp": NOW + 86_400 }))
    }

    fn fail(&self) {
        *self.shared.fails.lock().unwrap() = true;
    }

    fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    fn limits(&self) -> HttpLimits {
        self.shared.limits.lock().unwrap().unwrap()
    }
}

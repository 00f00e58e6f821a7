//! A client that hangs or panics, in an attacker's hands: it holds up nobody who does not need it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use passport_rocket::{BoxError, Http, HttpClient, HttpLimits};
use passport_rocket_tests::refusal;
use rocket::futures::future::{join, join_all, poll_immediate};
use rocket::local::asynchronous;
use rocket::tokio::sync::Semaphore;
use rocket::tokio::task::yield_now;
use rocket::tokio::time::timeout;

use super::*;

/// The first fetch succeeds. Each later one waits until it is let go, and fails unless it is to succeed
/// or to panic.
struct Moody {
    body: String,
    asked: AtomicUsize,
    gate: Semaphore,
    panics: AtomicBool,
    succeeds: AtomicBool,
}

struct Shared(Arc<Moody>);

impl Moody {
    fn new(key: &ProviderKey) -> Arc<Self> {
        let gate = Semaphore::new(0);
        let (panics, succeeds) = (AtomicBool::new(false), AtomicBool::new(false));
        let asked = AtomicUsize::new(0);
        Arc::new(Self { body: set_text(&[key]), asked, gate, panics, succeeds })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn is_asked(&self, times: usize) {
        while self.asked() < times {
            yield_now().await;
        }
    }
}

#[rocket::async_trait]
impl HttpClient for Shared {
    async fn send(
        &self,
        _: http::Request<Vec<u8>>,
        _: HttpLimits,
    ) -> Result<http::Response<Vec<u8>>, BoxError> {
        let is_first = self.0.asked.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(!self.0.panics.load(Ordering::SeqCst), "the client of this test panics");
        if !is_first {
            self.0.gate.acquire().await?.forget();
        }
        match is_first || self.0.succeeds.load(Ordering::SeqCst) {
            true => Ok(http::Response::new(self.0.body.clone().into_bytes())),
            false => Err("let go".into()),
        }
    }
}

fn rocket_through(moody: &Arc<Moody>, more: &str, clock: &MovableClock) -> Rocket<Build> {
    let toml = format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\njwks_url = 'https://idp.example/keys'\n{more}"
    );
    rocket_at(figment(&toml), clock).manage(Http::new(Shared(Arc::clone(moody))))
}

async fn launched(rocket: Rocket<Build>) -> asynchronous::Client {
    asynchronous::Client::debug(rocket).await.unwrap()
}

async fn ask(client: &asynchronous::Client, token: String) -> Status {
    client.get("/me").header(bearer(token)).dispatch().await.status()
}

/// Far longer than anything here takes, and far shorter than the time limit of a fetch.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), what).await.expect("it hangs")
}

#[test]
fn a_provider_that_failed_holds_up_nobody_whose_key_is_there() {
    let (key, clock) = (ProviderKey::new("a"), clock());
    let moody = Moody::new(&key);
    rocket::async_test(async {
        let client = launched(rocket_through(&moody, "jwks_timeout = '1m'", &clock)).await;
        clock.advance(minutes(11));
        moody.gate.add_permits(1);
        assert_eq!(soon(ask(&client, key.token())).await, Status::Ok);
        assert_eq!(moody.asked(), 2);
        // From now on it says nothing at all.
        for round in 3..6 {
            clock.advance(Duration::from_secs(30));
            // The fetch before may not have given up its turn yet.
            soon(async {
                while moody.asked() < round {
                    assert_eq!(ask(&client, key.token()).await, Status::Ok);
                    yield_now().await;
                }
            })
            .await;
            assert_eq!(soon(ask(&client, key.token())).await, Status::Ok);
            assert_eq!(moody.asked(), round, "one fetch at a time");
            moody.gate.add_permits(1);
        }
    });
}

#[test]
fn whoever_waited_for_a_fetch_that_failed_does_not_fetch_again() {
    let (key, clock) = (ProviderKey::new("a"), clock());
    let moody = Moody::new(&key);
    rocket::async_test(async {
        let table = "jwks_timeout = '1m'\njwks_cooldown = '1s'";
        let client = launched(rocket_through(&moody, table, &clock)).await;
        clock.advance(minutes(11));
        let first = ask(&client, key.token());
        let later = async {
            moody.is_asked(2).await;
            clock.advance(Duration::from_secs(2));
            let second = ask(&client, key.token());
            let mut second = std::pin::pin!(second);
            assert!(poll_immediate(second.as_mut()).await.is_none());
            moody.gate.add_permits(1);
            second.await
        };
        let answers = soon(join(first, later)).await;
        assert_eq!(answers, (Status::Ok, Status::Ok));
        assert_eq!(moody.asked(), 2);
    });
}

/// Each came later than the cooldown after the one before it, and all of them while the first fetch went
/// on.
#[test]
fn forged_ids_do_not_queue_up_for_a_fetch_each() {
    let (key, forger, clock) = (ProviderKey::new("a"), ProviderKey::new("forged"), clock());
    let moody = Moody::new(&key);
    moody.succeeds.store(true, Ordering::SeqCst);
    rocket::async_test(async {
        let table = "jwks_timeout = '1m'\njwks_cooldown = '1s'";
        let client = launched(rocket_through(&moody, table, &clock)).await;
        let forged = |number| ask(&client, forger.named(&format!("forged-{number}"), &json!({})));
        let mut waiting = Vec::new();
        for number in 0..10 {
            let mut request = Box::pin(forged(number));
            assert!(poll_immediate(request.as_mut()).await.is_none());
            waiting.push(request);
            soon(moody.is_asked(2)).await;
            clock.advance(Duration::from_secs(2));
        }
        moody.gate.add_permits(100);
        let answers = soon(join_all(waiting)).await;
        assert_eq!(answers, [Status::Unauthorized; 10]);
        assert_eq!(moody.asked(), 3, "at launch, the first, and one that began after all had come");
        assert_eq!(soon(ask(&client, key.token())).await, Status::Ok);
    });
}

#[test]
fn a_client_that_panics_in_the_background_is_not_asked_by_each_request() {
    let (key, clock) = (ProviderKey::new("a"), clock());
    let moody = Moody::new(&key);
    rocket::async_test(async {
        let client = launched(rocket_through(&moody, "", &clock)).await;
        moody.panics.store(true, Ordering::SeqCst);
        clock.advance(Duration::from_secs(450));
        for _ in 0..100 {
            assert_eq!(soon(ask(&client, key.token())).await, Status::Ok);
            yield_now().await;
        }
        soon(moody.is_asked(2)).await;
        assert_eq!(moody.asked(), 2);
    });
}

#[test]
fn a_client_that_panics_refuses_launch() {
    struct Panicking;

    #[rocket::async_trait]
    impl HttpClient for Panicking {
        async fn send(
            &self,
            _: http::Request<Vec<u8>>,
            _: HttpLimits,
        ) -> Result<http::Response<Vec<u8>>, BoxError> {
            panic!("the client of this test panics")
        }
    }

    let toml = "[default.passport.jwt]\nalgorithm = 'ES256'\njwks_url = 'https://idp.example/keys'";
    let report = refusal(rocket(figment(toml)).manage(Http::new(Panicking)));
    assert!(
        report.contains("no keys from https://idp.example/keys: the HTTP client panicked"),
        "{report}"
    );
}

//! A server that dies and comes back while requests run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use passport_rocket::ErrorKind;
use passport_rocket::store::{Entry, Key, Space, Store};
use passport_rocket_tests::postgres_server::{PASSWORD, PostgresServer};
use rocket::http::Status;
use rocket::tokio::{spawn, task};

use super::{at, opened, runtime};

#[derive(Default)]
struct Seen {
    answers: AtomicUsize,
    failures: AtomicUsize,
    is_over: AtomicBool,
}

/// Reads what is there, writes what may be, and counts, until it is told to stop.
async fn use_it(number: usize, store: Store, seen: Arc<Seen>) {
    let space = Space::new("used");
    let (kept, own) = (Key::new(&space, "kept"), Key::new(&space, number.to_string()));
    let mut sum = 0;
    while !seen.is_over.load(Ordering::SeqCst) {
        let result = async {
            let found = store.get(&kept, at(0)).get().await?;
            assert_eq!(&*found.expect("never absent").value, b"here");
            let entry = Entry::new("mine", at(10));
            assert!(store.put_if_absent(&kept, entry, at(0)).get().await?.is_none());
            store.count(&own, 1, at(10), at(0)).get().await
        };
        match result.await {
            Ok(now) => {
                assert!(now > sum, "what was counted and acknowledged stays");
                sum = now;
                seen.answers.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
                assert_eq!(error.status(), Status::ServiceUnavailable);
                assert_eq!(error.key(), Some("passport.store"));
                assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
                seen.failures.fetch_add(1, Ordering::SeqCst);
                task::yield_now().await;
            }
        }
    }
}

/// Waits until `counter` has grown by `more`.
async fn wait_for(counter: &AtomicUsize, more: usize, what: &str) {
    let enough = counter.load(Ordering::SeqCst) + more;
    let begin = Instant::now();
    while counter.load(Ordering::SeqCst) < enough {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
        task::yield_now().await;
    }
}

fn is_unavailable_while_it_is_gone(end: impl Fn(&PostgresServer)) {
    const TASKS: usize = 20;

    let Some(server) = PostgresServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.new_database()).await;
        let kept = Key::new(&Space::new("used"), "kept");
        store.put(&kept, Entry::new("here", at(10)), at(0)).get().await.unwrap();
        let seen = Arc::<Seen>::default();
        let tasks: Vec<_> = (0..TASKS)
            .map(|number| spawn(use_it(number, store.clone(), Arc::clone(&seen))))
            .collect();
        for _ in 0..2 {
            wait_for(&seen.answers, 100, "it answers").await;
            end(&server);
            wait_for(&seen.failures, TASKS, "it fails while the server is gone").await;
            server.resume();
            wait_for(&seen.answers, 100, "it recovers by itself").await;
        }
        seen.is_over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn postgres_that_is_killed_is_unavailable_until_it_is_back() {
    is_unavailable_while_it_is_gone(PostgresServer::kill);
}

#[test]
fn postgres_that_is_stopped_is_unavailable_until_it_is_back() {
    is_unavailable_while_it_is_gone(PostgresServer::stop);
}

#[test]
fn postgres_that_never_was_there_is_unavailable_and_refuses_launch() {
    runtime().block_on(async {
        let url = format!("postgres://keeper:{PASSWORD}@localhost/none?host=/nowhere");
        let store = super::named(&url).await;
        let key = Key::new(&Space::new("used"), "kept");
        let error = store.get(&key, at(0)).get().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        let mistakes = store.open().await.unwrap_err();
        let [mistake] = &mistakes[..] else { panic!("{mistakes:?}") };
        assert_eq!(mistake.key, "passport.store");
        assert!(mistake.problem.starts_with("the store cannot be opened: Unavailable"));
        assert!(!format!("{mistake} {mistake:?}").contains(PASSWORD), "{mistake:?}");
    });
}

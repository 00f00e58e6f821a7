//! What holds over Redis besides the contract.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use passport_rocket::store::{Entry, Key, Owner, Space, Store, Stored};
use passport_rocket::{Error, ErrorKind};
use passport_rocket_tests::log;
use passport_rocket_tests::redis_server::RedisServer;
use rocket::tokio::{spawn, task, time};

use super::contract::{at, at_once, done, value};
use super::{built, opened, runtime};

const SECOND: u64 = 1000;
const DAY: u64 = 24 * 60 * 60 * SECOND;

/// A server that has written down whatever it acknowledged.
fn lasting_server() -> Option<RedisServer> {
    RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"])
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..3000 {
        if is_so().await {
            return;
        }
        time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

async fn failed<T>(answer: Stored<'_, T>) -> Error {
    answer.get().await.err().expect("it fails")
}

fn assert_unavailable(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    assert_eq!(error.key(), Some("passport.store"));
}

/// The key of an entry in Redis, or of what an owner has.
fn name(letter: &str, space: &Space, hash: &[u8; 32]) -> Vec<u8> {
    [format!("passport:{{{}}}:{letter}", space.name()).as_bytes(), hash].concat()
}

#[derive(Default)]
struct Seen {
    up: AtomicU64,
    down: AtomicU64,
    is_over: AtomicBool,
}

/// Writes and reads its own entry, until it is over; what was acknowledged must be there.
async fn write_and_read(store: Store, key: Key, seen: Arc<Seen>) {
    let mut acknowledged = 0;
    for number in 1_u64.. {
        match store.put(&key, Entry::new(number.to_string(), at(DAY)), at(0)).get().await {
            Ok(_) => acknowledged = number,
            Err(error) => assert_unavailable(&error),
        }
        match store.get(&key, at(0)).get().await {
            Ok(found) => {
                let read = value(found).map_or(0, |value| value.parse().unwrap());
                assert!(read >= acknowledged, "{acknowledged} was acknowledged, {read} is there");
                seen.up.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => {
                assert_unavailable(&error);
                seen.down.fetch_add(1, Ordering::SeqCst);
            }
        }
        if seen.is_over.load(Ordering::SeqCst) {
            return;
        }
        task::yield_now().await;
    }
}

#[test]
fn a_server_that_is_killed_is_unavailable_until_it_is_back_and_has_lost_nothing() {
    let Some(server) = lasting_server() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let seen = Arc::new(Seen::default());
        let workers: Vec<_> = (0..8)
            .map(|number| {
                let key = Key::new(&Space::new("killed"), number.to_string());
                spawn(write_and_read(store.clone(), key, Arc::clone(&seen)))
            })
            .collect();
        let grows = async |count: &AtomicU64, what: &str| {
            let before = count.load(Ordering::SeqCst);
            until(what, async || count.load(Ordering::SeqCst) > before + 50).await;
        };
        for _ in 0..3 {
            grows(&seen.up, "requests are answered").await;
            task::block_in_place(|| server.kill());
            grows(&seen.down, "requests are refused").await;
            task::block_in_place(|| server.resume());
        }
        grows(&seen.up, "requests are answered again").await;
        seen.is_over.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.await.unwrap();
        }
    });
}

#[test]
fn a_server_that_was_started_anew_meanwhile_is_found_by_the_first_command() {
    let Some(server) = lasting_server() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let by_old_protocol = format!("{}?protocol=resp2", server.url());
        let (old, reader) = (opened(&by_old_protocol).await, opened(&by_old_protocol).await);
        let key = Key::new(&Space::new("restarted"), "a");
        let counter = Key::new(&Space::new("restarted"), "counter");
        let count = |store: &Store| {
            let (store, counter) = (store.clone(), counter.clone());
            async move { store.count(&counter, 1, at(10), at(0)).get().await }
        };
        done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
        for sum in 1..=3 {
            for store in [&store, &old, &reader] {
                assert_eq!(value(done(store.get(&key, at(0))).await), Some("x".to_owned()));
            }
            task::block_in_place(|| {
                server.kill();
                server.resume();
            });
            assert_eq!(count(&store).await.unwrap(), sum, "a write is sent if none was");
            assert_unavailable(&count(&old).await.unwrap_err());
            assert!(done(reader.get(&counter, at(0))).await.is_some(), "a read is sent again");
        }
    });
}

#[test]
fn a_launch_without_a_server_is_refused_and_the_next_try_may_succeed() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = built(&server.url()).await;
        task::block_in_place(|| server.kill());
        let mistakes = store.open().await.unwrap_err();
        assert_eq!((mistakes.len(), &*mistakes[0].key), (1, "passport.store"));
        assert!(mistakes[0].problem.contains("connect to Redis"), "{}", mistakes[0].problem);
        task::block_in_place(|| server.resume());
        let key = Key::new(&Space::new("late"), "a");
        done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
        store.open().await.unwrap();
    });
}

#[test]
fn a_server_that_does_not_answer_is_unavailable_soon_and_found_again() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let key = Key::new(&Space::new("stopped"), "a");
        done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
        let process = server.process();
        server.signal("STOP", &process);
        let start = Instant::now();
        assert_unavailable(&failed(store.get(&key, at(0))).await);
        assert_unavailable(&failed(store.take(&key, at(0))).await);
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
        server.signal("CONT", &process);
        until("it is found", async || store.get(&key, at(0)).get().await.is_ok()).await;
    });
}

#[test]
fn whoever_answers_something_else_is_no_store() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        use std::io::Write;

        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    runtime().block_on(async {
        for scheme in ["redis", "rediss"] {
            let store = built(&format!("{scheme}://ada:hunter2@{address}")).await;
            let mistakes = store.open().await.unwrap_err();
            assert!(!format!("{mistakes:?}").contains("hunter2"), "{mistakes:?}");
            let key = Key::new(&Space::new("stranger"), "a");
            let error = failed(store.get(&key, at(0))).await;
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    });
}

#[test]
fn a_password_that_is_refused_is_no_reason_to_keep_to_it() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        assert_eq!(server.ask(&["ACL", "SETUSER", "ada", "on", ">other", "~*", "+@all"]), "+OK");
        let store = built(&format!("{}?user=ada&pass=hunter2", server.url())).await;
        let mistakes = store.open().await.unwrap_err();
        assert!(!format!("{mistakes:?}").contains("hunter2"), "{mistakes:?}");
        let key = Key::new(&Space::new("password"), "a");
        assert_eq!(failed(store.get(&key, at(0))).await.kind(), ErrorKind::Failed);
        assert_eq!(server.ask(&["ACL", "SETUSER", "ada", ">hunter2"]), "+OK");
        assert!(done(store.get(&key, at(0))).await.is_none());
    });
}

#[test]
fn a_server_that_has_no_place_left_is_unavailable_until_it_has() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let [first, second] = [built(&server.url()).await, built(&server.url()).await];
        let key = Key::new(&Space::new("place"), "a");
        done(first.put(&key, Entry::new("x", at(10)), at(0))).await;
        assert_eq!(server.ask(&["CONFIG", "SET", "maxclients", "1"]), "+OK");
        assert_unavailable(&failed(second.get(&key, at(0))).await);
        assert!(done(first.get(&key, at(0))).await.is_some());
        drop(first);
        until("there is a place", async || second.get(&key, at(0)).get().await.is_ok()).await;
    });
}

#[test]
fn a_server_that_knows_no_hello_needs_the_old_protocol() {
    let Some(server) = RedisServer::start_with(&["--rename-command", "HELLO", ""]) else { return };
    runtime().block_on(async {
        let store = built(&server.url()).await;
        let mistakes = store.open().await.unwrap_err();
        assert!(mistakes[0].problem.contains("HELLO"), "{}", mistakes[0].problem);
        opened(&format!("{}?protocol=resp2", server.url())).await;
    });
}

/// What the documentation says that a user needs.
#[test]
fn a_user_needs_no_more_than_the_documentation_says() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let rights = "on >hunter2 ~passport:* +@read +@write +@connection +eval +evalsha +info \
                      +config|get";
        let command = ["ACL", "SETUSER", "ada"].into_iter().chain(rights.split_whitespace());
        assert_eq!(server.ask(&command.collect::<Vec<_>>()), "+OK");
        let store = opened(&format!("{}?user=ada&pass=hunter2", server.url())).await;
        let space = Space::new("rights").watched();
        let (key, owner) = (Key::new(&space, "a"), Owner::new(&space, "ada"));
        let entry = || Entry::new("x", at(10)).owned_by(owner.clone());
        done(store.put(&key, entry(), at(0))).await;
        assert_eq!(done(store.owned(&owner, at(0))).await.len(), 1);
        assert_eq!(done(store.changes(&space, None, at(0))).await.changed.len(), 1);
        assert_eq!(done(store.remove_owned(&owner, None, at(0))).await, 1);
        done(store.count(&key, 1, at(10), at(0))).await;
        assert!(done(store.take(&key, at(0))).await.is_some());
        assert!(!done(store.remove(&key, at(0))).await);
    });
}

#[test]
fn scripts_that_redis_has_forgotten_are_sent_again() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let key = Key::new(&Space::new("forgotten"), "a");
        for round in 1..=3 {
            assert_eq!(server.ask(&["SCRIPT", "FLUSH"]), "+OK");
            let sums = at_once(100, &store, |_, store| {
                let key = key.clone();
                async move { done(store.count(&key, 1, at(10), at(0))).await }
            });
            assert_eq!(sums.await.into_iter().max(), Some(100 * round), "each once");
        }
    });
}

#[test]
fn what_another_program_wrote_is_a_failure_and_stays_as_it_is() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let space = Space::new("foreign").watched();
        let (key, owner) = (Key::new(&space, "a"), Owner::new(&space, "ada"));
        let entry = || Entry::new("x", at(10)).owned_by(owner.clone());
        let foreign = name("e", &space, key.hash());
        let short = [b"SET".to_vec(), foreign.clone(), b"hunter2".to_vec()];
        let long = [b"SET".to_vec(), foreign.clone(), b"hunter2".repeat(20)];
        let list = [b"RPUSH".to_vec(), foreign.clone(), b"hunter2".to_vec()];
        for write in [&short, &long, &list] {
            server.ask(&[b"DEL".to_vec(), foreign.clone()]);
            server.ask(write);
            let before = server.ask(&[b"DUMP".to_vec(), foreign.clone()]);
            let errors = [
                failed(store.get(&key, at(0))).await,
                failed(store.put(&key, entry(), at(0))).await,
                failed(store.put_if_absent(&key, entry(), at(0))).await,
                failed(store.compare_and_swap(&key, 7.into(), entry(), at(0))).await,
                failed(store.take(&key, at(0))).await,
                failed(store.remove(&key, at(0))).await,
                failed(store.count(&key, 1, at(10), at(0))).await,
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::Failed, "{error:?}");
                assert_eq!(error.key(), Some("passport.store"));
                assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
            }
            assert_eq!(server.ask(&[b"DUMP".to_vec(), foreign.clone()]), before);
        }

        server.ask(&[b"DEL".to_vec(), foreign]);
        let index = name("o", &space, owner.hash());
        server.ask(&[b"SET".to_vec(), index, b"hunter2".to_vec()]);
        for error in [
            failed(store.put(&key, entry(), at(0))).await,
            failed(store.owned(&owner, at(0))).await,
            failed(store.remove_owned(&owner, None, at(0))).await,
        ] {
            assert_eq!(error.kind(), ErrorKind::Failed, "{error:?}");
        }
        assert!(done(store.get(&key, at(0))).await.is_none(), "nothing was written by halves");
    });
}

#[test]
fn a_server_without_memory_is_unavailable_for_writes_and_gives_up_nothing() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let space = Space::new("full");
        let (key, other) = (Key::new(&space, "a"), Key::new(&space, "b"));
        done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
        assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "1"]), "+OK");
        assert_unavailable(&failed(store.put(&other, Entry::new("x", at(10)), at(0))).await);
        assert_unavailable(&failed(store.count(&other, 1, at(10), at(0))).await);
        assert_eq!(value(done(store.get(&key, at(0))).await), Some("x".to_owned()));
        assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "0"]), "+OK");
        done(store.put(&other, Entry::new("x", at(10)), at(0))).await;
    });
}

#[test]
fn a_replica_takes_no_writes_and_is_unavailable() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let key = Key::new(&Space::new("replica"), "a");
        // Nobody listens there.
        assert_eq!(server.ask(&["REPLICAOF", "127.0.0.1", "1"]), "+OK");
        assert_unavailable(&failed(store.put(&key, Entry::new("x", at(10)), at(0))).await);
        assert_eq!(server.ask(&["REPLICAOF", "NO", "ONE"]), "+OK");
        done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
    });
}

#[test]
fn a_launch_warns_of_a_server_that_may_give_up_entries() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        opened(&server.url()).await;
        assert_eq!(log::about("volatile-random"), [""; 0]);
        assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory-policy", "volatile-random"]), "+OK");
        for protocol in ["resp2", "resp3"] {
            let store = opened(&format!("{}?protocol={protocol}", server.url())).await;
            store.open().await.unwrap();
        }
        let lines = log::about("volatile-random");
        assert_eq!(lines.len(), 2, "one for each store: {lines:?}");
        assert!(lines[0].starts_with("passport::store WARN"), "{lines:?}");
        assert!(lines[0].contains("`noeviction`"), "{lines:?}");
    });
}

#[test]
fn another_run_of_the_server_is_another_life() {
    let Some(server) = lasting_server() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let space = Space::new("runs").watched();
        done(store.put(&Key::new(&space, "a"), Entry::new("x", at(10)), at(0))).await;
        let before = done(store.changes(&space, None, at(0))).await.cursor;
        task::block_in_place(|| {
            server.kill();
            server.resume();
        });
        // Had the server lost what came last, these might have the numbers of what was lost.
        until("it is found", async || store.get(&Key::new(&space, "a"), at(0)).get().await.is_ok())
            .await;
        done(store.put(&Key::new(&space, "b"), Entry::new("x", at(10)), at(0))).await;
        let changes = done(store.changes(&space, Some(before), at(0))).await;
        assert!(changes.is_everything);
        assert_eq!(changes.changed.len(), 2);
        assert_ne!(changes.cursor.life(), before.life());
        let after = done(store.changes(&space, Some(changes.cursor), at(0))).await;
        assert!(!after.is_everything);
    });
}

#[test]
fn a_deletion_is_remembered_for_a_day() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let space = Space::new("day").watched();
        let [stays, goes, other] = ["stays", "goes", "other"].map(|name| Key::new(&space, name));
        done(store.put(&stays, Entry::new("x", at(9 * DAY)), at(0))).await;
        done(store.put(&goes, Entry::new("x", at(9 * DAY)), at(0))).await;
        let before = done(store.changes(&space, None, at(0))).await.cursor;
        assert!(done(store.remove(&goes, at(0))).await);
        let after = done(store.changes(&space, Some(before), at(0))).await.cursor;

        done(store.put(&other, Entry::new("x", at(9 * DAY)), at(DAY - 1))).await;
        let changes = done(store.changes(&space, Some(before), at(DAY - 1))).await;
        assert!(!changes.is_everything);
        assert_eq!(changes.changed.len(), 2);

        let changes = done(store.changes(&space, Some(before), at(DAY))).await;
        assert!(changes.is_everything, "who missed it reads everything");
        assert_eq!(changes.changed.len(), 2);
        let changes = done(store.changes(&space, Some(after), at(DAY))).await;
        assert!(!changes.is_everything, "who read it goes on");
        assert_eq!(changes.changed.len(), 1);
    });
}

#[test]
fn nothing_is_left_of_what_has_ended() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let space = Space::new("left").watched();
        let owner = Owner::new(&space, "ada");
        for number in 0..150 {
            let key = Key::new(&space, number.to_string());
            let entry = Entry::new("x", at(10 * SECOND)).owned_by(owner.clone());
            done(store.put(&key, entry, at(0))).await;
        }
        let lives_on = |key: &[u8]| {
            let ttl: i64 = server.ask(&[&b"PTTL"[..], key])[1..].parse().unwrap();
            assert!((30_000..=70_000).contains(&ttl), "{ttl}");
        };
        lives_on(&name("e", &space, Key::new(&space, "0").hash()));
        lives_on(&name("o", &space, owner.hash()));

        // A minute is what clocks may differ.
        let later = 71 * SECOND;
        for name in ["a", "b"] {
            let entry = Entry::new("x", at(later + 1)).owned_by(owner.clone());
            done(store.put(&Key::new(&space, name), entry, at(later))).await;
        }
        let count = |key: &[u8]| server.ask(&[&b"ZCARD"[..], key]);
        assert_eq!(count(&name("o", &space, owner.hash())), ":2");
        for set in ["changes", "ends"] {
            assert_eq!(count(format!("passport:{{left}}:{set}").as_bytes()), ":2", "{set}");
        }
        assert!(done(store.remove(&Key::new(&space, "a"), at(later))).await);
        assert_eq!(count(&name("o", &space, owner.hash())), ":1");
        done(store.put(&Key::new(&space, "b"), Entry::new("x", at(later + 1)), at(later))).await;
        assert_eq!(count(&name("o", &space, owner.hash())), ":0", "it is nobody's now");
        assert_eq!(count(b"passport:{left}:deleted"), ":1");
    });
}

#[test]
fn a_counter_stops_where_it_can_no_longer_be_told_apart_from_the_next() {
    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let store = opened(&server.url()).await;
        let key = Key::new(&Space::new("large"), "a");
        done(store.count(&key, 1, at(10), at(0))).await;
        let last = (1_u64 << 53) - 1;
        let name = name("e", key.space(), key.hash());
        let almost = (last - 2).to_be_bytes().to_vec();
        server.ask(&[b"SETRANGE".to_vec(), name, b"20".to_vec(), almost]);
        let count = |by| store.count(&key, by, at(10), at(0));
        assert_eq!(done(count(1)).await, last - 1);
        assert_eq!(done(count(u32::MAX)).await, last);
        assert_eq!(done(count(u32::MAX)).await, last);
    });
}

#[test]
fn a_store_over_an_applications_own_connection_recovers_too() {
    use passport_rocket::store::Redis;
    use redis::aio::{ConnectionManager, ConnectionManagerConfig};

    let Some(server) = RedisServer::start() else { return };
    runtime().block_on(async {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_number_of_retries(0);
        let client = redis::Client::open(server.url()).unwrap();
        let manager = ConnectionManager::new_with_config(client, config).await.unwrap();
        let store = Store::new(Redis::with_manager(manager));
        store.open().await.unwrap();
        let key = Key::new(&Space::new("own"), "a");
        done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
        task::block_in_place(|| server.kill());
        assert_unavailable(&failed(store.get(&key, at(0))).await);
        task::block_in_place(|| server.resume());
        until("it is found", async || {
            store.put(&key, Entry::new("y", at(10)), at(0)).get().await.is_ok()
        })
        .await;
        assert_eq!(value(done(store.get(&key, at(0))).await), Some("y".to_owned()));
    });
}

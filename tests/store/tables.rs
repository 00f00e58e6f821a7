//! What the stores in tables hold beyond the contract: several processes over one, an application's
//! own pool, and what becomes of what has ended.

use std::time::{Duration, Instant};

use passport_rocket::store::{Entry, Key, Owner, Postgres, Space, Sqlite, Store};
use rocket::tokio::{spawn, task};
use sqlx::{PgPool, SqlitePool};

use super::{Place, at, named, opened, postgres, runtime, sqlite};

const MINUTE: u64 = 60 * 1000;
const DAY: u64 = 24 * 60 * MINUTE;

/// Both kinds.
fn over_tables(test: impl AsyncFn(&str)) {
    for make in [sqlite, postgres] {
        let Some(Place { url, _needs }) = make() else { continue };
        println!("over {}", url.split_once(':').unwrap().0);
        runtime().block_on(test(&url));
    }
}

async fn with_pool(url: &str) -> Store {
    match url.starts_with("sqlite") {
        true => Store::new(Sqlite::with_pool(SqlitePool::connect(url).await.unwrap())),
        false => Store::new(Postgres::with_pool(PgPool::connect(url).await.unwrap())),
    }
}

/// How many rows there are in all of entries, and of what is remembered of deleted ones.
async fn rows(url: &str) -> (i64, i64) {
    const COUNT: &str =
        "SELECT (SELECT count(*) FROM passport_entry), (SELECT count(*) FROM passport_deleted)";

    match url.starts_with("sqlite") {
        true => {
            let pool = SqlitePool::connect(url).await.unwrap();
            sqlx::query_as(COUNT).fetch_one(&pool).await.unwrap()
        }
        false => {
            let pool = PgPool::connect(url).await.unwrap();
            sqlx::query_as(COUNT).fetch_one(&pool).await.unwrap()
        }
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !is_so().await {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
        task::yield_now().await;
    }
}

#[test]
fn eight_processes_that_start_at_once_make_the_tables_once_and_share_them() {
    over_tables(async |url| {
        let mut stores = Vec::new();
        for _ in 0..8 {
            stores.push(named(url).await);
        }
        let opening: Vec<_> =
            stores.iter().cloned().map(|store| spawn(async move { store.open().await })).collect();
        for opened in opening {
            opened.await.unwrap().unwrap();
        }
        let key = Key::new(&Space::new("shared").watched(), "a");
        for _ in 0..10 {
            stores[0].put(&key, Entry::new("x", at(10)), at(0)).get().await.unwrap();
            let taking: Vec<_> = stores
                .iter()
                .cycle()
                .take(40)
                .map(|store| {
                    let (store, key) = (store.clone(), key.clone());
                    spawn(async move { store.take(&key, at(0)).get().await.unwrap() })
                })
                .collect();
            let mut winners = 0;
            for task in taking {
                winners += usize::from(task.await.unwrap().is_some());
            }
            assert_eq!(winners, 1);
        }
    });
}

#[test]
fn a_pool_of_the_application_does_as_well() {
    over_tables(async |url| {
        let by_url = opened(url).await;
        let by_pool = with_pool(url).await;
        by_pool.open().await.unwrap();
        let key = Key::new(&Space::new("pool"), "a");
        by_pool.put(&key, Entry::new("x", at(10)), at(0)).get().await.unwrap();
        assert_eq!(&*by_url.take(&key, at(0)).get().await.unwrap().unwrap().value, b"x");
        assert!(by_pool.get(&key, at(0)).get().await.unwrap().is_none());
    });
}

#[test]
fn what_has_ended_is_deleted_by_later_writes() {
    over_tables(async |url| {
        let store = opened(url).await;
        let (space, watched) = (Space::new("swept"), Space::new("swept, watched").watched());
        let ada = Owner::new(&space, "ada");
        let writing: Vec<_> = (0..30)
            .map(|writer| {
                let (store, ada) = (store.clone(), ada.clone());
                let (space, watched) = (space.clone(), watched.clone());
                spawn(async move {
                    for number in 0..40 {
                        let space = if number < 4 { &watched } else { &space };
                        let key = Key::new(space, format!("{writer} {number}"));
                        let entry = Entry::new("x", at(MINUTE)).owned_by(ada.clone());
                        store.put(&key, entry, at(0)).get().await.unwrap();
                    }
                })
            })
            .collect();
        for task in writing {
            task.await.unwrap();
        }
        let stays = Key::new(&space, "stays");
        store.put(&stays, Entry::new("x", at(DAY)), at(0)).get().await.unwrap();
        assert_eq!(rows(url).await, (1201, 0));

        store.put(&stays, Entry::new("x", at(DAY)), at(7 * MINUTE)).get().await.unwrap();
        until("more than one batch is swept", async || rows(url).await == (1, 0)).await;
        assert!(store.get(&stays, at(8 * MINUTE)).get().await.unwrap().is_some());
    });
}

#[test]
fn a_deletion_is_remembered_for_a_day_and_who_missed_it_reads_everything() {
    over_tables(async |url| {
        let store = opened(url).await;
        let space = Space::new("revoked").watched();
        let [a, b] = ["a", "b"].map(|name| Key::new(&space, name));
        for key in [&a, &b] {
            store.put(key, Entry::new("x", at(9 * DAY)), at(0)).get().await.unwrap();
        }
        let before = store.changes(&space, None, at(0)).get().await.unwrap().cursor;
        assert!(store.remove(&a, at(MINUTE)).get().await.unwrap());
        let after = store.changes(&space, Some(before), at(MINUTE)).get().await.unwrap();
        assert_eq!((after.is_everything, after.changed.len()), (false, 1));

        let touch = async |now| {
            let other = Key::new(&Space::new("other"), "x");
            store.put(&other, Entry::new("x", at(9 * DAY)), at(now)).get().await.unwrap();
        };
        touch(DAY).await;
        let still = store.changes(&space, Some(before), at(DAY)).get().await.unwrap();
        assert_eq!((still.is_everything, still.changed.len()), (false, 1));

        let now = at(DAY + 10 * MINUTE);
        touch(DAY + 10 * MINUTE).await;
        until("the deletion is forgotten", async || rows(url).await.1 == 0).await;
        let all = store.changes(&space, Some(before), now).get().await.unwrap();
        assert!(all.is_everything);
        assert_eq!((all.changed.len(), &all.changed[0].key), (1, &b));
        let news = store.changes(&space, Some(after.cursor), now).get().await.unwrap();
        assert!(!news.is_everything, "who knows of it is told nothing again");
        assert!(news.changed.is_empty());
    });
}

/// Somebody knows the first entry; that the second one has ended must not leave it in their memory.
#[test]
fn an_entry_that_was_cut_short_is_news_even_when_it_has_been_swept() {
    over_tables(async |url| {
        let store = opened(url).await;
        let space = Space::new("cut short").watched();
        let key = Key::new(&space, "a");
        store.put(&key, Entry::new("long", at(9 * DAY)), at(0)).get().await.unwrap();
        let before = store.changes(&space, None, at(0)).get().await.unwrap().cursor;
        store.put(&key, Entry::new("short", at(MINUTE)), at(0)).get().await.unwrap();
        let news = store.changes(&space, Some(before), at(MINUTE)).get().await.unwrap();
        assert_eq!(news.changed.len(), 1);
        assert!(!news.is_everything && news.changed[0].found.is_none());

        let other = Key::new(&Space::new("other"), "x");
        store.put(&other, Entry::new("x", at(DAY)), at(10 * MINUTE)).get().await.unwrap();
        until("it is swept", async || rows(url).await.0 == 1).await;
        let all = store.changes(&space, Some(before), at(10 * MINUTE)).get().await.unwrap();
        assert!(all.is_everything && all.changed.is_empty());
    });
}

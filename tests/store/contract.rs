//! What every adapter must hold.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use passport_rocket::store::{
    Change, Changes, Cursor, Entry, Found, Key, Owner, Space, Store, Stored, Version,
};
use rocket::tokio::sync::Barrier;
use rocket::tokio::{spawn, task};

use super::{at, over_every_store};

pub(super) async fn done<T>(answer: Stored<'_, T>) -> T {
    answer.get().await.unwrap()
}

pub(super) fn value(found: Option<Found>) -> Option<String> {
    found.map(|found| String::from_utf8(found.value.to_vec()).unwrap())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The names, in order, of what an owner has, out of `names`.
async fn owned(store: &Store, owner: &Owner, names: &[&str], now: SystemTime) -> Vec<String> {
    let found = done(store.owned(owner, now)).await;
    let name_of = |key: &Key| names.iter().find(|name| Key::new(owner.space(), name) == *key);
    let mut owned: Vec<_> =
        found.iter().map(|(key, _)| (*name_of(key).unwrap()).to_owned()).collect();
    owned.sort();
    owned
}

const TASKS: usize = 100;

/// What so many tasks get that begin at once.
pub(super) async fn at_once<T, F>(
    tasks: usize,
    store: &Store,
    work: impl Fn(usize, Store) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(tasks));
    let running: Vec<_> = (0..tasks)
        .map(|number| {
            let (barrier, work) = (Arc::clone(&barrier), work(number, store.clone()));
            spawn(async move {
                barrier.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in running {
        results.push(task.await.unwrap());
    }
    results
}

#[test]
fn what_is_put_is_read_until_something_else_is_put() {
    over_every_store(|store| async move {
        let space = Space::new("plain");
        let key = Key::new(&space, "a");
        assert!(done(store.get(&key, at(0))).await.is_none());

        let first = done(store.put(&key, Entry::new("one", at(1234)), at(0))).await;
        let found = done(store.get(&key, at(0))).await.unwrap();
        assert_eq!((&*found.value, found.expires_at), (&b"one"[..], at(1234)));
        assert!(found.version == first, "what was written is of the version that was returned");

        let second = done(store.put(&key, Entry::new("two", at(99)), at(0))).await;
        let found = done(store.get(&key, at(0))).await.unwrap();
        assert_eq!((&*found.value, found.expires_at), (&b"two"[..], at(99)));
        assert!(found.version == second && second != first);
        assert!(done(store.get(&Key::new(&space, "b"), at(0))).await.is_none());
    });
}

#[test]
fn a_value_is_any_bytes() {
    over_every_store(|store| async move {
        let all: Vec<u8> = (0..=255).collect();
        let values = [Vec::new(), vec![0], b"a\0b".to_vec(), all.clone(), all.repeat(400)];
        assert_eq!(values[4].len(), 102_400);
        for (number, bytes) in values.iter().enumerate() {
            let key = Key::new(&Space::new("bytes"), number.to_string());
            let version = done(store.put(&key, Entry::new(bytes, at(10)), at(0))).await;
            let entry = Entry::new(bytes, at(20));
            assert!(done(store.compare_and_swap(&key, version, entry, at(0))).await.is_some());
            assert_eq!(*done(store.get(&key, at(0))).await.unwrap().value, **bytes);
            assert_eq!(*done(store.take(&key, at(0))).await.unwrap().value, **bytes);
            let entry = Entry::new(bytes, at(20));
            assert!(done(store.put_if_absent(&key, entry, at(0))).await.is_some());
            assert_eq!(*done(store.get(&key, at(0))).await.unwrap().value, **bytes);
        }
    });
}

#[test]
fn put_if_absent_writes_where_nothing_is() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("absent"), "a");
        let put = |value, end, now| store.put_if_absent(&key, Entry::new(value, at(end)), at(now));
        let version = done(put("one", 10, 0)).await.unwrap();
        assert!(done(put("two", 99, 9)).await.is_none());
        let found = done(store.get(&key, at(9))).await.unwrap();
        assert_eq!((&*found.value, found.expires_at), (&b"one"[..], at(10)));
        assert!(found.version == version);

        assert!(done(put("three", 20, 10)).await.is_some(), "what has ended is not there");
        assert_eq!(value(done(store.take(&key, at(10))).await), some("three"));
        assert!(done(put("four", 20, 10)).await.is_some(), "nor is what was taken");
        assert!(done(store.remove(&key, at(10))).await);
        assert!(done(put("five", 20, 10)).await.is_some(), "nor is what was removed");
        assert_eq!(value(done(store.get(&key, at(10))).await), some("five"));
    });
}

#[test]
fn compare_and_swap_writes_over_what_was_read() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("swapped"), "a");
        let swap = |read, value, now| {
            store.compare_and_swap(&key, read, Entry::new(value, at(20)), at(now))
        };
        assert!(done(swap(Version::from(0), "nothing is there", 0)).await.is_none());
        assert!(done(store.get(&key, at(0))).await.is_none());

        let first = done(store.put(&key, Entry::new("one", at(10)), at(0))).await;
        let second = done(swap(first, "two", 9)).await.unwrap();
        let found = done(store.get(&key, at(15))).await.unwrap();
        assert_eq!((&*found.value, found.expires_at), (&b"two"[..], at(20)));
        assert!(found.version == second && second != first);

        assert!(done(swap(first, "late", 9)).await.is_none());
        assert_eq!(value(done(store.get(&key, at(9))).await), some("two"));
        assert!(done(swap(second, "too late", 20)).await.is_none(), "it ended");
        assert!(done(store.get(&key, at(20))).await.is_none(), "and is not brought back");
        assert!(done(store.get(&key, at(19))).await.is_none_or(|found| found.version == second));
    });
}

#[test]
fn an_entry_made_anew_is_never_taken_for_the_old_one() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("anew"), "a");
        let entry = || Entry::new("the same", at(10));
        let mut seen = vec![done(store.put(&key, entry(), at(0))).await];
        done(store.remove(&key, at(0))).await;
        seen.push(done(store.put(&key, entry(), at(0))).await);
        done(store.take(&key, at(0))).await;
        seen.push(done(store.put_if_absent(&key, entry(), at(0))).await.unwrap());
        // Over one that has ended.
        let again = || Entry::new("the same", at(20));
        seen.push(done(store.put_if_absent(&key, again(), at(10))).await.unwrap());
        seen.push(done(store.put(&key, again(), at(10))).await);
        let last = done(store.compare_and_swap(&key, seen[4], again(), at(10))).await.unwrap();
        for old in seen {
            assert!(done(store.compare_and_swap(&key, old, again(), at(10))).await.is_none());
        }
        assert!(done(store.compare_and_swap(&key, last, again(), at(10))).await.is_some());
    });
}

#[test]
fn what_is_taken_or_removed_is_gone() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("gone"), "a");
        assert!(done(store.take(&key, at(0))).await.is_none());
        assert!(!done(store.remove(&key, at(0))).await);

        let version = done(store.put(&key, Entry::new("one", at(10)), at(0))).await;
        let taken = done(store.take(&key, at(0))).await.unwrap();
        assert_eq!((&*taken.value, taken.expires_at), (&b"one"[..], at(10)));
        assert!(taken.version == version);
        assert!(done(store.take(&key, at(0))).await.is_none());
        assert!(done(store.get(&key, at(0))).await.is_none());

        done(store.put(&key, Entry::new("two", at(10)), at(0))).await;
        assert!(done(store.remove(&key, at(0))).await);
        assert!(!done(store.remove(&key, at(0))).await);
        assert!(done(store.get(&key, at(0))).await.is_none());
    });
}

#[test]
fn from_its_end_on_nothing_is_there() {
    over_every_store(|store| async move {
        let space = Space::new("ending");
        let owner = Owner::new(&space, "ada");
        let key = |name: &str| Key::new(&space, name);
        for name in ["got", "taken", "removed", "kept"] {
            let entry = Entry::new("x", at(1000)).owned_by(owner.clone());
            done(store.put(&key(name), entry, at(0))).await;
        }
        assert!(done(store.get(&key("got"), at(999))).await.is_some());
        assert_eq!(done(store.owned(&owner, at(999))).await.len(), 4);
        assert!(done(store.get(&key("got"), at(1000))).await.is_none());
        assert_eq!(done(store.owned(&owner, at(1000))).await.len(), 0);
        assert!(done(store.take(&key("taken"), at(1000))).await.is_none());
        assert!(!done(store.remove(&key("removed"), at(1000))).await);
        assert_eq!(done(store.remove_owned(&owner, None, at(1000))).await, 0);
        assert!(done(store.get(&key("kept"), at(1_000_000_000))).await.is_none());

        // What is written when it has ended already is never there.
        done(store.put(&key("late"), Entry::new("x", at(1000)), at(1000))).await;
        assert!(done(store.get(&key("late"), at(1000))).await.is_none());
    });
}

#[test]
fn an_end_between_two_milliseconds_is_never_put_off() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("fine"), "a");
        let end = at(10) + Duration::from_micros(900);
        done(store.put(&key, Entry::new("x", end), at(0))).await;
        let found = done(store.get(&key, at(9))).await.unwrap();
        assert!(found.expires_at >= at(10) && found.expires_at <= end);
        assert!(done(store.get(&key, at(11))).await.is_none());
        let just_before = at(9) + Duration::from_micros(999);
        assert!(done(store.get(&key, just_before)).await.is_some());
    });
}

#[test]
fn a_counter_keeps_its_first_end_and_begins_anew_after_it() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("counter"), "a");
        let count = |by, end, now| store.count(&key, by, at(end), at(now));
        assert_eq!(done(count(1, 10, 0)).await, 1);
        assert_eq!(done(count(2, 100, 5)).await, 3);
        assert_eq!(done(count(0, 100, 9)).await, 3);
        assert_eq!(done(count(5, 20, 10)).await, 5, "the first end was not put off");
        assert_eq!(done(count(1, 100, 19)).await, 6);
        assert_eq!(done(count(u32::MAX, 100, 20)).await, u64::from(u32::MAX));
        assert_eq!(done(count(u32::MAX, 100, 21)).await, 2 * u64::from(u32::MAX));
        assert!(done(store.remove(&key, at(21))).await);
        assert_eq!(done(count(7, 100, 22)).await, 7);
        assert_eq!(done(store.count(&Key::new(key.space(), "b"), 1, at(100), at(22))).await, 1);
    });
}

#[test]
fn spaces_are_separate() {
    over_every_store(|store| async move {
        let (one, other) = (Space::new("one"), Space::new("other"));
        for space in [&one, &other] {
            let entry = Entry::new(space.name(), at(10)).owned_by(Owner::new(space, "ada"));
            done(store.put(&Key::new(space, "a"), entry, at(0))).await;
        }
        assert_eq!(value(done(store.get(&Key::new(&one, "a"), at(0))).await), some("one"));
        assert_eq!(done(store.remove_owned(&Owner::new(&one, "ada"), None, at(0))).await, 1);
        assert!(done(store.get(&Key::new(&one, "a"), at(0))).await.is_none());
        assert_eq!(value(done(store.get(&Key::new(&other, "a"), at(0))).await), some("other"));
        assert_eq!(owned(&store, &Owner::new(&other, "ada"), &["a"], at(0)).await, ["a"]);
    });
}

#[test]
fn an_owner_has_what_was_last_written_as_theirs() {
    over_every_store(|store| async move {
        let space = Space::new("owned");
        let (ada, bob) = (Owner::new(&space, "ada"), Owner::new(&space, "bob"));
        let names = ["a", "b", "c"];
        let [a, b, c] = names.map(|name| Key::new(&space, name));
        let nobodys = |end| Entry::new("x", at(end));
        let adas = |end| nobodys(end).owned_by(ada.clone());
        let bobs = |end| nobodys(end).owned_by(bob.clone());
        let of = async |owner, now| owned(&store, owner, &names, at(now)).await;

        for key in [&a, &b, &c] {
            done(store.put(key, adas(10), at(0))).await;
        }
        assert_eq!(of(&ada, 0).await, names);
        let (key, found) = done(store.owned(&ada, at(0))).await.remove(0);
        let read = done(store.get(&key, at(0))).await.unwrap();
        assert_eq!((&*found.value, found.expires_at), (&*read.value, read.expires_at));
        assert!(found.version == read.version);

        done(store.put(&a, bobs(10), at(0))).await;
        assert_eq!(
            (of(&ada, 0).await, of(&bob, 0).await),
            (vec!["b".into(), "c".into()], vec!["a".into()])
        );
        done(store.put(&b, nobodys(10), at(0))).await;
        assert_eq!(of(&ada, 0).await, ["c"]);
        let version = done(store.get(&c, at(0))).await.unwrap().version;
        done(store.compare_and_swap(&c, version, bobs(10), at(0))).await.unwrap();
        assert_eq!(of(&ada, 0).await, [""; 0]);
        assert_eq!(of(&bob, 0).await, ["a", "c"]);
        assert!(done(store.put_if_absent(&a, adas(10), at(0))).await.is_none());
        assert!(done(store.compare_and_swap(&c, version, adas(10), at(0))).await.is_none());
        assert_eq!(of(&bob, 0).await, ["a", "c"], "what did not write changes no owner");

        // Over one that has ended.
        assert!(done(store.put_if_absent(&a, adas(20), at(10))).await.is_some());
        done(store.put(&c, nobodys(20), at(10))).await;
        assert_eq!((of(&ada, 10).await, of(&bob, 10).await), (vec!["a".into()], vec![]));

        done(store.put(&b, adas(20), at(10))).await;
        done(store.put(&c, adas(20), at(10))).await;
        done(store.take(&a, at(10))).await.unwrap();
        assert!(done(store.remove(&b, at(10))).await);
        assert_eq!(of(&ada, 10).await, ["c"]);
    });
}

/// To a process whose clock is behind it has not ended yet: a session that was signed out would be
/// alive there.
#[test]
fn what_is_removed_after_its_end_is_gone_for_a_clock_that_is_behind() {
    over_every_store(|store| async move {
        for space in [Space::new("behind"), Space::new("behind, watched").watched()] {
            let owner = Owner::new(&space, "ada");
            let keys = ["taken", "removed", "owned"].map(|name| Key::new(&space, name));
            for key in &keys {
                let entry = Entry::new("one", at(10)).owned_by(owner.clone());
                done(store.put(key, entry, at(0))).await;
            }
            let [taken, removed, _] = &keys;
            assert!(done(store.take(taken, at(11))).await.is_none());
            assert!(!done(store.remove(removed, at(11))).await);
            assert_eq!(done(store.remove_owned(&owner, None, at(11))).await, 0);
            for key in &keys {
                assert!(done(store.get(key, at(9))).await.is_none(), "{space:?}");
            }
        }
    });
}

#[test]
fn remove_owned_removes_all_of_one_owner_except_one() {
    over_every_store(|store| async move {
        let space = Space::new("ended");
        let (ada, bob) = (Owner::new(&space, "ada"), Owner::new(&space, "bob"));
        let key = |name: &str| Key::new(&space, name);
        let fill = async || {
            for (name, owner, end) in
                [("a", &ada, 20), ("b", &ada, 20), ("c", &ada, 20), ("d", &ada, 5), ("e", &bob, 20)]
            {
                let entry = Entry::new("x", at(end)).owned_by(owner.clone());
                done(store.put(&key(name), entry, at(0))).await;
            }
        };
        let left = async || {
            let mut left = String::new();
            for name in ["a", "b", "c", "d", "e"] {
                if done(store.get(&key(name), at(10))).await.is_some() {
                    left.push_str(name);
                }
            }
            left
        };
        fill().await;
        assert_eq!(done(store.remove_owned(&ada, Some(&key("b")), at(10))).await, 2);
        assert_eq!(left().await, "be");
        assert_eq!(owned(&store, &ada, &["b"], at(10)).await, ["b"]);
        assert_eq!(done(store.remove_owned(&ada, None, at(10))).await, 1);
        assert_eq!(done(store.remove_owned(&ada, None, at(10))).await, 0);
        assert_eq!(left().await, "e");

        fill().await;
        let not_theirs = key("e");
        assert_eq!(done(store.remove_owned(&ada, Some(&not_theirs), at(10))).await, 3);
        assert_eq!(left().await, "e");
        assert_eq!(done(store.remove_owned(&Owner::new(&space, "nobody"), None, at(10))).await, 0);
    });
}

#[test]
fn one_of_a_hundred_tasks_takes_it() {
    over_every_store(|store| async move {
        for space in [Space::new("taken"), Space::new("taken and watched").watched()] {
            let key = Key::new(&space, "a");
            done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
            let got = at_once(TASKS, &store, |_, store| {
                let key = key.clone();
                async move { done(store.take(&key, at(1))).await }
            });
            assert_eq!(got.await.into_iter().flatten().count(), 1, "{space:?}");

            done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
            let removed = at_once(TASKS, &store, |_, store| {
                let key = key.clone();
                async move { done(store.remove(&key, at(1))).await }
            });
            assert_eq!(removed.await.into_iter().filter(|there| *there).count(), 1, "{space:?}");
        }
    });
}

#[test]
fn one_of_a_hundred_tasks_puts_what_was_absent() {
    over_every_store(|store| async move {
        for space in [Space::new("put"), Space::new("put and watched").watched()] {
            let key = Key::new(&space, "a");
            // First where nothing ever was, then where something has ended.
            for now in [0, 10] {
                let put = at_once(TASKS, &store, |number, store| {
                    let (key, entry) = (key.clone(), Entry::new(number.to_string(), at(now + 10)));
                    async move { done(store.put_if_absent(&key, entry, at(now))).await }
                });
                let versions = put.await;
                let winners: Vec<_> =
                    (0..TASKS).filter(|number| versions[*number].is_some()).collect();
                assert_eq!(winners.len(), 1, "{space:?}, {winners:?}");
                let found = done(store.get(&key, at(now))).await;
                assert_eq!(value(found), Some(winners[0].to_string()), "{space:?}");
            }
        }
    });
}

#[test]
fn one_of_a_hundred_tasks_swaps_what_all_have_read() {
    over_every_store(|store| async move {
        for space in [Space::new("swap"), Space::new("swap and watched").watched()] {
            let key = Key::new(&space, "a");
            let read = done(store.put(&key, Entry::new("x", at(10)), at(0))).await;
            let swapped = at_once(TASKS, &store, |number, store| {
                let (key, entry) = (key.clone(), Entry::new(number.to_string(), at(10)));
                async move { done(store.compare_and_swap(&key, read, entry, at(1))).await }
            });
            let versions = swapped.await;
            let winners: Vec<_> = (0..TASKS).filter(|number| versions[*number].is_some()).collect();
            assert_eq!(winners.len(), 1, "{space:?}, {winners:?}");
            let found = done(store.get(&key, at(1))).await.unwrap();
            assert!(Some(found.version) == versions[winners[0]]);
            assert_eq!(value(Some(found)), Some(winners[0].to_string()), "{space:?}");
        }
    });
}

#[test]
fn whoever_reads_and_swaps_until_it_succeeds_loses_nothing() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("added"), "a");
        done(store.put(&key, Entry::new("0", at(10)), at(0))).await;
        let add = |_, store: Store| {
            let key = key.clone();
            async move {
                loop {
                    let found = done(store.get(&key, at(1))).await.unwrap();
                    let read = found.version;
                    let sum: u32 = value(Some(found)).unwrap().parse().unwrap();
                    let entry = Entry::new((sum + 1).to_string(), at(10));
                    if done(store.compare_and_swap(&key, read, entry, at(1))).await.is_some() {
                        return;
                    }
                    task::yield_now().await;
                }
            }
        };
        at_once(20, &store, add).await;
        assert_eq!(value(done(store.get(&key, at(1))).await), some("20"));
    });
}

#[test]
fn a_hundred_tasks_that_count_get_a_hundred_sums() {
    over_every_store(|store| async move {
        let key = Key::new(&Space::new("counted"), "a");
        // The second time, all find a counter that has ended.
        for now in [0, 10] {
            let sums = at_once(TASKS, &store, |_, store| {
                let key = key.clone();
                async move { done(store.count(&key, 1, at(now + 10), at(now))).await }
            });
            let sums: BTreeSet<u64> = sums.await.into_iter().collect();
            assert_eq!(sums, (1..=100).collect());
        }
    });
}

#[test]
fn an_owner_has_everything_that_a_hundred_tasks_put_at_once() {
    over_every_store(|store| async move {
        let space = Space::new("crowd");
        let owner = Owner::new(&space, "ada");
        let put = |number: usize, store: Store| {
            let key = Key::new(&space, number.to_string());
            let entry = Entry::new("x", at(10)).owned_by(owner.clone());
            async move { done(store.put(&key, entry, at(0))).await }
        };
        at_once(TASKS, &store, put).await;
        assert_eq!(done(store.owned(&owner, at(0))).await.len(), TASKS);
        let removed = at_once(10, &store, |_, store| {
            let owner = owner.clone();
            async move { done(store.remove_owned(&owner, None, at(0))).await }
        });
        assert_eq!(removed.await.into_iter().sum::<u64>(), 100, "each is removed by one");
    });
}

/// What changed, by name; `None` for what is gone.
fn by_name(changes: Changes, space: &Space, names: &[&str]) -> Vec<(String, Option<String>)> {
    let name_of = |key: &Key| names.iter().find(|name| Key::new(space, name) == *key);
    let named = |change: Change| ((*name_of(&change.key).unwrap()).to_owned(), value(change.found));
    let mut changed: Vec<_> = changes.changed.into_iter().map(named).collect();
    changed.sort();
    // Some may come twice.
    changed.dedup();
    changed
}

#[test]
fn changes_are_everything_first_and_then_news_only() {
    over_every_store(|store| async move {
        let space = Space::new("watched").watched();
        let other = Space::new("another").watched();
        let names = ["a", "b", "c", "d", "e"];
        let [a, b, c, d, e] = names.map(|name| Key::new(&space, name));
        let entry = |value: &str| Entry::new(value, at(20));
        let owner = Owner::new(&space, "ada");

        let nothing = done(store.changes(&space, None, at(0))).await;
        assert!(nothing.is_everything && nothing.changed.is_empty());

        done(store.put(&a, entry("1"), at(0))).await;
        done(store.put(&b, entry("1"), at(0))).await;
        done(store.put(&c, Entry::new("ends", at(5)), at(0))).await;
        done(store.put(&d, entry("1"), at(0))).await;
        done(store.remove(&d, at(0))).await;
        done(store.put(&Key::new(&other, "x"), entry("of another"), at(0))).await;
        let all = done(store.changes(&space, None, at(5))).await;
        let mut since = all.cursor;
        assert!(all.is_everything);
        assert_eq!(
            by_name(all, &space, &names),
            [("a".into(), some("1")), ("b".into(), some("1"))]
        );

        let mut news = async || {
            let news = done(store.changes(&space, Some(since), at(6))).await;
            assert!(!news.is_everything);
            since = news.cursor;
            by_name(news, &space, &names)
        };
        assert_eq!(news().await, []);
        let swapped = done(store.put(&a, entry("2"), at(6))).await;
        assert_eq!(news().await, [("a".into(), some("2"))]);
        assert_eq!(news().await, []);

        // Each as it is now, however often it changed.
        done(store.compare_and_swap(&a, swapped, entry("3"), at(6))).await.unwrap();
        done(store.put_if_absent(&d, entry("1").owned_by(owner.clone()), at(6))).await.unwrap();
        done(store.put(&e, entry("1").owned_by(owner.clone()), at(6))).await;
        done(store.take(&b, at(6))).await.unwrap();
        done(store.put(&b, entry("2"), at(6))).await;
        let changed = [("a", "3"), ("b", "2"), ("d", "1"), ("e", "1")];
        assert_eq!(news().await, changed.map(|(name, value)| (name.into(), some(value))));

        // What writes nothing is no news.
        assert!(done(store.put_if_absent(&a, entry("4"), at(6))).await.is_none());
        assert!(done(store.compare_and_swap(&a, swapped, entry("4"), at(6))).await.is_none());
        done(store.put(&Key::new(&other, "x"), entry("of another"), at(6))).await;
        assert_eq!(news().await, []);

        // Whichever way it goes.
        done(store.take(&a, at(6))).await.unwrap();
        assert!(done(store.remove(&b, at(6))).await);
        assert_eq!(news().await, [("a".into(), None), ("b".into(), None)]);
        assert_eq!(done(store.remove_owned(&owner, Some(&e), at(6))).await, 1);
        assert_eq!(news().await, [("d".into(), None)]);
        done(store.put(&a, entry("5"), at(6))).await;
        assert_eq!(news().await, [("a".into(), some("5"))]);
    });
}

// Who read the longer end would otherwise go on believing in it.
#[test]
fn that_an_entry_was_cut_short_is_news_when_it_has_ended() {
    over_every_store(async |store| {
        const MINUTE: u64 = 60_000;
        let space = Space::new("cut short").watched();
        let key = Key::new(&space, "a");
        done(store.put(&key, Entry::new("long", at(90 * MINUTE)), at(0))).await;
        let before = done(store.changes(&space, None, at(0))).await.cursor;
        done(store.put(&key, Entry::new("short", at(MINUTE)), at(0))).await;
        // Whatever a store sweeps away, it does because of a write.
        for minute in [10, 20, 30] {
            let other = Key::new(&space, "other");
            let entry = Entry::new("x", at(40 * MINUTE));
            done(store.put(&other, entry, at(minute * MINUTE))).await;
        }
        let news = done(store.changes(&space, Some(before), at(30 * MINUTE))).await;
        let of_it = news.changed.iter().find(|change| change.key == key);
        match news.is_everything {
            true => assert!(of_it.is_none()),
            false => assert!(of_it.expect("news of it").found.is_none()),
        }
    });
}

#[test]
fn a_cursor_that_the_store_does_not_know_gets_everything() {
    over_every_store(|store| async move {
        let space = Space::new("lives").watched();
        done(store.put(&Key::new(&space, "a"), Entry::new("1", at(10)), at(0))).await;
        done(store.put(&Key::new(&space, "b"), Entry::new("1", at(10)), at(0))).await;
        let cursor = done(store.changes(&space, None, at(0))).await.cursor;
        let known = done(store.changes(&space, Some(cursor), at(0))).await;
        assert!(!known.is_everything);
        let life = cursor.life().wrapping_add(1);
        let unknown = [
            ("another life", Cursor::new(life, cursor.number())),
            ("ahead, as after a backup was restored", Cursor::new(cursor.life(), i64::MAX - 1)),
        ];
        for (what, unknown) in unknown {
            let changes = done(store.changes(&space, Some(unknown), at(0))).await;
            assert!(changes.is_everything, "{what}");
            assert_eq!(changes.changed.len(), 2, "{what}");
            let after = done(store.changes(&space, Some(changes.cursor), at(0))).await;
            assert!(!after.is_everything && after.changed.is_empty(), "{what}");
        }
    });
}

/// Fifty tasks write one entry each, ten times, and half of them delete it at last; whoever reads
/// meanwhile misses nothing that was acknowledged before.
#[test]
fn no_change_is_left_out_while_fifty_tasks_write() {
    const WRITERS: usize = 50;
    const GONE: u64 = 11;

    over_every_store(|store| async move {
        let space = Space::new("busy").watched();
        let keys: Vec<_> = (0..WRITERS).map(|n| Key::new(&space, n.to_string())).collect();
        let numbers: HashMap<_, _> = keys.iter().cloned().zip(0..).collect();
        let acknowledged: Arc<Vec<AtomicU64>> =
            Arc::new((0..WRITERS).map(|_| AtomicU64::new(0)).collect());
        let reads = Arc::new(AtomicU64::new(0));
        let mut since = done(store.changes(&space, None, at(0))).await.cursor;

        let writing = {
            let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
            let reads = Arc::clone(&reads);
            spawn(async move {
                let write = |number: usize, store: Store| {
                    let (key, acknowledged) = (keys[number].clone(), Arc::clone(&acknowledged));
                    let reads = Arc::clone(&reads);
                    async move {
                        for generation in 1..GONE {
                            // The memory of this process is faster than who reads it.
                            while generation == 5 && reads.load(Ordering::SeqCst) == 0 {
                                task::yield_now().await;
                            }
                            let entry = Entry::new(generation.to_string(), at(10));
                            done(store.put(&key, entry, at(0))).await;
                            acknowledged[number].store(generation, Ordering::SeqCst);
                        }
                        if number % 2 == 1 {
                            assert!(done(store.remove(&key, at(0))).await);
                            acknowledged[number].store(GONE, Ordering::SeqCst);
                        }
                    }
                };
                at_once(WRITERS, &store, write).await;
            })
        };

        let mut known = [0; WRITERS];
        loop {
            let is_over = writing.is_finished();
            let before: Vec<_> =
                acknowledged.iter().map(|generation| generation.load(Ordering::SeqCst)).collect();
            let news = done(store.changes(&space, Some(since), at(0))).await;
            assert!(!news.is_everything);
            since = news.cursor;
            for change in news.changed {
                let now = value(change.found).map_or(GONE, |value| value.parse().unwrap());
                let known = &mut known[numbers[&change.key]];
                assert!(*known <= now, "an older state came after a newer one");
                *known = now;
            }
            for (number, before) in before.into_iter().enumerate() {
                assert!(known[number] >= before, "writer {number}: {} < {before}", known[number]);
            }
            reads.fetch_add(1, Ordering::SeqCst);
            if is_over {
                break;
            }
            task::yield_now().await;
        }
        writing.await.unwrap();
        let last = |number| if number % 2 == 1 { GONE } else { GONE - 1 };
        assert_eq!(known.to_vec(), (0..WRITERS).map(last).collect::<Vec<_>>());
    });
}

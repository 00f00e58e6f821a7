//! The memory store, watched: how often it is asked, what it is told, and a switch that takes it
//! down.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use passport_rocket::store::{
    Adapter, Changes, Cursor, Entry, Found, Key, Memory, Owner, Space, Stored, Version,
};
use passport_rocket::{Answer, Error};
use rocket::tokio::task;

/// A store that counts, listens, and fails when it is told to.
#[derive(Clone, Default)]
pub struct Spy(Arc<Inner>);

#[derive(Default)]
struct Inner {
    memory: Memory,
    reads: AtomicUsize,
    writes: AtomicUsize,
    reads_fail: AtomicBool,
    writes_fail: AtomicBool,
    told: Mutex<Vec<Vec<u8>>>,
    living: Mutex<BTreeSet<[u8; 32]>>,
}

impl Spy {
    /// Reads and writes since it was asked last.
    pub fn round_trips(&self) -> (usize, usize) {
        (self.0.reads.swap(0, Ordering::SeqCst), self.0.writes.swap(0, Ordering::SeqCst))
    }

    /// Everything fails.
    pub fn take_down(&self) {
        self.0.reads_fail.store(true, Ordering::SeqCst);
        self.only_reads();
    }

    /// What changes something fails.
    pub fn only_reads(&self) {
        self.0.writes_fail.store(true, Ordering::SeqCst);
    }

    /// Nothing fails any more.
    pub fn bring_up(&self) {
        self.0.reads_fail.store(false, Ordering::SeqCst);
        self.0.writes_fail.store(false, Ordering::SeqCst);
    }

    /// Everything it was given, as bytes.
    pub fn told(&self) -> Vec<Vec<u8>> {
        self.0.told.lock().unwrap().clone()
    }

    /// How many entries are there that were begun and not ended.
    pub fn left(&self) -> usize {
        self.0.living.lock().unwrap().len()
    }

    fn read<'a, T: Send + 'a>(&'a self, answer: Stored<'a, T>) -> Stored<'a, T> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        match self.0.reads_fail.load(Ordering::SeqCst) {
            true => Answer::now(Err(down())),
            false => later(answer),
        }
    }

    fn write<'a, T: Send + 'a>(&'a self, answer: impl FnOnce() -> Stored<'a, T>) -> Stored<'a, T> {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        match self.0.writes_fail.load(Ordering::SeqCst) {
            true => Answer::now(Err(down())),
            false => later(answer()),
        }
    }

    fn tell(&self, bytes: &[u8]) {
        self.0.told.lock().unwrap().push(bytes.to_vec());
    }

    fn tell_entry(&self, key: &Key, entry: &Entry) {
        self.tell(key.hash());
        self.tell(&entry.value);
        if let Some(owner) = &entry.owner {
            self.tell(owner.hash());
        }
    }
}

fn down() -> Error {
    Error::unavailable("ask the store", "connection\nrefused")
}

/// Answers as a database does: others run meanwhile.
fn later<'a, T: Send + 'a>(answer: Stored<'a, T>) -> Stored<'a, T> {
    Answer::later(async move {
        let answer = answer.get().await;
        task::yield_now().await;
        answer
    })
}

impl Adapter for Spy {
    fn prepare(&self) -> Stored<'_, ()> {
        Answer::now(match self.0.reads_fail.load(Ordering::SeqCst) {
            true => Err(down()),
            false => Ok(()),
        })
    }

    fn get<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
        self.tell(key.hash());
        self.read(self.0.memory.get(key, now))
    }

    fn put<'a>(&'a self, key: &'a Key, entry: Entry, now: SystemTime) -> Stored<'a, Version> {
        self.tell_entry(key, &entry);
        self.write(|| self.0.memory.put(key, entry, now))
    }

    fn put_if_absent<'a>(
        &'a self,
        key: &'a Key,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>> {
        self.tell_entry(key, &entry);
        self.0.living.lock().unwrap().insert(*key.hash());
        self.write(|| self.0.memory.put_if_absent(key, entry, now))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a Key,
        read: Version,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>> {
        self.tell_entry(key, &entry);
        self.write(|| self.0.memory.compare_and_swap(key, read, entry, now))
    }

    fn take<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
        self.0.living.lock().unwrap().remove(key.hash());
        self.write(|| self.0.memory.take(key, now))
    }

    fn remove<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, bool> {
        self.0.living.lock().unwrap().remove(key.hash());
        self.write(|| self.0.memory.remove(key, now))
    }

    fn count<'a>(
        &'a self,
        key: &'a Key,
        by: u32,
        expires_at: SystemTime,
        now: SystemTime,
    ) -> Stored<'a, u64> {
        self.write(|| self.0.memory.count(key, by, expires_at, now))
    }

    fn owned<'a>(&'a self, owner: &'a Owner, now: SystemTime) -> Stored<'a, Vec<(Key, Found)>> {
        self.tell(owner.hash());
        self.read(self.0.memory.owned(owner, now))
    }

    fn remove_owned<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a Key>,
        now: SystemTime,
    ) -> Stored<'a, u64> {
        self.write(|| self.0.memory.remove_owned(owner, except, now))
    }

    fn changes<'a>(
        &'a self,
        space: &'a Space,
        since: Option<Cursor>,
        now: SystemTime,
    ) -> Stored<'a, Changes> {
        self.read(self.0.memory.changes(space, since, now))
    }
}

//! The store in memory: of one process, bounded, gone when it ends.

mod log;

use std::collections::BTreeSet;
use std::collections::hash_map::{Entry as Place, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use self::log::Log;
use super::{Adapter, Change, Changes, Cursor, Entry, Found, Key, Owner, Space, Stored, Version};
use crate::error::Error;
use crate::strategy::Answer;

/// Keeps things in the memory of this process, at most so many bytes.
///
/// When there is no room, what has expired goes first, then what may go ([`Space::expendable`]):
/// what nobody owns before what somebody does, and of either what ends soonest. When that is not
/// enough, writing fails as [unavailable](Error::unavailable). The bound is an estimate: each entry
/// counts its bytes and 512 for everything around them.
///
/// ```
/// use passport_rocket::store::{Memory, Store};
///
/// let store = Store::new(Memory::new(16 * 1024 * 1024));
/// # let _ = store;
/// ```
pub struct Memory {
    state: Mutex<State>,
    max: usize,
}

/// One lock for all of it: it is held for a look-up, which takes less than it would to find out which
/// of several to take.
#[derive(Default)]
struct State {
    rows: HashMap<Hash, Row>,
    owned: HashMap<Owner, BTreeSet<Hash>>,
    /// What ends when, and may not go before.
    lasting: BTreeSet<(SystemTime, Hash)>,
    /// What ends when, and may go before, though somebody owns it.
    expendable: BTreeSet<(SystemTime, Hash)>,
    /// The same of nobody: whoever has no account must not crowd out who has.
    ownerless: BTreeSet<(SystemTime, Hash)>,
    watched: HashMap<Space, Log>,
    bytes: usize,
    life: Option<i64>,
}

type Hash = [u8; 32];

struct Row {
    space: Space,
    value: Arc<[u8]>,
    count: u64,
    owner: Option<Owner>,
    expires_at: SystemTime,
    version: Version,
    /// The latest end that somebody who watches may have read of it.
    known_end: SystemTime,
    /// The number of its last change, in a watched space.
    change: Option<i64>,
}

impl Memory {
    /// The smallest size that it takes, 64 KiB.
    pub const LEAST: usize = 64 * 1024;

    /// A store of at most about `max` bytes; of less than [`Memory::LEAST`], that.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { state: Mutex::default(), max: max.max(Self::LEAST) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here runs foreign code, so a poisoned lock still guards a whole state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes if `may`, asked of what is there, says so.
    fn write(
        &self,
        key: &Key,
        entry: Entry,
        now: SystemTime,
        may: impl FnOnce(Option<&Row>) -> bool,
    ) -> Result<Option<Version>, Error> {
        let version = Version::random()?;
        let mut state = self.lock();
        state.sweep(now);
        if !may(state.living(key, now)) {
            return Ok(None);
        }
        let row = Row {
            space: key.space().clone(),
            value: entry.value,
            count: 0,
            owner: entry.owner,
            expires_at: entry.expires_at,
            known_end: entry.expires_at,
            version,
            change: None,
        };
        state.insert(key, row, self.max)?;
        Ok(Some(version))
    }
}

/// 64 MiB.
impl Default for Memory {
    fn default() -> Self {
        Self::new(64 * 1024 * 1024)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("max", &self.max).finish_non_exhaustive()
    }
}

impl Adapter for Memory {
    fn get<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
        Answer::now(Ok(self.lock().living(key, now).map(Row::found)))
    }

    fn put<'a>(&'a self, key: &'a Key, entry: Entry, now: SystemTime) -> Stored<'a, Version> {
        let written = self.write(key, entry, now, |_| true);
        Answer::now(written.and_then(|version| version.ok_or_else(full)))
    }

    fn put_if_absent<'a>(
        &'a self,
        key: &'a Key,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>> {
        Answer::now(self.write(key, entry, now, |there| there.is_none()))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a Key,
        read: Version,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>> {
        let is_read = |there: Option<&Row>| there.is_some_and(|row| row.version == read);
        Answer::now(self.write(key, entry, now, is_read))
    }

    fn take<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
        let mut state = self.lock();
        let found = state.living(key, now).map(Row::found);
        state.remove(key.hash(), Record::Change);
        Answer::now(Ok(found))
    }

    fn remove<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, bool> {
        let mut state = self.lock();
        let was_there = state.living(key, now).is_some();
        state.remove(key.hash(), Record::Change);
        Answer::now(Ok(was_there))
    }

    fn count<'a>(
        &'a self,
        key: &'a Key,
        by: u32,
        expires_at: SystemTime,
        now: SystemTime,
    ) -> Stored<'a, u64> {
        Answer::now(self.add(key, by, expires_at, now))
    }

    fn owned<'a>(&'a self, owner: &'a Owner, now: SystemTime) -> Stored<'a, Vec<(Key, Found)>> {
        let state = self.lock();
        let keys = state.keys_of(owner);
        let found = keys.into_iter().filter_map(|key| {
            let found = state.living(&key, now)?.found();
            Some((key, found))
        });
        Answer::now(Ok(found.collect()))
    }

    fn remove_owned<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a Key>,
        now: SystemTime,
    ) -> Stored<'a, u64> {
        let mut state = self.lock();
        let mut removed = 0;
        for key in state.keys_of(owner).into_iter().filter(|key| Some(key) != except) {
            removed += u64::from(state.living(&key, now).is_some());
            state.remove(key.hash(), Record::Change);
        }
        Answer::now(Ok(removed))
    }

    fn changes<'a>(
        &'a self,
        space: &'a Space,
        since: Option<Cursor>,
        now: SystemTime,
    ) -> Stored<'a, Changes> {
        Answer::now(self.changed(space, since, now))
    }
}

impl Memory {
    fn add(
        &self,
        key: &Key,
        by: u32,
        expires_at: SystemTime,
        now: SystemTime,
    ) -> Result<u64, Error> {
        let version = Version::random()?;
        let mut state = self.lock();
        state.sweep(now);
        let (count, expires_at) = match state.living(key, now) {
            Some(row) => (row.count, row.expires_at),
            None => (0, expires_at),
        };
        let count = count.saturating_add(u64::from(by));
        let row = Row {
            space: key.space().clone(),
            value: Arc::default(),
            count,
            owner: None,
            expires_at,
            known_end: expires_at,
            version,
            change: None,
        };
        state.insert(key, row, self.max)?;
        Ok(count)
    }

    fn changed(
        &self,
        space: &Space,
        since: Option<Cursor>,
        now: SystemTime,
    ) -> Result<Changes, Error> {
        let mut state = self.lock();
        let life = match state.life {
            Some(life) => life,
            None => *state.life.insert(Version::random()?.into()),
        };
        let log = state.watched.entry(space.clone()).or_default();
        let cursor = Cursor::new(life, log.last);
        let known = since
            .filter(|since| since.life() == life)
            .map(Cursor::number)
            .filter(|number| (log.forgotten..=log.last).contains(number));
        let since = known.map_or(0, |number| number.saturating_add(1));
        let hashes: Vec<Hash> = log.changes.range(since..).map(|(_, hash)| *hash).collect();
        let change = |hash| {
            let key = Key::from_hash(space, hash);
            let found = state.living(&key, now).map(Row::found);
            Change::new(key, found)
        };
        let changed = hashes.into_iter().map(change);
        Ok(match known {
            Some(_) => Changes::some(changed.collect(), cursor),
            None => {
                Changes::everything(changed.filter(|one| one.found.is_some()).collect(), cursor)
            }
        })
    }
}

/// Whether a deletion is news to whoever watches: that something has expired, they know themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Record {
    Change,
    Nothing,
}

impl State {
    fn living(&self, key: &Key, now: SystemTime) -> Option<&Row> {
        self.rows.get(key.hash()).filter(|row| now < row.expires_at)
    }

    fn keys_of(&self, owner: &Owner) -> Vec<Key> {
        let hashes = self.owned.get(owner).into_iter().flatten();
        hashes.map(|hash| Key::from_hash(owner.space(), *hash)).collect()
    }

    fn insert(&mut self, key: &Key, mut row: Row, max: usize) -> Result<(), Error> {
        let bytes = row.bytes();
        let before = self.rows.get(key.hash());
        let freed = before.map_or(0, Row::bytes);
        row.known_end = before.map_or(row.known_end, |before| before.known_end.max(row.known_end));
        if bytes > max {
            // Nothing that goes would make room for it.
            return Err(full());
        }
        while self.bytes - freed + bytes > max {
            let mut expendable = self.ownerless.iter().chain(&self.expendable);
            // Not the one that is written anew.
            let soonest = expendable.find(|(_, hash)| hash != key.hash());
            let Some((_, hash)) = soonest.copied() else { return Err(full()) };
            self.remove(&hash, Record::Change);
        }
        self.remove(key.hash(), Record::Nothing);
        if row.space.is_watched() {
            let log = self.watched.entry(row.space.clone()).or_default();
            row.change = Some(log.note(*key.hash()));
        }
        if let Some(owner) = &row.owner {
            self.owned.entry(owner.clone()).or_default().insert(*key.hash());
        }
        self.ends_of(&row).insert((row.expires_at, *key.hash()));
        self.bytes += bytes;
        self.rows.insert(*key.hash(), row);
        Ok(())
    }

    fn remove(&mut self, hash: &Hash, record: Record) {
        let Some(row) = self.rows.remove(hash) else { return };
        self.bytes -= row.bytes();
        self.ends_of(&row).remove(&(row.expires_at, *hash));
        if let Some(owner) = row.owner
            && let Place::Occupied(mut owned) = self.owned.entry(owner)
        {
            owned.get_mut().remove(hash);
            if owned.get().is_empty() {
                owned.remove();
            }
        }
        if row.change.is_some()
            && let Some(log) = self.watched.get_mut(&row.space)
        {
            match record {
                Record::Change => log.note_deleted(*hash),
                Record::Nothing => log.forget(hash),
            }
        }
    }

    fn ends_of(&mut self, row: &Row) -> &mut BTreeSet<(SystemTime, Hash)> {
        match (row.space.is_expendable(), &row.owner) {
            (false, _) => &mut self.lasting,
            (true, Some(_)) => &mut self.expendable,
            (true, None) => &mut self.ownerless,
        }
    }

    /// That an entry has expired, whoever read it knows, unless it was cut short since.
    fn record_of_end(&self, hash: &Hash) -> Record {
        match self.rows.get(hash) {
            Some(row) if row.expires_at < row.known_end => Record::Change,
            _ => Record::Nothing,
        }
    }

    /// Deletes what has expired, a few at a time: each write makes room for more than itself.
    fn sweep(&mut self, now: SystemTime) {
        for _ in 0..SWEPT_BY_A_WRITE {
            let ends = [&self.lasting, &self.expendable, &self.ownerless].map(BTreeSet::first);
            let soonest = ends.into_iter().flatten().min().copied();
            match soonest.filter(|(end, _)| *end <= now) {
                Some((_, hash)) => self.remove(&hash, self.record_of_end(&hash)),
                None => return,
            }
        }
    }
}

impl Row {
    fn found(&self) -> Found {
        Found::new(Arc::clone(&self.value), self.expires_at, self.version)
    }

    fn bytes(&self) -> usize {
        self.value.len() + AROUND
    }
}

fn full() -> Error {
    Error::unavailable("write to the memory store", "it is full; give it more with `?max=…`")
        .with_key("passport.store")
}

/// What an entry takes besides its bytes: its places in four maps.
const AROUND: usize = 512;

const SWEPT_BY_A_WRITE: usize = 16;

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::log::DELETIONS;
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn now<T>(answer: Stored<'_, T>) -> Result<T, Error> {
        match answer {
            Answer::Now(result) => result,
            Answer::Later(_) => panic!("memory answers at once"),
        }
    }

    fn put(memory: &Memory, space: &Space, name: &str, end: u64) -> Result<Version, Error> {
        now(memory.put(&Key::new(space, name), Entry::new([0; 488], at(end)), at(0)))
    }

    fn is_there(memory: &Memory, space: &Space, name: &str) -> bool {
        now(memory.get(&Key::new(space, name), at(0))).unwrap().is_some()
    }

    #[test]
    fn when_it_is_full_what_may_go_and_ends_soonest_goes() {
        let memory = Memory::new(Memory::LEAST);
        let (lasting, going) = (Space::new("lasting"), Space::new("going").expendable());
        put(&memory, &lasting, "first to end", 1).unwrap();
        for number in 0..100 {
            // Those that come later end sooner.
            put(&memory, &going, &number.to_string(), 1000 - number).unwrap();
        }
        assert!(is_there(&memory, &lasting, "first to end"));
        assert!(is_there(&memory, &going, "0"), "what ends last stays");
        assert!(!is_there(&memory, &going, "98"));
        assert!(is_there(&memory, &going, "99"), "what was just written is not what goes");
        assert!(memory.lock().bytes <= Memory::LEAST);
    }

    #[test]
    fn what_nobody_owns_goes_before_what_ends_sooner() {
        let memory = Memory::new(Memory::LEAST);
        let space = Space::new("session").expendable();
        let owned = |name: &str, end| {
            let entry = Entry::new([0; 488], at(end)).owned_by(Owner::new(&space, "7"));
            now(memory.put(&Key::new(&space, name), entry, at(0)))
        };
        owned("owned", 1).unwrap();
        for number in 0..100 {
            put(&memory, &space, &number.to_string(), 1000 + number).unwrap();
        }
        assert!(is_there(&memory, &space, "owned"));
        assert!(!is_there(&memory, &space, "0") && is_there(&memory, &space, "99"));
        // Where there is nothing else, it goes.
        for number in 0..100 {
            owned(&format!("owned {number}"), 1000 + number).unwrap();
        }
        assert!(!is_there(&memory, &space, "owned") && !is_there(&memory, &space, "99"));
        assert!(memory.lock().bytes <= Memory::LEAST);
    }

    #[test]
    fn what_never_fits_drives_nothing_out() {
        let memory = Memory::new(Memory::LEAST);
        let space = Space::new("session").expendable();
        put(&memory, &space, "one", 10).unwrap();
        let too_much = Entry::new(vec![0; Memory::LEAST], at(10));
        assert!(now(memory.put(&Key::new(&space, "other"), too_much, at(0))).is_err());
        assert!(is_there(&memory, &space, "one"));
    }

    #[test]
    fn what_must_not_go_fills_it_and_nothing_is_lost() {
        let memory = Memory::new(Memory::LEAST);
        let space = Space::new("lasting");
        let written = (0..100).take_while(|n| put(&memory, &space, &n.to_string(), 10).is_ok());
        let written = written.count();
        assert!(written > 60 && written < 70, "{written}");
        let error = put(&memory, &space, "one more", 10).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Unavailable);
        assert!(is_there(&memory, &space, "0") && is_there(&memory, &space, "60"));
        // Written anew, it takes its own room.
        put(&memory, &space, "0", 20).unwrap();
    }

    #[test]
    fn nothing_is_left_of_what_has_expired() {
        let memory = Memory::default();
        let space = Space::new("session").watched();
        for number in 0..1000 {
            let owner = Owner::new(&space, (number % 10).to_string());
            let entry = Entry::new("x", at(10)).owned_by(owner);
            now(memory.put(&Key::new(&space, number.to_string()), entry, at(0))).unwrap();
        }
        for number in 0..1000 {
            let key = Key::new(&space, format!("later {number}"));
            now(memory.put(&key, Entry::new("x", at(20)), at(15))).unwrap();
            now(memory.remove(&key, at(15))).unwrap();
        }
        let state = memory.lock();
        let left = (state.rows.len(), state.owned.len(), state.lasting.len(), state.bytes);
        assert_eq!(left, (0, 0, 0, 0));
        let log = state.watched.values().next().unwrap();
        assert_eq!((log.changes.len(), log.deleted.len(), log.numbers.len()), (1000, 1000, 1000));
    }

    #[test]
    fn who_missed_a_forgotten_deletion_reads_everything_anew() {
        let memory = Memory::default();
        let space = Space::new("revoked").watched();
        put(&memory, &space, "stays", 10).unwrap();
        let before = now(memory.changes(&space, None, at(0))).unwrap().cursor;
        for number in 0..=DELETIONS {
            put(&memory, &space, &number.to_string(), 10).unwrap();
            now(memory.remove(&Key::new(&space, number.to_string()), at(0))).unwrap();
        }
        let changes = now(memory.changes(&space, Some(before), at(0))).unwrap();
        assert!(changes.is_everything);
        assert_eq!(changes.changed.len(), 1);
        assert_eq!(changes.changed[0].key, Key::new(&space, "stays"));
    }
}

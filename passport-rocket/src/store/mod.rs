//! What must be remembered from one request to another, until it expires: sessions, for instance.
//!
//! There is one [`Store`] in an application, whatever its strategies keep in it. It is found by URL:
//!
//! | `passport.store` | keeps it | feature |
//! |---|---|---|
//! | `"memory:"`, the default | in this process, at most 64 MiB, until it ends; `"memory:?max=256MiB"` for more | |
//! | `"sqlite://passport.db"` | in a file, for the processes of one machine | `sqlite` |
//! | `"postgres://user:password@host/database"` | in a table of a database | `postgres` |
//! | `"redis://host"`, `"rediss://host"` over TLS | in Redis, or what speaks its protocol | `redis` |
//!
//! ```toml
//! [default.passport]
//! store = "sqlite://passport.db"
//! ```
//! ```sh
//! ROCKET_PASSPORT='{store="redis://localhost"}'
//! ```
//!
//! Outside of the debug profile a launch warns where nothing is said.
//!
//! Another one, or a pool that the application has anyway, is managed by Rocket instead:
//!
//! ```
//! use passport_rocket::store::{Memory, Store};
//!
//! let rocket = rocket::build().manage(Store::new(Memory::new(16 * 1024 * 1024)));
//! # let _ = rocket;
//! ```
//!
//! A strategy of one's own finds it with [`Setup::store`](crate::Setup::store), by the feature
//! `store`, which the others of this table and `session` bring along.
//!
//! # What every store keeps
//!
//! An [`Entry`] is bytes with an end and, if it has one, an owner. It stands under a [`Key`] in a
//! [`Space`]. An [`Adapter`] does nine things with it, each of them whole or not at all: of a
//! hundred tasks that take one entry, exactly one gets it.
//!
//! The end is judged by the time that the caller gives, so one clock rules, the application's; what
//! a database does about expired rows by its own clock is housekeeping.
//!
//! # Security
//!
//! Names are hashed before they reach an adapter (SHA-256), so that whoever reads the store holds
//! nothing that opens a door: neither session ids nor tokens. A store that does not answer is an
//! [`Error`] of the kind [`Unavailable`](crate::ErrorKind::Unavailable), 503, and never "there is
//! no such entry". An entry whose loss would let somebody in is never given up to make room
//! ([`Space::expendable`]).

mod changes;
mod entry;
mod key;
mod memory;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

pub use self::changes::{Change, Changes, Cursor};
pub use self::entry::{Entry, Found, Version};
pub use self::key::{Key, Owner, Space};
pub use self::memory::Memory;
pub(crate) use self::open::{open, place};
#[cfg(feature = "postgres")]
pub use self::postgres::Postgres;
#[cfg(feature = "redis")]
pub use self::redis::Redis;
#[cfg(feature = "sqlite")]
pub use self::sqlite::Sqlite;
use crate::config::Mistake;
use crate::error::Error;
use crate::one_line::OneLine;
use crate::strategy::Answer;

/// The store of an application: an [`Adapter`], shared by whatever remembers something.
///
/// ```
/// # rocket::async_test(async {
/// use std::time::{Duration, SystemTime};
/// use passport_rocket::store::{Entry, Key, Memory, Space, Store};
///
/// let store = Store::new(Memory::default());
/// let now = SystemTime::now();
/// let key = Key::new(&Space::new("invitation"), "a code that nobody guesses");
///
/// let entry = Entry::new("for Ada", now + Duration::from_secs(60));
/// assert!(store.put_if_absent(&key, entry, now).get().await?.is_some());
///
/// // Whoever takes it first has it.
/// assert_eq!(&*store.take(&key, now).get().await?.unwrap().value, b"for Ada");
/// assert!(store.take(&key, now).get().await?.is_none());
/// # Ok::<_, passport_rocket::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Store {
    adapter: Arc<dyn Adapter>,
    /// Where the configuration names it, and what is said there if it cannot be opened.
    place: Option<Arc<Mistake>>,
}

impl Store {
    /// Keeps things by `adapter`; for Rocket to manage.
    pub fn new(adapter: impl Adapter) -> Self {
        Self { adapter: Arc::new(adapter), place: None }
    }

    /// The same, as one strategy of an application uses it; `place` is the key that names it.
    pub(crate) fn at(self, place: Mistake) -> Self {
        Self { place: Some(Arc::new(place)), ..self }
    }

    /// Makes it ready to be used, or says at launch that it cannot be: for
    /// [`Strategy::prepare`](crate::Strategy::prepare) of a strategy that keeps something.
    ///
    /// # Errors
    /// When the adapter cannot be made ready, with the key that names it.
    pub async fn open(&self) -> Result<(), Vec<Mistake>> {
        let Err(error) = self.adapter.prepare().get().await else { return Ok(()) };
        // Its own Debug, which names causes by what they say and dumps no fields.
        let problem = format!("the store cannot be opened: {}", OneLine(&format!("{error:?}")));
        Err(vec![match &self.place {
            Some(place) => Mistake { problem, ..Mistake::clone(place) },
            None => Mistake {
                key: "passport.store".into(),
                profile: "global".into(),
                source: None,
                problem,
                remedy: "see that it runs".into(),
            },
        }])
    }
}

impl Deref for Store {
    type Target = dyn Adapter;

    fn deref(&self) -> &Self::Target {
        &*self.adapter
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// What an adapter answers: at once if it has it in memory, later if it has to ask for it.
pub type Stored<'a, T> = Answer<'a, Result<T, Error>>;

/// A place where things are kept. Implement it for a database that this crate does not know.
///
/// Every operation is atomic: others see all of it or nothing. An entry whose end is not after `now`
/// is not there, for any operation, whether its bytes still lie around or not. The operations of one
/// process see their own writes: what was acknowledged is found by whoever asks next.
///
/// The tests of this crate hold one contract over all its adapters; an own one does well to pass it
/// too (`tests/store/contract.rs` in the repository).
///
/// # Errors
/// [`Error::unavailable`] when it cannot be reached or does not answer in time; [`Error::failed`]
/// when it answered something else than it should. Neither may hold what was stored.
pub trait Adapter: Send + Sync + 'static {
    /// Connects, and brings its tables up to date. Several strategies may ask for it.
    fn prepare(&self) -> Stored<'_, ()> {
        Answer::now(Ok(()))
    }

    /// Reads.
    fn get<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>>;

    /// Writes, whatever was there.
    fn put<'a>(&'a self, key: &'a Key, entry: Entry, now: SystemTime) -> Stored<'a, Version>;

    /// Writes, if nothing is there; `None` where something is.
    fn put_if_absent<'a>(
        &'a self,
        key: &'a Key,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>>;

    /// Writes, if what is there is still of the version `read`; `None` where it is not, or where it
    /// is gone.
    fn compare_and_swap<'a>(
        &'a self,
        key: &'a Key,
        read: Version,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>>;

    /// Reads and deletes in one step: only one of many gets it.
    fn take<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>>;

    /// Deletes; tells whether there was anything.
    fn remove<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, bool>;

    /// Adds `by` to a counter and returns its sum. One that is not there begins at 0 and ends at
    /// `expires_at`; one that is there keeps its end, so that nobody puts it off by counting on.
    ///
    /// It counts to 2⁵³ − 1 at least; beyond, it stands still or fails, and never begins anew.
    ///
    /// A key holds a counter or an entry; what reads or swaps the one as the other gets nothing
    /// useful.
    fn count<'a>(
        &'a self,
        key: &'a Key,
        by: u32,
        expires_at: SystemTime,
        now: SystemTime,
    ) -> Stored<'a, u64>;

    /// Everything that belongs to `owner`, in no certain order.
    fn owned<'a>(&'a self, owner: &'a Owner, now: SystemTime) -> Stored<'a, Vec<(Key, Found)>>;

    /// Deletes everything that belongs to `owner`, `except` one; tells how many there were.
    fn remove_owned<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a Key>,
        now: SystemTime,
    ) -> Stored<'a, u64>;

    /// What changed in a [watched](Space::watched) space since the cursor that the last call
    /// returned; everything there is for a first call, or when the store no longer knows what
    /// changed since then.
    ///
    /// A change that was acknowledged before the call is in the answer. Some may come twice; none is
    /// left out.
    fn changes<'a>(
        &'a self,
        space: &'a Space,
        since: Option<Cursor>,
        now: SystemTime,
    ) -> Stored<'a, Changes>;
}

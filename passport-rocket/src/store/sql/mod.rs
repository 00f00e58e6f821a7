//! What the stores in SQLite and in PostgreSQL share: the statements, and what their answers mean.
//!
//! A write is one statement, and so one step for everybody else. In a watched space it draws a number
//! from the row of the space, which the database locks until the write is whole: whoever sees a
//! number sees all lower ones. What is deleted there leaves its key and a number in
//! `passport_deleted` for a day; then the space remembers up to where it has forgotten.

pub(super) mod statements;
mod sweep;
mod time;

use std::time::SystemTime;

use self::statements::Write;
pub(super) use self::sweep::{ROWS, Sweep, TIMES};
use self::time::{from_milliseconds, milliseconds};
use super::{Change, Changes, Cursor, Entry, Found, Key, Owner, Space, Version};
use crate::error::Error;

/// The parameters `$1` to `$10` of every statement, of which each uses some.
#[derive(Clone)]
pub(super) struct With<'a> {
    pub(super) key: &'a [u8],
    pub(super) space: &'a Space,
    pub(super) value: &'a [u8],
    pub(super) owner: Option<&'a [u8]>,
    /// The end of an entry, or of the memory of its deletion.
    pub(super) end: i64,
    pub(super) version: i64,
    pub(super) now: i64,
    /// What is compared, or added.
    pub(super) number: i64,
    pub(super) change: Option<i64>,
    pub(super) life: i64,
}

impl<'a> With<'a> {
    fn new(space: &'a Space, now: i64) -> Self {
        Self {
            key: &[],
            space,
            value: &[],
            owner: None,
            end: now.saturating_add(DELETIONS_ARE_REMEMBERED),
            version: 0,
            now,
            number: 0,
            change: None,
            life: 0,
        }
    }

    fn at(key: &'a Key, now: i64) -> Self {
        Self { key: key.hash(), ..Self::new(key.space(), now) }
    }

    fn written(key: &'a Key, entry: &'a Entry, now: i64) -> Result<Self, Error> {
        let with = Self {
            value: &entry.value,
            owner: entry.owner.as_ref().map(|owner| &owner.hash()[..]),
            end: milliseconds(entry.expires_at),
            version: random()?,
            ..Self::at(key, now)
        };
        with.drawing()
    }

    /// With a life for a space that has none yet.
    fn drawing(self) -> Result<Self, Error> {
        let life = if self.space.is_watched() { random()? } else { 0 };
        Ok(Self { life, ..self })
    }
}

/// The key, the value, the end, and the version or the sum.
pub(super) type Row = (Vec<u8>, Option<Vec<u8>>, i64, i64);

/// Life, newest change, and the change since which there is news, of a space; and of an entry the
/// key, and if it is there value, end and version.
pub(super) type News = (i64, i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>, Option<i64>);

/// A database that runs statements.
pub(super) trait Database: Send + Sync + 'static {
    fn read(
        &self,
        statement: &'static str,
        with: With<'_>,
    ) -> impl Future<Output = sqlx::Result<Vec<Row>>> + Send;

    fn write(
        &self,
        write: &'static Write,
        with: With<'_>,
    ) -> impl Future<Output = sqlx::Result<Vec<Row>>> + Send;

    /// Runs [`statements::MAKE_SPACE`].
    fn make_space(&self, with: With<'_>) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Runs [`statements::CHANGES`].
    fn news(&self, with: With<'_>) -> impl Future<Output = sqlx::Result<Vec<News>>> + Send;

    /// Deletes what has ended, if it is time to, without being waited for.
    fn sweep(&self, now: i64);
}

pub(super) async fn get(
    database: &impl Database,
    key: &Key,
    now: SystemTime,
) -> Result<Option<Found>, Error> {
    let rows = database.read(statements::GET, With::at(key, milliseconds(now))).await;
    Ok(rows.map_err(unread)?.into_iter().next().map(found))
}

pub(super) async fn put(
    database: &impl Database,
    key: &Key,
    entry: Entry,
    now: SystemTime,
) -> Result<Version, Error> {
    let with = With::written(key, &entry, milliseconds(now))?;
    let version = with.version;
    write(database, &statements::PUT, with).await?;
    Ok(version.into())
}

pub(super) async fn put_if_absent(
    database: &impl Database,
    key: &Key,
    entry: Entry,
    now: SystemTime,
) -> Result<Option<Version>, Error> {
    let with = With::written(key, &entry, milliseconds(now))?;
    let version = with.version;
    let written = write(database, &statements::PUT_IF_ABSENT, with).await?;
    Ok((!written.is_empty()).then(|| version.into()))
}

pub(super) async fn compare_and_swap(
    database: &impl Database,
    key: &Key,
    read: Version,
    entry: Entry,
    now: SystemTime,
) -> Result<Option<Version>, Error> {
    let with = With::written(key, &entry, milliseconds(now))?;
    let version = with.version;
    let with = With { number: read.into(), ..with };
    let written = write(database, &statements::SWAP, with).await?;
    Ok((!written.is_empty()).then(|| version.into()))
}

pub(super) async fn take(
    database: &impl Database,
    key: &Key,
    now: SystemTime,
) -> Result<Option<Found>, Error> {
    let now = milliseconds(now);
    let with = With::at(key, now).drawing()?;
    let taken = write(database, &statements::DELETE, with).await?.into_iter();
    Ok(taken.filter(|row| is_living(row, now)).map(found).next())
}

pub(super) async fn count(
    database: &impl Database,
    key: &Key,
    by: u32,
    expires_at: SystemTime,
    now: SystemTime,
) -> Result<u64, Error> {
    let with = With {
        end: milliseconds(expires_at),
        version: random()?,
        number: by.into(),
        ..With::at(key, milliseconds(now)).drawing()?
    };
    let sum = write(database, &statements::COUNT, with).await?.first().map(|row| row.3);
    // One row is always written, and sums are never below 0.
    Ok(sum.unwrap_or_default().unsigned_abs())
}

pub(super) async fn owned(
    database: &impl Database,
    owner: &Owner,
    now: SystemTime,
) -> Result<Vec<(Key, Found)>, Error> {
    let with = With { owner: Some(owner.hash()), ..With::new(owner.space(), milliseconds(now)) };
    let rows = database.read(statements::OWNED, with).await.map_err(unread)?;
    rows.into_iter().map(|row| Ok((key(owner.space(), &row.0)?, found(row)))).collect()
}

pub(super) async fn remove_owned(
    database: &impl Database,
    owner: &Owner,
    except: Option<&Key>,
    now: SystemTime,
) -> Result<u64, Error> {
    let now = milliseconds(now);
    let with = With {
        // No key is empty.
        key: except.map_or(&[], |key| key.hash()),
        owner: Some(owner.hash()),
        ..With::new(owner.space(), now).drawing()?
    };
    let removed = write(database, &statements::DELETE_OWNED, with).await?;
    let living = removed.iter().filter(|row| is_living(row, now)).count();
    Ok(u64::try_from(living).unwrap_or(u64::MAX))
}

fn is_living((_, _, expires_at, _): &Row, now: i64) -> bool {
    now < *expires_at
}

pub(super) async fn changes(
    database: &impl Database,
    space: &Space,
    since: Option<Cursor>,
    now: SystemTime,
) -> Result<Changes, Error> {
    let now = milliseconds(now);
    let with = With {
        life: since.map_or(0, Cursor::life),
        number: since.map_or(EVERYTHING, Cursor::number),
        ..With::new(space, now)
    };
    let mut news = database.news(with.clone()).await.map_err(unread)?;
    if news.is_empty() {
        let drawing = With { life: random()?, ..With::new(space, now) };
        database.make_space(drawing).await.map_err(unread)?;
        news = database.news(with).await.map_err(unread)?;
    }

    let Some(&(life, newest, since, ..)) = news.first() else {
        return Err(Error::failed("read from the store", "a space was not made"));
    };
    let mut changed = Vec::new();
    for (.., hash, value, end, version) in news {
        // A space without news is one row without a key.
        let Some(hash) = hash else { continue };
        let found = end.zip(version).filter(|(end, _)| *end > now).map(|(end, version)| {
            Found::new(value.unwrap_or_default(), from_milliseconds(end), version.into())
        });
        if found.is_some() || since != EVERYTHING {
            changed.push(Change::new(key(space, &hash)?, found));
        }
    }
    let cursor = Cursor::new(life, newest);
    Ok(match since {
        EVERYTHING => Changes::everything(changed, cursor),
        _ => Changes::some(changed, cursor),
    })
}

/// Numbers begin at 1.
const EVERYTHING: i64 = -1;

const DELETIONS_ARE_REMEMBERED: i64 = 24 * 60 * 60 * 1000;

async fn write(
    database: &impl Database,
    write: &'static Write,
    with: With<'_>,
) -> Result<Vec<Row>, Error> {
    let now = with.now;
    let rows = database.write(write, with).await.map_err(|error| failure(WRITE, error))?;
    database.sweep(now);
    Ok(rows)
}

fn random() -> Result<i64, Error> {
    Ok(Version::random()?.into())
}

fn found((_, value, end, version): Row) -> Found {
    Found::new(value.unwrap_or_default(), from_milliseconds(end), version.into())
}

fn key(space: &Space, hash: &[u8]) -> Result<Key, Error> {
    let hash = hash.try_into().map_err(|_| Error::failed(READ, "a key of another length"))?;
    Ok(Key::from_hash(space, hash))
}

const READ: &str = "read from the store";
const WRITE: &str = "write to the store";

fn unread(error: sqlx::Error) -> Error {
    failure(READ, error)
}

/// What `error` means: that trying again may help, or that it does not.
pub(super) fn failure(attempted: &'static str, error: sqlx::Error) -> Error {
    let passes = match &error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| passes(&code)),
        _ => false,
    };
    let error = match passes {
        true => Error::unavailable(attempted, error),
        false => Error::failed(attempted, error),
    };
    error.with_key("passport.store")
}

/// PostgreSQL's classes of lost connections, of missing room, and of servers that start and stop; its
/// conflicts that a second try ends. SQLite's numbers, extended or not, for "busy" (5), "locked" (6)
/// and "full" (13).
fn passes(code: &str) -> bool {
    match code.len() {
        5 => {
            ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
                || ["40001", "40P01"].contains(&code)
        }
        _ => code.parse::<u32>().is_ok_and(|code| [5, 6, 13].contains(&(code & 0xff))),
    }
}

/// Lets a database be an adapter.
macro_rules! adapter {
    ($database:ty) => {
        impl Adapter for $database {
            fn prepare(&self) -> Stored<'_, ()> {
                Answer::later(self.migrate())
            }

            fn get<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
                Answer::later(sql::get(self, key, now))
            }

            fn put<'a>(
                &'a self,
                key: &'a Key,
                entry: Entry,
                now: SystemTime,
            ) -> Stored<'a, Version> {
                Answer::later(sql::put(self, key, entry, now))
            }

            fn put_if_absent<'a>(
                &'a self,
                key: &'a Key,
                entry: Entry,
                now: SystemTime,
            ) -> Stored<'a, Option<Version>> {
                Answer::later(sql::put_if_absent(self, key, entry, now))
            }

            fn compare_and_swap<'a>(
                &'a self,
                key: &'a Key,
                read: Version,
                entry: Entry,
                now: SystemTime,
            ) -> Stored<'a, Option<Version>> {
                Answer::later(sql::compare_and_swap(self, key, read, entry, now))
            }

            fn take<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
                Answer::later(sql::take(self, key, now))
            }

            fn remove<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, bool> {
                self.take(key, now).map(|taken| taken.map(|found| found.is_some()))
            }

            fn count<'a>(
                &'a self,
                key: &'a Key,
                by: u32,
                expires_at: SystemTime,
                now: SystemTime,
            ) -> Stored<'a, u64> {
                Answer::later(sql::count(self, key, by, expires_at, now))
            }

            fn owned<'a>(
                &'a self,
                owner: &'a Owner,
                now: SystemTime,
            ) -> Stored<'a, Vec<(Key, Found)>> {
                Answer::later(sql::owned(self, owner, now))
            }

            fn remove_owned<'a>(
                &'a self,
                owner: &'a Owner,
                except: Option<&'a Key>,
                now: SystemTime,
            ) -> Stored<'a, u64> {
                Answer::later(sql::remove_owned(self, owner, except, now))
            }

            fn changes<'a>(
                &'a self,
                space: &'a Space,
                since: Option<Cursor>,
                now: SystemTime,
            ) -> Stored<'a, Changes> {
                Answer::later(sql::changes(self, space, since, now))
            }
        }
    };
}

/// Binds the ten parameters of [`With`].
macro_rules! bound {
    ($query:expr, $with:expr) => {{
        let with = $with;
        $query
            .bind(with.key)
            .bind(with.space.name())
            .bind(with.value)
            .bind(with.owner)
            .bind(with.end)
            .bind(with.version)
            .bind(with.now)
            .bind(with.number)
            .bind(with.change)
            .bind(with.life)
    }};
}

/// Runs the scripts that have not run yet, in a transaction that one process has at a time.
macro_rules! run_new {
    ($scripts:expr, $transaction:expr) => {{
        let transaction = $transaction;
        sqlx::raw_sql(sql::MAKE_MIGRATION).execute(&mut **transaction).await?;
        let done: i64 = sqlx::query_scalar(sql::MIGRATION).fetch_one(&mut **transaction).await?;
        for (number, script) in (1i64..).zip($scripts).filter(|(number, _)| *number > done) {
            sqlx::raw_sql(script).execute(&mut **transaction).await?;
            let insert = sqlx::query("INSERT INTO passport_migration (version) VALUES ($1)");
            insert.bind(number).execute(&mut **transaction).await?;
        }
    }};
}

/// Deletes what ended before `$ended`, a few rows at a time, and is not waited for.
macro_rules! sweep_away {
    ($pool:expr, $sweeps:expr, $ended:expr) => {{
        let (pool, ended) = ($pool.clone(), $ended);
        let sweep = async move {
            sqlx::query(statements::FORGET).bind(ended).execute(&pool).await?;
            for sweep in $sweeps {
                for _ in 0..sql::TIMES {
                    let rows = sqlx::query(sweep).bind(ended).bind(i64::from(sql::ROWS));
                    if rows.execute(&pool).await?.rows_affected() < u64::from(sql::ROWS) {
                        break;
                    }
                }
            }
            Ok::<_, sqlx::Error>(())
        };
        rocket::tokio::spawn(async move {
            if let Err(error) = sweep.await {
                log::debug!(target: "passport::store", "what has ended stays for now: {error}");
            }
        });
    }};
}

pub(super) use {adapter, bound, run_new, sweep_away};

/// The number of the last script.
pub(super) fn newest(scripts: &[&str]) -> i64 {
    i64::try_from(scripts.len()).unwrap_or(i64::MAX)
}

pub(super) const MAKE_MIGRATION: &str =
    "CREATE TABLE IF NOT EXISTS passport_migration (version BIGINT PRIMARY KEY)";
/// Fails where nothing has been made yet.
pub(super) const MIGRATION: &str = "SELECT coalesce(max(version), 0) FROM passport_migration";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_unavailable_and_the_rest_failed() {
        // PostgreSQL's, then SQLite's, extended and not.
        for code in ["08006", "53300", "57P01", "57P03", "40P01", "5", "517", "6", "13"] {
            assert!(passes(code), "{code}");
        }
        for code in ["42P01", "42501", "28P01", "57014", "23505", "1", "8", "19", "2067", ""] {
            assert!(!passes(code), "{code}");
        }
        let gone = std::io::Error::other("gone");
        let table = [
            (sqlx::Error::Io(gone), crate::ErrorKind::Unavailable),
            (sqlx::Error::PoolTimedOut, crate::ErrorKind::Unavailable),
            (sqlx::Error::RowNotFound, crate::ErrorKind::Failed),
        ];
        for (error, kind) in table {
            let error = failure(READ, error);
            assert_eq!((error.kind(), error.key()), (kind, Some("passport.store")));
        }
    }
}

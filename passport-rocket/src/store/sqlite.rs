//! The store in a file of SQLite.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use rocket::tokio::fs;
use rocket::tokio::sync::{Mutex, MutexGuard};
use rocket::tokio::time::timeout;
use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::open::Unfit;
use super::sql::statements::{self, Write};
use super::sql::{self, Database, News, Row, Sweep, With};
use super::{Adapter, Changes, Cursor, Entry, Found, Key, Owner, Space, Stored, Version};
use crate::error::Error;
use crate::strategy::Answer;

/// Keeps things in a file of SQLite, for the processes of one machine. It needs the feature
/// `sqlite`, and Rust 1.94.
///
/// | `passport.store` | opens |
/// |---|---|
/// | `"sqlite://passport.db"` | a file in the folder where the application was started |
/// | `"sqlite:///var/lib/app/passport.db"` | a file by its whole path |
/// | `"sqlite://passport.db?mode=rw"` | a file that is there already; without it, one is made that only its owner may read |
///
/// What was acknowledged survives the process, however it ends, and a machine that loses its power:
/// the file has a write-ahead log, and each write waits until the disk has it. One write waits for
/// another, so that many at once take their time instead of failing; who waits for more than ten
/// seconds gets [unavailable](Error::unavailable).
///
/// Its tables are called `passport_…` and live beside those of the application in one file. A pool
/// that the application has anyway is managed by Rocket, and how durable it is, is the
/// application's to say:
///
/// ```
/// # rocket::async_test(async {
/// use passport_rocket::store::{Sqlite, Store};
/// use sqlx::sqlite::{
///     SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
/// };
///
/// let options = SqliteConnectOptions::new()
///     .filename("app.db")
///     .create_if_missing(true)
///     .journal_mode(SqliteJournalMode::Wal)
///     .synchronous(SqliteSynchronous::Full);
/// let pool = SqlitePoolOptions::new().connect_lazy_with(options);
/// let rocket = rocket::build().manage(Store::new(Sqlite::with_pool(pool)));
/// # let _ = rocket;
/// # });
/// ```
pub struct Sqlite {
    pool: SqlitePool,
    /// Whose turn it is to write. SQLite lets only one; here they queue, where SQLite would let each
    /// try again and again.
    turn: Mutex<()>,
    /// Whether the file is ours to make.
    makes_file: bool,
    sweep: Sweep,
}

impl Sqlite {
    /// Keeps things in tables of a database that the application has.
    #[must_use]
    pub fn with_pool(pool: SqlitePool) -> Self {
        Self { pool, turn: Mutex::new(()), makes_file: false, sweep: Sweep::never() }
    }

    pub(super) fn open(url: &str) -> Result<Self, Unfit> {
        let unfit = |problem: &str| {
            let remedy = "write `sqlite://passport.db`, or `sqlite:///…` with the whole path";
            Unfit(problem.into(), remedy.into())
        };
        let (file, mode) = match url.split_once('?') {
            Some((file, "mode=rwc")) => (file, None),
            Some((file, "mode=rw")) => (file, Some(())),
            Some(_) => return Err(unfit("`mode=rw` and `mode=rwc` are all that may follow a `?`")),
            None => (url, None),
        };
        let name = file.strip_prefix("sqlite:").unwrap_or_default();
        match name.strip_prefix("//").unwrap_or(name) {
            "" => return Err(unfit("no file is named")),
            ":memory:" => {
                let remedy = "write `memory:`, or name a file";
                return Err(Unfit("SQLite forgets what it has in memory".into(), remedy.into()));
            }
            _ => {}
        }
        let options = SqliteConnectOptions::from_str(file)
            .map_err(|_| unfit("no name of a file"))?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            // A file does not go away.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options);
        Ok(Self { makes_file: mode.is_none(), ..Self::with_pool(pool) })
    }

    async fn turn(&self) -> sqlx::Result<MutexGuard<'_, ()>> {
        timeout(PATIENCE, self.turn.lock()).await.map_err(|_| sqlx::Error::PoolTimedOut)
    }

    async fn migrate(&self) -> Result<(), Error> {
        self.make().await.map_err(|error| sql::failure("make the tables of the store", error))
    }

    async fn make(&self) -> sqlx::Result<()> {
        if self.makes_file {
            make_file(self.pool.connect_options().get_filename()).await?;
        }
        let done = sqlx::query_scalar(sql::MIGRATION).fetch_one(&self.pool).await;
        if done.is_ok_and(|done: i64| done >= sql::newest(&MIGRATIONS)) {
            return Ok(());
        }
        let _turn = self.turn().await?;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sql::run_new!(MIGRATIONS, &mut transaction);
        transaction.commit().await
    }
}

/// One that nobody else may read, as SQLite then makes its log, too.
async fn make_file(file: &Path) -> sqlx::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(file).await {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

impl Database for Sqlite {
    async fn read(&self, statement: &'static str, with: With<'_>) -> sqlx::Result<Vec<Row>> {
        sql::bound!(sqlx::query_as(statement), with).fetch_all(&self.pool).await
    }

    async fn write(&self, write: &'static Write, with: With<'_>) -> sqlx::Result<Vec<Row>> {
        let _turn = self.turn().await?;
        if !with.space.is_watched() {
            return self.read(write.plain, with).await;
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let draw = sql::bound!(sqlx::query_scalar(statements::DRAW), with.clone());
        let with = With { change: Some(draw.fetch_one(&mut *transaction).await?), ..with };
        if let Some(notes) = write.notes {
            sql::bound!(sqlx::query(notes), with.clone()).execute(&mut *transaction).await?;
        }
        let rows = sql::bound!(sqlx::query_as(write.plain), with);
        let rows = rows.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    async fn make_space(&self, with: With<'_>) -> sqlx::Result<()> {
        let _turn = self.turn().await?;
        let make = sql::bound!(sqlx::query(statements::MAKE_SPACE), with);
        make.execute(&self.pool).await?;
        Ok(())
    }

    async fn news(&self, with: With<'_>) -> sqlx::Result<Vec<News>> {
        sql::bound!(sqlx::query_as(statements::CHANGES), with).fetch_all(&self.pool).await
    }

    fn sweep(&self, now: i64) {
        if let Some(ended) = self.sweep.due(now) {
            sql::sweep_away!(self.pool, statements::SWEEP_SQLITE, ended);
        }
    }
}

sql::adapter!(Sqlite);

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

const MIGRATIONS: [&str; 1] = [include_str!("sql/sqlite.sql")];

/// One writes, the others read meanwhile.
const CONNECTIONS: u32 = 4;

/// A slow disk, unlike a dead server, gets there in the end.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[rocket::async_test]
    async fn a_file_is_named_with_or_without_a_folder() {
        for (url, file, makes_file) in [
            ("sqlite://passport.db", "passport.db", true),
            ("sqlite:passport.db", "passport.db", true),
            ("sqlite:///var/lib/app.db", "/var/lib/app.db", true),
            ("sqlite://a%20b.db?mode=rwc", "a b.db", true),
            ("sqlite://passport.db?mode=rw", "passport.db", false),
        ] {
            let store = Sqlite::open(url).unwrap();
            assert_eq!(store.pool.connect_options().get_filename(), Path::new(file), "{url}");
            assert_eq!(store.makes_file, makes_file, "{url}");
        }
    }

    #[test]
    fn what_names_no_lasting_file_is_refused_without_being_shown() {
        for url in [
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://hunter2?mode=memory",
            "sqlite://hunter2?mode=ro",
            "sqlite://hunter2?cache=shared",
            "sqlite://hunter2?",
            "sqlite://hunter2%ff",
        ] {
            let Unfit(problem, remedy) = Sqlite::open(url).unwrap_err();
            assert!(!problem.is_empty() && remedy.starts_with("write `"), "{url}");
            assert!(!format!("{problem} {remedy}").contains("hunter2"), "{url}");
        }
    }

    /// Killing a process does not show it: what the system has not written yet survives that.
    #[rocket::async_test]
    async fn every_write_waits_for_the_disk() {
        let file = std::env::temp_dir().join(format!("passport-full-{}.db", std::process::id()));
        let store = Sqlite::open(&format!("sqlite:{}", file.display())).unwrap();
        store.migrate().await.unwrap();
        for _ in 0..CONNECTIONS {
            let mut connection = store.pool.acquire().await.unwrap();
            let synchronous = sqlx::query_scalar("PRAGMA synchronous");
            let full: i64 = synchronous.fetch_one(&mut *connection).await.unwrap();
            let journal = sqlx::query_scalar("PRAGMA journal_mode");
            let journal: String = journal.fetch_one(&mut *connection).await.unwrap();
            assert_eq!((full, &*journal), (2, "wal"));
            // Not put back, so that the next one is another.
            drop(connection.detach());
        }
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }

    #[cfg(unix)]
    #[rocket::async_test]
    async fn a_file_that_it_makes_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let file = std::env::temp_dir().join(format!("passport-{}.db", std::process::id()));
        make_file(&file).await.unwrap();
        make_file(&file).await.expect("one that is there is left as it is");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(mode & 0o777, 0o600);
    }
}

//! The store in PostgreSQL.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use rocket::tokio::time::timeout;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

use super::open::Unfit;
use super::sql::statements::{self, Write};
use super::sql::{self, Database, News, Row, Sweep, With};
use super::{Adapter, Changes, Cursor, Entry, Found, Key, Owner, Space, Stored, Version};
use crate::error::Error;
use crate::strategy::Answer;

/// Keeps things in tables of a PostgreSQL database, for the processes of many machines. It needs the
/// feature `postgres`, and Rust 1.94.
///
/// | `passport.store` | connects |
/// |---|---|
/// | `"postgres://user:password@host/database"` | over TLS if the server can do it |
/// | `"postgres://user:password@host/database?sslmode=verify-full"` | over TLS, to nobody but this host |
/// | `"postgres://user@localhost/database?host=/run/postgresql"` | to a socket in that folder |
///
/// The parameters are libpq's: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `host`, `hostaddr`,
/// `port`, `dbname`, `user`, `password`, `application_name`, `options`; what the URL does not say is
/// taken from `PGHOST` and its like. A character that has a meaning in URLs is percent-encoded.
///
/// Each operation is one statement. What was acknowledged survives a server that dies, as far as its
/// own settings say (`fsync` and `synchronous_commit` are on by default). While it is down, requests
/// get [unavailable](Error::unavailable) after three seconds, or six where it takes a statement and
/// says nothing; when it is back, so is the store.
///
/// Its tables are called `passport_…` and live beside those of the application in one database; its
/// first start needs the right to create them, later ones do not. A pool that the application has
/// anyway is managed by Rocket:
///
/// ```
/// # rocket::async_test(async {
/// use std::time::Duration;
/// use passport_rocket::store::{Postgres, Store};
/// use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
///
/// let pool = PgPoolOptions::new()
///     .acquire_timeout(Duration::from_secs(3))
///     .connect_lazy_with(PgConnectOptions::new().host("localhost").database("app"));
/// let rocket = rocket::build().manage(Store::new(Postgres::with_pool(pool)));
/// # let _ = rocket;
/// # });
/// ```
pub struct Postgres {
    pool: PgPool,
    sweep: Sweep,
}

impl Postgres {
    /// Keeps things in tables of a database that the application has.
    #[must_use]
    pub fn with_pool(pool: PgPool) -> Self {
        Self { pool, sweep: Sweep::never() }
    }

    pub(super) fn open(url: &str) -> Result<Self, Unfit> {
        let unfit = |problem: String| {
            let remedy = "write `postgres://user:password@host/database`, each percent-encoded";
            Unfit(problem, remedy.into())
        };
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(unfit("no URL of a PostgreSQL database".into()));
        }
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let names = parameters.split('&').map(|one| one.split_once('=').unwrap_or((one, "")).0);
        let is_known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
        if names.into_iter().any(|name| !name.is_empty() && !is_known(name)) {
            // Which one it is would show a password that has a `?` in it.
            let known = PARAMETERS.join("`, `");
            return Err(unfit(format!("a parameter is none of `{known}`")));
        }
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| unfit("no URL of a PostgreSQL database".into()))?
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            // One that was in use a moment ago costs no round trip to ask whether it still is.
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self::with_pool(pool))
    }

    async fn migrate(&self) -> Result<(), Error> {
        in_time(self.make())
            .await
            .map_err(|error| sql::failure("make the tables of the store", error))
    }

    async fn make(&self) -> sqlx::Result<()> {
        let done = sqlx::query_scalar(sql::MIGRATION).fetch_one(&self.pool).await;
        if done.is_ok_and(|done: i64| done >= sql::newest(&MIGRATIONS)) {
            return Ok(());
        }
        // Another process may be making them: dropped, the transaction is rolled back.
        let mut transaction = self.pool.begin().await?;
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK);
        lock.execute(&mut *transaction).await?;
        sql::run_new!(MIGRATIONS, &mut transaction);
        transaction.commit().await
    }
}

/// A server that takes a statement and says nothing is as good as none.
async fn in_time<T>(running: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(2 * PATIENCE, running).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

impl Database for Postgres {
    async fn read(&self, statement: &'static str, with: With<'_>) -> sqlx::Result<Vec<Row>> {
        in_time(sql::bound!(sqlx::query_as(statement), with).fetch_all(&self.pool)).await
    }

    async fn write(&self, write: &'static Write, with: With<'_>) -> sqlx::Result<Vec<Row>> {
        let is_watched = with.space.is_watched();
        self.read(if is_watched { write.watched } else { write.plain }, with).await
    }

    async fn make_space(&self, with: With<'_>) -> sqlx::Result<()> {
        let make = sql::bound!(sqlx::query(statements::MAKE_SPACE), with);
        in_time(make.execute(&self.pool)).await?;
        Ok(())
    }

    async fn news(&self, with: With<'_>) -> sqlx::Result<Vec<News>> {
        in_time(sql::bound!(sqlx::query_as(statements::CHANGES), with).fetch_all(&self.pool)).await
    }

    fn sweep(&self, now: i64) {
        if let Some(ended) = self.sweep.due(now) {
            sql::sweep_away!(self.pool, statements::SWEEP_POSTGRES, ended);
        }
    }
}

sql::adapter!(Postgres);

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

const MIGRATIONS: [&str; 1] = [include_str!("sql/postgres.sql")];

/// Whoever makes tables holds it; a number that nobody else uses by chance.
const LOCK: i64 = 0x7061_7373_706f_7274;

const PARAMETERS: [&str; 19] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
    "ssl-mode",
    "ssl-root-cert",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "options[…]",
];

const CONNECTIONS: u32 = 10;

const PATIENCE: Duration = Duration::from_secs(3);

/// After that, a connection may have been lost unnoticed.
const IDLE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[rocket::async_test]
    async fn a_url_says_where_the_database_is() {
        for (url, host, database) in [
            ("postgres://ada:hunter2@host/app", "host", Some("app")),
            ("postgresql://host:5433/app?sslmode=verify-full", "host", Some("app")),
            (
                "postgres://ada@localhost?dbname=app&host=db&options[search_path]=x",
                "db",
                Some("app"),
            ),
        ] {
            let store = Postgres::open(url).unwrap();
            let options = store.pool.connect_options();
            assert_eq!((options.get_host(), options.get_database()), (host, database), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_shown() {
        for url in [
            "postgres:",
            "postgres://ada:hunter2@host:port/app",
            "postgres://ada:hunter2@host/app?sslmode=hunter2",
            "postgres://ada:hunter2@host/app?hunter2=yes",
            "postgres://ada:hunter2@host/app?port=hunter2",
            "postgres://ada:hun/ter2@host/app",
        ] {
            let Err(Unfit(problem, remedy)) = Postgres::open(url) else { panic!("{url}") };
            assert!(!problem.is_empty() && remedy.starts_with("write `"), "{url}");
            assert!(!format!("{problem} {remedy}").contains("hunter2"), "{url}");
        }
    }
}

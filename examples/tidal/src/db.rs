//! The SQLite database: opened and brought up to date before the port opens.

use std::str::FromStr;

use passport_rocket::BoxError;
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

/// The database as handlers take it: `&State<Db>`. Its queries stand beside the types they
/// return, in `account.rs` and `tide.rs`.
#[derive(Clone, Debug)]
pub struct Db(pub SqlitePool);

/// Opens `database_url` and runs the migrations, or refuses to launch.
pub fn fairing() -> AdHoc {
    AdHoc::try_on_ignite("Database", |rocket| async move {
        match open(rocket.figment()).await {
            Ok(db) => Ok(rocket.manage(db)),
            Err(error) => {
                log::error!("cannot open the database at `database_url`: {error}");
                Err(rocket)
            }
        }
    })
}

async fn open(config: &Figment) -> Result<Db, BoxError> {
    let url: String = config.extract_inner("database_url")?;
    let options = SqliteConnectOptions::from_str(&url)?
        .create_if_missing(true)
        .foreign_keys(true)
        // Readers do not wait for the writer.
        .journal_mode(SqliteJournalMode::Wal);

    let pool = match url.contains(":memory:") {
        false => SqlitePoolOptions::new(),
        // A database in memory lives as long as its connection: there is one, and it stays.
        true => SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None),
    };

    let pool = pool.connect_with(options).await?;
    sqlx::migrate!().run(&pool).await?;
    Ok(Db(pool))
}

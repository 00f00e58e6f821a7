//! SQLite: a file that is made when it is missing, or a database in memory.

use passport_rocket::BoxError;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::MigrateDatabase;
use sqlx::{Any, AnyPool};

pub async fn open(url: &str, pool: AnyPoolOptions) -> Result<AnyPool, BoxError> {
    // sqlx makes it with a write-ahead log, so that readers do not wait for the writer.
    if !Any::database_exists(url).await? {
        Any::create_database(url).await?;
    }

    let pool = match url.contains(":memory:") {
        false => pool,
        // A database in memory lives as long as its connection: there is one, and it stays.
        true => pool.max_connections(1).idle_timeout(None).max_lifetime(None),
    };

    let pool = pool.connect(url).await?;
    sqlx::migrate!("migrations/sqlite").run(&pool).await?;
    Ok(pool)
}

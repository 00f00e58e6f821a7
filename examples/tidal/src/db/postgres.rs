//! PostgreSQL: a database that is there already, whose tables are made in the first run.

use passport_rocket::BoxError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, Error};

/// What may stand after the `?` of a URL.
const PARAMETERS: [&str; 13] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

pub async fn open(url: &str, pool: AnyPoolOptions) -> Result<AnyPool, BoxError> {
    let options: AnyConnectOptions = url.parse()?;
    // sqlx would log any other with its value: `?passwrod=…`, or the rest of a password with a
    // question mark in it.
    if options.database_url.query_pairs().any(|(name, _)| !PARAMETERS.contains(&&*name)) {
        let known = PARAMETERS.join(", ");
        return Err(format!(
            "of what follows the `?`, only these are known: {known}; in a password, write %3F for `?`"
        )
        .into());
    }

    let pool = match pool.connect_with(options).await {
        Err(Error::PoolTimedOut) => return Err("no answer; is the server running?".into()),
        pool => pool?,
    };

    sqlx::migrate!("migrations/postgres").run(&pool).await?;
    Ok(pool)
}

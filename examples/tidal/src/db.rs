//! The database: opened and brought up to date before the port opens.
//!
//! It is SQLite or, with the feature `postgres`, whichever of the two the scheme of `database_url`
//! names. Both are one type, [`AnyPool`], which finds its driver when it connects: each query
//! stands once, and handlers know one [`Db`]. An enum of two pools would write every call twice,
//! and functions generic over the database would bury each query under bounds.
//!
//! The price is that a column holds what every database has: whole numbers, reals, booleans, text.
//! So a moment is seconds, and an enum is a [word](crate::word). The rest is a choice of SQL
//! that means the same to both: `$1` for parameters, `RETURNING` for new ids, `ON CONFLICT` for
//! names that are taken, `lower(…)` for names in any case. How a database is opened and how its
//! tables are made differs, and stands in a file and in a folder of migrations for each.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::time::Duration;

use passport_rocket::{BoxError, Error};
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

/// The database as handlers take it: `&State<Db>`. Its queries stand beside the types they
/// return, in `account.rs` and `tide.rs`.
#[derive(Clone, Debug)]
pub struct Db(pub AnyPool);

/// How long a request waits for a connection; by then the database counts as down.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens `database_url` and runs the migrations, or refuses to launch.
pub fn fairing() -> AdHoc {
    AdHoc::try_on_ignite("Database", |rocket| async move {
        match open(rocket.figment()).await {
            Ok(pool) => Ok(rocket.manage(Db(pool))),
            Err(error) => {
                log::error!("cannot open the database at `database_url`: {error}");
                Err(rocket)
            }
        }
    })
}

/// What a failed query is to whoever asked: 503 from a database that cannot be reached, and 500
/// from one that answers with an error, which is our fault.
pub fn failed(error: sqlx::Error) -> Error {
    match is_down(&error) {
        true => Error::unavailable("reach the database", error),
        false => Error::failed("ask the database", error),
    }
}

/// None of the messages holds what stands in a URL with a password.
pub async fn open(config: &Figment) -> Result<AnyPool, BoxError> {
    let url: String = config.extract_inner("database_url").map_err(|_| "write it as text")?;
    let pool = AnyPoolOptions::new().acquire_timeout(PATIENCE);

    sqlx::any::install_default_drivers();
    match url.split(':').next() {
        Some("sqlite") => sqlite::open(&url, pool).await,
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => postgres::open(&url, pool).await,
        #[cfg(not(feature = "postgres"))]
        Some("postgres" | "postgresql") => {
            Err("PostgreSQL needs a feature: `cargo run -p tidal --features postgres`".into())
        }
        _ => Err("it has to begin with `sqlite://` or `postgres://`".into()),
    }
}

fn is_down(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        // PostgreSQL stops, crashed, starts, or has no connection left.
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03" | "53300"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rocket::http::Status;

    use super::*;

    #[test]
    fn a_database_that_cannot_be_reached_is_down() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for error in [sqlx::Error::PoolTimedOut, sqlx::Error::PoolClosed, refused.into()] {
            assert_eq!(failed(error).status(), Status::ServiceUnavailable);
        }
        for error in [sqlx::Error::RowNotFound, sqlx::Error::ColumnNotFound("name".into())] {
            assert_eq!(failed(error).status(), Status::InternalServerError);
        }
    }
}

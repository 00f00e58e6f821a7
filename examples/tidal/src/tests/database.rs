//! The databases that the tests run over, each with one of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::figment::Figment;

use crate::config;

/// An empty database, gone after the test.
pub(super) struct Database {
    url: String,
    /// Where SQLite keeps it, if not in memory.
    file: Option<PathBuf>,
}

/// Runs each of these over SQLite, and over PostgreSQL where the feature is on.
macro_rules! on_each_database {
    ($($test:ident,)+) => {
        mod sqlite {
            $(#[rocket::async_test]
            async fn $test() {
                super::$test($crate::tests::database::Database::sqlite()).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[rocket::async_test]
            async fn $test() {
                if let Some(server) = $crate::tests::postgres::server() {
                    super::$test($crate::tests::database::Database::postgres(server)).await;
                }
            })+
        }
    };
}

pub(super) use on_each_database;

impl Database {
    pub(super) fn sqlite() -> Self {
        Self { url: "sqlite::memory:".into(), file: None }
    }

    #[cfg(feature = "postgres")]
    pub(super) fn postgres(server: &super::postgres::Server) -> Self {
        Self { url: server.new_database(), file: None }
    }

    /// The same, but one that outlives the application over it.
    pub(super) fn lasting(self) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);

        if self.url != "sqlite::memory:" {
            return self;
        }
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tidal-test-{}-{nth}.db", std::process::id());
        let file = std::env::temp_dir().join(name);
        Self { url: format!("sqlite://{}", file.display()), file: Some(file) }
    }

    /// The configuration that the program brings, over this database, without the environment of
    /// whoever runs the tests.
    pub(super) fn config(&self) -> Figment {
        Figment::from(rocket::Config::debug_default())
            .merge(("log_level", "off"))
            .merge(config::Own)
            .merge(("database_url", &self.url))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        for suffix in ["", "-shm", "-wal"] {
            if let Some(file) = &self.file {
                let mut file = file.clone().into_os_string();
                file.push(suffix);
                let _ = std::fs::remove_file(file);
            }
        }
    }
}

//! What is remembered: one contract over every store there is.

use std::any::Any;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, process, thread};

use passport_rocket::store::Store;
use passport_rocket::{Answer, Denial, Registration, from_fn};
use passport_rocket_tests::figment;
use passport_rocket_tests::postgres_server::PostgresServer;
use rocket::tokio::runtime::{self, Runtime};

mod contract;
mod killed;
mod restarted;
mod tables;

/// Where a store of nobody else's is found, and what has to live as long as it is used.
struct Place {
    url: String,
    _needs: Option<Box<dyn Any + Send>>,
}

/// Makes an empty one; none where its server is missing.
type Make = fn() -> Option<Place>;

/// Every kind of store.
const KINDS: &[(&str, Make)] = &[("memory", memory), ("sqlite", sqlite), ("postgres", postgres)];

fn memory() -> Option<Place> {
    Some(Place { url: "memory:".into(), _needs: None })
}

fn sqlite() -> Option<Place> {
    let folder = Folder::new();
    Some(Place { url: folder.url(), _needs: Some(Box::new(folder)) })
}

fn postgres() -> Option<Place> {
    Some(Place { url: PostgresServer::shared()?.new_database(), _needs: None })
}

/// A folder for a file of SQLite.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);

        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("passport-sqlite-{}-{nth}", process::id()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.join("passport.db").display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a test over one store of every kind, each in a thread that is named for it.
fn over_every_store<F: Future<Output = ()>>(test: impl Fn(Store) -> F + Sync) {
    let run = |make: Make| {
        let Some(place) = make() else { return };
        runtime().block_on(async { test(opened(&place.url).await).await });
    };
    thread::scope(|scope| {
        let spawn = |(name, make): &(&'static str, Make)| {
            let (make, thread) = (*make, thread::Builder::new().name((*name).to_owned()));
            (name.to_owned(), thread.spawn_scoped(scope, move || run(make)).unwrap())
        };
        let running: Vec<_> = KINDS.iter().map(spawn).collect();
        let failed =
            running.into_iter().filter_map(|(name, run)| run.join().is_err().then_some(name));
        assert_eq!(failed.collect::<Vec<_>>(), [""; 0], "what these threads said stands above");
    });
}

/// Milliseconds into the year 2100, to which no server's clock has come: what a server deletes by its
/// own must not be why a test passes.
fn at(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(4_102_444_800) + Duration::from_millis(milliseconds)
}

fn runtime() -> Runtime {
    runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

/// The store of an application whose `passport.store` is `url`, ready to be used.
async fn opened(url: &str) -> Store {
    let store = named(url).await;
    store.open().await.unwrap();
    store
}

/// The same before it is opened.
async fn named(url: &str) -> Store {
    let store = Arc::new(OnceLock::new());
    let strategy = {
        let store = Arc::clone(&store);
        Registration::new("keeper", move |setup| {
            store.get_or_init(|| setup.store());
            Ok(from_fn::<(), _>(|_| Answer::now(Err(Denial::absent()))))
        })
    };
    let figment = figment("").merge(("passport.store", url));
    drop(rocket::custom(figment).attach(strategy).ignite().await.unwrap());
    store.get().expect("the strategy was built").clone().unwrap()
}

//! What the tests of the whole share: an application from a few lines of TOML, the log, and counters
//! that tell whether a handler ran.

pub mod key_server;
pub mod log;
pub mod memory;
pub mod postgres_server;
pub mod redis_server;
pub mod spy;

use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::{Build, Config, Ignite, Rocket};

/// Rocket's configuration of the debug profile with `toml` above it, and nothing from outside but what
/// this run says of the [`memory`].
pub fn figment(toml: &str) -> Figment {
    memory::remembering(figment_as_written(toml))
}

/// The same in the release profile.
pub fn release_figment(toml: &str) -> Figment {
    log::install();
    let defaults = Figment::from(Config::release_default()).select(Config::RELEASE_PROFILE);
    memory::remembering(defaults.merge(Toml::string(toml).nested()))
}

/// The debug profile with `toml` above it, whatever the run says.
pub fn figment_as_written(toml: &str) -> Figment {
    log::install();
    Figment::from(Config::debug_default()).merge(Toml::string(toml).nested())
}

/// A client of an application that launches.
pub fn client(rocket: Rocket<Build>) -> Client {
    Client::debug(rocket).expect("the application launches")
}

/// What launch says of an application that must not: every line of the report.
pub fn refusal(rocket: Rocket<Build>) -> String {
    let (result, lines) = log::capture(|| ignite(rocket));
    match result {
        Ok(_) => panic!("launch was not refused; log:\n{}", lines.join("\n")),
        // Rocket panics when an error is dropped unread.
        Err(error) => drop(error.kind().to_string()),
    }
    let report: Vec<_> = lines.into_iter().filter(|line| line.starts_with("passport ")).collect();
    report.join("\n")
}

/// Ignites without serving.
pub fn ignite(rocket: Rocket<Build>) -> Result<Rocket<Ignite>, Box<rocket::Error>> {
    rocket::async_test(rocket.ignite()).map_err(Box::new)
}

/// Every value of a response header.
pub fn headers<'a>(response: &'a LocalResponse<'_>, name: &'a str) -> Vec<&'a str> {
    response.headers().get(name).collect()
}

/// A handler's counter: did it run?
#[derive(Default)]
pub struct Ran(std::sync::atomic::AtomicUsize);

impl Ran {
    /// Counts a call.
    pub fn count(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    /// How many calls there were.
    pub fn times(&self) -> usize {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

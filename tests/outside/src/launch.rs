//! What the tests share: an application from a few lines of TOML, and what a refused launch says.

use std::cell::RefCell;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};
use rocket::figment::Figment;
use rocket::figment::providers::{Format, Toml};
use rocket::local::blocking::Client;
use rocket::{Build, Config, Rocket};

/// An application of the debug profile with `toml`, and nothing from outside.
pub(crate) fn rocket(toml: &str) -> Rocket<Build> {
    install();
    let figment = Figment::from(Config::debug_default()).merge(Toml::string(toml).nested());
    rocket::custom(figment)
}

/// A client with a cookie jar.
pub(crate) fn client(rocket: Rocket<Build>) -> Client {
    Client::tracked(rocket).expect("the application launches")
}

/// What launch says of an application that must not.
pub(crate) fn refusal(rocket: Rocket<Build>) -> String {
    LINES.set(Some(Vec::new()));
    let result = rocket::async_test(rocket.ignite());
    let lines = LINES.take().unwrap_or_default().join("\n");
    match result {
        Ok(_) => panic!("launch was not refused; log:\n{lines}"),
        // Rocket panics when an error is dropped unread.
        Err(error) => drop(error.kind().to_string()),
    }
    lines
}

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

struct Recorder;

impl Log for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines.as_mut().filter(|_| record.target() == "passport") {
                lines.push(record.args().to_string());
            }
        });
    }

    fn flush(&self) {}
}

/// Before Rocket installs its own logger, which it does at the first ignition.
fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        log::set_boxed_logger(Box::new(Recorder)).expect("no other logger is installed");
        log::set_max_level(LevelFilter::Info);
    });
}

//! The log of the thread that asks for it.

use std::cell::RefCell;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};

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
            if let Some(lines) = lines {
                lines.push(format!("{} {}: {}", record.target(), record.level(), record.args()));
            }
        });
    }

    fn flush(&self) {}
}

/// Runs `f` and returns what was logged meanwhile on this thread at level `info` or above, as lines
/// `target LEVEL: message`. Rocket's local client dispatches on the thread that calls it.
pub fn capture<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    install();
    LINES.set(Some(Vec::new()));
    let value = f();
    (value, LINES.take().unwrap_or_default())
}

/// Installs the recorder before Rocket installs its own logger, which it does at the first ignition.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        log::set_boxed_logger(Box::new(Recorder)).expect("no other logger is installed");
        log::set_max_level(LevelFilter::Info);
    });
}

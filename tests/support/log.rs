//! The log of the thread that asks for it.

use std::cell::RefCell;
use std::sync::{Mutex, Once};

use log::{LevelFilter, Log, Metadata, Record};

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// What was logged on any thread for the library's own targets.
static OURS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Recorder;

impl Log for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = || format!("{} {}: {}", record.target(), record.level(), record.args());
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.push(line());
            }
        });
        if record.target().starts_with("passport::") {
            OURS.lock().unwrap().push(line());
        }
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

/// What was logged for the library's own targets on whatever thread, as far as it holds `about`:
/// something that no other test speaks of.
pub fn about(about: &str) -> Vec<String> {
    OURS.lock().unwrap().iter().filter(|line| line.contains(about)).cloned().collect()
}

/// Installs the recorder before Rocket installs its own logger, which it does at the first ignition.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        log::set_boxed_logger(Box::new(Recorder)).expect("no other logger is installed");
        log::set_max_level(LevelFilter::Info);
    });
}

//! What the macros say of every mistake, and that they say nothing without one.
//!
//! The messages of the compiler around ours change with its version, so they are compared on one
//! version only. `TRYBUILD=overwrite cargo test -p passport-macros --test ui` writes them anew.

use std::io::Write as _;
use std::process::Command;
use std::sync::Once;

/// The compiler whose messages stand in `ui/fail`.
const PINNED: &str = "rustc 1.95.";

/// One line suffices for all tests that are skipped.
static SAID: Once = Once::new();

#[test]
fn every_mistake_has_its_message() {
    if is_skipped() {
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn what_is_right_compiles_and_runs() {
    if is_skipped() {
        return;
    }
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

/// On another compiler there is nothing to compare with. Where it counts that is a failure.
fn is_skipped() -> bool {
    let version = compiler();
    if version.starts_with(PINNED) {
        return false;
    }
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!in_ci, "the UI tests need {PINNED}x, and here is {version}");
    SAID.call_once(|| {
        // Not `eprintln!`, which the test harness keeps to itself when a test passes.
        let said = format!("UI tests skipped: they need {PINNED}x, and here is {version}\n");
        let _ = std::io::stderr().write_all(said.as_bytes());
    });
    true
}

/// What the compiler says of itself, in one line.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("--version").output().map(|output| output.stdout);
    let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
    said.lines().next().unwrap_or("none that answers").to_owned()
}

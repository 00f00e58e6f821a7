//! What the macros say of every mistake, and that they say nothing without one.
//!
//! The messages of the compiler around ours change with its version, so they are compared on one
//! version only. `TRYBUILD=overwrite cargo test -p passport-macros --test ui` writes them anew.

#![allow(clippy::print_stderr, reason = "a skipped test must be seen")]

use std::process::Command;

/// The compiler whose messages stand in `ui/fail`.
const PINNED: &str = "rustc 1.95.";

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
    eprintln!("UI tests skipped: they need {PINNED}x, and here is {version}");
    true
}

/// What the compiler says of itself; nothing if it cannot be asked.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("--version").output().map(|output| output.stdout);
    String::from_utf8_lossy(&said.unwrap_or_default()).trim().to_owned()
}

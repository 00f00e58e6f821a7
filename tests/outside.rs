//! The crate outside of the workspace: it is written against what everybody can use. Its own tests
//! run with `cargo test --manifest-path tests/outside/Cargo.toml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn outside() -> PathBuf {
    root().join("tests/outside")
}

/// The packages of a lock file that come from a registry, with their versions.
fn locked(lock: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(lock).unwrap();
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key));
        line.map(|line| line.trim_matches(['=', ' ', '"']).to_owned())
    };
    text.split("[[package]]")
        .skip(1)
        .filter(|package| value(package, "source").is_some())
        .map(|package| (value(package, "name").unwrap(), value(package, "version").unwrap()))
        .collect()
}

#[test]
fn a_strategy_outside_uses_nothing_private() {
    let mut files = 0;
    for entry in fs::read_dir(outside().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).expect("the sources are one flat folder");
        // A cookie's prefix is not meant (RFC 6265bis section 4.1.3.2).
        let text = text.replace("\"__Host-", "");
        assert!(!text.contains("__"), "{} names something private", path.display());
        files += 1;
    }
    assert!(files >= 5, "the sources were found");
}

#[test]
fn a_strategy_outside_uses_none_of_ours() {
    let manifest = fs::read_to_string(outside().join("Cargo.toml")).unwrap();
    let lines: Vec<_> =
        manifest.lines().filter(|line| line.starts_with("passport-rocket =")).collect();
    let [normal, testing] = lines[..] else { panic!("{lines:?}") };
    assert!(normal.ends_with("default-features = false }"), "{normal}");
    assert!(testing.ends_with("default-features = false, features = [\"testing\"] }"), "{testing}");
    assert!(manifest.lines().any(|line| line == "[workspace]"), "it is no member of ours");
}

/// Other versions would be built beside those that are built already.
#[test]
fn a_crate_outside_locks_the_versions_of_the_workspace() {
    let ours = locked(&root().join("Cargo.lock"));
    let theirs = locked(&outside().join("Cargo.lock"));
    assert!(theirs.len() > 50, "the lock file was read");
    let others: Vec<_> = theirs.difference(&ours).collect();
    assert!(
        others.is_empty(),
        "{others:?}: copy Cargo.lock to tests/outside and let Cargo prune it"
    );
}

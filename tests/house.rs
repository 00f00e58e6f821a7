//! The house itself: who may import whom.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(sources(&path)),
            false if path.extension().is_some_and(|kind| kind == "rs") => files.push(path),
            false => {}
        }
    }
    files
}

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("passport-rocket/src")
}

/// What lib.rs shows of the strategies would be a way around.
const SHOWN: [&str; 7] =
    ["Jwt", "TokenClaims", "Tokens", "Forge", "Credentials", "Local", "password"];

fn imports_a_strategy(code: &str) -> bool {
    let names_it = |name: &str| {
        ["crate::", "super::", "passport_rocket::"]
            .iter()
            .any(|root| code.contains(&format!("{root}{name}")))
    };
    // `entries` and messages may speak of strategies; a path or a `use` may not.
    let paths = ["strategies::", "mod strategies", "crate::strategies", "super::strategies"];
    paths.iter().any(|path| code.contains(path)) || SHOWN.iter().any(|name| names_it(name))
}

#[test]
fn the_test_sees_every_way_to_import_one() {
    for way in [
        "use crate::strategies as s;",
        "use crate::strategies::jwt;",
        "use super::strategies;",
        "use crate::Jwt;",
        "let hash = crate::password::hash(text);",
        "mod strategies;",
    ] {
        assert!(imports_a_strategy(way), "{way}");
    }
    assert!(!imports_a_strategy("fn strategies(&self) -> Vec<&Entry> {"));
}

#[test]
fn the_core_never_imports_strategies() {
    let strategies = library().join("strategies");
    let core: Vec<_> =
        sources(&library()).into_iter().filter(|file| !file.starts_with(&strategies)).collect();
    assert!(core.len() > 15, "the core was found");
    for file in core {
        // lib.rs only re-exports.
        let is_lib = file == library().join("lib.rs");
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.trim();
            let allowed = code.starts_with("//")
                || is_lib
                    && (code.starts_with("pub use strategies::") || code == "pub mod strategies;");
            assert!(
                allowed || !imports_a_strategy(code),
                "{}:{}: {code}",
                file.display(),
                number + 1
            );
        }
    }
}

#[test]
fn a_strategy_never_imports_another() {
    let folder = library().join("strategies");
    let names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            path.is_dir().then(|| path.file_name().unwrap().to_string_lossy().into_owned())
        })
        .collect();
    assert!(names.len() >= 2, "{names:?}");
    for one in &names {
        for file in sources(&folder.join(one)) {
            let text = fs::read_to_string(&file).unwrap();
            for other in names.iter().filter(|other| *other != one) {
                let path = format!("strategies::{other}");
                assert!(!text.contains(&path), "{} names {path}", file.display());
            }
        }
    }
}

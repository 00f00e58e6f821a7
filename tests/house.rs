//! The house itself: who may import whom.

use std::collections::BTreeMap;
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

/// What lib.rs shows of the strategies, which would be a way around.
fn shown() -> Vec<String> {
    let lib = fs::read_to_string(library().join("lib.rs")).unwrap();
    let lists = lib.lines().filter_map(|line| line.strip_prefix("pub use strategies::"));
    let names = lists.flat_map(|list| {
        let names = list.rsplit_once("::").unwrap().1.trim_matches(['{', '}', ';']);
        names.split(", ").map(str::to_owned)
    });
    names.map(|name| name.trim_matches(['{', '}', ';']).to_owned()).collect()
}

fn imports_a_strategy(code: &str, shown: &[String]) -> bool {
    let names_it = |name: &str| {
        ["crate::", "super::", "passport_rocket::"]
            .iter()
            .any(|root| code.contains(&format!("{root}{name}")))
    };
    // `entries` and messages may speak of strategies; a path or a `use` may not.
    let paths = ["strategies::", "mod strategies", "crate::strategies", "super::strategies"];
    paths.iter().any(|path| code.contains(path)) || shown.iter().any(|name| names_it(name))
}

/// The modules beside it that a file names outside of its tests and its comments.
fn named_siblings(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n").replace("super::super::", "");
    code.split("super::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_lowercase() || "_0123456789".contains(*c)))
        .map(Iterator::collect)
        .collect()
}

/// What is left of `imports` when everything that imports nothing of the rest is taken away: the
/// circles, and whoever leads into one.
fn circles(mut imports: BTreeMap<String, Vec<String>>) -> Vec<String> {
    loop {
        let names: Vec<String> = imports.keys().cloned().collect();
        let before = imports.len();
        imports.retain(|_, imported| imported.iter().any(|name| names.contains(name)));
        if imports.len() == before {
            return names;
        }
    }
}

#[test]
fn the_test_sees_every_way_to_import_one() {
    let shown = shown();
    for name in ["Jwt", "Unverified", "danger", "Forge", "Credentials", "password", "Session"] {
        assert!(shown.iter().any(|shown| shown == name), "{name}: {shown:?}");
    }
    for way in [
        "use crate::strategies as s;",
        "use crate::strategies::jwt;",
        "use super::strategies;",
        "use crate::Jwt;",
        "let hash = crate::password::hash(text);",
        "mod strategies;",
    ] {
        assert!(imports_a_strategy(way, &shown), "{way}");
    }
    assert!(!imports_a_strategy("fn strategies(&self) -> Vec<&Entry> {", &shown));
}

#[test]
fn the_core_never_imports_strategies() {
    let strategies = library().join("strategies");
    let core: Vec<_> =
        sources(&library()).into_iter().filter(|file| !file.starts_with(&strategies)).collect();
    assert!(core.len() > 15, "the core was found");
    let shown = shown();
    for file in core {
        // lib.rs only re-exports.
        let is_lib = file == library().join("lib.rs");
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.trim();
            let allowed = code.starts_with("//")
                || is_lib
                    && (code.starts_with("pub use strategies::") || code == "pub mod strategies;");
            assert!(
                allowed || !imports_a_strategy(code, &shown),
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

#[test]
fn no_files_of_a_strategy_import_each_other_in_a_circle() {
    let graph = |edges: &[(&str, &str)]| {
        let mut imports = BTreeMap::<String, Vec<String>>::new();
        for (one, other) in edges {
            imports.entry((*one).to_owned()).or_default().push((*other).to_owned());
        }
        imports
    };
    assert_eq!(circles(graph(&[("a", "b"), ("b", "c"), ("c", "a")])), ["a", "b", "c"]);
    assert!(circles(graph(&[("a", "b"), ("a", "c"), ("b", "c")])).is_empty());

    for strategy in ["jwt", "local", "session"] {
        let mut imports = BTreeMap::new();
        for entry in fs::read_dir(library().join("strategies").join(strategy)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.is_file() && name != "mod" {
                imports.insert(name, named_siblings(&fs::read_to_string(&path).unwrap()));
            }
        }
        assert!(imports.values().any(|imported| !imported.is_empty()), "{strategy} was read");
        assert_eq!(circles(imports), Vec::<String>::new(), "in {strategy}");
    }
}

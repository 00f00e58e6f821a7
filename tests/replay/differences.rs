//! Where we answer otherwise than npm does, each said once; the table in the documentation of the
//! strategy has a row for each, and names the tests of this replay that hold it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What is so here, word for word as the documentation says it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference(&'static str);

/// The differences of a strategy, and where they are explained.
#[derive(Clone, Copy)]
struct Table {
    documentation: &'static str,
    all: &'static [(&'static str, Difference)],
}

macro_rules! differences {
    ($($name:ident = $text:literal;)*) => {
        $(pub(in super::super) const $name: super::Difference = super::Difference($text);)*

        /// All of them, by name.
        pub(super) const TABLE: super::Table = super::Table {
            documentation: DOCUMENTATION,
            all: &[$((stringify!($name), $name)),*],
        };
    };
}

pub(super) mod jwt;
pub(super) mod session;

const TABLES: [Table; 2] = [jwt::TABLE, session::TABLE];

impl Table {
    /// The rows of the table: what is so here, and the tests that hold it.
    fn documented(&self) -> BTreeMap<&'static str, BTreeSet<String>> {
        let (_, table) = self.documentation.split_once("# Where we differ").expect("the heading");
        let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
        rows.skip(1)
            .map(|row| {
                let cells: Vec<_> = row.trim_end_matches(" |").split(" | ").collect();
                let [what, why, tests] = cells[..] else { panic!("a row of three: {row}") };
                assert!(why.len() > 20, "{what}: why?");
                let tests = tests.split(", ").map(|test| test.trim_matches('`').to_owned());
                (what, tests.collect())
            })
            .collect()
    }

    /// What the tests of this replay show of each difference: `t14` of `t14_one_of_the_…`.
    fn held(&self) -> BTreeMap<&'static str, BTreeSet<String>> {
        let mut held: BTreeMap<_, _> =
            self.all.iter().map(|(_, Difference(what))| (*what, BTreeSet::new())).collect();
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay")) {
            let source = fs::read_to_string(path).unwrap();
            for test in source.split("#[test]\nfn ").skip(1) {
                let (name, _) = test.split_once('(').unwrap();
                let words: BTreeSet<_> =
                    test.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
                for (constant, Difference(what)) in self.all {
                    if words.contains(constant) {
                        held.get_mut(what).unwrap().insert(row_of(name).to_owned());
                    }
                }
            }
        }
        held
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
    let deeper = folders.iter().flat_map(|folder| sources(folder));
    files.into_iter().filter(is_source).chain(deeper).collect()
}

/// `t14` of `t14_one_of_the_audiences_is_enough`; any other case is named as a whole.
fn row_of(test: &str) -> &str {
    let row = test.split('_').next().unwrap_or_default();
    let is_row = row.strip_prefix(['t', 'x']).is_some_and(|n| n.parse::<u8>().is_ok());
    if is_row { row } else { test }
}

#[test]
fn every_difference_is_explained_where_a_newcomer_looks() {
    for table in TABLES {
        assert!(table.all.len() > 15, "the differences were found");
        let (documented, held) = (table.documented(), table.held());
        for (what, tests) in &held {
            assert_eq!(documented.get(what), Some(tests), "the row of `{what}`");
        }
        for what in documented.keys() {
            assert!(held.contains_key(what), "no test holds `{what}`");
        }
    }
}

/// The tests are searched for the names.
#[test]
fn no_two_differences_have_one_name() {
    let names = TABLES.iter().flat_map(|table| table.all).map(|(name, _)| name);
    let count = names.clone().count();
    assert_eq!(names.collect::<BTreeSet<_>>().len(), count);
}

//! CONTRIBUTING.md stays true: its blocks are the code that runs, and its commands run a test. A
//! filter that matches nothing would pass.

use std::fs;
use std::path::Path;

const GUIDE: &str = include_str!("../CONTRIBUTING.md");

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The blocks whose first line names a file, and that file.
fn quotations() -> Vec<(&'static str, &'static str)> {
    GUIDE
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| {
            let (_, block) = block.split_once('\n')?;
            let (first, text) = block.split_once('\n')?;
            let file = first.strip_prefix("// ").or(first.strip_prefix("# "))?;
            Some((file, text))
        })
        .collect()
}

/// The commands of the table.
fn commands() -> Vec<&'static str> {
    let rows = GUIDE.lines().filter(|line| line.starts_with("| "));
    rows.filter_map(|row| row.trim_end_matches(" |").rsplit_once("| `"))
        .map(|(_, command)| command.trim_end_matches('`'))
        .collect()
}

/// A command without the only variable that one may begin with.
fn without_setting(command: &str) -> &str {
    let settings = [r#"REMEMBER_TOKENS="4 MiB" "#, "REMEMBER_TOKENS=0 "];
    settings.iter().find_map(|setting| command.strip_prefix(setting)).unwrap_or(command)
}

/// Whether a filter of the tests of the whole runs something: `module::`, or one test or one module
/// in it.
fn runs_something(filter: &str) -> bool {
    let (module, test) = filter.split_once("::").expect("a filter names a module");
    if !read("tests/whole.rs").lines().any(|line| line == format!("mod {module};")) {
        return false;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(module);
    let texts_in = |folder: &Path| -> Vec<String> {
        let files = fs::read_dir(folder).into_iter().flatten();
        files.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok()).collect()
    };
    let submodule = folder.join(format!("{test}.rs"));
    if submodule.exists() {
        let mut sources = texts_in(&folder.join(test));
        sources.push(fs::read_to_string(submodule).unwrap());
        return sources.iter().any(|source| source.contains("#[test]"));
    }
    let mut sources = texts_in(&folder);
    sources.push(read(&format!("tests/{module}.rs")));
    let sought = match test {
        "" => "#[test]".to_owned(),
        test => format!("fn {test}("),
    };
    sources.iter().any(|source| source.contains(&sought))
}

#[test]
fn every_block_is_the_code_that_runs() {
    let quotations = quotations();
    assert!(quotations.len() > 5, "the blocks were found");
    for (file, text) in quotations {
        let source = read(file);
        for part in text.split("…\n") {
            assert!(source.contains(part), "{file} does not hold\n{part}");
        }
    }
}

#[test]
fn every_command_runs_a_test() {
    let commands = commands();
    assert!(commands.len() > 12, "the commands were found");
    for command in commands {
        let words: Vec<_> = without_setting(command).split(' ').collect();
        let is_whole = words.contains(&"passport-rocket-tests");
        match words[..] {
            ["bash", "benches/build-time.sh"] => {
                assert!(read("benches/build-time.sh").contains("tidal"), "{command}");
            }
            ["bash", script] => {
                let name = "step 'a newcomer'";
                assert!(read(script).contains(name), "{command}");
            }
            ["cargo", "test", "--manifest-path", manifest, ..] => {
                assert!(!read(manifest).is_empty())
            }
            ["cargo", "bench", "--manifest-path", manifest, ref benches @ ..] => {
                let manifest = read(manifest);
                for pair in benches.chunks(2) {
                    let ["--bench", bench] = pair else { panic!("{command}") };
                    assert!(
                        manifest.contains(&format!("[[bench]]\nname = \"{bench}\"")),
                        "{command}"
                    );
                }
            }
            ["cargo", "test", "-p", "tidal"] => {}
            ["cargo", "test", "-p", "tidal", filter] => {
                assert!(read("examples/tidal/src/tests/tides.rs").contains(filter), "{command}");
            }
            ["cargo", "test", "-p", "tidal", "--features", feature] => {
                let manifest = read("examples/tidal/Cargo.toml");
                assert!(manifest.contains(&format!("\n{feature} = [")), "{command}");
            }
            ["cargo", "test", "-p", crate_name, "--test", test] => {
                assert!(!read(&format!("{crate_name}/tests/{test}.rs")).is_empty());
            }
            ["cargo", "test", "-p", "passport-rocket", filter, ..] if filter.contains("::") => {
                let file =
                    format!("passport-rocket/src/strategies/{}.rs", filter.replace("::", "/"));
                assert!(read(&file).contains("#[test]"), "{command}");
            }
            ["cargo", "test", ..] if is_whole => {
                let filters: Vec<_> = words.iter().filter(|word| word.contains("::")).collect();
                assert!(!filters.is_empty(), "{command}");
                for filter in filters {
                    assert!(runs_something(filter), "`{filter}` of `{command}` runs nothing");
                }
            }
            _ => panic!("`{command}` cannot be checked"),
        }
    }
}

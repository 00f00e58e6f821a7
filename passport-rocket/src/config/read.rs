//! Reading a table into a type, with every mistake in one go.

use figment::error::Kind;
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};
use serde::de::DeserializeOwned;

use super::mistake::Mistake;
use super::problem::Problem;
use super::table::{Content, Table};

impl Table {
    /// Reads the table; an absent one reads like an empty one.
    ///
    /// # Errors
    /// Every mistake in it: each unknown key where `C` says `#[serde(deny_unknown_fields)]`, each
    /// value of a wrong type, and the first key that is missing.
    pub fn read<C: DeserializeOwned>(&self) -> Result<C, Vec<Mistake>> {
        match self.examine(|_| true) {
            (Some(config), mistakes) if mistakes.is_empty() => Ok(config),
            (_, mistakes) => Err(mistakes),
        }
    }

    /// Reads the keys that are `ours`, and notes every mistake among them. What is wrong is left
    /// out and the rest is read again: the result is there when all keys that are wrong are
    /// optional.
    pub(super) fn examine<C: DeserializeOwned>(
        &self,
        ours: impl Fn(&str) -> bool,
    ) -> (Option<C>, Vec<Mistake>) {
        let mut rest = match &self.content {
            Content::Absent => Dict::new(),
            Content::Table(_, dict) => dict.clone(),
            Content::Other(value) => return (None, vec![self.not_a_table(value)]),
            Content::Unreadable => return (None, vec![self.unreadable()]),
        };
        rest.retain(|key, _| ours(key));
        let whole = rest.clone();
        let (mut mistakes, mut removed) = (Vec::new(), Vec::new());
        // Each turn takes something out of `rest`, or ends.
        loop {
            let error = match self.extract(&rest) {
                Ok(config) => return (Some(config), mistakes),
                Err(error) => error,
            };
            let mut path = self.whole_path(&error.path, &removed);
            // What stands there is taken out; for a missing key, the table that should hold it.
            let cut = path.clone();
            match &error.kind {
                Kind::MissingField(name) => path.push(name.clone().into_owned()),
                Kind::DuplicateField(name) => path.push((*name).to_owned()),
                _ => {}
            }
            // That something is missing which was taken out is no mistake of its own.
            if !removed.iter().any(|removed| removed.starts_with(&path)) {
                let problem = Problem::of(&error.kind, self.is_key(&path, &error.kind), &whole);
                mistakes.push(
                    self.mistake_at(&path, self.with_place_to_add(problem, &error.kind, &path)),
                );
            }
            if !remove(&mut rest, &error.path) {
                return (None, mistakes);
            }
            removed.push(cut);
        }
    }

    /// The path in the whole table of what is at `path` in the rest of it: entries of a list moved
    /// up when some before them were taken out.
    fn whole_path(&self, path: &[String], removed: &[Vec<String>]) -> Vec<String> {
        let mut whole = Vec::with_capacity(path.len());
        for name in path {
            let index = match self.find(&whole) {
                Some(Value::Array(..)) => name.parse().ok(),
                _ => None,
            };
            let holder = whole.clone();
            let is_left = |index: &usize| {
                let entry = [&holder[..], &[index.to_string()]].concat();
                !removed.contains(&entry)
            };
            let index: Option<usize> = index.and_then(|index| (0..).filter(is_left).nth(index));
            whole.push(index.map_or_else(|| name.clone(), |index| index.to_string()));
        }
        whole
    }

    /// Deserializes `dict` by figment itself, so that its magic works: paths relative to the file.
    fn extract<C: DeserializeOwned>(&self, dict: &Dict) -> Result<C, Box<figment::Error>> {
        // Focusing on what is not there leaves a figment without values, but with the profile and
        // the sources that the values in `dict` refer to.
        self.figment.focus(NOWHERE).merge(Values(dict)).extract().map_err(Box::new)
    }

    /// Whether an unknown variant at `path` is a key, as in `{ scheem = "Bearer" }`.
    fn is_key(&self, path: &[String], kind: &Kind) -> bool {
        let Kind::UnknownVariant(variant, _) = kind else { return false };
        let value = self.find(path).and_then(Value::as_str);
        path.last() == Some(variant) && value != Some(variant)
    }

    /// Says where a missing key belongs.
    fn with_place_to_add(&self, problem: Problem, kind: &Kind, path: &[String]) -> Problem {
        let (Kind::MissingField(_), [tables @ .., _]) = (kind, path) else { return problem };
        let held = self.home().map(|tag| self.profile_of(tag));
        // The environment is in every profile; a file says so with `default`.
        let profile = held.filter(|held| *held != Profile::Global).unwrap_or_default();
        let table = tables.iter().fold(self.path.clone(), |table, name| format!("{table}.{name}"));
        Problem { remedy: format!("add it to `[{profile}.{table}]`"), ..problem }
    }
}

/// Values that keep the tags they have.
struct Values<'a>(&'a Dict);

impl Provider for Values<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("passport")
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Global.collect(self.0.clone()))
    }
}

/// Takes out what stands at `path`; false if nothing does.
fn remove(dict: &mut Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [name] => dict.remove(name).is_some(),
        [name, rest @ ..] => dict.get_mut(name).is_some_and(|value| remove_in(value, rest)),
    }
}

fn remove_in(value: &mut Value, path: &[String]) -> bool {
    let list = match value {
        Value::Dict(_, dict) => return remove(dict, path),
        Value::Array(_, list) => list,
        _ => return false,
    };
    let Some((index, rest)) = path.split_first() else { return false };
    match index.parse::<usize>().ok().filter(|index| *index < list.len()) {
        Some(index) if rest.is_empty() => {
            list.remove(index);
            true
        }
        Some(index) => list.get_mut(index).is_some_and(|entry| remove_in(entry, rest)),
        None => false,
    }
}

/// A key that no table has.
const NOWHERE: &str = "\0";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use figment::Figment;
    use figment::providers::{Format, Toml};
    use figment::value::magic::RelativePathBuf;
    use serde::Deserialize;

    use super::super::table::tests::Environment;
    use super::*;
    use crate::secret::Secret;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Config {
        algorithm: Algorithm,
        secret: Option<Secret<String>>,
        audience: Option<String>,
        #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
        expires_in: Option<Duration>,
        max_token_size: Option<u16>,
        #[serde(default)]
        types: Vec<String>,
        #[serde(default)]
        token_from: Vec<Place>,
        #[serde(default)]
        limits: Limits,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    enum Algorithm {
        HS256,
        RS256,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code)]
    enum Place {
        Scheme(String),
        Cookie(String),
    }

    #[derive(Debug, Deserialize, Default)]
    #[serde(deny_unknown_fields, default)]
    #[allow(dead_code)]
    struct Limits {
        attempts: u8,
        window: Option<Window>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Window {
        length: u64,
        name: String,
    }

    fn table(figment: &Figment) -> Table {
        Table::new(figment, "passport.jwt")
    }

    fn toml(text: &str) -> Figment {
        Figment::from(Toml::string(&format!("[passport.jwt]\n{text}")))
    }

    fn mistakes(figment: &Figment) -> Vec<(String, String, String)> {
        let mistakes = table(figment).read::<Config>().unwrap_err();
        mistakes.into_iter().map(|m| (m.key, m.problem, m.remedy)).collect()
    }

    fn mistake(key: &str, problem: &str, remedy: &str) -> (String, String, String) {
        (format!("passport.jwt.{key}"), problem.into(), remedy.into())
    }

    #[test]
    fn reads_a_whole_table() {
        let figment =
            toml("algorithm = 'HS256'\nexpires_in = '4h'\ntoken_from = [{ cookie = 'a' }]");
        let config: Config = table(&figment).read().unwrap();
        assert_eq!(config.algorithm, Algorithm::HS256);
        assert_eq!(config.expires_in, Some(Duration::from_secs(4 * 3600)));
    }

    #[test]
    fn reads_an_absent_table_like_an_empty_one() {
        let absent = Figment::new();
        assert!(table(&absent).read::<Limits>().is_ok());
        assert_eq!(
            mistakes(&absent),
            [mistake("algorithm", "missing", "add it to `[default.passport.jwt]`")]
        );
    }

    #[test]
    fn reports_every_mistake_at_every_level() {
        let figment = toml(
            r#"
            algorithm = "HS265"
            audiance = "tidal-api"
            expires_in = "1 month"
            harbour = "Dover"
            max_token_size = 70000
            secret = 471147114711
            types = ["JWT", 4711, "a", true]
            token_from = [{ scheme = "Bearer" }, { scheem = "JWT" }, { cookie = 5 }, 6]
            [passport.jwt.limits]
            attempts = "many"
            atempts = 3
            window = { length = 5 }
            "#,
        );
        let found = mistakes(&figment);
        let expected = [
            mistake("algorithm", "unknown value", "did you mean `HS256`?"),
            mistake("audiance", "unknown key", "did you mean `audience`?"),
            mistake("expires_in", "a month has no fixed length: count in days", ""),
            mistake(
                "harbour",
                "unknown key",
                "known keys: `algorithm`, `secret`, `audience`, `expires_in`, `max_token_size`, \
                 `types`, `token_from`, `limits`",
            ),
            mistake("limits.atempts", "unknown key", "did you mean `attempts`?"),
            mistake(
                "limits.attempts",
                "expected a whole number from 0 to 255, found a string",
                "leave out the quotes",
            ),
            mistake(
                "limits.window.name",
                "missing",
                "add it to `[default.passport.jwt.limits.window]`",
            ),
            mistake("max_token_size", "invalid value: expected a whole number from 0 to 65535", ""),
            mistake("secret", "a number: put the value in quotes", ""),
            mistake("token_from[1].scheem", "unknown key", "did you mean `scheme`?"),
            mistake(
                "token_from[2].cookie",
                "expected a string, found a number",
                "put the value in quotes",
            ),
            mistake("token_from[3]", "expected a name, found a number", "put the value in quotes"),
            mistake("types[1]", "expected a string, found a number", "put the value in quotes"),
            mistake("types[3]", "expected a string, found a boolean", "put the value in quotes"),
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn does_not_report_as_missing_what_is_wrong() {
        let figment = toml("algorithm = ['HS256']\nexpires_in = -1");
        assert_eq!(
            mistakes(&figment),
            [
                mistake("algorithm", "expected a name, found a list", ""),
                mistake("expires_in", "a negative duration: leave out the sign", ""),
            ]
        );
    }

    #[test]
    fn merges_the_environment_key_by_key() {
        let figment = toml("algorithm = 'RS256'\naudience = 'tidal-api'\nsecret = 'from the file'")
            .merge(Environment(r#"{jwt={secret="from the environment", types=[JWT]}}"#));
        let config: Config = table(&figment).read().unwrap();
        assert_eq!(config.audience.as_deref(), Some("tidal-api"));
        assert_eq!(config.secret.unwrap().expose(), "from the environment");
        assert_eq!(config.types, ["JWT"]);
    }

    #[test]
    fn names_the_source_and_profile_of_each_key() {
        let toml = "[default.passport.jwt]\nalgorithm = 5\n[debug.passport.jwt]\naudience = 5";
        let figment = Figment::from(Toml::string(toml).nested())
            .merge(Environment("{jwt={secret=00471147114711}}"))
            .select("debug");
        let mistakes = table(&figment).read::<Config>().unwrap_err();
        let places: Vec<_> =
            mistakes.iter().map(|m| (&*m.key, &*m.profile, m.source.as_deref().unwrap())).collect();
        assert_eq!(
            places,
            [
                ("passport.jwt.algorithm", "default", "TOML source string"),
                ("passport.jwt.audience", "debug", "TOML source string"),
                ("passport.jwt.secret", "global", "the environment (ROCKET_PASSPORT)"),
            ]
        );
    }

    #[test]
    fn never_takes_a_number_for_a_name() {
        let places = [
            toml("algorithm = 0"),
            toml("algorithm = 256"),
            Figment::from(Environment("{jwt={algorithm=0}}")),
            Figment::from(Environment("{jwt={algorithm=256}}")),
        ];
        for figment in places {
            assert_eq!(
                mistakes(&figment),
                [mistake(
                    "algorithm",
                    "expected a name, found a number",
                    "put the value in quotes"
                )]
            );
        }
    }

    // Trap 19
    #[test]
    fn never_shows_a_value() {
        let secrets = ["hunter2-hunter2", "4711471147114711"];
        let tables = [
            // Wrong types.
            "secret = 4711471147114711",
            "secret = -4711471147114711",
            "secret = 4711471147114711.5",
            "secret = ['hunter2-hunter2']",
            "secret = { value = 'hunter2-hunter2' }",
            "secret = 2026-11-23T07:25:00Z",
            "algorithm = 'hunter2-hunter2'",
            "algorithm = 4711471147114711",
            "algorithm = { hunter = 'hunter2-hunter2' }",
            "audience = ['hunter2-hunter2']",
            "expires_in = 'hunter2-hunter2'",
            "expires_in = 4711471147114711",
            "max_token_size = 'hunter2-hunter2'",
            "max_token_size = 4711471147114711",
            "types = 'hunter2-hunter2'",
            "token_from = ['hunter2-hunter2']",
            "token_from = [4711471147114711]",
            "limits = 'hunter2-hunter2'",
            // An unknown key, with a secret beside it.
            "secrets = 'hunter2-hunter2'",
            "secrets = 4711471147114711",
            "secret = 'hunter2-hunter2'\naudiance = 'a'",
            // Nothing but a secret.
            "secret = 'hunter2-hunter2'",
        ];
        let environments = [
            "{jwt={secret=4711471147114711}}",
            "{jwt={secret=hunter2-hunter2, audiance=a}}",
            "{jwt={secret=[hunter2-hunter2]}}",
            "{jwt={secret={a=hunter2-hunter2}}}",
            "{jwt=hunter2-hunter2}",
            "{jwt={secret=hunter2-hunter2}",
            "{jwt={secret=\"hunter2-hunter2}}",
            "{jwt={secret=hunter2-hunter2, secret=4711471147114711}}",
            "hunter2-hunter2",
        ];
        let figments = tables.into_iter().map(toml);
        for figment in figments.chain(environments.map(|text| Figment::from(Environment(text)))) {
            let mistakes = table(&figment).read::<Config>().unwrap_err();
            let shown = mistakes.iter().map(|m| format!("{m} {m:?}")).collect::<String>();
            assert!(!mistakes.is_empty());
            assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
            assert!(!shown.contains("4711") && !shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn withholds_the_message_of_a_careless_type() {
        #[derive(Debug)]
        struct Careless;
        impl<'de> Deserialize<'de> for Careless {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Err(serde::de::Error::custom(format!("cannot use {text:?}")))
            }
        }
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Careful {
            key: Careless,
        }
        let mistakes = table(&toml("key = 'hunter2'")).read::<Careful>().unwrap_err();
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].key, "passport.jwt.key");
        assert_eq!(mistakes[0].problem, "invalid value");
    }

    #[test]
    fn says_when_there_is_no_table() {
        let figment = Figment::from(Environment("{jwt={secret=hunter2}"));
        let root = Table::new(&figment, "passport").read::<Limits>().unwrap_err();
        assert_eq!(root[0].key, "passport");
        assert_eq!(root[0].problem, "expected a table, found a string");
        assert!(root[0].remedy.contains("a brace or a quote that is left open"));
    }

    #[test]
    fn refuses_an_unreadable_configuration() {
        let mistakes = table(&toml("secret = 'a'\nsecret = 'b'")).read::<Limits>().unwrap_err();
        assert_eq!(mistakes[0].problem, "the configuration cannot be read");
    }

    #[test]
    fn resolves_paths_against_the_file() {
        #[derive(Deserialize)]
        struct Package {
            readme: RelativePathBuf,
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let figment = Figment::from(Toml::file(folder.join("Cargo.toml")));
        let package: Package = Table::new(&figment, "package").read().unwrap();
        assert_eq!(package.readme.relative(), folder.join("../README.md"));
    }
}

//! One table of the configuration.

use std::fmt;

use figment::value::{Dict, Tag, Value};
use figment::{Figment, Profile, Source};

use super::mistake::Mistake;
use super::problem::Problem;
use crate::one_line::legible;

/// One table of the configuration, `passport` or `passport.<strategy>`, as the selected profile
/// sees it: file, environment and whatever else the application's figment is made of.
///
/// ```
/// use passport_rocket::config::Table;
/// use rocket::figment::{Figment, providers::{Format, Toml}};
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Config { code: String }
///
/// let figment = Figment::from(Toml::string("[passport.invitation]\ncodes = 12"));
/// let mistakes = Table::new(&figment, "passport.invitation").read::<Config>().unwrap_err();
/// assert_eq!(mistakes[0].key, "passport.invitation.codes");
/// assert_eq!(mistakes[0].remedy, "did you mean `code`?");
/// assert_eq!(mistakes[1].problem, "missing");
/// ```
#[derive(Clone)]
pub struct Table {
    pub(super) figment: Figment,
    pub(super) path: String,
    pub(super) content: Content,
}

#[derive(Clone)]
pub(super) enum Content {
    Absent,
    Table(Tag, Dict),
    /// A string, say, where the table should be.
    Other(Value),
    /// A provider failed: nothing is known.
    Unreadable,
}

impl Table {
    /// The table at `path`. What follows the first dot is the name of a strategy, dots and all.
    #[must_use]
    pub fn new(figment: &Figment, path: &str) -> Self {
        let content = match figment.find_value("") {
            Err(_) => Content::Unreadable,
            Ok(root) => match path.splitn(2, '.').try_fold(&root, |value, key| child(value, key)) {
                None => Content::Absent,
                Some(Value::Dict(tag, dict)) => Content::Table(*tag, dict.clone()),
                Some(other) => Content::Other(other.clone()),
            },
        };
        Self { figment: figment.clone(), path: path.to_owned(), content }
    }

    /// Where it stands: `passport.jwt`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether there is anything at its path.
    #[must_use]
    pub fn is_present(&self) -> bool {
        !matches!(self.content, Content::Absent)
    }

    /// The keys in it, and whether each holds a table.
    pub fn keys(&self) -> impl Iterator<Item = (&str, bool)> {
        self.dict().into_iter().flatten().map(|(key, value)| (&**key, is_table(value)))
    }

    /// The selected profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        self.figment.profile()
    }

    /// Whether the debug profile is selected.
    #[must_use]
    pub fn is_debug(&self) -> bool {
        *self.profile() == rocket::Config::DEBUG_PROFILE
    }

    /// A mistake at a key of the table, with the place and profile of that key, or of the table
    /// where the key is absent. The empty key is the table itself.
    #[must_use]
    pub fn mistake(
        &self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Mistake {
        let exact = [key.to_owned()];
        let path: Vec<_> = match self.dict().is_some_and(|dict| dict.contains_key(key)) {
            true => exact.into(),
            false => key.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
        };
        self.mistake_at(&path, Problem { problem: problem.into(), remedy: remedy.into() })
    }

    pub(super) fn not_a_table(&self, value: &Value) -> Mistake {
        let found = match value {
            Value::String(..) | Value::Char(..) => "a string",
            Value::Num(..) => "a number",
            Value::Bool(..) => "a boolean",
            Value::Array(..) => "a list",
            Value::Empty(..) | Value::Dict(..) => "nothing",
        };
        let remedy = match self.source_of(value.tag()) {
            // An unbalanced brace or quote turns the whole value into a string.
            Some(source) if source.starts_with(ENVIRONMENT) => {
                "write it as `{key=value, …}` and look for a brace or a quote that is left open"
            }
            _ => "write it as a table",
        };
        self.mistake("", format!("expected a table, found {found}"), remedy)
    }

    pub(super) fn unreadable(&self) -> Mistake {
        self.mistake("", "the configuration cannot be read", "look for a mistake in its syntax")
    }

    pub(super) fn mistake_at(&self, path: &[String], problem: Problem) -> Mistake {
        let tag = self.find(path).map(Value::tag).or_else(|| self.home());
        let mut key = self.path.clone();
        for (depth, name) in path.iter().enumerate() {
            match path.get(..depth).and_then(|holder| self.find(holder)) {
                Some(Value::Array(..)) => key.push_str(&format!("[{name}]")),
                _ => key.push_str(&format!(".{}", legible(name))),
            }
        }
        Mistake {
            key,
            profile: tag.map_or(self.profile().clone(), |tag| self.profile_of(tag)).to_string(),
            source: tag.map(|tag| self.source_of(tag).unwrap_or_else(|| "the program".into())),
            problem: problem.problem,
            remedy: problem.remedy,
        }
    }

    fn dict(&self) -> Option<&Dict> {
        match &self.content {
            Content::Table(_, dict) => Some(dict),
            Content::Absent | Content::Other(_) | Content::Unreadable => None,
        }
    }

    pub(super) fn find(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.dict()?.get(first)?, |value, key| child(value, key))
    }

    /// The place of the table itself. A table that stands in a file and in the environment is at
    /// home in the file, where keys are added.
    pub(super) fn home(&self) -> Option<Tag> {
        match &self.content {
            Content::Table(tag, dict) => {
                let mut tags = dict.values().map(Value::tag);
                Some(tags.find(|tag| self.is_in_file(*tag)).unwrap_or(*tag))
            }
            Content::Other(value) => Some(value.tag()),
            Content::Absent | Content::Unreadable => None,
        }
    }

    fn is_in_file(&self, tag: Tag) -> bool {
        let source = self.figment.get_metadata(tag).and_then(|metadata| metadata.source.as_ref());
        matches!(source, Some(Source::File(_)))
    }

    /// The profile that holds a value: not always the selected one.
    pub(super) fn profile_of(&self, tag: Tag) -> Profile {
        tag.profile().unwrap_or_else(|| self.profile().clone())
    }

    fn source_of(&self, tag: Tag) -> Option<String> {
        let metadata = self.figment.get_metadata(tag)?;
        if let Some(source) = &metadata.source {
            return Some(source.to_string());
        }
        if !metadata.name.contains("environment variable") {
            return Some(metadata.name.to_string());
        }
        // figment names the provider "`ROCKET_` environment variable(s)".
        let prefix = metadata.name.split('`').nth(1).unwrap_or_default();
        let key = self.path.split('.').next().unwrap_or_default().to_uppercase();
        Some(format!("{ENVIRONMENT} ({prefix}{key})"))
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys().map(|(key, _)| key).collect();
        f.debug_struct("Table").field("path", &self.path).field("keys", &keys).finish()
    }
}

fn child<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Dict(_, dict) => dict.get(key),
        Value::Array(_, list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

fn is_table(value: &Value) -> bool {
    matches!(value, Value::Dict(..))
}

const ENVIRONMENT: &str = "the environment";

#[cfg(test)]
pub(super) mod tests {
    use figment::providers::{Format, Serialized, Toml};
    use figment::value::Map;
    use figment::{Metadata, Provider};

    use super::*;

    /// Shaped like Rocket's provider of the environment, without the environment.
    pub(in crate::config) struct Environment(pub(in crate::config) &'static str);

    impl Provider for Environment {
        fn metadata(&self) -> Metadata {
            Metadata::named("`ROCKET_` environment variable(s)")
        }

        fn data(&self) -> figment::Result<Map<Profile, Dict>> {
            let value = self.0.parse().unwrap();
            Ok(Profile::Global.collect(Dict::from([("passport".to_owned(), value)])))
        }
    }

    #[test]
    fn our_environment_is_shaped_like_figments() {
        let metadata = figment::providers::Env::prefixed("ROCKET_").global().metadata();
        assert_eq!(metadata, Environment("").metadata());
    }

    fn figment() -> Figment {
        let toml = "[default.passport.jwt]\nissuer = 'a'\n[debug.passport.jwt]\naudience = 'b'\n\
                    [release.passport.jwt]\nkey = 'c'\n[default.passport.\"my.jwt\"]\nkey = 'd'";
        Figment::from(Toml::string(toml).nested())
            .merge(Environment("{jwt={secret=hunter2, list=[{a=1}]}}"))
            .select("debug")
    }

    #[test]
    fn sees_what_the_profile_sees() {
        let table = Table::new(&figment(), "passport.jwt");
        let keys: Vec<_> = table.keys().collect();
        let expected = [("audience", false), ("issuer", false), ("list", false), ("secret", false)];
        assert_eq!(keys, expected);
        assert!(table.is_present() && table.is_debug());
        assert_eq!(table.path(), "passport.jwt");

        let root = Table::new(&figment(), "passport");
        assert_eq!(root.keys().collect::<Vec<_>>(), [("jwt", true), ("my.jwt", true)]);
        let release = Table::new(&figment().select("release"), "passport.jwt");
        assert!(!release.is_debug() && release.keys().any(|(key, _)| key == "key"));
    }

    #[test]
    fn finds_names_with_dots() {
        let table = Table::new(&figment(), "passport.my.jwt");
        assert_eq!(table.keys().collect::<Vec<_>>(), [("key", false)]);
        let root = Table::new(&figment(), "passport");
        assert_eq!(root.mistake("my.jwt", "", "").profile, "default");
    }

    #[test]
    fn locates_a_mistake_in_profile_and_source() {
        let table = Table::new(&figment(), "passport.jwt");
        let place = |key| {
            let mistake = table.mistake(key, "wrong", "right");
            (mistake.key, mistake.profile, mistake.source.unwrap())
        };
        let string = "TOML source string".to_owned();
        let environment = "the environment (ROCKET_PASSPORT)".to_owned();
        let key = |key: &str| format!("passport.jwt{key}");
        assert_eq!(place("issuer"), (key(".issuer"), "default".into(), string.clone()));
        assert_eq!(place("audience"), (key(".audience"), "debug".into(), string));
        assert_eq!(place("secret"), (key(".secret"), "global".into(), environment.clone()));
        assert_eq!(place("list.0.a"), (key(".list[0].a"), "global".into(), environment.clone()));
        assert_eq!(place("absent"), (key(".absent"), "global".into(), environment.clone()));
        assert_eq!(place(""), (key(""), "global".into(), environment));
    }

    #[test]
    fn is_at_home_in_the_file() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let figment = Figment::from(Toml::file(file)).merge(Environment("{jwt={a=1}}"));
        let table = Table::new(&figment, "package");
        let mistake = table.mistake("absent", "wrong", "");
        assert!(mistake.source.unwrap().ends_with("Cargo.toml"));
    }

    #[test]
    fn locates_an_absent_table_nowhere() {
        let table = Table::new(&figment(), "passport.session");
        assert!(!table.is_present());
        let mistake = table.mistake("key", "missing", "");
        assert_eq!((&*mistake.profile, mistake.source), ("debug", None));
    }

    #[test]
    fn names_a_program_as_the_source() {
        let figment = Figment::from(Serialized::global("passport.jwt.issuer", "a"));
        let source = Table::new(&figment, "passport.jwt").mistake("issuer", "", "").source;
        assert!(source.unwrap().contains("table.rs"));
    }

    #[test]
    fn debug_shows_names_only() {
        let table = Table::new(&figment(), "passport.jwt");
        assert_eq!(
            format!("{table:?}"),
            r#"Table { path: "passport.jwt", keys: ["audience", "issuer", "list", "secret"] }"#
        );
    }

    #[test]
    fn keeps_keys_legible() {
        let toml = format!("[passport.jwt]\n\"a\\nb\" = 1\n{} = 2", "x".repeat(70));
        let table = Table::new(&Figment::from(Toml::string(&toml)), "passport.jwt");
        assert_eq!(table.mistake("a\nb", "", "").key, "passport.jwt.a\\nb");
        let long = table.mistake(&"x".repeat(70), "", "").key;
        assert_eq!(long, format!("passport.jwt.{}…", "x".repeat(64)));
    }
}

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
            let mut path = error.path.clone();
            match &error.kind {
                Kind::MissingField(name) => path.push(name.clone().into_owned()),
                Kind::DuplicateField(name) => path.push((*name).to_owned()),
                _ => {}
            }
            // That a key is missing which was taken out is no mistake of its own.
            if !removed.contains(&path) {
                let problem = Problem::of(&error.kind, self.is_key(&path, &error.kind), &whole);
                mistakes.push(self.mistake_at(&path, self.with_place_to_add(problem, &error.kind)));
            }
            if error.missing() {
                path.pop();
            }
            let Some(length) = remove(&mut rest, &path) else { return (None, mistakes) };
            path.truncate(length);
            removed.push(path);
        }
    }

    /// Deserializes `dict` by figment itself, so that its magic works: paths relative to the file.
    fn extract<C: DeserializeOwned>(&self, dict: &Dict) -> figment::Result<C> {
        // Focusing on what is not there leaves a figment without values, but with the profile and
        // the sources that the values in `dict` refer to.
        self.figment.focus(NOWHERE).merge(Values(dict)).extract()
    }

    /// Whether an unknown variant at `path` is a key, as in `{ scheem = "Bearer" }`.
    fn is_key(&self, path: &[String], kind: &Kind) -> bool {
        let Kind::UnknownVariant(variant, _) = kind else { return false };
        let value = self.find(path).and_then(Value::as_str);
        path.last() == Some(variant) && value != Some(variant)
    }

    fn with_place_to_add(&self, problem: Problem, kind: &Kind) -> Problem {
        match kind {
            Kind::MissingField(_) => {
                let profile = self.home().map_or(Profile::Default, |tag| self.profile_of(tag));
                let profile = match profile == Profile::Global {
                    true => Profile::Default,
                    false => profile,
                };
                Problem { remedy: format!("add it to `[{profile}.{}]`", self.path), ..problem }
            }
            _ => problem,
        }
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

/// Takes out what stands at `path`, and says how much of the path that was: an entry of a list takes
/// the list with it, since the entries behind it would move up and be reported under wrong numbers.
fn remove(dict: &mut Dict, path: &[String]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return dict.remove(first).map(|_| 1);
    }
    match dict.get_mut(first)? {
        Value::Dict(_, inner) => remove(inner, rest).map(|length| length + 1),
        Value::Array(_, list) => {
            let (index, rest) = rest.split_first()?;
            match list.get_mut(index.parse::<usize>().ok()?) {
                Some(Value::Dict(_, inner)) if !rest.is_empty() => {
                    remove(inner, rest).map(|length| length + 2)
                }
                _ => dict.remove(first).map(|_| 1),
            }
        }
        _ => None,
    }
}

/// A key that no table has.
const NOWHERE: &str = "\0";

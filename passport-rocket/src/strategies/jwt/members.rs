//! The names of a JSON object's members, so that none is there twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use smallvec::SmallVec;

/// A member's name, borrowed from the JSON text unless it has an escape.
pub(super) struct Name<'j>(pub(super) Cow<'j, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Self)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// The names seen so far, in order. Most objects are small, so the first ones are compared one by
/// one; more are looked up in a set, since comparing each with each would let a long header cost a
/// millisecond.
#[derive(Default)]
pub(super) struct Members<'j> {
    names: SmallVec<[Cow<'j, str>; FEW]>,
    set: HashSet<Cow<'j, str>>,
}

impl<'j> Members<'j> {
    /// Notes a name; `false` when it was there before.
    #[must_use]
    pub(super) fn insert(&mut self, name: Cow<'j, str>) -> bool {
        let is_new = match self.names.len() {
            0..FEW => !self.names.contains(&name),
            FEW => {
                self.set = self.names.iter().cloned().collect();
                self.set.insert(name.clone())
            }
            _ => self.set.insert(name.clone()),
        };
        self.names.push(name);
        is_new
    }

    /// The name that was noted last.
    pub(super) fn last(&self) -> Option<&Cow<'j, str>> {
        self.names.last()
    }
}

const FEW: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    // R05
    #[test]
    fn finds_every_repetition() {
        let names: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let mut members = Members::default();
        for name in &names {
            assert!(members.insert(Cow::Borrowed(name)), "{name}");
        }
        for name in &names {
            assert!(!members.insert(Cow::Owned(name.clone())), "{name}");
        }
        assert!(members.insert(Cow::Borrowed("")));
        assert!(!members.insert(Cow::Borrowed("")));
    }
}

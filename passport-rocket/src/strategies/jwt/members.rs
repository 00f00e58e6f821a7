//! The names of a JSON object's members, so that none is there twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

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

/// The names seen so far: the first ones in place, since most objects are small; more in a set,
/// since comparing each with each would let a long header cost a millisecond.
pub(super) struct Members<'j> {
    few: [Cow<'j, str>; FEW],
    count: usize,
    many: HashSet<Cow<'j, str>>,
}

impl<'j> Members<'j> {
    pub(super) fn new() -> Self {
        Self { few: [const { Cow::Borrowed("") }; FEW], count: 0, many: HashSet::new() }
    }

    /// Notes a name; `false` when it was there before.
    #[must_use]
    pub(super) fn insert(&mut self, name: Cow<'j, str>) -> bool {
        if self.few.iter().take(self.count).any(|seen| *seen == name) {
            return false;
        }
        match self.few.get_mut(self.count) {
            Some(place) => {
                *place = name;
                self.count += 1;
                true
            }
            None => self.many.insert(name),
        }
    }
}

const FEW: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    // R05
    #[test]
    fn finds_every_repetition() {
        let mut members = Members::new();
        let names: Vec<String> = (0..100).map(|number| number.to_string()).collect();
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

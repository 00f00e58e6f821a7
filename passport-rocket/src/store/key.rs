//! Where an entry stands, and whose it is; names are hashed from the start.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use aws_lc_rs::digest;
use smallvec::SmallVec;

/// A kind of things that are remembered: the sessions of one strategy, for instance.
///
/// ```
/// use passport_rocket::store::Space;
///
/// let invitations = Space::new("invitation").expendable();
/// assert_eq!(invitations.name(), "invitation");
/// ```
#[derive(Clone)]
pub struct Space(Arc<Kind>);

#[derive(Clone)]
struct Kind {
    name: Cow<'static, str>,
    watched: bool,
    expendable: bool,
}

impl Space {
    /// A space of this name, which holds no NUL. Two spaces of one name are one; begin it with the
    /// name of the strategy.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Kind { name: name.into(), watched: false, expendable: false }))
    }

    /// Keeps a record of what changes in it, for [`changes`](super::Adapter::changes). It makes
    /// writes dearer: they queue for a number.
    #[must_use]
    pub fn watched(self) -> Self {
        Self(Arc::new(Kind { watched: true, ..Kind::clone(&self.0) }))
    }

    /// Says that the loss of an entry lets nobody in: a store without room may give them up, those
    /// that nobody owns first, and of them the one that ends soonest. A lost session signs somebody out; a lost revocation would let somebody back in.
    #[must_use]
    pub fn expendable(self) -> Self {
        Self(Arc::new(Kind { expendable: true, ..Kind::clone(&self.0) }))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether changes are recorded.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.0.watched
    }

    /// Whether an entry may be given up for room.
    #[must_use]
    pub fn is_expendable(&self) -> bool {
        self.0.expendable
    }
}

/// By name: what it is for is said where it is written to.
impl PartialEq for Space {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Space {}

impl Hash for Space {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Space").field(&self.name()).finish()
    }
}

/// Where an entry stands: a space, and the SHA-256 of a name in it.
///
/// ```
/// use passport_rocket::store::{Key, Space};
///
/// let space = Space::new("invitation");
/// let key = Key::new(&space, "a code that nobody guesses");
/// assert_eq!(key, Key::new(&space, "a code that nobody guesses"));
/// assert_ne!(key, Key::new(&Space::new("other"), "a code that nobody guesses"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    space: Space,
    hash: [u8; 32],
}

impl Key {
    /// The key of `name`. The name may let somebody in: it is hashed, and forgotten.
    #[must_use]
    pub fn new(space: &Space, name: impl AsRef<[u8]>) -> Self {
        Self { space: space.clone(), hash: hash("key", space, name.as_ref()) }
    }

    /// The key with this hash, as an adapter reads it back.
    #[must_use]
    pub fn from_hash(space: &Space, hash: [u8; 32]) -> Self {
        Self { space: space.clone(), hash }
    }

    /// The space it stands in.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// What an adapter stores in place of the name.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("space", &self.space.name()).finish_non_exhaustive()
    }
}

/// Whose an entry is, in one space: a space, and the SHA-256 of an id.
///
/// ```
/// use passport_rocket::store::{Owner, Space};
///
/// let space = Space::new("session");
/// assert_eq!(Owner::new(&space, "7"), Owner::new(&space, "7"));
/// assert_ne!(Owner::new(&space, "7"), Owner::new(&space, "8"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    space: Space,
    hash: [u8; 32],
}

impl Owner {
    /// Who has this id.
    #[must_use]
    pub fn new(space: &Space, id: impl AsRef<[u8]>) -> Self {
        Self { space: space.clone(), hash: hash("owner", space, id.as_ref()) }
    }

    /// The space in which they own something.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// What an adapter stores in place of the id.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner").field("space", &self.space.name()).finish_non_exhaustive()
    }
}

/// No two of (use, space, name) make one text: the name of a space has no NUL.
fn hash(used_as: &str, space: &Space, name: &[u8]) -> [u8; 32] {
    // In one piece, and on the stack: that is half of what it costs.
    let mut text = SmallVec::<[u8; 128]>::new();
    for part in [used_as.as_bytes(), b"\0", space.name().as_bytes(), b"\0", name] {
        text.extend_from_slice(part);
    }
    let mut hash = [0; 32];
    // SHA-256 has 32 bytes; were there fewer, the rest would stay 0.
    let digest = digest::digest(&digest::SHA256, &text);
    for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_its_space_and_no_owner_is_a_key() {
        let (one, other) = (Space::new("one"), Space::new("other"));
        assert_ne!(Key::new(&one, "a").hash(), Key::new(&other, "a").hash());
        assert_ne!(Key::new(&one, "a").hash(), Owner::new(&one, "a").hash());
        assert_eq!(Key::new(&one, "a"), Key::from_hash(&one, *Key::new(&one, "a").hash()));
    }

    // O02
    #[test]
    fn debug_shows_neither_name_nor_hash() {
        let space = Space::new("session");
        assert_eq!(format!("{:?}", Key::new(&space, "a")), r#"Key { space: "session", .. }"#);
        assert_eq!(format!("{:?}", Owner::new(&space, "a")), r#"Owner { space: "session", .. }"#);
    }

    #[test]
    fn what_a_space_is_for_does_not_change_its_keys() {
        let plain = Space::new("one");
        let other = Space::new("one").watched().expendable();
        assert_eq!(Key::new(&plain, "a"), Key::new(&other, "a"));
        assert_eq!(Owner::new(&plain, "a"), Owner::new(&other, "a"));
    }
}

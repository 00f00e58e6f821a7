//! What changed in a watched space.

use super::{Found, Key};

/// How far somebody has read in the changes of a space.
///
/// ```
/// use passport_rocket::store::Cursor;
///
/// let cursor = Cursor::new(4711, 3);
/// assert_eq!((cursor.life(), cursor.number()), (4711, 3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    life: i64,
    number: i64,
}

impl Cursor {
    /// Behind the change `number` in this life of the store.
    #[must_use]
    pub const fn new(life: i64, number: i64) -> Self {
        Self { life, number }
    }

    /// Which life of the store it is of: one that lost everything begins another, at random.
    #[must_use]
    pub const fn life(self) -> i64 {
        self.life
    }

    /// The number of the last change that was read.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.number
    }
}

/// What changed, and where to go on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Changes {
    /// The entries that were written or deleted, each as it is now.
    pub changed: Vec<Change>,
    /// For the next call.
    pub cursor: Cursor,
    /// Whether `changed` is all there is: what the reader knew before is void.
    pub is_everything: bool,
}

impl Changes {
    /// Some changes.
    #[must_use]
    pub fn some(changed: Vec<Change>, cursor: Cursor) -> Self {
        Self { changed, cursor, is_everything: false }
    }

    /// All there is.
    #[must_use]
    pub fn everything(changed: Vec<Change>, cursor: Cursor) -> Self {
        Self { changed, cursor, is_everything: true }
    }
}

/// One entry that changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// Where it stands.
    pub key: Key,
    /// What stands there; `None` when nothing does any more.
    pub found: Option<Found>,
}

impl Change {
    /// `key` holds `found` now.
    #[must_use]
    pub fn new(key: Key, found: Option<Found>) -> Self {
        Self { key, found }
    }
}

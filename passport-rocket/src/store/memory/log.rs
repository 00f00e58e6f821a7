//! What a watched space remembers of its changes.

use std::collections::{BTreeMap, HashMap};

use super::Hash;

/// The changes of one space.
#[derive(Default)]
pub(super) struct Log {
    pub(super) last: i64,
    /// Which entry changed, by the number of its last change; whether it is still there, `rows` says.
    pub(super) changes: BTreeMap<i64, Hash>,
    /// The deleted ones among them.
    pub(super) deleted: BTreeMap<i64, Hash>,
    pub(super) numbers: HashMap<Hash, i64>,
    /// Deletions up to this one are forgotten.
    pub(super) forgotten: i64,
}

impl Log {
    pub(super) fn note(&mut self, hash: Hash) -> i64 {
        self.forget(&hash);
        self.last += 1;
        self.changes.insert(self.last, hash);
        self.numbers.insert(hash, self.last);
        self.last
    }

    pub(super) fn note_deleted(&mut self, hash: Hash) {
        let number = self.note(hash);
        self.deleted.insert(number, hash);
        if self.deleted.len() > DELETIONS
            && let Some((number, hash)) = self.deleted.pop_first()
        {
            self.changes.remove(&number);
            self.numbers.remove(&hash);
            self.forgotten = number;
        }
    }

    pub(super) fn forget(&mut self, hash: &Hash) {
        if let Some(number) = self.numbers.remove(hash) {
            self.changes.remove(&number);
            self.deleted.remove(&number);
        }
    }
}

/// How many deletions a watched space remembers; who has missed one reads everything anew.
pub(super) const DELETIONS: usize = 4096;

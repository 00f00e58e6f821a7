//! What the keys of Redis are called.

use std::io::Write;

use redis::{RedisWrite, ToRedisArgs};

use crate::store::{Key, Owner, Space};

/// A key of Redis. It is written straight into a command, since a read should allocate no more than
/// it must.
///
/// The braces keep a space together, should somebody ever divide them among several servers. Next to
/// these there are three names that only the scripts use: `changes`, `ends` and `deleted`.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    /// An entry.
    Entry(&'a Key),
    /// What somebody owns: a sorted set of hashes, by their ends.
    Owned(&'a Owner),
    /// How far the changes of a watched space have come: a hash.
    Log(&'a Space),
}

impl<'a> Name<'a> {
    pub(super) fn space(self) -> &'a Space {
        match self {
            Self::Entry(key) => key.space(),
            Self::Owned(owner) => owner.space(),
            Self::Log(space) => space,
        }
    }

    pub(super) fn len(self) -> usize {
        let rest = match self {
            Self::Entry(_) | Self::Owned(_) => 33,
            Self::Log(_) => 3,
        };
        BEGIN.len() + self.space().name().len() + END.len() + rest
    }
}

impl ToRedisArgs for Name<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        let mut out = out.writer_for_next_arg();
        // It writes to memory, which does not fail.
        let mut write = |bytes| drop(out.write_all(bytes));
        write(BEGIN);
        write(self.space().name().as_bytes());
        write(END);
        match self {
            Self::Entry(key) => {
                write(b"e");
                write(key.hash());
            }
            Self::Owned(owner) => {
                write(b"o");
                write(owner.hash());
            }
            Self::Log(_) => write(b"log"),
        }
    }
}

/// What all keys of a space begin with.
pub(super) fn prefix(space: &Space) -> Vec<u8> {
    [BEGIN, space.name().as_bytes(), END].concat()
}

const BEGIN: &[u8] = b"passport:{";
const END: &[u8] = b"}:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_space_a_letter_and_a_hash() {
        let space = Space::new("session");
        let (key, owner) = (Key::new(&space, "a"), Owner::new(&space, "7"));
        let names = [
            (Name::Entry(&key), [b"passport:{session}:e", &key.hash()[..]].concat()),
            (Name::Owned(&owner), [b"passport:{session}:o", &owner.hash()[..]].concat()),
            (Name::Log(&space), b"passport:{session}:log".to_vec()),
        ];
        for (name, expected) in names {
            assert_eq!(name.len(), expected.len());
            assert!(expected.starts_with(&prefix(&space)));
            assert_eq!(name.to_redis_args(), [expected]);
        }
    }
}

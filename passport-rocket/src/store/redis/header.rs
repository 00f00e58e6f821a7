//! The value of an entry in Redis: a header, then the bytes.
//!
//! | bytes | hold |
//! |---|---|
//! | 3 | `pst` |
//! | 1 | what it is: `e`, an entry; `o`, one that has an owner; `n`, a counter |
//! | 8 | the version |
//! | 8 | the end, in milliseconds since 1970, the most significant byte first |
//! | 32 or 8 | the hash of the owner, or the count, the most significant byte first; nothing in an `e` |
//!
//! `lib.lua` reads the same.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::store::{Entry, Found, Version};

/// The value of `entry`.
pub(super) fn entry(entry: &Entry, version: Version) -> Vec<u8> {
    let owner = entry.owner.as_ref().map(|owner| &owner.hash()[..]);
    let kind = if owner.is_some() { b'o' } else { b'e' };
    value(kind, version, entry.expires_at, owner.unwrap_or_default(), &entry.value)
}

/// The value of a counter at 0.
pub(super) fn counter(expires_at: SystemTime, version: Version) -> Vec<u8> {
    value(b'n', version, expires_at, &0_u64.to_be_bytes(), &[])
}

/// What a value holds; `None` where another program wrote it.
pub(super) fn read(value: &[u8]) -> Option<Found> {
    let (magic, rest) = value.split_at_checked(MAGIC.len())?;
    let (kind, rest) = rest.split_first()?;
    let (version, rest) = rest.split_first_chunk()?;
    let (end, rest) = rest.split_first_chunk()?;
    let more = match kind {
        b'e' => 0,
        b'o' => 32,
        b'n' => 8,
        _ => return None,
    };
    let (_, bytes) = rest.split_at_checked(more)?;
    let end = u64::from_be_bytes(*end);
    if magic != MAGIC || end > LAST {
        return None;
    }
    let version = Version::from(i64::from_be_bytes(*version));
    Some(Found::new(bytes, UNIX_EPOCH.checked_add(Duration::from_millis(end))?, version))
}

/// Milliseconds since 1970, in what a Lua number holds: before is 1970, and after 9999 is 9999.
pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).map_or(LAST, |millis| millis.min(LAST))
}

fn value(kind: u8, version: Version, end: SystemTime, more: &[u8], bytes: &[u8]) -> Vec<u8> {
    let version = i64::from(version).to_be_bytes();
    [MAGIC, &[kind], &version, &millis(end).to_be_bytes(), more, bytes].concat()
}

const MAGIC: &[u8] = b"pst";

/// The last millisecond of the year 9999.
const LAST: u64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Owner, Space};

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let owner = Owner::new(&Space::new("session"), "7");
        for (bytes, owner) in [(&b""[..], None), (b"bytes", None), (b"bytes", Some(owner))] {
            let mut written = Entry::new(bytes, at(1234));
            written.owner = owner;
            for version in [Version::from(-1), Version::from(i64::MIN), Version::from(7)] {
                let found = read(&entry(&written, version)).unwrap();
                assert_eq!(&*found.value, bytes);
                assert_eq!((found.expires_at, found.version), (at(1234), version));
            }
        }
        let found = read(&counter(at(5), Version::from(7))).unwrap();
        assert_eq!((found.value.len(), found.expires_at), (0, at(5)));
    }

    #[test]
    fn what_another_program_wrote_is_nothing_of_ours() {
        let owned = Entry::new("", at(1)).owned_by(Owner::new(&Space::new("session"), "7"));
        let whole = entry(&owned, Version::from(7));
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_none(), "{length}");
        }
        let too_late = [b"pste", &[0; 8][..], &u64::MAX.to_be_bytes()].concat();
        assert!(read(&too_late).is_none());
        assert!(read(&[b'x'; 100]).is_none());
        assert!(read(b"pstx0123456701234567").is_none());
    }

    #[test]
    fn time_has_two_ends() {
        assert_eq!(millis(UNIX_EPOCH - Duration::from_secs(1)), 0);
        assert_eq!(millis(UNIX_EPOCH + Duration::from_secs(1 << 60)), LAST);
        assert_eq!(millis(at(LAST)), LAST);
    }
}

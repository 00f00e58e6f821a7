//! A session as it is stored: a fixed head that every request reads, and the rest, which is read
//! when somebody asks for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::flash::Flash;
use crate::error::Error;

/// A stored session.
///
/// ```text
/// format 1 · flags 1 · began 8 · seen 8 · authenticated 8 · idle 8 · ends 8 · length of user 4 · user · rest
/// ```
/// Numbers are little-endian, times milliseconds since 1970, user and rest JSON.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) head: Head,
    stored: Arc<[u8]>,
}

/// What every request reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_remembered: bool,
    pub(super) began: SystemTime,
    pub(super) seen: SystemTime,
    pub(super) authenticated: SystemTime,
    pub(super) idle: Duration,
    pub(super) ends: SystemTime,
}

/// What is read when somebody asks for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) data: BTreeMap<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) flashes: Vec<Flash>,
}

impl Head {
    /// A clock that goes back takes no time away.
    fn seen_at(self, now: SystemTime) -> Self {
        Self { seen: self.seen.max(now), ..self }
    }

    /// When it ends unless it is seen again.
    pub(super) fn expires_at(&self) -> SystemTime {
        self.seen.checked_add(self.idle).map_or(self.ends, |idle| idle.min(self.ends))
    }
}

impl Record {
    /// A session of `user`, the JSON of an id, or of nobody.
    pub(super) fn new(head: Head, user: Option<&[u8]>, rest: &Rest) -> Result<Self, Error> {
        let rest = serde_json::to_vec(rest).map_err(|error| Error::failed(WRITE, error))?;
        Ok(Self { head, stored: encode(head, user, &rest)? })
    }

    /// The session that was stored as `bytes`.
    pub(super) fn read(bytes: &Arc<[u8]>) -> Result<Self, Error> {
        let head = Head::read(bytes).ok_or_else(unreadable)?;
        let record = Self { head, stored: Arc::clone(bytes) };
        record.parts().ok_or_else(unreadable)?;
        Ok(record)
    }

    /// The JSON of the user's id; `None` where nobody is signed in.
    pub(super) fn user(&self) -> Option<&[u8]> {
        self.parts().map(|(user, _)| user).filter(|user| !user.is_empty())
    }

    pub(super) fn rest(&self) -> Result<Rest, Error> {
        let (_, rest) = self.parts().ok_or_else(unreadable)?;
        serde_json::from_slice(rest).map_err(|error| Error::failed(READ, error))
    }

    /// The same session with another rest, which is seen at `now`.
    pub(super) fn with_rest(&self, rest: &Rest, now: SystemTime) -> Result<Self, Error> {
        Self::new(self.head.seen_at(now), self.user(), rest)
    }

    /// The same session, seen at `now`.
    pub(super) fn seen_at(&self, now: SystemTime) -> Result<Self, Error> {
        let head = self.head.seen_at(now);
        let (user, rest) = self.parts().ok_or_else(unreadable)?;
        Ok(Self { head, stored: encode(head, Some(user), rest)? })
    }

    pub(super) fn bytes(&self) -> &Arc<[u8]> {
        &self.stored
    }

    fn parts(&self) -> Option<(&[u8], &[u8])> {
        let (length, behind) = self.stored.get(HEAD..)?.split_first_chunk()?;
        behind.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
    }
}

impl Head {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (&[format, flags], mut behind) = bytes.split_first_chunk()?;
        if format != FORMAT {
            return None;
        }
        let mut number = || {
            let (number, rest) = behind.split_first_chunk()?;
            behind = rest;
            Some(u64::from_le_bytes(*number))
        };
        let mut time = || UNIX_EPOCH.checked_add(Duration::from_millis(number()?));
        let (began, seen, authenticated) = (time()?, time()?, time()?);
        let idle = Duration::from_millis(number()?);
        let ends = UNIX_EPOCH.checked_add(Duration::from_millis(number()?))?;
        let is_remembered = flags & REMEMBERED != 0;
        Some(Self { is_remembered, began, seen, authenticated, idle, ends })
    }
}

fn encode(head: Head, user: Option<&[u8]>, rest: &[u8]) -> Result<Arc<[u8]>, Error> {
    let user = user.unwrap_or_default();
    let length = u32::try_from(user.len()).map_err(|error| Error::failed(WRITE, error))?;
    let mut bytes = Vec::with_capacity(HEAD + 4 + user.len() + rest.len());
    bytes.extend([FORMAT, if head.is_remembered { REMEMBERED } else { 0 }]);
    let times = [head.began, head.seen, head.authenticated].map(millis);
    for number in times.into_iter().chain([to_u64(head.idle.as_millis()), millis(head.ends)]) {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(length.to_le_bytes());
    bytes.extend(user);
    bytes.extend(rest);
    Ok(bytes.into())
}

fn millis(time: SystemTime) -> u64 {
    to_u64(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis())
}

fn to_u64(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn unreadable() -> Error {
    Error::failed(READ, "what is stored is no session, or of a newer version of this library")
}

const READ: &str = "read a session";
const WRITE: &str = "write a session";
const FORMAT: u8 = 1;
const REMEMBERED: u8 = 1;
const HEAD: usize = 2 + 5 * 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        Head {
            is_remembered: true,
            began: at(1),
            seen: at(2),
            authenticated: at(3),
            idle: Duration::from_secs(60),
            ends: at(100),
        }
    }

    #[test]
    fn is_read_back_as_it_was_written() {
        let rest = Rest { user_agent: Some("a browser".into()), ..Rest::default() };
        let record = Record::new(head(), Some(b"7"), &rest).unwrap();
        let read = Record::read(record.bytes()).unwrap();
        assert_eq!((read.head, read.user(), read.rest().unwrap()), (head(), Some(&b"7"[..]), rest));
        let nobody = Record::new(head(), None, &Rest::default()).unwrap();
        assert_eq!(Record::read(nobody.bytes()).unwrap().user(), None);
    }

    #[test]
    fn seen_again_it_is_the_same_but_for_that() {
        let rest = Rest { user_agent: Some("a browser".into()), ..Rest::default() };
        let record = Record::new(head(), Some(b"\"ada\""), &rest).unwrap();
        let later = head().seen + Duration::from_secs(5);
        let seen = record.seen_at(later).unwrap();
        assert_eq!(seen.head, Head { seen: later, ..head() });
        assert_eq!((seen.user(), seen.rest().unwrap()), (Some(&b"\"ada\""[..]), rest));
    }

    // S03
    #[test]
    fn ends_when_it_was_idle_or_at_its_absolute_end() {
        assert_eq!(head().expires_at(), UNIX_EPOCH + Duration::from_secs(62));
        let late = Head { seen: UNIX_EPOCH + Duration::from_secs(99), ..head() };
        assert_eq!(late.expires_at(), head().ends);
        let for_ever = Head { idle: Duration::MAX, ..head() };
        assert_eq!(for_ever.expires_at(), head().ends);
    }

    #[test]
    fn anything_else_is_our_fault_and_no_panic() {
        let whole = Record::new(head(), Some(b"7"), &Rest::default()).unwrap();
        for length in 0..HEAD + 5 {
            let cut: Arc<[u8]> = whole.bytes()[..length].into();
            assert!(Record::read(&cut).is_err(), "{length}");
        }
        let mut other = whole.bytes().to_vec();
        other[0] = 2;
        assert!(Record::read(&other.into()).is_err());
        let mut too_late = whole.bytes().to_vec();
        too_late[2..10].fill(0xff);
        let _ = Record::read(&too_late.into());
    }
}

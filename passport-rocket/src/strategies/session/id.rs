//! The id of a session, and how the browser carries it: signed, so that a made-up one is refused
//! before anybody asks the store.

use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use smallvec::SmallVec;

use crate::error::Error;
use crate::secret::Secret;

/// 192 bits from the system's randomness (S01 asks for 128), as 32 characters.
#[derive(Debug, Clone)]
pub(super) struct Id(Secret<String>);

impl Id {
    /// A new one.
    pub(super) fn random() -> Result<Self, Error> {
        let mut bytes = [0; 24];
        rand::fill(&mut bytes).map_err(|error| Error::failed("draw a session id", error))?;
        Ok(Self(Secret::new(BASE64.encode(bytes))))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The secrets that cookies are signed with: the first signs, each opens.
pub(super) struct Seals {
    first: hmac::Key,
    older: Vec<hmac::Key>,
    /// What is signed besides the id: a cookie of one strategy opens no other.
    context: Vec<u8>,
}

/// Which of the secrets a cookie was signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Current,
    /// It is to be signed anew, before its secret is taken away.
    Older,
}

impl Seals {
    pub(super) fn new(strategy: &str, first: &[u8], older: &[Secret<String>]) -> Self {
        let key = |secret: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self {
            first: key(first),
            older: older.iter().map(|secret| key(secret.expose().as_bytes())).collect(),
            context: [strategy.as_bytes(), b"\0"].concat(),
        }
    }

    /// `<id>.<HMAC-SHA256 of it>`, a cookie's value.
    pub(super) fn seal(&self, id: &Id) -> String {
        let mac = hmac::sign(&self.first, &signed(&self.context, id.expose()));
        format!("{}.{}", id.expose(), BASE64.encode(mac.as_ref()))
    }

    /// The id in a cookie that was sealed here.
    pub(super) fn open(&self, cookie: &str) -> Option<(Id, Age)> {
        // Nothing longer is hashed.
        if cookie.len() > LONGEST {
            return None;
        }
        let (id, mac) = cookie.split_once('.')?;
        let mut sent = [0; 32];
        if BASE64.decode_slice(mac, &mut sent).ok()? != sent.len() {
            return None;
        }
        let signed = signed(&self.context, id);
        let is_by = |key: &hmac::Key| hmac::verify(key, &signed, &sent).is_ok();
        let age = match is_by(&self.first) {
            true => Age::Current,
            false if self.older.iter().any(is_by) => Age::Older,
            false => return None,
        };
        Some((Id(Secret::new(id.to_owned())), age))
    }
}

/// What is signed, on the stack.
fn signed(context: &[u8], id: &str) -> SmallVec<[u8; 128]> {
    let mut text = SmallVec::from_slice(context);
    text.extend_from_slice(id.as_bytes());
    text
}

/// An id, a dot, and a signature have 76 characters.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn seals(secrets: [&str; 2]) -> Seals {
        Seals::new("session", secrets[0].as_bytes(), &[Secret::new(secrets[1].to_owned())])
    }

    // S01
    #[test]
    fn ids_are_192_random_bits() {
        let ids: HashSet<String> =
            (0..1000).map(|_| Id::random().unwrap().expose().to_owned()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| BASE64.decode(id).unwrap().len() == 24));
        // No byte stands still.
        for place in 0..24 {
            let bytes: HashSet<u8> =
                ids.iter().map(|id| BASE64.decode(id).unwrap()[place]).collect();
            assert!(bytes.len() > 200, "{place}");
        }
    }

    #[test]
    fn a_cookie_is_opened_with_each_secret_and_sealed_with_the_first() {
        let id = Id::random().unwrap();
        let before = seals(["old", "older"]).seal(&id);
        let now = seals(["new", "old"]);
        let (opened, age) = now.open(&before).unwrap();
        assert_eq!((opened.expose(), age), (id.expose(), Age::Older));
        assert_eq!(now.open(&now.seal(&id)).unwrap().1, Age::Current);
        assert!(seals(["newest", "new"]).open(&before).is_none());
    }

    #[test]
    fn one_changed_character_opens_nothing() {
        let seals = seals(["one", "other"]);
        let cookie = seals.seal(&Id::random().unwrap());
        for at in 0..cookie.len() {
            for with in ["A", "b", ".", "=", " ", ""] {
                let mut changed = cookie.clone();
                changed.replace_range(at..=at, with);
                assert!(changed == cookie || seals.open(&changed).is_none(), "{at} {with}");
            }
        }
        for other in [String::new(), ".".into(), cookie.clone() + "A", cookie.repeat(2)] {
            assert!(seals.open(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_cookie_of_one_strategy_opens_no_other() {
        let id = Id::random().unwrap();
        let admin = Seals::new("admin", b"one", &[]);
        assert!(admin.open(&seals(["one", "two"]).seal(&id)).is_none());
    }

    // O02
    #[test]
    fn debug_does_not_show_an_id() {
        let id = Id::random().unwrap();
        assert_eq!(format!("{id:?}"), "Id([redacted])");
    }
}

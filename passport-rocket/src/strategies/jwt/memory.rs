//! Remembers accepted tokens.
//!
//! Whether a signature is right depends on the token and its key alone, and so does what the token
//! says; both are remembered, and nothing else is. Times, the application's checks and its lookup
//! are judged anew on each request, and so is which key a token has: an entry counts only while its
//! very key is the one for it. A token that was refused is not remembered, so nobody can drive out
//! those of others with tokens of their own making.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::hash::{Hash, Hasher, RandomState};
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, OptionsBuilder, Weighter};

use super::claims::Lifetime;
use super::compact::Compact;
use super::provided::{Key, KeyIdentity};
use super::token_claims::TokenClaims;

/// Accepted tokens: at most so many bytes of them.
pub(super) struct Memory(Cache<Token<Box<str>>, Arc<Seen>, Weight, RandomState>);

/// What a token says, as a key has proved it.
pub(super) struct Seen {
    key: KeyIdentity,
    dots: [usize; 2],
    pub(super) token: Arc<TokenClaims>,
    /// As the token says it, too: here it is at hand, where every byte that is fetched from memory
    /// is felt.
    pub(super) lifetime: Lifetime,
    /// The user, where the claims are the user.
    pub(super) user: Option<Arc<dyn Any + Send + Sync>>,
}

impl Memory {
    /// A memory of `bytes`: texts, and what it takes to keep them. `None` for too few.
    pub(super) fn new(bytes: u64) -> Option<Self> {
        let entries = usize::try_from(bytes / TYPICAL).ok().filter(|entries| *entries > 0)?;
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(entries)
            .weight_capacity(bytes)
            .build()
            .ok()?;
        let lifecycle = DefaultLifecycle::default();
        Some(Self(Cache::with_options(options, Weight, RandomState::new(), lifecycle)))
    }

    /// What is remembered of `token`, whose every byte is compared.
    pub(super) fn recall(&self, token: &str) -> Option<Arc<Seen>> {
        self.0.get(&Token(token))
    }

    /// Remembers what `token` says, and that `key` has proved it. A key that nobody holds but this
    /// request cannot be met again, so what it has proved is not remembered.
    pub(super) fn keep(
        &self,
        text: &str,
        dots: [usize; 2],
        key: Cow<'_, Key>,
        token: &Arc<TokenClaims>,
        user: Option<Arc<dyn Any + Send + Sync>>,
    ) {
        let is_held = matches!(key, Cow::Borrowed(_)) || key.is_held();
        if !is_held {
            return;
        }
        let (token, lifetime) = (Arc::clone(token), token.lifetime());
        let seen = Seen { key: key.identity(), dots, token, lifetime, user };
        self.0.insert(Token(text.into()), Arc::new(seen));
    }

    /// Forgets a token: it is over, and would only take the place of another one.
    pub(super) fn forget(&self, token: &str) {
        self.0.remove(&Token(token));
    }

    /// Forgets what was proved by keys that are gone.
    pub(super) fn forget_gone_keys(&self) {
        // What an application's type does when it is dropped is not done under the lock.
        let gone = RefCell::new(Vec::new());
        self.0.retain(|_, seen| {
            let is_there = seen.key.is_there();
            if !is_there {
                gone.borrow_mut().push(Arc::clone(seen));
            }
            is_there
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Seen {
    /// Whether it was `key` that proved it.
    pub(super) fn is_proved_by(&self, key: &Key) -> bool {
        self.key.is_of(key)
    }

    /// The parts of the token, which is `text`.
    pub(super) fn cut<'t>(&self, text: &'t str) -> Option<Compact<'t>> {
        Compact::cut(text, self.dots)
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("entries", &self.0.len()).finish_non_exhaustive()
    }
}

/// A token as the memory looks for it.
struct Token<T>(T);

impl<T: AsRef<str>> Hash for Token<T> {
    /// Hashes the end of the signature, which nobody without the key can choose.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(end(self.0.as_ref()));
    }
}

impl<T: AsRef<str>> PartialEq for Token<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref() == other.0.as_ref()
    }
}

impl<T: AsRef<str>> Eq for Token<T> {}

impl Equivalent<Token<Box<str>>> for Token<&str> {
    fn equivalent(&self, kept: &Token<Box<str>>) -> bool {
        // First the end, all of an HMAC of 256 bits: who lacks it learns nothing of the rest from
        // how long comparing takes.
        end(self.0) == end(&kept.0) && *self.0 == *kept.0
    }
}

fn end(token: &str) -> &[u8] {
    let bytes = token.as_bytes();
    bytes.get(bytes.len().saturating_sub(HASHED)..).unwrap_or(bytes)
}

/// The bytes that an entry takes, by the length of its texts.
#[derive(Clone)]
struct Weight;

impl Weighter<Token<Box<str>>, Arc<Seen>> for Weight {
    fn weight(&self, token: &Token<Box<str>>, seen: &Arc<Seen>) -> u64 {
        let says = seen.token.len();
        let read = if seen.user.is_some() { says * EXPANSION } else { 0 };
        u64::try_from(token.0.len() + says + read).unwrap_or(u64::MAX).saturating_add(BESIDES)
    }
}

/// 32 bytes in base64url.
const HASHED: usize = 43;
/// What an entry takes besides its texts: the memory's own links, two shared values with what was
/// read of the claims, and the allocator's part of each. `benches/` measures it.
const BESIDES: u64 = 512;
/// How much larger than their text claims may be once they are read: a JSON value takes 32 bytes,
/// and in a list of digits there is one for two bytes, with room for more.
const EXPANSION: usize = 24;
/// Enough for a few processors, and few enough for each to hold a long token.
const SHARDS: usize = 16;
/// The bytes of a typical entry: it sizes the table, and bounds nothing.
const TYPICAL: u64 = 2_048;

#[cfg(test)]
mod tests {
    use super::super::algorithm::Algorithm;
    use super::super::claims::{Expected, Registered};
    use super::super::keys::Keys;
    use super::super::payload;
    use super::super::token_claims::Says;
    use super::*;
    use crate::sign_in::{Kept, SignIn};

    fn key() -> Key {
        Key::new(Keys::generate(Algorithm::HS256).unwrap().into_verifying(), None)
    }

    /// Keeps a token that says who Ada is.
    fn keep(memory: &Memory, text: &str, key: Cow<'_, Key>) {
        let user = SignIn::new("ada".to_owned()).keep("jwt").erased();
        memory.keep(text, [1, 3], key, &token(), Some(user));
    }

    fn token() -> Arc<TokenClaims> {
        let expected = Expected::default();
        let mut registered = Registered::new(&expected);
        let json = r#"{"exp":60}"#;
        payload::read::<serde_json::Value>(json, &mut registered).unwrap();
        let says = Says::of(json, &registered, registered.judge().unwrap());
        Arc::new(TokenClaims::new(json.to_owned(), says))
    }

    fn memory() -> Memory {
        Memory::new(1 << 20).unwrap()
    }

    fn is_recalled(memory: &Memory, token: &str, key: &Key) -> bool {
        memory.recall(token).is_some_and(|seen| seen.is_proved_by(key))
    }

    #[test]
    fn recalls_what_was_kept_under_its_whole_text_and_its_key() {
        let (memory, key, other) = (memory(), key(), key());
        let end = "x".repeat(HASHED);
        keep(&memory, &format!("a.b.{end}"), Cow::Borrowed(&key));
        assert!(is_recalled(&memory, &format!("a.b.{end}"), &key));
        assert!(!is_recalled(&memory, &format!("a.b.{end}"), &other));
        // They end, and hash, alike.
        for token in [format!("a.c.{end}"), format!("b.{end}"), end, String::new()] {
            assert!(memory.recall(&token).is_none(), "{token}");
        }
    }

    #[test]
    fn gives_back_the_user_of_the_claims() {
        let memory = memory();
        keep(&memory, "a.b.c", Cow::Borrowed(&key()));
        let user = memory.recall("a.b.c").unwrap().user.clone().unwrap();
        assert_eq!(Kept::<String>::of_erased(&user).unwrap().sign_in().user(), "ada");
        assert!(Kept::<u8>::of_erased(&user).is_none());
    }

    #[test]
    fn forgets_what_a_key_has_proved_when_nobody_holds_it() {
        let (memory, gone, kept) = (memory(), key(), key());
        keep(&memory, "a.b.c", Cow::Borrowed(&gone));
        keep(&memory, "a.b.d", Cow::Borrowed(&kept));
        drop(gone);
        memory.forget_gone_keys();
        assert_eq!(memory.len(), 1);
        assert!(is_recalled(&memory, "a.b.d", &kept));
    }

    #[test]
    fn keeps_nothing_of_a_key_that_nobody_else_holds() {
        let memory = memory();
        let key = key();
        keep(&memory, "a.b.c", Cow::Owned(key.clone()));
        assert_eq!(memory.len(), 1);
        keep(&memory, "a.b.d", Cow::Owned(key));
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn keeps_no_more_than_it_may() {
        let (memory, key) = (Memory::new(64 << 10).unwrap(), key());
        for number in 0..10_000 {
            keep(&memory, &format!("a.b.{number}"), Cow::Borrowed(&key));
        }
        assert!((1..=128).contains(&memory.len()), "{}", memory.len());
        assert!(memory.0.weight() <= 64 << 10);
        let huge = "x".repeat(64 << 10);
        keep(&memory, &huge, Cow::Borrowed(&key));
        assert!(memory.recall(&huge).is_none());
        assert!(Memory::new(100).is_none());
    }

    // O02
    #[test]
    fn nothing_of_a_token_is_in_debug() {
        assert_eq!(format!("{:?}", memory()), "Memory { entries: 0, .. }");
    }
}

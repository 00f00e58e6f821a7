//! Several keys valid at once: the one that a token names, and never one that it does not (R02).

use std::collections::HashMap;
use std::fmt;

use smallvec::SmallVec;

use super::header::{Head, Policy};
use super::provided::{Key, Likeness};
use super::rejection::Rejection;

/// Keys that are trusted alike.
pub(super) struct KeySet {
    keys: Vec<Key>,
    by_id: HashMap<String, SmallVec<[usize; 1]>>,
    /// The only key of each algorithm that a key has, or `None` where there are several.
    only: Vec<(&'static str, Option<usize>)>,
    /// Encoded headers that were judged when the set was made, and the key of each.
    usual: Vec<(String, usize)>,
}

/// Why a set has no key for a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// The header names a key that is not in the set; a newer set may have it.
    UnknownId,
    /// No set would make it right.
    Rejected(Rejection),
}

impl KeySet {
    pub(super) fn new(keys: Vec<Key>, policy: &Policy) -> Self {
        let mut by_id: HashMap<String, SmallVec<[usize; 1]>> = HashMap::new();
        let mut only: Vec<(&'static str, Option<usize>)> = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            if let Some(id) = key.id() {
                by_id.entry(id.to_owned()).or_default().push(index);
            }
            match only.iter_mut().find(|(algorithm, _)| *algorithm == key.algorithm()) {
                Some((_, index)) => *index = None,
                None => only.push((key.algorithm(), Some(index))),
            }
        }
        let mut set = Self { keys, by_id, only, usual: Vec::new() };
        if set.keys.len() <= MOST_REMEMBERED {
            set.usual = set.usual_headers(policy);
        }
        set
    }

    /// A set in the place of another one. A key that was in it before is the same key: what it has
    /// proved stays proved.
    pub(super) fn renewed(keys: Vec<Key>, before: Option<&Self>, policy: &Policy) -> Self {
        let before = before.map_or(&[][..], |set| &set.keys);
        let known: HashMap<Likeness<'_>, &Key> =
            before.iter().filter_map(|key| Some((key.likeness()?, key))).collect();
        let known = |key: &Key| known.get(&key.likeness()?).copied().cloned();
        Self::new(keys.into_iter().map(|key| known(&key).unwrap_or(key)).collect(), policy)
    }

    /// The key for a token with this encoded header.
    pub(super) fn pick(&self, segment: &str, policy: &Policy) -> Result<&Key, Miss> {
        if let Some(index) = self.usual.iter().find(|(good, _)| good == segment).map(|(_, i)| *i) {
            return self.keys.get(index).ok_or(Miss::UnknownId);
        }
        policy.look(segment, |head| self.choose(&head)).map_err(Miss::Rejected)?
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// R01, R02, R03: the algorithm is the key's, compared to the letter; `none` is no key's. R06:
    /// the id is looked up in a table, and never anywhere else.
    fn choose(&self, head: &Head<'_>) -> Result<&Key, Miss> {
        if let [only] = self.keys.as_slice() {
            return fits(only, head).map(|()| only);
        }
        let wrong = || Miss::Rejected(Rejection::Algorithm { expected: None });
        let fits = |key: &&Key| key.algorithm() == head.algorithm;
        let Some(id) = head.key_id.as_deref() else {
            // Ten thousand keys cost no more here than two.
            let mut algorithms = self.only.iter();
            let (_, only) =
                algorithms.find(|(algorithm, _)| *algorithm == head.algorithm).ok_or_else(wrong)?;
            let only = only.and_then(|index| self.keys.get(index));
            return only.ok_or(Miss::Rejected(Rejection::NamesNoKey));
        };
        let named = self.by_id.get(id).ok_or(Miss::UnknownId)?;
        let mut named = named.iter().filter_map(|index| self.keys.get(*index));
        named.find(fits).ok_or_else(wrong)
    }

    fn usual_headers(&self, policy: &Policy) -> Vec<(String, usize)> {
        let mut usual = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            for text in policy.usual_spellings(key.algorithm(), key.id()) {
                // What is remembered is what reading it would give.
                let picked = policy.look(&text, |head| self.choose(&head));
                if matches!(picked, Ok(Ok(picked)) if picked.is(key)) {
                    usual.push((text, index));
                }
            }
        }
        usual
    }
}

/// Whether `key` is the one for `head`, where there is no other.
pub(super) fn fits(key: &Key, head: &Head<'_>) -> Result<(), Miss> {
    match (key.id(), &head.key_id) {
        (Some(ours), Some(theirs)) if ours != *theirs => Err(Miss::UnknownId),
        _ if key.algorithm() == head.algorithm => Ok(()),
        _ => {
            let expected = Some(key.algorithm());
            Err(Miss::Rejected(Rejection::Algorithm { expected }))
        }
    }
}

impl From<Miss> for Rejection {
    fn from(miss: Miss) -> Self {
        match miss {
            Miss::UnknownId => Self::KeyId,
            Miss::Rejected(rejection) => rejection,
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

/// With more keys, comparing headers one by one would cost as much as reading one.
const MOST_REMEMBERED: usize = 4;

#[cfg(test)]
mod tests {
    use super::super::algorithm::Algorithm;
    use super::super::compact::encode;
    use super::super::header::Types;
    use super::super::keys::Keys;
    use super::*;

    fn key(algorithm: Algorithm, id: Option<&str>) -> Key {
        Key::new(Keys::generate(algorithm).unwrap().into_verifying(), id.map(str::to_owned))
    }

    fn encoded(json: &str) -> String {
        let mut text = String::new();
        encode(json.as_bytes(), &mut text);
        text
    }

    fn pick<'s>(set: &'s KeySet, json: &str) -> Result<&'s Key, Miss> {
        set.pick(&encoded(json), &Policy::default())
    }

    fn set(keys: &[Key]) -> KeySet {
        KeySet::new(keys.to_vec(), &Policy::default())
    }

    // R01, R02, R03
    #[test]
    fn one_key_takes_its_one_algorithm_to_the_letter() {
        let set = set(&[key(Algorithm::HS256, None)]);
        assert!(pick(&set, r#"{"alg":"HS256"}"#).is_ok());
        assert!(pick(&set, r#"{"alg":"HS256","kid":"anything"}"#).is_ok());
        for name in ["none", "None", "noNE", "", "hs256", "HS384", "RS256", "HS256 "] {
            let refused = pick(&set, &format!(r#"{{"alg":"{name}"}}"#)).unwrap_err();
            let expected = Miss::Rejected(Rejection::Algorithm { expected: Some("HS256") });
            assert_eq!(refused, expected, "{name}");
        }
    }

    // R06
    #[test]
    fn a_key_id_only_tells_keys_apart() {
        let set = set(&[key(Algorithm::HS256, Some("k1"))]);
        assert!(pick(&set, r#"{"alg":"HS256","kid":"k1"}"#).is_ok());
        assert!(pick(&set, r#"{"alg":"HS256"}"#).is_ok());
        for kid in ["k2", "K1", "", "../k1", "k1' OR 1=1"] {
            let refused = pick(&set, &format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#)).unwrap_err();
            assert_eq!(refused, Miss::UnknownId, "{kid}");
        }
    }

    // R02, R16
    #[test]
    fn of_several_keys_the_named_one_is_picked_with_its_own_algorithm() {
        let (old, new) = (key(Algorithm::ES256, Some("old")), key(Algorithm::EdDSA, Some("new")));
        let set = set(&[old.clone(), new.clone()]);
        assert!(pick(&set, r#"{"alg":"ES256","kid":"old"}"#).unwrap().is(&old));
        assert!(pick(&set, r#"{"kid":"new","alg":"EdDSA"}"#).unwrap().is(&new));
        // Without an id, where only one key has the algorithm.
        assert!(pick(&set, r#"{"alg":"EdDSA"}"#).unwrap().is(&new));
        let other = || Miss::Rejected(Rejection::Algorithm { expected: None });
        assert_eq!(pick(&set, r#"{"alg":"ES256","kid":"new"}"#).unwrap_err(), other());
        assert_eq!(pick(&set, r#"{"alg":"RS256"}"#).unwrap_err(), other());
        assert_eq!(pick(&set, r#"{"alg":"none","kid":"old"}"#).unwrap_err(), other());
        assert_eq!(pick(&set, r#"{"alg":"ES256","kid":"older"}"#).unwrap_err(), Miss::UnknownId);
    }

    #[test]
    fn which_of_two_alike_is_not_guessed() {
        let keys = [key(Algorithm::ES256, None), key(Algorithm::ES256, Some("b"))];
        let set = set(&keys);
        let refused = pick(&set, r#"{"alg":"ES256"}"#).unwrap_err();
        assert_eq!(refused, Miss::Rejected(Rejection::NamesNoKey));
        assert!(pick(&set, r#"{"alg":"ES256","kid":"b"}"#).unwrap().is(&keys[1]));
        // A key without an id is nobody's but a token's without one.
        assert_eq!(pick(&set, r#"{"alg":"ES256","kid":"a"}"#).unwrap_err(), Miss::UnknownId);
    }

    // R02, R16: what is true of few keys is true of many, whose headers are not remembered.
    #[test]
    fn of_many_keys_the_named_one_is_picked_too() {
        let mut keys: Vec<Key> = (0..100)
            .map(|nth| key(Algorithm::ES256, Some(&format!("k{nth}"))))
            .chain([key(Algorithm::EdDSA, Some("k7")), key(Algorithm::HS256, None)])
            .collect();
        let many = set(&keys);
        for nth in [0, 7, 99] {
            for json in [
                format!(r#"{{"alg":"ES256","kid":"k{nth}"}}"#),
                format!(r#"{{"kid":"k{nth}","typ":"JWT","alg":"ES256"}}"#),
                format!(r#"{{"alg":"ES256","jku":"https://a","kid":"\u006b{nth}"}}"#),
            ] {
                assert!(pick(&many, &json).unwrap().is(&keys[nth]), "{json}");
            }
        }
        assert!(pick(&many, r#"{"alg":"EdDSA","kid":"k7"}"#).unwrap().is(&keys[100]));
        // Without an id, where only one key has the algorithm.
        assert!(pick(&many, r#"{"alg":"EdDSA"}"#).unwrap().is(&keys[100]));
        assert!(pick(&many, r#"{"alg":"HS256"}"#).unwrap().is(&keys[101]));
        let refused = |json| pick(&many, json).unwrap_err();
        let other = || Miss::Rejected(Rejection::Algorithm { expected: None });
        assert_eq!(refused(r#"{"alg":"ES256"}"#), Miss::Rejected(Rejection::NamesNoKey));
        assert_eq!(refused(r#"{"alg":"RS256"}"#), other());
        assert_eq!(refused(r#"{"alg":"none"}"#), other());
        assert_eq!(refused(r#"{"alg":"EdDSA","kid":"k8"}"#), other());
        assert_eq!(refused(r#"{"alg":"ES256","kid":"k100"}"#), Miss::UnknownId);
        assert_eq!(refused(r#"{"alg":"ES256","kid":"K7"}"#), Miss::UnknownId);
        keys.reverse();
        assert!(pick(&set(&keys), r#"{"alg":"ES256","kid":"k7"}"#).unwrap().is(&keys[94]));
    }

    // RFC 7517 section 4.5: one id for keys of different types.
    #[test]
    fn one_id_may_name_a_key_for_each_algorithm() {
        let keys = [key(Algorithm::ES256, Some("a")), key(Algorithm::EdDSA, Some("a"))];
        let set = set(&keys);
        assert!(pick(&set, r#"{"alg":"ES256","kid":"a"}"#).unwrap().is(&keys[0]));
        assert!(pick(&set, r#"{"alg":"EdDSA","kid":"a"}"#).unwrap().is(&keys[1]));
    }

    #[test]
    fn remembers_what_reading_would_say_and_nothing_else() {
        let policy = Policy::new(Types::new(&["at+jwt".to_owned()]));
        for keys in [
            vec![key(Algorithm::HS256, Some("k\"1"))],
            vec![key(Algorithm::ES256, Some("a")), key(Algorithm::ES256, Some("b"))],
            vec![key(Algorithm::ES256, None), key(Algorithm::EdDSA, None)],
        ] {
            let set = KeySet::new(keys, &policy);
            assert!(!set.usual.is_empty());
            for (segment, index) in &set.usual {
                let read = set.choose(&policy.read(segment).unwrap()).unwrap();
                assert!(read.is(&set.keys[*index]));
            }
        }
        let many = KeySet::new(vec![key(Algorithm::HS256, None); 5], &policy);
        assert!(many.usual.is_empty());
    }

    // O02
    #[test]
    fn nothing_of_a_key_is_in_debug() {
        let set = set(&[key(Algorithm::HS256, Some("k1"))]);
        assert_eq!(format!("{set:?}"), r#"[Key { algorithm: "HS256", id: Some("k1"), .. }]"#);
    }
}

//! JSON Web Keys (RFC 7517): one key, or a set of them, each with exactly one algorithm.

use std::collections::HashSet;
use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Algorithms, Kind};
use super::keys::{Keys, NO_KEY, PrivateParts};
use super::material::{Unfit, base64url};
use crate::json;
use crate::one_line::legible;
use crate::secret::Secret;

/// What a text of keys may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Public keys only: a private member would be a secret in a place that is none (R16).
    Public,
    /// Private keys or secrets, to sign with.
    Private,
}

/// A set as it was read. Entries that are of no use to us are told apart: those that RFC 7517
/// section 5 has everybody ignore, and those that are wrong.
#[derive(Debug, Default)]
pub(super) struct JwkSet {
    pub(super) keys: Vec<Identified>,
    pub(super) ignored: Vec<Entry>,
    pub(super) broken: Vec<Entry>,
    /// Ids that are taken, each for one algorithm.
    named: HashSet<(String, &'static str)>,
}

/// A key and its `kid`.
pub(super) struct Identified {
    pub(super) id: Option<String>,
    pub(super) keys: Keys,
}

/// An entry that is no key for us: how it is called, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) unfit: Unfit,
}

/// Why an entry gives no key.
#[derive(Debug)]
enum Useless {
    /// Another kind of key, for another purpose or algorithm: not ours.
    Foreign(Unfit),
    /// Meant for us, and wrong.
    Broken(Unfit),
}

impl JwkSet {
    /// Reads a set, or a single key.
    pub(super) fn read(text: &[u8], allowed: &Algorithms, holds: Holds) -> Result<Self, Unfit> {
        let not_a_set = || Unfit::new("no JSON Web Key Set", "it looks like `{\"keys\":[{…}]}`");
        let entries = match json::strict(text).map_err(|_| not_a_set())? {
            Value::Object(mut members) => match members.remove("keys") {
                Some(Value::Array(entries)) => entries,
                Some(_) => return Err(not_a_set()),
                None if members.contains_key("kty") => vec![Value::Object(members)],
                None => return Err(not_a_set()),
            },
            _ => return Err(not_a_set()),
        };
        if entries.len() > MOST_KEYS {
            return Err(Unfit::new(format!("more than {MOST_KEYS} keys"), "leave old ones out"));
        }
        let mut set = Self::default();
        for (index, entry) in entries.into_iter().enumerate() {
            set.add(index, entry, allowed, holds)?;
        }
        Ok(set)
    }

    fn add(
        &mut self,
        index: usize,
        entry: Value,
        allowed: &Algorithms,
        holds: Holds,
    ) -> Result<(), Unfit> {
        let name = match entry.get("kid").and_then(Value::as_str) {
            Some(kid) => format!("key `{}`", legible(kid)),
            None => format!("keys[{index}]"),
        };
        // R16, before anything else: a key betrays itself, whatever it is and however it is
        // written.
        let is_private = is_private(&entry);
        if holds == Holds::Public && is_private {
            return Err(Unfit::new(
                format!("{name} holds a private member"),
                "a public set is for everybody to read: make a new key, and publish its public half \
                 only; a set to sign with is `private_jwks_file`",
            ));
        }
        // serde alone would take a list for a struct, and a list has no names to betray it.
        let jwk = entry.is_object().then(|| Jwk::deserialize(entry));
        let Some(Ok(jwk)) = jwk else {
            let unfit = Unfit::new("not a JSON Web Key", "its members are texts");
            self.broken.push(Entry { name, unfit });
            return Ok(());
        };
        match jwk.keys(allowed, holds, is_private) {
            Ok(keys) => {
                let named = jwk.kid.clone().map(|id| (id, keys.algorithm));
                match named.is_none_or(|named| self.named.insert(named)) {
                    true => self.keys.push(Identified { id: jwk.kid.clone(), keys }),
                    false => self.broken.push(Entry { name, unfit: TWICE }),
                }
            }
            Err(Useless::Foreign(unfit)) => self.ignored.push(Entry { name, unfit }),
            Err(Useless::Broken(unfit)) => self.broken.push(Entry { name, unfit }),
        }
        Ok(())
    }
}

/// A key as it is written. `x5c`, `x5u` and `x5t` are not read: a certificate that nobody checks
/// proves nothing.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<Secret<String>>,
    d: Option<Secret<String>>,
    p: Option<Secret<String>>,
    q: Option<Secret<String>>,
    dp: Option<Secret<String>>,
    dq: Option<Secret<String>>,
    qi: Option<Secret<String>>,
    oth: Option<Value>,
}

impl Jwk {
    fn keys(&self, allowed: &Algorithms, holds: Holds, is_private: bool) -> Result<Keys, Useless> {
        self.is_to_sign()?;
        let kind = self.kind()?;
        let algorithm = self.algorithm(kind, allowed)?;
        if holds == Holds::Private && !is_private {
            let remedy = "a set of public keys is `jwks_file`";
            return Err(Useless::Broken(Unfit::new("a public key", remedy)));
        }
        let mut keys = self.prepare(kind, algorithm, holds).map_err(Useless::Broken)?;
        // RFC 7517 section 4.3: of a key that is retired, what it signed is still accepted.
        if self
            .key_ops
            .as_ref()
            .is_some_and(|operations| !operations.iter().any(|one| one == "sign"))
        {
            keys.signing = None;
        }
        Ok(keys)
    }

    /// RFC 7517 sections 4.2 and 4.3: what the key is for.
    fn is_to_sign(&self) -> Result<(), Useless> {
        let foreign = |what: &'static str| Err(Useless::Foreign(Unfit::new(what, "")));
        match self.purpose.as_deref() {
            None | Some("sig") => {}
            Some(_) => return foreign("not for signatures (`use`)"),
        }
        let signs = |operation: &String| ["sign", "verify"].contains(&operation.as_str());
        match &self.key_ops {
            Some(operations) if !operations.iter().any(signs) => {
                foreign("not for signatures (`key_ops`)")
            }
            _ => Ok(()),
        }
    }

    fn kind(&self) -> Result<Kind, Useless> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Ok(Kind::Rsa),
            ("EC", Some("P-256")) => Ok(Kind::P256),
            ("EC", Some("P-384")) => Ok(Kind::P384),
            ("OKP", Some("Ed25519")) => Ok(Kind::Ed25519),
            ("oct", _) => Ok(Kind::Secret),
            ("EC" | "OKP", None) => Err(Useless::Broken(missing("crv"))),
            _ => Err(Useless::Foreign(Unfit::new("of a type that no algorithm here takes", ""))),
        }
    }

    /// The key's one algorithm (R02): its own, or the only one allowed that takes such a key.
    fn algorithm(&self, kind: Kind, allowed: &Algorithms) -> Result<Algorithm, Useless> {
        let foreign = |problem| Err(Useless::Foreign(Unfit::new(problem, "")));
        let Some(name) = &self.alg else {
            let mut fitting = allowed.iter().filter(|algorithm| Kind::of(*algorithm) == Some(kind));
            return match (fitting.next(), fitting.next()) {
                (Some(algorithm), None) => Ok(algorithm),
                (None, _) => foreign("of a type that no configured algorithm takes"),
                (Some(_), Some(_)) => Err(Useless::Broken(Unfit::new(
                    "without `alg`, and several configured algorithms take such a key",
                    "write its `alg`, or leave one algorithm in the list",
                ))),
            };
        };
        match Algorithms::named(name) {
            None => foreign("for an algorithm that is not among ours"),
            Some(algorithm) if Kind::of(algorithm) != Some(kind) => {
                Err(Useless::Broken(Unfit::new(
                    format!("{} does not take such a key", legible(name)),
                    "change its `alg`, or the key",
                )))
            }
            Some(algorithm) if !allowed.contains(algorithm) => {
                foreign("for an algorithm that is not configured")
            }
            Some(algorithm) => Ok(algorithm),
        }
    }

    fn prepare(&self, kind: Kind, algorithm: Algorithm, holds: Holds) -> Result<Keys, Unfit> {
        let private = holds == Holds::Private;
        match kind {
            Kind::Secret => Keys::from_secret(algorithm, &secret(self.k.as_ref(), "k")?)
                .map_err(|unfit| Unfit { remedy: MAKE_A_SECRET.into(), ..unfit }),
            Kind::Rsa => {
                let public_key = PublicKeyComponents {
                    n: unpadded(public(self.n.as_ref(), "n")?),
                    e: unpadded(public(self.e.as_ref(), "e")?),
                };
                if !private {
                    let spki = public_key.as_der().map_err(|_| NO_KEY)?;
                    return Keys::from_public_parts(algorithm, spki.as_ref());
                }
                if self.oth.is_some() {
                    let remedy = "make one of two: `openssl genpkey -algorithm RSA`";
                    return Err(Unfit::new("an RSA key with more than two primes", remedy));
                }
                let components = KeyPairComponents {
                    public_key,
                    d: secret(self.d.as_ref(), "d")?,
                    p: secret(self.p.as_ref(), "p")?,
                    q: secret(self.q.as_ref(), "q")?,
                    dP: secret(self.dp.as_ref(), "dp")?,
                    dQ: secret(self.dq.as_ref(), "dq")?,
                    qInv: secret(self.qi.as_ref(), "qi")?,
                };
                Keys::from_private_parts(algorithm, PrivateParts::Rsa(components))
            }
            Kind::P256 | Kind::P384 => {
                let length = if kind == Kind::P256 { 32 } else { 48 };
                let coordinate = |text, name| exactly(public(text, name)?, length, name);
                // SEC 1 section 2.3.3: an uncompressed point.
                let point = [
                    &[0x04][..],
                    &coordinate(self.x.as_ref(), "x")?,
                    &coordinate(self.y.as_ref(), "y")?,
                ]
                .concat();
                if !private {
                    return Keys::from_public_parts(algorithm, &point);
                }
                let scalar = exactly(secret(self.d.as_ref(), "d")?, length, "d")?;
                Keys::from_private_parts(algorithm, PrivateParts::Ecdsa { scalar, point })
            }
            Kind::Ed25519 => {
                let public = exactly(public(self.x.as_ref(), "x")?, 32, "x")?;
                if !private {
                    return Keys::from_public_parts(algorithm, &public);
                }
                let seed = exactly(secret(self.d.as_ref(), "d")?, 32, "d")?;
                Keys::from_private_parts(algorithm, PrivateParts::Ed25519 { seed, public })
            }
        }
    }
}

fn is_private(entry: &Value) -> bool {
    PRIVATE.iter().any(|name| entry.get(name).is_some_and(|value| !value.is_null()))
}

fn public(text: Option<&String>, name: &'static str) -> Result<Vec<u8>, Unfit> {
    let text = text.ok_or_else(|| missing(name))?;
    Ok(base64url(text).ok_or_else(|| not_base64url(name))?.to_vec())
}

fn secret(text: Option<&Secret<String>>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, Unfit> {
    base64url(text.ok_or_else(|| missing(name))?.expose()).ok_or_else(|| not_base64url(name))
}

/// RFC 7518 sections 6.2.1.2 and 6.2.2.1, RFC 8037 section 2: of full length, leading zeros and
/// all.
fn exactly<B: AsRef<[u8]>>(bytes: B, length: usize, name: &'static str) -> Result<B, Unfit> {
    match bytes.as_ref().len() == length {
        true => Ok(bytes),
        false => Err(Unfit::new(
            format!("`{name}` is not {length} bytes long"),
            "write it at full length, with its leading zeros, or correct `crv`",
        )),
    }
}

/// RFC 7518 section 2: an integer has no leading zeros; some write them all the same, and they
/// change nothing.
fn unpadded(integer: Vec<u8>) -> Vec<u8> {
    integer.into_iter().skip_while(|byte| *byte == 0).collect()
}

fn missing(name: &'static str) -> Unfit {
    Unfit::new(format!("without `{name}`"), "write the whole key")
}

fn not_base64url(name: &'static str) -> Unfit {
    let remedy = "write it with `-` and `_`, without `=` and line breaks";
    Unfit::new(format!("`{name}` is not base64url"), remedy)
}

impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified").field("id", &self.id).field("keys", &self.keys).finish()
    }
}

/// The members that only a private key or a secret has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1,
/// RFC 8037 section 2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const MAKE_A_SECRET: &str =
    "make one for `k`: `openssl rand -base64 64 | tr '+/' '-_' | tr -d '=\\n'`";
const TWICE: Unfit =
    Unfit::fixed("a second key of this id and algorithm", "give each its own `kid`");

/// As many as any provider has, and as few as a launch can prepare at once.
pub(super) const MOST_KEYS: usize = 10_000;

#[cfg(test)]
mod tests;

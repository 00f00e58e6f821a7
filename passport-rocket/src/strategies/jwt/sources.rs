//! The source of keys that the configuration names, and what is read from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use figment::value::magic::RelativePathBuf;
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Algorithms};
use super::fault::Fault;
use super::jwk::{Holds, Identified, JwkSet};
use super::keys::Keys;
use super::location::Location;
use super::material::{Unfit, base64};
use crate::secret::Secret;

/// Every key of a table that names a source of keys.
#[derive(Default)]
pub(super) struct Sources<'c> {
    pub(super) secret: Option<&'c Secret<String>>,
    pub(super) secret_base64: Option<&'c Secret<String>>,
    pub(super) secret_file: Option<&'c RelativePathBuf>,
    pub(super) public_key: Option<&'c Secret<String>>,
    pub(super) public_key_file: Option<&'c RelativePathBuf>,
    pub(super) private_key: Option<&'c Secret<String>>,
    pub(super) private_key_file: Option<&'c RelativePathBuf>,
    pub(super) jwks: Option<&'c Secret<String>>,
    pub(super) jwks_file: Option<&'c RelativePathBuf>,
    pub(super) private_jwks: Option<&'c Secret<String>>,
    pub(super) private_jwks_file: Option<&'c RelativePathBuf>,
    pub(super) jwks_url: Option<&'c String>,
    pub(super) issuer_url: Option<&'c String>,
}

/// The one source that is given, and under which key.
pub(super) struct Given<'c> {
    pub(super) key: &'static str,
    pub(super) material: Material<'c>,
}

/// What a source is.
pub(super) enum Material<'c> {
    Secret(Content<'c>),
    SecretBase64(&'c str),
    Public(Content<'c>),
    Private(Content<'c>),
    Set(Content<'c>, Holds),
    SetUrl(&'c str),
    IssuerUrl(&'c str),
}

/// A value of the table, or the content of a file.
pub(super) enum Content<'c> {
    Text(&'c str),
    File(PathBuf),
}

/// What a source supplies.
pub(super) enum Supply {
    /// Keys that are there.
    Keys(Vec<Identified>),
    /// A set to be fetched.
    SetAt(Location),
    /// An issuer that says where its set is.
    Issuer { issuer: String, description: Location },
}

impl<'c> Sources<'c> {
    /// The source that is given; a second one is a mistake.
    pub(super) fn given(self) -> Result<Option<Given<'c>>, Vec<Fault>> {
        let text = |text: Option<&'c Secret<String>>| text.map(|text| text.expose().as_str());
        let content = |text: Option<&'c Secret<String>>, file: Option<&RelativePathBuf>| {
            let text = text.map(|text| Content::Text(text.expose()));
            (text, file.map(|file| Content::File(file.relative())))
        };
        let (secret, secret_file) = content(self.secret, self.secret_file);
        let (public, public_file) = content(self.public_key, self.public_key_file);
        let (private, private_file) = content(self.private_key, self.private_key_file);
        let (set, set_file) = content(self.jwks, self.jwks_file);
        let (private_set, private_set_file) = content(self.private_jwks, self.private_jwks_file);
        let public_set = |content| Material::Set(content, Holds::Public);
        let secret_set = |content| Material::Set(content, Holds::Private);
        let sources = [
            ("secret", secret.map(Material::Secret)),
            ("secret_base64", text(self.secret_base64).map(Material::SecretBase64)),
            ("secret_file", secret_file.map(Material::Secret)),
            ("public_key", public.map(Material::Public)),
            ("public_key_file", public_file.map(Material::Public)),
            ("private_key", private.map(Material::Private)),
            ("private_key_file", private_file.map(Material::Private)),
            ("jwks", set.map(public_set)),
            ("jwks_file", set_file.map(public_set)),
            ("private_jwks", private_set.map(secret_set)),
            ("private_jwks_file", private_set_file.map(secret_set)),
            ("jwks_url", self.jwks_url.map(|url| Material::SetUrl(url))),
            ("issuer_url", self.issuer_url.map(|url| Material::IssuerUrl(url))),
        ];
        let mut given = sources
            .into_iter()
            .filter_map(|(key, material)| Some(Given { key, material: material? }));
        let first = given.next();
        let twice = |other: Given<'_>| {
            let beside = first.as_ref().map_or("", |first| first.key);
            Fault::new(other.key, format!("a second key beside `{beside}`"), "keep one of the two")
        };
        let faults: Vec<Fault> = given.map(twice).collect();
        match faults.is_empty() {
            true => Ok(first),
            false => Err(faults),
        }
    }
}

impl Given<'_> {
    /// Reads the source. `key_id` is the name of a single key.
    pub(super) fn read(
        &self,
        algorithms: &Algorithms,
        key_id: Option<&str>,
        loopback: bool,
    ) -> Result<Supply, Vec<Fault>> {
        let unfit = |unfit| vec![Fault::unfit(self.key, unfit)];
        let one = |make: &dyn Fn(Algorithm) -> Result<Keys, Unfit>| {
            let keys = make(algorithms.one().ok_or_else(|| vec![several_algorithms()])?);
            let keys = keys.map_err(unfit)?;
            Ok(Supply::Keys(vec![Identified { id: key_id.map(str::to_owned), keys }]))
        };
        match &self.material {
            Material::Secret(content) => one(&|algorithm| {
                let bytes = content.read()?;
                Keys::from_secret(algorithm, content.without_line_break(&bytes)?)
            }),
            Material::SecretBase64(text) => {
                one(&|algorithm| Keys::from_secret(algorithm, &base64(text)?))
            }
            Material::Public(content) => {
                one(&|algorithm| Keys::from_public(algorithm, &content.read()?))
            }
            Material::Private(content) => {
                one(&|algorithm| Keys::from_private(algorithm, &content.read()?))
            }
            Material::Set(content, holds) => {
                let text = content.read().map_err(unfit)?;
                let set = JwkSet::read(&text, algorithms, *holds).map_err(unfit)?;
                self.usable(set).map(Supply::Keys)
            }
            Material::SetUrl(url) => {
                Location::read(url, loopback).map(Supply::SetAt).map_err(unfit)
            }
            Material::IssuerUrl(url) => {
                let description = Location::discovery(url, loopback).map_err(unfit)?;
                Ok(Supply::Issuer { issuer: (*url).to_owned(), description })
            }
        }
    }

    /// Whether it is fetched, so that it does not name one key.
    pub(super) fn is_public_set(&self) -> bool {
        matches!(
            self.material,
            Material::Set(_, Holds::Public) | Material::SetUrl(_) | Material::IssuerUrl(_)
        )
    }

    /// The keys of a set that somebody wrote for us: what is wrong in it is a mistake, and what is
    /// not for us is left aside.
    fn usable(&self, set: JwkSet) -> Result<Vec<Identified>, Vec<Fault>> {
        let wrong = |entry: super::jwk::Entry| {
            let problem = format!("{}: {}", entry.name, entry.unfit.problem);
            Fault::new(self.key, problem, entry.unfit.remedy)
        };
        let ignored = set.ignored.len();
        let mut faults: Vec<Fault> = set.broken.into_iter().map(wrong).collect();
        faults.extend(nameless(&set.keys).map(|algorithm| {
            let problem = format!("a key without `kid` beside another for {algorithm}");
            let remedy = "give each its own `kid`: no token could say which of them signed it";
            Fault::new(self.key, problem, remedy)
        }));
        match (faults.is_empty(), set.keys.is_empty()) {
            (false, _) => Err(faults),
            (true, false) => Ok(set.keys),
            (true, true) => {
                let problem = match ignored {
                    0 => "an empty set".to_owned(),
                    _ => "no key in it is for signatures by `algorithm`".to_owned(),
                };
                let remedy = "put a key in, or list its algorithm under `algorithm`";
                Err(vec![Fault::new(self.key, problem, remedy)])
            }
        }
    }
}

impl Content<'_> {
    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Unfit> {
        match self {
            Self::Text(text) => Ok(Zeroizing::new(text.as_bytes().to_vec())),
            Self::File(path) => fs::read(path).map(Zeroizing::new).map_err(|error| {
                Unfit::new(
                    format!("the file cannot be read: {}", error.kind()),
                    "a relative path begins at the file that names it",
                )
            }),
        }
    }

    /// A secret as it stands; an editor's line break at the end of a file is not part of it.
    fn without_line_break<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], Unfit> {
        if matches!(self, Self::Text(_)) {
            return Ok(bytes);
        }
        if std::str::from_utf8(bytes).is_err() {
            let remedy = "a secret of any bytes is given as `secret_base64`";
            return Err(Unfit::new("the file holds no UTF-8 text", remedy));
        }
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        Ok(bytes.strip_suffix(b"\r").unwrap_or(bytes))
    }
}

/// The algorithms of keys that no token can pick, since they have no name and are not alone.
fn nameless(keys: &[Identified]) -> impl Iterator<Item = &'static str> {
    let mut found: BTreeMap<&'static str, (usize, bool)> = BTreeMap::new();
    for key in keys {
        let (count, is_nameless) = found.entry(key.keys.algorithm).or_default();
        *count += 1;
        *is_nameless |= key.id.is_none();
    }
    let is_lost = |(_, (count, is_nameless)): &(_, (usize, bool))| *count > 1 && *is_nameless;
    found.into_iter().filter(is_lost).map(|(algorithm, _)| algorithm)
}

fn several_algorithms() -> Fault {
    let remedy = "keep the one that the key is for; a list is for sets of keys";
    Fault::new("algorithm", "several, and one key has exactly one", remedy)
}

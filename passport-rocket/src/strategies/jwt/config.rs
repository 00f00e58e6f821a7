//! The table of a `jwt` strategy.

use std::path::PathBuf;
use std::time::Duration;

use figment::value::magic::RelativePathBuf;
use rocket::data::{ByteUnit, ToByteUnit};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::claims::Expected;
use super::header::{self, Policy, Types};
use super::issuer::Issuer;
use super::keys::Keys;
use super::material::{Unfit, base64};
use super::verifier::Verifier;
use crate::credential::Source;
use crate::secret::Secret;

/// The table `[default.passport.<name>]` of a `jwt` strategy.
///
/// ```toml
/// [default.passport.jwt]
/// algorithm     = "HS256"
/// secret_base64 = "…"
/// issuer        = "https://tidal.example"
/// audience      = "tidal-api"
/// expires_in    = "4h"
/// token_from    = [{ scheme = "Bearer" }, { cookie = "token" }]
/// ```
/// ```sh
/// ROCKET_PASSPORT='{jwt={algorithm="HS256",secret_base64="…"}}'
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// The one algorithm: `HS256`, `HS384`, `HS512`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`,
    /// `PS512`, `ES256`, `ES384` or `EdDSA`. Required, except where the debug profile makes up the
    /// key: then `HS256`.
    #[serde(default)]
    algorithm: Option<Algorithm>,
    /// A shared secret, in UTF-8 as it stands. Exactly one source of a key must be given.
    #[serde(default)]
    secret: Option<Secret<String>>,
    /// A shared secret in base64, standard or URL-safe, padded or not.
    #[serde(default)]
    secret_base64: Option<Secret<String>>,
    /// A file with a shared secret in UTF-8; one line break at its end does not count.
    #[serde(default)]
    secret_file: Option<RelativePathBuf>,
    /// A public key in PEM (SPKI or PKCS#1): it verifies and cannot sign.
    #[serde(default)]
    public_key: Option<Secret<String>>,
    /// A file with a public key in PEM.
    #[serde(default)]
    public_key_file: Option<RelativePathBuf>,
    /// A private key in PEM (PKCS#8, PKCS#1 or SEC1): it signs, and its public half verifies.
    #[serde(default)]
    private_key: Option<Secret<String>>,
    /// A file with a private key in PEM.
    #[serde(default)]
    private_key_file: Option<RelativePathBuf>,
    /// The key's name: signed tokens carry it as `kid`, and a token with another one is refused.
    /// _Default:_ none, and `kid` is ignored.
    #[serde(default)]
    key_id: Option<String>,
    /// The exact `iss`, demanded of tokens and signed into them. _Default:_ not checked.
    #[serde(default)]
    issuer: Option<String>,
    /// One or several audiences, one of which must be in `aud`; all are signed into tokens.
    /// _Default:_ none; then a token that names an audience is for others, and refused.
    #[serde(default, deserialize_with = "one_or_several")]
    audience: Option<Vec<String>>,
    /// The exact `sub`, demanded of tokens and signed into them. _Default:_ not checked.
    #[serde(default)]
    subject: Option<String>,
    /// How long a signed token is valid. _Default:_ none; then each call must say it.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    expires_in: Option<Duration>,
    /// Signs a random `jti` of 128 bits into tokens. _Default:_ `false`.
    #[serde(default)]
    jti: bool,
    /// How long a token is accepted after its `exp`, at most five minutes. _Default:_ `"0s"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    leeway: Option<Duration>,
    /// How far `nbf` and `iat` may lie in the future, at most five minutes. _Default:_ `"5s"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    clock_skew: Option<Duration>,
    /// The accepted values of the header `typ`, `""` for a token without one; tokens are signed with
    /// the first. _Default:_ `["JWT", "at+jwt", ""]`.
    #[serde(default)]
    types: Option<Vec<String>>,
    /// Longer tokens are refused before they are read. _Default:_ `"8 KiB"`.
    #[serde(default = "default_size")]
    max_token_size: ByteUnit,
    /// Where the token may stand. _Default:_ `[{ scheme = "Bearer" }]`.
    #[serde(default = "default_sources")]
    token_from: Vec<Source>,
}

/// A mistake at a key of the table; the strategy puts file and profile to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) key: &'static str,
    pub(super) problem: String,
    pub(super) remedy: String,
}

/// Verifies and, with a private key or a secret, signs.
pub(super) struct Prepared {
    pub(super) verifier: Verifier,
    pub(super) issuer: Option<Issuer>,
    pub(super) sources: Vec<Source>,
    /// See [`Keys::identity`].
    pub(super) identity: Zeroizing<Vec<u8>>,
}

impl Config {
    /// The configured keys; `None` when no key is configured.
    pub(super) fn keys(&self) -> Result<Option<Keys>, Vec<Fault>> {
        let given = self.given();
        let (key, material) = match given.as_slice() {
            [] => return Ok(None),
            [one] => one,
            [(first, _), others @ ..] => {
                let twice = others.iter().map(|(key, _)| {
                    Fault::new(key, format!("a second key beside `{first}`"), "keep one of the two")
                });
                return Err(twice.collect());
            }
        };
        let read = match material {
            Material::Secret(secret) => Keys::from_secret(self.algorithm(), secret.as_bytes()),
            Material::Base64(text) => {
                base64(text).and_then(|secret| Keys::from_secret(self.algorithm(), &secret))
            }
            Material::SecretFile(path) => read_file(path).and_then(|text| {
                let secret = text.strip_suffix('\n').unwrap_or(&text);
                let secret = secret.strip_suffix('\r').unwrap_or(secret);
                Keys::from_secret(self.algorithm(), secret.as_bytes())
            }),
            Material::PublicKey(text) => Keys::from_public_pem(self.algorithm(), text),
            Material::PublicKeyFile(path) => {
                read_file(path).and_then(|text| Keys::from_public_pem(self.algorithm(), &text))
            }
            Material::PrivateKey(text) => Keys::from_private_pem(self.algorithm(), text),
            Material::PrivateKeyFile(path) => {
                read_file(path).and_then(|text| Keys::from_private_pem(self.algorithm(), &text))
            }
        };
        read.map(Some).map_err(|Unfit { problem, remedy }| vec![Fault::new(key, problem, remedy)])
    }

    /// Whether any source of a key is configured.
    pub(super) fn names_a_key(&self) -> bool {
        !self.given().is_empty()
    }

    /// The algorithm; see [`Config::missing_algorithm`].
    fn algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(Algorithm::HS256)
    }

    /// That nobody chose the algorithm of a configured key: a key says little of it, and a token
    /// must not.
    pub(super) fn missing_algorithm(&self, key_is_made_up: bool) -> Option<Fault> {
        if self.algorithm.is_some() || key_is_made_up {
            return None;
        }
        let remedy = "write `algorithm = \"HS256\"` for a secret, \"ES256\", \"RS256\" or \"EdDSA\" for \
                      a key pair";
        Some(Fault::new("algorithm", "missing", remedy))
    }

    /// New keys for the configured algorithm, for a run in the debug profile.
    pub(super) fn made_up_keys(&self) -> Result<Keys, Vec<Fault>> {
        Keys::generate(self.algorithm())
            .map_err(|Unfit { problem, remedy }| vec![Fault::new("algorithm", problem, remedy)])
    }

    /// That there is no key, outside the profile in which one is made up.
    pub(super) fn no_key(&self) -> Fault {
        let (key, remedy) = match self.algorithm() {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                ("secret_base64", "make one: `openssl rand -base64 64`")
            }
            _ => ("private_key_file", "name a PEM file, or a `public_key_file` to verify only"),
        };
        Fault::new(key, "missing; only the debug profile makes one up for the run", remedy)
    }

    /// Every mistake besides those in keys.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |key, problem: &str, remedy| faults.push(Fault::new(key, problem, remedy));
        for (key, text) in
            [("key_id", &self.key_id), ("issuer", &self.issuer), ("subject", &self.subject)]
        {
            if text.as_deref() == Some("") {
                fault(key, "empty", "remove it, or fill it in");
            }
        }
        let audience = self.audience.as_deref();
        if audience.is_some_and(|names| names.is_empty() || names.iter().any(String::is_empty)) {
            fault("audience", "empty", "remove it, or fill it in");
        }
        if self.types.as_ref().is_some_and(Vec::is_empty) {
            fault("types", "lets no token through", "list a type, or remove it for the default");
        }
        for (key, time) in [("leeway", self.leeway), ("clock_skew", self.clock_skew)] {
            if time.is_some_and(|time| time > MOST_LEEWAY) {
                fault(key, "longer than five minutes", "set the clocks right instead");
            }
        }
        if self.expires_in.is_some_and(|time| time.subsec_nanos() != 0 || time.is_zero()) {
            fault("expires_in", "not a whole number of seconds above zero", "tokens count seconds");
        }
        if self.max_token_size == 0 {
            fault("max_token_size", "lets no token through", "remove it for 8 KiB");
        }
        if self.token_from.is_empty() {
            fault("token_from", "lets no token through", "remove it for `Authorization: Bearer`");
        }
        faults
    }

    /// Puts the strategy together.
    pub(super) fn prepare(self, keys: Keys) -> Prepared {
        let types = self.types.as_deref().map(Types::new).unwrap_or_default();
        let audience = self.audience.unwrap_or_default();
        let Keys { algorithm, verifying, signing, identity } = keys;
        let issuer = signing.map(|key| Issuer {
            key,
            header: header::segment(algorithm, types.first(), self.key_id.as_deref()),
            issuer: self.issuer.clone(),
            audience: audience.clone(),
            subject: self.subject.clone(),
            expires_in: self.expires_in,
            with_id: self.jti,
        });
        let verifier = Verifier {
            key: verifying,
            header: Policy::new(algorithm, self.key_id, types),
            expected: Expected {
                issuer: self.issuer,
                audience,
                subject: self.subject,
                leeway: self.leeway.unwrap_or_default(),
                clock_skew: self.clock_skew.unwrap_or(DEFAULT_CLOCK_SKEW),
            },
            max_token_size: usize::try_from(self.max_token_size.as_u64()).unwrap_or(usize::MAX),
        };
        Prepared { verifier, issuer, sources: self.token_from, identity }
    }

    fn given(&self) -> Vec<(&'static str, Material<'_>)> {
        let texts = [
            ("secret", &self.secret, Material::Secret as fn(_) -> _),
            ("secret_base64", &self.secret_base64, Material::Base64),
            ("public_key", &self.public_key, Material::PublicKey),
            ("private_key", &self.private_key, Material::PrivateKey),
        ];
        let files = [
            ("secret_file", &self.secret_file, Material::SecretFile as fn(_) -> _),
            ("public_key_file", &self.public_key_file, Material::PublicKeyFile),
            ("private_key_file", &self.private_key_file, Material::PrivateKeyFile),
        ];
        let texts = texts.into_iter().filter_map(|(key, text, material)| {
            Some((key, material(text.as_ref()?.expose().as_str())))
        });
        let files = files
            .into_iter()
            .filter_map(|(key, path, material)| Some((key, material(path.as_ref()?.relative()))));
        texts.chain(files).collect()
    }
}

/// Where a key comes from.
enum Material<'c> {
    Secret(&'c str),
    Base64(&'c str),
    SecretFile(PathBuf),
    PublicKey(&'c str),
    PublicKeyFile(PathBuf),
    PrivateKey(&'c str),
    PrivateKeyFile(PathBuf),
}

impl Fault {
    fn new(key: &'static str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { key, problem: problem.into(), remedy: remedy.into() }
    }
}

fn read_file(path: &PathBuf) -> Result<Zeroizing<String>, Unfit> {
    std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        let problem = match error.kind() {
            std::io::ErrorKind::InvalidData => "the file holds no UTF-8 text".to_owned(),
            kind => format!("the file cannot be read: {kind}"),
        };
        Unfit::new(problem, "a relative path begins at the file that names it")
    })
}

fn one_or_several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    deserializer.deserialize_any(OneOrSeveral).map(Some)
}

struct OneOrSeveral;

impl<'de> serde::de::Visitor<'de> for OneOrSeveral {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, one: &str) -> Result<Vec<String>, E> {
        Ok(vec![one.to_owned()])
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(
        self,
        mut several: A,
    ) -> Result<Vec<String>, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = several.next_element()? {
            names.push(name);
        }
        Ok(names)
    }
}

fn default_size() -> ByteUnit {
    8.kibibytes()
}

fn default_sources() -> Vec<Source> {
    vec![Source::Scheme("Bearer".to_owned())]
}

const DEFAULT_CLOCK_SKEW: Duration = Duration::from_secs(5);
const MOST_LEEWAY: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use figment::Figment;
    use figment::providers::{Format, Toml};
    use serde_json::{Value, json};

    use super::super::issuer::Overrides;
    use super::super::rejection::Rejection;
    use super::*;

    const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
    const NOW: Duration = Duration::from_secs(1_000);

    fn parse(toml: &str) -> Result<Config, Box<figment::Error>> {
        Figment::from(Toml::string(toml)).extract().map_err(Box::new)
    }

    fn config(toml: &str) -> Config {
        parse(&format!("algorithm = 'HS256'\n{toml}")).unwrap()
    }

    fn prepared(toml: &str) -> Prepared {
        let config = config(&format!("secret = '{SECRET}'\n{toml}"));
        assert_eq!(config.faults(), []);
        let keys = config.keys().unwrap().unwrap();
        config.prepare(keys)
    }

    fn sign(prepared: &Prepared, claims: &Value) -> String {
        let issuer = prepared.issuer.as_ref().unwrap();
        issuer.sign(claims, &Overrides::default(), UNIX_EPOCH + NOW).unwrap()
    }

    fn judge(prepared: &Prepared, token: &str, now: Duration) -> Result<Value, Rejection> {
        prepared.verifier.verify(token, UNIX_EPOCH + now).map(|accepted| accepted.claims)
    }

    #[test]
    fn defaults_are_those_that_the_documentation_states() {
        let prepared = prepared("expires_in = '60s'");
        assert_eq!(prepared.sources, [Source::Scheme("Bearer".to_owned())]);
        assert_eq!(prepared.verifier.max_token_size, 8192);
        assert_eq!(prepared.verifier.expected.leeway, Duration::ZERO);
        assert_eq!(prepared.verifier.expected.clock_skew, Duration::from_secs(5));
        let token = sign(&prepared, &json!({"id": 7}));
        assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
        let claims = judge(&prepared, &token, NOW).unwrap();
        assert_eq!(claims, json!({"id": 7, "iat": 1000, "exp": 1060}));
    }

    #[test]
    fn what_is_configured_is_signed_and_demanded() {
        let all = prepared(
            "issuer = 'i'\naudience = ['a', 'b']\nsubject = 's'\nkey_id = 'k'\njti = true\n\
             types = ['at+jwt']\nexpires_in = '1m'\nleeway = '2s'\nclock_skew = '3s'",
        );
        let token = sign(&all, &json!({}));
        let claims = judge(&all, &token, NOW).unwrap();
        assert_eq!(claims["iss"], "i");
        assert_eq!(claims["aud"], json!(["a", "b"]));
        assert_eq!(claims["sub"], "s");
        assert!(claims["jti"].is_string());
        assert!(judge(&all, &token, Duration::from_secs(1_061)).is_ok());
        assert!(judge(&all, &token, Duration::from_secs(1_062)).is_err());
        assert!(judge(&all, &token, Duration::from_secs(997)).is_ok());
        assert!(judge(&all, &token, Duration::from_secs(996)).is_err());

        for (toml, rejection) in [
            ("issuer = 'i'", Rejection::Missing("iss")),
            ("audience = 'a'", Rejection::Missing("aud")),
            ("subject = 's'", Rejection::Missing("sub")),
            ("types = ['at+jwt']", Rejection::Type),
            ("max_token_size = 20", Rejection::TooLong { limit: 20 }),
        ] {
            let plain = sign(&prepared("expires_in = 60"), &json!({}));
            assert_eq!(judge(&prepared(toml), &plain, NOW), Err(rejection), "{toml}");
        }
        let other = prepared("expires_in = 60\nkey_id = 'other'");
        let rejection = judge(&other, &token, NOW).unwrap_err();
        assert_eq!(rejection, Rejection::KeyId);
    }

    #[test]
    fn one_audience_needs_no_brackets() {
        assert_eq!(prepared("audience = 'a'").verifier.expected.audience, ["a"]);
        assert_eq!(prepared("audience = ['a', 'b']").verifier.expected.audience, ["a", "b"]);
        assert!(parse("algorithm = 'HS256'\naudience = 7").is_err());
        assert!(parse("algorithm = 'HS256'\naudience = [7]").is_err());
    }

    #[test]
    fn reads_every_source_of_a_key() {
        let folder = std::env::temp_dir().join(format!("passport-jwt-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str, content: &str| {
            std::fs::write(folder.join(name), content).unwrap();
            folder.join(name).display().to_string()
        };
        let private = include_str!("testdata/p256-pkcs8.pem");
        let public = include_str!("testdata/p256-spki.pem");
        let text = |key: &str, pem: &str| format!("algorithm = 'ES256'\n{key} = '''{pem}'''");
        let secret = format!("algorithm = 'HS256'\nsecret = '{SECRET}'");
        let secret_base64 = "algorithm = 'HS256'\n\
            secret_base64 = 'MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6'";
        let mut identities = Vec::new();
        for (toml, signs) in [
            (secret, true),
            (secret_base64.to_owned(), true),
            (
                format!(
                    "algorithm = 'HS256'\nsecret_file = '{}'",
                    file("s", &format!("{SECRET}\r\n"))
                ),
                true,
            ),
            (text("private_key", private), true),
            (text("private_key_file", &file("private.pem", private)), true),
            (text("public_key", public), false),
            (text("public_key_file", &file("public.pem", public)), false),
        ] {
            let config = parse(&toml).unwrap();
            let keys = config.keys().unwrap().unwrap();
            identities.push(keys.identity.clone());
            assert_eq!(config.prepare(keys).issuer.is_some(), signs, "{toml}");
        }
        assert!(identities[..3].windows(2).all(|pair| pair[0] == pair[1]));
        assert!(identities[3..].windows(2).all(|pair| pair[0] == pair[1]));
        let invalid = folder.join("invalid");
        std::fs::write(&invalid, [0xff; 40]).unwrap();
        let faults = config(&format!("secret_file = '{}'", invalid.display())).keys().unwrap_err();
        assert_eq!(faults[0].problem, "the file holds no UTF-8 text");
        std::fs::remove_dir_all(folder).unwrap();
        let faults = config("secret_file = '/nowhere/at/all'").keys().unwrap_err();
        assert_eq!(faults[0].key, "secret_file");
        assert!(faults[0].problem.starts_with("the file cannot be read: "));
        assert!(!format!("{faults:?}").contains("nowhere"));
    }

    #[test]
    fn two_sources_of_a_key_are_a_mistake_that_names_both() {
        let toml = format!("secret = '{SECRET}'\nsecret_base64 = 'AA'\npublic_key_file = 'x'");
        let faults = config(&toml).keys().unwrap_err();
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].key, "secret_base64");
        assert_eq!(faults[0].problem, "a second key beside `secret`");
        assert_eq!(faults[1].key, "public_key_file");
    }

    #[test]
    fn a_key_can_be_made_up_when_none_is_given() {
        assert!(config("").keys().unwrap().is_none());
        assert_eq!(config("").no_key().key, "secret_base64");
        assert_eq!(parse("algorithm = 'EdDSA'").unwrap().no_key().key, "private_key_file");
        assert!(config("").made_up_keys().unwrap().signing.is_some());
    }

    // Trap 5, R02, R07
    #[test]
    fn an_unfit_key_is_a_mistake_at_its_key_without_its_value() {
        for (toml, key) in [
            ("algorithm = 'RS256'\nsecret = 'hunter2hunter2hunter2hunter2hunter2'", "secret"),
            ("algorithm = 'HS256'\nsecret = 'hunter2'", "secret"),
            ("algorithm = 'HS256'\nsecret_base64 = 'hunter2!'", "secret_base64"),
            ("algorithm = 'HS256'\npublic_key = 'hunter2'", "public_key"),
            ("algorithm = 'ES256'\nprivate_key = 'hunter2'", "private_key"),
        ] {
            let config = parse(toml).unwrap();
            let faults = config.keys().unwrap_err();
            assert_eq!(faults[0].key, key, "{toml}");
            assert!(!format!("{faults:?} {config:?}").contains("hunter2"), "{toml}");
        }
    }

    #[test]
    fn values_out_of_range_are_mistakes() {
        for (toml, key) in [
            ("key_id = ''", "key_id"),
            ("issuer = ''", "issuer"),
            ("subject = ''", "subject"),
            ("audience = ''", "audience"),
            ("audience = []", "audience"),
            ("audience = ['a', '']", "audience"),
            ("types = []", "types"),
            ("leeway = '301s'", "leeway"),
            ("clock_skew = '301s'", "clock_skew"),
            ("expires_in = 0", "expires_in"),
            ("expires_in = '1500ms'", "expires_in"),
            ("max_token_size = 0", "max_token_size"),
            ("token_from = []", "token_from"),
        ] {
            let faults = config(toml).faults();
            assert_eq!(faults.len(), 1, "{toml}");
            assert_eq!(faults[0].key, key, "{toml}");
        }
        assert_eq!(config("leeway = '300s'\nclock_skew = 300").faults(), []);
        assert_eq!(config("issuer = ''\ntypes = []").faults().len(), 2);
    }

    #[test]
    fn keys_that_do_not_exist_are_refused() {
        assert!(parse("algorithm = 'HS256'\naudiance = 'a'").is_err());
        assert!(parse("algorithm = 'none'").is_err());
        assert!(parse("algorithm = ['HS256', 'RS256']").is_err());
        assert!(parse("secret = 'x'").unwrap().missing_algorithm(false).is_some());
        assert!(parse("").unwrap().missing_algorithm(true).is_none());
    }

    #[test]
    fn takes_tokens_from_the_places_listed() {
        let sources = prepared(
            "token_from = [{ scheme = 'JWT' }, { header = 'X-Token' }, { cookie = 'token' }]",
        )
        .sources;
        assert_eq!(
            sources,
            [
                Source::Scheme("JWT".to_owned()),
                Source::Header("X-Token".to_owned()),
                Source::Cookie("token".to_owned()),
            ]
        );
    }
}

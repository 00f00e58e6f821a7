//! The table of a `jwt` strategy.

use std::time::Duration;

use figment::value::magic::RelativePathBuf;
use rocket::data::{ByteUnit, ToByteUnit};
use serde::Deserialize;

use super::algorithm::{Algorithm, Algorithms, Kind};
use super::claims::{Expected, MOST_REQUIRED, Required};
use super::fault::Fault;
use super::header::{Policy, Types};
use super::issuers::IssuerConfig;
use super::lists;
use super::remote::Times;
use super::sources::{Given, Sources};
use crate::credential::Source;
use crate::http_client::HttpLimits;
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
    /// `PS512`, `ES256`, `ES384` or `EdDSA`; for sets of keys, also a list of those that are
    /// accepted. Required, except where the debug profile makes up the key: then `HS256`.
    #[serde(default, deserialize_with = "lists::algorithms")]
    pub(super) algorithm: Option<Algorithms>,
    /// A shared secret, in UTF-8 as it stands. Exactly one source of keys must be given.
    #[serde(default)]
    secret: Option<Secret<String>>,
    /// A shared secret in base64, standard or URL-safe, padded or not.
    #[serde(default)]
    secret_base64: Option<Secret<String>>,
    /// A file with a shared secret in UTF-8; one line break at its end does not count.
    #[serde(default)]
    secret_file: Option<RelativePathBuf>,
    /// A public key, SPKI or PKCS#1, in PEM or as DER in base64: it verifies and cannot sign.
    #[serde(default)]
    public_key: Option<Secret<String>>,
    /// A file with a public key, in PEM or DER.
    #[serde(default)]
    public_key_file: Option<RelativePathBuf>,
    /// A private key, PKCS#8, PKCS#1 or SEC1, in PEM or as DER in base64: it signs, and its public
    /// half verifies.
    #[serde(default)]
    private_key: Option<Secret<String>>,
    /// A file with a private key, in PEM or DER.
    #[serde(default)]
    private_key_file: Option<RelativePathBuf>,
    /// A JSON Web Key Set of public keys, or one JSON Web Key.
    #[serde(default)]
    jwks: Option<Secret<String>>,
    /// A file with one.
    #[serde(default)]
    jwks_file: Option<RelativePathBuf>,
    /// A JSON Web Key Set of private keys or secrets: all verify, and one of them signs.
    #[serde(default)]
    private_jwks: Option<Secret<String>>,
    /// A file with one.
    #[serde(default)]
    private_jwks_file: Option<RelativePathBuf>,
    /// Where a provider publishes its JSON Web Key Set.
    #[serde(default)]
    jwks_url: Option<String>,
    /// An issuer that describes itself (OpenID Connect Discovery): its `iss`, and the base of the
    /// URL under which its keys are found.
    #[serde(default)]
    issuer_url: Option<String>,
    /// Several issuers, each with keys of its own.
    #[serde(default)]
    pub(super) issuers: Option<Vec<IssuerConfig>>,
    /// How long fetched keys are believed before they are fetched anew; `Cache-Control` of the
    /// provider may say less. _Default:_ `"10m"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    jwks_lifetime: Option<Duration>,
    /// How long after a fetch they stay in use while no other one succeeds; no shorter than
    /// `jwks_lifetime`. _Default:_ `"1d"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    jwks_stale: Option<Duration>,
    /// How long after a failed fetch, or one for an unknown `kid`, the next one may be. _Default:_
    /// `"30s"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    jwks_cooldown: Option<Duration>,
    /// How long a fetch may take. _Default:_ `"5s"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    jwks_timeout: Option<Duration>,
    /// The largest set that is read. _Default:_ `"256 KiB"`.
    #[serde(default)]
    jwks_max_size: Option<ByteUnit>,
    /// Whether a provider that cannot be reached refuses launch (`"require"`) or is warned of
    /// (`"warn"`). _Default:_ `"require"`.
    #[serde(default)]
    jwks_at_launch: Option<AtLaunch>,
    /// The key's name: signed tokens carry it as `kid`, and a token with another one is refused. Of
    /// private keys, the one that signs. _Default:_ none, and `kid` is ignored; the first one
    /// signs.
    #[serde(default)]
    pub(super) key_id: Option<String>,
    /// A profile that sets several of the keys below: `"rfc9068"`, JWT access tokens of OAuth 2.0.
    /// _Default:_ none.
    #[serde(default)]
    profile: Option<Profile>,
    /// The exact `iss`, demanded of tokens and signed into them. _Default:_ not checked.
    #[serde(default)]
    pub(super) issuer: Option<String>,
    /// One or several audiences, one of which must be in `aud`; all are signed into tokens.
    /// _Default:_ none; then a token that names an audience is for others, and refused.
    #[serde(default, deserialize_with = "lists::texts")]
    pub(super) audience: Option<Vec<String>>,
    /// The exact `sub`, demanded of tokens and signed into them. _Default:_ not checked.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// Claims that must be there, besides `exp` and those that are compared. _Default:_ none.
    #[serde(default)]
    required_claims: Vec<String>,
    /// How long a signed token is valid. _Default:_ none; then each call must say it.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    pub(super) expires_in: Option<Duration>,
    /// How long after its `iat` a token is accepted, whatever its `exp` says. _Default:_ not
    /// checked.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    max_age: Option<Duration>,
    /// Signs a random `jti` of 128 bits into tokens. _Default:_ `false`.
    #[serde(default)]
    jti: bool,
    /// How long a token is accepted after its `exp`, at most five minutes. _Default:_ `"0s"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    leeway: Option<Duration>,
    /// How far `nbf` and `iat` may lie in the future, at most five minutes. _Default:_ `"5s"`.
    #[serde(default, deserialize_with = "crate::duration::deserialize_opt")]
    clock_skew: Option<Duration>,
    /// The accepted values of the header `typ`, `""` for a token without one; tokens are signed
    /// with the first. _Default:_ `["JWT", "at+jwt", ""]`.
    #[serde(default)]
    types: Option<Vec<String>>,
    /// Longer tokens are refused before they are read. _Default:_ `"8 KiB"`.
    #[serde(default = "default_size")]
    max_token_size: ByteUnit,
    /// How much is remembered of accepted tokens, so that their signatures need not be verified
    /// again; `0` for nothing. _Default:_ `"8 MiB"` where a function provides keys or some are key
    /// pairs; nothing for secrets, whose signatures cost less.
    #[serde(default)]
    remember_tokens: Option<ByteUnit>,
    /// Where the token may stand. _Default:_ `[{ scheme = "Bearer" }]`, or nowhere else where a
    /// function of the application finds it.
    #[serde(default)]
    token_from: Option<Vec<Source>>,
}

/// What an unreachable provider means for launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AtLaunch {
    #[default]
    Require,
    Warn,
}

/// A set of rules with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Profile {
    /// JSON Web Token Profile for OAuth 2.0 Access Tokens.
    Rfc9068,
}

impl Config {
    /// The source of keys in the table itself; several are a mistake.
    pub(super) fn given(&self) -> Result<Option<Given<'_>>, Vec<Fault>> {
        Sources {
            secret: self.secret.as_ref(),
            secret_base64: self.secret_base64.as_ref(),
            secret_file: self.secret_file.as_ref(),
            public_key: self.public_key.as_ref(),
            public_key_file: self.public_key_file.as_ref(),
            private_key: self.private_key.as_ref(),
            private_key_file: self.private_key_file.as_ref(),
            jwks: self.jwks.as_ref(),
            jwks_file: self.jwks_file.as_ref(),
            private_jwks: self.private_jwks.as_ref(),
            private_jwks_file: self.private_jwks_file.as_ref(),
            jwks_url: self.jwks_url.as_ref(),
            issuer_url: self.issuer_url.as_ref(),
        }
        .given()
    }

    /// The algorithm of a key that is made up.
    pub(super) fn made_up_algorithm(&self) -> Algorithm {
        let first = self.algorithm.as_ref().and_then(|algorithms| algorithms.iter().next());
        first.unwrap_or(Algorithm::HS256)
    }

    /// That nobody chose the algorithm of a configured key: a key says little of it, and a token
    /// must not.
    pub(super) fn missing_algorithm(&self) -> Option<Fault> {
        if self.algorithm.is_some() {
            return None;
        }
        let remedy = "write `algorithm = \"HS256\"` for a secret, \"ES256\", \"RS256\" or \"EdDSA\" for \
                      a key pair; most providers sign with \"RS256\"";
        Some(Fault::new("algorithm", "missing", remedy))
    }

    /// That there is no key, outside the profile in which one is made up.
    pub(super) fn no_key(&self) -> Fault {
        let (key, remedy) = match Kind::of(self.made_up_algorithm()) {
            Some(Kind::Secret) => ("secret_base64", "make one: `openssl rand -base64 64`"),
            _ => ("private_key_file", "name a PEM file, or a `public_key_file` to verify only"),
        };
        Fault::new(key, "missing; only the debug profile makes one up for the run", remedy)
    }

    /// Every mistake besides those in keys.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |key, problem, remedy| faults.push(Fault::new(key, problem, remedy));
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
        if self.required_claims.iter().any(String::is_empty) {
            fault("required_claims", "one without a name", "remove it, or fill it in");
        }
        if self.required_claims.len() > MOST_REQUIRED - PROFILED.len() {
            fault("required_claims", "too many", "name at most 28; a claims type says the rest");
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
        if self.max_age.is_some_and(|age| age.is_zero()) {
            fault("max_age", "lets no token through", "remove it, or give it a time");
        }
        if self.max_token_size == 0 {
            fault("max_token_size", "lets no token through", "remove it for 8 KiB");
        }
        if self.remember_tokens.is_some_and(|size| size > 0 && size < LEAST_REMEMBERED) {
            let problem = "less than 64 KiB, which is room for a few tokens";
            fault("remember_tokens", problem, "remove it for the default, or remember `0`");
        }
        if self.token_from.as_ref().is_some_and(Vec::is_empty) {
            fault("token_from", "lets no token through", "remove it for `Authorization: Bearer`");
        }
        faults.extend(self.algorithm.as_ref().and_then(algorithm_fault));
        faults.extend(self.profile_faults());
        faults.extend(self.remote_faults());
        faults
    }

    fn profile_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.profile.is_none() {
            return faults;
        }
        let mut fault = |key, problem, remedy| faults.push(Fault::new(key, problem, remedy));
        if self.types.is_some() {
            fault("types", "said by `profile` already", "remove one of the two");
        }
        let issuers = self.issuers.as_deref().unwrap_or_default();
        let each_has_an_audience =
            !issuers.is_empty() && issuers.iter().all(|issuer| issuer.audience.is_some());
        if self.issuer.is_none() && self.issuer_url.is_none() && self.issuers.is_none() {
            fault("issuer", "missing, and `profile` demands it", "say who signs the tokens");
        }
        if self.audience.is_none() && !each_has_an_audience {
            fault("audience", "missing, and `profile` demands it", "say whom the tokens are for");
        }
        faults
    }

    fn remote_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |key, problem, remedy| faults.push(Fault::new(key, problem, remedy));
        let keys_of_a_fetch = [
            ("jwks_lifetime", self.jwks_lifetime.is_some()),
            ("jwks_stale", self.jwks_stale.is_some()),
            ("jwks_cooldown", self.jwks_cooldown.is_some()),
            ("jwks_timeout", self.jwks_timeout.is_some()),
            ("jwks_max_size", self.jwks_max_size.is_some()),
            ("jwks_at_launch", self.jwks_at_launch.is_some()),
        ];
        if !self.fetches() {
            for (key, _) in keys_of_a_fetch.into_iter().filter(|(_, is_set)| *is_set) {
                fault(key, "says something of keys that are fetched, and none are", "remove it");
            }
        }
        let Times { lifetime, stale, cooldown } = self.times();
        if lifetime.is_zero() {
            fault("jwks_lifetime", "would fetch for each request", "remove it for 10 minutes");
        } else if stale < lifetime {
            let remedy = "say how long a set stays in use after all, or remove it for a day";
            fault("jwks_stale", "shorter than `jwks_lifetime`", remedy);
        } else if cooldown > lifetime {
            let remedy = "an old set would wait for it: remove it for 30 s";
            fault("jwks_cooldown", "longer than `jwks_lifetime`", remedy);
        }
        if self.fetches() && self.algorithm.as_ref().is_some_and(Algorithms::are_of_secrets) {
            let problem = "for a secret, and a provider publishes public keys";
            fault("algorithm", problem, "say what it signs with, most with \"RS256\"");
        }
        if self.jwks_cooldown.is_some_and(|time| time < LEAST_COOLDOWN) {
            let problem = "lets a flood of forged tokens become a flood of fetches";
            fault("jwks_cooldown", problem, "give it a second at least, or remove it for 30");
        }
        if self.jwks_timeout.is_some_and(|time| time.is_zero() || time > MOST_TIMEOUT) {
            fault("jwks_timeout", "not above zero, or longer than a minute", "remove it for 5 s");
        }
        if self.jwks_max_size.is_some_and(|size| size == 0 || size > MOST_SIZE) {
            fault("jwks_max_size", "not from 1 byte to 16 MiB", "remove it for 256 KiB");
        }
        faults
    }

    /// Whether keys are fetched from somewhere.
    fn fetches(&self) -> bool {
        let issuers = self.issuers.iter().flatten();
        self.jwks_url.is_some()
            || self.issuer_url.is_some()
            || issuers.into_iter().any(IssuerConfig::fetches)
    }

    pub(super) fn times(&self) -> Times {
        let lifetime = self.jwks_lifetime.unwrap_or(Duration::from_secs(600));
        Times {
            lifetime,
            stale: self.jwks_stale.unwrap_or(lifetime.max(Duration::from_secs(86_400))),
            cooldown: self.jwks_cooldown.unwrap_or(lifetime.min(Duration::from_secs(30))),
        }
    }

    pub(super) fn limits(&self) -> HttpLimits {
        let size = self.jwks_max_size.unwrap_or(256.kibibytes()).as_u64();
        let timeout = self.jwks_timeout.unwrap_or(Duration::from_secs(5));
        HttpLimits::new(timeout, usize::try_from(size).unwrap_or(usize::MAX))
    }

    pub(super) fn at_launch(&self) -> AtLaunch {
        self.jwks_at_launch.unwrap_or_default()
    }

    /// That a provider has no keys, at the key that names it.
    pub(super) fn unreachable(&self) -> Fault {
        let key = match (&self.jwks_url, &self.issuer_url) {
            (Some(_), _) => "jwks_url",
            (_, Some(_)) => "issuer_url",
            (None, None) => "issuers",
        };
        let remedy =
            "start the provider first, or set `jwks_at_launch = \"warn\"` to start without";
        Fault::new(key, "", remedy)
    }

    pub(super) fn max_token_size(&self) -> usize {
        usize::try_from(self.max_token_size.as_u64()).unwrap_or(usize::MAX)
    }

    /// How many bytes are remembered of accepted tokens.
    pub(super) fn remembered(&self, keys_are_provided: bool) -> u64 {
        let is_of = |algorithms: &Option<Algorithms>| {
            algorithms.as_ref().is_some_and(Algorithms::are_of_key_pairs)
        };
        let issuers = self.issuers.as_deref().unwrap_or_default();
        let pays = keys_are_provided
            || is_of(&self.algorithm)
            || issuers.iter().any(|issuer| is_of(&issuer.algorithm));
        let default = if pays { REMEMBERED } else { 0.bytes() };
        self.remember_tokens.unwrap_or(default).as_u64()
    }

    /// Where the token may stand; `asks` says that a function of the application finds it, too, or
    /// alone where no place is configured.
    pub(super) fn places(&self, asks: bool) -> Vec<Source> {
        match (&self.token_from, asks) {
            (Some(places), false) => places.clone(),
            (Some(places), true) => [places.as_slice(), &[Source::Function]].concat(),
            (None, false) => vec![Source::Scheme("Bearer".to_owned())],
            (None, true) => vec![Source::Function],
        }
    }

    /// The accepted values of `typ`.
    pub(super) fn types(&self) -> Types {
        match (&self.types, self.profile) {
            (Some(types), _) => Types::new(types),
            // RFC 9068 section 4: nothing else is an access token.
            (None, Some(Profile::Rfc9068)) => Types::new(&["at+jwt".to_owned()]),
            (None, None) => Types::default(),
        }
    }

    pub(super) fn policy(&self) -> Policy {
        Policy::new(self.types())
    }

    /// What is expected of the tokens of `issuer`, where that is known.
    pub(super) fn expected(&self, issuer: Option<&str>) -> Expected {
        Expected {
            issuer: issuer.or(self.issuer.as_deref()).map(str::to_owned),
            audience: self.audience.clone().unwrap_or_default(),
            subject: self.subject.clone(),
            leeway: self.leeway.unwrap_or_default(),
            clock_skew: self.clock_skew.unwrap_or(DEFAULT_CLOCK_SKEW),
            max_age: self.max_age,
            required: self.required(),
        }
    }

    /// Whether signed tokens get a random `jti`; RFC 9068 section 2.2 wants one.
    pub(super) fn signs_id(&self) -> bool {
        self.jti || self.profile.is_some()
    }

    /// What is expected of a token that we sign, besides what is signed into each: a call may leave
    /// out the audience.
    pub(super) fn expected_of_ours(&self) -> Expected {
        let audience = Required { name: "aud".into(), is_text: false };
        let required = self.required().into_iter().chain(self.profile.map(|_| audience)).collect();
        Expected { required, ..Expected::default() }
    }

    /// The claims that a token must have.
    pub(super) fn required(&self) -> Vec<Required> {
        let named = self.required_claims.iter().cloned();
        let mut required: Vec<Required> =
            named.map(|name| Required { name: name.into(), is_text: false }).collect();
        if self.profile.is_some() {
            required.extend(PROFILED);
        }
        required
    }
}

/// What is wrong with a list of algorithms, whatever the keys are.
pub(super) fn algorithm_fault(algorithms: &Algorithms) -> Option<Fault> {
    if algorithms.iter().next().is_none() {
        let remedy = "list those that your keys are for";
        return Some(Fault::new("algorithm", "lets no token through", remedy));
    }
    let remedy = "whoever knows a public key could sign with it as a secret; use two strategies";
    let problem = "both of secrets and of key pairs";
    algorithms.mixes_families().then(|| Fault::new("algorithm", problem, remedy))
}

/// RFC 9068 section 2.2, besides `iss`, `aud` and `exp`, which are demanded by other keys.
const PROFILED: [Required; 4] = [
    Required { name: std::borrow::Cow::Borrowed("sub"), is_text: true },
    Required { name: std::borrow::Cow::Borrowed("client_id"), is_text: true },
    Required { name: std::borrow::Cow::Borrowed("jti"), is_text: true },
    Required { name: std::borrow::Cow::Borrowed("iat"), is_text: false },
];

fn default_size() -> ByteUnit {
    8.kibibytes()
}

const DEFAULT_CLOCK_SKEW: Duration = Duration::from_secs(5);
const MOST_LEEWAY: Duration = Duration::from_secs(300);
const LEAST_COOLDOWN: Duration = Duration::from_secs(1);
const MOST_TIMEOUT: Duration = Duration::from_secs(60);
const REMEMBERED: ByteUnit = ByteUnit::Mebibyte(8);
const LEAST_REMEMBERED: ByteUnit = ByteUnit::Kibibyte(64);
const MOST_SIZE: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests;

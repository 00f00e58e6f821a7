//! From a table to what verifies and signs, with every mistake on the way.

use std::collections::HashMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::algorithm::Algorithms;
use super::config::{Config, algorithm_fault};
use super::fault::Fault;
use super::fetch::{Fetcher, Place};
use super::header::{self, Policy};
use super::issuer::Issuer;
use super::issuers::IssuerConfig;
use super::jwk::Identified;
use super::key::SigningKey;
use super::key_set::KeySet;
use super::key_source::KeySource;
use super::keys::Keys;
use super::memory::Memory;
use super::provided::Key;
use super::provider::Provider;
use super::remote::RemoteKeys;
use super::sources::{Given, Supply};
use super::trust::{Trust, Trusts};
use super::verifier::Verifier;
use crate::http_client::Http;

/// What a table is prepared with.
pub(super) struct Surroundings<'s> {
    pub(super) strategy: &'s str,
    pub(super) is_debug: bool,
    pub(super) http: Option<Http>,
    pub(super) provider: Option<Arc<dyn Provider>>,
    pub(super) memory: Option<Arc<Memory>>,
}

/// Verifies and, with a private key or a secret, signs.
pub(super) struct Prepared {
    pub(super) verifier: Verifier,
    pub(super) issuer: Option<Issuer>,
    /// What no other strategy may have: secrets, public keys, or the same provider for the same
    /// audience.
    pub(super) claims: Vec<Zeroizing<Vec<u8>>>,
    /// The key was made for this run.
    pub(super) made_up: bool,
}

/// A trust under construction.
struct Source<'c> {
    given: Given<'c>,
    algorithms: Option<&'c Algorithms>,
    issuer: Option<&'c str>,
    audience: Option<&'c [String]>,
}

/// Keys as they are trusted, the one that signs, and what they claim.
struct Supplied {
    trust: Trust,
    signing: Option<Signing>,
    claims: Vec<Zeroizing<Vec<u8>>>,
}

struct Signing {
    key: SigningKey,
    algorithm: &'static str,
    id: Option<String>,
}

impl Prepared {
    /// Prepares what `config` says.
    pub(super) fn new(config: &Config, around: &Surroundings<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = config.faults();
        let policy = config.policy();
        let supplied = match (&around.provider, &config.issuers) {
            (Some(provider), _) => provided(provider, config, around),
            (None, Some(issuers)) => several(issuers, config, &policy, around),
            (None, None) => match config.given() {
                Err(faults) => Err(faults),
                Ok(Some(given)) => single(given, config, &policy, around),
                Ok(None) => made_up(config, &policy, around),
            },
        };
        match supplied {
            Ok(prepared) if faults.is_empty() => Ok(prepared),
            Ok(_) => Err(faults),
            Err(more) => {
                let is_new = |fault: &Fault| !faults.iter().any(|known| known.key == fault.key);
                let more: Vec<Fault> = more.into_iter().filter(is_new).collect();
                faults.extend(more);
                Err(faults)
            }
        }
    }

    fn of(
        trusts: Trusts,
        signing: Option<Signing>,
        claims: Vec<Zeroizing<Vec<u8>>>,
        config: &Config,
        around: &Surroundings<'_>,
    ) -> Self {
        let types = config.types();
        let issuer = signing.map(|Signing { key, algorithm, id }| Issuer {
            key,
            header: header::segment(algorithm, types.first(), id.as_deref()),
            issuer: config.issuer.clone(),
            audience: config.audience.clone().unwrap_or_default(),
            subject: config.subject.clone(),
            expires_in: config.expires_in,
            with_id: config.signs_id(),
            expected: config.expected_of_ours(),
        });
        let verifier = Verifier {
            header: config.policy(),
            trusts,
            max_token_size: config.max_token_size(),
            memory: around.memory.clone(),
        };
        Self { verifier, issuer, claims, made_up: false }
    }
}

/// The application provides keys; the configuration must not.
fn provided(
    provider: &Arc<dyn Provider>,
    config: &Config,
    around: &Surroundings<'_>,
) -> Result<Prepared, Vec<Fault>> {
    let beside = |key: &'static str| {
        let problem = "the application provides keys (`.keys(…)`), each with its algorithm";
        Fault::new(key, problem, "remove it, or the provider")
    };
    let others = [
        ("issuers", config.issuers.is_some()),
        ("algorithm", config.algorithm.is_some()),
        ("key_id", config.key_id.is_some()),
    ];
    let source = config.given()?.map(|given| given.key);
    let others = others.into_iter().filter(|(_, is_set)| *is_set).map(|(key, _)| key);
    let faults: Vec<Fault> = source.into_iter().chain(others).map(beside).collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let keys = KeySource::Provided(Arc::clone(provider));
    let trust = Trust { keys, expected: config.expected(None) };
    Ok(Prepared::of(Trusts::One(Box::new(trust)), None, Vec::new(), config, around))
}

/// No key is configured: one is made for the run, in the debug profile and nowhere else.
fn made_up(
    config: &Config,
    policy: &Policy,
    around: &Surroundings<'_>,
) -> Result<Prepared, Vec<Fault>> {
    if !around.is_debug {
        return Err(config.missing_algorithm().into_iter().chain([config.no_key()]).collect());
    }
    let keys = Keys::generate(config.made_up_algorithm())
        .map_err(|unfit| vec![Fault::unfit("algorithm", unfit)])?;
    let made = vec![Identified { id: config.key_id.clone(), keys }];
    let Supplied { trust, signing, claims } = fixed(made, config, policy, None, None)?;
    let prepared = Prepared::of(Trusts::One(Box::new(trust)), signing, claims, config, around);
    Ok(Prepared { made_up: true, ..prepared })
}

fn single(
    given: Given<'_>,
    config: &Config,
    policy: &Policy,
    around: &Surroundings<'_>,
) -> Result<Prepared, Vec<Fault>> {
    if given.is_public_set() && config.key_id.is_some() {
        let problem = "names one key, and a set has names of its own";
        return Err(vec![Fault::new("key_id", problem, "remove it")]);
    }
    let source =
        Source { given, algorithms: config.algorithm.as_ref(), issuer: None, audience: None };
    let Supplied { trust, signing, claims } = source.supply(config, policy, around)?;
    Ok(Prepared::of(Trusts::One(Box::new(trust)), signing, claims, config, around))
}

fn several(
    issuers: &[IssuerConfig],
    config: &Config,
    policy: &Policy,
    around: &Surroundings<'_>,
) -> Result<Prepared, Vec<Fault>> {
    let mut faults = Vec::new();
    if let Some(given) = config.given()? {
        faults.push(Fault::new(
            given.key,
            "a source of keys beside `issuers`",
            "keep one of the two",
        ));
    }
    for (key, is_set) in [("issuer", config.issuer.is_some()), ("key_id", config.key_id.is_some())]
    {
        if is_set {
            faults.push(Fault::new(key, "said by `issuers`, each for itself", "remove it"));
        }
    }
    if issuers.is_empty() {
        faults.push(Fault::new("issuers", "lets no token through", "list one, or remove it"));
    }
    let mut trusts = HashMap::new();
    let mut all_claims = Vec::new();
    for (index, entry) in issuers.iter().enumerate() {
        let place = format!("issuers.{index}");
        let (issuer, Supplied { trust, claims, .. }) = match one_of(entry, config, policy, around) {
            Ok(supplied) => supplied,
            Err(more) => {
                faults.extend(more.into_iter().map(|fault| fault.within(&place)));
                continue;
            }
        };
        all_claims.extend(claims);
        if trusts.insert(issuer, trust).is_some() {
            let problem = "an issuer that is listed twice";
            faults.push(Fault::new("issuer", problem, "keep one of the two").within(&place));
        }
    }
    match faults.is_empty() {
        true => Ok(Prepared::of(Trusts::ByIssuer(trusts), None, all_claims, config, around)),
        false => Err(faults),
    }
}

fn one_of(
    entry: &IssuerConfig,
    config: &Config,
    policy: &Policy,
    around: &Surroundings<'_>,
) -> Result<(String, Supplied), Vec<Fault>> {
    let mut faults = Vec::new();
    let issuer = entry.issuer().map_err(|fault| faults.push(fault)).ok();
    let audience = entry.audience.as_deref();
    if audience.is_some_and(|names| names.is_empty() || names.iter().any(String::is_empty)) {
        faults.push(Fault::new("audience", "empty", "remove it, or fill it in"));
    }
    let wrong_algorithm = entry.algorithm.as_ref().and_then(algorithm_fault);
    let algorithms = entry.algorithm.as_ref().or(config.algorithm.as_ref());
    let supplied = match entry.given() {
        Ok(Some(_)) if wrong_algorithm.is_some() => None,
        Ok(Some(given)) => {
            let source = Source { given, algorithms, issuer, audience };
            source.supply(config, policy, around).map_err(|more| faults.extend(more)).ok()
        }
        Ok(None) => {
            let remedy = "give `issuer_url`, `jwks_url`, `jwks_file` or `public_key_file`";
            faults.push(Fault::new("jwks_url", "no source of keys", remedy));
            None
        }
        Err(more) => {
            faults.extend(more);
            None
        }
    };
    faults.extend(wrong_algorithm);
    match (issuer, supplied) {
        (Some(issuer), Some(supplied)) if faults.is_empty() => Ok((issuer.to_owned(), supplied)),
        _ => Err(faults),
    }
}

impl Source<'_> {
    fn supply(
        self,
        config: &Config,
        policy: &Policy,
        around: &Surroundings<'_>,
    ) -> Result<Supplied, Vec<Fault>> {
        let missing = || config.missing_algorithm().into_iter().collect::<Vec<_>>();
        let algorithms = self.algorithms.ok_or_else(missing)?;
        let (place, issuer) =
            match self.given.read(algorithms, config.key_id.as_deref(), around.is_debug)? {
                Supply::Keys(keys) => {
                    return fixed(keys, config, policy, self.issuer, self.audience);
                }
                Supply::SetAt(location) => (Place::KeySet(location), None),
                Supply::Issuer { issuer, description } => {
                    if config.issuer.as_ref().is_some_and(|other| *other != issuer) {
                        let remedy = "keep `issuer_url`, which is the `iss` of its tokens";
                        let problem = "another one than `issuer_url`";
                        return Err(vec![Fault::new("issuer", problem, remedy)]);
                    }
                    let place = Place::Discovered {
                        issuer: issuer.clone(),
                        description,
                        key_set: std::sync::Mutex::default(),
                    };
                    (place, Some(issuer))
                }
            };
        let Some(http) = around.http.clone() else {
            let problem = "no HTTP client to fetch it with";
            let remedy = "turn on the feature `http-client` of passport-rocket, or let Rocket \
                          manage an `Http`";
            return Err(vec![Fault::new(self.given.key, problem, remedy)]);
        };
        let mut expected = config.expected(self.issuer.or(issuer.as_deref()));
        if let Some(audience) = self.audience {
            expected.audience = audience.to_vec();
        }
        let fetcher = Fetcher {
            http,
            place,
            allowed: algorithms.clone(),
            limits: config.limits(),
            loopback: around.is_debug,
        };
        // One provider may serve two strategies, as long as no token is for both.
        let claim = |audience: &str| {
            Zeroizing::new(format!("{}\0{audience}", fetcher.identity()).into_bytes())
        };
        let claims = match expected.audience.as_slice() {
            [] => vec![claim("")],
            audiences => audiences.iter().map(|audience| claim(audience)).collect(),
        };
        let keys = RemoteKeys::new(
            around.strategy,
            fetcher,
            policy.clone(),
            config.times(),
            around.memory.clone(),
        );
        let trust = Trust { keys: KeySource::Remote(keys), expected };
        Ok(Supplied { trust, signing: None, claims })
    }
}

/// Keys that are there before the port opens.
fn fixed(
    keys: Vec<Identified>,
    config: &Config,
    policy: &Policy,
    issuer: Option<&str>,
    audience: Option<&[String]>,
) -> Result<Supplied, Vec<Fault>> {
    // Whoever is one of several issuers elsewhere signs nothing here.
    let key_id = config.key_id.as_ref().filter(|_| issuer.is_none());
    let can_sign = |key: &Identified| key.keys.signing.is_some();
    let some_can = keys.iter().any(can_sign);
    let is_meant = |key: &Identified| key_id.is_none() || key_id == key.id.as_ref();
    let signer = keys.iter().position(|key| is_meant(key) && (can_sign(key) || !some_can));
    if signer.is_none() && key_id.is_some() {
        let problem = "no private key has this `kid`";
        return Err(vec![Fault::new("key_id", problem, "name one of the set, or remove it")]);
    }
    let (mut verifying, mut signing, mut claims) = (Vec::new(), None, Vec::new());
    for (index, Identified { id, mut keys }) in keys.into_iter().enumerate() {
        claims.push(std::mem::take(&mut keys.identity));
        if Some(index) == signer {
            let algorithm = keys.algorithm;
            let id = id.clone();
            signing = keys.signing.take().map(|key| Signing { key, algorithm, id });
        }
        verifying.push(Key::new(keys.into_verifying(), id));
    }
    let mut expected = config.expected(issuer);
    if let Some(audience) = audience {
        expected.audience = audience.to_vec();
    }
    let keys = KeySource::Fixed(KeySet::new(verifying, policy));
    Ok(Supplied { trust: Trust { keys, expected }, signing, claims })
}

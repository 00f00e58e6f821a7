//! The signature algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1) and what computes them.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm};
use aws_lc_rs::signature::{RsaEncoding, RsaParameters};
pub(super) use jsonwebtoken::Algorithm;

/// One algorithm: its name, and the means to compute it.
#[derive(Clone, Copy)]
pub(super) struct Scheme {
    /// As it stands in a header; compared case-sensitively (RFC 7515 section 4.1.1).
    pub(super) name: &'static str,
    pub(super) mechanism: Mechanism,
}

#[derive(Clone, Copy)]
pub(super) enum Mechanism {
    Hmac(hmac::Algorithm),
    Rsa { verify: &'static RsaParameters, sign: &'static dyn RsaEncoding },
    Ecdsa { verify: &'static EcdsaVerificationAlgorithm, sign: &'static EcdsaSigningAlgorithm },
    Ed25519,
}

impl Scheme {
    /// The scheme of `algorithm`; `None` for one that a later jsonwebtoken brings.
    pub(super) fn of(algorithm: Algorithm) -> Option<Self> {
        let (name, mechanism) = match algorithm {
            Algorithm::HS256 => ("HS256", Mechanism::Hmac(hmac::HMAC_SHA256)),
            Algorithm::HS384 => ("HS384", Mechanism::Hmac(hmac::HMAC_SHA384)),
            Algorithm::HS512 => ("HS512", Mechanism::Hmac(hmac::HMAC_SHA512)),
            Algorithm::RS256 => ("RS256", rsa(&RS256, &signature::RSA_PKCS1_SHA256)),
            Algorithm::RS384 => ("RS384", rsa(&RS384, &signature::RSA_PKCS1_SHA384)),
            Algorithm::RS512 => ("RS512", rsa(&RS512, &signature::RSA_PKCS1_SHA512)),
            Algorithm::PS256 => ("PS256", rsa(&PS256, &signature::RSA_PSS_SHA256)),
            Algorithm::PS384 => ("PS384", rsa(&PS384, &signature::RSA_PSS_SHA384)),
            Algorithm::PS512 => ("PS512", rsa(&PS512, &signature::RSA_PSS_SHA512)),
            Algorithm::ES256 => (
                "ES256",
                Mechanism::Ecdsa {
                    verify: &signature::ECDSA_P256_SHA256_FIXED,
                    sign: &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                },
            ),
            Algorithm::ES384 => (
                "ES384",
                Mechanism::Ecdsa {
                    verify: &signature::ECDSA_P384_SHA384_FIXED,
                    sign: &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
                },
            ),
            Algorithm::EdDSA => ("EdDSA", Mechanism::Ed25519),
            _ => return None,
        };
        Some(Self { name, mechanism })
    }
}

impl Mechanism {
    /// The kind of key it takes.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Hmac(_) => Kind::Secret,
            Self::Rsa { .. } => Kind::Rsa,
            Self::Ecdsa { verify, .. } if **verify == signature::ECDSA_P256_SHA256_FIXED => {
                Kind::P256
            }
            Self::Ecdsa { .. } => Kind::P384,
            Self::Ed25519 => Kind::Ed25519,
        }
    }
}

/// A kind of key, as an algorithm takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Secret,
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Kind {
    pub(super) fn of(algorithm: Algorithm) -> Option<Self> {
        Scheme::of(algorithm).map(|scheme| scheme.mechanism.kind())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "a secret",
            Self::Rsa => "an RSA key",
            Self::P256 => "a P-256 key",
            Self::P384 => "a P-384 key",
            Self::Ed25519 => "an Ed25519 key",
        })
    }
}

/// The algorithms that the configuration allows (R01); a key of a set has one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Algorithms(Vec<Algorithm>);

impl Algorithms {
    /// Every name there is.
    pub(super) const NAMES: [&'static str; 12] = [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "EdDSA",
    ];

    /// The algorithm with this exact name.
    pub(super) fn named(name: &str) -> Option<Algorithm> {
        let algorithm: Algorithm = serde_json::from_value(name.into()).ok()?;
        Scheme::of(algorithm).map(|_| algorithm)
    }

    /// The algorithm, where there is only one.
    pub(super) fn one(&self) -> Option<Algorithm> {
        match self.0.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Algorithm> {
        self.0.iter().copied()
    }

    pub(super) fn contains(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// Whether all of them take secrets.
    pub(super) fn are_of_secrets(&self) -> bool {
        self.iter().all(|one| Kind::of(one) == Some(Kind::Secret))
    }

    /// Whether all of them take key pairs.
    pub(super) fn are_of_key_pairs(&self) -> bool {
        self.iter().all(|one| Kind::of(one) != Some(Kind::Secret))
    }

    /// Whether secrets and key pairs are mixed: whoever knows a public key could then pass it off
    /// as a secret (R02, RFC 8725 section 3.1).
    pub(super) fn mixes_families(&self) -> bool {
        let secrets = self.iter().filter(|one| Kind::of(*one) == Some(Kind::Secret)).count();
        secrets > 0 && secrets < self.0.len()
    }
}

impl From<Vec<Algorithm>> for Algorithms {
    fn from(algorithms: Vec<Algorithm>) -> Self {
        let mut list = Vec::new();
        for algorithm in algorithms {
            // Whatever is listed twice is still one.
            if !list.contains(&algorithm) {
                list.push(algorithm);
            }
        }
        Self(list)
    }
}

const fn rsa(verify: &'static RsaParameters, sign: &'static dyn RsaEncoding) -> Mechanism {
    Mechanism::Rsa { verify, sign }
}

static RS256: RsaParameters = signature::RSA_PKCS1_2048_8192_SHA256;
static RS384: RsaParameters = signature::RSA_PKCS1_2048_8192_SHA384;
static RS512: RsaParameters = signature::RSA_PKCS1_2048_8192_SHA512;
static PS256: RsaParameters = signature::RSA_PSS_2048_8192_SHA256;
static PS384: RsaParameters = signature::RSA_PSS_2048_8192_SHA384;
static PS512: RsaParameters = signature::RSA_PSS_2048_8192_SHA512;

#[cfg(test)]
pub(super) const ALL: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

#[cfg(test)]
mod tests {
    use figment::value::Value;

    use super::*;

    // R01: the name in the configuration is the name in the header, to the letter.
    #[test]
    fn every_algorithm_is_configured_by_its_exact_name() {
        for algorithm in ALL {
            let name = Scheme::of(algorithm).unwrap().name;
            assert_eq!(Value::from(name).deserialize::<Algorithm>().unwrap(), algorithm);
        }
        for name in ["none", "NONE", "hs256", "HS-256", "ES512", "ES256K", "RSA-OAEP", ""] {
            assert!(Value::from(name).deserialize::<Algorithm>().is_err(), "{name}");
        }
    }

    // R02
    #[test]
    fn secrets_and_key_pairs_do_not_mix() {
        for (list, mixes) in [
            (vec![Algorithm::HS256, Algorithm::HS512], false),
            (vec![Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA], false),
            (vec![Algorithm::RS256, Algorithm::HS256], true),
            (vec![Algorithm::HS256, Algorithm::ES256], true),
        ] {
            assert_eq!(Algorithms::from(list.clone()).mixes_families(), mixes, "{list:?}");
        }
    }

    #[test]
    fn what_is_listed_twice_is_still_one() {
        let twice = Algorithms::from(vec![Algorithm::RS256, Algorithm::RS256]);
        assert_eq!(twice.one(), Some(Algorithm::RS256));
    }

    #[test]
    fn every_algorithm_takes_one_kind_of_key() {
        let kinds = ALL.map(|algorithm| Kind::of(algorithm).unwrap().to_string());
        assert_eq!(kinds[..3], ["a secret"; 3]);
        assert_eq!(kinds[3..9], ["an RSA key"; 6]);
        assert_eq!(kinds[9..], ["a P-256 key", "a P-384 key", "an Ed25519 key"]);
    }
}

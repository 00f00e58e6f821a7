//! From what the configuration says to prepared keys: reads them, and refuses what is unsafe.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{KeyPairComponents, KeySize, PublicEncryptingKey};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, RsaKeyPair, VerificationAlgorithm,
};
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Mechanism, Scheme};
use super::key::{SigningKey, VerifyingKey};
use super::material::{
    Encoding, Unfit, is_too_small, no_secret, private_kind, public_kind, read_pem, rsa_pair,
};
use super::published;
use super::small_order::is_of_small_order;

/// What a strategy verifies with, and signs with if it has the private half or the secret.
pub(super) struct Keys {
    pub(super) algorithm: &'static str,
    pub(super) verifying: VerifyingKey,
    pub(super) signing: Option<SigningKey>,
    /// The secret, or the public key as `SubjectPublicKeyInfo`: two strategies must not share it.
    pub(super) identity: Zeroizing<Vec<u8>>,
}

/// What only verifies.
pub(super) struct Verifying {
    pub(super) algorithm: &'static str,
    pub(super) key: VerifyingKey,
}

/// The numbers of a private key, as a JSON Web Key has them.
pub(super) enum PrivateParts {
    Rsa(KeyPairComponents<Vec<u8>, Zeroizing<Vec<u8>>>),
    Ecdsa { scalar: Zeroizing<Vec<u8>>, point: Vec<u8> },
    Ed25519 { seed: Zeroizing<Vec<u8>>, public: Vec<u8> },
}

impl Keys {
    /// From a shared secret, for the HMAC algorithms.
    pub(super) fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Unfit> {
        let scheme = scheme(algorithm)?;
        let Mechanism::Hmac(hash) = scheme.mechanism else {
            // Trap 5: an RSA or EC algorithm with a shared secret.
            return Err(Unfit::new(
                format!("{} takes {}, not a secret", scheme.name, scheme.mechanism.kind()),
                "give `private_key`, or `public_key` to verify only",
            ));
        };
        if let Some(found) = no_secret(secret) {
            return Err(Unfit::new(
                format!("{} takes a secret, and this is {found}", scheme.name),
                "a public key is known to everybody: choose RS256, ES256 or EdDSA, or a secret",
            ));
        }
        if let Some(place) = published::secret(secret) {
            return Err(Unfit::new(format!("published in {place}"), MAKE_A_SECRET));
        }
        // RFC 7518 section 3.2: a key of the hash's length or longer.
        let least = hash.tag_len();
        if secret.len() < least {
            return Err(Unfit::new(
                format!("too short: {} needs {least} bytes", scheme.name),
                MAKE_A_SECRET,
            ));
        }
        let mut distinct: Vec<u8> = secret.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let distinct = Zeroizing::new(distinct);
        if distinct.len() < LEAST_DISTINCT {
            return Err(Unfit::new("too regular to be random", MAKE_A_SECRET));
        }
        Ok(Self {
            algorithm: scheme.name,
            verifying: VerifyingKey::Hmac(Box::new(hmac::Key::new(hash, secret))),
            signing: Some(SigningKey::Hmac(Box::new(hmac::Key::new(hash, secret)))),
            identity: Zeroizing::new(secret.to_vec()),
        })
    }

    /// From a public key as it is handed over: PEM, DER, or DER in base64.
    pub(super) fn from_public(algorithm: Algorithm, material: &[u8]) -> Result<Self, Unfit> {
        match Encoding::of(material) {
            Encoding::Pem(text) => Self::from_public_pem(algorithm, text),
            Encoding::Der(der) => Self::from_public_der(algorithm, &der),
            Encoding::Unknown => Err(UNREADABLE_PUBLIC),
        }
    }

    /// From a private key as it is handed over: PEM, DER, or DER in base64.
    pub(super) fn from_private(algorithm: Algorithm, material: &[u8]) -> Result<Self, Unfit> {
        match Encoding::of(material) {
            Encoding::Pem(text) => Self::from_private_pem(algorithm, text),
            Encoding::Der(der) => {
                Self::from_private_der(asymmetric(algorithm)?, &der)?.unpublished()
            }
            Encoding::Unknown => Err(Unfit::new(UNREADABLE, GIVE_PRIVATE)),
        }
    }

    /// From the numbers of a public key, as a JSON Web Key has them: an RSA key in DER, or the bare
    /// bytes of a curve's point.
    pub(super) fn from_public_parts(algorithm: Algorithm, parts: &[u8]) -> Result<Self, Unfit> {
        let scheme = asymmetric(algorithm)?;
        let (verifying, spki) = prepare_public(scheme, parts).map_err(|unfit| {
            // Whoever wrote numbers is not helped by a word about PEM texts.
            if unfit == UNREADABLE_PUBLIC { NO_KEY } else { unfit }
        })?;
        let keys = Self { algorithm: scheme.name, verifying, signing: None, identity: spki.into() };
        keys.unpublished()
    }

    /// From a public key in DER, SPKI or PKCS#1.
    pub(super) fn from_public_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, Unfit> {
        let scheme = asymmetric(algorithm)?;
        if private_kind(der).is_some() {
            return Err(A_PRIVATE_KEY);
        }
        let (verifying, spki) = prepare_public(scheme, der)?;
        let keys = Self { algorithm: scheme.name, verifying, signing: None, identity: spki.into() };
        keys.unpublished()
    }

    /// From the numbers of a private key.
    pub(super) fn from_private_parts(
        algorithm: Algorithm,
        parts: PrivateParts,
    ) -> Result<Self, Unfit> {
        let scheme = asymmetric(algorithm)?;
        let inconsistent = |_| NO_KEY;
        let signing = match (scheme.mechanism, parts) {
            (Mechanism::Rsa { sign, .. }, PrivateParts::Rsa(components)) => {
                let pair = RsaKeyPair::from_components(&components);
                let pair = pair.map_err(|error| match is_too_small(&error) {
                    true => weak_rsa(),
                    false => inconsistent(error),
                })?;
                SigningKey::Rsa { pair: Box::new(pair), encoding: sign }
            }
            (Mechanism::Ecdsa { sign, .. }, PrivateParts::Ecdsa { scalar, point }) => {
                let pair = EcdsaKeyPair::from_private_key_and_public_key(sign, &scalar, &point);
                SigningKey::Ecdsa(Box::new(pair.map_err(inconsistent)?))
            }
            (Mechanism::Ed25519, PrivateParts::Ed25519 { seed, public }) => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public);
                SigningKey::Ed25519(Box::new(pair.map_err(inconsistent)?))
            }
            _ => return Err(Unfit::new(format!("{} takes another key", scheme.name), "")),
        };
        Self::of_pair(scheme, signing)?.unpublished()
    }

    /// What verifies, when nothing is to be signed.
    pub(super) fn into_verifying(self) -> Verifying {
        Verifying { algorithm: self.algorithm, key: self.verifying }
    }

    /// From a public key in PEM, SPKI or PKCS#1: it verifies only.
    pub(super) fn from_public_pem(algorithm: Algorithm, text: &str) -> Result<Self, Unfit> {
        let scheme = asymmetric(algorithm)?;
        let pem = read_pem(text)?;
        match pem.tag() {
            "PUBLIC KEY" | "RSA PUBLIC KEY" => {}
            "CERTIFICATE" => {
                return Err(Unfit::new(
                    "a certificate",
                    "take the key out: `openssl x509 -pubkey -noout -in certificate.pem`",
                ));
            }
            tag if tag.ends_with("PRIVATE KEY") => return Err(A_PRIVATE_KEY),
            _ => return Err(UNREADABLE_PUBLIC),
        }
        let (verifying, spki) = prepare_public(scheme, pem.contents())?;
        let keys = Self { algorithm: scheme.name, verifying, signing: None, identity: spki.into() };
        keys.unpublished()
    }

    /// From a private key in PEM, PKCS#8, PKCS#1 or SEC1: it signs, and its public half verifies.
    pub(super) fn from_private_pem(algorithm: Algorithm, text: &str) -> Result<Self, Unfit> {
        let scheme = asymmetric(algorithm)?;
        let pem = read_pem(text)?;
        if pem.tag() == "ENCRYPTED PRIVATE KEY" || pem.headers().get("Proc-Type").is_some() {
            return Err(Unfit::new(
                "protected by a passphrase",
                "decrypt it: `openssl pkey -in key.pem -out plain.pem`",
            ));
        }
        match pem.tag() {
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {}
            "PUBLIC KEY" | "RSA PUBLIC KEY" => return Err(A_PUBLIC_KEY),
            _ => return Err(Unfit::new(UNREADABLE, GIVE_PRIVATE)),
        }
        let der = Zeroizing::new(pem.into_contents());
        Self::from_private_der(scheme, &der)?.unpublished()
    }

    /// New keys, for a run in the debug profile.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, Unfit> {
        let scheme = scheme(algorithm)?;
        let failed = |_| Unfit::new("the system has no randomness", "");
        match scheme.mechanism {
            Mechanism::Hmac(hash) => {
                let mut secret = Zeroizing::new(vec![0; hash.tag_len()]);
                rand::fill(&mut secret).map_err(failed)?;
                Self::from_secret(algorithm, &secret)
            }
            Mechanism::Rsa { .. } => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                Self::from_private_der(scheme, pair.as_der().map_err(failed)?.as_ref())
            }
            Mechanism::Ecdsa { sign, .. } => {
                let pair = EcdsaKeyPair::generate(sign).map_err(failed)?;
                Self::from_private_der(scheme, pair.to_pkcs8v1().map_err(failed)?.as_ref())
            }
            Mechanism::Ed25519 => {
                let pair = Ed25519KeyPair::generate().map_err(failed)?;
                Self::from_private_der(scheme, pair.to_pkcs8().map_err(failed)?.as_ref())
            }
        }
    }

    fn from_private_der(scheme: Scheme, der: &[u8]) -> Result<Self, Unfit> {
        let wrong = || match private_kind(der) {
            Some(found) => wrong_kind(scheme, found),
            None if public_kind(der).is_some() => A_PUBLIC_KEY,
            None => Unfit::new(UNREADABLE, GIVE_PRIVATE),
        };
        let signing = match scheme.mechanism {
            Mechanism::Hmac(_) => return Err(wrong_family(scheme)),
            Mechanism::Rsa { sign, .. } => {
                let pair = match rsa_pair(der) {
                    Ok(pair) => pair,
                    Err(error) if is_too_small(&error) => return Err(weak_rsa()),
                    Err(_) => return Err(wrong()),
                };
                SigningKey::Rsa { pair: Box::new(pair), encoding: sign }
            }
            Mechanism::Ecdsa { sign, .. } => {
                let pair = EcdsaKeyPair::from_private_key_der(sign, der).map_err(|_| wrong())?;
                SigningKey::Ecdsa(Box::new(pair))
            }
            Mechanism::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| wrong())?;
                SigningKey::Ed25519(Box::new(pair))
            }
        };
        Self::of_pair(scheme, signing)
    }

    fn of_pair(scheme: Scheme, signing: SigningKey) -> Result<Self, Unfit> {
        let public = signing.public_key().ok_or_else(|| wrong_family(scheme))?;
        let (verifying, spki) = prepare_public(scheme, public)?;
        let (signing, identity) = (Some(signing), spki.into());
        Ok(Self { algorithm: scheme.name, verifying, signing, identity })
    }

    /// Trap 12: not a key pair of which everybody has the private half.
    fn unpublished(self) -> Result<Self, Unfit> {
        match published::public_key(&self.identity) {
            Some(place) => Err(Unfit::new(
                format!("published in {place}, private half and all"),
                "make one: `openssl genpkey -algorithm ED25519`",
            )),
            None => Ok(self),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("algorithm", &self.algorithm)
            .field("can_sign", &self.signing.is_some())
            .finish_non_exhaustive()
    }
}

/// Prepares a public key in any encoding, and returns it as `SubjectPublicKeyInfo` besides.
pub(super) fn prepare_public(scheme: Scheme, der: &[u8]) -> Result<(VerifyingKey, Vec<u8>), Unfit> {
    // RFC 4055 section 1.2: such a key may be bound to one hash and salt, which nobody would check.
    if der.windows(RSASSA_PSS.len()).any(|window| window == RSASSA_PSS) {
        return Err(Unfit::new("an RSASSA-PSS key", "give a plain RSA key (rsaEncryption)"));
    }
    let algorithm: &'static dyn VerificationAlgorithm = match scheme.mechanism {
        Mechanism::Hmac(_) => return Err(wrong_family(scheme)),
        Mechanism::Rsa { verify, .. } => verify,
        Mechanism::Ecdsa { verify, .. } => verify,
        Mechanism::Ed25519 => &signature::ED25519,
    };
    let key = ParsedPublicKey::new(algorithm, der).map_err(|_| match public_kind(der) {
        Some(found) => wrong_kind(scheme, found),
        None => UNREADABLE_PUBLIC,
    })?;
    let spki = key.as_der().map_err(|_| UNREADABLE_PUBLIC)?.as_ref().to_vec();
    // The key parses at any size: R07 is asked here, and would otherwise reject every token.
    if matches!(scheme.mechanism, Mechanism::Rsa { .. })
        && PublicEncryptingKey::from_der(&spki).is_err()
    {
        return Err(weak_rsa());
    }
    // RFC 8410 section 4: the point is what a `SubjectPublicKeyInfo` ends with.
    if matches!(scheme.mechanism, Mechanism::Ed25519)
        && spki.last_chunk::<32>().is_some_and(|point| is_of_small_order(point))
    {
        return Err(Unfit::new(
            "a point of small order, which everybody can sign for",
            "give the public half of a key pair",
        ));
    }
    Ok((VerifyingKey::Public(Box::new(key)), spki))
}

fn scheme(algorithm: Algorithm) -> Result<Scheme, Unfit> {
    Scheme::of(algorithm).ok_or_else(|| Unfit::new("no key fits: unknown algorithm", ""))
}

fn asymmetric(algorithm: Algorithm) -> Result<Scheme, Unfit> {
    let scheme = scheme(algorithm)?;
    match scheme.mechanism {
        Mechanism::Hmac(_) => Err(wrong_family(scheme)),
        _ => Ok(scheme),
    }
}

fn wrong_family(scheme: Scheme) -> Unfit {
    Unfit::new(
        format!("{} takes a secret, not a key pair", scheme.name),
        "give `secret` or `secret_base64`, or choose RS256, ES256 or EdDSA",
    )
}

fn wrong_kind(scheme: Scheme, found: &'static str) -> Unfit {
    let wanted = scheme.mechanism.kind();
    Unfit::new(
        format!("{} takes {wanted}, and this is {found}", scheme.name),
        "change the key or the `algorithm`",
    )
}

fn weak_rsa() -> Unfit {
    Unfit::new(
        "an RSA key outside 2048 to 8192 bits",
        "make one: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`",
    )
}

/// The object identifier 1.2.840.113549.1.1.10 in DER.
const RSASSA_PSS: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// Of 32 random bytes, fewer than 8 distinct ones are as good as impossible.
const LEAST_DISTINCT: usize = 8;

const A_PRIVATE_KEY: Unfit = Unfit::fixed(
    "a private key where a public key belongs",
    "give it as `private_key`, or take its public half",
);
const A_PUBLIC_KEY: Unfit = Unfit::fixed(
    "a public key where a private key belongs",
    "give it as `public_key` to verify only",
);
pub(super) const NO_KEY: Unfit =
    Unfit::fixed("numbers that make no key", "export it again from where it was made");
const UNREADABLE_PUBLIC: Unfit = Unfit::fixed(UNREADABLE, GIVE_PUBLIC);
const UNREADABLE: &str = "no key that can be read";
const GIVE_PUBLIC: &str =
    "give a PEM text (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`), or the same in DER";
const GIVE_PRIVATE: &str = "give a PEM text (`BEGIN PRIVATE KEY`, `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE KEY`), or \
     the same in DER";
const MAKE_A_SECRET: &str = "make one for `secret_base64`: `openssl rand -base64 64`";

#[cfg(test)]
mod tests;

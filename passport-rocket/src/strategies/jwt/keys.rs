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
mod tests {
    use super::super::algorithm::ALL;
    use super::*;

    const RSA: &str = include_str!("testdata/rsa-pkcs8.pem");
    const RSA_PKCS1: &str = include_str!("testdata/rsa-pkcs1.pem");
    const RSA_PUBLIC: &str = include_str!("testdata/rsa-spki.pem");
    const RSA_PUBLIC_PKCS1: &str = include_str!("testdata/rsa-pkcs1-public.pem");
    const P256: &str = include_str!("testdata/p256-pkcs8.pem");
    const P256_SEC1: &str = include_str!("testdata/p256-sec1.pem");
    const P256_PUBLIC: &str = include_str!("testdata/p256-spki.pem");
    const P384: &str = include_str!("testdata/p384-pkcs8.pem");
    const P384_PUBLIC: &str = include_str!("testdata/p384-spki.pem");
    const ED25519: &str = include_str!("testdata/ed25519-pkcs8.pem");
    const ED25519_PUBLIC: &str = include_str!("testdata/ed25519-spki.pem");
    const SECRET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

    const RSA_ALGORITHMS: [Algorithm; 6] = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];

    fn problem(keys: Result<Keys, Unfit>) -> String {
        keys.unwrap_err().problem.into_owned()
    }

    fn sign_and_verify(signer: &Keys, verifier: &Keys) {
        let signature = signer.signing.as_ref().unwrap().sign(b"message").unwrap();
        assert!(verifier.verifying.verify(b"message", &signature), "{}", signer.algorithm);
        assert!(!verifier.verifying.verify(b"massage", &signature), "{}", signer.algorithm);
        assert!(!verifier.verifying.verify(b"message", &[]), "{}", signer.algorithm);
        let (short, last) = signature.split_at(signature.len() - 1);
        assert!(!verifier.verifying.verify(b"message", short), "{}", signer.algorithm);
        let altered = [short, &[last[0] ^ 1]].concat();
        assert!(!verifier.verifying.verify(b"message", &altered), "{}", signer.algorithm);
        let longer = [&signature[..], &[0]].concat();
        assert!(!verifier.verifying.verify(b"message", &longer), "{}", signer.algorithm);
    }

    #[test]
    fn every_form_of_a_key_signs_and_verifies() {
        let pairs = [
            (Algorithm::RS256, RSA, RSA_PUBLIC),
            (Algorithm::RS512, RSA_PKCS1, RSA_PUBLIC_PKCS1),
            (Algorithm::PS256, RSA_PKCS1, RSA_PUBLIC),
            (Algorithm::PS384, RSA, RSA_PUBLIC_PKCS1),
            (Algorithm::ES256, P256, P256_PUBLIC),
            (Algorithm::ES256, P256_SEC1, P256_PUBLIC),
            (Algorithm::ES384, P384, P384_PUBLIC),
            (Algorithm::EdDSA, ED25519, ED25519_PUBLIC),
        ];
        for (algorithm, private, public) in pairs {
            let private = Keys::from_private_pem(algorithm, private).unwrap();
            let public = Keys::from_public_pem(algorithm, public).unwrap();
            sign_and_verify(&private, &private);
            sign_and_verify(&private, &public);
            assert!(public.signing.is_none());
            assert_eq!(private.identity, public.identity);
        }
        let secret = Keys::from_secret(Algorithm::HS512, SECRET).unwrap();
        sign_and_verify(&secret, &secret);
    }

    #[test]
    fn made_up_keys_work_for_every_algorithm() {
        for algorithm in ALL {
            let keys = Keys::generate(algorithm).unwrap();
            sign_and_verify(&keys, &keys);
            assert_ne!(keys.identity, Keys::generate(algorithm).unwrap().identity);
        }
    }

    // R02: a signature by one algorithm is none by another, even of the same key.
    #[test]
    fn algorithms_do_not_mix() {
        for one in RSA_ALGORITHMS {
            for other in RSA_ALGORITHMS.iter().filter(|other| **other != one) {
                let signer = Keys::from_private_pem(one, RSA).unwrap();
                let verifier = Keys::from_private_pem(*other, RSA).unwrap();
                let signature = signer.signing.unwrap().sign(b"message").unwrap();
                assert!(!verifier.verifying.verify(b"message", &signature), "{one:?} {other:?}");
            }
        }
    }

    // Trap 5, R02
    #[test]
    fn a_key_of_another_family_is_refused() {
        let problem_of = |algorithm| problem(Keys::from_secret(algorithm, SECRET));
        assert_eq!(problem_of(Algorithm::RS256), "RS256 takes an RSA key, not a secret");
        assert_eq!(problem_of(Algorithm::ES256), "ES256 takes a P-256 key, not a secret");
        assert_eq!(problem_of(Algorithm::EdDSA), "EdDSA takes an Ed25519 key, not a secret");
        for pem in [RSA, RSA_PUBLIC, P256] {
            let taken = problem(Keys::from_secret(Algorithm::HS256, pem.as_bytes()));
            assert_eq!(taken, "HS256 takes a secret, and this is a PEM file");
        }
        let taken = problem(Keys::from_public_pem(Algorithm::HS256, RSA_PUBLIC));
        assert_eq!(taken, "HS256 takes a secret, not a key pair");
        let taken = problem(Keys::from_private_pem(Algorithm::HS256, RSA));
        assert_eq!(taken, "HS256 takes a secret, not a key pair");
    }

    // R02
    #[test]
    fn a_key_of_another_kind_is_refused_by_name() {
        let keys = [
            (Algorithm::RS256, "an RSA key", RSA, RSA_PUBLIC),
            (Algorithm::ES256, "a P-256 key", P256, P256_PUBLIC),
            (Algorithm::ES384, "a P-384 key", P384, P384_PUBLIC),
            (Algorithm::EdDSA, "an Ed25519 key", ED25519, ED25519_PUBLIC),
        ];
        for (algorithm, wanted, ..) in keys {
            for (other, found, private, public) in keys {
                if algorithm == other {
                    continue;
                }
                let expected = format!("{algorithm:?} takes {wanted}, and this is {found}");
                assert_eq!(problem(Keys::from_private_pem(algorithm, private)), expected);
                assert_eq!(problem(Keys::from_public_pem(algorithm, public)), expected);
            }
        }
    }

    // R07
    #[test]
    fn a_secret_is_as_long_as_the_hash() {
        for (algorithm, least) in
            [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)]
        {
            assert!(Keys::from_secret(algorithm, &SECRET[..least]).is_ok());
            let short = problem(Keys::from_secret(algorithm, &SECRET[..least - 1]));
            assert_eq!(short, format!("too short: {algorithm:?} needs {least} bytes"));
            assert!(Keys::from_secret(algorithm, b"").is_err());
        }
    }

    // R07
    #[test]
    fn a_secret_is_no_pattern() {
        for text in ["0".repeat(64), "abcdefg".repeat(10)] {
            let regular = problem(Keys::from_secret(Algorithm::HS256, text.as_bytes()));
            assert_eq!(regular, "too regular to be random");
        }
        assert!(Keys::from_secret(Algorithm::HS256, "abcdefgh".repeat(10).as_bytes()).is_ok());
    }

    // R07
    #[test]
    fn a_short_rsa_key_is_refused() {
        for algorithm in RSA_ALGORITHMS {
            let private =
                Keys::from_private_pem(algorithm, include_str!("testdata/rsa1024-pkcs8.pem"));
            assert_eq!(problem(private), "an RSA key outside 2048 to 8192 bits");
            let public =
                Keys::from_public_pem(algorithm, include_str!("testdata/rsa1024-spki.pem"));
            assert_eq!(problem(public), "an RSA key outside 2048 to 8192 bits");
        }
    }

    #[test]
    fn an_rsa_key_with_restrictions_is_refused() {
        let key = include_str!("testdata/rsa-pss-spki.pem");
        assert_eq!(problem(Keys::from_public_pem(Algorithm::PS512, key)), "an RSASSA-PSS key");
    }

    // R07, trap 12
    #[test]
    fn a_published_key_is_refused() {
        let secret = b"a-string-secret-at-least-256-bits-long";
        let published = problem(Keys::from_secret(Algorithm::HS256, secret));
        assert_eq!(published, "published in jwt.io");
        for (algorithm, pem, place) in [
            (Algorithm::RS256, include_str!("testdata/rfc7515-a2.pem"), "RFC 7515 appendix A.2"),
            (Algorithm::ES256, include_str!("testdata/rfc7515-a3.pem"), "RFC 7515 appendix A.3"),
            (Algorithm::EdDSA, include_str!("testdata/rfc8037-a.pem"), "RFC 8037 appendix A"),
        ] {
            let published = problem(Keys::from_public_pem(algorithm, pem));
            assert_eq!(published, format!("published in {place}, private half and all"));
        }
        let private = include_str!("testdata/jwt-io-es256.pem");
        let published = problem(Keys::from_private_pem(Algorithm::ES256, private));
        assert_eq!(published, "published in jwt.io, private half and all");
    }

    // R16
    #[test]
    fn a_private_key_is_no_public_key_and_the_reverse() {
        for (algorithm, private, public) in [
            (Algorithm::RS256, RSA, RSA_PUBLIC),
            (Algorithm::RS256, RSA_PKCS1, RSA_PUBLIC_PKCS1),
            (Algorithm::ES256, P256, P256_PUBLIC),
            (Algorithm::ES256, P256_SEC1, P256_PUBLIC),
            (Algorithm::EdDSA, ED25519, ED25519_PUBLIC),
        ] {
            let swapped = problem(Keys::from_public_pem(algorithm, private));
            assert_eq!(swapped, "a private key where a public key belongs");
            let swapped = problem(Keys::from_private_pem(algorithm, public));
            assert_eq!(swapped, "a public key where a private key belongs");
        }
    }

    // RFC 7515 appendix A.1 to A.3, RFC 8037 appendix A.4.
    #[test]
    fn verifies_the_signatures_of_the_rfcs() {
        let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc\
                       19yb290Ijp0cnVlfQ";
        let rsa = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5\
                   YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h\
                   6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZE\
                   Sc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig\
                   cN_IoypGlUPQGe77Rw";
        let ec = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6N\
                  U1Q";
        let ed = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0\
                  KAg";
        let ed_message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned();
        for (algorithm, pem, message, signature) in [
            (
                Algorithm::RS256,
                include_str!("testdata/rfc7515-a2.pem"),
                format!("eyJhbGciOiJSUzI1NiJ9.{payload}"),
                rsa,
            ),
            (
                Algorithm::ES256,
                include_str!("testdata/rfc7515-a3.pem"),
                format!("eyJhbGciOiJFUzI1NiJ9.{payload}"),
                ec,
            ),
            (Algorithm::EdDSA, include_str!("testdata/rfc8037-a.pem"), ed_message, ed),
        ] {
            // Not through `Keys`, which refuses published ones.
            let der = pem::parse(pem).unwrap();
            let (key, _) = prepare_public(scheme(algorithm).unwrap(), der.contents()).unwrap();
            let signature = super::super::material::base64(signature).unwrap();
            assert!(key.verify(message.as_bytes(), &signature), "{algorithm:?}");
        }
    }

    // O02
    #[test]
    fn nothing_of_a_key_is_in_debug() {
        let keys = Keys::from_secret(Algorithm::HS256, SECRET).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys { algorithm: \"HS256\", can_sign: true, .. }");
    }
}

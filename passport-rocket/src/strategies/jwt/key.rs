//! Keys prepared once, each for one algorithm.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaEncoding, RsaKeyPair,
};
use smallvec::{SmallVec, smallvec};

/// A key that judges signatures of its one algorithm.
pub(super) enum VerifyingKey {
    Hmac(Box<hmac::Key>),
    /// RSA, ECDSA or Ed25519: the parsed key knows which.
    Public(Box<ParsedPublicKey>),
}

impl VerifyingKey {
    /// Whether `signature` is that of `message`; for HMAC compared in constant time.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(..)")
    }
}

/// A signature, in place unless it is of RSA.
pub(super) type Signature = SmallVec<[u8; INLINE_SIGNATURE]>;

/// As long as both integers of P-384; every other signature but those of RSA is shorter.
pub(super) const INLINE_SIGNATURE: usize = 96;

/// A key that makes signatures of its one algorithm.
pub(super) enum SigningKey {
    Hmac(Box<hmac::Key>),
    Rsa { pair: Box<RsaKeyPair>, encoding: &'static dyn RsaEncoding },
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl SigningKey {
    /// The public half of a key pair; a secret has none.
    pub(super) fn public_key(&self) -> Option<&[u8]> {
        match self {
            Self::Hmac(_) => None,
            Self::Rsa { pair, .. } => Some(pair.public_key().as_ref()),
            Self::Ecdsa(pair) => Some(pair.public_key().as_ref()),
            Self::Ed25519(pair) => Some(pair.public_key().as_ref()),
        }
    }

    /// Signs `message`, in the form that a token carries: for ECDSA both integers at full length
    /// (RFC 7518 section 3.4), not ASN.1.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Hmac(key) => Ok(Signature::from_slice(hmac::sign(key, message).as_ref())),
            Self::Rsa { pair, encoding } => {
                let mut signature = smallvec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(pair) => Ok(Signature::from_slice(pair.sign(&random, message)?.as_ref())),
            Self::Ed25519(pair) => Ok(Signature::from_slice(pair.try_sign(message)?.as_ref())),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

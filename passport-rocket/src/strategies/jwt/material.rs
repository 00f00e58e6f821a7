//! Key material as people hand it over: base64 and PEM texts, and what is found in them.

use std::borrow::Cow;

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{
    self, ED25519_PUBLIC_KEY_LEN, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    ParsedPublicKey, RsaKeyPair, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

/// Why something is no key for an algorithm. It never holds a piece of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfit {
    pub(super) problem: Cow<'static, str>,
    pub(super) remedy: Cow<'static, str>,
}

impl Unfit {
    pub(super) fn new(
        problem: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { problem: problem.into(), remedy: remedy.into() }
    }

    pub(super) const fn fixed(problem: &'static str, remedy: &'static str) -> Self {
        Self { problem: Cow::Borrowed(problem), remedy: Cow::Borrowed(remedy) }
    }
}

/// Base64url as JSON Web Keys have it: without padding (RFC 7515 section 2).
pub(super) fn base64url(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    URL_SAFE_NO_PAD.decode(text).ok().map(Zeroizing::new)
}

/// Base64 in the standard or the URL-safe alphabet, padded or not.
pub(super) fn base64(text: &str) -> Result<Zeroizing<Vec<u8>>, Unfit> {
    let text = Zeroizing::new(text.trim().replace('-', "+").replace('_', "/"));
    let unpadded = match text.len() % 4 {
        0 => text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(&text),
        _ => &text,
    };
    STANDARD_NO_PAD
        .decode(unpadded)
        .map(Zeroizing::new)
        .map_err(|_| Unfit::new("not base64", "or give it as `secret`, as it stands"))
}

/// How a key is handed over.
pub(super) enum Encoding<'m> {
    Pem(&'m str),
    Der(Cow<'m, [u8]>),
    Unknown,
}

impl<'m> Encoding<'m> {
    /// What `material` looks like. DER comes as it is, in a file, or in base64, as PEM without its
    /// first and last line.
    pub(super) fn of(material: &'m [u8]) -> Self {
        let Ok(text) = std::str::from_utf8(material) else {
            return Self::Der(Cow::Borrowed(material));
        };
        match text.contains("-----") {
            true => Self::Pem(text),
            false => {
                let joined: Zeroizing<String> =
                    Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
                match base64(&joined) {
                    Ok(der) if der.first() == Some(&SEQUENCE) => Self::Der(der.to_vec().into()),
                    _ => Self::Unknown,
                }
            }
        }
    }
}

/// Every key in DER begins with this tag.
const SEQUENCE: u8 = 0x30;

/// What stands where a secret belongs, if it is a key of another kind. Public ones are no secret, and
/// private ones tell that the algorithm is not the one that was meant.
pub(super) fn no_secret(secret: &[u8]) -> Option<&'static str> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    if secret.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Some("a PEM file");
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(secret) {
        return (members.contains_key("kty") || members.contains_key("keys"))
            .then_some("a JSON Web Key");
    }
    match Encoding::of(secret) {
        Encoding::Der(der) if is_key(&der) => Some("a key in DER"),
        _ => None,
    }
}

/// Whether it is a key with a name for what it is. A bare point has none, and to whoever wants to see
/// one, any 32 bytes are that of an Ed25519 key.
fn is_key(der: &[u8]) -> bool {
    der.first() == Some(&SEQUENCE)
        && der.len() != ED25519_PUBLIC_KEY_LEN
        && (public_kind(der).is_some() || private_kind(der).is_some())
}

/// The one key of a PEM text.
pub(super) fn read_pem(text: &str) -> Result<pem::Pem, Unfit> {
    // Where a line break cannot be typed, in an environment variable, people write `\n`.
    let text = Zeroizing::new(text.replace("\\n", "\n"));
    let unreadable = || Unfit::new("not a PEM text", "it begins with `-----BEGIN`");
    let mut blocks = pem::parse_many(text.as_bytes()).map_err(|_| unreadable())?;
    // `openssl ecparam -genkey` puts the curve's name before the key.
    blocks.retain(|block| block.tag() != "EC PARAMETERS");
    let key = blocks.pop().ok_or_else(unreadable)?;
    match blocks.is_empty() {
        true => Ok(key),
        false => Err(Unfit::new("more than one key", "keep the one that counts")),
    }
}

/// An RSA key pair, in PKCS#8 or PKCS#1.
pub(super) fn rsa_pair(der: &[u8]) -> Result<RsaKeyPair, KeyRejected> {
    RsaKeyPair::from_pkcs8(der).or_else(|error| match is_too_small(&error) {
        true => Err(error),
        false => RsaKeyPair::from_der(der),
    })
}

/// Whether it is an RSA key, but a short one.
pub(super) fn is_too_small(error: &KeyRejected) -> bool {
    error.to_string() == "TooSmall"
}

/// What a private key is, in words.
pub(super) fn private_kind(der: &[u8]) -> Option<&'static str> {
    let curves: [(&'static EcdsaSigningAlgorithm, &'static str); 4] = [
        (&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "a P-256 key"),
        (&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "a P-384 key"),
        (&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "a P-521 key"),
        (&signature::ECDSA_P256K1_SHA256_FIXED_SIGNING, "a secp256k1 key"),
    ];
    if Ed25519KeyPair::from_pkcs8(der).is_ok() {
        return Some("an Ed25519 key");
    }
    if rsa_pair(der).map_or_else(|error| is_too_small(&error), |_| true) {
        return Some("an RSA key");
    }
    let found =
        curves.iter().find(|(curve, _)| EcdsaKeyPair::from_private_key_der(curve, der).is_ok());
    found.map(|(_, words)| *words)
}

/// What a public key is, in words.
pub(super) fn public_kind(der: &[u8]) -> Option<&'static str> {
    let kinds: [(&'static dyn VerificationAlgorithm, &'static str); 6] = [
        (&signature::RSA_PKCS1_2048_8192_SHA256, "an RSA key"),
        (&signature::ED25519, "an Ed25519 key"),
        (&signature::ECDSA_P256_SHA256_FIXED, "a P-256 key"),
        (&signature::ECDSA_P384_SHA384_FIXED, "a P-384 key"),
        (&signature::ECDSA_P521_SHA512_FIXED, "a P-521 key"),
        (&signature::ECDSA_P256K1_SHA256_FIXED, "a secp256k1 key"),
    ];
    kinds.iter().find(|(kind, _)| ParsedPublicKey::new(*kind, der).is_ok()).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::super::algorithm::Algorithm;
    use super::super::keys::Keys;
    use super::*;

    #[test]
    fn reads_base64_in_both_alphabets_padded_or_not() {
        for text in ["+/8=", "-_8=", "+/8", "-_8", " -_8\n"] {
            assert_eq!(*base64(text).unwrap(), [0xfb, 0xff], "{text}");
        }
        assert_eq!(*base64("+w==").unwrap(), [0xfb]);
        assert!(base64("").unwrap().is_empty());
        for text in ["a", "a=", "+/9=", "+w=", "+w===", "====", "a b=", "ä", "+/8=+/8="] {
            assert_eq!(base64(text).unwrap_err().problem, "not base64", "{text}");
        }
    }

    fn problem(text: &str) -> String {
        let unfit = Keys::from_private_pem(Algorithm::ES256, text).unwrap_err();
        assert!(!unfit.problem.contains("MIGHAgEA"));
        unfit.problem.into_owned()
    }

    #[test]
    fn reads_the_one_key_of_a_pem_text() {
        let key = include_str!("testdata/p256-pkcs8.pem");
        let sec1 = include_str!("testdata/p256-sec1.pem");
        let parameters =
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        for text in [
            format!("\n  \n{key}\n"),
            key.replace('\n', "\\n"),
            key.replace('\n', "\r\n"),
            format!("{parameters}{sec1}"),
        ] {
            assert!(Keys::from_private_pem(Algorithm::ES256, &text).is_ok(), "{text}");
        }
        assert_eq!(problem(&format!("{key}{sec1}")), "more than one key");
        assert_eq!(problem(parameters), "not a PEM text");
        for text in ["", "secret", "-----BEGIN", "-----BEGIN PRIVATE KEY-----\n!\n"] {
            assert_eq!(problem(text), "not a PEM text", "{text}");
        }
    }

    #[test]
    fn says_what_a_pem_text_holds_instead() {
        let encrypted = include_str!("testdata/p256-encrypted.pem");
        assert_eq!(problem(encrypted), "protected by a passphrase");
        let old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n\
                   AAAA\n-----END EC PRIVATE KEY-----\n";
        assert_eq!(problem(old), "protected by a passphrase");
        let certificate = include_str!("testdata/p256-certificate.pem");
        assert_eq!(problem(certificate), "no key that can be read");
        let unfit = Keys::from_public_pem(Algorithm::ES256, certificate).unwrap_err();
        assert_eq!(unfit.problem, "a certificate");
        for (begin, end) in [("PRIVATE KEY", "PRIVATE KEY"), ("EC PRIVATE KEY", "EC PRIVATE KEY")] {
            let text = format!("-----BEGIN {begin}-----\nAAAA\n-----END {end}-----\n");
            assert_eq!(problem(&text), "no key that can be read");
        }
        let text = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        let unfit = Keys::from_public_pem(Algorithm::ES256, text).unwrap_err();
        assert_eq!(unfit.problem, "no key that can be read");
    }
}

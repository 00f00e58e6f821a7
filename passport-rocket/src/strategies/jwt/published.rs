//! Keys that stand in documentation, and in the tables of whoever attacks applications that copied
//! them.

use aws_lc_rs::digest;

/// Where `secret` was published, as text or as the bytes behind base64 or hexadecimal text.
pub(super) fn secret(secret: &[u8]) -> Option<&'static str> {
    let published = SECRETS.iter().find(|(text, _)| {
        text.as_bytes() == secret
            || super::material::base64(text).is_ok_and(|bytes| *bytes == secret)
            || hexadecimal(text).is_some_and(|bytes| bytes == secret)
    });
    published.map(|(_, place)| *place)
}

/// Where the private half of a public key, given as `SubjectPublicKeyInfo`, was published.
pub(super) fn public_key(spki: &[u8]) -> Option<&'static str> {
    let fingerprint = digest::digest(&digest::SHA256, spki);
    let fingerprint: String =
        fingerprint.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let published = PUBLIC_KEYS.iter().find(|(known, _)| *known == fingerprint);
    published.map(|(_, place)| *place)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    nibbles?
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

const SECRETS: &[(&str, &str)] = &[
    ("a-string-secret-at-least-256-bits-long", "jwt.io"),
    ("a-valid-string-secret-that-is-at-least-384-bits-long", "jwt.io"),
    ("a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long", "jwt.io"),
    ("your-256-bit-secret", "jwt.io"),
    ("your-384-bit-secret", "jwt.io"),
    ("your-512-bit-secret", "jwt.io"),
    (
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        "RFC 7515 and RFC 7519",
    ),
    ("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg", "RFC 7520"),
    ("AAPapAv4LbFbiVawEjagUBluYqN5rhna-8nuldDvOx8", "RFC 7520"),
    ("hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=", "Rocket's guide"),
    ("hPrYyЭRiMyµ5sBB1π+CMæ1køFsåqKvBiQJxBVHQk=", "Rocket's documentation"),
    (
        "DO NOT USE THIS VALUE. INSTEAD, CREATE A COMPLEX SECRET AND KEEP IT SAFE OUTSIDE OF THE \
         SOURCE CODE.",
        "the documentation of NestJS",
    ),
    (
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "the documentation of FastAPI",
    ),
    ("404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970", "tutorials for Spring"),
    ("secret", "the documentation of jsonwebtoken and passport-jwt"),
    ("shhhhh", "the documentation of jsonwebtoken"),
];

/// By the SHA-256 of their `SubjectPublicKeyInfo`.
const PUBLIC_KEYS: &[(&str, &str)] = &[
    ("6fd13c2435a361e7c588cd17f55f5ad3df0177a66c1727a6a200845f4d7ab88c", "RFC 7515 appendix A.2"),
    ("2bd1bb0c44a897c30a7aa0991cde38d8062fe441de50da0f46825344f602e827", "RFC 7515 appendix A.3"),
    ("bf0a7a74f9afb6edda89ebabe824241bfdb281db2da50daae9973c6cbe99fe95", "RFC 7516 appendix A.1"),
    ("c1de70b4f5ae92a53b86f6a7175e3b9b88b2f810d55aba53aca334c59fc2ea60", "RFC 7516 appendix A.2"),
    ("51b944cdfa544d4c3273aa6bf350625a7dd53bbb6a71723274f538b19a207760", "RFC 7517 appendix A.2"),
    ("ad32320cf6c596d884b05381ba573aba8ddd5749b4de8f4a23a79f9a89ddaeb2", "RFC 7517 appendix A.2"),
    ("a4109e6bac8043ec089a57064aeb14d0b5fd5025b95810541c52a168aa565344", "RFC 7517 appendix C.1"),
    ("627771f25da426d1f9ae315e42106d700b1529850eee1592acf39603959d795d", "RFC 7520 section 3.4"),
    ("229cabb741449d91d703195d4d69814fdcae96bf2f58960ae2711cedd61e3514", "RFC 7520 section 5.1"),
    ("c8579d8d878fb8eab2a6f1e714c92118b9960e1478ed906496255ed405db1636", "RFC 7520 section 5.2"),
    ("1b50d9a1d7f6619f0362fe9382506259cb44afdd1dc3083c927cab36f2ebf79b", "RFC 7520 section 5.4"),
    ("eb28a65877d2b84b92a6a9b5fd762a45e50665933d97fc0c724e70a161f2031a", "RFC 7520 section 5.5"),
    ("06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9", "RFC 8037 appendix A"),
    ("f56c8b01227f62ddbc16eb29a6ac0b310e276760a5e06302fa881a35146f6bc7", "jwt.io"),
    ("37c2309b6c001277c1b3f534d48489b0d5ff9b1d82f1447b66b6d3a0a59d88b0", "jwt.io"),
    ("a40f0f2e2974dc76a82df6ffe08ed0d79955c79e7ad0c20d97ae8f9246ade1c1", "jwt.io"),
    ("302e26c098cfde2db131e9a3b12ce4c41bbdb0c21e19fdaa4a44273664bc581e", "jwt.io"),
];

#[cfg(test)]
mod tests {
    use super::*;

    // Trap 12
    #[test]
    fn knows_published_secrets_as_text_and_as_bytes() {
        assert_eq!(secret(b"a-string-secret-at-least-256-bits-long"), Some("jwt.io"));
        let rocket = super::super::material::base64("hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=");
        assert_eq!(secret(&rocket.unwrap()), Some("Rocket's guide"));
        assert_eq!(secret(b"hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="), Some("Rocket's guide"));
        assert_eq!(secret(b"NcRfUjXn2r5u8x/A?D(G+KbPdSgVkYp"), None);
        assert_eq!(secret(b"@NcRfUjXn2r5u8x/A?D(G+KbPdSgVkYp"), Some("tutorials for Spring"));
        assert_eq!(secret(b"nobody published this: 7f1c09aa4e"), None);
    }

    #[test]
    fn knows_published_public_keys() {
        for (text, place) in [
            (include_str!("testdata/rfc7515-a2.pem"), Some("RFC 7515 appendix A.2")),
            (include_str!("testdata/rfc7515-a3.pem"), Some("RFC 7515 appendix A.3")),
            (include_str!("testdata/rfc8037-a.pem"), Some("RFC 8037 appendix A")),
            (include_str!("testdata/p256-spki.pem"), None),
        ] {
            assert_eq!(public_key(pem::parse(text).unwrap().contents()), place);
        }
    }
}

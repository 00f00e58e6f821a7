//! From the text of a token to claims that can be believed.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::accepted::{Accepted, Proof, Who};
use super::claims::Registered;
use super::compact::{Compact, LONGEST_SIGNATURE, decode_signature};
use super::header::Policy;
use super::key_source::Wait;
use super::lookup::Lookup;
use super::memory::{Memory, Seen};
use super::payload;
use super::provided::Key;
use super::rejection::Rejection;
use super::token_claims::{Says, TokenClaims};
use super::trust::{Trust, Trusts};

/// Verifies tokens by one set of rules.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) header: Policy,
    pub(super) trusts: Trusts,
    pub(super) max_token_size: usize,
    /// Without one, each request has its signature verified.
    pub(super) memory: Option<Arc<Memory>>,
}

/// A token in its parts, and whom it would have to come from. Nothing is proved yet.
pub(super) struct Opened<'t, 'v> {
    pub(super) text: &'t str,
    pub(super) compact: Compact<'t>,
    pub(super) trust: &'v Trust,
    /// Where the payload had to be looked at to find the issuer.
    payload: Option<String>,
    /// What is remembered of it, to be believed if its key is still the same.
    seen: Option<Arc<Seen>>,
}

impl Verifier {
    /// Cuts `token`, and finds out whom it would have to come from.
    pub(super) fn open<'t>(&self, token: &'t str) -> Result<Opened<'t, '_>, Rejection> {
        if let Some(seen) = self.memory.as_ref().and_then(|memory| memory.recall(token))
            && let Some(trust) = self.trusts.of_issuer(|| seen.token.issuer())
            && let Some(compact) = seen.cut(token)
        {
            return Ok(Opened { text: token, compact, trust, payload: None, seen: Some(seen) });
        }
        let compact = Compact::split(token, self.max_token_size)?;
        let (trust, payload) = match self.trusts.only() {
            Some(trust) => (trust, None),
            None => {
                let payload = compact.payload_text()?;
                (self.trusts.of_issuer_in(&payload)?, Some(payload))
            }
        };
        Ok(Opened { text: token, compact, trust, payload, seen: None })
    }

    /// The key of an opened token, or whom to wait for.
    pub(super) fn key_of<'v>(
        &self,
        token: &Opened<'_, 'v>,
        now: SystemTime,
    ) -> Lookup<'v, Wait<'v>> {
        token.trust.keys.find(token.compact.header, &self.header, now)
    }

    /// Verifies an opened token with its key at `now`. What the payload claims is not believed
    /// before the signature is right.
    pub(super) fn accept<C, U>(
        &self,
        token: Opened<'_, '_>,
        key: &Key,
        now: SystemTime,
        who: impl FnOnce(C, &Arc<TokenClaims>) -> Who<C, U>,
    ) -> Result<Accepted<C, U>, Rejection>
    where
        C: DeserializeOwned,
        U: Send + Sync + 'static,
    {
        let expected = &token.trust.expected;
        if let Some(seen) = token.seen.filter(|seen| seen.is_proved_by(key)) {
            if let Err(rejection) = seen.lifetime.judge(now, expected) {
                if matches!(rejection, Rejection::Expired { .. } | Rejection::TooOld { .. }) {
                    self.forget(token.text);
                }
                return Err(rejection);
            }
            // A type that reads one text in two ways reads it as if for the first time.
            if let Some(accepted) = Accepted::again(seen) {
                return Ok(accepted);
            }
        }
        verify_signature(token.compact, key)?;
        let payload = match token.payload {
            Some(payload) => payload,
            None => token.compact.payload_text()?,
        };
        let mut registered = Registered::new(expected);
        let claims = payload::read(&payload, &mut registered)?;
        let lifetime = registered.judge()?;
        lifetime.judge(now, expected)?;
        let says = Says::of(&payload, &registered, lifetime);
        let token_claims = Arc::new(TokenClaims::new(payload, says));
        Ok(Accepted { who: who(claims, &token_claims), proof: Proof::New(token_claims) })
    }

    /// Remembers a token that nothing else has refused either.
    pub(super) fn remember<C, U: Send + Sync + 'static>(
        &self,
        compact: Compact<'_>,
        text: &str,
        key: Cow<'_, Key>,
        Accepted { who, proof }: &Accepted<C, U>,
    ) {
        if let (Some(memory), Proof::New(token)) = (&self.memory, proof) {
            let user = match who {
                Who::Claims(_) => None,
                Who::User(user) => Some(user.erased()),
            };
            memory.keep(text, compact.dots(), key, token, user);
        }
    }

    fn forget(&self, text: &str) {
        if let Some(memory) = &self.memory {
            memory.forget(text);
        }
    }
}

fn verify_signature(compact: Compact<'_>, key: &Key) -> Result<(), Rejection> {
    let mut buffer = [0; LONGEST_SIGNATURE];
    let signature = decode_signature(compact.signature, &mut buffer)?;
    match key.verifying().verify(compact.message.as_bytes(), signature) {
        true => Ok(()),
        false => Err(Rejection::Signature),
    }
}

#[cfg(test)]
impl Verifier {
    /// A verifier of one key, and what it expects.
    pub(super) fn of(key: Key, expected: super::claims::Expected) -> Self {
        let header = Policy::default();
        let keys = KeySource::Fixed(KeySet::new(vec![key], &header));
        let trusts = Trusts::One(Box::new(Trust { keys, expected }));
        Self { header, trusts, max_token_size: 8192, memory: None }
    }

    /// Verifies with keys that are there.
    pub(super) fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Accepted<C, ()>, Rejection> {
        let opened = self.open(token)?;
        let KeySource::Fixed(keys) = &opened.trust.keys else { panic!("keys are elsewhere") };
        let key = keys.pick(opened.compact.header, &self.header)?;
        self.accept(opened, &key.clone(), now, |claims, _| Who::Claims(claims))
    }
}

#[cfg(test)]
use super::{key_set::KeySet, key_source::KeySource};

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::super::algorithm::{ALL, Algorithm};
    use super::super::claims::Expected;
    use super::super::compact::encode;
    use super::super::header::segment;
    use super::super::issuer::{Issuer, Overrides};
    use super::super::key::{SigningKey, VerifyingKey};
    use super::super::keys::{Keys, Verifying};
    use super::super::material::base64;
    use super::super::rejection::Part;
    use super::*;

    const ISSUED: u64 = 1_000;
    const SECRET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

    #[derive(Debug, Deserialize, PartialEq)]
    struct Account {
        id: i64,
    }

    fn verifier(keys: Keys) -> (Verifier, Option<SigningKey>) {
        expecting(Expected::default(), keys)
    }

    fn expecting(expected: Expected, mut keys: Keys) -> (Verifier, Option<SigningKey>) {
        let signing = keys.signing.take();
        (Verifier::of(Key::new(keys.into_verifying(), None), expected), signing)
    }

    fn hs256() -> (Verifier, SigningKey) {
        let (verifier, key) = verifier(Keys::from_secret(Algorithm::HS256, SECRET).unwrap());
        (verifier, key.unwrap())
    }

    fn forge(key: &SigningKey, header: &[u8], payload: &[u8]) -> String {
        let mut token = String::new();
        encode(header, &mut token);
        token.push('.');
        encode(payload, &mut token);
        let signature = key.sign(token.as_bytes()).unwrap();
        token.push('.');
        encode(&signature, &mut token);
        token
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn rejection(verifier: &Verifier, token: &str) -> Rejection {
        verifier.verify::<Value>(token, at(ISSUED)).unwrap_err()
    }

    const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT"}"#;
    const PAYLOAD: &[u8] = br#"{"id":7,"exp":1060}"#;

    #[test]
    fn accepts_what_the_issuer_signs_with_every_algorithm() {
        for algorithm in ALL {
            let (verifier, key) = verifier(Keys::generate(algorithm).unwrap());
            let issuer = Issuer {
                key: key.unwrap(),
                header: segment(&format!("{algorithm:?}"), Some("JWT"), None),
                issuer: None,
                audience: Vec::new(),
                subject: None,
                expires_in: Some(Duration::from_secs(60)),
                with_id: false,
                expected: Expected::default(),
            };
            let token = issuer.sign(&json!({"id": 7}), &Overrides::default(), at(ISSUED)).unwrap();
            let accepted = verifier.verify::<Account>(&token, at(ISSUED)).unwrap();
            assert_eq!(accepted.proof.token().expires_at(), at(ISSUED + 60));
            assert_eq!(accepted.proof.token().get::<Account>().unwrap(), Account { id: 7 });
            assert_eq!(accepted.into_claims(), Account { id: 7 });
            let late = verifier.verify::<Account>(&token, at(ISSUED + 63)).unwrap_err();
            assert_eq!(late.reason(), "expired 3 s ago");
        }
    }

    #[test]
    fn agrees_with_jsonwebtoken_on_every_algorithm() {
        use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};

        let long = [SECRET, SECRET].concat();
        for algorithm in ALL {
            let pem = |private: &'static str, public: &'static str| {
                let keys = Keys::from_private_pem(algorithm, private).unwrap();
                (keys, private.as_bytes(), public.as_bytes())
            };
            let rsa =
                (include_str!("testdata/rsa-pkcs8.pem"), include_str!("testdata/rsa-spki.pem"));
            let (keys, encoding, decoding) = match algorithm {
                Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => (
                    Keys::from_secret(algorithm, &long).unwrap(),
                    EncodingKey::from_secret(&long),
                    DecodingKey::from_secret(&long),
                ),
                Algorithm::ES256 | Algorithm::ES384 => {
                    let (private, public) = match algorithm {
                        Algorithm::ES256 => (
                            include_str!("testdata/p256-pkcs8.pem"),
                            include_str!("testdata/p256-spki.pem"),
                        ),
                        _ => (
                            include_str!("testdata/p384-pkcs8.pem"),
                            include_str!("testdata/p384-spki.pem"),
                        ),
                    };
                    let (keys, private, public) = pem(private, public);
                    (
                        keys,
                        EncodingKey::from_ec_pem(private).unwrap(),
                        DecodingKey::from_ec_pem(public).unwrap(),
                    )
                }
                Algorithm::EdDSA => {
                    let (keys, private, public) = pem(
                        include_str!("testdata/ed25519-pkcs8.pem"),
                        include_str!("testdata/ed25519-spki.pem"),
                    );
                    (
                        keys,
                        EncodingKey::from_ed_pem(private).unwrap(),
                        DecodingKey::from_ed_pem(public).unwrap(),
                    )
                }
                _ => {
                    let (keys, private, public) = pem(rsa.0, rsa.1);
                    (
                        keys,
                        EncodingKey::from_rsa_pem(private).unwrap(),
                        DecodingKey::from_rsa_pem(public).unwrap(),
                    )
                }
            };
            let (verifier, key) = verifier(keys);
            let theirs = encode(&Header::new(algorithm), &json!({"id": 7, "exp": 1060}), &encoding);
            let accepted = verifier.verify::<Account>(&theirs.unwrap(), at(ISSUED)).unwrap();
            assert_eq!(accepted.into_claims(), Account { id: 7 }, "{algorithm:?}");

            let header = format!(r#"{{"alg":"{algorithm:?}"}}"#);
            let ours = forge(&key.unwrap(), header.as_bytes(), PAYLOAD);
            let mut validation = Validation::new(algorithm);
            validation.validate_exp = false;
            let decoded = decode::<Account>(&ours, &decoding, &validation).unwrap();
            assert_eq!(decoded.claims, Account { id: 7 }, "{algorithm:?}");
        }
    }

    // RFC 7515 appendix A.1; its token has no `typ` that we would refuse and a header with a line
    // break in it.
    #[test]
    fn verifies_the_example_of_rfc_7515() {
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkz\
                     ODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU\
                     1p1r_wW1gFWFOEjXk";
        let secret = base64(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        );
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret.unwrap());
        // Not through `Keys`, which refuses published ones.
        let key = Verifying { algorithm: "HS256", key: VerifyingKey::Hmac(Box::new(key)) };
        let verifier = Verifier::of(Key::new(key, None), Expected::default());
        let accepted = verifier.verify::<Value>(token, at(1_300_819_379)).unwrap();
        assert_eq!(accepted.into_claims()["http://example.com/is_root"], json!(true));
        assert!(verifier.verify::<Value>(token, at(1_300_819_380)).is_err());
    }

    // R03: RFC 7515 appendix A.5, and the same with any signature.
    #[test]
    fn rejects_token_signed_with_none() {
        let (verifier, key) = hs256();
        let unsecured = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly\
                         9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
        assert_eq!(rejection(&verifier, unsecured), Rejection::NotThreeParts);
        for name in ["none", "noNE", "NONE"] {
            let token = forge(&key, format!(r#"{{"alg":"{name}"}}"#).as_bytes(), PAYLOAD);
            assert_eq!(
                rejection(&verifier, &token),
                Rejection::Algorithm { expected: Some("HS256") }
            );
            let mut token = token[..token.rfind('.').unwrap()].to_owned();
            token.push_str(".AA");
            assert_eq!(
                rejection(&verifier, &token),
                Rejection::Algorithm { expected: Some("HS256") }
            );
        }
    }

    // R02: the public key is no HMAC secret, and one algorithm is not another.
    #[test]
    fn rejects_another_algorithm_than_the_keys() {
        let (verifier, _) = verifier(Keys::generate(Algorithm::RS256).unwrap());
        let (_, key) = hs256();
        for name in ["HS256", "RS384", "PS256"] {
            let token = forge(&key, format!(r#"{{"alg":"{name}"}}"#).as_bytes(), PAYLOAD);
            assert_eq!(
                rejection(&verifier, &token),
                Rejection::Algorithm { expected: Some("RS256") }
            );
        }
    }

    #[test]
    fn rejects_a_signature_that_does_not_match() {
        let (verifier, key) = hs256();
        let token = forge(&key, HEADER, PAYLOAD);
        assert!(verifier.verify::<Value>(&token, at(ISSUED)).is_ok());
        let other = forge(&key, HEADER, br#"{"id":8,"exp":1060}"#);
        let (message, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = token.rsplit_once('.').unwrap();
        let swapped = format!("{message}.{signature}");
        assert_eq!(rejection(&verifier, &swapped), Rejection::Signature);
        assert_eq!(rejection(&verifier, &format!("{message}.AAAA")), Rejection::Signature);
        let padded = rejection(&verifier, &format!("{message}.AB"));
        assert_eq!(padded, Rejection::NotBase64(Part::Signature));
        let stranger = Keys::from_secret(Algorithm::HS256, b"zyxwvutsrqponmlkjihgfedcba9876543210");
        let token = forge(&stranger.unwrap().signing.unwrap(), HEADER, PAYLOAD);
        assert_eq!(rejection(&verifier, &token), Rejection::Signature);
    }

    // R06
    #[test]
    fn never_takes_a_key_from_the_token() {
        let (verifier, key) = hs256();
        let header = br#"{"alg":"HS256","jku":"https://evil","x5u":"https://evil","x5c":["AA"],
            "jwk":{"kty":"oct","k":"AA"}}"#;
        let token = forge(&key, header, PAYLOAD);
        assert!(verifier.verify::<Value>(&token, at(ISSUED)).is_ok());
        let stranger = Keys::generate(Algorithm::HS256).unwrap().signing.unwrap();
        let token = forge(&stranger, header, PAYLOAD);
        assert_eq!(rejection(&verifier, &token), Rejection::Signature);
    }

    // R04, R05, R11 in the order in which they are asked: nothing behind a refused part is read.
    #[test]
    fn rejects_before_it_reads_on() {
        let (verifier, key) = hs256();
        let long = forge(&key, HEADER, &[b' '; 8192]);
        assert_eq!(rejection(&verifier, &long), Rejection::TooLong { limit: 8192 });
        assert_eq!(rejection(&verifier, "{}.{}.{}"), Rejection::ForeignCharacter);
        assert_eq!(rejection(&verifier, "a.b"), Rejection::NotThreeParts);
        assert_eq!(rejection(&verifier, "a.b.c"), Rejection::NotBase64(Part::Header));
        let token = forge(&key, br#"{"alg":"HS256","crit":["x"]}"#, PAYLOAD);
        assert_eq!(rejection(&verifier, &token), Rejection::Critical);
        let token = forge(&key, br#"{"alg":"HS256","typ":"dpop+jwt"}"#, PAYLOAD);
        assert_eq!(rejection(&verifier, &token), Rejection::Type);
        let unsigned = format!("{}.!.AA", segment("HS256", None, None));
        assert_eq!(rejection(&verifier, &unsigned), Rejection::ForeignCharacter);
    }

    // R05
    #[test]
    fn rejects_payloads_that_are_no_object_in_utf8() {
        let (verifier, key) = hs256();
        for payload in
            [&b""[..], b"null", b"[]", b"{\"exp\":1060,\"a\":\"\xff\"}", b"\xef\xbb\xbf{}"]
        {
            let token = forge(&key, HEADER, payload);
            let expected = match payload {
                b"" => Rejection::NotThreeParts,
                _ => Rejection::NotAnObject,
            };
            assert_eq!(rejection(&verifier, &token), expected);
        }
        // Signed, and spelled with trailing bits that say nothing.
        let mut token = segment("HS256", None, None);
        token.push_str(".e31");
        let signature = key.sign(token.as_bytes()).unwrap();
        token.push('.');
        encode(&signature, &mut token);
        assert_eq!(rejection(&verifier, &token), Rejection::NotBase64(Part::Payload));
    }

    #[test]
    fn judges_claims_and_times() {
        let expected = Expected { audience: vec!["api".to_owned()], ..Expected::default() };
        let keys = Keys::from_secret(Algorithm::HS256, SECRET).unwrap();
        let (verifier, key) = expecting(expected, keys);
        let key = key.unwrap();
        let token = forge(&key, HEADER, PAYLOAD);
        assert_eq!(rejection(&verifier, &token), Rejection::Missing("aud"));
        let token = forge(&key, HEADER, br#"{"exp":900,"aud":"api"}"#);
        let ago = Duration::from_secs(100);
        assert_eq!(rejection(&verifier, &token), Rejection::Expired { ago });
    }

    // R05
    #[test]
    fn refuses_a_member_that_is_there_twice_within_a_claim() {
        let (verifier, key) = hs256();
        let verify = |payload: &str| {
            let token = forge(&key, br#"{"alg":"HS256"}"#, payload.as_bytes());
            verifier.verify::<Value>(&token, UNIX_EPOCH).map(Accepted::into_claims)
        };
        assert!(verify(r#"{"exp":1,"user":{"id":1,"of":[{"id":2}]}}"#).is_ok());
        for twice in [
            r#"{"exp":1,"user":{"id":1,"id":2}}"#,
            r#"{"exp":1,"user":[{"id":1,"i\u0064":2}]}"#,
            r#"{"exp":1,"aud":[{"a":1,"a":1}]}"#,
        ] {
            assert_eq!(verify(twice).unwrap_err(), Rejection::RepeatedWithin, "{twice}");
        }
        let deep = format!(r#"{{"exp":1,"x":{}1{}}}"#, r#"{"x":"#.repeat(500), "}".repeat(500));
        assert_eq!(verify(&deep).unwrap_err(), Rejection::RepeatedWithin);
    }
}

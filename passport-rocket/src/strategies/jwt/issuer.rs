//! Signs tokens: the application's claims, and what the configuration adds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::Serialize;

use super::cannot_sign::CannotSign;
use super::claims::Expected;
use super::compact::encode;
use super::draft::Draft;
use super::key::{INLINE_SIGNATURE, SigningKey};
use super::numeric_date::LATEST;

/// Signs tokens with one key, by one set of rules.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) key: SigningKey,
    /// The encoded header.
    pub(super) header: String,
    pub(super) issuer: Option<String>,
    pub(super) audience: Vec<String>,
    pub(super) subject: Option<String>,
    pub(super) expires_in: Option<Duration>,
    pub(super) with_id: bool,
    /// What we would demand of the token, but for whom it comes from and is for.
    pub(super) expected: Expected,
}

/// What one token has otherwise than the configuration says.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    pub(super) expires_in: Option<Duration>,
    pub(super) valid_in: Option<Duration>,
    pub(super) audience: Option<Vec<String>>,
    pub(super) subject: Option<String>,
    pub(super) id: Option<String>,
}

impl Overrides {
    /// For a token to look at: an hour, whatever is configured.
    pub(super) fn for_an_hour() -> Self {
        Self { expires_in: Some(Duration::from_secs(3_600)), ..Self::default() }
    }
}

impl Issuer {
    /// Signs `claims`.
    pub(super) fn sign<T: Serialize + ?Sized>(
        &self,
        claims: &T,
        overrides: &Overrides,
        now: SystemTime,
    ) -> Result<String, CannotSign> {
        seal(&self.header, &self.payload(claims, overrides, now)?, &self.key)
    }

    /// What is signed of `claims`.
    pub(super) fn payload<T: Serialize + ?Sized>(
        &self,
        claims: &T,
        overrides: &Overrides,
        now: SystemTime,
    ) -> Result<String, CannotSign> {
        let mut draft = Draft::of(claims)?;
        self.add_to(&mut draft, overrides, now)?;
        draft.end(&self.expected)
    }

    fn add_to(
        &self,
        draft: &mut Draft,
        overrides: &Overrides,
        now: SystemTime,
    ) -> Result<(), CannotSign> {
        let now = now.duration_since(UNIX_EPOCH).map_err(|_| CannotSign::Clock)?.as_secs();
        let after = |span: Duration| match now.checked_add(span.as_secs()) {
            Some(time) if time <= LATEST => Ok(time),
            _ => Err(CannotSign::Clock),
        };
        draft.add("iat", &now)?;
        if let Some(span) = overrides.expires_in.or(self.expires_in) {
            draft.add("exp", &after(span)?)?;
        }
        if let Some(span) = overrides.valid_in {
            draft.add("nbf", &after(span)?)?;
        }
        if let Some(issuer) = &self.issuer {
            draft.add("iss", issuer)?;
        }
        match overrides.audience.as_ref().unwrap_or(&self.audience).as_slice() {
            [] => {}
            [one] => draft.add("aud", one)?,
            several => draft.add("aud", several)?,
        }
        if let Some(subject) = overrides.subject.as_ref().or(self.subject.as_ref()) {
            draft.add("sub", subject)?;
        }
        match &overrides.id {
            Some(id) => draft.add("jti", id),
            None if self.with_id => draft.add("jti", &random_id()?),
            None => Ok(()),
        }
    }
}

/// A token of an encoded header and a payload, signed with `key`.
pub(super) fn seal(header: &str, payload: &str, key: &SigningKey) -> Result<String, CannotSign> {
    let bytes = payload.len() + INLINE_SIGNATURE;
    let mut token = Vec::with_capacity(header.len() + bytes.div_ceil(3) * 4 + 2);
    token.extend_from_slice(header.as_bytes());
    add_part(payload.as_bytes(), &mut token)?;
    let signature = key.sign(&token).map_err(|_| CannotSign::Crypto)?;
    add_part(&signature, &mut token)?;
    String::from_utf8(token).map_err(|_| CannotSign::Crypto)
}

/// Adds a dot and a part, encoded where it is to stand: `encode` would fill a buffer of its own.
fn add_part(bytes: &[u8], token: &mut Vec<u8>) -> Result<(), CannotSign> {
    token.push(b'.');
    let begin = token.len();
    let length = base64::encoded_len(bytes.len(), false).ok_or(CannotSign::Crypto)?;
    token.resize(begin + length, 0);
    let part = token.get_mut(begin..).ok_or(CannotSign::Crypto)?;
    URL_SAFE_NO_PAD.encode_slice(bytes, part).map_err(|_| CannotSign::Crypto)?;
    Ok(())
}

/// 128 bits, so that nobody guesses or repeats one.
fn random_id() -> Result<String, CannotSign> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| CannotSign::Crypto)?;
    let mut id = String::new();
    encode(&bytes, &mut id);
    Ok(id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::algorithm::Algorithm;
    use super::super::header;
    use super::super::keys::Keys;
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Claims {
        username: &'static str,
        id: i64,
        employer_type: &'static str,
    }

    const CLAIMS: Claims = Claims { username: "quay", id: 7, employer_type: "port" };

    fn issuer() -> Issuer {
        let keys = Keys::generate(Algorithm::HS256).unwrap();
        Issuer {
            key: keys.signing.unwrap(),
            header: header::segment("HS256", Some("JWT"), None),
            issuer: None,
            audience: Vec::new(),
            subject: None,
            expires_in: Some(Duration::from_secs(14_400)),
            with_id: false,
            expected: Expected::default(),
        }
    }

    fn payload(
        issuer: &Issuer,
        claims: &impl Serialize,
        overrides: &Overrides,
    ) -> Result<String, CannotSign> {
        let token = issuer.sign(claims, overrides, UNIX_EPOCH + NOW)?;
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        Ok(String::from_utf8(payload).unwrap())
    }

    fn refusal(issuer: &Issuer, claims: &impl Serialize) -> String {
        let cannot = payload(issuer, claims, &Overrides::default()).unwrap_err();
        crate::error::Error::from(cannot).to_string()
    }

    #[test]
    fn adds_nothing_but_times_unless_configured() {
        assert_eq!(
            payload(&issuer(), &CLAIMS, &Overrides::default()).unwrap(),
            r#"{"username":"quay","id":7,"employerType":"port","iat":1000,"exp":15400}"#
        );
        assert_eq!(
            payload(&issuer(), &json!({}), &Overrides::default()).unwrap(),
            r#"{"iat":1000,"exp":15400}"#
        );
    }

    // T01
    #[test]
    fn adds_what_is_configured() {
        let issuer = Issuer {
            issuer: Some("https://a".to_owned()),
            audience: vec!["api".to_owned()],
            subject: Some("s\"".to_owned()),
            ..issuer()
        };
        assert_eq!(
            payload(&issuer, &json!({"a": 1}), &Overrides::default()).unwrap(),
            r#"{"a":1,"iat":1000,"exp":15400,"iss":"https://a","aud":"api","sub":"s\""}"#
        );
        let issuer = Issuer { audience: vec!["a".to_owned(), "b".to_owned()], ..issuer };
        let overrides = Overrides {
            expires_in: Some(Duration::from_secs(15)),
            valid_in: Some(Duration::from_secs(5)),
            subject: Some("7".to_owned()),
            id: Some("x".to_owned()),
            audience: None,
        };
        assert_eq!(
            payload(&issuer, &json!({}), &overrides).unwrap(),
            r#"{"iat":1000,"exp":1015,"nbf":1005,"iss":"https://a","aud":["a","b"],"sub":"7","jti":"x"}"#
        );
        let overrides = Overrides { audience: Some(vec![]), ..Overrides::default() };
        assert!(!payload(&issuer, &json!({}), &overrides).unwrap().contains("aud"));
    }

    #[test]
    fn ids_are_random_and_long() {
        let issuer = Issuer { with_id: true, ..issuer() };
        let id = || {
            let payload = payload(&issuer, &json!({}), &Overrides::default()).unwrap();
            let payload: Value = serde_json::from_str(&payload).unwrap();
            payload["jti"].as_str().unwrap().to_owned()
        };
        assert_eq!(id().len(), 22);
        assert_ne!(id(), id());
    }

    #[test]
    fn refuses_a_claim_that_is_set_twice() {
        let issuer = Issuer {
            issuer: Some("i".to_owned()),
            audience: vec!["a".to_owned()],
            subject: Some("s".to_owned()),
            with_id: true,
            ..issuer()
        };
        for name in ["iat", "exp", "iss", "aud", "sub", "jti"] {
            let message = refusal(&issuer, &json!({ name: 5 }));
            assert!(message.contains(&format!("`{name}`")), "{message}");
        }
        let overrides = Overrides { valid_in: Some(NOW), ..Overrides::default() };
        let cannot = payload(&issuer, &json!({"nbf": 5}), &overrides).unwrap_err();
        assert!(matches!(cannot, CannotSign::Conflict(name) if name == "nbf"));
    }

    // R08: never sign what we would refuse.
    #[test]
    fn refuses_a_token_without_an_end() {
        let issuer = Issuer { expires_in: None, ..issuer() };
        assert!(refusal(&issuer, &json!({})).contains("expires_in"));
        let own = payload(&issuer, &json!({"exp": 2000}), &Overrides::default());
        assert_eq!(own.unwrap(), r#"{"exp":2000,"iat":1000}"#);
        for wrong in [json!("2000"), json!(2000.5), json!(-1), json!(null)] {
            assert!(refusal(&issuer, &json!({ "exp": wrong })).contains("`exp`"));
            assert!(refusal(&issuer, &json!({ "exp": 2000, "nbf": wrong })).contains("`nbf`"));
        }
    }

    #[test]
    fn refuses_claims_that_are_no_object() {
        for claims in [json!(null), json!([1]), json!("text"), json!(7)] {
            assert!(refusal(&issuer(), &claims).contains("no JSON object"));
        }

        struct Failing;
        impl Serialize for Failing {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("hunter2"))
            }
        }
        assert_eq!(refusal(&issuer(), &Failing), "sign a token: the claims do not serialize");
    }

    // R05: never sign what we would refuse.
    #[test]
    fn refuses_members_of_one_name() {
        #[derive(serde::Serialize)]
        struct Twice {
            a: u8,
            #[serde(flatten)]
            more: Value,
        }
        let twice = Twice { a: 1, more: json!({"a": 2}) };
        assert!(refusal(&issuer(), &twice).contains("one name"));
    }

    #[test]
    fn refuses_times_beyond_all_clocks() {
        let overrides =
            Overrides { expires_in: Some(Duration::from_secs(u64::MAX)), ..Overrides::default() };
        let cannot = payload(&issuer(), &CLAIMS, &overrides).unwrap_err();
        assert!(matches!(cannot, CannotSign::Clock));
        let before = UNIX_EPOCH - Duration::from_secs(1);
        let cannot = issuer().sign(&CLAIMS, &Overrides::default(), before).unwrap_err();
        assert!(matches!(cannot, CannotSign::Clock));
    }
}

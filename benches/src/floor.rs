//! The floor: as little as can be done by somebody who makes the checks that `jwt` makes by default
//! (one spelling, no repeated members among those it reads, one algorithm, `crit`, `typ`, times
//! that are whole numbers, the audience) and knows that nothing else will ever be asked.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::Request;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::keys::{Keys, Prepared};
use crate::{Account, EmployerType};

/// The user, by the shortest way.
pub struct Floor(pub Account);

/// What it verifies with.
pub struct Verifier {
    key: Prepared,
    algorithm: String,
}

#[derive(Deserialize)]
struct Header<'h> {
    #[serde(borrow)]
    alg: Cow<'h, str>,
    #[serde(borrow)]
    typ: Option<Cow<'h, str>>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims<'c> {
    id: i64,
    username: String,
    employer_type: EmployerType,
    exp: u64,
    nbf: Option<u64>,
    iat: Option<u64>,
    #[serde(borrow)]
    aud: Cow<'c, str>,
    cnf: Option<IgnoredAny>,
}

impl Floor {
    /// The verifier for these keys.
    pub fn verifier(keys: &Keys) -> Verifier {
        Verifier { key: keys.prepared(), algorithm: format!("{:?}", keys.algorithm) }
    }
}

impl Verifier {
    fn verify(&self, token: &str, now: SystemTime) -> Option<Account> {
        if token.len() > 8_192 || !token.bytes().fold(true, |good, byte| good & belongs(byte)) {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let mut buffer = [0; 1_026];
        let length = URL_SAFE_NO_PAD.decode_slice(header, &mut buffer).ok()?;
        let header: Header<'_> = serde_json::from_slice(buffer.get(..length)?).ok()?;
        let is_type = header.typ.is_none_or(|typ| ["JWT", "at+jwt"].contains(&&*typ));
        if header.alg != self.algorithm || !is_type || header.crit.is_some() || header.b64.is_some()
        {
            return None;
        }
        let mut buffer = [0; 1_026];
        let length = URL_SAFE_NO_PAD.decode_slice(signature, &mut buffer).ok()?;
        if !self.key.verify(message.as_bytes(), buffer.get(..length)?) {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: Claims<'_> = serde_json::from_slice(&payload).ok()?;
        let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let is_early = |time: Option<u64>| time.is_some_and(|time| time > now + 5);
        let is_in_time = now < claims.exp && !is_early(claims.nbf) && !is_early(claims.iat);
        if !is_in_time || claims.aud != "tidal-api" || claims.cnf.is_some() {
            return None;
        }
        let Claims { id, username, employer_type, .. } = claims;
        Some(Account { id, username, employer_type })
    }
}

fn belongs(byte: u8) -> bool {
    byte.is_ascii_lowercase()
        | byte.is_ascii_uppercase()
        | byte.is_ascii_digit()
        | (byte == b'-')
        | (byte == b'_')
        | (byte == b'.')
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Floor {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let verifier = request.rocket().state::<Verifier>().unwrap();
        let token = request
            .headers()
            .get_one("Authorization")
            .and_then(|header| header.strip_prefix("Bearer "));
        match token.and_then(|token| verifier.verify(token, SystemTime::now())) {
            Some(account) => Outcome::Success(Self(account)),
            None => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

//! The token that every request carries.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use crate::keys::Keys;

/// A token for the next day; `number` makes it another one.
pub fn token(keys: &Keys, number: u64) -> String {
    sign(&keys.encoding, &Header::new(keys.algorithm), &claims(number))
}

/// What the token says.
pub fn claims(number: u64) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    json!({
        "id": 7,
        "username": "harbourmaster",
        "employer_type": "port",
        "iat": now - 1 - number % 1_000,
        "exp": now + 86_400 + number / 1_000,
        "aud": "tidal-api",
    })
}

/// A token of any header and claims.
pub fn sign(key: &EncodingKey, header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, key).unwrap()
}

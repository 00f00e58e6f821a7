//! The token that every request carries.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::Header;
use serde_json::json;

use crate::keys::Keys;

/// A token for the next day; `number` makes it another one.
pub fn token(keys: &Keys, number: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "id": 7,
        "username": "harbourmaster",
        "employer_type": "port",
        "iat": now - 1 - number % 1_000,
        "exp": now + 86_400 + number / 1_000,
        "aud": "tidal-api",
    });
    jsonwebtoken::encode(&Header::new(keys.algorithm), &claims, &keys.encoding).unwrap()
}

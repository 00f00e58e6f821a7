//! The second opinion: what RFC 7515, 7517 and 7519 say of a text, written anew over serde_json,
//! jsonwebtoken's signatures and nothing of the library.

mod json;
mod law;

use ::base64::Engine;
use ::base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use self::json::{Members, strict};
pub(crate) use self::law::{Key, Law, Trust};

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

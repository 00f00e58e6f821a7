//! What proves nothing, for tools that only look.

use serde::de::DeserializeOwned;

use super::claimed;
use super::compact::Compact;
use super::header::{Policy, Types};
use super::provider::Unverified;
use super::rejection::Rejection;
use crate::error::Error;

/// Reads a token without asking whether anything in it is true: jsonwebtoken's `decode`.
///
/// For a tool that shows a token to the person whose it is, or a client that wants to know when its
/// own expires.
///
/// ```
/// use passport_rocket::danger::decode_without_verification;
///
/// let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.AA";
/// let (header, claims) = decode_without_verification::<serde_json::Value>(token)?;
/// assert_eq!(header.algorithm, "none");
/// assert_eq!(claims["sub"], "ada");
/// # Ok::<(), passport_rocket::Error>(())
/// ```
///
/// # Errors
/// When the token cannot be read, or its claims do not fit `C`.
///
/// # Security
/// Whatever comes out may have been made up by anybody. Nothing that decides who somebody is, or
/// what they may do, begins here; that is what [`Jwt`](crate::Jwt) is for.
pub fn decode_without_verification<C: DeserializeOwned>(
    token: &str,
) -> Result<(Unverified, C), Error> {
    let (header, payload) = read(token).map_err(|rejection| unreadable(&rejection.reason()))?;
    let claims =
        serde_json::from_str(&payload).map_err(|_| unreadable("its claims do not fit the type"))?;
    Ok((header, claims))
}

fn read(token: &str) -> Result<(Unverified, String), Rejection> {
    let compact = Compact::split(token, usize::MAX)?;
    let head = Policy::new(Types::any()).read(compact.header)?;
    let payload = compact.payload_text()?;
    let issuer = claimed::issuer(&payload).ok();
    Ok((Unverified::of(head, issuer), payload))
}

fn unreadable(problem: &str) -> Error {
    Error::misuse(format!("decode a token: {problem}"))
}

//! From the text of a token to claims that can be believed.

use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::claims::{Expected, Registered};
use super::compact::{Compact, LONGEST_SIGNATURE, decode, decode_signature};
use super::header::Policy;
use super::key::VerifyingKey;
use super::payload;
use super::rejection::{Part, Rejection};
use super::token_claims::{Says, TokenClaims};

/// Verifies tokens of one key by one set of rules.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) key: VerifyingKey,
    pub(super) header: Policy,
    pub(super) expected: Expected,
    pub(super) max_token_size: usize,
}

/// An accepted token: the application's claims, and all of them.
#[derive(Debug)]
pub(super) struct Accepted<C> {
    pub(super) claims: C,
    pub(super) token: TokenClaims,
}

impl Verifier {
    /// Verifies `token` at `now`. Nothing of the payload is read before the signature is right.
    pub(super) fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Accepted<C>, Rejection> {
        let compact = Compact::split(token, self.max_token_size)?;
        self.header.judge(compact.header)?;
        self.verify_signature(compact)?;
        let payload = decode(compact.payload, Part::Payload)?;
        let payload = String::from_utf8(payload).map_err(|_| Rejection::NotAnObject)?;
        let mut registered = Registered::new(&self.expected);
        let claims = payload::read(&payload, &mut registered)?;
        let lifetime = registered.judge()?;
        lifetime.judge(now, &self.expected)?;
        let says = Says::of(&payload, &registered, lifetime);
        Ok(Accepted { claims, token: TokenClaims::new(payload, says) })
    }

    fn verify_signature(&self, compact: Compact<'_>) -> Result<(), Rejection> {
        let mut buffer = [0; LONGEST_SIGNATURE];
        let signature = decode_signature(compact.signature, &mut buffer)?;
        match self.key.verify(compact.message.as_bytes(), signature) {
            true => Ok(()),
            false => Err(Rejection::Signature),
        }
    }
}

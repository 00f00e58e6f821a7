//! `jwt`: JSON Web Tokens (RFC 7519), verified and signed.

mod algorithm;
mod claims;
mod compact;
mod config;
mod header;
mod issuer;
mod key;
mod keys;
mod material;
mod members;
mod payload;
mod published;
mod rejection;
mod sample;
mod token_claims;
mod verifier;

pub use token_claims::TokenClaims;

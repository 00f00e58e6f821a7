//! Strategies from outside of the house, on what everybody can use.
//!
//! | module | shows |
//! |---|---|
//! | [`gate`] | a strategy in a closure, with its table in the configuration |
//! | [`watchword`] | two challenges, a header on success, the time, a verifier of the application |
//! | [`desk`] | a redirect with cookies, a route of its own, a service for that route |
//! | [`manifest`] | a credential in the body beside the payload that the handler wants |

pub mod desk;
pub mod gate;
mod keyring;
#[cfg(test)]
mod launch;
pub mod manifest;
pub mod watchword;

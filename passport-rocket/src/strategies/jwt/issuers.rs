//! Several issuers, each with keys of its own.

use figment::value::magic::RelativePathBuf;
use serde::Deserialize;

use super::algorithm::Algorithms;
use super::fault::Fault;
use super::lists;
use super::sources::{Given, Sources};
use crate::secret::Secret;

/// An entry of `issuers`: an issuer, its keys, and what it has otherwise than the table says.
///
/// ```toml
/// [[default.passport.jwt.issuers]]
/// issuer_url = "https://staff.example"
/// algorithm  = "RS256"
/// audience   = "tidal-api"
///
/// [[default.passport.jwt.issuers]]
/// issuer     = "https://partner.example"
/// jwks_file  = "partner.json"
/// algorithm  = ["ES256", "EdDSA"]
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssuerConfig {
    /// The exact `iss`; `issuer_url` says it already.
    #[serde(default)]
    issuer: Option<String>,
    /// As in the table.
    #[serde(default)]
    issuer_url: Option<String>,
    /// As in the table.
    #[serde(default)]
    jwks_url: Option<String>,
    /// As in the table.
    #[serde(default)]
    jwks: Option<Secret<String>>,
    /// As in the table.
    #[serde(default)]
    jwks_file: Option<RelativePathBuf>,
    /// As in the table.
    #[serde(default)]
    public_key: Option<Secret<String>>,
    /// As in the table.
    #[serde(default)]
    public_key_file: Option<RelativePathBuf>,
    /// _Default:_ the table's.
    #[serde(default, deserialize_with = "lists::algorithms")]
    pub(super) algorithm: Option<Algorithms>,
    /// _Default:_ the table's.
    #[serde(default, deserialize_with = "lists::texts")]
    pub(super) audience: Option<Vec<String>>,
}

impl IssuerConfig {
    /// The exact `iss` of its tokens.
    pub(super) fn issuer(&self) -> Result<&str, Fault> {
        match (&self.issuer, &self.issuer_url) {
            (Some(issuer), Some(url)) if issuer != url => {
                let remedy = "keep `issuer_url`, which is the `iss` of its tokens";
                Err(Fault::new("issuer", "another one than `issuer_url`", remedy))
            }
            (Some(issuer), _) if issuer.is_empty() => {
                Err(Fault::new("issuer", "empty", "say the `iss` of its tokens"))
            }
            (Some(issuer), _) | (None, Some(issuer)) => Ok(issuer),
            (None, None) => Err(Fault::new("issuer", "missing", "say the `iss` of its tokens")),
        }
    }

    pub(super) fn given(&self) -> Result<Option<Given<'_>>, Vec<Fault>> {
        Sources {
            jwks_url: self.jwks_url.as_ref(),
            issuer_url: self.issuer_url.as_ref(),
            jwks: self.jwks.as_ref(),
            jwks_file: self.jwks_file.as_ref(),
            public_key: self.public_key.as_ref(),
            public_key_file: self.public_key_file.as_ref(),
            ..Sources::default()
        }
        .given()
    }

    pub(super) fn fetches(&self) -> bool {
        self.jwks_url.is_some() || self.issuer_url.is_some()
    }
}

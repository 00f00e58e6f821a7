//! The functions of the application that a `jwt` calls.

use std::sync::Arc;

use super::provider::Provider;
use super::token_claims::TokenClaims;
use crate::denial::Denial;
use crate::strategy::Attempt;

/// What the application does that no configuration could say.
#[derive(Clone, Default)]
pub(super) struct Functions {
    pub(super) provider: Option<Arc<dyn Provider>>,
    pub(super) token_from: Option<TokenFrom>,
    pub(super) checks: Vec<Check>,
}

/// A function of the application that finds the token.
pub(super) type TokenFrom =
    Arc<dyn Fn(Attempt<'_, '_>) -> Result<Option<String>, Denial> + Send + Sync>;

/// A check of the application's own, of an accepted token.
pub(super) type Check = Arc<dyn Fn(&TokenClaims) -> Result<(), Denial> + Send + Sync>;

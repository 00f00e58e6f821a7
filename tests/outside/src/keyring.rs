//! Secrets and whose they are.

use std::collections::BTreeMap;

use passport_rocket::{Mistake, Secret, Setup};
use serde::Deserialize;

/// A table of the configuration: the name of each owner, and the owner's secret.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Keyring(BTreeMap<String, Secret<String>>);

impl Keyring {
    /// Declares the secrets at `key` of a strategy's table.
    ///
    /// # Errors
    /// When there is none, or one that can be guessed.
    pub(crate) fn claim(&self, key: &str, setup: &Setup<'_>) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        if self.0.is_empty() {
            mistakes.push(setup.mistake(key, "opens to nobody", "give somebody a secret"));
        }
        for (owner, secret) in &self.0 {
            setup.claim_secret(secret.expose().as_bytes());
            if secret.expose().len() < SHORTEST {
                let remedy = format!("make it at least {SHORTEST} bytes long");
                mistakes.push(setup.mistake(&format!("{key}.{owner}"), "can be guessed", remedy));
            }
        }
        match mistakes.is_empty() {
            true => Ok(()),
            false => Err(mistakes),
        }
    }

    /// Who has this secret.
    pub(crate) fn owner(&self, shown: &str) -> Option<&str> {
        let shown = Secret::new(shown.to_owned());
        // To the last one, whichever it is: the time must not tell how many were compared.
        self.0.iter().fold(None, |found, (owner, secret)| match *secret == shown {
            true => Some(owner.as_str()),
            false => found,
        })
    }
}

/// 128 bits, if they were drawn at random.
const SHORTEST: usize = 16;

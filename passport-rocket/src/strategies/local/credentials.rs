//! A user name and a password as somebody sent them.

use std::fmt;

use super::password;
use crate::error::Error;
use crate::secret::Secret;

/// What a sign-in form says: hand it to the verifier.
#[derive(Clone)]
#[non_exhaustive]
pub struct Credentials {
    /// The name, as it was typed.
    pub username: String,
    /// The password.
    pub password: Secret<String>,
}

impl Credentials {
    /// Credentials from elsewhere than a request, a test for instance.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self { username: username.into(), password: Secret::new(password.into()) }
    }

    /// Whether the password is the one behind `hash`, a PHC string as [`password::hash`] makes it.
    ///
    /// Pass `None` when there is no such user: the answer is no, and takes as long as the answer
    /// for one whose hash was made by [`password::hash`], so that time does not tell which names
    /// exist.
    ///
    /// # Errors
    /// Unavailable (503) when too many passwords are being checked already. A failure when `hash`
    /// is no PHC string of Argon2: that is our fault and not the user's.
    pub async fn password_matches(&self, hash: Option<&str>) -> Result<bool, Error> {
        password::verify(&self.password, hash).await
    }
}

/// Shows the name only.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

//! A user name and a password in a body: `application/x-www-form-urlencoded` or JSON.

use rocket::data::ByteUnit;

use super::Credentials;
use crate::credential::{FieldPath, RequestBody};
use crate::denial::Denial;

/// Which fields of a body hold the credentials.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) username: FieldPath,
    pub(super) password: FieldPath,
    pub(super) max_body: ByteUnit,
}

impl Fields {
    /// Takes the credentials.
    ///
    /// # Errors
    /// 413 when the body is too large, 415 when it is neither a form nor JSON, 400 when a field is
    /// missing, empty, no text, or there twice: two readers of one body must not see two users.
    pub(super) async fn take_from(
        &self,
        body: &mut RequestBody<'_>,
    ) -> Result<Credentials, Denial> {
        let fields = body.fields(self.max_body).await?;
        let mut take = |path, what| {
            fields.take(path)?.ok_or_else(|| Denial::malformed(format!("the body has no {what}")))
        };
        Ok(Credentials::new(take(&self.username, "user name")?, take(&self.password, "password")?))
    }
}

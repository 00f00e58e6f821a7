//! Messages for the next page.

use serde::{Deserialize, Serialize};

/// A message that one request leaves for the next page to show, once: Passport's flash.
///
/// ```
/// use passport_rocket::{Error, Session};
/// use rocket::{get, post, response::Redirect, uri};
///
/// #[post("/tides")]
/// async fn create(session: Session<'_>) -> Result<Redirect, Error> {
///     session.flash("success", "the tide was created").await?;
///     Ok(Redirect::to(uri!(page)))
/// }
///
/// #[get("/tides")]
/// async fn page(session: Session<'_>) -> Result<String, Error> {
///     let messages = session.take_flashes().await?;
///     Ok(messages.iter().map(|message| format!("{}: {}\n", message.kind, message.text)).collect())
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flash {
    /// What kind of message it is: `error`, `success`.
    pub kind: String,
    /// The message. Escape it before you put it into a page.
    pub text: String,
}

impl Flash {
    pub(super) fn new(kind: String, text: String) -> Self {
        Self { kind, text }
    }
}

//! Who somebody is, across issuers.

use serde::{Deserialize, Serialize};

/// An issuer and its subject: the one thing in a token that identifies a user.
///
/// Two issuers may give the same `sub` to two people, and one person may have the same mail address
/// at both; neither alone is a key of a table of users (OpenID Connect Core 1.0 section 5.7). It
/// can be the claims of a [`Jwt`](crate::Jwt), so that a lookup is given it:
///
/// ```
/// use passport_rocket::{Jwt, Subject, verify};
/// use rocket::State;
/// use std::collections::HashMap;
///
/// #[derive(Clone)]
/// struct Account { name: String }
///
/// #[verify]
/// fn account_of(who: Subject, accounts: &State<HashMap<Subject, Account>>) -> Option<Account> {
///     accounts.get(&who).cloned()
/// }
///
/// # fn main() {
/// rocket::build().attach(Jwt::fairing("jwt").verify(account_of));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "complete by definition")]
pub struct Subject {
    /// The claim `iss`.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The claim `sub`.
    #[serde(rename = "sub")]
    pub subject: String,
}

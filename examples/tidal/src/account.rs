//! Accounts: who may sign in, what they are, and how they are stored.

use passport_rocket::Principal;
use rocket::http::uri::Absolute;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyExecutor;

use crate::db::Db;
use crate::valid::{Fields, FromFields};
use crate::word::word;

/// Who a user is; the password is no part of it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, Principal)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    #[principal(id)]
    pub id: i64,
    pub username: String,
    pub name: String,
    #[principal(role)]
    pub employer_type: EmployerType,
    pub image_url: Option<String>,
}

/// For whom somebody works, which decides what they may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Encode)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub enum EmployerType {
    Port,
    Ship,
    Agent,
    Admin,
}

word!(EmployerType);

/// What somebody who registers tells us.
pub struct NewAccount {
    pub username: String,
    pub password: String,
    pub name: String,
    pub employer_type: EmployerType,
    pub image_url: Option<String>,
}

/// An account with the PHC string that its password is checked against.
#[derive(sqlx::FromRow)]
pub struct Login {
    #[sqlx(flatten)]
    pub account: Account,
    pub password: String,
}

/// Fifteen characters where the password is all that is asked for, and any phrase is welcome
/// (NIST SP 800-63B-4, 3.1.1.2). The upper end bounds what a stranger can have us hash.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 15..=128;

impl FromFields for NewAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let username = username(fields);
        let password = fields.password("password", PASSWORD_LENGTH);
        let name = fields.text("name", 1..=100);
        // Nobody makes himself an admin.
        let employer_type = fields.one_of(
            "employerType",
            &[
                ("port", EmployerType::Port),
                ("ship", EmployerType::Ship),
                ("agent", EmployerType::Agent),
            ],
        );
        let image_url = image_url(fields);

        Some(Self {
            username: username?,
            password: password?,
            name: name?,
            employer_type: employer_type?,
            image_url,
        })
    }
}

impl NewAccount {
    /// Stores it with the hash of the password; `None` if the name is taken.
    pub async fn store(
        self,
        db: impl AnyExecutor<'_>,
        password_hash: &str,
        demo: bool,
    ) -> sqlx::Result<Option<Account>> {
        sqlx::query_as(
            "INSERT INTO accounts (username, password, name, employer_type, image_url, demo)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING *",
        )
        .bind(self.username)
        .bind(password_hash)
        .bind(self.name)
        .bind(self.employer_type)
        .bind(self.image_url)
        .bind(demo)
        .fetch_optional(db)
        .await
    }
}

/// Letters, digits and a few signs of ASCII only: no two names look alike.
fn username(fields: &mut Fields) -> Option<String> {
    let username = fields.text("username", 3..=100)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    if username.chars().all(plain) {
        return Some(username);
    }

    fields.wrong("username", "must consist of letters, digits and the signs @ . _ + -")
}

/// An address for an `<img>` on somebody's page, where `javascript:` has no business.
fn image_url(fields: &mut Fields) -> Option<String> {
    if !fields.has("imageUrl") {
        return None;
    }

    let url = fields.text("imageUrl", 1..=2000)?;
    let of_the_web =
        |url: &Absolute<'_>| matches!(url.scheme(), "https" | "http") && url.authority().is_some();
    if Absolute::parse(&url).is_ok_and(|url| of_the_web(&url)) {
        return Some(url);
    }

    fields.wrong("imageUrl", "must be an address that starts with https:// or http://")
}

impl Db {
    pub async fn account(&self, id: i64) -> sqlx::Result<Option<Account>> {
        sqlx::query_as("SELECT * FROM accounts WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.0)
            .await
    }

    /// By a name in any case, as a stranger wrote it.
    pub async fn login(&self, username: &str) -> sqlx::Result<Option<Login>> {
        // Nobody has such a name, and PostgreSQL cannot even be asked for it.
        if username.contains('\0') {
            return Ok(None);
        }

        sqlx::query_as("SELECT * FROM accounts WHERE lower(username) = $1")
            .bind(username.to_ascii_lowercase())
            .fetch_optional(&self.0)
            .await
    }
}

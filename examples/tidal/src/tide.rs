//! Tides: one high or low water at one harbour.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyExecutor;

use crate::account::Account;
use crate::db::Db;
use crate::moment::Moment;
use crate::valid::{Fields, FromFields};
use crate::word::word;

/// A tide as it is stored and answered.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct Tide {
    pub id: i64,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub tide: NewTide,
    pub author: String,
    /// Names can be given up and taken by somebody else; ids cannot.
    #[serde(skip)]
    pub author_id: i64,
}

/// What an author says of a tide.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct NewTide {
    pub harbour: String,
    pub time: Moment,
    /// In metres above chart datum, under which a low water can fall.
    pub height: f64,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Encode)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub enum Kind {
    High,
    Low,
}

word!(Kind);

/// Which tides somebody asks for: both ends of the time are included.
#[derive(Debug)]
pub struct Filter {
    pub harbour: Option<String>,
    pub from: Option<Moment>,
    pub to: Option<Moment>,
    pub page: u32,
}

#[derive(Debug, Serialize)]
pub struct Page {
    pub tides: Vec<Tide>,
    pub page: u32,
    /// The page after this one, if there is one.
    pub next: Option<u32>,
}

const PAGE_SIZE: usize = 50;

impl FromFields for NewTide {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let harbour = fields.text("harbour", 1..=80);
        let time = fields.moment("time");
        // The greatest tides on earth rise by some 16 metres.
        let height = fields.number("height", -20.0..=20.0);
        let kind = fields.one_of("kind", &[("high", Kind::High), ("low", Kind::Low)]);

        Some(Self { harbour: harbour?, time: time?, height: height?, kind: kind? })
    }
}

impl NewTide {
    /// Stores it, by whom it was said.
    pub async fn store(self, db: impl AnyExecutor<'_>, author: &Account) -> sqlx::Result<Tide> {
        let id = sqlx::query_scalar(
            "INSERT INTO tides (harbour, time, height, kind, author) VALUES ($1, $2, $3, $4, $5)
             RETURNING id",
        )
        .bind(&self.harbour)
        .bind(self.time)
        .bind(self.height)
        .bind(self.kind)
        .bind(author.id)
        .fetch_one(db)
        .await?;

        Ok(Tide { id, tide: self, author: author.username.clone(), author_id: author.id })
    }
}

impl FromFields for Filter {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        // A parameter that is there and wrong leaves `None` too, but never without an error.
        let harbour = fields.has("harbour").then(|| fields.text("harbour", 1..=80));
        let from = fields.has("from").then(|| fields.moment("from"));
        let to = fields.has("to").then(|| fields.moment("to"));
        let page = if fields.has("page") { fields.count("page") } else { Some(1) };

        Some(Self {
            harbour: harbour.flatten(),
            from: from.flatten(),
            to: to.flatten(),
            page: page?,
        })
    }
}

impl Db {
    pub async fn tides(&self, filter: Filter) -> sqlx::Result<Page> {
        let skip = (i64::from(filter.page) - 1) * PAGE_SIZE as i64;
        let mut tides: Vec<Tide> = sqlx::query_as(
            "SELECT * FROM signed_tides
             WHERE ($1 IS NULL OR lower(harbour) = $1)
               AND ($2 IS NULL OR time >= $2)
               AND ($3 IS NULL OR time <= $3)
             ORDER BY time, id LIMIT $4 OFFSET $5",
        )
        .bind(filter.harbour.map(|harbour| harbour.to_ascii_lowercase()))
        .bind(filter.from)
        .bind(filter.to)
        // One more than is shown tells whether there is a next page.
        .bind(PAGE_SIZE as i64 + 1)
        .bind(skip)
        .fetch_all(&self.0)
        .await?;

        let next = filter.page.checked_add(1).filter(|_| tides.len() > PAGE_SIZE);
        tides.truncate(PAGE_SIZE);
        Ok(Page { tides, page: filter.page, next })
    }

    pub async fn tide(&self, id: i64) -> sqlx::Result<Option<Tide>> {
        sqlx::query_as("SELECT * FROM signed_tides WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.0)
            .await
    }

    /// Whether there still was a tide of that id to change.
    pub async fn change_tide(&self, id: i64, tide: &NewTide) -> sqlx::Result<bool> {
        let done = sqlx::query(
            "UPDATE tides SET harbour = $1, time = $2, height = $3, kind = $4 WHERE id = $5",
        )
        .bind(&tide.harbour)
        .bind(tide.time)
        .bind(tide.height)
        .bind(tide.kind)
        .bind(id)
        .execute(&self.0)
        .await?;

        Ok(done.rows_affected() > 0)
    }

    /// Whether there still was a tide of that id to delete.
    pub async fn delete_tide(&self, id: i64) -> sqlx::Result<bool> {
        let done = sqlx::query("DELETE FROM tides WHERE id = $1").bind(id).execute(&self.0).await?;
        Ok(done.rows_affected() > 0)
    }
}

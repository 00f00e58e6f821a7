//! What a handler answers when it does not do what it was asked.

use passport_rocket::Error;
use rocket::Request;
use rocket::http::Status;
use rocket::response::{self, Responder};

use crate::db;

/// Every one of these is a status; the catchers write its body.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such thing.
    NotFound,
    /// It is somebody else's.
    NotYours,
    /// The name is somebody else's already.
    Taken,
    /// Our fault: the database failed, or the library did, with a full queue of passwords to hash
    /// for instance.
    Failed(Error),
}

impl<'r> Responder<'r, 'static> for Refusal {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        Err(match self {
            Self::Failed(error) => return error.respond_to(request),
            Self::NotFound => Status::NotFound,
            Self::NotYours => Status::Forbidden,
            Self::Taken => Status::Conflict,
        })
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(db::failed(error))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

//! What a handler answers when it does not do what it was asked.

use passport_rocket::BoxError;
use rocket::Request;
use rocket::http::Status;
use rocket::response::{self, Responder};

/// Every one of these is a status; the catchers write its body.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such thing.
    NotFound,
    /// It is somebody else's.
    NotYours,
    /// The name is somebody else's already.
    Taken,
    /// Our fault: the database failed.
    Failed(BoxError),
    /// What the library says of its own failures, a full queue of passwords to hash for instance.
    Passport(passport_rocket::Error),
}

impl<'r> Responder<'r, 'static> for Refusal {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        Err(match self {
            Self::Passport(error) => return error.respond_to(request),
            Self::NotFound => Status::NotFound,
            Self::NotYours => Status::Forbidden,
            Self::Taken => Status::Conflict,
            Self::Failed(error) => {
                log::error!("{error}");
                Status::InternalServerError
            }
        })
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<passport_rocket::Error> for Refusal {
    fn from(error: passport_rocket::Error) -> Self {
        Self::Passport(error)
    }
}

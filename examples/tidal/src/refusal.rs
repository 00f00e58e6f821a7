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
    /// Our fault: the database or the hashing of a password failed.
    Failed(BoxError),
}

impl<'r> Responder<'r, 'static> for Refusal {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Err(match self {
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
        Self::Failed(error.into())
    }
}

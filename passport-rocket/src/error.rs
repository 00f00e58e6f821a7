//! What goes wrong on our side, for whoever operates the application.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use rocket::Request;
use rocket::http::Status;
use rocket::response::{self, Responder};

use crate::config::Mistake;
use crate::one_line::OneLine;

/// Any error of the application or of a library it uses.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A failure of ours: what was attempted, with which key of the configuration, and the cause.
///
/// It is written for the operator and never shown to a client: as a response it is a 500, or a 503
/// when something is down, with the body of the application's catcher, and one line in the log.
/// What a client did wrong is a [`Denial`](crate::Denial) instead.
///
/// ```
/// use passport_rocket::Error;
///
/// let error = Error::misuse("sign a token without an end").with_key("passport.jwt.expires_in");
/// assert_eq!(error.to_string(), "sign a token without an end (`passport.jwt.expires_in`)");
/// ```
///
/// # Security
/// `Debug` shows causes by their `Display` only: dumping the fields of a foreign error could dump a
/// password in it.
pub struct Error(Box<Inner>);

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operator: the configuration is wrong.
    Configuration,
    /// Nobody, or the operator of a store or provider: it is down, trying again may help.
    Unavailable,
    /// The operator of a store or provider: it answered with an error.
    Failed,
    /// The application's programmer.
    Misuse,
}

struct Inner {
    kind: ErrorKind,
    attempted: Cow<'static, str>,
    key: Option<Cow<'static, str>>,
    mistakes: Vec<Mistake>,
    cause: Option<BoxError>,
}

impl Error {
    /// Mistakes in the configuration.
    pub fn configuration(mistakes: impl IntoIterator<Item = Mistake>) -> Self {
        let mut error = Self::new(ErrorKind::Configuration, "read the configuration".into(), None);
        error.0.mistakes.extend(mistakes);
        error
    }

    /// A store or a provider is down: 503.
    pub fn unavailable(
        attempted: impl Into<Cow<'static, str>>,
        cause: impl Into<BoxError>,
    ) -> Self {
        Self::new(ErrorKind::Unavailable, attempted.into(), Some(cause.into()))
    }

    /// A store, a provider or a computation of ours failed: 500.
    pub fn failed(attempted: impl Into<Cow<'static, str>>, cause: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::Failed, attempted.into(), Some(cause.into()))
    }

    /// The application's code asked for something that cannot be: 500.
    pub fn misuse(attempted: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Misuse, attempted.into(), None)
    }

    /// Names the key of the configuration that has to do with it: `passport.jwt.expires_in`.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Cow<'static, str>>) -> Self {
        self.0.key = Some(key.into());
        self
    }

    /// Adds what caused it; [`source`](StdError::source) returns it.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<BoxError>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Who must act.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The key of the configuration that has to do with it.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The mistakes in the configuration; empty for every other kind.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.0.mistakes
    }

    /// The status that a client gets.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.0.kind {
            ErrorKind::Unavailable => Status::ServiceUnavailable,
            ErrorKind::Configuration | ErrorKind::Failed | ErrorKind::Misuse => {
                Status::InternalServerError
            }
        }
    }

    fn new(kind: ErrorKind, attempted: Cow<'static, str>, cause: Option<BoxError>) -> Self {
        Self(Box::new(Inner { kind, attempted, key: None, mistakes: Vec::new(), cause }))
    }
}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Self {
        Self::configuration([mistake])
    }
}

impl From<Vec<Mistake>> for Error {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self::configuration(mistakes)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.attempted)?;
        if let Some(key) = &self.0.key {
            write!(f, " (`{key}`)")?;
        }
        for mistake in &self.0.mistakes {
            write!(f, "\n{mistake}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}

impl<'r> Responder<'r, 'static> for Error {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let route = request.route().and_then(|route| route.name.as_deref()).unwrap_or("no route");
        let what = format!("{self:?}");
        log::error!(target: "passport", "{}, route {route}", OneLine(&what));
        Err(self.status())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rocket::local::blocking::Client;

    use super::*;

    #[test]
    fn says_what_was_attempted_and_keeps_the_cause() {
        let error = Error::failed("find an account", io::Error::other("disk full"))
            .with_key("passport.local");
        assert_eq!(error.to_string(), "find an account (`passport.local`)");
        assert_eq!(error.source().unwrap().to_string(), "disk full");
        assert_eq!(format!("{error:?}"), "Failed: find an account (`passport.local`): disk full");
    }

    // O02
    #[test]
    fn debug_never_dumps_the_fields_of_a_cause() {
        #[derive(Debug)]
        struct Careless {
            #[allow(dead_code)]
            password: &'static str,
        }
        impl fmt::Display for Careless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("refused")
            }
        }
        impl StdError for Careless {}

        let error = Error::unavailable("connect", Careless { password: "hunter2" });
        assert_eq!(
            format!("{error:?} {error:#?}"),
            "Unavailable: connect: refused Unavailable: connect: refused"
        );
    }

    #[test]
    fn is_never_the_clients_fault() {
        let rocket = rocket::build();
        let client = Client::untracked(rocket).unwrap();
        let request = client.get("/");
        let table = [
            (Error::unavailable("ask", "down"), Status::ServiceUnavailable),
            (Error::failed("ask", "broken"), Status::InternalServerError),
            (Error::misuse("ask"), Status::InternalServerError),
            (Error::configuration([]), Status::InternalServerError),
        ];
        for (error, status) in table {
            assert_eq!(error.respond_to(request.inner()).unwrap_err(), status);
        }
    }
}

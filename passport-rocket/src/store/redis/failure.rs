//! What goes wrong with Redis, and who must act.

use std::borrow::Cow;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::error::Error;

/// Why a command has no answer.
pub(super) enum Failure {
    /// None came in time.
    Late,
    /// One that is none.
    Redis(RedisError),
    /// One of a shape that none of ours has.
    Odd,
}

impl Failure {
    /// The error of an operation that `attempted` something.
    pub(super) fn during(self, attempted: &'static str) -> Error {
        let error = match self {
            Self::Late => Error::unavailable(attempted, "Redis does not answer"),
            Self::Odd => Error::failed(attempted, FOREIGN),
            Self::Redis(error) if is_passing(&error) => Error::unavailable(attempted, said(error)),
            Self::Redis(error) => Error::failed(attempted, said(error)),
        };
        error.with_key("passport.store")
    }

    /// Whether Redis knows a script no longer, and so has done nothing.
    pub(super) fn is_unknown_script(&self) -> bool {
        self.is(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
    }

    /// Whether there was no connection, so that nothing was sent.
    pub(super) fn is_unsent(&self) -> bool {
        self.is(RedisError::is_connection_refusal)
    }

    /// Whether the connection broke, and the command may or may not have been carried out.
    pub(super) fn is_broken(&self) -> bool {
        self.is(RedisError::is_io_error)
    }

    /// Whether another connection may fare better, and the manager does not make one by itself: it
    /// does after an I/O error, but keeps to a connection that Redis has refused, or to a server that
    /// has become a replica.
    pub(super) fn is_stuck(&self) -> bool {
        match self {
            Self::Late => true,
            Self::Odd => false,
            Self::Redis(error) => {
                let is_answer =
                    matches!(
                        error.kind(),
                        ErrorKind::Server(ServerErrorKind::NoScript | ServerErrorKind::BusyLoading)
                    ) || matches!(error.code(), Some("OOM" | "BUSY" | "MISCONF" | "WRONGTYPE"))
                        || has(error, FOREIGN);
                !is_answer && !error.is_io_error()
            }
        }
    }

    fn is(&self, what: impl FnOnce(&RedisError) -> bool) -> bool {
        matches!(self, Self::Redis(error) if what(error))
    }
}

/// Whether it may well work when tried again: nobody to talk to, or somebody who may not write.
fn is_passing(error: &RedisError) -> bool {
    let by_kind = match error.kind() {
        ErrorKind::Io => true,
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::BusyLoading
                | ServerErrorKind::ReadOnly
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::TryAgain
        ),
        _ => false,
    };
    let by_code = matches!(error.code(), Some("OOM" | "BUSY" | "MISCONF" | "NOREPLICAS"));
    // Before version 7, what stops a script comes as its own text in an `ERR`; a server without a
    // place left has no code for it either.
    let texts =
        ["OOM command not allowed", "READONLY You can't", "max number of clients", "MISCONF "];
    by_kind || by_code || texts.iter().any(|text| has(error, text))
}

fn has(error: &RedisError, text: &str) -> bool {
    error.detail().is_some_and(|detail| detail.contains(text))
}

/// What may be shown of it. A message of Redis may repeat the arguments of a command, and one of the
/// client the value that it could not read.
fn said(error: RedisError) -> Box<dyn std::error::Error + Send + Sync> {
    match error.kind() {
        ErrorKind::Io => error.into(),
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => "no answer of Redis".into(),
        _ => {
            let code =
                error.code().map_or_else(|| Cow::from(error.category().to_owned()), Cow::from);
            let detail = error.detail().unwrap_or_default();
            let detail = detail.split(", with args").next().unwrap_or_default();
            format!("{code} {detail}").trim_end().to_owned().into()
        }
    }
}

/// As `lib.lua` says it.
const FOREIGN: &str = "another program wrote under a key of passport";

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn of_server(code: &str, detail: &str) -> Failure {
        Failure::Redis(redis::make_extension_error(code.into(), Some(detail.into())))
    }

    fn of_io(kind: io::ErrorKind) -> Failure {
        Failure::Redis(io::Error::from(kind).into())
    }

    #[test]
    fn who_must_act_is_told() {
        use crate::ErrorKind::{Failed, Unavailable};

        let loading = Failure::Redis((ServerErrorKind::BusyLoading.into(), "loading").into());
        let table = [
            (Failure::Late, Unavailable),
            (of_io(io::ErrorKind::ConnectionRefused), Unavailable),
            (of_io(io::ErrorKind::TimedOut), Unavailable),
            (loading, Unavailable),
            (of_server("OOM", "command not allowed"), Unavailable),
            (of_server("ERR", "Error running script: -OOM command not allowed"), Unavailable),
            (of_server("ERR", "max number of clients reached"), Unavailable),
            (of_server("WRONGTYPE", "Operation against a key"), Failed),
            (of_server("NOPERM", "no permissions"), Failed),
            (Failure::Odd, Failed),
        ];
        for (failure, kind) in table {
            let error = failure.during("read from Redis");
            assert_eq!(error.kind(), kind, "{error:?}");
            assert_eq!(error.key(), Some("passport.store"));
        }
    }

    // O02
    #[test]
    fn what_was_sent_is_not_said() {
        let detail = "unknown command 'EVALSHA', with args beginning with: 'hunter2'";
        let error = of_server("ERR", detail).during("write to Redis");
        let shown = format!("{error:?}");
        assert!(shown.contains("unknown command 'EVALSHA'"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");

        let odd = RedisError::from((ErrorKind::UnexpectedReturnType, "odd", "hunter2".to_owned()));
        let shown = format!("{:?}", Failure::Redis(odd).during("read from Redis"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

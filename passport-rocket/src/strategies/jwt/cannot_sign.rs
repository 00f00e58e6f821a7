//! Why a token cannot be signed.

use crate::error::Error;

/// Why a token cannot be signed.
#[derive(Debug)]
pub(super) enum CannotSign {
    /// The application's claims do not serialize. Why is not said: the application's own errors may
    /// quote values.
    Unserializable,
    /// They are no JSON object.
    NotAnObject,
    /// Two members of one name: we would not accept such a token either.
    Repeated,
    /// The claims hold what the configuration or this call sets, too.
    Conflict(String),
    /// Neither the claims nor the configuration hold what every token must.
    Missing(String),
    /// Neither the claims nor the configuration say when the token expires.
    NoExpiry,
    /// The claims' own `exp` or `nbf` is no whole number of seconds.
    WrongTime(&'static str),
    /// A claim that has to be a text is none.
    NotText(&'static str),
    /// The clock stands before 1970, or the token would outlive it.
    Clock,
    /// The key, or the system's randomness, failed.
    Crypto,
}

impl From<CannotSign> for Error {
    fn from(cannot: CannotSign) -> Self {
        let misuse = |problem| Self::misuse(format!("sign a token: {problem}"));
        match cannot {
            CannotSign::NotAnObject => misuse("the claims are no JSON object".to_owned()),
            CannotSign::Unserializable => misuse("the claims do not serialize".to_owned()),
            CannotSign::Repeated => misuse("two claims have one name".to_owned()),
            CannotSign::Conflict(name) => {
                misuse(format!("the claims hold `{name}` already, which is set besides"))
            }
            CannotSign::Missing(name) => misuse(format!("the claim `{name}` is required")),
            CannotSign::NoExpiry => {
                misuse("nothing says when it expires".to_owned()).with_key("expires_in")
            }
            CannotSign::WrongTime(name) => {
                misuse(format!("the claim `{name}` is no whole number of seconds"))
            }
            CannotSign::NotText(name) => misuse(format!("the claim `{name}` is no text")),
            CannotSign::Clock => Self::failed("sign a token", "a time before 1970 or too late"),
            CannotSign::Crypto => Self::failed("sign a token", "the key or the randomness failed"),
        }
    }
}

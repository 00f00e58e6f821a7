//! Why a token is not accepted, in words for the operator.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::denial::Denial;
use crate::duration;
use crate::one_line::legible;

/// Why a token is not accepted. It holds nothing of the token but names of claims in a token whose
/// signature is right; the client is told no more than `invalid_token` (RFC 6750 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    TooLong { limit: usize },
    ForeignCharacter,
    NotThreeParts,
    NotBase64(Part),
    Header(&'static str),
    Algorithm { expected: Option<&'static str> },
    NamesNoKey,
    Critical,
    Type,
    KeyId,
    Signature,
    NotAnObject,
    RepeatedClaim(String),
    RepeatedWithin,
    Unfit { claim: Option<String>, problem: Unfit },
    WrongType(&'static str),
    NotText(&'static str),
    Missing(&'static str),
    Without(String),
    Differs(&'static str),
    Bound,
    ForOthers,
    Expired { ago: Duration },
    TooOld { age: Duration },
    NotYetValid { early: Duration },
    IssuedInFuture { early: Duration },
    Clock,
}

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Header,
    Payload,
    Signature,
}

/// How the application's claims type and the token disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    Missing(String),
    Unknown,
    Value,
}

impl Rejection {
    /// One line, in lower case and without a full stop.
    pub(crate) fn reason(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::TooLong { limit } => {
                return format!("token is longer than {limit} bytes").into();
            }
            Self::ForeignCharacter => "token holds a character that no token has",
            Self::NotThreeParts => "token has not exactly three parts",
            Self::NotBase64(Part::Header) => "header is not canonical base64url",
            Self::NotBase64(Part::Payload) => "payload is not canonical base64url",
            Self::NotBase64(Part::Signature) => "signature is not canonical base64url",
            Self::Header(problem) => problem,
            Self::Algorithm { expected: Some(name) } => {
                return format!("algorithm is not {name}").into();
            }
            Self::Algorithm { expected: None } => "algorithm is not that of the key",
            Self::NamesNoKey => "header names no key, and several have its algorithm",
            Self::Critical => "header has a critical extension, and none is understood",
            Self::Type => "header has a type that is not accepted",
            Self::KeyId => "header names another key",
            Self::Signature => "signature does not match",
            Self::NotAnObject => "payload is not a JSON object in UTF-8",
            Self::RepeatedClaim(name) => {
                return format!("claim `{}` is there twice", legible(name)).into();
            }
            Self::RepeatedWithin => "a claim holds a member twice, or is no JSON",
            Self::Unfit { claim, problem } => return unfit(claim.as_deref(), problem).into(),
            Self::WrongType(name) => {
                return format!("claim `{name}` is not a whole number of seconds").into();
            }
            Self::NotText(name) => return format!("claim `{name}` is not a text").into(),
            Self::Missing(name) => return format!("claim `{name}` is missing").into(),
            Self::Without(name) => {
                return format!("claim `{name}` is required, and missing or empty").into();
            }
            Self::Differs(name) => return format!("claim `{name}` is not the expected one").into(),
            Self::ForOthers => "token names an audience, and `audience` is not configured",
            Self::Bound => "token is bound to a key (`cnf`) and was sent as a plain one",
            Self::Expired { ago } => return format!("expired {} ago", whole(*ago)).into(),
            Self::TooOld { age } => {
                return format!("issued {} ago, longer than `max_age`", whole(*age)).into();
            }
            Self::NotYetValid { early } => {
                return format!("not valid before {} from now", whole(*early)).into();
            }
            Self::IssuedInFuture { early } => {
                return format!("issued {} in the future", whole(*early)).into();
            }
            Self::Clock => "the clock stands before 1970",
        })
    }
}

fn unfit(claim: Option<&str>, problem: &Unfit) -> String {
    match (problem, claim) {
        (Unfit::Missing(name), _) => format!("claim `{}` is missing", legible(name)),
        (Unfit::Unknown, Some(name)) => {
            format!("claim `{}` is unknown to the application's claims type", legible(name))
        }
        (Unfit::Value, Some(name)) => {
            format!("claim `{}` does not fit the application's claims type", legible(name))
        }
        (_, None) => "payload does not fit the application's claims type".to_owned(),
    }
}

impl From<Rejection> for Denial {
    fn from(rejection: Rejection) -> Self {
        Self::rejected_for(rejection)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

/// Whole seconds tell enough.
fn whole(time: Duration) -> String {
    duration::display(Duration::from_secs(time.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_in_one_line() {
        let ago = Duration::from_millis(3_700);
        for (rejection, reason) in [
            (Rejection::Expired { ago }, "expired 3 s ago"),
            (Rejection::NotYetValid { early: ago }, "not valid before 3 s from now"),
            (Rejection::IssuedInFuture { early: ago }, "issued 3 s in the future"),
            (Rejection::Missing("aud"), "claim `aud` is missing"),
            (Rejection::Signature, "signature does not match"),
            (Rejection::RepeatedClaim("a\nb".to_owned()), "claim `a\\nb` is there twice"),
        ] {
            assert_eq!(rejection.reason(), reason);
            assert_eq!(Denial::from(rejection).reason(), reason);
        }
    }
}

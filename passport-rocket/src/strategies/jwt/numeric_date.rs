//! Points in time (RFC 7519 section 2, `NumericDate`): whole seconds since 1970.

use super::rejection::Rejection;

/// A point in time as a claim gives it, or as it fails to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumericDate {
    Absent,
    Since1970(u64),
    /// A fraction, a string, a negative or a huge number: none of them is guessed at.
    Wrong,
}

impl NumericDate {
    pub(super) fn of(seconds: u64) -> Self {
        match seconds {
            0..=LATEST => Self::Since1970(seconds),
            _ => Self::Wrong,
        }
    }

    /// R08: nothing is coerced.
    pub(super) fn given(self, name: &'static str) -> Result<Option<u64>, Rejection> {
        match self {
            Self::Absent => Ok(None),
            Self::Since1970(seconds) => Ok(Some(seconds)),
            Self::Wrong => Err(Rejection::WrongType(name)),
        }
    }

    /// The time, where a wrong one counts as none.
    pub(super) fn if_right(self) -> Option<u64> {
        match self {
            Self::Since1970(seconds) => Some(seconds),
            Self::Absent | Self::Wrong => None,
        }
    }
}

/// The largest integer that every JSON parser reads exactly (RFC 8259 section 6).
pub(super) const LATEST: u64 = 1 << 53;

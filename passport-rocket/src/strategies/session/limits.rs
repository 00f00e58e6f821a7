//! How long sessions last, and how much they hold.

use std::time::{Duration, SystemTime};

use super::record::Head;

/// What the configuration allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) usual: Span,
    /// Of a sign-in that is to be remembered.
    pub(super) remembered: Span,
    /// While nobody is signed in.
    pub(super) anonymous: Span,
    /// Bytes of a session.
    pub(super) max_data: usize,
}

/// Two ends, of which the earlier counts (S03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
}

/// What kind of session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Usual,
    Remembered,
    Anonymous,
}

impl Limits {
    pub(super) fn begin(&self, length: Length, now: SystemTime) -> Head {
        let span = match length {
            Length::Usual => self.usual,
            Length::Remembered => self.remembered,
            Length::Anonymous => self.anonymous,
        };
        Head {
            is_remembered: length == Length::Remembered,
            began: now,
            seen: now,
            authenticated: now,
            idle: span.idle,
            ends: now.checked_add(span.absolute).unwrap_or(now),
        }
    }
}

/// Whether to write down that a session was seen. Once in a twentieth of its idle time-out is
/// enough: it may end that much early, and most requests write nothing.
pub(super) fn is_to_be_seen(head: &Head, now: SystemTime) -> bool {
    now.duration_since(head.seen).is_ok_and(|since| since >= head.idle / 20)
}

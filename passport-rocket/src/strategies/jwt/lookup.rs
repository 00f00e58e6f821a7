//! What a search for a token's key comes to.

use std::borrow::Cow;

use super::provided::Key;
use crate::denial::Denial;

/// The key of a token, or whom to wait for.
pub(super) enum Lookup<'k, W> {
    Found(Cow<'k, Key>),
    /// Not without waiting for somebody.
    Wait(W),
    Refused(Denial),
}

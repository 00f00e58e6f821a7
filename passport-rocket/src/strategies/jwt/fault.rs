//! A mistake at a key of the table, before file and profile are put to it.

use std::borrow::Cow;

use super::material::Unfit;

/// A mistake at a key of the table; the strategy puts file and profile to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) key: Cow<'static, str>,
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Fault {
    pub(super) fn new(
        key: impl Into<Cow<'static, str>>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { key: key.into(), problem: problem.into(), remedy: remedy.into() }
    }

    /// That what stands at `key` is no key, or no set of them.
    pub(super) fn unfit(key: impl Into<Cow<'static, str>>, unfit: Unfit) -> Self {
        Self::new(key, unfit.problem, unfit.remedy)
    }

    /// The same mistake in the table `outer`.
    pub(super) fn within(self, outer: &str) -> Self {
        Self { key: format!("{outer}.{}", self.key).into(), ..self }
    }
}

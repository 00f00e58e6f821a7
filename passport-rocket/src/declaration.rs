//! What a handler declares about who may call it.

/// The declaration of one handler, written by `#[protect]` or `#[public]`.
///
/// A strategy sees it as [`Attempt::declaration`](crate::Attempt::declaration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    pub(crate) handler: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    /// Why everybody may call it, when it is public.
    pub(crate) public: Option<&'static str>,
    /// Empty: those of the configuration.
    pub(crate) strategies: &'static [&'static str],
    pub(crate) roles: Option<(Need, &'static [&'static str])>,
    pub(crate) scopes: Option<(Need, &'static [&'static str])>,
    pub(crate) optional: bool,
    pub(crate) unauthenticated: Unauthenticated,
    pub(crate) issue: Option<&'static str>,
    pub(crate) sign_in: Option<&'static str>,
}

/// How many of the listed roles or scopes are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "complete by definition")]
pub enum Need {
    /// The one that is listed.
    One,
    /// At least one of them.
    Any,
    /// Every one of them.
    All,
}

/// What a browser that navigates sees instead of a 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unauthenticated {
    /// The 401 itself.
    Refuse,
    /// A redirect to the sign-in page, which learns where to return to.
    Redirect,
    /// The next matching route.
    Forward,
}

impl Declaration {
    /// What `#[protect]` begins with.
    #[doc(hidden)]
    #[must_use]
    pub const fn protected(handler: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            handler,
            file,
            line,
            public: None,
            strategies: &[],
            roles: None,
            scopes: None,
            optional: false,
            unauthenticated: Unauthenticated::Refuse,
            issue: None,
            sign_in: None,
        }
    }

    /// What `#[public]` says.
    #[doc(hidden)]
    #[must_use]
    pub const fn public(
        handler: &'static str,
        file: &'static str,
        line: u32,
        why: &'static str,
    ) -> Self {
        let mut declaration = Self::protected(handler, file, line);
        declaration.public = Some(why);
        declaration
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn strategies(mut self, names: &'static [&'static str]) -> Self {
        self.strategies = names;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn roles(mut self, need: Need, roles: &'static [&'static str]) -> Self {
        self.roles = Some((need, roles));
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn scopes(mut self, need: Need, scopes: &'static [&'static str]) -> Self {
        self.scopes = Some((need, scopes));
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn unauthenticated(mut self, instead: Unauthenticated) -> Self {
        self.unauthenticated = instead;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn issue(mut self, strategy: &'static str) -> Self {
        self.issue = Some(strategy);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn sign_in(mut self, strategy: &'static str) -> Self {
        self.sign_in = Some(strategy);
        self
    }

    /// The handler's name.
    #[must_use]
    pub const fn handler(&self) -> &'static str {
        self.handler
    }

    /// Where the handler stands: file and line.
    #[must_use]
    pub const fn place(&self) -> (&'static str, u32) {
        (self.file, self.line)
    }

    /// Why everybody may call it; `None` for a protected handler.
    #[must_use]
    pub const fn public_because(&self) -> Option<&'static str> {
        self.public
    }

    /// The scopes it asks for, empty when it asks for none.
    #[must_use]
    pub const fn required_scopes(&self) -> &'static [&'static str] {
        match self.scopes {
            Some((_, scopes)) => scopes,
            None => &[],
        }
    }

    /// The strategy that begins something for whoever signs in, a session for instance.
    #[must_use]
    pub const fn begins(&self) -> Option<&'static str> {
        self.sign_in
    }

    /// What is asked of a signed-in user, and what begins with them, in words for the launch report.
    pub(crate) fn requirement(&self) -> String {
        let mut words = Vec::new();
        if let Some(why) = self.public {
            return format!("public: {why}");
        }
        if self.optional {
            words.push("optional".to_owned());
        }
        for (noun, list) in [("role", self.roles), ("scope", self.scopes)] {
            if let Some((need, names)) = list {
                words.push(match need {
                    Need::One => format!("{noun} {}", names.join("")),
                    Need::Any => format!("any {noun} of {}", names.join(", ")),
                    Need::All => format!("all {noun}s of {}", names.join(", ")),
                });
            }
        }
        match self.unauthenticated {
            Unauthenticated::Refuse => {}
            Unauthenticated::Redirect => words.push("else redirect".to_owned()),
            Unauthenticated::Forward => words.push("else forward".to_owned()),
        }
        if words.is_empty() {
            words.push("signed in".to_owned());
        }
        if let Some(strategy) = self.sign_in {
            words.push(format!("begins {strategy}"));
        }
        words.join(", ")
    }
}

//! A mistake in the configuration, located.

use std::fmt;

/// A mistake in the configuration: the key, where it stands, what is wrong and what to do. Never a
/// value.
///
/// ```text
/// `passport.jwt.audiance`: unknown key
///     in Rocket.toml, profile `default`
///     did you mean `audience`?
/// ```
///
/// [`Table`](super::Table) and [`Setup::mistake`](crate::Setup::mistake) make them, so that place
/// and profile are those of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// The key, from the root: `passport.jwt.audience`.
    pub key: String,
    /// The profile that holds it, or the selected one when the key is nowhere set.
    pub profile: String,
    /// The file, environment variable or other source that holds it; `None` when it is nowhere set.
    pub source: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do about it; empty when the problem says it all.
    pub remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, profile, source, problem, remedy } = self;
        write!(f, "`{key}`: {problem}")?;
        match source {
            Some(source) => write!(f, "\n    in {source}, ")?,
            None => f.write_str("\n    nowhere set, ")?,
        }
        match &**profile {
            "global" => f.write_str("every profile")?,
            profile => write!(f, "profile `{profile}`")?,
        }
        if !remedy.is_empty() {
            write!(f, "\n    {remedy}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_block() {
        let mut mistake = Mistake {
            key: "passport.jwt.audiance".into(),
            profile: "default".into(),
            source: Some("Rocket.toml".into()),
            problem: "unknown key".into(),
            remedy: "did you mean `audience`?".into(),
        };
        assert_eq!(
            mistake.to_string(),
            "`passport.jwt.audiance`: unknown key\n    in Rocket.toml, profile `default`\n    \
             did you mean `audience`?"
        );
        mistake.source = Some("the environment (ROCKET_PASSPORT)".into());
        mistake.profile = "global".into();
        mistake.remedy.clear();
        assert_eq!(
            mistake.to_string(),
            "`passport.jwt.audiance`: unknown key\n    in the environment (ROCKET_PASSPORT), \
             every profile"
        );
        mistake.source = None;
        mistake.profile = "debug".into();
        assert!(mistake.to_string().ends_with("\n    nowhere set, profile `debug`"));
    }
}

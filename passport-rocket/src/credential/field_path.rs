//! The name of a field in a body, nested ones too.

use std::fmt;

use serde::Deserialize;

/// The way to a field of a body: `user[email]` and `user.email` are `user`, then `email`.
///
/// ```
/// use passport_rocket::credential::FieldPath;
///
/// assert_eq!(FieldPath::parse("user[email]"), FieldPath::parse("user.email"));
/// assert!(FieldPath::parse("user[").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, brackets) = part.split_once('[').map_or((part, None), |(n, b)| (n, Some(b)));
            steps.push(name);
            if let Some(brackets) = brackets {
                let inner = brackets.strip_suffix(']').ok_or("a bracket is not closed")?;
                steps.extend(inner.split("]["));
            }
        }
        if steps.iter().any(|step| step.is_empty() || step.contains(['[', ']'])) {
            return Err("is not the name of a field");
        }
        Ok(Self(steps.into_iter().map(str::to_owned).collect()))
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<String> for FieldPath {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::FieldPath;

    #[test]
    fn a_path_is_written_with_brackets_or_dots() {
        for path in ["user[email][work]", "user.email.work", "user[email].work"] {
            let path = FieldPath::parse(path).unwrap();
            assert_eq!(path.steps(), ["user", "email", "work"]);
            assert_eq!(path.to_string(), "user.email.work");
        }
        for wrong in ["", "user[", "user]", "user[]", "user..email", "[x]", "a[b]c", "a[b[c]]"] {
            assert!(FieldPath::parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! What a signed-in user may do: roles and scopes.

use crate::declaration::{Declaration, Need};
use crate::denial::Denial;
use crate::user::SignedIn;

/// A set of scopes (RFC 6749 section 3.3): names that compare byte by byte.
#[derive(Debug, Clone)]
pub struct Scopes<'a>(Form<'a>);

#[derive(Debug, Clone)]
enum Form<'a> {
    Text(&'a str),
    List(Vec<&'a str>),
}

impl<'a> Scopes<'a> {
    /// Scopes as tokens carry them: one text, separated by spaces.
    #[must_use]
    pub fn of_text(text: &'a str) -> Self {
        Self(Form::Text(text))
    }

    /// Scopes one by one.
    pub fn of_list(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Form::List(names.into_iter().collect()))
    }

    /// Whether `scope` is among them.
    ///
    /// ```
    /// use passport_rocket::Scopes;
    ///
    /// let scopes = Scopes::of_text("tides:read tides:write");
    /// assert!(scopes.contains("tides:write"));
    /// assert!(!scopes.contains("tides") && !scopes.contains(""));
    /// ```
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        match &self.0 {
            _ if scope.is_empty() => false,
            Form::Text(text) => text.split(' ').any(|name| name == scope),
            Form::List(names) => names.contains(&scope),
        }
    }
}

/// Why a signed-in user may not call the handler.
#[derive(Debug)]
pub struct Unmet {
    reason: String,
    missing_scopes: &'static [&'static str],
}

impl Unmet {
    /// The role is not the user's.
    #[must_use]
    pub fn role(declaration: &Declaration) -> Self {
        Self { reason: format!("needs {}", wanted("role", declaration.roles)), missing_scopes: &[] }
    }

    pub(crate) fn denial(self) -> Denial {
        Denial::forbidden(self.reason).with_missing_scopes(self.missing_scopes)
    }
}

/// Asks for the declared scopes; `of_principal` answers for the handler's user, where it can.
///
/// The credential's scopes limit what the user may do, they never add to it: where both speak, both
/// must grant.
///
/// # Errors
/// When the need is not met, also when nothing speaks of scopes at all.
pub fn scopes(
    declaration: &Declaration,
    who: &SignedIn,
    of_principal: impl Fn(&str) -> Option<bool>,
) -> Result<(), Unmet> {
    let Some((need, names)) = declaration.scopes else { return Ok(()) };
    let credential = who.scopes();
    let granted = |scope: &&str| {
        let by_credential = credential.as_ref().map(|scopes| scopes.contains(scope));
        match (by_credential, of_principal(scope)) {
            (Some(first), Some(second)) => first && second,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => false,
        }
    };
    let met = match need {
        Need::Any => names.iter().any(granted),
        Need::One | Need::All => names.iter().all(granted),
    };
    match met {
        true => Ok(()),
        false => Err(Unmet {
            reason: format!("needs {}", wanted("scope", declaration.scopes)),
            missing_scopes: names,
        }),
    }
}

fn wanted(noun: &str, list: Option<(Need, &[&str])>) -> String {
    match list {
        Some((Need::Any, names)) => format!("any {noun} of {}", names.join(", ")),
        Some((_, names)) => format!("{noun} {}", names.join(", ")),
        None => noun.to_owned(),
    }
}

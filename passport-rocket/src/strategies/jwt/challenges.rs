//! What a refused request is asked for (RFC 6750 section 3).

use crate::challenge::Challenge;
use crate::credential::Source;
use crate::denial::{Denial, Kind};

/// The schemes in which a token may come, and what each is asked for.
#[derive(Debug)]
pub(super) struct Challenges {
    /// Where nothing was sent: no error code (section 3.1).
    plain: Vec<Challenge>,
    malformed: Vec<Challenge>,
    rejected: Vec<Challenge>,
}

impl Challenges {
    pub(super) fn new(sources: &[Source], realm: &str) -> Self {
        let schemes = sources.iter().filter_map(|source| match source {
            Source::Scheme(scheme) => Some(Challenge::new(scheme.clone()).realm(realm)),
            _ => None,
        });
        let plain: Vec<Challenge> = schemes.collect();
        Self {
            malformed: with(&plain, "error", "invalid_request"),
            rejected: with(&plain, "error", "invalid_token"),
            plain,
        }
    }

    /// The challenges after `denial`, with never a word of the token.
    pub(super) fn after(&self, denial: &Denial) -> Vec<Challenge> {
        match (denial.kind(), denial.missing_scopes()) {
            (Kind::Absent | Kind::Dead, _) => self.plain.clone(),
            (Kind::Malformed, _) => self.malformed.clone(),
            (Kind::Rejected, _) => self.rejected.clone(),
            // Another token would not help against a missing role.
            (_, []) => Vec::new(),
            (Kind::Forbidden, scopes) => {
                let refused = with(&self.plain, "error", "insufficient_scope");
                with(&refused, "scope", &scopes.join(" "))
            }
            _ => Vec::new(),
        }
    }
}

fn with(challenges: &[Challenge], name: &'static str, value: &str) -> Vec<Challenge> {
    challenges.iter().map(|challenge| challenge.clone().param(name, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(denial: &Denial) -> Vec<String> {
        let sources = [
            Source::Scheme("Bearer".to_owned()),
            Source::Cookie("token".to_owned()),
            Source::Scheme("JWT".to_owned()),
        ];
        let challenges = Challenges::new(&sources, "ti\"dal").after(denial);
        challenges.iter().map(ToString::to_string).collect()
    }

    // R17
    #[test]
    fn says_no_more_than_rfc_6750_permits() {
        let (bearer, jwt) = (r#"Bearer realm="ti\"dal""#, r#"JWT realm="ti\"dal""#);
        let with = |error: &str| vec![format!("{bearer}, {error}"), format!("{jwt}, {error}")];
        assert_eq!(asked(&Denial::absent()), [bearer, jwt]);
        assert_eq!(asked(&Denial::malformed("x")), with(r#"error="invalid_request""#));
        assert_eq!(asked(&Denial::rejected("x")), with(r#"error="invalid_token""#));
        let scopes = Denial::forbidden("x").with_missing_scopes(&["a", "b"]);
        assert_eq!(asked(&scopes), with(r#"error="insufficient_scope", scope="a b""#));
        assert!(asked(&Denial::forbidden("another role")).is_empty());
        assert!(asked(&Denial::fault("broken")).is_empty());
    }
}

//! What a refused request is asked for (RFC 6750 section 3).

use crate::challenge::Challenge;
use crate::credential::Source;
use crate::denial::{Denial, Kind};

/// The schemes in which a token may come, each ready to be asked for.
#[derive(Debug)]
pub(super) struct Challenges(Vec<Challenge>);

impl Challenges {
    pub(super) fn new(sources: &[Source], realm: &str) -> Self {
        let schemes = sources.iter().filter_map(|source| match source {
            Source::Scheme(scheme) => Some(Challenge::new(scheme.clone()).realm(realm)),
            _ => None,
        });
        Self(schemes.collect())
    }

    /// The challenges after `denial`: no error code where nothing was sent (section 3.1), and never
    /// a word of the token.
    pub(super) fn after(&self, denial: &Denial) -> Vec<Challenge> {
        let error = match denial.kind() {
            Kind::Absent | Kind::Dead => None,
            Kind::Malformed => Some("invalid_request"),
            Kind::Rejected => Some("invalid_token"),
            Kind::Forbidden if !denial.missing_scopes().is_empty() => Some("insufficient_scope"),
            // Another token would not help against a missing role.
            _ => return Vec::new(),
        };
        let scope = denial.missing_scopes().join(" ");
        let challenge = |challenge: &Challenge| {
            let challenge = match error {
                Some(error) => challenge.clone().param("error", error),
                None => challenge.clone(),
            };
            match scope.is_empty() {
                true => challenge,
                false => challenge.param("scope", scope.clone()),
            }
        };
        self.0.iter().map(challenge).collect()
    }
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

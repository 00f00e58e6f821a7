//! The claims of an accepted token, for handlers that want more than the user.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::claims::{Lifetime, Registered};
use super::subject::Subject;
use crate::error::Error;

/// Everything an accepted token says: extra information of a user who signed in by `jwt`, found
/// with `User::info::<TokenClaims>(&user)`.
///
/// The claims were checked; a claim that no check is configured for is here as the token has it.
#[derive(Clone)]
pub struct TokenClaims {
    payload: String,
    says: Says,
}

/// What was read on the way.
#[derive(Clone)]
pub(super) struct Says {
    lifetime: Lifetime,
    authenticated_at: Option<u64>,
    issuer: Option<Text>,
    subject: Option<Text>,
    id: Option<Text>,
    scope: Option<Text>,
}

/// A text in the payload, kept as its place there unless it was written with escapes.
#[derive(Clone)]
enum Text {
    Place { start: usize, end: usize },
    Unescaped(Box<str>),
}

impl TokenClaims {
    /// Reads the claims as a type of your own, which may borrow its texts from them.
    ///
    /// ```
    /// use passport_rocket::{Error, TokenClaims};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Tenant<'t> {
    ///     tenant: &'t str,
    /// }
    ///
    /// fn tenant(token: &TokenClaims) -> Result<&str, Error> {
    ///     Ok(token.get::<Tenant<'_>>()?.tenant)
    /// }
    /// ```
    ///
    /// # Errors
    /// When the claims do not fit the type. A text with escapes in it cannot be borrowed as `&str`;
    /// `Cow<'_, str>` with `#[serde(borrow)]` takes both.
    pub fn get<'t, T: Deserialize<'t>>(&'t self) -> Result<T, Error> {
        serde_json::from_str(&self.payload)
            .map_err(|_| Error::misuse("read the claims of a token: they do not fit the type"))
    }

    /// The claim `exp`: when the token ceases to be valid.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        time(self.says.lifetime.expires)
    }

    /// The claim `iat`: when the token was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.says.lifetime.issued_at.map(time)
    }

    /// The claim `auth_time`, where an identity provider sends it: when the user proved who they
    /// are.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.says.authenticated_at.map(time)
    }

    /// The claim `iss`: who vouches for it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.text(self.says.issuer.as_ref())
    }

    /// Who the token speaks of, across issuers; `None` when it does not say both.
    #[must_use]
    pub fn identity(&self) -> Option<Subject> {
        let (issuer, subject) = (self.issuer()?.to_owned(), self.subject()?.to_owned());
        Some(Subject { issuer, subject })
    }

    /// The claim `sub`: whom the token speaks of. Only together with its issuer does it identify
    /// anybody; see [`TokenClaims::identity`].
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.text(self.says.subject.as_ref())
    }

    /// The claim `jti`: the token's own id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.text(self.says.id.as_ref())
    }

    /// The claim `scope`: what the token may be used for, separated by spaces (RFC 8693 section
    /// 4.2).
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.text(self.says.scope.as_ref())
    }

    pub(super) fn new(payload: String, says: Says) -> Self {
        Self { payload, says }
    }

    /// The times that are judged on each request.
    pub(super) fn lifetime(&self) -> Lifetime {
        self.says.lifetime
    }

    /// The bytes of its texts.
    pub(super) fn len(&self) -> usize {
        let Says { issuer, subject, id, scope, .. } = &self.says;
        let apart = [issuer, subject, id, scope].map(|text| match text {
            Some(Text::Unescaped(text)) => text.len(),
            Some(Text::Place { .. }) | None => 0,
        });
        self.payload.len() + apart.iter().sum::<usize>()
    }

    fn text<'t>(&'t self, text: Option<&'t Text>) -> Option<&'t str> {
        match text? {
            Text::Place { start, end } => self.payload.get(*start..*end),
            Text::Unescaped(text) => Some(text),
        }
    }
}

impl Says {
    /// Keeps what was found in `payload`.
    pub(super) fn of(payload: &str, found: &Registered<'_, '_>, lifetime: Lifetime) -> Self {
        let text = |text: &Option<Cow<'_, str>>| text.clone().map(|text| Text::of(payload, text));
        Self {
            lifetime,
            authenticated_at: found.authenticated_at.if_right(),
            issuer: text(&found.issued_by),
            subject: text(&found.subject),
            id: text(&found.id),
            scope: text(&found.scope),
        }
    }
}

impl Text {
    fn of(payload: &str, text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => {
                let start = (text.as_ptr() as usize).wrapping_sub(payload.as_ptr() as usize);
                Self::Place { start, end: start.wrapping_add(text.len()) }
            }
            Cow::Owned(text) => Self::Unescaped(text.into()),
        }
    }
}

/// Names nothing: claims may be personal.
impl fmt::Debug for TokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenClaims").finish_non_exhaustive()
    }
}

fn time(seconds: u64) -> SystemTime {
    // Seconds up to 2^53 were accepted, and fit.
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::claims::Expected;
    use super::super::payload;
    use super::*;

    fn claims(json: &str) -> TokenClaims {
        let expected = Expected::default();
        let mut registered = Registered::new(&expected);
        payload::read::<Value>(json, &mut registered).unwrap();
        let lifetime = registered.judge().unwrap();
        let says = Says::of(json, &registered, lifetime);
        TokenClaims::new(json.to_owned(), says)
    }

    #[test]
    fn says_what_the_token_says() {
        let claims = claims(
            r#"{"sub":"ada","exp":60,"jti":"\u0061bc","iat":50,"scope":"tides:write","auth_time":40}"#,
        );
        assert_eq!(claims.subject(), Some("ada"));
        assert_eq!(claims.id(), Some("abc"));
        assert_eq!(claims.scope(), Some("tides:write"));
        assert_eq!(claims.expires_at(), UNIX_EPOCH + Duration::from_secs(60));
        assert_eq!(claims.issued_at(), Some(UNIX_EPOCH + Duration::from_secs(50)));
        assert_eq!(claims.authenticated_at(), Some(UNIX_EPOCH + Duration::from_secs(40)));
        assert_eq!(format!("{claims:?}"), "TokenClaims { .. }");
    }

    #[test]
    fn a_text_with_escapes_is_counted_beside_the_payload() {
        for (json, apart) in [
            (r#"{"exp":60,"iss":"i","sub":"ada"}"#, 0),
            (
                r#"{"exp":60,"iss":"\u0069","sub":"\u0061da","jti":"\n","scope":"\t\t"}"#,
                1 + 3 + 1 + 2,
            ),
        ] {
            assert_eq!(claims(json).len(), json.len() + apart, "{json}");
        }
    }

    #[test]
    fn what_is_absent_or_no_text_is_none() {
        let claims = claims(r#"{"exp":60,"sub":7,"auth_time":"40"}"#);
        assert_eq!((claims.subject(), claims.id(), claims.scope()), (None, None, None));
        assert_eq!((claims.issued_at(), claims.authenticated_at()), (None, None));
    }

    // R13
    #[test]
    fn a_subject_is_somebody_only_at_its_issuer() {
        let one = claims(r#"{"exp":60,"iss":"https:\/\/a","sub":"7"}"#).identity();
        let other = claims(r#"{"exp":60,"iss":"https://b","sub":"7"}"#).identity();
        assert_eq!(one.as_ref().map(|who| (&*who.issuer, &*who.subject)), Some(("https://a", "7")));
        assert_ne!(one, other);
        for missing in [r#"{"exp":60,"sub":"7"}"#, r#"{"exp":60,"iss":"a"}"#] {
            assert_eq!(claims(missing).identity(), None);
        }
    }

    #[test]
    fn lends_its_texts() {
        #[derive(Deserialize)]
        struct Tenant<'t> {
            tenant: &'t str,
        }
        let claims = claims(r#"{"exp":60,"tenant":"north"}"#);
        assert_eq!(claims.get::<Tenant<'_>>().unwrap().tenant, "north");
    }

    #[test]
    fn reads_as_any_type_on_demand() {
        #[derive(Deserialize)]
        struct Tenant {
            tenant: u32,
        }
        let claims = claims(r#"{"exp":60,"tenant":12}"#);
        assert_eq!(claims.get::<Tenant>().unwrap().tenant, 12);
        assert!(claims.get::<Vec<Tenant>>().is_err());
    }
}

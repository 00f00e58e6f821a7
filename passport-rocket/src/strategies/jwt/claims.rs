//! The registered claims (RFC 7519 section 4.1) and the rules that a token must meet.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::captured::Captured;
use super::numeric_date::NumericDate;
use super::rejection::Rejection;

/// What the configuration expects of a token's claims.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    pub(super) issuer: Option<String>,
    /// One of them is enough; when empty, a token that names an audience is refused.
    pub(super) audience: Vec<String>,
    pub(super) subject: Option<String>,
    /// How long a token is accepted after `exp`.
    pub(super) leeway: Duration,
    /// How far `nbf` and `iat` may lie in the future.
    pub(super) clock_skew: Duration,
    /// How long after `iat` a token is accepted.
    pub(super) max_age: Option<Duration>,
    /// Claims that must be there besides `exp` and those that are compared.
    pub(super) required: Vec<Required>,
}

/// A claim that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Required {
    pub(super) name: Cow<'static, str>,
    /// It must be a text, and not an empty one.
    pub(super) is_text: bool,
}

/// A claim that we look at, and why.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    claim: Option<Claim>,
    /// Which of the required ones it is, as bits in their order.
    required: u32,
}

/// A claim that we read besides the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    Issuer,
    Subject,
    Audience,
    Expires,
    NotBefore,
    IssuedAt,
    Id,
    Scope,
    AuthenticatedAt,
    Confirmation,
}

impl Required {
    fn is_met_by(&self, value: &Captured<'_>) -> bool {
        match self.is_text {
            true => value.text().is_some_and(|text| !text.is_empty()),
            false => !value.is_null(),
        }
    }
}

impl Claim {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::Expires,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::Id,
            "scope" => Self::Scope,
            "auth_time" => Self::AuthenticatedAt,
            "cnf" => Self::Confirmation,
            _ => return None,
        })
    }
}

/// The claims of one token as they are found, already compared where comparing is enough.
#[derive(Debug)]
pub(super) struct Registered<'p, 'e> {
    expected: &'e Expected,
    issuer: Finding,
    audience: Finding,
    expires: NumericDate,
    not_before: NumericDate,
    bound: bool,
    pub(super) issued_at: NumericDate,
    pub(super) authenticated_at: NumericDate,
    pub(super) issued_by: Option<Cow<'p, str>>,
    pub(super) subject: Option<Cow<'p, str>>,
    pub(super) id: Option<Cow<'p, str>>,
    pub(super) scope: Option<Cow<'p, str>>,
    scope_is_text: bool,
    /// Which of the required claims were there, as bits in their order.
    present: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    Absent,
    Matches,
    Differs,
}

/// Times that were read and are judged anew on each request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    pub(super) expires: u64,
    pub(super) not_before: Option<u64>,
    pub(super) issued_at: Option<u64>,
}

impl<'p, 'e> Registered<'p, 'e> {
    pub(super) fn new(expected: &'e Expected) -> Self {
        Self {
            expected,
            issuer: Finding::Absent,
            audience: Finding::Absent,
            expires: NumericDate::Absent,
            not_before: NumericDate::Absent,
            issued_at: NumericDate::Absent,
            authenticated_at: NumericDate::Absent,
            bound: false,
            issued_by: None,
            subject: None,
            id: None,
            scope: None,
            scope_is_text: true,
            present: 0,
        }
    }

    /// The claim `name`, if it is one that we look at.
    pub(super) fn wanted(&self, name: &str) -> Option<Wanted> {
        let claim = Claim::of(name);
        let mut required = 0;
        for (bit, other) in self.expected.required.iter().enumerate() {
            required |= u32::from(other.name == name) << bit;
        }
        (claim.is_some() || required != 0).then_some(Wanted { claim, required })
    }

    /// Notes what stands in a claim that was wanted.
    pub(super) fn note(&mut self, wanted: Wanted, value: &Captured<'p>) {
        for (bit, required) in self.expected.required.iter().enumerate() {
            if wanted.required & (1 << bit) != 0 && required.is_met_by(value) {
                self.present |= 1 << bit;
            }
        }
        let Some(claim) = wanted.claim else { return };
        match claim {
            Claim::Issuer => {
                let ours = self.expected.issuer.as_deref();
                self.issuer = Finding::of(value.text() == ours);
                self.issued_by = value.borrowed_text();
            }
            Claim::Audience => {
                let ours = &self.expected.audience;
                let is_ours = |text: &str| ours.iter().any(|audience| audience == text);
                self.audience = Finding::of(value.texts().any(is_ours));
            }
            Claim::Expires => self.expires = value.seconds(),
            Claim::NotBefore => self.not_before = value.seconds(),
            Claim::IssuedAt => self.issued_at = value.seconds(),
            Claim::AuthenticatedAt => self.authenticated_at = value.seconds(),
            Claim::Confirmation => self.bound = true,
            Claim::Subject => self.subject = value.borrowed_text(),
            Claim::Id => self.id = value.borrowed_text(),
            Claim::Scope => {
                self.scope = value.borrowed_text();
                self.scope_is_text = self.scope.is_some();
            }
        }
    }

    /// The times, of which the end must be there.
    pub(super) fn lifetime(&self) -> Result<Lifetime, Rejection> {
        Ok(Lifetime {
            expires: self.expires.given("exp")?.ok_or(Rejection::Missing("exp"))?,
            not_before: self.not_before.given("nbf")?,
            issued_at: self.issued_at.given("iat")?,
        })
    }

    /// Whether the required claims are there, and the scope is one.
    pub(super) fn complete(&self) -> Result<(), Rejection> {
        for (bit, required) in self.expected.required.iter().enumerate() {
            if self.present & (1 << bit) == 0 {
                return Err(Rejection::Without(required.name.to_string()));
            }
        }
        // RFC 8693 section 4.2. A list that went unread would be a token without limits.
        match self.scope_is_text {
            true => Ok(()),
            false => Err(Rejection::NotText("scope")),
        }
    }

    /// Judges everything but the time.
    pub(super) fn judge(&self) -> Result<Lifetime, Rejection> {
        // Trap 22: whoever holds such a token must prove possession of a key (RFC 7800).
        if self.bound {
            return Err(Rejection::Bound);
        }
        let lifetime = self.lifetime()?;
        self.complete()?;
        // R09, R10, trap 7: a configured check fails when the claim is absent.
        if self.expected.issuer.is_some() {
            self.issuer.must_match("iss")?;
        }
        // RFC 7519 section 4.1.3: a token for others is refused, also by whoever has no name.
        match self.expected.audience.is_empty() {
            false => self.audience.must_match("aud")?,
            true if self.audience == Finding::Absent => {}
            true => return Err(Rejection::ForOthers),
        }
        match (&self.expected.subject, &self.subject) {
            (None, _) => Ok(lifetime),
            (Some(_), None) => Err(Rejection::Missing("sub")),
            (Some(ours), Some(theirs)) if ours == theirs => Ok(lifetime),
            (Some(_), Some(_)) => Err(Rejection::Differs("sub")),
        }
    }
}

impl Lifetime {
    /// Judges the times, at `now`. The boundaries are npm's jsonwebtoken's: a token is expired *at*
    /// its `exp` (RFC 7519 section 4.1.4) and valid *at* its `nbf`.
    pub(super) fn judge(&self, now: SystemTime, expected: &Expected) -> Result<(), Rejection> {
        let now = now.duration_since(UNIX_EPOCH).map_err(|_| Rejection::Clock)?;
        let early = |time: Option<u64>| {
            let ahead = Duration::from_secs(time?).checked_sub(now)?;
            (ahead > expected.clock_skew).then_some(ahead)
        };
        if let Some(early) = early(self.not_before) {
            return Err(Rejection::NotYetValid { early });
        }
        if let Some(early) = early(self.issued_at) {
            return Err(Rejection::IssuedInFuture { early });
        }
        if let Some(ago) = now.checked_sub(Duration::from_secs(self.expires))
            && ago >= expected.leeway
        {
            return Err(Rejection::Expired { ago });
        }
        // At the boundary as npm's jsonwebtoken has it: as old as `max_age` is too old.
        let Some(max_age) = expected.max_age else { return Ok(()) };
        let issued_at = self.issued_at.ok_or(Rejection::Missing("iat"))?;
        match now.checked_sub(Duration::from_secs(issued_at)) {
            Some(age) if age >= max_age.saturating_add(expected.leeway) => {
                Err(Rejection::TooOld { age })
            }
            _ => Ok(()),
        }
    }
}

/// One bit for each.
pub(super) const MOST_REQUIRED: usize = 32;

impl Finding {
    fn of(matches: bool) -> Self {
        match matches {
            true => Self::Matches,
            false => Self::Differs,
        }
    }

    fn must_match(self, name: &'static str) -> Result<(), Rejection> {
        match self {
            Self::Matches => Ok(()),
            Self::Absent => Err(Rejection::Missing(name)),
            Self::Differs => Err(Rejection::Differs(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::payload;
    use super::*;

    fn judge(expected: &Expected, json: &str) -> Result<(), Rejection> {
        let mut registered = Registered::new(expected);
        payload::read::<serde_json::Value>(json, &mut registered)?;
        registered.judge().map(|_| ())
    }

    fn judge_at(now: f64, expected: &Expected, json: &str) -> Result<(), Rejection> {
        let mut registered = Registered::new(expected);
        payload::read::<serde_json::Value>(json, &mut registered)?;
        registered.judge()?.judge(UNIX_EPOCH + Duration::from_secs_f64(now), expected)
    }

    fn lenient() -> Expected {
        Expected::default()
    }

    // R08
    #[test]
    fn rejects_a_token_without_exp() {
        assert_eq!(judge(&lenient(), "{}"), Err(Rejection::Missing("exp")));
        assert_eq!(judge(&lenient(), r#"{"iat":1}"#), Err(Rejection::Missing("exp")));
    }

    // R08
    #[test]
    fn rejects_times_that_are_no_whole_seconds() {
        for wrong in [
            "\"60\"",
            "60.0",
            "60.5",
            "6e1",
            "-1",
            "-0",
            "null",
            "true",
            "false",
            "\"\"",
            "[]",
            "[60]",
            "{}",
            "{\"a\":1}",
            "9007199254740993",
            "18446744073709551616",
            "1e300",
        ] {
            for name in ["exp", "nbf", "iat"] {
                let json = match name {
                    "exp" => format!(r#"{{"exp":{wrong}}}"#),
                    _ => format!(r#"{{"exp":60,"{name}":{wrong}}}"#),
                };
                assert_eq!(judge(&lenient(), &json), Err(Rejection::WrongType(name)), "{json}");
            }
        }
        assert_eq!(judge(&lenient(), r#"{"exp":9007199254740992,"nbf":0,"iat":0}"#), Ok(()));
    }

    // R08: the boundaries.
    #[test]
    fn a_token_is_expired_at_its_exp() {
        let json = r#"{"exp":60}"#;
        assert_eq!(judge_at(59.999, &lenient(), json), Ok(()));
        let ago = Duration::ZERO;
        assert_eq!(judge_at(60.0, &lenient(), json), Err(Rejection::Expired { ago }));
        let expected = Expected { leeway: Duration::from_secs(5), ..lenient() };
        assert_eq!(judge_at(64.0, &expected, json), Ok(()));
        let ago = Duration::from_secs(5);
        assert_eq!(judge_at(65.0, &expected, json), Err(Rejection::Expired { ago }));
    }

    // R08, trap 7
    #[test]
    fn a_token_is_valid_at_its_nbf_and_no_earlier() {
        let json = r#"{"exp":100,"nbf":60}"#;
        assert_eq!(judge_at(60.0, &lenient(), json), Ok(()));
        let early = Duration::from_secs(1);
        assert_eq!(judge_at(59.0, &lenient(), json), Err(Rejection::NotYetValid { early }));
        let expected = Expected { clock_skew: Duration::from_secs(5), ..lenient() };
        assert_eq!(judge_at(55.0, &expected, json), Ok(()));
        let early = Duration::from_secs(6);
        assert_eq!(judge_at(54.0, &expected, json), Err(Rejection::NotYetValid { early }));
    }

    #[test]
    fn a_token_is_not_issued_in_the_future() {
        let json = r#"{"exp":100,"iat":60}"#;
        assert_eq!(judge_at(60.0, &lenient(), json), Ok(()));
        let early = Duration::from_secs(1);
        assert_eq!(judge_at(59.0, &lenient(), json), Err(Rejection::IssuedInFuture { early }));
        let expected = Expected { clock_skew: Duration::from_secs(5), ..lenient() };
        assert_eq!(judge_at(55.0, &expected, json), Ok(()));
        assert!(judge_at(54.0, &expected, json).is_err());
    }

    #[test]
    fn leeway_is_for_exp_and_clock_skew_for_the_others() {
        let leeway = Expected { leeway: Duration::from_secs(5), ..lenient() };
        assert!(judge_at(59.0, &leeway, r#"{"exp":100,"nbf":60}"#).is_err());
        let skew = Expected { clock_skew: Duration::from_secs(5), ..lenient() };
        assert!(judge_at(60.0, &skew, r#"{"exp":60}"#).is_err());
    }

    #[test]
    fn a_clock_before_1970_accepts_nothing() {
        let expected = lenient();
        let lifetime = Lifetime { expires: 60, not_before: None, issued_at: None };
        let now = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(lifetime.judge(now, &expected), Err(Rejection::Clock));
    }

    // R09, trap 7
    #[test]
    fn a_configured_issuer_is_matched_exactly_and_required() {
        let expected = Expected { issuer: Some("https://a".to_owned()), ..lenient() };
        assert_eq!(judge(&expected, r#"{"exp":1,"iss":"https://a"}"#), Ok(()));
        assert_eq!(judge(&expected, r#"{"exp":1}"#), Err(Rejection::Missing("iss")));
        for other in ["\"https://a/\"", "\"HTTPS://A\"", "null", "1", "[\"https://a\"]", "\"\""] {
            let json = format!(r#"{{"exp":1,"iss":{other}}}"#);
            assert_eq!(judge(&expected, &json), Err(Rejection::Differs("iss")), "{other}");
        }
        assert_eq!(judge(&lenient(), r#"{"exp":1,"iss":7}"#), Ok(()));
    }

    // R10, trap 7
    #[test]
    fn one_of_several_audiences_is_enough_and_none_is_not() {
        let audience = vec!["one".to_owned(), "two".to_owned()];
        let expected = Expected { audience, ..lenient() };
        for aud in ["\"one\"", "\"two\"", "[\"two\"]", "[\"x\",\"one\"]"] {
            assert_eq!(judge(&expected, &format!(r#"{{"exp":1,"aud":{aud}}}"#)), Ok(()), "{aud}");
        }
        assert_eq!(judge(&expected, r#"{"exp":1}"#), Err(Rejection::Missing("aud")));
        // RFC 7519 section 4.1.3: a list holds texts, and nothing else.
        for aud in [
            "\"three\"",
            "[7,\"one\"]",
            "[]",
            "\"\"",
            "null",
            "1",
            "{\"one\":1}",
            "[[\"one\"]]",
            "\"One\"",
        ] {
            let json = format!(r#"{{"exp":1,"aud":{aud}}}"#);
            assert_eq!(judge(&expected, &json), Err(Rejection::Differs("aud")), "{aud}");
        }
        for aud in ["\"whoever\"", "[]", "null"] {
            let json = format!(r#"{{"exp":1,"aud":{aud}}}"#);
            assert_eq!(judge(&lenient(), &json), Err(Rejection::ForOthers), "{aud}");
        }
    }

    #[test]
    fn a_scope_is_one_text_and_never_goes_unread() {
        assert_eq!(judge(&lenient(), r#"{"exp":1,"scope":"a b"}"#), Ok(()));
        for scope in ["[\"a\"]", "[]", "null", "7", "{}"] {
            let json = format!(r#"{{"exp":1,"scope":{scope}}}"#);
            assert_eq!(judge(&lenient(), &json), Err(Rejection::NotText("scope")), "{scope}");
        }
    }

    #[test]
    fn a_configured_subject_is_matched_exactly_and_required() {
        let expected = Expected { subject: Some("7".to_owned()), ..lenient() };
        assert_eq!(judge(&expected, r#"{"exp":1,"sub":"7"}"#), Ok(()));
        assert_eq!(judge(&expected, r#"{"exp":1}"#), Err(Rejection::Missing("sub")));
        assert_eq!(judge(&expected, r#"{"exp":1,"sub":7}"#), Err(Rejection::Missing("sub")));
        assert_eq!(judge(&expected, r#"{"exp":1,"sub":"8"}"#), Err(Rejection::Differs("sub")));
    }

    // Trap 22
    #[test]
    fn rejects_a_token_that_is_bound_to_a_key() {
        for cnf in [r#"{"jkt":"x"}"#, "{}", "null", "\"\""] {
            let json = format!(r#"{{"exp":1,"cnf":{cnf}}}"#);
            assert_eq!(judge(&lenient(), &json), Err(Rejection::Bound), "{cnf}");
        }
    }
}

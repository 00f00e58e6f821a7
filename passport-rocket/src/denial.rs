//! The typed refusal: what a request was refused for, in one value.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use rocket::Request;
use rocket::http::Status;
use smallvec::SmallVec;

use crate::challenge::Challenge;
use crate::error::BoxError;
use crate::one_line::OneLine;
use crate::reason::Reason;
use crate::slot::Slot;

/// Why a request was refused, or why a strategy did not sign anybody in.
///
/// Strategies and verifiers make one, the engine keeps it, catchers and events read it. Its `Debug`
/// is the one line that Rocket logs, and holds no secret as long as the reasons it is given hold
/// none:
///
/// ```
/// use passport_rocket::Denial;
///
/// let denial = Denial::rejected("expired 3 s ago").read_from("Authorization: JWT");
/// assert_eq!(format!("{denial:?}"), "rejected: expired 3 s ago, from Authorization: JWT");
/// ```
///
/// It is no `std::error::Error`: a refusal is an answer to the client, an error is our fault.
pub struct Denial {
    kind: Kind,
    // Absent is the common verdict of a chain and must cost nothing.
    details: Option<Box<Details>>,
}

/// The way a credential failed; absent, malformed and rejected stay three things to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// There is no credential for this strategy. The next strategy is tried; alone it is a 401.
    Absent,
    /// A cookie that meant something once: an expired session. Treated like no credential.
    Dead,
    /// The credential was read and is wrong, 401; the next strategy is tried.
    Rejected,
    /// The credential cannot be read, 400 unless said otherwise; the next strategy is tried.
    Malformed,
    /// Known, or not asked for, but not allowed: 403. Ends the chain.
    Forbidden,
    /// The browser has to go elsewhere first: 303. Ends the chain.
    Redirect,
    /// Something of ours failed: 500. Ends the chain, and is never taken for "anonymous".
    Fault,
    /// A store or a provider is down: 503. Ends the chain, and is never taken for "anonymous".
    Unavailable,
}

#[derive(Default)]
struct Details {
    reason: Reason,
    status: Option<Status>,
    strategy: Option<Arc<str>>,
    source: Option<String>,
    handler: Option<&'static str>,
    challenges: Vec<Challenge>,
    location: Option<String>,
    cause: Option<BoxError>,
    missing_scopes: &'static [&'static str],
    tried: Verdicts,
}

/// What each strategy of a chain said; most chains are of one.
pub(crate) type Verdicts = SmallVec<[Arc<Denial>; 1]>;

impl Denial {
    /// There is no credential for this strategy.
    #[must_use]
    pub const fn absent() -> Self {
        Self { kind: Kind::Absent, details: None }
    }

    /// The credential is a leftover, an expired session's cookie for instance.
    pub fn dead(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::of_kind(Kind::Dead, reason)
    }

    /// The credential is wrong. The reason is for the operator; the client never sees it.
    pub fn rejected(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::of_kind(Kind::Rejected, reason)
    }

    /// As [`Denial::rejected`], for a cause that is put into words only if somebody reads them: a
    /// flood of forged credentials then costs no text.
    ///
    /// ```
    /// use passport_rocket::Denial;
    ///
    /// #[derive(Debug)]
    /// struct Overdue(u32);
    ///
    /// impl std::fmt::Display for Overdue {
    ///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    ///         write!(f, "overdue by {} days", self.0)
    ///     }
    /// }
    ///
    /// assert_eq!(Denial::rejected_for(Overdue(3)).reason(), "overdue by 3 days");
    /// ```
    pub fn rejected_for(cause: impl fmt::Display + Send + Sync + 'static) -> Self {
        Self::with_reason(Kind::Rejected, Reason::unsaid(cause))
    }

    /// The credential cannot be read: 400.
    pub fn malformed(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::of_kind(Kind::Malformed, reason)
    }

    /// It is clear who asks, or it does not matter, and they may not: 403.
    pub fn forbidden(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::of_kind(Kind::Forbidden, reason)
    }

    /// The browser has to go to `location` first: 303, so that no body is sent there again (RFC
    /// 9700 section 4.12).
    pub fn redirect(location: impl Into<String>) -> Self {
        let mut denial = Self::of_kind(Kind::Redirect, "sent elsewhere");
        denial.details().location = Some(location.into());
        denial
    }

    /// Something of ours failed: 500.
    pub fn fault(cause: impl Into<BoxError>) -> Self {
        let mut denial = Self::of_kind(Kind::Fault, "internal failure");
        denial.details().cause = Some(cause.into());
        denial
    }

    /// A store or a provider is down: 503.
    pub fn unavailable(cause: impl Into<BoxError>) -> Self {
        let mut denial = Self::of_kind(Kind::Unavailable, "a backend is unavailable");
        denial.details().cause = Some(cause.into());
        denial
    }

    fn of_kind(kind: Kind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::with_reason(kind, Reason::Said(reason.into()))
    }

    fn with_reason(kind: Kind, reason: Reason) -> Self {
        let details = Details { reason, ..Details::default() };
        Self { kind, details: Some(Box::new(details)) }
    }

    fn details(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    /// Says where the credential stood: `Authorization: Bearer`, `cookie token`.
    #[must_use]
    pub fn read_from(mut self, source: impl fmt::Display) -> Self {
        // Room for most of them, so that the text is not moved while it is written.
        let mut text = String::with_capacity(SOURCE_LENGTH);
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{source}");
        self.details().source = Some(text);
        self
    }

    /// Answers with another status of the class 4xx than the kind's own. A status of any other
    /// class is ignored: a refusal must not look like success.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        if status.class().is_client_error() {
            self.details().status = Some(status);
        }
        self
    }

    /// Sends `challenge` in place of the strategy's general ones; may be repeated.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.details().challenges.push(challenge);
        self
    }

    pub(crate) fn with_strategy(mut self, name: impl Into<Arc<str>>) -> Self {
        // An absent credential says nothing that the list of strategies does not.
        if self.details.is_some() || self.kind != Kind::Absent {
            self.details().strategy.get_or_insert_with(|| name.into());
        }
        self
    }

    pub(crate) fn with_handler(mut self, handler: &'static str) -> Self {
        self.details().handler = Some(handler);
        self
    }

    /// The same refusal, answered by sending the browser to sign in at `page`: 303.
    pub(crate) fn sent_to(mut self, page: String) -> Self {
        self.kind = Kind::Redirect;
        let details = self.details();
        details.reason = Reason::Said(Cow::Borrowed("sent to sign in"));
        details.status = None;
        details.challenges.clear();
        details.location = Some(page);
        self
    }

    pub(crate) fn with_location(mut self, location: String) -> Self {
        self.details().location = Some(location);
        self
    }

    pub(crate) fn with_missing_scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.details().missing_scopes = scopes;
        self
    }

    pub(crate) fn with_challenges(mut self, challenges: Vec<Challenge>) -> Self {
        if !challenges.is_empty() {
            self.details().challenges = challenges;
        }
        self
    }

    /// What a whole chain says when every strategy failed: 401 if any of them answers 401,
    /// otherwise the first one's status.
    pub(crate) fn of_chain(tried: Verdicts) -> Self {
        let decisive = tried
            .iter()
            // A rejected credential tells more than the absence of another.
            .filter(|denial| denial.status() == Status::Unauthorized)
            .min_by_key(|denial| matches!(denial.kind, Kind::Absent | Kind::Dead))
            .or(tried.first());
        let Some(decisive) = decisive else { return Self::absent() };
        let (kind, status) = (decisive.kind, decisive.status());
        let details = Details { status: Some(status), tried, ..Details::default() };
        Self { kind, details: Some(Box::new(details)) }
    }

    /// How it failed.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> Status {
        self.details.as_ref().and_then(|details| details.status).unwrap_or(match self.kind {
            Kind::Absent | Kind::Dead | Kind::Rejected => Status::Unauthorized,
            Kind::Malformed => Status::BadRequest,
            Kind::Forbidden => Status::Forbidden,
            Kind::Redirect => Status::SeeOther,
            Kind::Fault => Status::InternalServerError,
            Kind::Unavailable => Status::ServiceUnavailable,
        })
    }

    /// The reason, for the operator's eyes; of a chain, that of its decisive strategy.
    #[must_use]
    pub fn reason(&self) -> &str {
        match (&self.details, self.decisive()) {
            (_, Some(decisive)) => decisive.reason(),
            (Some(details), None) if !details.reason.words().is_empty() => details.reason.words(),
            _ => "no credential",
        }
    }

    /// The strategy that refused; `None` when no credential was found.
    #[must_use]
    pub fn strategy(&self) -> Option<&str> {
        match self.decisive() {
            Some(decisive) => decisive.strategy(),
            None => self.details.as_ref()?.strategy.as_deref(),
        }
    }

    /// The handler that was not reached.
    #[must_use]
    pub fn handler(&self) -> Option<&'static str> {
        self.details.as_ref()?.handler
    }

    /// What each strategy of the chain said, in order; empty when one of them ended the chain.
    pub fn tried(&self) -> impl Iterator<Item = &Denial> {
        self.details.iter().flat_map(|details| &details.tried).map(|denial| &**denial)
    }

    /// The scopes that a 403 asks for.
    #[must_use]
    pub fn missing_scopes(&self) -> &'static [&'static str] {
        self.details.as_ref().map_or(&[], |details| details.missing_scopes)
    }

    /// What went wrong on our side, for a fault.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.details.as_ref()?.cause.as_deref()
    }

    /// The challenges that the response carries.
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        self.details.as_ref().map_or(&[], |details| &details.challenges)
    }

    /// Where a redirect leads.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.details.as_ref()?.location.as_deref()
    }

    /// The refusal of the route that was tried last, for a catcher.
    ///
    /// `None` when that route has no `#[protect]`, or its handler ran: a 404 or 401 that a handler
    /// answers by itself is not ours.
    ///
    /// ```
    /// use passport_rocket::Denial;
    /// use rocket::{catch, Request};
    ///
    /// #[catch(401)]
    /// fn sign_in_first(request: &Request<'_>) -> String {
    ///     match Denial::of(request) {
    ///         Some(denial) if denial.strategy().is_some() => "sign in again".into(),
    ///         _ => "sign in first".into(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<Arc<Self>> {
        Slot::of(request).denial(request)
    }

    fn decisive(&self) -> Option<&Self> {
        let status = self.status();
        self.tried()
            .filter(|denial| denial.kind == self.kind && denial.status() == status)
            // The first that has anything to say, as in `of_chain`.
            .min_by_key(|denial| denial.details.is_none())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(details) = &self.details else { return f.write_str("no credential") };
        if let Some(strategy) = &details.strategy {
            write!(f, "{strategy}: ")?;
        }
        if self.kind == Kind::Rejected && details.strategy.is_none() {
            f.write_str("rejected: ")?;
        }
        match details.reason.words() {
            "" => f.write_str("no credential")?,
            words => write!(f, "{}", OneLine(words))?,
        }
        if let Some(cause) = &details.cause {
            f.write_str(": ")?;
            write!(f, "{}", OneLine(&causes(cause.as_ref())))?;
        }
        if let Some(source) = &details.source {
            write!(f, ", from {}", OneLine(source))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = 0;
        for denial in self.tried().filter(|denial| denial.details.is_some()) {
            if told > 0 {
                f.write_str("; ")?;
            }
            denial.write(f)?;
            told += 1;
        }
        if told == 0 {
            match self.tried().next() {
                Some(_) => f.write_str("no credential")?,
                None => self.write(f)?,
            }
        }
        // What a chain says of itself is no strategy's reason, but what was made of them.
        let made_of_them = self.details.iter().filter(|details| !details.tried.is_empty());
        for words in made_of_them.map(|details| details.reason.words()) {
            if !words.is_empty() {
                write!(f, "; {words}")?;
            }
        }
        match self.handler() {
            Some(handler) => write!(f, ", route {handler}"),
            None => Ok(()),
        }
    }
}

/// `Authorization: Bearer` and its like.
const SOURCE_LENGTH: usize = 32;

/// A cause with the causes behind it.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(denials: Vec<Denial>) -> Denial {
        Denial::of_chain(denials.into_iter().map(Arc::new).collect())
    }

    #[test]
    fn a_chain_is_401_if_any_strategy_answers_401() {
        let denial = chain(vec![Denial::malformed("two tokens"), Denial::absent()]);
        assert_eq!(denial.status(), Status::Unauthorized);
        let denial = chain(vec![Denial::malformed("two tokens"), Denial::rejected("old")]);
        assert_eq!((denial.status(), denial.reason()), (Status::Unauthorized, "old"));
    }

    #[test]
    fn a_chain_without_401_has_the_first_status() {
        let teapot = Denial::malformed("a").with_status(Status::ImATeapot);
        let denial = chain(vec![teapot, Denial::malformed("b")]);
        assert_eq!((denial.status(), denial.reason()), (Status::ImATeapot, "a"));
    }

    #[test]
    fn a_chain_is_told_by_the_first_that_decides() {
        let rejected = |strategy: &'static str| Denial::rejected("old").with_strategy(strategy);
        let denial = chain(vec![Denial::absent(), rejected("jwt"), rejected("partner")]);
        assert_eq!((denial.reason(), denial.strategy()), ("old", Some("jwt")));
        let asked = Denial::absent().with_challenge(Challenge::new("Basic"));
        let denial = chain(vec![Denial::absent(), asked.with_strategy("basic")]);
        assert_eq!(denial.strategy(), Some("basic"));
    }

    #[test]
    fn debug_is_one_line_that_names_strategy_reason_source_and_route() {
        let denial = chain(vec![
            Denial::rejected("expired 3 s ago\nINFO: all is well")
                .read_from("Authorization: JWT")
                .with_strategy("jwt"),
            Denial::absent().with_strategy("session"),
        ])
        .with_handler("create_tide");
        assert_eq!(
            format!("{denial:?}"),
            "jwt: expired 3 s ago\\nINFO: all is well, from Authorization: JWT, route create_tide"
        );
        let none = chain(vec![Denial::absent()]).with_handler("me");
        assert_eq!(format!("{none:?}"), "no credential, route me");
    }

    #[test]
    fn who_is_sent_to_sign_in_leaves_the_reason() {
        let refused = chain(vec![Denial::rejected("old").with_strategy("jwt"), Denial::absent()])
            .with_challenges(vec![Challenge::new("Bearer")])
            .sent_to("/login".into())
            .with_handler("me");
        assert_eq!(format!("{refused:?}"), "jwt: old; sent to sign in, route me");
        assert_eq!((refused.kind(), refused.status()), (Kind::Redirect, Status::SeeOther));
        assert_eq!((refused.location(), refused.challenges().len()), (Some("/login"), 0));
        let nobody = chain(vec![Denial::absent()]).sent_to("/login".into());
        assert_eq!(format!("{nobody:?}"), "no credential; sent to sign in");
        assert_eq!(nobody.reason(), "sent to sign in");
    }

    #[test]
    fn a_refusal_never_looks_like_success() {
        assert_eq!(Denial::rejected("x").with_status(Status::Ok).status(), Status::Unauthorized);
        assert_eq!(Denial::absent().with_status(Status::Found).status(), Status::Unauthorized);
    }

    #[test]
    fn a_fault_tells_its_causes_once() {
        let denial = Denial::fault(std::io::Error::other("disk full")).with_strategy("local");
        assert_eq!(format!("{denial:?}"), "local: internal failure: disk full");
    }
}

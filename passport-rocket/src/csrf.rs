//! Whether another site may have caused a request.
//!
//! A browser sends cookies by itself, whoever caused the request, and signs its user in as somebody
//! else if another site submits the login form (login CSRF). So an unsafe method, and any upgrade,
//! needs a sign that this application's own pages sent it:
//!
//! | `Sec-Fetch-Site` | `Origin` | a cookie | a login |
//! |---|---|---|---|
//! | `same-origin`, `none` | any | passes | passes |
//! | anything else | in `trusted_origins` | passes | passes |
//! | anything else | anything else | refused | refused |
//! | absent | equal to `origin`, or in `trusted_origins` | passes | passes |
//! | absent | anything else, `null` | refused | refused |
//! | absent | absent | passes with `X-Requested-With` | passes |
//!
//! Either header twice is refused. Safe methods (RFC 9110 section 9.2.1) pass: handlers of `GET`
//! must change nothing.
//!
//! Neither header is there when no browser sent the request, or an old one. A page of another site
//! can add no header of its own without asking first (Fetch standard, CORS preflight), hence
//! `X-Requested-With`; its value does not matter. Any `X-…` header would not do: proxies add
//! `X-Forwarded-For` and its kind to everybody's requests. A login without either header comes from
//! a program, which no other site can drive.

use std::fmt;

use rocket::Request;
use rocket::http::Method;

use crate::config::{Options, Origin};
use crate::denial::Denial;
use crate::registry::Registry;

/// What is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// A credential that the browser sends by itself: a cookie.
    Cookie,
    /// A credential that the page sends, and that signs somebody in: a login form.
    Login,
}

/// What is known of a request and of the application.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    method: Method,
    is_upgrade: bool,
    fetch_site: Header<'a>,
    origin: Header<'a>,
    has_requested_with: bool,
    own: Option<&'a Origin>,
    trusted: &'a [Origin],
}

/// The values of one header.
#[derive(Debug, Clone, Copy)]
enum Header<'a> {
    Absent,
    One(&'a str),
    Several,
}

impl<'a> Facts<'a> {
    /// The facts of `request` to an application with `options`.
    #[must_use]
    pub fn of(request: &'a Request<'_>, options: &'a Options) -> Self {
        let header = |name| Header::of(request.headers().get(name));
        Self {
            method: method_on_the_wire(request),
            is_upgrade: request.headers().contains("Upgrade"),
            fetch_site: header("Sec-Fetch-Site"),
            origin: header("Origin"),
            has_requested_with: request.headers().contains("X-Requested-With"),
            own: options.origin.as_ref(),
            trusted: &options.trusted_origins,
        }
    }

    fn is_safe(&self) -> bool {
        let safe = [Method::Get, Method::Head, Method::Options, Method::Trace];
        !self.is_upgrade && safe.contains(&self.method)
    }

    fn is_own(&self, origin: &str) -> bool {
        self.own.is_some_and(|own| own.as_str() == origin)
    }

    fn is_trusted(&self, origin: &str) -> bool {
        self.trusted.iter().any(|trusted| trusted.as_str() == origin)
    }
}

impl<'a> Header<'a> {
    fn of(mut values: impl Iterator<Item = &'a str>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Several,
        }
    }
}

/// Why a request may be another site's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A header that comes once came several times.
    Duplicate(&'static str),
    /// `Sec-Fetch-Site` says that another site caused it, and `Origin` names no trusted one.
    OtherSite,
    /// `Origin` is another one.
    OtherOrigin,
    /// `Origin` cannot be compared, since the configuration does not say which is ours.
    UnknownOrigin,
    /// Nothing says who caused it.
    NoSign,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(name) => write!(f, "two {name} headers"),
            Self::OtherSite => f.write_str("Sec-Fetch-Site names another site"),
            Self::OtherOrigin => f.write_str("Origin is neither ours nor trusted"),
            Self::UnknownOrigin => f.write_str("Origin cannot be compared, set `passport.origin`"),
            Self::NoSign => f.write_str("no Sec-Fetch-Site, Origin or X-Requested-With"),
        }
    }
}

/// Judges a request; the [module](self) has the table.
///
/// # Errors
/// When another site may have caused it.
pub fn judge(request: Facts<'_>, rule: Rule) -> Result<(), Reason> {
    if request.is_safe() {
        return Ok(());
    }
    match (request.fetch_site, request.origin) {
        (Header::Several, _) => Err(Reason::Duplicate("Sec-Fetch-Site")),
        (_, Header::Several) => Err(Reason::Duplicate("Origin")),
        (Header::One("same-origin" | "none"), _) => Ok(()),
        (_, Header::One(origin)) if request.is_trusted(origin) => Ok(()),
        (Header::One(_), _) => Err(Reason::OtherSite),
        (Header::Absent, Header::One(origin)) if request.is_own(origin) => Ok(()),
        (Header::Absent, Header::One("null")) => Err(Reason::OtherOrigin),
        (Header::Absent, Header::One(_)) if request.own.is_none() => Err(Reason::UnknownOrigin),
        (Header::Absent, Header::One(_)) => Err(Reason::OtherOrigin),
        (Header::Absent, Header::Absent) => match rule {
            Rule::Login => Ok(()),
            Rule::Cookie if request.has_requested_with => Ok(()),
            Rule::Cookie => Err(Reason::NoSign),
        },
    }
}

/// Judges a request by the options of its application: for a guard that trusts what a browser sends by
/// itself, as [`Attempt::refuse_cross_site`](crate::Attempt::refuse_cross_site) does for a strategy.
///
/// ```
/// use passport_rocket::{Denial, csrf};
/// use rocket::Request;
///
/// fn may_change_something(request: &Request<'_>) -> Result<(), Denial> {
///     csrf::refuse(request, csrf::Rule::Cookie)
/// }
/// ```
///
/// # Errors
/// Forbidden (403) when another site may have caused it; a fault (500) when launch checks did not
/// pass.
pub fn refuse(request: &Request<'_>, rule: Rule) -> Result<(), Denial> {
    let registry =
        Registry::of(request).ok_or_else(|| Denial::fault("launch checks did not pass"))?;
    refuse_by(registry.options(), request, rule)
}

pub(crate) fn refuse_by(
    options: &Options,
    request: &Request<'_>,
    rule: Rule,
) -> Result<(), Denial> {
    judge(Facts::of(request, options), rule)
        .map_err(|reason| Denial::forbidden(format!("cross-site request: {reason}")))
}

/// The method as it was sent. Rocket turns a POST with the form field `_method` into any other
/// before guards run, also into a GET; a safe request that brings a form may have been such a POST.
fn method_on_the_wire(request: &Request<'_>) -> Method {
    match request.content_type().is_some_and(|content_type| content_type.is_form()) {
        true => Method::Post,
        false => request.method(),
    }
}

#[cfg(test)]
mod tests {
    use rocket::http::{ContentType, Header as HttpHeader};
    use rocket::local::blocking::Client;

    use super::*;

    const OWN: &str = "https://tidal.example";
    const TRUSTED: &str = "https://harbour.example";

    // S07, trap 21
    #[test]
    fn judges_every_combination() {
        let own: Origin = OWN.parse().unwrap();
        let trusted = [TRUSTED.parse::<Origin>().unwrap()];
        let methods = [Method::Get, Method::Head, Method::Options, Method::Trace, Method::Post];
        let methods = methods.into_iter().chain([Method::Put, Method::Patch, Method::Delete]);
        let sites = ["same-origin", "none", "same-site", "cross-site", "Same-Origin", "", "new"];
        let origins = [OWN, TRUSTED, "null", "https://evil.example", "", "https://tidal.example/"];
        let with_ends = |values: &[&'static str]| -> Vec<Header<'static>> {
            let ones = values.iter().map(|value| Header::One(value));
            [Header::Absent, Header::Several].into_iter().chain(ones).collect()
        };
        let (sites, origins) = (with_ends(&sites), with_ends(&origins));
        let mut count = 0;
        for method in methods {
            for is_upgrade in [false, true] {
                for fetch_site in &sites {
                    for origin in &origins {
                        for has_requested_with in [false, true] {
                            for own in [Some(&own), None] {
                                for trusted in [&trusted[..], &[]] {
                                    for rule in [Rule::Cookie, Rule::Login] {
                                        let facts = Facts {
                                            method,
                                            is_upgrade,
                                            fetch_site: *fetch_site,
                                            origin: *origin,
                                            has_requested_with,
                                            own,
                                            trusted,
                                        };
                                        let passes = judge(facts, rule).is_ok();
                                        assert_eq!(
                                            passes,
                                            expected(facts, rule),
                                            "{facts:?} {rule:?}"
                                        );
                                        count += 1;
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(count, 8 * 2 * 9 * 8 * 2 * 2 * 2 * 2);
    }

    /// The rule again, as sentences.
    fn expected(facts: Facts<'_>, rule: Rule) -> bool {
        let changes =
            matches!(facts.method, Method::Post | Method::Put | Method::Patch | Method::Delete);
        let is_duplicate =
            matches!(facts.fetch_site, Header::Several) || matches!(facts.origin, Header::Several);
        let has_trusted_origin =
            matches!(facts.origin, Header::One(TRUSTED)) && !facts.trusted.is_empty();
        let has_own_origin = matches!(facts.origin, Header::One(OWN)) && facts.own.is_some();
        let has_sign = match facts.fetch_site {
            Header::One(site) => site == "same-origin" || site == "none" || has_trusted_origin,
            _ => match facts.origin {
                Header::One(_) => has_own_origin || has_trusted_origin,
                _ => rule == Rule::Login || facts.has_requested_with,
            },
        };
        !(changes || facts.is_upgrade) || (has_sign && !is_duplicate)
    }

    #[test]
    fn reads_the_facts_of_a_request() {
        let client = Client::untracked(rocket::build()).unwrap();
        let options = Options { origin: Some(OWN.parse().unwrap()), ..Options::default() };
        let verdict = |headers: &[(&'static str, &'static str)], rule| {
            let mut request = client.post("/");
            for (name, value) in headers {
                request.add_header(HttpHeader::new(*name, *value));
            }
            judge(Facts::of(request.inner(), &options), rule)
        };
        let table = [
            (&[][..], Err(Reason::NoSign)),
            (&[("X-Forwarded-For", "192.0.2.1")], Err(Reason::NoSign)),
            (&[("x-requested-with", "")], Ok(())),
            (&[("sec-fetch-site", "same-origin")], Ok(())),
            (&[("Sec-Fetch-Site", "cross-site"), ("Origin", OWN)], Err(Reason::OtherSite)),
            (&[("Origin", OWN)], Ok(())),
            (&[("Origin", "null")], Err(Reason::OtherOrigin)),
            (&[("Origin", OWN), ("Origin", OWN)], Err(Reason::Duplicate("Origin"))),
            (
                &[("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "none")],
                Err(Reason::Duplicate("Sec-Fetch-Site")),
            ),
        ];
        for (headers, expected) in table {
            assert_eq!(verdict(headers, Rule::Cookie), expected, "{headers:?}");
        }
        assert_eq!(verdict(&[], Rule::Login), Ok(()));
    }

    #[test]
    fn says_that_the_origin_is_not_configured() {
        let client = Client::untracked(rocket::build()).unwrap();
        let request = client.post("/").header(HttpHeader::new("Origin", OWN));
        let options = Options::default();
        let reason = judge(Facts::of(request.inner(), &options), Rule::Login).unwrap_err();
        assert_eq!(reason.to_string(), "Origin cannot be compared, set `passport.origin`");
    }

    // Trap 21
    #[test]
    fn takes_an_upgrade_for_unsafe() {
        let client = Client::untracked(rocket::build()).unwrap();
        let request = client
            .get("/")
            .header(HttpHeader::new("Upgrade", "websocket"))
            .header(HttpHeader::new("Sec-Fetch-Site", "cross-site"));
        let options = Options::default();
        let verdict = judge(Facts::of(request.inner(), &options), Rule::Cookie);
        assert_eq!(verdict, Err(Reason::OtherSite));
    }

    #[test]
    fn takes_a_safe_method_with_a_form_for_a_rewritten_post() {
        let client = Client::untracked(rocket::build()).unwrap();
        let options = Options::default();
        let plain = client.get("/");
        assert_eq!(judge(Facts::of(plain.inner(), &options), Rule::Cookie), Ok(()));
        let form = client.get("/").header(ContentType::Form);
        let verdict = judge(Facts::of(form.inner(), &options), Rule::Cookie);
        assert_eq!(verdict, Err(Reason::NoSign));
    }
}

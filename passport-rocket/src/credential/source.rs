//! Where a token may stand: behind a scheme, in a header of its own, in the query, in a field of
//! the body, in a cookie.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr2;
use rocket::http::RawStr;
use serde::Deserialize;

use super::{Authorization, FieldPath, RequestBody, cookie};
use crate::challenge::is_token;
use crate::csrf;
use crate::denial::Denial;
use crate::strategy::Attempt;

/// One place where a token may stand, as the configuration names it.
///
/// ```toml
/// token_from = [{ scheme = "Bearer" }, { header = "X-Token" }, { cookie = "token" }]
/// ```
/// ```toml
/// token_from = [{ scheme = "JWT" }, { body = "auth_token" }, { query = "auth_token" }]
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub enum Source {
    /// `Authorization: <scheme> <token>`; the scheme compares without regard to case.
    Scheme(String),
    /// The whole value of a header.
    Header(String),
    /// The value of a query parameter. Logs, histories and `Referer` keep what stands there (RFC
    /// 9700 section 4.3.2).
    Query(String),
    /// A field of a form or of JSON in the body. It is read where the route's data guard completes
    /// the sign-in; anywhere else it counts as absent.
    Body(FieldPath),
    /// The value of a cookie. The browser sends it by itself, so requests that another site may
    /// have caused are refused, and any explicit place wins over it.
    Cookie(String),
    /// What a function of the application answers; no configuration names it.
    Function,
}

/// A place as it is written. An enum would take the first of two keys and drop the other silently.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scheme: Option<String>,
    header: Option<String>,
    query: Option<String>,
    body: Option<String>,
    cookie: Option<String>,
}

impl TryFrom<Written> for Source {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let name = |name: String| match is_token(&name) {
            true => Ok(name),
            false => {
                Err("a scheme, header, parameter or cookie is named by letters, digits and `-._`")
            }
        };
        let Written { scheme, header, query, body, cookie } = written;
        match (scheme, header, query, body, cookie) {
            (Some(scheme), None, None, None, None) => name(scheme).map(Self::Scheme),
            (None, Some(header), None, None, None)
                if header.eq_ignore_ascii_case("authorization") =>
            {
                Err("`Authorization` is read by its scheme: write `{ scheme = \"Bearer\" }`")
            }
            // The browser sends it by itself, and no explicit place may hold what another site causes.
            (None, Some(header), None, None, None) if header.eq_ignore_ascii_case("cookie") => {
                Err("a cookie is read by its name: write `{ cookie = \"token\" }`")
            }
            (None, Some(header), None, None, None) => name(header).map(Self::Header),
            (None, None, Some(query), None, None) => name(query).map(Self::Query),
            (None, None, None, Some(body), None) => {
                FieldPath::parse(&body).map(Self::Body).map_err(
                    |_| "a field is named `token`, or `user[token]` or `user.token` if nested",
                )
            }
            (None, None, None, None, Some(cookie)) => name(cookie).map(Self::Cookie),
            _ => Err("name exactly one of `scheme`, `header`, `query`, `body` and `cookie`"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme(scheme) => write!(f, "Authorization: {scheme}"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Query(name) => write!(f, "query parameter {name}"),
            Self::Body(path) => write!(f, "body field {path}"),
            Self::Cookie(name) => write!(f, "cookie {name}"),
            Self::Function => f.write_str("the application's function"),
        }
    }
}

/// A token and where it stood.
#[derive(Clone)]
#[non_exhaustive]
pub struct Found<'r> {
    /// The token, decoded once where its place needs that.
    pub token: Cow<'r, str>,
    /// Where it stood.
    pub source: &'r Source,
}

impl<'r> Found<'r> {
    /// `token`, which stood in `source`.
    pub(crate) fn new(token: impl Into<Cow<'r, str>>, source: &'r Source) -> Self {
        Self { token: token.into(), source }
    }

    /// The one token of two explicit places.
    ///
    /// # Errors
    /// Malformed (400) when they hold different ones: a client uses one place in a request (RFC
    /// 6750 section 2), and which of the two somebody in front has judged is anybody's guess.
    pub(crate) fn one_of(one: Option<Self>, other: Option<Self>) -> Result<Option<Self>, Denial> {
        match (one, other) {
            (Some(one), Some(other)) if one.token != other.token => {
                let reason = format!("different tokens in {} and {}", one.source, other.source);
                Err(Denial::malformed(reason))
            }
            (one, other) => Ok(one.or(other)),
        }
    }
}

impl fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Source {
    /// Looks for a token in the head of a request: in the explicit places of `sources` and, if none
    /// of them holds one, in their cookies.
    ///
    /// # Errors
    /// Malformed (400, RFC 6750 section 3.1 `invalid_request`) when a scheme comes without a token
    /// or with several, when a header, a parameter or a cookie is there twice, when a parameter is
    /// badly encoded, or when two explicit places hold different tokens. Forbidden (403) when a cookie
    /// holds the token and another site may have caused the request.
    pub fn find<'r>(
        sources: &'r [Self],
        attempt: Attempt<'r, '_>,
    ) -> Result<Option<Found<'r>>, Denial> {
        match Self::explicit(sources, attempt)? {
            Some(found) => Ok(Some(found)),
            None => Self::ambient(sources, attempt),
        }
    }

    /// Looks where nothing stands unless somebody means it: schemes, headers and the query.
    ///
    /// # Errors
    /// The malformed ones of [`Source::find`].
    pub(crate) fn explicit<'r>(
        sources: &'r [Self],
        attempt: Attempt<'r, '_>,
    ) -> Result<Option<Found<'r>>, Denial> {
        let mut found = None;
        for source in sources {
            let token = source.explicit_token(attempt)?;
            found = Found::one_of(found, token.map(|token| Found::new(token, source)))?;
        }
        Ok(found)
    }

    /// Looks into the cookies.
    ///
    /// # Errors
    /// Those of [`Source::find`] that speak of cookies.
    pub(crate) fn ambient<'r>(
        sources: &'r [Self],
        attempt: Attempt<'r, '_>,
    ) -> Result<Option<Found<'r>>, Denial> {
        for source in sources {
            let Self::Cookie(name) = source else { continue };
            let Some(token) = cookie(attempt.request(), name)? else { continue };
            attempt
                .refuse_cross_site(csrf::Rule::Cookie)
                .map_err(|denial| denial.read_from(source))?;
            return Ok(Some(Found::new(token, source)));
        }
        Ok(None)
    }

    /// Takes the token out of the body, where a form or JSON holds one.
    ///
    /// # Errors
    /// Those of [`RequestBody::fields`]; malformed (400) when a field is there twice or no text, or
    /// when two fields hold different tokens.
    pub async fn take_from_body<'r>(
        sources: &'r [Self],
        body: &mut RequestBody<'_>,
    ) -> Result<Option<Found<'r>>, Denial> {
        let mut found = None;
        for source in sources {
            let Self::Body(path) = source else { continue };
            if !body.has_fields() {
                return Ok(None);
            }
            let fields = body.fields(body.limit()).await?;
            let token = fields.take(path).map_err(|denial| denial.read_from(source))?;
            found = Found::one_of(found, token.map(|token| Found::new(token, source)))?;
        }
        Ok(found)
    }

    /// The request headers that `sources` look at, for `Vary`: what a function looks at, nobody
    /// knows, hence `*`. A cache tells queries apart by itself, and stores no answer to a body.
    #[must_use]
    pub fn headers(sources: &[Self]) -> Vec<Cow<'static, str>> {
        let mut names: Vec<Cow<'static, str>> = Vec::new();
        if sources.contains(&Self::Function) {
            return vec![Cow::Borrowed("*")];
        }
        for source in sources {
            let name = match source {
                Self::Scheme(_) => Cow::Borrowed("Authorization"),
                Self::Header(name) => Cow::Owned(name.clone()),
                Self::Cookie(_) => Cow::Borrowed("Cookie"),
                Self::Query(_) | Self::Body(_) | Self::Function => continue,
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn explicit_token<'r>(&self, attempt: Attempt<'r, '_>) -> Result<Option<Cow<'r, str>>, Denial> {
        match self {
            Self::Scheme(scheme) => {
                let Some(header) = Authorization::of(attempt)?.filter(|header| header.is(scheme))
                else {
                    return Ok(None);
                };
                match header.credentials {
                    "" => Err(Denial::malformed("no token behind the scheme").read_from(self)),
                    token if holds_blank(token) => {
                        Err(Denial::malformed("more than a token behind the scheme")
                            .read_from(self))
                    }
                    token => Ok(Some(Cow::Borrowed(token))),
                }
            }
            Self::Header(name) => {
                Ok(attempt.header(name)?.filter(|token| !token.is_empty()).map(Cow::Borrowed))
            }
            Self::Query(name) => {
                let token = parameter(name, attempt).map_err(|denial| denial.read_from(self))?;
                Ok(token.map(Cow::Owned))
            }
            Self::Body(_) | Self::Cookie(_) | Self::Function => Ok(None),
        }
    }
}

/// Whether there are several words. What is longer than any token we know of is not searched to its
/// end: it is refused for its length, or because no token holds a blank anywhere.
fn holds_blank(token: &str) -> bool {
    let bytes = token.as_bytes();
    let begin = bytes.get(..LONGEST_SEARCHED).unwrap_or(bytes);
    memchr2(b' ', b'\t', begin).is_some()
}

const LONGEST_SEARCHED: usize = 8 * 1024;

/// The value of a query parameter, decoded once, as a form is (WHATWG URL section 5.1).
fn parameter(name: &str, attempt: Attempt<'_, '_>) -> Result<Option<String>, Denial> {
    let Some(query) = attempt.request().uri().query() else { return Ok(None) };
    let mut values = query.raw().split('&').filter_map(|pair| {
        let (sent, value) = RawStr::new(pair).split_at_byte(b'=');
        sent.url_decode().is_ok_and(|sent| sent == name).then_some(value)
    });
    let value = match (values.next(), values.next()) {
        (_, Some(_)) => return Err(Denial::malformed("the parameter is there twice")),
        (None, _) => return Ok(None),
        (Some(value), None) => value,
    };
    match value.url_decode() {
        Ok(token) if is_well_encoded(value.as_str()) => {
            Ok(Some(token.into_owned()).filter(|token| !token.is_empty()))
        }
        _ => Err(Denial::malformed("the parameter is badly encoded")),
    }
}

/// Whether two hexadecimal digits follow each `%`; decoders differ in what they make of any other.
fn is_well_encoded(raw: &str) -> bool {
    let is_byte = |rest: &str| {
        rest.get(..2).is_some_and(|byte| byte.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    raw.split('%').skip(1).all(is_byte)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{FieldPath, Source, is_well_encoded};

    #[test]
    fn a_place_is_exactly_one_thing() {
        let read = |written| serde_json::from_value::<Source>(written).map_err(|e| e.to_string());
        assert_eq!(read(json!({ "scheme": "JWT" })), Ok(Source::Scheme("JWT".into())));
        assert_eq!(read(json!({ "cookie": "token" })), Ok(Source::Cookie("token".into())));
        assert_eq!(read(json!({ "query": "token" })), Ok(Source::Query("token".into())));
        let path = FieldPath::parse("user.token").unwrap();
        assert_eq!(read(json!({ "body": "user[token]" })), Ok(Source::Body(path)));
        for wrong in [
            json!({}),
            json!({ "scheme": "Bearer", "cookie": "token" }),
            json!({ "scheme": "Bearer", "query": "token" }),
            json!({ "body": "token", "query": "token" }),
            json!({ "query": "" }),
            json!({ "query": "a b" }),
            json!({ "body": "" }),
            json!({ "body": "user[" }),
            json!({ "function": "f" }),
            json!({ "scheme": "" }),
            json!({ "scheme": "Bearer " }),
            json!({ "header": "X-Tok\nen" }),
            json!({ "header": "authorization" }),
            json!({ "header": "cookie" }),
            json!("Bearer"),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_percent_sign_begins_a_byte() {
        for well in ["", "abc", "%41", "a%2eb%2E", "+"] {
            assert!(is_well_encoded(well), "{well}");
        }
        for badly in ["%", "a%4", "%4g", "%%41", "%é"] {
            assert!(!is_well_encoded(badly), "{badly}");
        }
    }
}

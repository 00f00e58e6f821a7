//! Where a token may stand: behind a scheme, in a header of its own, in a cookie.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;

use super::Authorization;
use crate::challenge::is_token;
use crate::csrf;
use crate::denial::Denial;
use crate::strategy::Attempt;

/// One place where a token may stand, as the configuration names it.
///
/// ```toml
/// token_from = [{ scheme = "Bearer" }, { header = "X-Token" }, { cookie = "token" }]
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub enum Source {
    /// `Authorization: <scheme> <token>`; the scheme compares without regard to case.
    Scheme(String),
    /// The whole value of a header.
    Header(String),
    /// The value of a cookie. The browser sends it by itself, so requests that another site may have
    /// caused are refused, and any explicit place wins over it.
    Cookie(String),
}

/// A place as it is written. An enum would take the first of two keys and drop the other silently.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scheme: Option<String>,
    header: Option<String>,
    cookie: Option<String>,
}

impl TryFrom<Written> for Source {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let name = |name: String| match is_token(&name) {
            true => Ok(name),
            false => Err("a scheme, header or cookie is named by letters, digits and `-._`"),
        };
        match (written.scheme, written.header, written.cookie) {
            (Some(scheme), None, None) => name(scheme).map(Self::Scheme),
            (None, Some(header), None) if header.eq_ignore_ascii_case("authorization") => {
                Err("`Authorization` is read by its scheme: write `{ scheme = \"Bearer\" }`")
            }
            (None, Some(header), None) => name(header).map(Self::Header),
            (None, None, Some(cookie)) => name(cookie).map(Self::Cookie),
            _ => Err("name exactly one of `scheme`, `header` and `cookie`"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme(scheme) => write!(f, "Authorization: {scheme}"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Cookie(name) => write!(f, "cookie {name}"),
        }
    }
}

/// A token and where it stood.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Found<'r> {
    /// The token as it was sent.
    pub token: &'r str,
    /// Where it stood.
    pub source: &'r Source,
}

impl fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Source {
    /// Looks for a token in all `sources`.
    ///
    /// # Errors
    /// Malformed (400, RFC 6750 section 3.1 `invalid_request`) when a scheme comes without a token or
    /// with several, when two explicit places hold different tokens, or when the cookie is there twice;
    /// forbidden (403) when a cookie
    /// holds the token and another site may have caused the request.
    pub fn find<'r>(
        sources: &'r [Self],
        attempt: Attempt<'r, '_>,
    ) -> Result<Option<Found<'r>>, Denial> {
        let mut explicit: Option<Found<'r>> = None;
        for source in sources {
            let Some(token) = source.explicit_token(attempt)? else { continue };
            match explicit {
                Some(other) if other.token != token => {
                    let reason = format!("different tokens in {} and {source}", other.source);
                    return Err(Denial::malformed(reason));
                }
                Some(_) => {}
                None => explicit = Some(Found { token, source }),
            }
        }
        if explicit.is_some() {
            return Ok(explicit);
        }
        for source in sources {
            let Self::Cookie(name) = source else { continue };
            let Some(token) = cookie(name, attempt)? else { continue };
            attempt
                .refuse_cross_site(csrf::Rule::Cookie)
                .map_err(|denial| denial.read_from(source))?;
            return Ok(Some(Found { token, source }));
        }
        Ok(None)
    }

    /// The request headers that `sources` look at, for `Vary`.
    #[must_use]
    pub fn headers(sources: &[Self]) -> Vec<Cow<'static, str>> {
        let mut names: Vec<Cow<'static, str>> = Vec::new();
        for source in sources {
            let name = match source {
                Self::Scheme(_) => Cow::Borrowed("Authorization"),
                Self::Header(name) => Cow::Owned(name.clone()),
                Self::Cookie(_) => Cow::Borrowed("Cookie"),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn explicit_token<'r>(&self, attempt: Attempt<'r, '_>) -> Result<Option<&'r str>, Denial> {
        match self {
            Self::Scheme(scheme) => {
                let Some(header) = Authorization::of(attempt)?.filter(|header| header.is(scheme))
                else {
                    return Ok(None);
                };
                match header.credentials {
                    "" => Err(Denial::malformed("no token behind the scheme").read_from(self)),
                    token if token.contains(char::is_whitespace) => {
                        Err(Denial::malformed("more than a token behind the scheme")
                            .read_from(self))
                    }
                    token => Ok(Some(token)),
                }
            }
            Self::Header(name) => Ok(attempt.header(name)?.filter(|token| !token.is_empty())),
            Self::Cookie(_) => Ok(None),
        }
    }
}

/// The value of a cookie, from the header itself: Rocket's jar decodes names, so that
/// `__%48ost-token`, which a browser takes from any subdomain, would pass for `__Host-token`; and of
/// two cookies of one name it keeps one silently.
fn cookie<'r>(name: &str, attempt: Attempt<'r, '_>) -> Result<Option<&'r str>, Denial> {
    let request = attempt.request();
    if request.headers().get_one("Cookie").is_none() {
        // Rocket's local client fills the jar and sends no header.
        let value = request.cookies().get(name).map(rocket::http::Cookie::value);
        return Ok(value.filter(|value| !value.is_empty()));
    }
    let mut values = request
        .headers()
        .get("Cookie")
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(sent, _)| sent.trim() == name)
        .map(|(_, value)| value.trim());
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Denial::malformed(format!("two cookies {name}"))),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Source;

    #[test]
    fn a_place_is_exactly_one_thing() {
        let read = |written| serde_json::from_value::<Source>(written).map_err(|e| e.to_string());
        assert_eq!(read(json!({ "scheme": "JWT" })), Ok(Source::Scheme("JWT".into())));
        assert_eq!(read(json!({ "cookie": "token" })), Ok(Source::Cookie("token".into())));
        for wrong in [
            json!({}),
            json!({ "scheme": "Bearer", "cookie": "token" }),
            json!({ "scheme": "Bearer", "query": "token" }),
            json!({ "scheme": "" }),
            json!({ "scheme": "Bearer " }),
            json!({ "header": "X-Tok\nen" }),
            json!({ "header": "authorization" }),
            json!("Bearer"),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}

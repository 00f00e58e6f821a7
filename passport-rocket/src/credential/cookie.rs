//! Cookies, as they were sent and as they are sent back.

use rocket::Request;
use rocket::http::{Cookie, Header};

use crate::denial::Denial;
use crate::slot::Slot;

/// The value of a cookie, from the header itself: Rocket's jar decodes names, so that
/// `__%48ost-token`, which a browser takes from any subdomain, would pass for `__Host-token`; and
/// of two cookies of one name it keeps one silently. Nor is anything trimmed but blanks: what
/// Unicode calls white space besides is part of the name to a browser, and makes it another one.
///
/// ```
/// use passport_rocket::credential;
/// use rocket::local::blocking::Client;
///
/// # let client = Client::debug_with(vec![]).unwrap();
/// let request = client.get("/").cookie(("berth", "three"));
/// assert_eq!(credential::cookie(request.inner(), "berth").unwrap(), Some("three"));
/// ```
///
/// # Errors
/// Malformed (400) when there are two of that name: which of the two is meant is not ours to guess.
pub fn cookie<'r>(request: &'r Request<'_>, name: &str) -> Result<Option<&'r str>, Denial> {
    let mut lines = request.headers().get("Cookie").peekable();
    if lines.peek().is_none() {
        // Rocket's local client fills the jar and sends no header.
        let value = request.cookies().get(name).map(Cookie::value);
        return Ok(value.filter(|value| !value.is_empty()));
    }
    let mut values = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(sent, _)| sent.trim_matches(BLANKS) == name)
        .map(|(_, value)| value.trim_matches(BLANKS));
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Denial::malformed(format!("two cookies {name}"))),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// Sends a cookie with the response, whatever the outcome, in place of any of that name that was to
/// be sent before. Rocket drops the cookies of its own jar when the request ends in a catcher.
///
/// It is sent as it is: keep an id in it, not a secret that needs encryption. The response gets
/// `Cache-Control: no-store`, unless the handler says `private` or `no-store` itself: what one browser
/// is given, no cache may give to another.
///
/// ```
/// use passport_rocket::credential;
/// use rocket::http::Cookie;
/// use rocket::request::{FromRequest, Outcome, Request};
///
/// struct Visited;
///
/// #[rocket::async_trait]
/// impl<'r> FromRequest<'r> for Visited {
///     type Error = std::convert::Infallible;
///
///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
///         credential::set_cookie(request, &Cookie::new("visited", "yes"));
///         Outcome::Success(Visited)
///     }
/// }
/// ```
pub fn set_cookie(request: &Request<'_>, cookie: &Cookie<'_>) {
    let header = Header::new("Set-Cookie", cookie.encoded().to_string());
    Slot::of(request).set_cookie(cookie.name(), header);
}

/// WSP of RFC 6265 section 5.2.
const BLANKS: [char; 2] = [' ', '\t'];

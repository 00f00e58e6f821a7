//! Ready-made catchers: problem details (RFC 9457) for programs, a page for people.

use rocket::http::{ContentType, Status};
use rocket::{Catcher, Request, catch};
use serde_json::json;

/// Catchers for what this crate refuses requests with: 400, 401, 403, 413, 415, 500 and 503.
///
/// A client that prefers HTML gets a small page, any other `application/problem+json`. Neither says
/// more than the status does; why a request was refused is for the operator's log.
///
/// They are opt-in, since Rocket refuses two catchers for one status at one base:
///
/// ```
/// rocket::build().register("/", passport_rocket::catchers());
/// ```
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    rocket::catchers![
        bad_request,
        unauthorized,
        forbidden,
        too_large,
        unsupported,
        internal,
        unavailable
    ]
}

macro_rules! catchers {
    ($($name:ident $code:literal $detail:literal;)*) => {$(
        #[catch($code)]
        fn $name(request: &Request<'_>) -> (ContentType, String) {
            problem(request, Status::new($code), $detail)
        }
    )*};
}

catchers! {
    bad_request 400 "The request cannot be understood.";
    unauthorized 401 "Sign in first.";
    forbidden 403 "You may not do this.";
    too_large 413 "The body of the request is too large.";
    unsupported 415 "The body of the request is of a kind that is not understood here.";
    internal 500 "Something went wrong on our side.";
    unavailable 503 "Something we depend on is down. Try again later.";
}

fn problem(request: &Request<'_>, status: Status, detail: &str) -> (ContentType, String) {
    let title = status.reason_lossy();
    let wants_page = request.accept().is_some_and(|accept| accept.preferred().is_html());
    if wants_page {
        let page = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
             <main><h1>{title}</h1><p>{detail}</p></main></html>"
        );
        return (ContentType::HTML, page);
    }
    let problem = json!({
        "type": "about:blank", "title": title, "status": status.code, "detail": detail
    });
    (ContentType::new("application", "problem+json"), problem.to_string())
}

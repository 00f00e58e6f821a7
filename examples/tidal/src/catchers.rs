//! The bodies of refusals: problem details (RFC 9457), and for wrong input what is wrong.

use rocket::http::{ContentType, Status};
use rocket::serde::json::{Value, json};
use rocket::{Catcher, Request, catch};

use crate::valid::Errors;

/// Ours beside those of passport-rocket, which answer when somebody may not come in.
pub fn all() -> Vec<Catcher> {
    [passport_rocket::catchers(), rocket::catchers![invalid, refused]].concat()
}

type Problem = (Status, (ContentType, Value));

/// Rocket has a 422 of its own, for a path that does not parse: there is no tide of number `x`.
#[catch(422)]
fn invalid(request: &Request<'_>) -> Problem {
    match Errors::of(request) {
        Some(errors) => {
            (Status::UnprocessableEntity, (ContentType::JSON, json!({ "errors": errors })))
        }
        None => refused(Status::NotFound, request),
    }
}

#[catch(default)]
fn refused(status: Status, _: &Request<'_>) -> Problem {
    let title = status.reason_lossy();
    let problem = json!({ "type": "about:blank", "title": title, "status": status.code });
    (status, (ContentType::new("application", "problem+json"), problem))
}

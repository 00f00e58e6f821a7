//! The bodies of refusals: problem details (RFC 9457), and for wrong input what is wrong.

use rocket::http::{ContentType, Status};
use rocket::serde::json::{Value, json};
use rocket::{Catcher, Request, catch};

use crate::valid::Errors;

/// Ours beside those of passport-rocket, which answer when somebody may not come in.
pub fn all() -> Vec<Catcher> {
    [
        passport_rocket::catchers(),
        rocket::catchers![invalid, refused],
    ]
    .concat()
}

#[catch(422)]
fn invalid(request: &Request<'_>) -> Value {
    json!({ "errors": Errors::of(request) })
}

#[catch(default)]
fn refused(status: Status, _: &Request<'_>) -> (ContentType, Value) {
    let problem = json!({
        "type": "about:blank", "title": status.reason_lossy(), "status": status.code
    });
    (ContentType::new("application", "problem+json"), problem)
}

//! The bodies of refusals, all JSON: this is an API.

use rocket::http::Status;
use rocket::serde::json::{Value, json};
use rocket::{Catcher, Request, catch};

use crate::valid::Errors;

pub fn all() -> Vec<Catcher> {
    rocket::catchers![invalid, refused]
}

#[catch(422)]
fn invalid(request: &Request<'_>) -> Value {
    json!({ "errors": Errors::of(request) })
}

#[catch(default)]
fn refused(status: Status, _: &Request<'_>) -> Value {
    json!({ "status": status.code, "error": status.reason_lossy() })
}

//! Handlers of every shape stay what they are under the attribute.

use std::future::Future;

use passport_rocket::{User, protect};
use passport_rocket_tests::client;
use rocket::form::Form;
use rocket::http::{Cookie, CookieJar, Header, Status};
use rocket::response::status::Created;
use rocket::response::{Redirect, stream::TextStream};
use rocket::serde::json::Json;
use rocket::{FromForm, Request, Responder, get, post, route, routes, uri};

use super::{Account, get, rocket};

#[derive(FromForm)]
pub(crate) struct Tide<'r> {
    harbour: &'r str,
}

#[derive(Responder)]
pub(crate) enum Answer<'r> {
    #[response(status = 202)]
    Accepted(&'r str),
    #[response(status = 409)]
    Taken(String),
}

/// A sync handler with elided lifetimes.
#[protect(strategy = "token")]
#[get("/sync/<name>")]
fn sync(user: User<Account>, name: &str) -> Result<&str, String> {
    if user.name == name { Ok(name) } else { Err(user.name.clone()) }
}

/// An async one with named lifetimes, a `where` clause and a `Result`.
#[protect(strategy = "token")]
#[post("/async?<next>", data = "<tide>")]
pub(crate) async fn asynchronous<'r>(
    user: User<Account>,
    next: Option<&'r str>,
    tide: Form<Tide<'r>>,
    cookies: &'r CookieJar<'_>,
) -> Result<Created<String>, Answer<'r>>
where
    'r: 'r,
{
    rocket::tokio::task::yield_now().await;
    cookies.add(Cookie::new("harbour", tide.harbour.to_owned()));
    match (tide.harbour, next) {
        ("Dover", Some(next)) => Err(Answer::Accepted(next)),
        ("Dover", None) => Err(Answer::Taken(user.name.clone())),
        (harbour, _) => Ok(Created::new(uri!(sync("x")).to_string()).body(harbour.to_owned())),
    }
}

/// Rocket's own name of the attribute, a mutable parameter, `impl Responder`.
#[protect(strategy = "token")]
#[route(PUT, uri = "/route", rank = 3)]
#[allow(unused_mut)]
fn routed<'r>(mut user: User<Account>) -> impl rocket::response::Responder<'r, 'static> {
    (Status::ImATeapot, Json(user.name.len()))
}

/// A stream, which runs after the handler returned.
#[protect(strategy = "token")]
#[rocket::get("/stream")]
fn streamed(user: User<Account>) -> TextStream![String] {
    TextStream! {
        for letter in user.name.chars() {
            yield letter.to_string();
        }
    }
}

/// A handler that returns a redirect of its own, and one without parameters.
#[protect(strategy = "token")]
#[get("/redirect")]
fn redirected() -> Redirect {
    Redirect::to(uri!(sync("ada")))
}

#[protect(strategy = "token")]
#[get("/r#type")]
#[deprecated]
fn r#type(#[allow(unused)] user: User<Account>) -> Option<()> {
    None
}

// Trap 13
#[test]
fn handlers_keep_their_signature() {
    // By types: asyncness, return type and visibility are those that were written.
    fn is_async<F: Future<Output = Result<Created<String>, Answer<'static>>>>(_: F) {}
    fn is_sync(_: Result<&str, String>) {}
    let _ = |hidden, user, form, cookies| is_async(asynchronous(hidden, user, None, form, cookies));
    let _ = |hidden, user| is_sync(sync(hidden, user, "ada"));
    let _ = |hidden| -> Redirect { redirected(hidden) };
}

// Trap 13
#[test]
#[allow(deprecated)]
fn handlers_of_every_shape_answer_as_they_did() {
    let rocket =
        rocket().mount("/", routes![sync, asynchronous, routed, streamed, redirected, r#type]);
    let client = client(rocket);
    let ada = || Header::new("token", "ada");

    assert_eq!(get(&client, "/sync/ada", Some("ada")).into_string().as_deref(), Some("ada"));
    assert_eq!(get(&client, "/sync/bob", Some("ada")).into_string().as_deref(), Some("ada"));

    let post = |uri, body| {
        let form = client.post(uri).header(rocket::http::ContentType::Form).header(ada());
        form.body(body).dispatch()
    };
    let created = post("/async", "harbour=Calais");
    assert_eq!(created.status(), Status::Created);
    assert_eq!(created.headers().get_one("Location"), Some("/sync/x"));
    assert_eq!(created.cookies().get("harbour").map(Cookie::value), Some("Calais"));
    assert_eq!(post("/async?next=tomorrow", "harbour=Dover").status(), Status::Accepted);
    assert_eq!(post("/async", "harbour=Dover").status(), Status::Conflict);

    let put = client.put("/route").header(ada()).dispatch();
    assert_eq!((put.status(), put.into_string().as_deref()), (Status::ImATeapot, Some("3")));
    assert_eq!(get(&client, "/stream", Some("ada")).into_string().as_deref(), Some("ada"));
    let redirect = get(&client, "/redirect", Some("ada"));
    assert_eq!(redirect.status(), Status::SeeOther);
    assert_eq!(redirect.headers().get_one("Location"), Some("/sync/ada"));

    for path in ["/sync/ada", "/stream", "/redirect"] {
        assert_eq!(get(&client, path, None).status(), Status::Unauthorized, "{path}");
    }
}

/// A catcher sees the request of a protected handler as of any other.
#[rocket::catch(404)]
fn not_found(request: &Request<'_>) -> String {
    format!("nothing at {}", request.uri())
}

// Trap 13
#[test]
#[allow(deprecated)]
fn a_none_of_the_handler_is_its_own_404() {
    let rocket = rocket().mount("/", routes![r#type]).register("/", rocket::catchers![not_found]);
    let client = client(rocket);
    let response = get(&client, "/r%23type", Some("ada"));
    assert_eq!(response.status(), Status::NotFound);
    assert_eq!(response.into_string().as_deref(), Some("nothing at /r%23type"));
}

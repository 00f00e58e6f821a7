//! The body as the credential, where launch checks were never asked: only a data guard that
//! completes the sign-in ever lets anybody in.

use std::sync::Arc;

use passport_rocket::{Denial, User, UserAnd, protect};
use passport_rocket_tests::{Ran, client, headers};
use rocket::form::Form;
use rocket::http::{ContentType, Status};
use rocket::route::{Handler, Outcome};
use rocket::serde::json::Json;
use rocket::{Data, FromForm, Request, Route, State, post, routes};
use serde::Deserialize;

use super::{Account, rocket, runs};

type Perhaps = Option<User<Account>>;
type Either = Result<User<Account>, Arc<Denial>>;

type Sent = UserAnd<Account, Json<serde_json::Value>>;
type PerhapsSent = Option<UserAnd<Account, Form<Login>>>;
type EitherSent = Result<Sent, Arc<Denial>>;

#[derive(Deserialize, FromForm)]
struct Login {
    #[allow(dead_code)]
    username: String,
}

#[protect(strategy = "local")]
#[post("/user", data = "<_user>")]
fn user(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/option", data = "<_user>")]
fn option(_user: Perhaps, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/result", data = "<_user>")]
fn result(_user: Either, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/form", data = "<_login>")]
fn form(_login: Form<Login>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/json", data = "<_login>")]
fn json(_login: Json<Login>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/text", data = "<_login>")]
fn text(_login: String, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/unread")]
fn unread(ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = ["token", "local"])]
#[post("/chain", data = "<_login>")]
fn chain(_login: Form<Login>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/sent", data = "<_sent>")]
fn sent(_sent: Sent, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local")]
#[post("/perhaps-sent", data = "<sent>")]
fn perhaps_sent(sent: PerhapsSent, ran: &State<Ran>) {
    drop(sent);
    ran.count();
}

#[protect(strategy = "local")]
#[post("/either-sent", data = "<sent>")]
fn either_sent(sent: EitherSent, ran: &State<Ran>) {
    drop(sent);
    ran.count();
}

#[protect(strategy = "local", optional)]
#[post("/optional-sent", data = "<_sent>")]
fn optional_sent(_sent: Sent, ran: &State<Ran>) {
    ran.count();
}

/// The same routes without their Sentinels: launch has nobody to ask.
pub(super) fn unasked(routes: Vec<Route>) -> Vec<Route> {
    let unasked = |route: Route| {
        let mut bare = Route::new(route.method, &route.uri.to_string(), Bare(route.handler));
        bare.name = route.name;
        bare
    };
    routes.into_iter().map(unasked).collect()
}

/// A handler and nothing else.
#[derive(Clone)]
struct Bare(Box<dyn Handler>);

#[rocket::async_trait]
impl Handler for Bare {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        self.0.handle(request, data).await
    }
}

// Trap 15
#[test]
fn a_wrong_password_is_401_and_runs_nothing() {
    let routes = routes![user, option, result, form, json, text, unread, chain];
    let client = client(rocket().mount("/", unasked(routes)));
    let wrong = [
        (ContentType::Form, "username=ada&password=ebb"),
        (ContentType::JSON, r#"{"username":"ada","password":"ebb"}"#),
    ];
    let paths = ["/user", "/option", "/result", "/form", "/json", "/text", "/unread", "/chain"];
    for path in paths {
        for (content_type, body) in &wrong {
            let request = client.post(path).header(content_type.clone()).body(body);
            let response = request.dispatch();
            assert_eq!(response.status(), Status::Unauthorized, "{path} {body}");
            assert!(!headers(&response, "WWW-Authenticate").is_empty(), "{path} {body}");
        }
    }
    assert_eq!(runs(&client), 0);
}

// Trap 15
#[test]
fn a_right_password_helps_nobody_whose_data_guard_does_not_read_it() {
    let routes = routes![user, option, result, form, json, text, unread, chain];
    let client = client(rocket().mount("/", unasked(routes)));
    let right = |path| {
        let request = client.post(path).header(ContentType::Form);
        request.body("username=ada&password=tide").dispatch().status()
    };
    for path in ["/option", "/result", "/form", "/json", "/text", "/unread", "/chain"] {
        assert_eq!(right(path), Status::Unauthorized, "{path}");
    }
    assert_eq!(runs(&client), 0);
    assert_eq!((right("/user"), runs(&client)), (Status::Ok, 1));
}

// Trap 15
#[test]
fn neither_does_a_payload_guard_that_swallows_refusals() {
    let routes = routes![sent, perhaps_sent, either_sent, optional_sent];
    let client = client(rocket().mount("/", unasked(routes)));
    let send =
        |path, kind, body| client.post(path).header(kind).body(body).dispatch().status().code;
    let json = |path, password| {
        let body = format!(r#"{{"username":"ada","password":"{password}"}}"#);
        send(path, ContentType::JSON, body)
    };
    for password in ["ebb", "tide"] {
        assert_eq!(json("/either-sent", password), 401);
        let form = format!("username=ada&password={password}");
        assert_eq!(send("/perhaps-sent", ContentType::Form, form), 401);
    }
    for path in ["/sent", "/optional-sent"] {
        assert_eq!(json(path, "ebb"), 401, "{path}");
    }
    assert_eq!(runs(&client), 0);
    assert_eq!((json("/sent", "tide"), json("/optional-sent", "tide")), (200, 200));
    assert_eq!(runs(&client), 2);
}

// Trap 15
#[test]
fn a_payload_guard_without_protect_is_our_fault() {
    #[post("/open", data = "<sent>")]
    fn open(sent: PerhapsSent, ran: &State<Ran>) -> String {
        ran.count();
        format!("{}", sent.is_none())
    }

    let client = client(rocket().mount("/", routes![open]));
    let request = client.post("/open").header(ContentType::Form);
    let response = request.body("username=ada&password=tide").dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
    assert_eq!(response.into_string(), None);
}

// Trap 15
#[test]
fn request_guards_before_the_body_see_nobody() {
    #[protect(strategy = "local")]
    #[post("/early", data = "<_user>")]
    fn early(_early: User<Account>, _user: User<Account>, ran: &State<Ran>) {
        ran.count();
    }

    #[protect(strategy = "local")]
    #[post("/perhaps", data = "<_user>")]
    fn perhaps(early: Perhaps, _user: User<Account>, ran: &State<Ran>) {
        assert!(early.is_none());
        ran.count();
    }

    let client = client(rocket().mount("/", unasked(routes![early, perhaps])));
    for path in ["/early", "/perhaps"] {
        for body in ["username=ada&password=tide", "username=ada&password=ebb"] {
            let request = client.post(path).header(ContentType::Form).body(body);
            let response = request.dispatch();
            assert_eq!(response.status(), Status::InternalServerError, "{path}");
        }
    }
    // Who signs in after a guard was misled is still signed in; the answer is a 500 all the same.
    assert_eq!(runs(&client), 1);
}

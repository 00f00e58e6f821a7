//! A user where nobody declared one: the application is wrong, and says so.

use passport_rocket::{User, protect};
use passport_rocket_tests::{Ran, client, figment, log};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, State, get, post, routes};

use super::body::unasked;
use super::{Account, get, rocket, runs};

#[get("/certain")]
fn certain(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[get("/perhaps")]
fn perhaps(user: Option<User<Account>>) -> &'static str {
    match user {
        Some(_) => "somebody",
        None => "the anonymous page",
    }
}

#[post("/data", data = "<_user>")]
fn data(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[post("/data/perhaps", data = "<user>")]
fn data_perhaps(user: Option<User<Account>>) -> &'static str {
    match user {
        Some(_) => "somebody",
        None => "the anonymous page",
    }
}

/// A guard of the application that asks for the user.
struct Name(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Name {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.guard::<User<Account>>().await {
            Outcome::Success(user) => Outcome::Success(Self(user.name.clone())),
            Outcome::Error((status, _)) => Outcome::Error((status, ())),
            Outcome::Forward(status) => Outcome::Forward(status),
        }
    }
}

#[get("/wrapped")]
fn wrapped(_name: Name, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "token")]
#[get("/declared")]
fn declared(name: Name) -> String {
    name.0
}

// Trap 17
#[test]
fn a_user_without_a_declaration_is_a_500_that_names_the_handler() {
    let client =
        client(rocket().mount("/", routes![certain, perhaps, data, data_perhaps, wrapped]));
    for (path, handler) in
        [("/certain", "certain"), ("/perhaps", "perhaps"), ("/wrapped", "wrapped")]
    {
        for token in [None, Some("ada"), Some("forged")] {
            let (response, lines) = log::capture(|| get(&client, path, token));
            assert_eq!(response.status(), Status::InternalServerError, "{path}");
            assert_ne!(response.into_string().as_deref(), Some("the anonymous page"));
            assert_named(&lines, handler);
        }
    }
    for (path, handler) in [("/data", "data"), ("/data/perhaps", "data_perhaps")] {
        let (response, lines) = log::capture(|| client.post(path).dispatch());
        assert_eq!(response.status(), Status::InternalServerError, "{path}");
        assert_ne!(response.into_string().as_deref(), Some("the anonymous page"));
        assert_named(&lines, handler);
    }
    assert_eq!(runs(&client), 0);
}

fn assert_named(lines: &[String], handler: &str) {
    let line = format!("ERROR: handler `{handler}`: `User<…>` needs `#[protect]` on the handler");
    let found = lines.iter().filter(|found| found.ends_with(&line)).count();
    assert_eq!(found, 1, "{lines:#?}");
}

#[test]
fn an_application_that_failed_its_checks_serves_nobody() {
    #[protect(strategy = "token", optional)]
    #[get("/home")]
    fn home(ran: &State<Ran>) {
        ran.count();
    }

    // A local client outlives the shutdown that liftoff asks for.
    let mistaken = rocket().configure(figment("[default.passport]\nharbour = 'Dover'"));
    let client = client(mistaken.mount("/", unasked(routes![declared, home])));
    for path in ["/declared", "/home"] {
        for token in [None, Some("ada")] {
            let (response, lines) = log::capture(|| get(&client, path, token));
            assert_eq!(response.status(), Status::InternalServerError, "{path}");
            let why = "passport: internal failure: launch checks did not pass";
            assert!(lines.iter().any(|line| line.contains(why)), "{lines:#?}");
        }
    }
    assert_eq!(runs(&client), 0);
}

#[test]
fn a_guard_of_the_application_may_ask_on_a_protected_handler() {
    let client = client(rocket().mount("/", routes![declared]));
    assert_eq!(get(&client, "/declared", Some("ada")).into_string().as_deref(), Some("ada"));
    assert_eq!(get(&client, "/declared", None).status(), Status::Unauthorized);
}

//! What the runtime is told of a handler.

#![deny(warnings)]

use passport_rocket::__private::{Position, Requirement, Wrapping};
use passport_rocket::{Principal, User, protect, public};
use rocket::{State, get, post};

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
}

/// What the spelling hides, the type still tells.
type Body = User<Account>;

#[protect(strategy = "local", sign_in = "session", unauthenticated = redirect(rocket::uri!(open)))]
#[post("/login/<page>", data = "<body>")]
fn login(page: u8, body: Body, _db: &State<String>) -> String {
    format!("{page} {}", body.id)
}

#[protect(optional)]
#[post("/text", data = "<_text>")]
fn text(_text: String, _user: Option<User<Account>>) {}

#[public("the harbour is open")]
#[get("/open")]
fn open() {}

#[protect]
#[get("/raw")]
fn r#match() {}

fn main() {
    assert_eq!(rocket::routes![login, text, open, r#match].len(), 4);

    // The marker follows the name, and the place is that of the name.
    let declaration = __passport_login::DECLARATION;
    assert_eq!(declaration.handler(), "login");
    assert_eq!(declaration.place(), (file!(), 20));
    assert_eq!(declaration.public_because(), None);
    assert_eq!(declaration.begins(), Some("session"));
    assert_eq!(__passport_text::DECLARATION.begins(), None);
    assert_eq!(__passport_open::DECLARATION.place().1, 30);
    assert_eq!(__passport_open::DECLARATION.public_because(), Some("the harbour is open"));

    // Rocket's own name of the route, for the comparison at launch.
    assert_eq!(__passport_login::route().name.as_deref(), Some("login"));
    assert_eq!(
        __passport_match::route().name.as_deref(),
        Some(__passport_match::DECLARATION.handler())
    );
    assert!(__passport_login::type_name().ends_with("login"));

    assert!(const { __passport_login::COMPLETES_BODY });
    assert!(const { !__passport_text::COMPLETES_BODY && !__passport_open::COMPLETES_BODY });

    assert_eq!(__passport_login::login_page().as_deref(), Some("/open"));
    assert_eq!(__passport_text::login_page(), None);

    let parameters = __passport_login::parameters();
    let described: Vec<_> = parameters
        .iter()
        .map(|parameter| (parameter.name, parameter.position, parameter.user.is_some()))
        .collect();
    assert_eq!(
        described,
        [
            ("page", Position::Request, false),
            ("body", Position::Data, true),
            ("_db", Position::Request, false)
        ]
    );
    assert!(parameters.iter().all(|parameter| parameter.name != "_db" || parameter.sentinel.is_some()));

    let parameters = __passport_text::parameters();
    let users: Vec<_> = parameters.iter().filter_map(|parameter| parameter.user).collect();
    assert_eq!(users.len(), 1);
    assert!(users.iter().all(|user| user.wrapping == Wrapping::Option));
}

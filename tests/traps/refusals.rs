//! A refusal runs nothing, lets nobody in, and says the right status.

use passport_rocket::{User, protect};
use passport_rocket_tests::{Ran, client, headers};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::Client;
use rocket::{State, get, post, routes};

use super::{Account, REFUSALS, get, rocket, runs};

#[protect(strategy = "token")]
#[get("/me")]
fn me(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

#[protect(strategy = "token")]
#[get("/nameless")]
fn nameless(ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "token", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

#[protect(strategy = "token", role = "admin")]
#[get("/admin")]
fn admin(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "token", scope = "tides:delete")]
#[get("/delete")]
fn delete(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "local", role = "admin")]
#[post("/login", data = "<_user>")]
fn login(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "token")]
#[get("/panic")]
fn panics(_user: User<Account>) {
    panic!("a handler panics");
}

fn application() -> Client {
    client(rocket().mount("/", routes![me, nameless, home, admin, delete, login, panics]))
}

// Trap 1
#[test]
fn no_refused_request_runs_its_handler() {
    let client = application();
    for path in ["/me", "/nameless", "/admin", "/delete"] {
        for (token, status) in REFUSALS {
            assert_eq!(get(&client, path, token).status().code, status, "{path} {token:?}");
        }
    }
    // Known, and not allowed.
    assert_eq!(get(&client, "/admin", Some("bob")).status(), Status::Forbidden);
    assert_eq!(get(&client, "/delete", Some("ada")).status(), Status::Forbidden);
    let bodies = [
        ("", 400),
        ("username=ada", 400),
        ("username=ada&password=ebb", 401),
        ("username=bob&password=tide", 403),
    ];
    for (body, status) in bodies {
        let request = client.post("/login").header(ContentType::Form).body(body);
        assert_eq!(request.dispatch().status().code, status, "{body}");
    }
    assert_eq!(runs(&client), 0);

    // The counter does count.
    assert_eq!(get(&client, "/admin", Some("ada")).status(), Status::Ok);
    let request = client.post("/login").header(ContentType::Form);
    assert_eq!(request.body("username=ada&password=tide").dispatch().status(), Status::Ok);
    assert_eq!(runs(&client), 2);
}

// Trap 10
#[test]
fn nobody_on_a_route_with_a_role_is_asked_to_sign_in() {
    let client = application();
    for path in ["/admin", "/delete"] {
        let response = get(&client, path, None);
        assert_eq!(response.status(), Status::Unauthorized, "{path}");
        assert_eq!(headers(&response, "WWW-Authenticate"), ["Told realm=\"token\""], "{path}");
    }
}

// Trap 10
#[test]
fn a_failure_of_ours_is_no_missing_permission() {
    let client = application();
    for path in ["/admin", "/delete", "/home"] {
        let fault = get(&client, path, Some("fault"));
        assert_eq!(fault.status(), Status::InternalServerError, "{path}");
        assert!(headers(&fault, "WWW-Authenticate").is_empty(), "{path}");
        let down = get(&client, path, Some("down"));
        assert_eq!(down.status(), Status::ServiceUnavailable, "{path}");
        assert!(headers(&down, "WWW-Authenticate").is_empty(), "{path}");
    }
}

// Trap 17
#[test]
fn only_who_shows_nothing_is_nobody() {
    let client = application();
    for (token, status) in REFUSALS {
        let response = get(&client, "/home", token);
        match token {
            None | Some("dead" | "redirect") => {
                assert_eq!(response.into_string().as_deref(), Some("nobody"), "{token:?}");
            }
            Some(_) => assert_eq!(response.status().code, status, "{token:?}"),
        }
    }
    assert_eq!(runs(&client), 3);
    assert_eq!(get(&client, "/home", Some("bob")).into_string().as_deref(), Some("bob"));
}

#[test]
fn a_panic_lets_nobody_in() {
    let client = application();
    // In a strategy, on a strict route and where nobody may come.
    for path in ["/me", "/home"] {
        let response = get(&client, path, Some("panic"));
        assert_eq!(response.status(), Status::InternalServerError, "{path}");
        assert!(headers(&response, "WWW-Authenticate").is_empty(), "{path}");
    }
    // In a handler.
    let response = get(&client, "/panic", Some("ada"));
    assert_eq!(response.status(), Status::InternalServerError);
    assert_eq!(runs(&client), 0);
    // And the next one is served as ever.
    assert_eq!(get(&client, "/me", Some("bob")).into_string().as_deref(), Some("bob"));
    assert_eq!(get(&client, "/me", None).status(), Status::Unauthorized);
}

#[test]
fn head_served_by_get_is_protected_too() {
    let client = application();
    let stranger = client.head("/me").dispatch();
    assert_eq!(stranger.status(), Status::Unauthorized);
    assert_eq!(headers(&stranger, "WWW-Authenticate"), ["Told realm=\"token\""]);
    let admin = client.head("/admin").header(Header::new("token", "bob")).dispatch();
    assert_eq!(admin.status(), Status::Forbidden);
    assert_eq!(runs(&client), 0);
    let known = client.head("/me").header(Header::new("token", "bob")).dispatch();
    assert_eq!((known.status(), known.into_string().as_deref()), (Status::Ok, Some("")));
    assert_eq!(runs(&client), 1);
}

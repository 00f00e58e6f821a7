//! Forwards: Rocket keeps what a request remembers, the user of one route must not follow.

use passport_rocket::{User, protect, public};
use passport_rocket_tests::{Ran, client, headers, log};
use rocket::http::{Accept, Header, Status};
use rocket::local::blocking::LocalRequest;
use rocket::{State, get, routes};

use super::{Account, get, rocket, runs};

type Perhaps = Option<User<Account>>;

fn name(user: Perhaps) -> String {
    user.map_or("nobody".to_owned(), |user| format!("{} by {}", user.name, User::strategy(&user)))
}

/// A protected route that signs in and then forwards, since `a` is no number.
#[protect(strategy = "token")]
#[get("/<_id>")]
fn numbered(_user: User<Account>, _id: u8, ran: &State<Ran>) {
    ran.count();
}

fn with<'c>(
    request: LocalRequest<'c>,
    headers: &[(&'static str, &'static str)],
) -> LocalRequest<'c> {
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(Header::new(*name, *value)))
}

// Trap 16
#[test]
fn an_unprotected_route_sees_no_user_of_an_earlier_one() {
    #[get("/<_name>", rank = 2)]
    fn open(_name: &str) -> &'static str {
        "open"
    }

    #[get("/<_name>", rank = 2)]
    fn curious(_name: &str, user: Option<User<Account>>) -> String {
        name(user)
    }

    #[get("/<_name>", rank = 2)]
    fn greedy(_name: &str, user: User<Account>) -> String {
        name(Some(user))
    }

    #[public("everybody may read names")]
    #[get("/<_name>", rank = 2)]
    fn declared(_name: &str, user: Perhaps) -> String {
        name(user)
    }

    let client = client(
        rocket()
            .mount("/open", routes![numbered, open])
            .mount("/curious", routes![numbered, curious])
            .mount("/greedy", routes![numbered, greedy])
            .mount("/declared", routes![numbered, declared]),
    );
    let open = get(&client, "/open/a", Some("ada"));
    assert_eq!(open.into_string().as_deref(), Some("open"));
    // Who asks for a user without a declaration gets none, and a 500 instead of "nobody".
    for path in ["/curious/a", "/greedy/a", "/declared/a"] {
        let response = get(&client, path, Some("ada"));
        assert_eq!(response.status(), Status::InternalServerError, "{path}");
        assert_ne!(response.into_string().as_deref(), Some("ada by token"), "{path}");
    }
    assert_eq!(runs(&client), 0);
}

// Trap 16
#[test]
fn each_protected_route_sees_the_user_of_its_own_strategy() {
    #[protect(strategy = "session")]
    #[get("/<_name>", rank = 2)]
    fn second(user: User<Account>, _name: &str) -> String {
        name(Some(user))
    }

    #[protect(strategy = "session", optional)]
    #[get("/<_name>", rank = 2)]
    fn perhaps(user: Option<User<Account>>, _name: &str) -> String {
        name(user)
    }

    let client = client(
        rocket()
            .mount("/second", routes![numbered, second])
            .mount("/perhaps", routes![numbered, perhaps]),
    );
    let both = [("token", "ada"), ("session", "bob")];
    let answer = |path, headers| with(client.get(path), headers).dispatch();
    for path in ["/second/a", "/perhaps/a"] {
        assert_eq!(answer(path, &both).into_string().as_deref(), Some("bob by session"), "{path}");
    }
    let alone = &both[..1];
    let response = answer("/second/a", alone);
    assert_eq!(response.status(), Status::Unauthorized);
    assert_eq!(headers(&response, "WWW-Authenticate"), ["Told realm=\"session\""]);
    assert_eq!(answer("/perhaps/a", alone).into_string().as_deref(), Some("nobody"));
    let forged = answer("/perhaps/a", &[("token", "ada"), ("session", "forged")]);
    assert_eq!(forged.status(), Status::Unauthorized);
}

#[test]
fn a_role_of_one_route_is_asked_again_on_the_next() {
    #[protect(strategy = "token", role = "admin")]
    #[get("/<_name>", rank = 2)]
    fn admin(_user: User<Account>, _name: &str, ran: &State<Ran>) {
        ran.count();
    }

    let client = client(rocket().mount("/", routes![numbered, admin]));
    assert_eq!(get(&client, "/a", Some("bob")).status(), Status::Forbidden);
    assert_eq!(get(&client, "/a", Some("ada")).status(), Status::Ok);
    assert_eq!(runs(&client), 1);
}

#[test]
fn a_strategy_runs_once_in_a_request() {
    #[protect(strategy = ["session", "token"])]
    #[get("/<_id>", rank = 2)]
    fn second(_user: User<Account>, _id: u16) {}

    #[protect(strategy = "token")]
    #[get("/<_name>", rank = 3)]
    fn third(user: User<Account>, _name: &str) -> String {
        name(Some(user))
    }

    let client = client(rocket().mount("/", routes![numbered, second, third]));
    for run in ["1", "2"] {
        let response = get(&client, "/a", Some("ada"));
        let cookies = headers(&response, "Set-Cookie");
        assert_eq!(cookies, [format!("token={run}"), format!("session={run}")]);
        assert_eq!(response.into_string().as_deref(), Some("ada by token"));
    }
    // A refusal is remembered as well.
    let response = get(&client, "/a", Some("forged"));
    assert_eq!(headers(&response, "Set-Cookie"), ["token=3"]);
}

#[protect(strategy = "token", unauthenticated = forward)]
#[get("/")]
fn home(user: User<Account>) -> String {
    name(Some(user))
}

#[get("/", rank = 2)]
fn welcome() -> &'static str {
    "welcome"
}

#[test]
fn forwards_a_browser_that_nobody_signed_in() {
    let client = client(rocket().mount("/", routes![home, welcome]));
    let browser = || client.get("/").header(Accept::HTML);
    let told = |token| browser().header(Header::new("token", token)).dispatch();
    assert_eq!(browser().dispatch().into_string().as_deref(), Some("welcome"));
    for token in ["dead", "forged"] {
        assert_eq!(told(token).into_string().as_deref(), Some("welcome"), "{token}");
    }
    assert_eq!(told("ada").into_string().as_deref(), Some("ada by token"));
    // What is no 401 is no reason to show another page.
    for (token, status) in
        [("malformed", 400), ("forbidden", 403), ("redirect", 303), ("fault", 500), ("down", 503)]
    {
        assert_eq!(told(token).status().code, status, "{token}");
    }
    // A script that fetches wants the 401.
    for mode in ["cors", "no-cors", "same-origin", "websocket"] {
        let request = browser().header(Header::new("Sec-Fetch-Mode", mode));
        assert_eq!(request.dispatch().status(), Status::Unauthorized, "{mode}");
    }
    assert_eq!(client.get("/").dispatch().status(), Status::Unauthorized);
}

#[test]
fn a_page_that_was_forwarded_to_is_not_challenged() {
    let client = client(rocket().mount("/", routes![home, welcome]));
    let response = client.get("/").header(Accept::HTML).dispatch();
    assert_eq!(response.status(), Status::Ok);
    assert!(headers(&response, "WWW-Authenticate").is_empty());
    // It depends on who asked, all the same.
    assert_eq!(headers(&response, "Vary"), ["Authorization"]);
    assert_eq!(headers(&response, "Cache-Control"), ["no-store"]);
}

// Trap 14
#[test]
fn a_forward_that_finds_nothing_is_a_401() {
    let client = client(rocket().mount("/", routes![home]));
    for request in [client.get("/"), client.head("/")] {
        let response = request.header(Accept::HTML).dispatch();
        assert_eq!(response.status(), Status::Unauthorized);
        assert_eq!(headers(&response, "WWW-Authenticate"), ["Told realm=\"token\""]);
    }
}

// Trap 14
#[test]
fn a_forward_is_in_the_log() {
    let client = client(rocket().mount("/", routes![home, welcome]));
    let request = client.get("/").header(Accept::HTML).header(Header::new("token", "forged"));
    let (_, lines) = log::capture(|| request.dispatch());
    let line = "passport INFO: token: signature is wrong, route home; forwarding";
    assert!(lines.iter().any(|found| found == line), "{lines:#?}");
}

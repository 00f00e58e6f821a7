//! A route that begins something and then forwards: what began stays, once and for one sign-in.

use passport_rocket::testing::SignedInAs;
use passport_rocket::{
    Answer, Attempt, Registration, SignIn, User, Verdict, from_fn, protect, public,
};
use passport_rocket_tests::{client, headers};
use rocket::http::Status;
use rocket::local::blocking::{Client, LocalRequest};
use rocket::{Build, Rocket, get, routes};

use super::{Account, Begun, Session, account, bearer};

/// Begins, and then forwards: `a` is no number.
#[protect(strategy = "jwt", sign_in = "session")]
#[get("/<_id>")]
fn numbered(_user: User<Account>, _id: u8) {}

fn name(user: &User<Account>) -> String {
    format!("{} by {}", user.name, User::strategy(user))
}

/// Everybody is `bob`.
fn anybody<'r>(_: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
    Answer::now(Ok(SignIn::new(account("bob"))))
}

fn rocket() -> Rocket<Build> {
    let others = Begun::default();
    super::bare()
        .attach(Registration::new("anybody", |_| Ok(from_fn(anybody))))
        .attach(Registration::new("ticket", move |_| Ok(Session(others.clone()))))
        .mount("/", routes![numbered])
}

/// A request for `/a`, by `ada`'s token or by a test that signs her in.
fn of_ada(client: &Client) -> [LocalRequest<'_>; 2] {
    [bearer(client.get("/a"), "ada"), client.get("/a").signed_in(&account("ada"))]
}

#[test]
fn what_began_on_one_route_does_not_begin_again_on_the_next() {
    #[protect(strategy = "jwt", sign_in = "session")]
    #[get("/<_name>", rank = 2)]
    fn second(user: User<Account>, _name: &str) -> String {
        name(&user)
    }

    let client = client(rocket().mount("/", routes![second]));
    for (request, cookie) in of_ada(&client).into_iter().zip(["session=1", "session=2"]) {
        let response = request.dispatch();
        assert_eq!(headers(&response, "Set-Cookie"), [cookie]);
        assert_eq!(response.into_string().as_deref(), Some("ada by jwt"));
    }
    assert_eq!(Begun::of(&client), ["ada by jwt", "ada by jwt"]);
}

#[test]
fn what_began_stays_when_the_next_route_begins_nothing() {
    #[public("names are free")]
    #[get("/<_name>", rank = 2)]
    fn second(_name: &str) -> &'static str {
        "free"
    }

    let client = client(rocket().mount("/", routes![second]));
    for (request, cookie) in of_ada(&client).into_iter().zip(["session=1", "session=2"]) {
        let response = request.dispatch();
        assert_eq!(headers(&response, "Set-Cookie"), [cookie]);
        assert_eq!(response.into_string().as_deref(), Some("free"));
    }
}

/// The cookie of one user never comes along with the answer to another.
#[test]
fn nothing_begins_for_another_sign_in_of_the_same_request() {
    #[protect(strategy = "anybody", sign_in = "session")]
    #[get("/<_name>", rank = 2)]
    fn second(user: User<Account>, _name: &str) -> String {
        name(&user)
    }

    let client = client(rocket().mount("/", routes![second]));
    let [request, _] = of_ada(&client);
    assert_eq!(request.dispatch().status(), Status::InternalServerError);
    assert_eq!(Begun::of(&client), ["ada by jwt"]);
}

#[test]
fn nothing_else_begins_in_the_same_request() {
    #[protect(strategy = "jwt", sign_in = "ticket")]
    #[get("/<_name>", rank = 2)]
    fn second(user: User<Account>, _name: &str) -> String {
        name(&user)
    }

    let client = client(rocket().mount("/", routes![second]));
    let [request, _] = of_ada(&client);
    let response = request.dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
    assert_eq!(headers(&response, "Set-Cookie"), ["session=1"]);
}

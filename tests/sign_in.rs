//! `sign_in`: what begins with a sign-in by the handler's declaration, when, for whom, and when not.
//!
//! The strategy that begins something is the test's own: it writes down for whom it was asked.

use std::sync::{Arc, Mutex};

use passport_rocket::testing::SignedInAs;
use passport_rocket::{
    Answer, Attempt, Challenge, Credentials, Denial, Forge, Jwt, Local, Principal, Registration,
    Strategy, User, UserAnd, Verdict, protect, public,
};
use passport_rocket_tests::{Ran, client, figment, headers};
use rocket::form::Form;
use rocket::http::{Accept, ContentType, Cookie, Header, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest};
use rocket::serde::json::Json;
use rocket::{Build, FromForm, Request, Rocket, State, get, post, routes};
use serde::{Deserialize, Serialize};

mod forwards;

#[derive(Debug, Clone, PartialEq, Eq, Principal, Serialize, Deserialize)]
struct Account {
    #[principal(id)]
    name: String,
    #[principal(role)]
    role: String,
}

/// `ada` the admin, or any other user.
fn account(name: &str) -> Account {
    let role = if name == "ada" { "admin" } else { "user" };
    Account { name: name.to_owned(), role: role.to_owned() }
}

/// For whom something began, and the strategy that signed them in.
#[derive(Clone, Default)]
struct Begun(Arc<Mutex<Vec<String>>>);

impl Begun {
    fn of(client: &Client) -> Vec<String> {
        client.rocket().state::<Self>().unwrap().0.lock().unwrap().clone()
    }
}

/// Begins something for everybody: a line in the book and a cookie. The header `Store` says how it
/// fails instead.
struct Session(Begun);

impl Strategy for Session {
    type User = Account;

    fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
        Answer::now(Err(Denial::absent()))
    }

    fn begins(&self) -> bool {
        true
    }

    fn begin<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        user: User<Account>,
    ) -> Answer<'r, Result<(), Denial>> {
        let told = attempt.request().headers().get_one("Store");
        let mut begun = self.0.0.lock().unwrap();
        begun.push(format!("{} by {}", user.name, User::strategy(&user)));
        attempt.set_cookie(&Cookie::new("session", begun.len().to_string()));
        Answer::later(async move {
            rocket::tokio::task::yield_now().await;
            match told {
                Some("down") => Err(Denial::unavailable("connection refused")),
                Some("broken") => Err(Denial::fault("no row came back")),
                Some("full") => Err(Denial::forbidden("too many sessions")),
                Some("second factor") => Err(Denial::redirect("/second-factor")),
                Some("unwilling") => Err(Denial::rejected("signed in too long ago")),
                _ => Ok(()),
            }
        })
    }

    fn challenges(&self, _: &Denial) -> Vec<Challenge> {
        vec![Challenge::new("Session")]
    }
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>, begun: &State<Begun>, ran: &State<Ran>) -> String {
    came_in(&user, begun, ran)
}

/// What begins has begun before the handler runs.
fn came_in(user: &User<Account>, begun: &Begun, ran: &Ran) -> String {
    ran.count();
    let last = begun.0.lock().unwrap().last().cloned();
    assert_eq!(last, Some(format!("{} by {}", user.name, User::strategy(user))));
    user.name.clone()
}

#[derive(Deserialize, FromForm)]
#[serde(deny_unknown_fields)]
struct Device {
    device: String,
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login/device", data = "<sent>")]
fn login_and(
    sent: UserAnd<Account, Json<Device>>,
    begun: &State<Begun>,
    ran: &State<Ran>,
) -> String {
    format!("{} with {}", came_in(&sent.user, begun, ran), sent.payload.device)
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login/form", data = "<sent>")]
fn login_by_form(
    sent: UserAnd<Account, Form<Device>>,
    begun: &State<Begun>,
    ran: &State<Ran>,
) -> String {
    format!("{} with {}", came_in(&sent.user, begun, ran), sent.payload.device)
}

/// The credential is in the head, and the data guard is ours all the same.
#[protect(strategy = "jwt", sign_in = "session")]
#[post("/exchange/device", data = "<sent>")]
fn exchange_and(
    sent: UserAnd<Account, Json<Device>>,
    begun: &State<Begun>,
    ran: &State<Ran>,
) -> String {
    format!("{} with {}", came_in(&sent.user, begun, ran), sent.payload.device)
}

#[protect(strategy = "jwt", sign_in = "session")]
#[post("/exchange")]
fn exchange(user: User<Account>, begun: &State<Begun>, ran: &State<Ran>) -> String {
    came_in(&user, begun, ran)
}

#[protect(strategy = "local", sign_in = "session", role = "admin")]
#[post("/login/admin", data = "<_user>")]
fn login_admin(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "jwt", sign_in = "session", role = "admin")]
#[post("/exchange/admin")]
fn exchange_admin(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "jwt", sign_in = "session", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

/// A guard of the application that never lets anybody in.
struct Closed;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Closed {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> request::Outcome<Self, ()> {
        Outcome::Error((Status::ImATeapot, ()))
    }
}

#[protect(strategy = "jwt", sign_in = "session")]
#[get("/closed")]
fn closed(_user: User<Account>, _closed: Closed, ran: &State<Ran>) {
    ran.count();
}

/// A refusal of the sign-in sends a browser to sign in; a failure of what begins does not.
#[protect(strategy = "jwt", sign_in = "session", unauthenticated = redirect("/sign-in"))]
#[get("/page")]
fn page(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[protect(strategy = "jwt", sign_in = "session", unauthenticated = forward)]
#[get("/front")]
fn front(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

#[public("who is not signed in")]
#[get("/front", rank = 2)]
fn front_door(ran: &State<Ran>) {
    ran.count();
}

const TOML: &str = "[default.passport.jwt]\nalgorithm = 'HS256'\n\
                    secret = 'a secret of this test, 32 bytes or more'\nexpires_in = '4h'";

/// `jwt`, `local`, for which everybody's password is `tide`, and `session`.
fn bare() -> Rocket<Build> {
    let begun = Begun::default();
    let check =
        |login: Credentials| (login.password.expose() == "tide").then(|| account(&login.username));
    rocket::custom(figment(TOML))
        .manage(Ran::default())
        .manage(begun.clone())
        .attach(Jwt::<Account>::fairing("jwt"))
        .attach(Local::fairing("local").verify(check))
        .attach(Registration::new("session", move |_| Ok(Session(begun.clone()))))
}

fn application() -> Client {
    client(
        bare()
            .mount(
                "/",
                routes![login, login_and, login_by_form, login_admin, exchange, exchange_and],
            )
            .mount("/", routes![exchange_admin, home, closed, page, front, front_door]),
    )
}

fn runs(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

fn json<'c>(client: &'c Client, path: &'c str, body: &str) -> LocalRequest<'c> {
    client.post(path).header(ContentType::JSON).body(body)
}

fn bearer<'c>(request: LocalRequest<'c>, name: &str) -> LocalRequest<'c> {
    let token = Forge::of(request.inner().rocket(), "jwt").valid(&account(name));
    request.header(Header::new("Authorization", format!("Bearer {token}")))
}

const ADA: &str = r#"{"username":"ada","password":"tide"}"#;
const BOB: &str = r#"{"username":"bob","password":"tide"}"#;
const ADA_AT_HER_DESK: &str = r#"{"username":"ada","password":"tide","device":"desk"}"#;

/// The handler ran once, after it began once, for this user by this strategy.
#[track_caller]
fn assert_began(client: &Client, request: LocalRequest<'_>, whose: &str, said: &str) {
    let response = request.dispatch();
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(headers(&response, "Set-Cookie"), ["session=1"]);
    assert_eq!(headers(&response, "Cache-Control"), ["no-store"]);
    assert_eq!(response.into_string().as_deref(), Some(said));
    assert_eq!(Begun::of(client), [whose]);
    assert_eq!(runs(client), 1);
}

/// The request ends with this status, nothing began and no handler ran.
#[track_caller]
fn assert_nothing_began(client: &Client, request: LocalRequest<'_>, status: u16) {
    let response = request.dispatch();
    assert_eq!(response.status().code, status);
    assert_eq!(headers(&response, "Set-Cookie"), [""; 0]);
    assert_eq!(Begun::of(client), [""; 0]);
    assert_eq!(runs(client), 0);
}

#[test]
fn it_begins_after_a_password_in_the_body() {
    let client = application();
    assert_began(&client, json(&client, "/login", ADA), "ada by local", "ada");
}

#[test]
fn it_begins_after_the_payload_beside_a_password_was_read() {
    let client = application();
    let request = json(&client, "/login/device", ADA_AT_HER_DESK);
    assert_began(&client, request, "ada by local", "ada with desk");
    let client = application();
    let form = "username=ada&password=tide&device=desk";
    let request = client.post("/login/form").header(ContentType::Form).body(form);
    assert_began(&client, request, "ada by local", "ada with desk");
}

#[test]
fn it_begins_after_a_token_in_the_head() {
    let client = application();
    assert_began(&client, bearer(client.post("/exchange"), "ada"), "ada by jwt", "ada");
}

#[test]
fn it_begins_after_the_payload_behind_a_token_in_the_head_was_read() {
    let client = application();
    let request = bearer(json(&client, "/exchange/device", r#"{"device":"desk"}"#), "ada");
    assert_began(&client, request, "ada by jwt", "ada with desk");
}

#[test]
fn it_begins_for_somebody_on_a_route_that_nobody_may_call_too() {
    let client = application();
    assert_began(&client, bearer(client.get("/home"), "ada"), "ada by jwt", "ada");
}

#[test]
fn it_begins_for_whom_a_test_signs_in() {
    let client = application();
    assert_began(&client, client.post("/login").signed_in(&account("ada")), "ada by local", "ada");
    let client = application();
    let request = client.post("/exchange").signed_in(&account("ada"));
    assert_began(&client, request, "ada by jwt", "ada");
}

#[test]
fn it_begins_anew_with_each_request() {
    let client = application();
    for (body, cookie) in [(ADA, "session=1"), (BOB, "session=2"), (ADA, "session=3")] {
        let response = json(&client, "/login", body).dispatch();
        assert_eq!(headers(&response, "Set-Cookie"), [cookie]);
    }
    assert_eq!(Begun::of(&client), ["ada by local", "bob by local", "ada by local"]);
}

#[test]
fn nothing_begins_with_a_wrong_password() {
    let client = application();
    let wrong = r#"{"username":"ada","password":"ebb","device":"desk"}"#;
    for path in ["/login", "/login/device"] {
        assert_nothing_began(&client, json(&client, path, wrong), 401);
        assert_nothing_began(&client, json(&client, path, "{"), 400);
    }
}

#[test]
fn nothing_begins_with_a_wrong_token_or_none() {
    let client = application();
    let forged = Header::new("Authorization", "Bearer forged");
    assert_nothing_began(&client, client.post("/exchange").header(forged.clone()), 401);
    assert_nothing_began(&client, client.post("/exchange"), 401);
    assert_nothing_began(&client, client.get("/home").header(forged), 401);
}

#[test]
fn nothing_begins_for_a_user_without_the_role() {
    let client = application();
    assert_nothing_began(&client, json(&client, "/login/admin", BOB), 403);
    assert_nothing_began(&client, bearer(client.post("/exchange/admin"), "bob"), 403);
    let bob = account("bob");
    assert_nothing_began(&client, client.post("/exchange/admin").signed_in(&bob), 403);
    assert_eq!(json(&client, "/login/admin", ADA).dispatch().status(), Status::Ok);
    assert_eq!(bearer(client.post("/exchange/admin"), "ada").dispatch().status(), Status::Ok);
    assert_eq!(Begun::of(&client), ["ada by local", "ada by jwt"]);
}

#[test]
fn nothing_begins_with_a_payload_that_cannot_be_read() {
    let client = application();
    assert_nothing_began(&client, json(&client, "/login/device", ADA), 422);
    let form = client.post("/login/form").header(ContentType::Form);
    assert_nothing_began(&client, form.body("username=ada&password=tide"), 422);
    let request = |body| bearer(json(&client, "/exchange/device", body), "ada");
    assert_nothing_began(&client, request("{}"), 422);
    assert_nothing_began(&client, request(r#"{"device""#), 400);
}

#[test]
fn nothing_begins_for_nobody() {
    let client = application();
    let response = client.get("/home").dispatch();
    assert_eq!(headers(&response, "Set-Cookie"), [""; 0]);
    assert_eq!(response.into_string().as_deref(), Some("nobody"));
    assert_eq!(Begun::of(&client), [""; 0]);
    assert_eq!(runs(&client), 1);
}

#[test]
fn no_handler_runs_when_it_cannot_begin() {
    let client = application();
    for (told, status) in
        [("down", 503), ("broken", 500), ("full", 403), ("second factor", 303), ("unwilling", 401)]
    {
        let store = || Header::new("Store", told);
        let requests = [
            json(&client, "/login", ADA),
            json(&client, "/login/device", ADA_AT_HER_DESK),
            bearer(client.post("/exchange"), "ada"),
            bearer(client.get("/home"), "ada"),
            client.get("/home").signed_in(&account("ada")),
        ];
        for request in requests {
            let path = request.uri().to_string();
            let response = request.header(store()).dispatch();
            assert_eq!(response.status().code, status, "{path} {told}");
            let challenged = headers(&response, "WWW-Authenticate");
            assert_eq!(!challenged.is_empty(), [401, 403].contains(&status), "{path} {told}");
            assert_eq!(challenged.iter().filter(|one| **one != "Session").count(), 0);
        }
    }
    assert_eq!(runs(&client), 0);
}

#[test]
fn a_redirect_of_what_cannot_begin_leads_where_it_says() {
    let client = application();
    let request = json(&client, "/login", ADA).header(Header::new("Store", "second factor"));
    let response = request.dispatch();
    assert_eq!(headers(&response, "Location"), ["/second-factor"]);
    assert_eq!(headers(&response, "Set-Cookie"), ["session=1"]);
}

#[test]
fn a_catcher_learns_what_could_not_begin() {
    #[rocket::catch(503)]
    fn down(request: &Request<'_>) -> String {
        let denial = Denial::of(request).expect("a refusal of ours");
        format!("{} {}", denial.strategy().unwrap(), denial.handler().unwrap())
    }

    let client =
        client(bare().mount("/", routes![login, exchange]).register("/", rocket::catchers![down]));
    let down = || Header::new("Store", "down");
    let said = |response: LocalResponse<'_>| response.into_string().unwrap();
    assert_eq!(said(json(&client, "/login", ADA).header(down()).dispatch()), "session login");
    let exchanged = bearer(client.post("/exchange"), "ada").header(down()).dispatch();
    assert_eq!(said(exchanged), "session exchange");
}

#[test]
fn whoever_cannot_begin_is_neither_sent_to_sign_in_nor_forwarded() {
    let client = application();
    for path in ["/page", "/front"] {
        let browser = || bearer(client.get(path).header(Accept::HTML), "ada");
        let response = browser().header(Header::new("Store", "unwilling")).dispatch();
        assert_eq!(response.status(), Status::Unauthorized, "{path}");
        assert_eq!(runs(&client), 0);
    }
    // Without a token the declaration is followed.
    let response = client.get("/page").header(Accept::HTML).dispatch();
    assert_eq!(headers(&response, "Location"), ["/sign-in?next=%2Fpage"]);
    assert_eq!(client.get("/front").header(Accept::HTML).dispatch().status(), Status::Ok);
}

#[test]
fn its_cookie_is_sent_when_a_later_guard_fails() {
    let client = application();
    let response = bearer(client.get("/closed"), "ada").dispatch();
    assert_eq!(response.status(), Status::ImATeapot);
    assert_eq!(headers(&response, "Set-Cookie"), ["session=1"]);
    assert_eq!(runs(&client), 0);
}

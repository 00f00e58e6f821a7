//! "A session": the block of the README, with the application that it takes for granted.

use passport_rocket::{
    Credentials, Error, Local, Principal, Session, Sessions, User, protect, public, verify,
};
use passport_rocket_tests::{client, figment};
use rocket::http::{ContentType, Status};
use rocket::{State, get, post, routes};

#[derive(Clone, Principal)]
struct Account {
    #[principal(id)]
    username: String,
}

#[verify]
fn check_password(login: Credentials) -> Option<Account> {
    (login.password.expose() == "open sesame").then_some(Account { username: login.username })
}

struct Accounts(Vec<Account>);

impl Accounts {
    async fn by_id(&self, id: &str) -> Result<Option<Account>, Error> {
        Ok(self.0.iter().find(|account| account.username == id).cloned())
    }
}

#[verify]
async fn account_of(id: String, accounts: &State<Accounts>) -> Result<Option<Account>, Error> {
    accounts.by_id(&id).await
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/sign-in", data = "<user>")]
fn sign_in(user: User<Account>) -> String {
    format!("welcome {}", user.username)
}

#[public("signs out whoever asks")]
#[post("/sign-out")]
async fn sign_out(sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.sign_out().await
}

#[protect(strategy = "session")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    format!("hello {}", user.username)
}

#[test]
fn who_signs_in_stays_signed_in_until_they_sign_out() {
    let rocket = rocket::custom(figment(""))
        .manage(Accounts(vec![Account { username: "ada".into() }]))
        .attach(Local::fairing("local").verify(check_password))
        .attach(Session::fairing("session").verify(account_of))
        .mount("/", routes![sign_in, sign_out, me]);
    let client = client(rocket);
    assert_eq!(client.get("/me").dispatch().status(), Status::Unauthorized);
    let form = "username=ada&password=open+sesame";
    let response = client.post("/sign-in").header(ContentType::Form).body(form).dispatch();
    assert_eq!(response.into_string().unwrap(), "welcome ada");
    for _ in 0..2 {
        assert_eq!(client.get("/me").dispatch().into_string().unwrap(), "hello ada");
    }
    let sign_out = || client.post("/sign-out");
    assert_eq!(sign_out().dispatch().status(), Status::Forbidden, "from nobody knows where");
    let own = rocket::http::Header::new("Sec-Fetch-Site", "same-origin");
    assert_eq!(sign_out().header(own).dispatch().status(), Status::Ok);
    assert_eq!(client.get("/me").dispatch().status(), Status::Unauthorized);
}

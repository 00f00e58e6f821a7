//! "A lookup" and "A login": the blocks of the README, with the application they take for granted.

use passport_rocket::{Credentials, Error, Jwt, Local, Tokens, User, password, protect, verify};
use passport_rocket_tests::{client, figment};
use rocket::http::{ContentType, Header, Status};
use rocket::{State, get, post, routes};
use serde::Deserialize;

use super::Account;

struct Accounts {
    hash: String,
}

impl Accounts {
    async fn by_name(&self, name: &str) -> Result<Option<(Account, String)>, Error> {
        let account = Account { username: name.into() };
        Ok((name == "ada").then(|| (account, self.hash.clone())))
    }
}

#[derive(Deserialize)]
struct Claims {
    username: String,
}

#[verify]
async fn account_of(claims: Claims, accounts: &State<Accounts>) -> Result<Option<Account>, Error> {
    let found = accounts.by_name(&claims.username).await?;
    Ok(found.map(|(account, _)| account))
}

#[verify]
async fn check_password(
    login: Credentials,
    accounts: &State<Accounts>,
) -> Result<Option<Account>, Error> {
    let found = accounts.by_name(&login.username).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let matches = login.password_matches(hash).await?; // unknown user: same answer, same time
    Ok(found.filter(|_| matches).map(|(account, _)| account))
}

#[protect(strategy = "local", issue = "jwt")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>, tokens: Tokens) -> Result<String, Error> {
    tokens.sign(&*user)
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    format!("hello {}", user.username)
}

#[test]
fn a_login_gives_a_token_and_the_lookup_takes_it() {
    let config = figment(include_str!("../../examples/hello/Rocket.toml"));
    let hash = rocket::async_test(password::hash("open sesame")).unwrap();
    let rocket = rocket::custom(config)
        .manage(Accounts { hash })
        .attach(Jwt::fairing("jwt").verify(account_of))
        .attach(Local::fairing("local").verify(check_password))
        .mount("/", routes![login, me]);
    let client = client(rocket);
    let sign_in = |name: &str, password: &str| {
        let form = format!("username={name}&password={password}");
        client.post("/login").header(ContentType::Form).body(form).dispatch()
    };
    assert_eq!(sign_in("ada", "wrong").status(), Status::Unauthorized);
    assert_eq!(sign_in("bob", "open+sesame").status(), Status::Unauthorized);
    let token = sign_in("ada", "open+sesame").into_string().unwrap();
    let header = Header::new("Authorization", format!("Bearer {token}"));
    let greeting = client.get("/me").header(header).dispatch().into_string().unwrap();
    assert_eq!(greeting, "hello ada");
}

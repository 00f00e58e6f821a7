//! "Tokens are signed": the block of the README, with what stands around it there.

use passport_rocket::{Jwt, Tokens, User, protect, public};
use passport_rocket_tests::{client, figment};
use rocket::{get, post, routes};

use super::Account;

#[public("anybody may introduce themselves")]
#[post("/introduce/<username>")]
fn introduce(username: &str, tokens: Tokens) -> Result<String, passport_rocket::Error> {
    tokens.sign(&Account { username: username.into() })
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    format!("hello {}", user.username)
}

#[test]
fn a_token_that_was_signed_opens_the_route() {
    let config = figment(include_str!("../../examples/hello/Rocket.toml"));
    let rocket = rocket::custom(config)
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![introduce, me]);
    let client = client(rocket);
    let token = client.post("/introduce/grace").dispatch().into_string().unwrap();
    let header = rocket::http::Header::new("Authorization", format!("Bearer {token}"));
    let greeting = client.get("/me").header(header).dispatch().into_string().unwrap();
    assert_eq!(greeting, "hello grace");
}

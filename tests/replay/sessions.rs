//! The strategy `session` of Passport, and `deserializeUser`.

use passport_rocket::store::Store;
use passport_rocket::{Session, User, protect};
use passport_rocket_tests::{client, figment, refusal};
use rocket::{get, routes};
use serde_json::{Value, json};

use super::Row;
use super::browser::{Browser, Deserializes};
use super::differences::session::{
    ACCOUNTS_THAT_ARE_GONE_TAKE_THE_SESSION, NAMES_ARE_PROVED, NOBODY_IS_DECLARED,
    STORES_ARE_THERE, USERS_ARE_FETCHED_WHERE_THEY_ARE_WANTED,
};

#[test]
fn without_a_login_session() {
    let mut row = Row::new("without_a_login_session");
    let browser = Browser::new();
    row.same("no session", Value::Null, browser.user());
    browser.post("/cart/7");
    row.same("a session of nobody", Value::Null, browser.user());
    row.same("and what it held", "[7]", &*browser.cart());
    // Passport passes, and another guard has to stand behind it.
    row.differs("where a user is needed", NOBODY_IS_DECLARED, 401, browser.get("/me").0);
    row.done(4);
}

#[test]
fn with_a_login_session() {
    let mut row = Row::new("with_a_login_session");
    for id in [json!("123456"), json!(0)] {
        let browser = Browser::new();
        browser.log_in(id.clone());
        let cookie = browser.cookie();
        row.same("should set user on request", (200, id.to_string()), browser.get("/me"));
        row.same("should maintain session", (200, id.to_string()), browser.get("/me"));
        row.same("and its id", cookie, browser.cookie());
    }
    row.done(6);
}

#[test]
fn a_login_session_that_has_been_invalidated() {
    let mut row = Row::new("a_login_session_that_has_been_invalidated");
    let browser = Browser::new();
    browser.log_in(json!("123456"));
    browser.post("/cart/7");
    browser.deserializes(Deserializes::False);
    row.same("should pass, should not set user", Value::Null, browser.user());
    row.same("should remove user from session", "0", &*browser.get("/sessions").1);
    browser.deserializes(Deserializes::User);
    row.same("and when the account is back", Value::Null, browser.user());
    // Passport leaves the rest where it was.
    let gone = ACCOUNTS_THAT_ARE_GONE_TAKE_THE_SESSION;
    row.differs("what the session held", gone, "[]", &*browser.cart());
    row.done(4);
}

#[test]
fn an_error_when_deserializing() {
    let mut row = Row::new("an_error_when_deserializing");
    let browser = Browser::new();
    browser.log_in(json!("123456"));
    browser.deserializes(Deserializes::Error);
    row.same("should error", 500, browser.get("/me").0);
    row.same("should error, where nobody is welcome too", 500, browser.get("/home").0);
    // Passport answers 500 to whatever the browser asks for, until its cookie is gone.
    let wanted = USERS_ARE_FETCHED_WHERE_THEY_ARE_WANTED;
    row.differs("everything else", wanted, (200, "an asset".to_owned()), browser.get("/asset"));
    row.differs("logging out", wanted, 200, browser.post("/out"));
    browser.log_in(json!("123456"));
    browser.deserializes(Deserializes::User);
    row.same("should maintain session", json!("123456"), browser.user());
    row.done(5);
}

#[test]
fn how_often_it_deserializes() {
    let mut row = Row::new("how_often_it_deserializes");
    let browser = Browser::new();
    browser.log_in(json!(1));
    let mut count = 0;
    let mut asked_for = |path: &str| {
        assert_eq!(browser.get(path).0, 200);
        let before = std::mem::replace(&mut count, browser.deserialized());
        count - before
    };
    row.same("a page that has a user", 1, asked_for("/me"));
    row.same("a page that may have one", 1, asked_for("/home"));
    let wanted = USERS_ARE_FETCHED_WHERE_THEY_ARE_WANTED;
    row.differs("an asset", wanted, 0, asked_for("/asset"));
    row.differs("what the session holds", wanted, 0, asked_for("/cart"));
    row.done(4);
}

#[test]
fn a_cookie_that_somebody_changed() {
    let mut row = Row::new("a_cookie_that_somebody_changed");
    let browser = Browser::new();
    browser.log_in(json!(1));
    let cookie = browser.cookie().unwrap();
    let (id, signature) = cookie.split_once('.').unwrap();
    let reversed: String = signature.chars().rev().collect();
    for forged in [id.to_owned(), format!("{id}."), format!("{id}.{reversed}"), "x".repeat(4_000)] {
        row.same("nobody", (200, "null".to_owned()), browser.get_with(Some(forged), "/home"));
    }
    row.same("the cookie as it was", 200, browser.get_with(Some(cookie), "/me").0);
    row.done(5);
}

#[protect(strategy = "session")]
#[get("/")]
fn greeting(user: User<u32>) -> String {
    user.to_string()
}

#[derive(Clone, passport_rocket::Principal)]
struct Somebody {
    #[principal(id)]
    id: u32,
}

#[get("/ready")]
async fn ready(session: Session<'_>) -> Result<String, passport_rocket::Error> {
    session.flash("success", "a store is there").await?;
    Ok(session.take_flashes().await?.remove(0).text)
}

#[test]
fn without_passport_and_without_sessions() {
    let mut row = Row::new("without_passport_and_without_sessions");
    // Passport throws when a request comes.
    let bare = rocket::custom(figment("")).mount("/", routes![greeting]);
    row.differs("lacks an authenticator", NAMES_ARE_PROVED, false, refusal(bare).is_empty());
    let nobody_asked = |id: u32| Some(Somebody { id });
    let rocket = rocket::custom(figment("")).mount("/", routes![ready]);
    let client = client(rocket.attach(Session::fairing("session").verify(nobody_asked)));
    row.differs(
        "req.session is missing",
        STORES_ARE_THERE,
        None,
        client.rocket().state::<Store>().map(|_| ()),
    );
    let said = client.get("/ready").dispatch().into_string();
    row.differs(
        "req.session is missing",
        STORES_ARE_THERE,
        Some("a store is there".to_owned()),
        said,
    );
    row.done(3);
}

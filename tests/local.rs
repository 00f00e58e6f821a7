//! The strategy `local` through the whole: what its table says, and what a body can be.

use passport_rocket::testing::SignedInAs;
use passport_rocket::{Credentials, Local, User, catchers, protect};
use passport_rocket_tests::{Ran, client, figment, headers, refusal};
use rocket::figment::providers::Serialized;
use rocket::figment::value::Value;
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::Client;
use rocket::{Build, Rocket, State, get, post, routes};

#[derive(Clone)]
struct Account(String);

fn find(login: Credentials) -> Option<Account> {
    (login.password.expose() == "sesame").then_some(Account(login.username))
}

#[protect(strategy = "local")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.0.clone()
}

fn rocket(table: &str) -> Rocket<Build> {
    rocket::custom(figment(&format!("[default.passport.local]\n{table}")))
        .manage(Ran::default())
        .attach(Local::fairing("local").verify(find))
        .mount("/", routes![login])
}

fn send(client: &Client, kind: ContentType, body: &str) -> (u16, Option<String>) {
    let response = client.post("/login").header(kind).body(body).dispatch();
    (response.status().code, response.into_string())
}

fn json(client: &Client, body: &str) -> u16 {
    send(client, ContentType::JSON, body).0
}

#[test]
fn takes_a_form_and_json() {
    let client = client(rocket(""));
    let expected = (200, Some("ada".to_owned()));
    assert_eq!(send(&client, ContentType::Form, "username=ada&password=sesame"), expected);
    let body = r#"{"username":"ada","password":"sesame"}"#;
    assert_eq!(send(&client, ContentType::JSON, body), expected);
}

#[test]
fn the_fields_are_those_of_its_table_nested_ones_too() {
    let client = client(rocket("username_field = 'user[email]'\npassword_field = 'user.secret'"));
    assert_eq!(json(&client, r#"{"user":{"email":"ada","secret":"sesame"}}"#), 200);
    assert_eq!(json(&client, r#"{"username":"ada","password":"sesame"}"#), 400);
    let form = "user[email]=ada&user[secret]=sesame";
    assert_eq!(send(&client, ContentType::Form, form).0, 200);
}

#[test]
fn a_body_above_the_limit_is_413_and_nothing_ran() {
    let client = client(rocket("max_body = '64 B'"));
    let body = |name: &str| format!(r#"{{"username":"{name}","password":"sesame"}}"#);
    assert_eq!(json(&client, &body("ada")), 200);
    assert_eq!(json(&client, &body(&"a".repeat(64))), 413);
    assert_eq!(client.rocket().state::<Ran>().unwrap().times(), 1);
}

#[test]
fn a_body_of_another_kind_is_415_and_one_without_a_kind_400() {
    let client = client(rocket(""));
    let body = "username=ada&password=sesame";
    for kind in [ContentType::Plain, ContentType::XML, ContentType::FormData] {
        assert_eq!(send(&client, kind.clone(), body).0, 415, "{kind}");
    }
    assert_eq!(client.post("/login").body(body).dispatch().status(), Status::BadRequest);
    assert_eq!(client.rocket().state::<Ran>().unwrap().times(), 0);
}

/// The ready-made catchers know every status that the crate answers.
#[test]
fn catchers_answer_for_413_and_415() {
    let client = client(rocket("max_body = '4 B'").register("/", catchers()));
    for (kind, code) in [(ContentType::JSON, 413), (ContentType::Plain, 415)] {
        let response = client.post("/login").header(kind).body("{\"username\":1}").dispatch();
        assert_eq!(response.status().code, code);
        assert_eq!(headers(&response, "Content-Type"), ["application/problem+json"]);
        let problem: serde_json::Value = response.into_json().unwrap();
        assert_eq!(problem["status"], code);
    }
}

#[test]
fn its_table_refuses_launch_at_the_key() {
    for (table, key, words) in [
        ("username_field = 'user['", "username_field", "a bracket is not closed"),
        ("password_field = ''", "password_field", "is not the name of a field"),
        ("password_field = 'username'", "password_field", "is the field of the user name"),
        ("max_body = '0 B'", "max_body", "lets no body through"),
        ("max_bdoy = '1 KiB'", "max_bdoy", "unknown key"),
    ] {
        let report = refusal(rocket(table));
        assert!(report.contains(&format!("`passport.local.{key}`")), "{report}");
        assert!(report.contains(words), "{report}");
    }
}

/// Login CSRF: the body is not even read.
#[test]
fn another_site_cannot_sign_anybody_in() {
    let client = client(rocket(""));
    let body = "username=ada&password=sesame";
    let from = |site: &'static str| {
        let request = client.post("/login").header(ContentType::Form).body(body);
        request.header(Header::new("Sec-Fetch-Site", site)).dispatch().status()
    };
    assert_eq!((from("same-origin"), from("cross-site")), (Status::Ok, Status::Forbidden));
}

#[protect(strategy = "local", scope = "tides:write")]
#[post("/write", data = "<_user>")]
fn write(_user: User<Account>) {}

#[get("/")]
fn open() {}

#[test]
fn the_testing_kit_signs_in_where_the_user_is_of_the_routes_type() {
    let client = client(rocket("").mount("/", routes![write, open]));
    let ada = Account("ada".to_owned());
    assert_eq!(client.post("/login").signed_in(&ada).dispatch().status(), Status::Ok);
    assert_eq!(client.post("/write").signed_in(&ada).dispatch().status(), Status::Forbidden);
    let status = |scope| {
        let request = client.post("/write").signed_in_with_scope(&ada, scope);
        request.dispatch().status()
    };
    assert_eq!(status("tides:read tides:write"), Status::Ok);
    assert_eq!(status("tides:read"), Status::Forbidden);
    // Of another type than the route's: as if nothing had been sent.
    assert_eq!(client.post("/login").signed_in(&7_u8).dispatch().status(), Status::BadRequest);
}

#[protect(strategy = "local")]
#[post("/cached", data = "<_user>")]
fn cached(_user: User<Account>) -> (Status, rocket::response::content::RawText<&'static str>) {
    (Status::Ok, rocket::response::content::RawText("x"))
}

#[derive(rocket::Responder)]
struct Cached(&'static str, Header<'static>);

#[protect(strategy = "local")]
#[post("/own", data = "<_user>")]
fn own(_user: User<Account>) -> Cached {
    Cached("x", Header::new("Cache-Control", "private, max-age=60"))
}

#[test]
fn a_response_is_not_stored_unless_the_handler_says_otherwise() {
    let client = client(rocket("").mount("/", routes![cached, own]));
    let ada = Account("ada".to_owned());
    let cache = |path: &'static str| {
        let response = client.post(path).signed_in(&ada).dispatch();
        headers(&response, "Cache-Control").join("; ")
    };
    assert_eq!(cache("/cached"), "no-store");
    assert_eq!(cache("/own"), "private, max-age=60");
}

/// The keys of `local`, set as `ROCKET_PASSPORT='{local={…}}'` sets them.
#[test]
fn every_key_can_be_set_by_the_environment() {
    let rocket = |keys: &str| {
        let passport: Value = format!("{{local={{{keys}}}}}").parse().unwrap();
        rocket::custom(figment("").merge(Serialized::global("passport", passport)))
            .manage(Ran::default())
            .attach(Local::fairing("local").verify(find))
            .mount("/", routes![login])
    };
    let body = r#"{"username":"ada","password":"sesame"}"#;
    assert_eq!(json(&client(rocket("max_body=\"1 KiB\"")), body), 200);
    assert_eq!(json(&client(rocket("max_body=\"16 B\"")), body), 413);
    let other = r#"{"name":"ada","password":"sesame"}"#;
    assert_eq!(json(&client(rocket("username_field=name")), other), 200);
    let other = r#"{"username":"ada","a":{"b":"sesame"}}"#;
    assert_eq!(json(&client(rocket("password_field=\"a[b]\"")), other), 200);
}

//! Every key and every form of its value.

#![deny(warnings)]

use passport_rocket::{Principal, User, protect};
use rocket::{get, post};

#[derive(PartialEq)]
enum Kind {
    Port,
    Admin,
}

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal(role)]
    kind: Kind,
}

#[derive(Principal)]
struct Pilot {
    #[principal(id)]
    name: String,
    #[principal(roles)]
    roles: Vec<String>,
    #[principal(scope)]
    scope: String,
}

const WRITE: &str = "tides:write";

#[protect]
#[get("/configured")]
fn configured() {}

#[protect()]
#[get("/brackets")]
fn brackets() {}

#[protect(strategy = "jwt")]
#[get("/one")]
fn one(user: User<Account>) -> String {
    user.id.to_string()
}

#[protect(strategy = ["jwt", "session"], role = Kind::Port, issue = "jwt")]
#[get("/several")]
fn several(_user: User<Account>) {}

#[protect(any_role = [Kind::Port, Kind::Admin], unauthenticated = forward)]
#[get("/any")]
fn any(_user: User<Account>) {}

#[protect(all_roles = ["pilot", "master"], unauthenticated = redirect(rocket::uri!(configured)))]
#[get("/all")]
fn all(user: User<Pilot>) -> String {
    format!("{} {}", user.name, user.scope)
}

#[protect(optional, role = Kind::Admin)]
#[get("/optional")]
fn optional(user: Option<User<Account>>) -> &'static str {
    match user.is_some() {
        true => "somebody",
        false => "nobody",
    }
}

#[protect(optional)]
#[get("/nobody")]
fn nobody() {}

#[protect(scope = "tides:write")]
#[get("/scope")]
fn scope(_user: User<Account>) {}

#[protect(any_scope = [WRITE, "tides:read"], role = "pilot",)]
#[get("/any-scope")]
fn any_scope(_user: User<Pilot>) {}

#[protect(all_scopes = [self::WRITE, "tides:read"], unauthenticated = redirect("/login"))]
#[get("/all-scopes")]
fn all_scopes(_user: User<Pilot>) {}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>) -> String {
    user.id.to_string()
}

fn main() {
    let routes = rocket::routes![
        configured, brackets, one, several, any, all, optional, nobody, scope, any_scope, all_scopes,
        login
    ];
    assert_eq!(routes.len(), 12);
    let pilot = Pilot { name: String::new(), roles: vec![], scope: String::new() };
    assert!(!pilot.has_role("pilot"));
}

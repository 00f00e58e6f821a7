//! Whatever a handler may look like stays as it is (trap 13 of the requirements).

#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]

use passport_rocket::{Principal, User, protect, public};
use rocket::http::CookieJar;
use rocket::response::status::NotFound;
use rocket::{Request, Route, State, get, post, routes};

/// A user.
#[derive(Debug, Principal)]
pub struct Account {
    #[principal(id)]
    id: i64,
    #[principal(role)]
    kind: String,
}

struct Db;

/// Lifetimes, named and elided.
#[protect]
#[get("/lifetimes/<name>")]
async fn lifetimes<'r>(
    name: &'r str,
    jar: &'r CookieJar<'_>,
    db: &State<Db>,
    user: User<Account>,
) -> &'r str {
    let _ = (jar, db, user.id);
    name
}

/// `?` and `return` in a handler that answers with a `Result`.
#[protect(role = "port")]
#[get("/result")]
fn result(user: User<Account>) -> Result<String, NotFound<&'static str>> {
    if user.kind.is_empty() {
        return Err(NotFound("nobody"));
    }
    Ok(user.kind.clone())
}

#[protect]
#[deprecated]
#[get("/deprecated")]
pub(crate) fn deprecated_one() {}

#[protect]
#[cfg(any())]
#[get("/never")]
fn never() -> NoSuchType {}

#[protect]
#[cfg(all())]
#[get("/always")]
#[cfg(all())]
fn always() {}

#[protect]
#[get("/raw/<type>")]
fn r#match(r#type: &str) -> &str {
    r#type
}

#[protect(strategy = "local")]
#[post("/mutable", data = "<body>")]
fn mutable(mut body: String) -> String {
    body.push('!');
    body
}

/// The names of types are the author's: an alias is a user all the same.
type Me = User<Account>;

#[protect(any_role = ["port"])]
#[get("/alias")]
fn alias(_me: Me) {}

#[protect]
#[get("/body")]
fn inner_items() -> &'static str {
    const WORD: &str = "word";
    fn word() -> &'static str {
        WORD
    }
    word()
}

fn inside_a_function() -> Vec<Route> {
    struct Local;

    #[protect]
    #[get("/local")]
    fn local(_local: &State<Local>) {}

    let _ = Local;
    routes![local]
}

macro_rules! handler {
    ($name:ident, $uri:literal, $strategy:expr) => {
        #[protect(strategy = $strategy)]
        #[post($uri, data = "<body>")]
        fn $name(user: User<Account>, body: String) -> String {
            format!("{} {body}", user.id)
        }
    };
}

handler!(from_a_macro, "/macro", "jwt");

mod elsewhere {
    use super::public;
    use rocket::get;

    #[public("the harbour is open")]
    #[get("/elsewhere")]
    pub(crate) fn elsewhere() {}
}

struct Function(fn(&Request<'_>) -> bool);

#[protect]
#[get("/function")]
fn function(function: &State<Function>) -> &'static str {
    let _ = function.0;
    "called"
}

fn main() {
    #[allow(deprecated)]
    let routes = routes![
        lifetimes,
        result,
        deprecated_one,
        always,
        r#match,
        mutable,
        alias,
        inner_items,
        from_a_macro,
        elsewhere::elsewhere,
        function
    ];
    assert_eq!(routes.len() + inside_a_function().len(), 12);
    let _ = Db;
    let _ = Function(|_| true);
}

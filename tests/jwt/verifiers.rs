//! Claims are not the last word: the application looks the user up, and may fail in it.

use std::io;

use passport_rocket::{Denial, Error, Jwt, User, protect, verify};
use passport_rocket_tests::{Ran, client, figment, log};
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::{State, get, routes};
use serde_json::json;

use super::{Account, Seen, bearer, clock, foreign, foreign_with, runs, seen, signed_by, table};

/// The application's store; it knows `ada`.
struct Store;

#[verify]
async fn find(claims: Account, _store: &State<Store>) -> Result<Option<Account>, Error> {
    rocket::tokio::task::yield_now().await;
    match &*claims.name {
        "ada" => Ok(Some(claims)),
        "down" => Err(Error::unavailable("find an account", "hunter2: connection refused")),
        "broken" => Err(Error::failed("find an account", "hunter2: no such column")),
        _ => Ok(None),
    }
}

fn look_up(claims: Account) -> Result<Option<Account>, io::Error> {
    match &*claims.name {
        "ada" => Ok(Some(claims)),
        "broken" => Err(io::Error::other("hunter2: disk full")),
        _ => Ok(None),
    }
}

fn judge(claims: Account) -> Result<Option<Account>, Denial> {
    match &*claims.name {
        "ada" => Ok(Some(claims)),
        "locked" => Err(Denial::forbidden("the account is locked")),
        "down" => Err(Denial::unavailable("hunter2: connection refused")),
        "broken" => Err(Denial::fault("hunter2: no such column")),
        _ => Err(Denial::rejected("the account was closed")),
    }
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

#[protect(strategy = "jwt", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

macro_rules! application {
    ($verify:expr) => {
        client(
            rocket::custom(figment(&table("")))
                .manage(clock().clock())
                .manage(Ran::default())
                .manage(Store)
                .attach(Jwt::fairing("jwt").verify($verify))
                .mount("/", routes![me, home]),
        )
    };
}

fn of(name: &str) -> String {
    foreign_with(&json!({ "name": name }))
}

fn ask(client: &Client, path: &str, token: &str) -> Seen {
    seen(client.get(path).header(bearer(token)).dispatch())
}

/// The only line of the log that says why.
fn why(client: &Client, token: &str) -> String {
    let request = client.get("/me").header(bearer(token));
    let (_, lines) = log::capture(|| request.dispatch().status());
    let line = lines.iter().find_map(|line| line.split_once(" failed: jwt: ")).expect("a reason");
    line.1.to_owned()
}

#[test]
fn whoever_is_found_is_the_user() {
    for client in [application!(find), application!(look_up), application!(judge)] {
        assert_eq!(ask(&client, "/me", &foreign()).body, "ada");
        assert_eq!(ask(&client, "/home", &foreign()).body, "ada");
        assert_eq!(runs(&client), 2);
    }
}

// R24: whether a name exists is nobody's business who cannot sign for it, nor theirs who could once.
#[test]
fn nobody_found_looks_like_a_wrong_signature() {
    for client in [application!(find), application!(look_up), application!(judge)] {
        let nobody = ask(&client, "/me", &of("nobody"));
        assert_eq!(nobody.status, Status::Unauthorized);
        let challenge = r#"Bearer realm="protected", error="invalid_token""#;
        assert!(nobody.has("WWW-Authenticate", challenge), "{nobody:?}");
        let stranger =
            signed_by("a secret of somebody else, 32 bytes or more", &super::payload(&foreign()));
        assert_eq!(ask(&client, "/me", &stranger), nobody);
        assert_eq!(ask(&client, "/me", "x"), nobody);
        // Nor is it anonymous where signing in is optional (trap 17).
        assert_eq!(ask(&client, "/home", &of("nobody")).status, Status::Unauthorized);
        assert_eq!(runs(&client), 0);
    }
}

// O01: the operator is told which it was.
#[test]
fn the_log_tells_nobody_from_a_wrong_signature() {
    let client = application!(find);
    let place = "from Authorization: Bearer, route me.";
    let unknown = format!("the verifier knows nobody like that, {place}");
    assert_eq!(why(&client, &of("nobody")), unknown);
    assert_eq!(why(&client, "x.y.zz"), format!("header is not canonical base64url, {place}"));
    let client = application!(judge);
    assert_eq!(why(&client, &of("nobody")), format!("the account was closed, {place}"));
}

// Traps 10, 17: our fault is neither the client's nor "nobody", and the client is not told which.
#[test]
fn a_verifier_that_fails_is_our_fault() {
    for (client, name, status) in [
        (application!(find), "broken", Status::InternalServerError),
        (application!(find), "down", Status::ServiceUnavailable),
        (application!(look_up), "broken", Status::InternalServerError),
        (application!(judge), "broken", Status::InternalServerError),
        (application!(judge), "down", Status::ServiceUnavailable),
    ] {
        for path in ["/me", "/home"] {
            let answer = ask(&client, path, &of(name));
            assert_eq!(answer.status, status, "{path}");
            assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
            let challenged = |line: &String| line.starts_with("www-authenticate");
            assert!(!answer.headers.iter().any(challenged), "{answer:?}");
        }
        assert_eq!(runs(&client), 0);
        // The causes are the application's own words, for its own log.
        let line = why(&client, &of(name));
        assert!(line.contains("hunter2: ") && line.contains(", route me."), "{line}");
        // A token that is wrong never reaches the store that is down.
        assert_eq!(ask(&client, "/me", "x").status, Status::Unauthorized);
    }
}

#[test]
fn a_verifier_may_forbid() {
    let client = application!(judge);
    for path in ["/me", "/home"] {
        let locked = ask(&client, path, &of("locked"));
        assert_eq!(locked.status, Status::Forbidden, "{path}");
    }
    assert_eq!(runs(&client), 0);
}

// The store is asked about whoever the signature vouches for, and about nobody else.
#[test]
fn a_verifier_sees_only_claims_that_were_proved() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let client = application!(move |claims: Account| {
        count.fetch_add(1, Ordering::SeqCst);
        Some(claims)
    });
    let expired = foreign_with(&json!({ "exp": 1 }));
    let bound = foreign_with(&json!({ "cnf": {} }));
    for token in [&*expired, &bound, "x", "a.b.c", &format!("{}A", foreign())] {
        assert_eq!(ask(&client, "/me", token).status, Status::Unauthorized);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert_eq!(ask(&client, "/me", &foreign()).status, Status::Ok);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

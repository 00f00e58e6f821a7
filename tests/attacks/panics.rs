//! What of the application's runs before anybody is signed in, and panics: nobody gets in by it, and
//! the next request is judged as if nothing had been.

use std::sync::atomic::{AtomicUsize, Ordering};

use passport_rocket::{Attempt, Denial, Jwt, Key, TokenClaims, Unverified, User, protect};
use passport_rocket_tests::{Ran, client, figment};
use rocket::fairing::Fairing;
use rocket::http::{Header, Status};
use rocket::{State, get, routes};

use super::{Account, TOML, token};

#[protect(strategy = "jwt")]
#[get("/certain")]
fn certain(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

#[protect(strategy = "jwt", optional)]
#[get("/maybe")]
fn maybe(user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

/// Panics in every other call, the first one included.
#[derive(Default)]
struct Now(AtomicUsize);

impl Now {
    fn and_then(&self) {
        assert_ne!(self.0.fetch_add(1, Ordering::SeqCst) % 2, 0, "this test panics");
    }
}

#[track_caller]
fn assert_survives(toml: &str, jwt: impl Fairing) {
    let client = client(
        rocket::custom(figment(toml))
            .manage(Ran::default())
            .attach(jwt)
            .mount("/", routes![certain, maybe]),
    );
    let ask = |path: &'static str| {
        let bearer = Header::new("Authorization", format!("Bearer {}", token("ada")));
        let response = client.get(path).header(bearer).dispatch();
        (response.status(), response.into_string().unwrap_or_default())
    };
    let ran = || client.rocket().state::<Ran>().unwrap().times();
    for path in ["/certain", "/maybe", "/certain", "/maybe"] {
        let before = ran();
        assert_eq!(ask(path).0, Status::InternalServerError, "{path}");
        assert_eq!(ran(), before, "{path}");
        assert_eq!(ask(path), (Status::Ok, "ada".to_owned()), "{path}");
    }
}

#[test]
fn a_function_that_panics_signs_nobody_in() {
    let now = Now::default();
    let jwt = Jwt::<Account>::fairing("jwt").token_from(move |_: Attempt<'_, '_>| {
        now.and_then();
        Ok::<_, Denial>(None)
    });
    assert_survives(TOML, jwt);
}

#[test]
fn a_check_that_panics_signs_nobody_in() {
    let now = Now::default();
    let jwt = Jwt::<Account>::fairing("jwt").check(move |_: &TokenClaims| {
        now.and_then();
        Ok(())
    });
    assert_survives(TOML, jwt);
}

#[test]
fn a_key_provider_that_panics_signs_nobody_in() {
    let now = Now::default();
    let jwt = Jwt::<Account>::fairing("jwt").keys(move |_: Unverified| {
        now.and_then();
        Key::from_secret("HS256", b"a secret of this test, 32 bytes or more").ok()
    });
    assert_survives("", jwt);
}

//! What a signed-in client sends by mistake, and where it ends.

use passport_rocket::{Jwt, User, UserAnd, protect};
use passport_rocket_tests::{client, figment, log};
use rocket::form::{Form, Strict};
use rocket::http::{ContentType, Header, Status};
use rocket::{FromForm, post, routes};

use super::{Account, TOML, token};

#[derive(FromForm)]
struct Tide {
    height: f32,
}

#[protect(strategy = "jwt")]
#[post("/tides", data = "<sent>")]
fn create(sent: UserAnd<Account, Form<Strict<Tide>>>) -> String {
    format!("{} {}", User::strategy(&sent.user), sent.payload.height)
}

/// JSON that is sent as a form is one long field without a value.
#[test]
fn no_name_that_the_client_made_up_is_logged() {
    let client = client(
        rocket::custom(figment(TOML))
            .attach(Jwt::<Account>::fairing("jwt"))
            .mount("/", routes![create]),
    );
    for body in [r#"{"password":"hunter2"}"#, "height=1&hunter2=1", "height=1&hunter2"] {
        let send = || {
            let request = client.post("/tides").header(ContentType::Form).body(body);
            let bearer = Header::new("Authorization", format!("Bearer {}", token("ada")));
            request.header(bearer).dispatch().status()
        };
        let (status, lines) = log::capture(send);
        assert_eq!(status, Status::UnprocessableEntity, "{body}");
        assert!(lines.iter().any(|line| line.contains("does not fit its type")), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
    }
}

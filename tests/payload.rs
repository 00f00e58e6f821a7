//! `UserAnd`: a user and the payload of the same body. Each refusal comes before the payload is judged,
//! and afterwards each status is the one that Rocket's own guard answers.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use passport_rocket::testing::SignedInAs;
use passport_rocket::{
    Answer, Attempt, Credentials, Denial, Local, Principal, Registration, SignIn, User, UserAnd,
    Verdict, from_fn, protect,
};
use passport_rocket_tests::{Ran, client, figment, headers, log};
use rocket::form::{Form, Strict};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::serde::json::Json;
use rocket::{Build, FromForm, Rocket, State, post, routes};
use serde::Deserialize;

#[derive(Debug, Clone, Principal)]
struct Account {
    #[principal(id)]
    name: String,
    #[principal(role)]
    role: String,
}

fn account(name: &str) -> Account {
    let role = if name == "ada" { "admin" } else { "user" };
    Account { name: name.to_owned(), role: role.to_owned() }
}

#[derive(Debug, Deserialize, FromForm)]
#[serde(deny_unknown_fields)]
struct Tide {
    height: f32,
    port: String,
}

fn said(user: &User<Account>, tide: &Tide, ran: &Ran) -> String {
    ran.count();
    format!("{} saw {} m at {}", user.name, tide.height, tide.port)
}

#[protect(strategy = "local")]
#[post("/local/json", data = "<sent>")]
fn local_json(sent: UserAnd<Account, Json<Tide>>, ran: &State<Ran>) -> String {
    said(&sent.user, &sent.payload, ran)
}

#[protect(strategy = "local")]
#[post("/local/form", data = "<sent>")]
fn local_form(sent: UserAnd<Account, Form<Strict<Tide>>>, ran: &State<Ran>) -> String {
    said(&sent.user, &sent.payload, ran)
}

#[protect(strategy = "local", role = "admin")]
#[post("/local/admin", data = "<sent>")]
fn local_admin(sent: UserAnd<Account, Json<Tide>>, ran: &State<Ran>) -> String {
    said(&sent.user, &sent.payload, ran)
}

#[protect(strategy = "badge", role = "admin")]
#[post("/badge/json", data = "<sent>")]
fn badge_json(sent: UserAnd<Account, Json<Tide>>, ran: &State<Ran>) -> String {
    said(&sent.user, &sent.payload, ran)
}

#[protect(strategy = "badge", role = "admin")]
#[post("/badge/form", data = "<sent>")]
fn badge_form(sent: UserAnd<Account, Form<Tide>>, ran: &State<Ran>) -> String {
    said(&sent.user, &sent.payload, ran)
}

#[protect(strategy = "badge")]
#[post("/plain/json", data = "<tide>")]
fn plain_json(user: User<Account>, tide: Json<Tide>, ran: &State<Ran>) -> String {
    said(&user, &tide, ran)
}

#[protect(strategy = "badge")]
#[post("/plain/form", data = "<tide>")]
fn plain_form(user: User<Account>, tide: Form<Tide>, ran: &State<Ran>) -> String {
    said(&user, &tide, ran)
}

fn badge<'r>(attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
    Answer::now(match attempt.request().headers().get_one("Badge") {
        Some("stolen") => Err(Denial::rejected("stolen")),
        Some(name) => Ok(SignIn::new(account(name))),
        None => Err(Denial::absent()),
    })
}

/// `local`, for which everybody's password is `tide`, and `badge`, which believes a header.
fn rocket() -> Rocket<Build> {
    let check =
        |login: Credentials| (login.password.expose() == "tide").then(|| account(&login.username));
    rocket::custom(figment("[default.limits]\njson = '128 B'\nform = '96 B'\ndata-form = '1 KiB'"))
        .manage(Ran::default())
        .attach(Local::fairing("local").verify(check))
        .attach(Registration::new("badge", |_| Ok(from_fn(badge))))
        .mount("/", routes![local_json, local_form, local_admin])
        .mount("/", routes![badge_json, badge_form, plain_json, plain_form])
}

fn runs(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

/// What a body is sent with.
struct Sent<'a> {
    kind: Option<ContentType>,
    body: &'a str,
    badge: Option<&'static str>,
}

impl Sent<'_> {
    fn to<'c>(&self, client: &'c Client, path: &'static str) -> LocalResponse<'c> {
        let mut request = client.post(path).body(self.body);
        if let Some(kind) = &self.kind {
            request.add_header(kind.clone());
        }
        if let Some(badge) = self.badge {
            request.add_header(Header::new("Badge", badge));
        }
        request.dispatch()
    }
}

fn json(body: &str) -> Sent<'_> {
    Sent { kind: Some(ContentType::JSON), body, badge: None }
}

fn form(body: &str) -> Sent<'_> {
    Sent { kind: Some(ContentType::Form), body, badge: None }
}

const SAW: &str = "ada saw 2.5 m at dover";

#[test]
fn credentials_are_taken_out_of_the_body_and_the_rest_is_the_payload() {
    let client = client(rocket());
    let body = r#"{"username":"ada","height":2.5,"password":"tide","port":"dover"}"#;
    let response = json(body).to(&client, "/local/json");
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(response.into_string().unwrap(), SAW);
    let response =
        form("height=2.5&username=ada&port=dover&password=tide").to(&client, "/local/form");
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(response.into_string().unwrap(), SAW);
    assert_eq!(runs(&client), 2);
}

#[test]
fn a_credential_in_the_head_leaves_the_body_as_it_is() {
    let client = client(rocket());
    for (sent, path) in [
        (json(r#"{"height":2.5,"port":"dover"}"#), "/badge/json"),
        (form("height=2.5&port=dover"), "/badge/form"),
    ] {
        let sent = Sent { badge: Some("ada"), ..sent };
        assert_eq!(sent.to(&client, path).into_string().unwrap(), SAW, "{path}");
    }
    assert_eq!(runs(&client), 2);
}

#[test]
fn strangers_are_refused_before_the_payload_is_judged() {
    let client = client(rocket());
    let wrong = r#"{"username":"ada","password":"ebb","height":"high"}"#;
    let wrong_form = "username=ada&password=ebb&height=high";
    for (sent, path) in [
        (json(wrong), "/local/json"),
        (json(wrong), "/local/admin"),
        (form(wrong_form), "/local/form"),
        (json("{"), "/badge/json"),
        (json(r#"{"height":"high"}"#), "/badge/json"),
        (Sent { badge: Some("stolen"), ..json("{") }, "/badge/json"),
        (form("height=high"), "/badge/form"),
        (Sent { kind: None, ..form("height=high") }, "/badge/form"),
        (Sent { badge: Some("stolen"), ..json("{}") }, "/badge/form"),
    ] {
        let response = sent.to(&client, path);
        assert_eq!(response.status(), Status::Unauthorized, "{path} {}", sent.body);
        assert!(!headers(&response, "WWW-Authenticate").is_empty(), "{path} {}", sent.body);
    }
    assert_eq!(runs(&client), 0);
}

#[test]
fn roles_are_asked_before_the_payload_is_judged() {
    let client = client(rocket());
    let bob = r#"{"username":"bob","password":"tide","height":"high"}"#;
    assert_eq!(json(bob).to(&client, "/local/admin").status(), Status::Forbidden);
    let sent = Sent { badge: Some("bob"), ..json("{") };
    assert_eq!(sent.to(&client, "/badge/json").status(), Status::Forbidden);
    let sent = Sent { badge: Some("bob"), ..form("height=high") };
    assert_eq!(sent.to(&client, "/badge/form").status(), Status::Forbidden);
    assert_eq!(runs(&client), 0);
}

fn multipart(fields: &[(&str, &str)]) -> (ContentType, String) {
    let part = |(name, value): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = fields.iter().map(part).collect();
    (ContentType::FormData.with_params(("boundary", "x")), format!("{parts}--x--\r\n"))
}

#[test]
fn a_payload_meets_the_statuses_of_rockets_own_guard() {
    let client = client(rocket());
    let (multi, whole) = multipart(&[("height", "2.5"), ("port", "dover")]);
    let (_, half) = multipart(&[("height", "2.5")]);
    let long = format!(r#"{{"height":2.5,"port":"{}"}}"#, "d".repeat(128));
    let long_form = format!("height=2.5&port={}", "d".repeat(128));
    let (form, other) = (ContentType::Form, ContentType::Plain);
    let mut seen = std::collections::BTreeSet::new();
    for (kind, body) in [
        (Some(ContentType::JSON), r#"{"height":2.5,"port":"dover"}"#),
        (Some(other.clone()), r#"{"height":2.5,"port":"dover"}"#),
        (None, r#"{"height":2.5,"port":"dover"}"#),
        (Some(form.clone()), r#"{"height":2.5,"port":"dover"}"#),
        (Some(ContentType::JSON), r#"{"height":2.5,"port":"dover","more":1}"#),
        (Some(ContentType::JSON), r#"{"height":2.5,"height":2.5,"port":"dover"}"#),
        (Some(ContentType::JSON), r#"{"height":2.5}"#),
        (Some(ContentType::JSON), r#"{"height":2.5,"#),
        (Some(ContentType::JSON), "height=2.5&port=dover"),
        (Some(ContentType::JSON), ""),
        (Some(ContentType::JSON), &long),
        (Some(form.clone()), "height=2.5&port=dover"),
        (Some(form.clone()), "height=2.5&port=%ff"),
        (Some(form.clone()), "height=2.5&port=dover&more=1"),
        (Some(form.clone()), "height=2.5"),
        (Some(form.clone()), "height=high&port=dover"),
        (Some(form.clone()), ""),
        (Some(form), &long_form),
        (Some(other), "height=2.5&port=dover"),
        (None, "height=2.5&port=dover"),
        (Some(multi.clone()), &whole),
        (Some(multi), &half),
    ] {
        let sent = Sent { kind, body, badge: Some("ada") };
        for (ours, rockets) in [("/badge/json", "/plain/json"), ("/badge/form", "/plain/form")] {
            let [ours, rockets] = [ours, rockets].map(|path| {
                let before = runs(&client);
                let status = sent.to(&client, path).status().code;
                (status, runs(&client) - before)
            });
            assert_eq!(ours, rockets, "{:?} {body}", sent.kind);
            seen.insert(ours);
        }
    }
    let all = [(200, 1), (400, 0), (413, 0), (415, 0), (422, 0)];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn so_does_one_beside_credentials() {
    let client = client(rocket());
    for (sent, path, status) in [
        (json(r#"{"username":"ada","password":"tide","height":2.5}"#), "/local/json", 422),
        (
            json(r#"{"username":"ada","password":"tide","height":2.5,"port":"dover","more":1}"#),
            "/local/json",
            422,
        ),
        (json(r#"{"username":"ada","password":"tide","#), "/local/json", 400),
        (form("username=ada&password=tide&height=high&port=dover"), "/local/form", 422),
        (form("username=ada&password=tide&height=1&port=x&more=1"), "/local/form", 422),
        (json(r#"{"username":"ada","password":"tide"}"#), "/local/form", 415),
    ] {
        assert_eq!(sent.to(&client, path).status().code, status, "{path} {}", sent.body);
    }
    assert_eq!(runs(&client), 0);
}

/// Rocket compares the names of fields key by key, and never comes to the end of one in which an
/// equals sign stands where a key would begin.
#[test]
fn a_name_of_which_rocket_finds_no_end_is_answered_all_the_same() {
    for name in ["[x]%3D", "port[x]%3D", "height[x]%3Dy"] {
        let (done, waits) = mpsc::channel();
        let body = format!("username=ada&password=tide&port=a&height=b&{name}=1&{name}=2");
        thread::spawn(move || {
            let client = client(rocket());
            let request = client.post("/local/form").header(ContentType::Form).body(body);
            let _ = done.send(request.dispatch().status());
        });
        let status = waits.recv_timeout(Duration::from_secs(60));
        assert_eq!(status, Ok(Status::UnprocessableEntity), "{name}");
    }
}

#[test]
fn a_payload_reads_json_whatever_its_content_type_and_so_does_the_strategy() {
    let client = client(rocket());
    let body = r#"{"username":"ada","password":"tide","height":2.5,"port":"dover"}"#;
    for kind in [None, Some(ContentType::Plain)] {
        let sent = Sent { kind, body, badge: None };
        assert_eq!(sent.to(&client, "/local/json").into_string().unwrap(), SAW);
    }
}

// Rocket's own error would hold the whole body, and serde's the value.
#[test]
fn no_line_of_the_log_holds_what_was_sent() {
    let client = client(rocket());
    for (sent, path, line) in [
        (
            json(r#"{"username":"ada","password":"tide","height":"hunter2"}"#),
            "/local/json",
            "the payload's members do not fit its type",
        ),
        (
            Sent { badge: Some("ada"), ..json(r#"{"height":"hunter2"}"#) },
            "/badge/json",
            "the payload's members do not fit its type (line 1, column 19)",
        ),
        (
            Sent { badge: Some("ada"), ..json(r#"{"height":"hunter2""#) },
            "/badge/json",
            "the payload's members do not fit its type (line 1, column 19)",
        ),
        (
            Sent { badge: Some("ada"), ..form("height=hunter2") },
            "/badge/form",
            "the payload's form does not fit its type: `height`, `port`",
        ),
    ] {
        let (_, lines) = log::capture(|| sent.to(&client, path).status());
        assert!(lines.iter().any(|logged| logged.contains(line)), "{lines:#?}");
        for secret in ["hunter2", "\"tide\""] {
            assert!(!lines.iter().any(|logged| logged.contains(secret)), "{lines:#?}");
        }
    }
    assert_eq!(runs(&client), 0);
}

#[test]
fn the_testing_kit_signs_in_and_the_payload_is_read() {
    let client = client(rocket());
    let send = |name, path| {
        let request = client.post(path).header(ContentType::JSON);
        let request = request.body(r#"{"height":2.5,"port":"dover"}"#);
        request.signed_in(&account(name)).dispatch()
    };
    assert_eq!(send("ada", "/local/admin").into_string().unwrap(), SAW);
    assert_eq!(send("bob", "/local/admin").status(), Status::Forbidden);
    assert_eq!(runs(&client), 1);
}

//! Responses that end in a catcher, the application's or ours, and what survives them.

use passport_rocket::denial::Kind;
use passport_rocket::{Denial, User, protect};
use passport_rocket_tests::{client, headers};
use rocket::form::Form;
use rocket::http::{Accept, ContentType, Header, Status};
use rocket::local::blocking::Client;
use rocket::{Build, FromForm, Request, Responder, Rocket, catch, catchers, get, post, routes};

use super::{Account, REFUSALS, get, rocket};

#[derive(FromForm)]
struct Tide {
    #[allow(dead_code)]
    height: f32,
}

/// A 401 that the handler means, with a challenge of its own.
#[derive(Responder)]
#[response(status = 401)]
struct Own(&'static str, Header<'static>);

#[protect(strategy = "token")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    user.name.clone()
}

#[protect(strategy = ["token", "session"])]
#[get("/both")]
fn both(_user: User<Account>) {}

#[protect(strategy = "token")]
#[get("/own")]
fn own(_user: User<Account>) -> Own {
    Own("the harbour master's key, please", Header::new("WWW-Authenticate", "Harbour"))
}

#[protect(strategy = "token")]
#[get("/status/<code>")]
fn status(_user: User<Account>, code: u16) -> Status {
    Status::new(code)
}

#[protect(strategy = "token")]
#[post("/tides", data = "<_tide>")]
fn create(_user: User<Account>, _tide: Form<Tide>) {}

fn application() -> Rocket<Build> {
    rocket().mount("/", routes![me, both, own, status, create])
}

/// What a catcher learns.
fn told(request: &Request<'_>) -> String {
    match Denial::of(request) {
        Some(denial) => format!("{denial:?}"),
        None => "no denial".to_owned(),
    }
}

#[catch(default)]
fn tell(_: Status, request: &Request<'_>) -> String {
    told(request)
}

// Trap 18
#[test]
fn a_cookie_of_a_strategy_survives_every_later_failure() {
    for rocket in [application(), application().register("/", catchers![tell])] {
        let client = client(rocket);
        let ada = || Header::new("token", "ada");
        let form = client.post("/tides").header(ContentType::Form).header(ada());
        let failures = [
            (form.body("height=high"), 422),
            (client.post("/tides").header(ada()).header(ContentType::Form), 422),
            (client.get("/status/high").header(ada()), 422),
            (client.get("/status/418").header(ada()), 418),
        ];
        for (nth, (request, status)) in failures.into_iter().enumerate() {
            let response = request.dispatch();
            assert_eq!(response.status().code, status);
            assert_eq!(headers(&response, "Set-Cookie"), [format!("token={}", nth + 1)]);
        }
    }
}

// Trap 18
#[test]
fn a_cookie_of_a_strategy_survives_every_refusal() {
    let client = client(application().register("/", catchers![tell]));
    let mut run = 0;
    for (token, status) in REFUSALS {
        run += 1;
        let response = get(&client, "/me", token);
        assert_eq!(response.status().code, status);
        assert_eq!(headers(&response, "Set-Cookie"), [format!("token={run}")], "{token:?}");
    }
}

#[catch(401)]
fn page() -> (ContentType, &'static str) {
    (ContentType::HTML, "<h1>sign in</h1>")
}

#[catch(default)]
fn other_page(status: Status, _: &Request<'_>) -> (ContentType, String) {
    (ContentType::HTML, format!("<h1>{status}</h1>"))
}

#[catch(default)]
fn all_is_well() -> (Status, &'static str) {
    (Status::Ok, "all is well")
}

// Trap 24
#[test]
fn a_redirect_is_a_redirect_whatever_the_catchers_say() {
    let registered = [
        catchers![],
        catchers![page, other_page],
        catchers![tell],
        catchers![all_is_well],
        [passport_rocket::catchers(), catchers![other_page]].concat(),
    ];
    for catchers in registered {
        let client = client(application().register("/", catchers));
        for path in ["/me", "/both"] {
            let request = client.get(path).header(Accept::HTML);
            let response = request.header(Header::new("token", "redirect")).dispatch();
            assert_eq!(response.status(), Status::SeeOther);
            assert_eq!(response.headers().get_one("Location"), Some("/elsewhere"));
            assert_eq!(response.content_type(), None);
            assert_eq!(response.into_string().as_deref(), Some(""));
        }
    }
}

// Trap 24
#[test]
fn a_401_of_the_handler_is_left_alone() {
    for rocket in [application(), application().register("/", catchers![page])] {
        let client = client(rocket);
        let response = get(&client, "/own", Some("ada"));
        assert_eq!(response.status(), Status::Unauthorized);
        assert_eq!(headers(&response, "WWW-Authenticate"), ["Harbour"]);
        assert_eq!(response.into_string().as_deref(), Some("the harbour master's key, please"));
    }
    // Also when it leaves the body to a catcher.
    let client = client(application().register("/", catchers![tell]));
    let response = get(&client, "/status/401", Some("ada"));
    assert_eq!(response.status(), Status::Unauthorized);
    assert!(headers(&response, "WWW-Authenticate").is_empty());
    assert_eq!(response.into_string().as_deref(), Some("no denial"));
}

#[test]
fn a_page_of_the_application_is_challenged_like_any_401() {
    let client = client(application().register("/", catchers![page]));
    let response = get(&client, "/both", Some("forged"));
    assert_eq!(response.status(), Status::Unauthorized);
    let challenges = ["Told realm=\"token\"", "Told realm=\"session\""];
    assert_eq!(headers(&response, "WWW-Authenticate"), challenges);
    assert_eq!(response.into_string().as_deref(), Some("<h1>sign in</h1>"));
}

#[test]
fn a_catcher_that_answers_another_status_is_not_challenged() {
    #[catch(401)]
    fn hidden() -> (Status, &'static str) {
        (Status::NotFound, "nothing here")
    }

    #[catch(401)]
    fn closed() -> (Status, &'static str) {
        (Status::Forbidden, "closed")
    }

    for (catchers, status, page) in [
        (catchers![hidden], Status::NotFound, "nothing here"),
        (catchers![closed], Status::Forbidden, "closed"),
    ] {
        let client = client(application().register("/", catchers));
        let response = get(&client, "/me", Some("forged"));
        assert_eq!(response.status(), status);
        assert!(headers(&response, "WWW-Authenticate").is_empty());
        assert_eq!(response.into_string().as_deref(), Some(page));
    }
}

#[test]
fn a_catcher_learns_why() {
    let client = client(application().register("/", catchers![tell]));
    let cases = [
        (None, "no credential, route me"),
        (Some("dead"), "token: expired session, route me"),
        (Some("forged"), "token: signature is wrong, route me"),
        (Some("malformed"), "token: no token, route me"),
        (Some("forbidden"), "token: not from here, route me"),
        (Some("fault"), "token: internal failure: key is gone, route me"),
        (Some("down"), "token: a backend is unavailable: store is down, route me"),
        (Some("panic"), "no denial"),
    ];
    for (token, why) in cases {
        assert_eq!(get(&client, "/me", token).into_string().as_deref(), Some(why));
    }
    let other = client.get("/nowhere").dispatch();
    assert_eq!(other.into_string().as_deref(), Some("no denial"));
    let later = get(&client, "/status/high", Some("ada"));
    assert_eq!(later.into_string().as_deref(), Some("no denial"));
}

#[test]
fn a_catcher_learns_what_each_strategy_said() {
    #[catch(401)]
    fn each(request: &Request<'_>) -> String {
        let denial = Denial::of(request).expect("the guard refused");
        assert_eq!((denial.kind(), denial.strategy()), (Kind::Rejected, Some("session")));
        assert_eq!((denial.handler(), denial.reason()), (Some("both"), "signature is wrong"));
        assert_eq!(denial.challenges().len(), 2);
        denial.tried().map(|denial| format!("{:?};", denial.kind())).collect()
    }

    let client = client(application().register("/", catchers![each]));
    let request = client.get("/both").header(Header::new("session", "forged"));
    assert_eq!(request.dispatch().into_string().as_deref(), Some("Absent;Rejected;"));
}

fn with_ours() -> Client {
    client(application().register("/", passport_rocket::catchers()))
}

#[test]
fn ours_answer_programs_with_problem_details() {
    let client = with_ours();
    for (token, status) in REFUSALS.into_iter().filter(|(_, status)| *status != 303) {
        for accept in [None, Some(Accept::JSON), Some(Accept::Any)] {
            let mut request = client.get("/me");
            if let Some(token) = token {
                request.add_header(Header::new("token", token));
            }
            if let Some(accept) = accept {
                request.add_header(accept);
            }
            let response = request.dispatch();
            assert_eq!(response.status().code, status);
            let content_type = response.content_type().unwrap();
            assert_eq!(content_type, ContentType::new("application", "problem+json"));
            let challenges = headers(&response, "WWW-Authenticate").len();
            assert_eq!(challenges, usize::from(status < 500), "{token:?}");
            let body = response.into_string().unwrap();
            let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(problem["status"], status, "RFC 9457 section 3.1.2");
            assert_eq!(problem["type"], "about:blank", "RFC 9457 section 4.2.1");
            assert_eq!(problem["title"], Status::new(status).reason_lossy());
            // No more than the status says.
            for secret in ["signature", "expired", "key", "store", "token", "session"] {
                assert!(!body.contains(secret), "{body}");
            }
        }
    }
}

#[test]
fn ours_answer_people_with_a_page() {
    let client = with_ours();
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (token, status) in REFUSALS.into_iter().filter(|(_, status)| *status != 303) {
        let mut request = client.get("/me").header(Header::new("Accept", accept));
        if let Some(token) = token {
            request.add_header(Header::new("token", token));
        }
        let response = request.dispatch();
        assert_eq!(response.status().code, status);
        assert_eq!(response.content_type(), Some(ContentType::HTML));
        let body = response.into_string().unwrap();
        assert!(body.contains(Status::new(status).reason_lossy()), "{body}");
        for secret in ["signature", "expired", "key", "store", "token", "session"] {
            assert!(!body.contains(secret), "{body}");
        }
    }
}

//! A token in a cookie, and who made the browser send it (S07). Bearer tokens are not bothered.

use passport_rocket_tests::{client, figment, log};
use rocket::http::{ContentType, Header, Method, Status};
use rocket::local::blocking::Client;

use super::{bearer, foreign, rocket, runs, table};

const OWN: (&str, &str) = ("Origin", "https://tidal.example");
const TRUSTED: (&str, &str) = ("Origin", "https://harbour.example");
const OTHER: (&str, &str) = ("Origin", "https://evil.example");
const CROSS_SITE: (&str, &str) = ("Sec-Fetch-Site", "cross-site");
const SAME_SITE: (&str, &str) = ("Sec-Fetch-Site", "same-site");
const SAME_ORIGIN: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
const BY_HAND: (&str, &str) = ("Sec-Fetch-Site", "none");
const SCRIPT: (&str, &str) = ("X-Requested-With", "tidal");
const UPGRADE: (&str, &str) = ("Upgrade", "websocket");

fn application() -> Client {
    let options = "[default.passport]\norigin = 'https://tidal.example'\n\
                   trusted_origins = ['https://harbour.example']\n";
    let places = "token_from = [{ scheme = 'Bearer' }, { cookie = 'token' }]";
    client(rocket(figment(&format!("{options}{}", table(places)))))
}

type Headers = &'static [(&'static str, &'static str)];

fn ask(client: &Client, method: Method, headers: Headers, credentials: &[Header<'static>]) -> u16 {
    let mut request = client.req(method, "/me");
    for header in credentials {
        request.add_header(header.clone());
    }
    for (name, value) in headers {
        request.add_header(Header::new(*name, *value));
    }
    request.dispatch().status().code
}

fn cookie() -> Header<'static> {
    Header::new("Cookie", format!("token={}", foreign()))
}

const TABLE: [(Method, Headers, u16); 24] = [
    (Method::Get, &[], 200),
    (Method::Head, &[], 200),
    (Method::Get, &[CROSS_SITE, OTHER], 200),
    (Method::Post, &[SAME_ORIGIN], 200),
    (Method::Post, &[SAME_ORIGIN, OWN], 200),
    (Method::Post, &[BY_HAND], 200),
    (Method::Post, &[CROSS_SITE], 403),
    (Method::Post, &[SAME_SITE], 403),
    (Method::Post, &[CROSS_SITE, OWN], 403),
    (Method::Post, &[CROSS_SITE, OTHER, SCRIPT], 403),
    (Method::Post, &[OWN], 200),
    (Method::Post, &[OTHER], 403),
    (Method::Post, &[OTHER, SCRIPT], 403),
    (Method::Post, &[("Origin", "null")], 403),
    (Method::Post, &[OWN, OWN], 403),
    (Method::Post, &[TRUSTED], 200),
    (Method::Post, &[CROSS_SITE, TRUSTED], 200),
    (Method::Post, &[], 403),
    (Method::Post, &[("X-Forwarded-For", "192.0.2.1")], 403),
    (Method::Post, &[SCRIPT], 200),
    // Trap 21
    (Method::Get, &[UPGRADE, CROSS_SITE, OTHER], 403),
    (Method::Get, &[UPGRADE, OTHER], 403),
    (Method::Get, &[UPGRADE], 403),
    (Method::Get, &[UPGRADE, SAME_ORIGIN, OWN], 200),
];

// S07, trap 21
#[test]
fn a_cookie_is_good_for_requests_of_our_own_pages() {
    let client = application();
    for (method, headers, status) in TABLE {
        let before = runs(&client);
        assert_eq!(ask(&client, method, headers, &[cookie()]), status, "{method} {headers:?}");
        assert_eq!(runs(&client) - before, usize::from(status == 200), "{method} {headers:?}");
    }
}

#[test]
fn a_bearer_token_is_not_bothered() {
    let client = application();
    for (method, headers, _) in TABLE {
        let token = [bearer(foreign())];
        assert_eq!(ask(&client, method, headers, &token), 200, "{method} {headers:?}");
        let both = [bearer(foreign()), cookie()];
        assert_eq!(ask(&client, method, headers, &both), 200, "{method} {headers:?}");
    }
}

#[test]
fn without_a_cookie_it_is_a_matter_of_signing_in() {
    let client = application();
    for (method, headers, _) in TABLE {
        assert_eq!(ask(&client, method, headers, &[]), 401, "{method} {headers:?}");
    }
}

// S07: `_method` makes a GET of a form that was posted, before guards run.
#[test]
fn a_post_in_disguise_is_a_post() {
    let client = application();
    let disguised = |(name, value)| {
        let request = client.post("/me").header(ContentType::Form).header(cookie());
        request.header(Header::new(name, value)).body("_method=get").dispatch().status()
    };
    assert_eq!(disguised(CROSS_SITE), Status::Forbidden);
    assert_eq!(runs(&client), 0);
    assert_eq!(disguised(SAME_ORIGIN), Status::Ok);
}

// O01
#[test]
fn the_log_says_what_is_wrong_and_the_client_is_asked_for_nothing() {
    let client = application();
    let request = client.post("/me").header(cookie());
    let (challenges, lines) =
        log::capture(|| request.dispatch().headers().get("WWW-Authenticate").count());
    assert_eq!(challenges, 0, "no token would help");
    let why = "jwt: cross-site request: no Sec-Fetch-Site, Origin or X-Requested-With, \
               from cookie token, route change.";
    assert!(lines.iter().any(|line| line.ends_with(why)), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("eyJ")), "{lines:#?}");
}

//! What a refused request is asked for, to the letter (RFC 6750 section 3, RFC 9110 section 11.6.1).

use passport_rocket::{Jwt, Principal, User, protect};
use passport_rocket_tests::{Ran, client, figment, headers};
use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::{get, routes};
use serde::Deserialize;
use serde_json::json;

use super::{bearer, clock, foreign, foreign_with, table};

#[derive(Principal, Deserialize)]
struct Sailor {
    #[principal(id)]
    name: String,
    #[serde(default)]
    #[principal(role)]
    role: String,
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Sailor>) -> String {
    user.name.clone()
}

#[protect(strategy = "jwt", all_scopes = ["tides:read", "tides:write"])]
#[get("/scopes")]
fn scopes(_user: User<Sailor>) {}

#[protect(strategy = "jwt", role = "captain")]
#[get("/bridge")]
fn bridge(_user: User<Sailor>) {}

#[protect(strategy = ["jwt", "partner"])]
#[get("/both")]
fn both(_user: User<Sailor>) {}

fn application(realm: &str, places: &str) -> Client {
    let partner = "[default.passport.partner]\nalgorithm = 'HS256'\n\
                   secret = 'the secret of a partner, also 32 bytes'\n\
                   token_from = [{ scheme = 'Partner' }]";
    let options = format!("[default.passport]\nrealm = '{realm}'\n");
    let rocket = rocket::custom(figment(&format!("{options}{}{partner}", table(places))))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Sailor>::fairing("jwt"))
        .attach(Jwt::<Sailor>::fairing("partner"))
        .mount("/", routes![me, scopes, bridge, both]);
    client(rocket)
}

#[track_caller]
fn assert_asked(
    client: &Client,
    path: &str,
    authorization: &[Header<'static>],
    status: Status,
    challenges: &[&str],
) {
    let mut request = client.get(path);
    for header in authorization {
        request.add_header(header.clone());
    }
    let response = request.dispatch();
    assert_eq!(response.status(), status, "{path}");
    assert_eq!(headers(&response, "WWW-Authenticate"), challenges, "{path}");
}

// R17, R18
#[test]
fn each_scheme_is_asked_for_with_the_error_that_is_meant() {
    let client = application("tidal", "token_from = [{ scheme = 'Bearer' }, { scheme = 'JWT' }]");
    let asked = |path, headers: &[Header<'static>], status, parameters: &str| {
        let bearer = format!(r#"Bearer realm="tidal"{parameters}"#);
        let jwt = format!(r#"JWT realm="tidal"{parameters}"#);
        assert_asked(&client, path, headers, status, &[&bearer, &jwt]);
    };
    // RFC 6750 section 3.1: no error code where nothing was sent.
    asked("/me", &[], Status::Unauthorized, "");
    let basic = Header::new("Authorization", "Basic YTpi");
    asked("/me", &[basic], Status::Unauthorized, "");
    let invalid = r#", error="invalid_token""#;
    asked("/me", &[bearer("x")], Status::Unauthorized, invalid);
    let late = foreign_with(&json!({ "exp": 1 }));
    asked("/scopes", &[bearer(late)], Status::Unauthorized, invalid);
    let malformed = r#", error="invalid_request""#;
    asked("/me", &[bearer("")], Status::BadRequest, malformed);
    asked("/me", &[bearer("a b")], Status::BadRequest, malformed);
    asked("/me", &[bearer(foreign()), bearer(foreign())], Status::BadRequest, malformed);
    let reader = foreign_with(&json!({ "scope": "tides:read" }));
    let scopes = r#", error="insufficient_scope", scope="tides:read tides:write""#;
    asked("/scopes", &[bearer(reader)], Status::Forbidden, scopes);
    // Another token would not help against a missing role.
    let sailor = foreign_with(&json!({ "role": "sailor" }));
    assert_asked(&client, "/bridge", &[bearer(sailor)], Status::Forbidden, &[]);
    let captain = foreign_with(&json!({ "role": "captain" }));
    assert_asked(&client, "/bridge", &[bearer(captain)], Status::Ok, &[]);
}

// R18: of several strategies, each is asked for, with what it said.
#[test]
fn every_strategy_of_a_chain_is_asked_for() {
    let client = application("tidal", "");
    let (ours, partners) = (r#"Bearer realm="tidal""#, r#"Partner realm="tidal""#);
    assert_asked(&client, "/both", &[], Status::Unauthorized, &[ours, partners]);
    let invalid = format!(r#"{ours}, error="invalid_token""#);
    assert_asked(&client, "/both", &[bearer("x")], Status::Unauthorized, &[&invalid, partners]);
    let partner = Header::new("Authorization", format!("Partner {}", foreign()));
    let invalid = format!(r#"{partners}, error="invalid_token""#);
    assert_asked(&client, "/both", &[partner], Status::Unauthorized, &[ours, &invalid]);
    let malformed = format!(r#"{ours}, error="invalid_request""#);
    // One of the two still asks for a credential, so it is a 401.
    assert_asked(&client, "/both", &[bearer("")], Status::Unauthorized, &[&malformed, partners]);
    assert_asked(&client, "/both", &[bearer(foreign())], Status::Ok, &[]);
}

// R17: the realm is quoted (RFC 9110 section 5.6.4).
#[test]
fn the_realm_is_quoted() {
    let client = application(r#"the "tidal" \ harbour"#, "");
    let challenge = r#"Bearer realm="the \"tidal\" \\ harbour""#;
    assert_asked(&client, "/me", &[], Status::Unauthorized, &[challenge]);
}

// R18: a challenge is due even where no header would do; its scheme is none that a browser knows.
#[test]
fn a_cookie_alone_is_asked_for_by_the_name_of_the_strategy() {
    let client = application("tidal", "token_from = [{ cookie = 'token' }]");
    assert_asked(&client, "/me", &[], Status::Unauthorized, &["jwt"]);
}

// R24: neither the token nor what is wrong with it.
#[test]
fn the_answer_never_says_more() {
    let client = application("tidal", "");
    for token in ["hunter2.hunter2.hunter2", "\"hunter2\"", "hunter2 hunter2", "hunter2\thunter2"] {
        let response = client.get("/me").header(bearer(token)).dispatch();
        let seen = super::seen(response);
        let text = format!("{seen:?}");
        assert!(!text.contains("hunter2") && !text.contains("three parts"), "{text}");
        assert!(!text.contains("error_description"), "{text}");
    }
}

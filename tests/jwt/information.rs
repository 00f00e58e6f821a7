//! What a handler learns of a token besides the user: claims, scopes, roles.

use std::time::{Duration, SystemTime};

use passport_rocket::{Jwt, Principal, TokenClaims, User, Verified, protect, verify};
use passport_rocket_tests::{client, figment, headers};
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::{get, routes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Account, NOW, bearer, clock, foreign, foreign_with, table};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rank {
    Captain,
    Pilot,
    Sailor,
}

/// Claims with a role that is an enum.
#[derive(Principal, Deserialize)]
struct Mariner {
    #[principal(id)]
    name: String,
    #[serde(default = "sailor")]
    #[principal(role)]
    rank: Rank,
}

fn sailor() -> Rank {
    Rank::Sailor
}

#[protect(strategy = "jwt")]
#[get("/claims")]
fn claims(user: User<Mariner>) -> String {
    let token = User::info::<TokenClaims>(&user).unwrap();
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let all: Value = token.get().unwrap();
    json!({
        "exp": seconds(token.expires_at()),
        "iat": token.issued_at().map(seconds),
        "auth_time": token.authenticated_at().map(seconds),
        "sub": token.subject(),
        "jti": token.id(),
        "scope": token.scope(),
        "scopes": User::scopes(&user).is_some(),
        "signed in": User::authenticated_at(&user).map(seconds),
        "strategy": User::strategy(&user),
        "debug": format!("{user:?} {token:?}"),
        "tenant": all["tenant"],
    })
    .to_string()
}

#[protect(strategy = "jwt", scope = "tides:write")]
#[get("/scope")]
fn scope(user: User<Mariner>) -> String {
    user.name.clone()
}

#[protect(strategy = "jwt", any_scope = ["tides:write", "tides:admin"])]
#[get("/any")]
fn any(user: User<Mariner>) -> String {
    user.name.clone()
}

#[protect(strategy = "jwt", any_role = [Rank::Captain, Rank::Pilot])]
#[get("/bridge")]
fn bridge(user: User<Mariner>) -> String {
    user.name.clone()
}

fn application() -> Client {
    let rocket = rocket::custom(figment(&table("")))
        .manage(clock().clock())
        .attach(Jwt::<Mariner>::fairing("jwt"))
        .mount("/", routes![claims, scope, any, bridge]);
    client(rocket)
}

/// What is answered, the second time like the first.
fn ask(client: &Client, path: &str, token: &str) -> Result<String, u16> {
    let ask = || {
        let response = client.get(path).header(bearer(token)).dispatch();
        match response.status() {
            Status::Ok => Ok(response.into_string().unwrap()),
            status => Err(status.code),
        }
    };
    let first = ask();
    assert_eq!(first, ask());
    first
}

#[test]
fn a_handler_reads_every_claim() {
    let client = application();
    let token = foreign_with(&json!({
        "iat": NOW - 10, "auth_time": NOW - 500, "sub": "7", "jti": "a\u{e9}", "tenant": { "id": 12 },
        "scope": "tides:read tides:write",
    }));
    let told: Value = serde_json::from_str(&ask(&client, "/claims", &token).unwrap()).unwrap();
    let expected = json!({
        "exp": NOW + 60, "iat": NOW - 10, "auth_time": NOW - 500, "sub": "7", "jti": "a\u{e9}",
        "scope": "tides:read tides:write", "scopes": true, "signed in": NOW - 500,
        "strategy": "jwt", "tenant": { "id": 12 },
        "debug": "User { strategy: \"jwt\", .. } TokenClaims { .. }",
    });
    assert_eq!(told, expected);
}

#[test]
fn what_a_token_does_not_say_is_nothing() {
    let client = application();
    let told: Value = serde_json::from_str(&ask(&client, "/claims", &foreign()).unwrap()).unwrap();
    for name in ["iat", "auth_time", "sub", "jti", "scope", "signed in", "tenant"] {
        assert_eq!(told[name], Value::Null, "{name}");
    }
    assert_eq!(told["scopes"], json!(false));
}

// R14, R17
#[test]
fn the_scope_of_the_token_is_what_a_route_asks_for() {
    let client = application();
    let with = |scope: &str| foreign_with(&json!({ "scope": scope }));
    for granted in ["tides:write", "a tides:write b", "tides:write tides:write"] {
        assert_eq!(ask(&client, "/scope", &with(granted)).unwrap(), "ada", "{granted}");
    }
    let near = ["", " ", "tides:read", "tides:writer", "Tides:Write", "tides", "tides:write,a"];
    for granted in near {
        assert_eq!(ask(&client, "/scope", &with(granted)), Err(403), "{granted}");
    }
    assert_eq!(ask(&client, "/scope", &foreign()), Err(403), "no scope at all");
    assert_eq!(ask(&client, "/any", &with("tides:admin")).unwrap(), "ada");

    let response = client.get("/scope").header(bearer(with("tides:read"))).dispatch();
    let challenge = r#"Bearer realm="protected", error="insufficient_scope", scope="tides:write""#;
    assert_eq!(headers(&response, "WWW-Authenticate"), [challenge]);
    let response = client.get("/any").header(bearer(with("tides:read"))).dispatch();
    let challenge =
        r#"Bearer realm="protected", error="insufficient_scope", scope="tides:write tides:admin""#;
    assert_eq!(headers(&response, "WWW-Authenticate"), [challenge]);
}

// A list that goes unread would be a token without limits, or with none of its scopes.
#[test]
fn a_scope_that_is_no_text_is_refused_everywhere() {
    let client = application();
    for scope in [json!(["tides:write"]), json!(null), json!(7)] {
        let token = foreign_with(&json!({ "scope": scope }));
        for path in ["/scope", "/claims", "/bridge"] {
            assert_eq!(ask(&client, path, &token), Err(401), "{path} {scope}");
        }
    }
}

#[test]
fn a_role_may_be_an_enum() {
    let client = application();
    for (rank, expected) in [
        (json!("captain"), Ok("ada".to_owned())),
        (json!("pilot"), Ok("ada".to_owned())),
        (json!("sailor"), Err(403)),
        // None of the variants, so no claims of this application.
        (json!("Captain"), Err(401)),
        (json!("admiral"), Err(401)),
        (json!(["captain"]), Err(401)),
    ] {
        let token = foreign_with(&json!({ "rank": rank }));
        assert_eq!(ask(&client, "/bridge", &token), expected, "{rank}");
    }
    assert_eq!(ask(&client, "/bridge", &foreign()), Err(403));
}

// What the verifier says comes with what the token says, and wins.
#[test]
fn a_verifier_adds_information_to_that_of_the_token() {
    struct LastSeen(Duration);

    #[verify]
    fn find(mariner: Mariner) -> Verified<Account> {
        Verified::user(Account { name: mariner.name }).info(LastSeen(Duration::from_secs(3)))
    }

    #[protect(strategy = "jwt", scope = "tides:write")]
    #[get("/seen")]
    fn seen(user: User<Account>) -> String {
        let seen = User::info::<LastSeen>(&user).unwrap().0;
        let token = User::info::<TokenClaims>(&user).unwrap();
        format!("{} {} s ago, until {:?}", user.name, seen.as_secs(), token.id())
    }

    let rocket = rocket::custom(figment(&table("")))
        .manage(clock().clock())
        .attach(Jwt::fairing("jwt").verify(find))
        .mount("/", routes![seen]);
    let client = client(rocket);
    let token = foreign_with(&json!({ "scope": "tides:write", "jti": "x" }));
    assert_eq!(ask(&client, "/seen", &token).unwrap(), "ada 3 s ago, until Some(\"x\")");
}

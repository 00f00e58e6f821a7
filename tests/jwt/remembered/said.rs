//! What a handler learns of a seen token, and where it may stand, is what it was at first.

use std::time::UNIX_EPOCH;

use passport_rocket::Denial;
use rocket::{Request, catch, catchers};

use super::*;

#[protect(strategy = "jwt")]
#[get("/all")]
fn all(user: User<Account>) -> String {
    let token = User::info::<TokenClaims>(&user).unwrap();
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let scopes = User::scopes(&user)
        .map(|scopes| ["tides:read", "tides:write"].map(|scope| scopes.contains(scope)));
    json!({
        "user": *user,
        "strategy": User::strategy(&user),
        "signed in": User::authenticated_at(&user).map(seconds),
        "scopes": scopes,
        "claims": token.get::<Value>().unwrap(),
        "exp": seconds(token.expires_at()),
        "iat": token.issued_at().map(seconds),
        "auth_time": token.authenticated_at().map(seconds),
        "iss": token.issuer(),
        "sub": token.subject(),
        "jti": token.id(),
        "scope": token.scope(),
        "debug": format!("{user:?} {token:?}"),
    })
    .to_string()
}

#[protect(strategy = "jwt", scope = "tides:write")]
#[get("/write")]
fn write(user: User<Account>) -> String {
    user.name.clone()
}

#[protect(strategy = "jwt", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>) -> String {
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

#[protect(strategy = ["spare", "jwt"])]
#[get("/chain")]
fn chain(user: User<Account>) -> String {
    format!("{} by {}", user.name, User::strategy(&user))
}

#[catch(default)]
fn why(_: Status, request: &Request<'_>) -> String {
    Denial::of(request).map(|denial| denial.reason().to_owned()).unwrap_or_default()
}

/// An application with a spare strategy, whose tokens stand in a header of their own.
fn world(key: Made) -> World {
    let spare = format!(
        "[default.passport.spare]\n{}token_from = [{{ header = 'X-Spare' }}]\n",
        keys(Algorithm::EdDSA).ours
    );
    let places =
        "token_from = [{ scheme = 'Bearer' }, { header = 'X-Token' }, { cookie = 'token' }]";
    let clock = clock();
    let rocket = bare(&format!("{}{spare}", table_of(&key, places)), &clock)
        .attach(Jwt::<Account>::fairing("jwt"))
        .attach(Jwt::<Account>::fairing("spare"))
        .mount("/", routes![change, all, write, home, chain])
        .register("/", catchers![why]);
    World { client: client(rocket), clock, key }
}

fn spare_token() -> String {
    let claims = json!({ "name": "bob", "exp": NOW + 86_400 });
    let header = JoseHeader::new(Algorithm::EdDSA);
    jsonwebtoken::encode(&header, &claims, &keys(Algorithm::EdDSA).encoding).unwrap()
}

fn get<'c>(client: &'c Client, path: &'c str, headers: &[Header<'static>]) -> (u16, String) {
    let mut request = client.get(path);
    for header in headers {
        request.add_header(header.clone());
    }
    let answer = request.dispatch();
    (answer.status().code, answer.into_string().unwrap_or_default())
}

fn cookie(token: &str) -> Header<'static> {
    Header::new("Cookie", format!("token={token}"))
}

fn fetched_by(site: &'static str) -> Header<'static> {
    Header::new("Sec-Fetch-Site", site)
}

#[test]
fn everything_that_a_handler_learns_is_the_same_on_second_sight() {
    for key in each_key() {
        let world = world(key);
        for more in [
            json!({}),
            json!({ "iat": NOW - 7, "auth_time": NOW - 90, "scope": "tides:read tides:write" }),
            json!({ "iss": "i\"\n", "sub": "ß\u{0}", "jti": "\\", "scope": "", "of": [1.5, {}] }),
        ] {
            let token = world.key.token_with(&more);
            let first = get(&world.client, "/all", &[bearer(&token)]);
            let said: Value = serde_json::from_str(&first.1).unwrap();
            assert_eq!(said["claims"], payload(&token));
            for name in ["iss", "sub", "jti", "scope", "iat", "auth_time"] {
                assert_eq!(said[name], more.get(name).cloned().unwrap_or_default(), "{name}");
            }
            assert_eq!(said["signed in"], said["auth_time"]);
            assert_seen(&world.client, &token);
            assert_eq!(get(&world.client, "/all", &[bearer(&token)]), first);
        }
    }
}

#[test]
fn scopes_are_demanded_of_a_seen_token() {
    for key in each_key() {
        let world = world(key);
        for (scope, status) in [("tides:write", 200), ("tides:read", 403)] {
            let token = world.key.token_with(&json!({ "scope": scope }));
            assert_seen(&world.client, &token);
            for _ in 0..2 {
                assert_eq!(get(&world.client, "/write", &[bearer(&token)]).0, status, "{scope}");
            }
        }
        let token = world.key.token();
        assert_seen(&world.client, &token);
        let none = world.key.token_with(&json!({ "jti": "new" }));
        let [seen, new] = [token, none].map(|it| get(&world.client, "/write", &[bearer(it)]));
        assert_eq!(seen, new);
    }
}

// Trap 17: who shows an old token is not nobody.
#[test]
fn a_seen_token_that_expired_is_not_nobody_where_signing_in_is_optional() {
    for key in each_key() {
        let world = world(key);
        let token = world.key.token();
        assert_seen(&world.client, &token);
        let ask = |headers: &[_]| get(&world.client, "/home", headers);
        assert_eq!(ask(&[bearer(&token)]), (200, "ada".to_owned()));
        assert_eq!(ask(&[]), (200, "nobody".to_owned()));
        world.advance(60);
        assert_eq!(ask(&[bearer(&token)]), (401, "expired 0 s ago".to_owned()));
        assert_eq!(ask(&[]), (200, "nobody".to_owned()));
    }
}

#[test]
fn a_seen_token_has_its_place_in_a_chain() {
    for key in each_key() {
        let world = world(key);
        let token = world.key.token();
        assert_seen(&world.client, &token);
        let ask = |headers: &[_]| get(&world.client, "/chain", headers);
        let spare = Header::new("X-Spare", spare_token());
        for _ in 0..2 {
            assert_eq!(ask(&[bearer(&token)]).1, "ada by jwt");
            assert_eq!(ask(std::slice::from_ref(&spare)).1, "bob by spare");
            assert_eq!(ask(&[bearer(&token), spare.clone()]).1, "bob by spare");
        }
        // What one strategy has seen is nothing to the other.
        assert_eq!(ask(&[Header::new("X-Spare", token.clone())]).0, 401);
        assert_eq!(ask(&[bearer(spare_token())]).0, 401);
        world.advance(60);
        assert_eq!(ask(&[bearer(&token), spare]).1, "bob by spare");
        assert_eq!(ask(&[bearer(&token)]), (401, "expired 0 s ago".to_owned()));
    }
}

#[test]
fn a_seen_token_in_a_cookie_is_judged_by_where_the_request_comes_from() {
    for key in each_key() {
        let world = world(key);
        let token = world.key.token();
        assert_seen(&world.client, &token);
        let change = |[one, other]: [Header<'static>; 2]| {
            world.client.post("/me").header(one).header(other).dispatch().status().code
        };
        for _ in 0..2 {
            assert_eq!(change([cookie(&token), fetched_by("same-origin")]), 200);
            assert_eq!(change([cookie(&token), fetched_by("cross-site")]), 403);
            assert_eq!(change([bearer(&token), fetched_by("cross-site")]), 200);
        }
    }
}

// RFC 6750 section 2: a seen token is no exception.
#[test]
fn a_seen_token_beside_another_is_refused() {
    for key in each_key() {
        let world = world(key);
        let [one, other] = ["1", "2"].map(|id| world.key.token_with(&json!({ "jti": id })));
        assert_seen(&world.client, &one);
        assert_seen(&world.client, &other);
        let ask = |headers: &[_]| get(&world.client, "/me", headers).0;
        let x_token = |token: &str| Header::new("X-Token", token.to_owned());
        assert_eq!(ask(&[bearer(&one), x_token(&one)]), 200);
        assert_eq!(ask(&[bearer(&one), x_token(&other)]), 400);
        assert_eq!(ask(&[bearer(&one), bearer(&one)]), 400);
        assert_eq!(ask(&[x_token(&other), cookie(&one)]), 200);
    }
}

// As the documentation says of types that change behind a shared reference.
#[test]
fn requests_with_the_same_token_share_the_user_that_its_claims_are() {
    for key in each_key() {
        let world = world(key);
        let token = world.key.token();
        assert_seen(&world.client, &token);
        for _ in 0..2 {
            get(&world.client, "/keep", &[bearer(&token)]);
        }
        let kept = world.client.rocket().state::<Kept>().unwrap().0.lock().unwrap();
        let [first, second] = kept.as_slice() else { panic!("two users") };
        assert!(std::ptr::eq::<Account>(&**first, &**second));
    }
}

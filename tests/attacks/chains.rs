//! Two accounts in one request, in every pair of places of every pair of strategies.

use passport_rocket::{Jwt, User, UserAnd, protect};
use passport_rocket_tests::{client, figment};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::Client;
use rocket::serde::json::Json;
use rocket::{post, routes};
use serde_json::{Value, json};

use super::Account;

#[protect(strategy = ["ours", "partner"])]
#[post("/", data = "<sent>")]
fn both(sent: UserAnd<Account, Json<Value>>) -> String {
    format!("{} by {}", sent.user.name, User::strategy(&sent.user))
}

/// Where a token can stand.
const PLACES: [&str; 4] = ["header", "query", "body", "cookie"];

const OURS: &str = "a secret of this test, 32 bytes or more";
const PARTNERS: &str = "another one of this test, 32 bytes or more";

fn token(name: &str, secret: &str) -> String {
    let claims = json!({ "name": name, "exp": 4_000_000_000_u64 });
    let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

/// Both look into the same four places, or the partner's has names of its own.
fn application(apart: bool) -> Client {
    let table = |name: &str, secret: &str, suffix: &str| {
        let places: Vec<_> =
            PLACES.iter().map(|place| format!("{{ {place} = 'token{suffix}' }}")).collect();
        format!(
            "[default.passport.{name}]\nalgorithm = 'HS256'\nsecret = '{secret}'\ntoken_from = [{}]\n",
            places.join(", ")
        )
    };
    let partner = table("partner", PARTNERS, if apart { "_2" } else { "" });
    client(
        rocket::custom(figment(&format!("{}{partner}", table("ours", OURS, ""))))
            .attach(Jwt::<Account>::fairing("ours"))
            .attach(Jwt::<Account>::fairing("partner"))
            .mount("/", routes![both]),
    )
}

/// Sends tokens in places, as another site makes a browser do it or not.
fn send(client: &Client, tokens: &[(&str, &str, &str)], site: &'static str) -> (Status, String) {
    let (mut query, mut body, mut cookies) = (Vec::new(), json!({}), Vec::new());
    let mut headers = vec![Header::new("Sec-Fetch-Site", site)];
    for (place, name, token) in tokens {
        match *place {
            "header" => headers.push(Header::new((*name).to_owned(), (*token).to_owned())),
            "query" => query.push(format!("{name}={token}")),
            "body" => body[*name] = json!(token),
            _ => cookies.push(format!("{name}={token}")),
        }
    }
    if !cookies.is_empty() {
        headers.push(Header::new("Cookie", cookies.join("; ")));
    }
    let uri = format!("/?{}", query.join("&"));
    let mut request = client.post(uri).header(ContentType::JSON).body(body.to_string());
    for header in headers {
        request.add_header(header);
    }
    let response = request.dispatch();
    (response.status(), response.into_string().unwrap_or_default())
}

// R19
#[test]
fn of_two_accounts_in_one_strategy_none_is_guessed() {
    let client = application(false);
    let (ada, eve) = (token("ada", OURS), token("eve", OURS));
    for (index, one) in PLACES.iter().enumerate() {
        for other in &PLACES[index + 1..] {
            let (status, said) =
                send(&client, &[(one, "token", &ada), (other, "token", &eve)], "same-origin");
            match *other {
                // Ambient: it yields.
                "cookie" => assert_eq!((status, &*said), (Status::Ok, "ada by ours"), "{one}"),
                _ => assert_eq!(status, Status::BadRequest, "{one} {other}"),
            }
        }
    }
}

#[test]
fn of_two_accounts_in_two_strategies_the_first_strategy_decides() {
    let client = application(true);
    let (ada, eve) = (token("ada", OURS), token("eve", PARTNERS));
    for one in PLACES {
        for other in PLACES {
            let both = [(one, "token", &*ada), (other, "token_2", &*eve)];
            let answer = send(&client, &both, "same-origin");
            assert_eq!(answer, (Status::Ok, "ada by ours".to_owned()), "{one} {other}");
            // What the first refuses is not mended by the first one's other places.
            let both = [(one, "token", "x.y.z"), (other, "token_2", &*eve)];
            let answer = send(&client, &both, "same-origin");
            assert_eq!(answer, (Status::Ok, "eve by partner".to_owned()), "{one} {other}");
            // A token of one is none of the other's.
            let both = [(one, "token", &*eve), (other, "token_2", &*ada)];
            assert_eq!(
                send(&client, &both, "same-origin").0,
                Status::Unauthorized,
                "{one} {other}"
            );
        }
    }
}

#[test]
fn another_site_gets_nobody_in_by_a_cookie_whatever_it_puts_beside() {
    let client = application(true);
    let (ada, eve) = (token("ada", OURS), token("eve", PARTNERS));
    for other in PLACES {
        let both = [("cookie", "token", &*ada), (other, "token_2", "x.y.z")];
        assert_eq!(send(&client, &both, "cross-site").0, Status::Forbidden, "{other}");
        let both = [("cookie", "token", &*ada), (other, "token_2", &*eve)];
        assert_eq!(send(&client, &both, "cross-site").0, Status::Forbidden, "{other}");
        if other != "cookie" {
            // Whatever stands beside it in the first strategy is explicit, and wrong.
            let both = [("cookie", "token", &*ada), (other, "token", "x.y.z")];
            assert_eq!(send(&client, &both, "cross-site").0, Status::Unauthorized, "{other}");
        }
    }
}

//! Two of a kind under two names: other keys, other claims, and a chain of both.

use passport_rocket::{Error, Jwt, Tokens, User, protect, public};
use passport_rocket_tests::{client, figment, headers, refusal};
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, get, post, routes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Account, NOW, bearer, clock, foreign, signed_by, table};

/// The user of a partner, who calls names otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Guest {
    company: String,
}

#[protect(strategy = "jwt")]
#[get("/ours")]
fn ours(user: User<Account>) -> String {
    user.name.clone()
}

#[protect(strategy = "partner")]
#[get("/partners")]
fn partners(user: User<Guest>) -> String {
    user.company.clone()
}

/// Guests are accounts here.
#[protect(strategy = ["jwt", "guest"])]
#[get("/both")]
fn both(user: User<Account>) -> String {
    format!("{} by {}", user.name, User::strategy(&user))
}

#[public("for tests")]
#[post("/sign/jwt", data = "<claims>")]
fn sign(claims: Json<Value>, tokens: Tokens) -> Result<String, Error> {
    tokens.sign(&*claims)
}

#[protect(strategy = "jwt", issue = "partner")]
#[post("/sign/partner", data = "<claims>")]
fn introduce(_user: User<Account>, claims: Json<Value>, tokens: Tokens) -> Result<String, Error> {
    tokens.sign(&*claims)
}

const PARTNERS_SECRET: &str = "the secret of a partner, also 32 bytes";

fn partner() -> String {
    signed_by(PARTNERS_SECRET, &json!({ "company": "Dover Quay", "exp": NOW + 60 }))
}

fn rocket() -> Rocket<Build> {
    let toml = format!(
        "{}[default.passport.partner]\nalgorithm = 'HS256'\nsecret = '{PARTNERS_SECRET}'\n\
         expires_in = '1 day'\n[default.passport.guest]\nalgorithm = 'ES256'\n\
         public_key = '''{}'''",
        table(""),
        pem!("p256-spki")
    );
    let guest = |guest: Guest| Some(Account { name: guest.company });
    rocket::custom(figment(&toml))
        .manage(clock().clock())
        .attach(Jwt::<Account>::fairing("jwt"))
        .attach(Jwt::<Guest>::fairing("partner"))
        .attach(Jwt::fairing("guest").verify(guest))
        .mount("/", routes![ours, partners, both])
}

fn ask(client: &Client, path: &str, token: &str) -> Result<String, Status> {
    let response = client.get(path).header(bearer(token)).dispatch();
    match response.status() {
        Status::Ok => Ok(response.into_string().unwrap()),
        status => Err(status),
    }
}

#[test]
fn each_opens_its_own_routes_only() {
    let client = client(rocket());
    assert_eq!(ask(&client, "/ours", &foreign()).unwrap(), "ada");
    assert_eq!(ask(&client, "/partners", &partner()).unwrap(), "Dover Quay");
    // The keys differ, so a name that both know would not help either.
    for (path, secret) in [("/ours", PARTNERS_SECRET), ("/partners", super::SECRET)] {
        let claims = json!({ "name": "ada", "company": "Dover Quay", "exp": NOW + 60 });
        let other = signed_by(secret, &claims);
        assert_eq!(ask(&client, path, &other), Err(Status::Unauthorized), "{path}");
    }
}

#[test]
fn a_chain_of_both_has_one_user_type() {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

    let client = client(rocket());
    assert_eq!(ask(&client, "/both", &foreign()).unwrap(), "ada by jwt");
    let key = EncodingKey::from_ec_pem(pem!("p256-pkcs8").as_bytes()).unwrap();
    let claims = json!({ "company": "Dover Quay", "exp": NOW + 60 });
    let guest = encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
    assert_eq!(ask(&client, "/both", &guest).unwrap(), "Dover Quay by guest");
    assert_eq!(ask(&client, "/both", &partner()), Err(Status::Unauthorized));
    let response = client.get("/both").header(bearer(partner())).dispatch();
    assert_eq!(
        headers(&response, "WWW-Authenticate"),
        [r#"Bearer realm="protected", error="invalid_token""#; 2]
    );
}

#[test]
fn issue_names_the_one_that_signs() {
    let client = client(rocket().mount("/", routes![introduce]));
    let claims = json!({ "company": "Calais" }).to_string();
    let request = client.post("/sign/partner").header(bearer(foreign())).body(claims);
    let token = request.dispatch().into_string().unwrap();
    assert_eq!(ask(&client, "/partners", &token).unwrap(), "Calais");
    assert_eq!(ask(&client, "/ours", &token), Err(Status::Unauthorized));
}

// `guest` has no private key, so it is none of those that could be meant.
#[test]
fn launch_is_refused_while_it_is_open_who_signs() {
    let report = refusal(rocket().mount("/", routes![sign]));
    assert!(report.contains("launch refused, one mistake:"), "{report}");
    let what = "several strategies give tokens (`jwt`, `partner`); say which: `issue = \"jwt\"`";
    assert!(report.contains("handler `sign` (") && report.contains(what), "{report}");
}

#[test]
fn launch_is_refused_when_the_user_types_of_a_chain_differ() {
    #[protect(strategy = ["jwt", "partner"])]
    #[get("/mixed")]
    fn mixed(_user: User<Account>) {}

    let report = refusal(rocket().mount("/", routes![mixed]));
    assert!(report.contains("launch refused, one mistake:"), "{report}");
    assert!(report.contains("but strategy `partner` yields `"), "{report}");
}

// What is signed for the one would open the other.
#[test]
fn launch_is_refused_when_two_share_a_key() {
    let pair = |ours: &str, others: &str| {
        let toml =
            format!("[default.passport.jwt]\n{ours}\n[default.passport.partner]\n{others}\n");
        let rocket = rocket::custom(figment(&toml))
            .attach(Jwt::<Account>::fairing("jwt"))
            .attach(Jwt::<Guest>::fairing("partner"))
            .mount("/", routes![ours_only]);
        refusal(rocket)
    };
    let secret = format!("algorithm = 'HS256'\nsecret = '{PARTNERS_SECRET}'");
    let base64 = format!(
        "algorithm = 'HS256'\nsecret_base64 = '{}'",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, PARTNERS_SECRET)
    );
    let private = format!("algorithm = 'ES256'\nprivate_key = '''{}'''", pem!("p256-sec1"));
    let public = format!("algorithm = 'ES256'\npublic_key = '''{}'''", pem!("p256-spki"));
    let expected = "passport ERROR: launch refused, one mistake:\n\
                    passport ERROR: strategies `jwt` and `partner` share a key: what is signed for \
                    one would open the other; give each its own";
    for (one, other) in [(&secret, &secret), (&secret, &base64), (&private, &public)] {
        assert_eq!(pair(one, other), expected);
    }
}

#[protect(strategy = "jwt")]
#[get("/ours")]
fn ours_only(user: User<Account>) -> String {
    user.name.clone()
}

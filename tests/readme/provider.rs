//! The README's provider, which is not there: an `HttpClient` answers in its place.

use std::time::{Duration, UNIX_EPOCH};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header as JoseHeader};
use passport_rocket::{BoxError, Clock, Http, HttpClient, HttpLimits, Jwt, User, protect};
use passport_rocket_tests::{client, figment};
use rocket::http::{Header, Status};
use rocket::{get, routes};
use serde_json::{Value, json};

use super::Account;

/// When all of this takes place.
const NOW: u64 = 1_800_000_000;

struct Provider(Value);

#[rocket::async_trait]
impl HttpClient for Provider {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _: HttpLimits,
    ) -> Result<http::Response<Vec<u8>>, BoxError> {
        let answer = match request.uri().to_string().as_str() {
            "https://staff.example/.well-known/openid-configuration" => {
                json!({ "issuer": "https://staff.example", "jwks_uri": "https://staff.example/k" })
            }
            "https://staff.example/k" => self.0.clone(),
            other => return Err(format!("nobody asked for {other}").into()),
        };
        Ok(http::Response::new(answer.to_string().into_bytes()))
    }
}

#[test]
fn keys_of_a_provider_take_three_lines() {
    #[protect(strategy = "jwt")]
    #[get("/me")]
    fn me(user: User<Account>) -> String {
        user.username.clone()
    }

    let pem = include_str!("../../passport-rocket/src/strategies/jwt/testdata/rsa-pkcs8.pem");
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    let toml = super::blocks("toml").into_iter().find(|block| block.contains("issuer_url"));
    let rocket = rocket::custom(figment(toml.unwrap()))
        .manage(Http::new(Provider(json!({ "keys": [jwk] }))))
        .manage(Clock::new(|| UNIX_EPOCH + Duration::from_secs(NOW)))
        .attach(Jwt::<Account>::fairing("jwt"))
        .mount("/", routes![me]);
    let client = client(rocket);

    let status = |issuer: &str| {
        let claims = json!({
            "username": "ada", "iss": issuer, "aud": "tidal-api", "exp": NOW + 60,
        });
        let token = jsonwebtoken::encode(&JoseHeader::new(Algorithm::RS256), &claims, &key);
        let bearer = Header::new("Authorization", format!("Bearer {}", token.unwrap()));
        client.get("/me").header(bearer).dispatch().status()
    };
    assert_eq!(status("https://staff.example"), Status::Ok);
    assert_eq!(status("https://other.example"), Status::Unauthorized);
}

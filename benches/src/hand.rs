//! The guard that people write: thirty lines around `jsonwebtoken::decode`.

use jsonwebtoken::{DecodingKey, Validation, decode};
use rocket::Request;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};

use crate::Account;
use crate::keys::Keys;

/// The user, by hand.
pub struct ByHand(pub Account);

/// What it verifies with.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl ByHand {
    /// The verifier for these keys.
    pub fn verifier(keys: &Keys) -> Verifier {
        let mut validation = Validation::new(keys.algorithm);
        validation.set_audience(&["tidal-api"]);
        Verifier { key: keys.decoding.clone(), validation }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for ByHand {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let verifier = request.rocket().state::<Verifier>().unwrap();
        let token = request
            .headers()
            .get_one("Authorization")
            .and_then(|header| header.strip_prefix("Bearer "));
        let Some(token) = token else { return Outcome::Error((Status::Unauthorized, ())) };
        match decode::<Account>(token, &verifier.key, &verifier.validation) {
            Ok(decoded) => Outcome::Success(Self(decoded.claims)),
            Err(_) => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

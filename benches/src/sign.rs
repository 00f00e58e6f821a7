//! Signing by each competitor, and nothing but signing.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, Validation, decode, encode};
use passport_rocket::Tokens;
use rocket::local::blocking::Client;
use rocket::{State, get, routes};
use serde::{Deserialize, Serialize};

use crate::keys::{Keys, Signer};
use crate::{Account, EmployerType, rocket};

/// The competitors, with the keys of one algorithm.
pub struct Signing {
    algorithm: Algorithm,
    account: Account,
    claims: Claims,
    header: Header,
    encoding: EncodingKey,
    tokens: Tokens,
    signer: Signer,
    /// What the floor signs: as long as what the others sign.
    message: String,
}

/// The claims as users of jsonwebtoken write them: those of the account, and those that `jwt` adds
/// by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    id: i64,
    username: String,
    employer_type: EmployerType,
    iat: u64,
    exp: u64,
    aud: String,
}

impl Signing {
    /// Prepares them all, and makes sure that they sign the same.
    pub fn new(keys: &Keys) -> Self {
        let (id, username) = (7, "harbourmaster".to_owned());
        let account = Account { id, username, employer_type: EmployerType::Port };
        let tokens = tokens(keys);
        let ours = tokens.sign(&account).unwrap();
        let mut validation = Validation::new(keys.algorithm);
        validation.set_audience(&["tidal-api"]);
        let claims = decode::<Claims>(&ours, &keys.decoding, &validation).unwrap().claims;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(now - claims.iat < 60 && claims.exp == claims.iat + 14_400, "{claims:?}");
        let header = Header::new(keys.algorithm);
        let theirs = encode(&header, &claims, &keys.encoding).unwrap();
        let message = |token: &str| token.rsplit_once('.').unwrap().0.to_owned();
        assert_eq!(message(&ours).len(), message(&theirs).len());
        Self {
            algorithm: keys.algorithm,
            account,
            claims,
            header,
            encoding: keys.encoding.clone(),
            tokens,
            signer: keys.signer(),
            message: message(&ours),
        }
    }

    /// A token by `jsonwebtoken::encode`.
    pub fn by_jsonwebtoken(&self) {
        black_box(encode(&self.header, black_box(&self.claims), &self.encoding)).unwrap();
    }

    /// A token by [`Tokens::sign`].
    pub fn by_us(&self) {
        black_box(self.tokens.sign(black_box(&self.account))).unwrap();
    }

    /// The signature alone, with a prepared key.
    pub fn floor(&self) {
        let mut signature = [0; 256];
        black_box(self.signer.sign(black_box(self.message.as_bytes()), &mut signature));
        black_box(signature);
    }

    /// How often to sign in a turn, so that each takes about a millisecond: most turns then end
    /// before somebody else gets the processor.
    pub fn times(&self) -> usize {
        match self.algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => 500,
            Algorithm::ES256 | Algorithm::EdDSA => 50,
            _ => 3,
        }
    }
}

/// What a handler gets of an application with these keys.
fn tokens(keys: &Keys) -> Tokens {
    let rocket = rocket(keys).manage(Handed::default()).mount("/", routes![hand_over]);
    let client = Client::untracked(rocket).unwrap();
    client.get("/tokens").dispatch();
    client.rocket().state::<Handed>().unwrap().0.get().unwrap().clone()
}

#[derive(Default)]
struct Handed(OnceLock<Tokens>);

#[get("/tokens")]
fn hand_over(tokens: Tokens, handed: &State<Handed>) {
    handed.0.set(tokens).unwrap();
}

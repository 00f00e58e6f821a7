//! Two judges under the same law: an application of ours, met as a client meets it, and jsonwebtoken.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Validation, decode, decode_header,
};
use passport_rocket::testing::MovableClock;
use passport_rocket::{Denial, Jwt, User, protect};
use passport_rocket_tests::{client, figment};
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalRequest};
use rocket::{Request, State, catch, catchers, get, routes};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::jwt::{ALL, Keys, keys};

/// When ours judges. The other reads the system's clock, so the times of tokens are so far away that
/// any two clocks of this century agree about them.
pub(super) const NOW: u64 = 1_800_000_000;
pub(super) const FAR_OFF: u64 = 7_000_000_000;

pub(super) const ISSUER: &str = "https://tidal.example";
pub(super) const AUDIENCE: &str = "tidal-api";
pub(super) const SUBJECT: &str = "harbour";
pub(super) const KEY_ID: &str = "2026-a";
const OTHER_KEY_ID: &str = "2026-b";
const OTHER_SECRET: &[u8] =
    b"another secret of these tests that is long enough for the longest of the hashes as well";

/// What is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// Nothing but a key.
    Bare,
    /// Every claim that can be demanded, and a key id.
    Strict,
    /// Two audiences and lenient clocks.
    Lenient,
    /// Nothing but a key, and claims of a type.
    Typed,
    /// Claims that have to be there, and an age.
    Exacting,
    /// Two keys at once; the token names its own.
    Several,
}

impl Law {
    /// Those under which tokens of `algorithm` are judged.
    fn of(algorithm: Algorithm) -> &'static [Self] {
        let every =
            &[Self::Bare, Self::Strict, Self::Lenient, Self::Typed, Self::Exacting, Self::Several];
        match algorithm.family() {
            // To sign takes milliseconds.
            AlgorithmFamily::Rsa => &[Self::Bare],
            AlgorithmFamily::Hmac => every,
            _ => &every[..5],
        }
    }

    fn table(self) -> String {
        match self {
            Self::Bare | Self::Typed | Self::Several => String::new(),
            Self::Exacting => "required_claims = ['jti', 'name']\nmax_age = '1h'\n".to_owned(),
            Self::Strict => format!(
                "issuer = '{ISSUER}'\naudience = '{AUDIENCE}'\nsubject = '{SUBJECT}'\n\
                 key_id = '{KEY_ID}'\n"
            ),
            Self::Lenient => {
                format!(
                    "audience = ['{AUDIENCE}', 'tidal-admin']\nleeway = 120\nclock_skew = 120\n"
                )
            }
        }
    }

    /// The same for the other: what is configured is also required, times are judged.
    fn validation(self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.validate_nbf = true;
        validation.leeway = 0;
        match self {
            Self::Bare | Self::Typed | Self::Exacting | Self::Several => {}
            Self::Strict => {
                validation.set_issuer(&[ISSUER]);
                validation.set_audience(&[AUDIENCE]);
                validation.sub = Some(SUBJECT.to_owned());
                validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
            }
            Self::Lenient => {
                validation.leeway = 120;
                validation.set_audience(&[AUDIENCE, "tidal-admin"]);
                validation.set_required_spec_claims(&["exp", "aud"]);
            }
        }
        validation
    }
}

/// Claims of a type.
#[derive(Debug, Deserialize, Serialize)]
struct Berth {
    name: String,
    length: Option<u32>,
}

/// The claims that the handler was given, if it ran.
#[derive(Default)]
struct Heard(Mutex<Option<Value>>);

impl Heard {
    fn tell(&self, claims: impl Serialize) {
        let claims = serde_json::to_value(claims).unwrap();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(claims);
    }

    fn take(&self) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Value>, heard: &State<Heard>) {
    heard.tell(&*user);
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn berth(user: User<Berth>, heard: &State<Heard>) {
    heard.tell(&*user);
}

#[catch(default)]
fn why(_: Status, request: &Request<'_>) -> String {
    Denial::of(request).map(|denial| denial.reason().to_owned()).unwrap_or_default()
}

/// What ours says.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    Accepted(Value),
    Refused { status: u16, reason: String },
}

pub(super) struct Court {
    pub(super) algorithm: Algorithm,
    pub(super) law: Law,
    pub(super) clock: MovableClock,
    client: Client,
    key: EncodingKey,
    other_key: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Court {
    /// One for each algorithm and law.
    pub(super) fn all() -> Vec<Self> {
        Self::all_with("")
    }

    /// The same with the lines of `toml` besides.
    pub(super) fn all_with(toml: &str) -> Vec<Self> {
        let rsa = other_rsa();
        let of = |algorithm, law| Self::with(algorithm, law, toml, other_key(algorithm, &rsa));
        ALL.into_iter()
            .flat_map(|algorithm| Law::of(algorithm).iter().map(move |law| (algorithm, *law)))
            .map(|(algorithm, law)| of(algorithm, law))
            .collect()
    }

    /// One under no law but `toml`, where no other key is needed.
    pub(super) fn of(algorithm: Algorithm, toml: &str) -> Self {
        Self::with(algorithm, Law::Bare, toml, EncodingKey::from_secret(b""))
    }

    /// One with the same keys under the same law, and other lines besides.
    pub(super) fn twin(&self, toml: &str) -> Self {
        Self::with(self.algorithm, self.law, toml, self.other_key.clone())
    }

    fn with(algorithm: Algorithm, law: Law, toml: &str, other_key: EncodingKey) -> Self {
        let Keys { ours, encoding, decoding } = keys(algorithm);
        let ours = match law {
            Law::Several => two_keys(algorithm, &encoding, &other_key),
            _ => ours,
        };
        let table = format!("[default.passport.jwt]\n{ours}{}{toml}", law.table());
        let clock = MovableClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
        let rocket = rocket::custom(figment(&table).merge(("workers", 1)))
            .manage(clock.clock())
            .manage(Heard::default())
            .register("/", catchers![why]);
        let rocket = match law {
            Law::Typed => rocket.attach(Jwt::<Berth>::fairing("jwt")).mount("/", routes![berth]),
            _ => rocket.attach(Jwt::<Value>::fairing("jwt")).mount("/", routes![me]),
        };
        let validation = law.validation(algorithm);
        let client = client(rocket);
        Self { algorithm, law, clock, client, key: encoding, other_key, decoding, validation }
    }

    /// `message`, signed by the key that is right.
    pub(super) fn sign(&self, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap()
    }

    /// The same with another algorithm of the same family.
    pub(super) fn sign_as(&self, algorithm: Algorithm, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, algorithm).unwrap()
    }

    /// The same by another key of the same kind.
    pub(super) fn sign_by_another(&self, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.other_key, self.algorithm).unwrap()
    }

    /// What ours says of `GET /me` with a bearer token, and says again of one that it accepted.
    pub(super) fn ours(&self, token: &str) -> Verdict {
        let header = Header::new("Authorization", format!("Bearer {token}"));
        let hear = || self.hear(self.client.get("/me").header(header.clone()));
        let verdict = hear();
        if let Verdict::Accepted(_) = &verdict {
            assert_eq!(verdict, hear(), "{token}");
        }
        verdict
    }

    /// What ours says of any request. Whatever it is, it is no fault of ours, and the handler runs if
    /// and only if the answer is 200.
    pub(super) fn hear(&self, request: LocalRequest<'_>) -> Verdict {
        let response = request.dispatch();
        let status = response.status().code;
        let reason = response.into_string().unwrap_or_default();
        match (status, self.heard()) {
            (200, Some(claims)) => Verdict::Accepted(claims),
            (400 | 401, None) => Verdict::Refused { status, reason },
            (status, heard) => panic!("{status} {reason:?}, and the handler heard {heard:?}"),
        }
    }

    /// What the handler was given, if it ran since somebody asked.
    pub(super) fn heard(&self) -> Option<Value> {
        self.client.rocket().state::<Heard>().unwrap().take()
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// What jsonwebtoken says.
    pub(super) fn theirs(&self, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
        match self.law {
            Law::Typed => {
                self.decode::<Berth>(token).map(|claims| serde_json::to_value(claims).unwrap())
            }
            _ => self.decode(token),
        }
    }

    fn decode<C: DeserializeOwned>(&self, token: &str) -> Result<C, jsonwebtoken::errors::Error> {
        let named = decode_header(token).ok().and_then(|header| header.kid);
        let key = match (self.law, named.as_deref()) {
            (Law::Several, Some(OTHER_KEY_ID)) => &DecodingKey::from_secret(OTHER_SECRET),
            _ => &self.decoding,
        };
        decode::<C>(token, key, &self.validation).map(|data| data.claims)
    }
}

fn other_key(algorithm: Algorithm, rsa: &EncodingKey) -> EncodingKey {
    let other_ec = |algorithm| {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref())
    };
    match algorithm {
        Algorithm::ES256 => other_ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => other_ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::EdDSA => {
            let pair = Ed25519KeyPair::generate().unwrap();
            EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref())
        }
        _ if is_rsa(algorithm) => rsa.clone(),
        _ => EncodingKey::from_secret(OTHER_SECRET),
    }
}

/// As lines of the table.
fn two_keys(algorithm: Algorithm, key: &EncodingKey, other: &EncodingKey) -> String {
    let jwk = |id, key: &EncodingKey| {
        let secret = URL_SAFE_NO_PAD.encode(key.as_bytes());
        json!({ "kty": "oct", "kid": id, "alg": format!("{algorithm:?}"), "k": secret })
    };
    let set = json!({ "keys": [jwk(KEY_ID, key), jwk(OTHER_KEY_ID, other)] });
    format!("algorithm = '{algorithm:?}'\nprivate_jwks = '{set}'\n")
}

fn is_rsa(algorithm: Algorithm) -> bool {
    algorithm.family() == AlgorithmFamily::Rsa
}

fn other_rsa() -> EncodingKey {
    let pkcs8 = RsaKeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
    // RFC 5958: behind 26 bytes of lengths, version and algorithm stands the PKCS#1 key.
    EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..])
}

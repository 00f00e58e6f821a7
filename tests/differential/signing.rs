//! The other direction: what `Tokens` signs is what was given to it, for ours and for the other.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use jsonwebtoken::{Validation, decode};
use passport_rocket::testing::MovableClock;
use passport_rocket::{Error, Jwt, Tokens, User, protect, public};
use passport_rocket_tests::{client, figment};
use proptest::prelude::*;
use rocket::http::{Header, Status};
use rocket::{State, get, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::runner;
use crate::jwt::{ALL, Keys, keys};

/// Long after any clock on which this runs, so that jsonwebtoken finds nothing expired.
const NOW: u64 = 6_000_000_000;

/// Claims of every shape that serde knows by a name of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Manifest {
    number: i64,
    size: u64,
    /// Of eighths: of other fractions, JSON's decimal text may lose a bit.
    weight: f64,
    owner: String,
    sealed: bool,
    flag: char,
    note: Option<String>,
    berth: (u8, i16),
    kind: Kind,
    holds: Vec<Manifest>,
    labels: BTreeMap<String, Option<i32>>,
    nothing: (),
    /// A registered claim that is the application's.
    jti: String,
    sub: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Bulk,
    Tanker(String),
    Ferry { cars: u32 },
    Tug(i8, Vec<bool>),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Bulk),
        any::<String>().prop_map(Kind::Tanker),
        any::<u32>().prop_map(|cars| Kind::Ferry { cars }),
        (any::<i8>(), any::<Vec<bool>>()).prop_map(|(hooks, lit)| Kind::Tug(hooks, lit)),
    ]
}

fn manifest() -> impl Strategy<Value = Manifest> {
    let text = || prop_oneof![any::<String>(), "[\"\\\\\u{0}-\u{1f}\u{2028}a]{0,4}"];
    let flat = (
        (any::<i64>(), any::<u64>(), any::<i32>(), text(), any::<bool>(), any::<char>()),
        (prop::option::of(text()), any::<(u8, i16)>(), kind(), text(), prop::option::of(text())),
        prop::collection::btree_map(text(), any::<Option<i32>>(), 0..3),
    )
        .prop_map(|((number, size, eighths, owner, sealed, flag), rest, labels)| {
            let (note, berth, kind, jti, sub) = rest;
            let weight = f64::from(eighths) / 8.0;
            let (holds, nothing) = (Vec::new(), ());
            Manifest {
                number,
                size,
                weight,
                owner,
                sealed,
                flag,
                note,
                berth,
                kind,
                holds,
                labels,
                nothing,
                jti,
                sub,
            }
        });
    flat.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..2))
            .prop_map(|(outer, holds)| Manifest { holds, ..outer })
    })
}

/// What is to be signed, and who was signed in.
#[derive(Default)]
struct Desk(Mutex<Option<Manifest>>);

impl Desk {
    fn put(&self, manifest: Manifest) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(manifest);
    }

    fn take(&self) -> Option<Manifest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[public("for tests")]
#[post("/sign")]
fn sign(tokens: Tokens, desk: &State<Desk>) -> Result<String, Error> {
    tokens.sign(&desk.take().unwrap())
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Manifest>, desk: &State<Desk>) {
    desk.put(Manifest::clone(&user));
}

// R01, T01
#[test]
fn what_is_signed_is_what_both_read() {
    for algorithm in ALL {
        let Keys { ours, decoding, .. } = keys(algorithm);
        let table =
            format!("[default.passport.jwt]\n{ours}expires_in = '1h'\nmax_token_size = '1 MiB'");
        let clock = MovableClock::at(UNIX_EPOCH + Duration::from_secs(NOW));
        let rocket = rocket::custom(figment(&table).merge(("workers", 1)))
            .manage(clock.clock())
            .manage(Desk::default())
            .attach(Jwt::<Manifest>::fairing("jwt"))
            .mount("/", routes![sign, me]);
        let client = client(rocket);
        let desk = client.rocket().state::<Desk>().unwrap();
        let mut validation = Validation::new(algorithm);
        validation.validate_nbf = true;
        validation.leeway = 0;

        let judged = runner(25).run(&manifest(), |manifest| {
            desk.put(manifest.clone());
            let response = client.post("/sign").dispatch();
            prop_assert_eq!(response.status(), Status::Ok);
            let token = response.into_string().unwrap();

            let bearer = Header::new("Authorization", format!("Bearer {token}"));
            let status = client.get("/me").header(bearer).dispatch().status();
            prop_assert_eq!(status, Status::Ok, "{}", &token);
            let given_back = desk.take().unwrap();
            prop_assert_eq!(&given_back, &manifest);

            let theirs = decode::<Manifest>(&token, &decoding, &validation).unwrap();
            prop_assert_eq!(&theirs.claims, &manifest);
            let mut expected = serde_json::to_value(&manifest).unwrap();
            expected["iat"] = NOW.into();
            expected["exp"] = (NOW + 3_600).into();
            let all = decode::<Value>(&token, &decoding, &validation).unwrap();
            prop_assert_eq!(all.claims, expected);
            Ok(())
        });
        if let Err(error) = judged {
            panic!("{algorithm:?}: {error}");
        }
    }
}

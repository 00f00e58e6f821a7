//! Sets of keys: a token names one, and the others cost nothing.

use jsonwebtoken::{Algorithm, Header as JoseHeader};
use passport_benches::contest::{Contest, HEADS, bearer, heads};
use passport_benches::keys::{Keys, set_table};
use passport_benches::measure::adds;
use passport_benches::rocket_with;
use passport_benches::token::{claims, sign};
use rocket::http::Status;

use crate::launch;

const SIZES: [usize; 5] = [1, 4, 5, 100, 10_000];

pub(crate) fn compare() {
    println!(
        "\nsets of keys: launch, in ms, and a request with a token that names its key, in ns\n"
    );
    println!(
        "{:8} {:>7} {:>8} {:>8} {:>8} {:>8} {:>12}",
        "", "keys", "launch", "first", "last", "allocs", "unknown kid"
    );
    for algorithm in [Algorithm::HS256, Algorithm::EdDSA, Algorithm::ES256] {
        let keys: Vec<Keys> = (0..SIZES[4]).map(|_| Keys::new(algorithm)).collect();
        let mut contest = Contest::default();
        let compared = SIZES.map(|size| {
            let jwks: Vec<_> =
                keys[..size].iter().enumerate().map(|(nth, keys)| keys.jwk(&id(nth))).collect();
            let table = set_table(algorithm, &jwks);
            let (application, launch) = launch(&mut contest, || rocket_with(&table));
            let named = |nth: usize, id: String| {
                let jose = JoseHeader { kid: Some(id), ..JoseHeader::new(algorithm) };
                let token = |number| sign(&keys[nth].encoding, &jose, &claims(number));
                heads(HEADS, |number| bearer(token(number)))
            };
            let (first, last) = (named(0, id(0)), named(size - 1, id(size - 1)));
            let unknown = named(0, "a-key-that-nobody-has".to_owned());
            let mut enter = |name: &str, path: &str, heads, status| {
                contest.enter(name, application, path, heads, status)
            };
            let places = [
                enter("open", "/open", first.clone(), Status::Ok),
                enter("first", "/protected", first, Status::Ok),
                enter("last", "/protected", last, Status::Ok),
                enter("unknown", "/protected", unknown, Status::Unauthorized),
            ];
            (size, launch, places)
        });
        let times = contest.rounds(20, if algorithm == Algorithm::HS256 { 300 } else { 50 });
        for (size, launch, [open, first, last, unknown]) in compared {
            let added = |place: usize| adds(&times[place], &times[open]);
            println!(
                "{:8} {size:7} {:8.1} {:8.0} {:8.0} {:8} {:12.0}",
                format!("{algorithm:?}"),
                launch.as_secs_f64() * 1_000.0,
                added(first),
                added(last),
                contest.allocations(last) - contest.allocations(open),
                added(unknown),
            );
        }
    }
}

/// As long as providers make them.
fn id(nth: usize) -> String {
    format!("key-{nth:05}-of-the-provider")
}

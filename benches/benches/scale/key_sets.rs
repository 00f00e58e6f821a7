//! Sets of keys: a token names one, and the others cost nothing.

use jsonwebtoken::{Algorithm, Header as JoseHeader};
use passport_benches::contest::{Contest, header};
use passport_benches::keys::{Keys, set_table};
use passport_benches::measure::{adds, median};
use passport_benches::rocket_with;
use passport_benches::token::{claims, sign};
use rocket::http::{Header, Status};

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
        let mut launches = Vec::new();
        for size in SIZES {
            let jwks: Vec<_> =
                keys[..size].iter().enumerate().map(|(nth, keys)| keys.jwk(&id(nth))).collect();
            let table = set_table(algorithm, &jwks);
            let (application, time) = launch(&mut contest, || rocket_with(&table));
            launches.push(time);
            let named = |nth: usize, id: String| -> Vec<Vec<Header<'static>>> {
                let jose = JoseHeader { kid: Some(id), ..JoseHeader::new(algorithm) };
                let token = |number| sign(&keys[nth].encoding, &jose, &claims(number));
                let head = |number| header("Authorization", format!("Bearer {}", token(number)));
                (0..97).map(|number| vec![head(number)]).collect()
            };
            let (first, last) = (named(0, id(0)), named(size - 1, id(size - 1)));
            contest.enter("open", application, "/open", first.clone(), Status::Ok);
            contest.enter("first", application, "/protected", first, Status::Ok);
            contest.enter("last", application, "/protected", last, Status::Ok);
            let unknown = named(0, "a-key-that-nobody-has".to_owned());
            contest.enter("unknown", application, "/protected", unknown, Status::Unauthorized);
        }
        let times = contest.rounds(20, if algorithm == Algorithm::HS256 { 300 } else { 50 });
        for (nth, size) in SIZES.into_iter().enumerate() {
            let [open, first, last, unknown] = &times[nth * 4..nth * 4 + 4] else { unreachable!() };
            println!(
                "{:8} {size:7} {:8.1} {:8.0} {:8.0} {:8} {:12.0}",
                format!("{algorithm:?}"),
                launches[nth].as_secs_f64() * 1_000.0,
                median(first.iter().zip(open).map(|(one, open)| one - open).collect()),
                adds(last, open),
                contest.allocations(nth * 4 + 2) - contest.allocations(nth * 4),
                adds(unknown, open),
            );
        }
    }
}

/// As long as providers make them.
fn id(nth: usize) -> String {
    format!("key-{nth:05}-of-the-provider")
}

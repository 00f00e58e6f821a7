//! What a refused request costs beside an accepted one.

use jsonwebtoken::Algorithm;
use passport_benches::measure::{adds, median};
use passport_benches::refusals;

fn main() {
    println!("a refused request beside an accepted one; medians, in ns");
    println!("`added`: the first five to an open route, the others to a 401 with a challenge");
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let contest = refusals::contest(algorithm);
        let requests = if algorithm == Algorithm::HS256 { 500 } else { 100 };
        let times = contest.rounds(40, requests);
        let [open, _, _, accepted, by_kid, ..] = times.as_slice() else { panic!("too few") };
        println!(
            "\n{:30} {:>8} {:>9} {:>8} {:>10} {:>7} {:>7}",
            format!("{algorithm:?}"),
            "total",
            "/accepted",
            "added",
            "/accepted",
            "allocs",
            "added"
        );
        for (nth, (name, time)) in contest.names().zip(&times).enumerate() {
            let accepted = if name == "unknown kid" { by_kid } else { accepted };
            let base = if nth < 5 { 0 } else { 2 };
            let allocations = contest.allocations(nth);
            println!(
                "{name:30} {:8.0} {:9.2} {:8.0} {:10.2} {:7} {:7}",
                median(time.clone()),
                ratio(time, accepted),
                adds(time, &times[base]),
                adds(time, &times[base]) / adds(accepted, open),
                allocations,
                allocations as i64 - contest.allocations(base) as i64,
            );
        }
    }
}

/// The middle of the ratios, round by round.
fn ratio(one: &[f64], other: &[f64]) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other).collect())
}

//! What a refused request costs beside an accepted one.

use jsonwebtoken::Algorithm;
use passport_benches::measure::{adds, median};
use passport_benches::refusals;

fn main() {
    println!("a refused request beside an accepted one; medians, in ns");
    println!("`ours` is what is added: to an open route, or to a guard that answers 401 unseen");
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let contest = refusals::contest(algorithm);
        let requests = if algorithm == Algorithm::HS256 { 500 } else { 100 };
        let times = contest.rounds(40, requests);
        let [open, refused, accepted, by_kid, ..] = times.as_slice() else { panic!("too few") };
        let without = |nth: usize| if matches!(nth, 0 | 2 | 3) { 0 } else { 1 };
        println!(
            "\n{:28} {:>8} {:>9} {:>8} {:>10} {:>7} {:>7}",
            format!("{algorithm:?}"),
            "total",
            "/accepted",
            "ours",
            "/accepted",
            "allocs",
            "ours"
        );
        for (nth, (name, time)) in contest.names().zip(&times).enumerate() {
            let accepted = if name == "unknown kid" { by_kid } else { accepted };
            let base = [open, refused][without(nth)];
            let allocations = contest.allocations(nth);
            println!(
                "{name:28} {:8.0} {:9.2} {:8.0} {:10.2} {:7} {:7}",
                median(time.clone()),
                ratio(time, accepted),
                adds(time, base),
                adds(time, base) / adds(accepted, open),
                allocations,
                allocations as i64 - contest.allocations(without(nth)) as i64,
            );
        }
    }
}

/// The middle of the ratios, round by round.
fn ratio(one: &[f64], other: &[f64]) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other).collect())
}

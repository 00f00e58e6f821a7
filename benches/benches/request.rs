//! What a guard adds to a request, for tokens that were never seen and for some that were.

use jsonwebtoken::Algorithm;
use passport_benches::competitors::{GUARDS, Guard, contest};
use passport_benches::measure::{Rounds, adds, median};

const ROUNDS: usize = 40;

fn main() {
    println!("what a guard adds to an open route: ns, times what the floor adds, times what the");
    println!("guard by hand adds, and allocations; medians of {ROUNDS} rounds");
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let requests = if algorithm == Algorithm::HS256 { 1_000 } else { 100 };
        let contest = contest(algorithm, requests * (ROUNDS + 2) + 11);
        let times = contest.rounds(ROUNDS, requests);
        let [open, _, _, _, by_hand, floor, ..] = times.as_slice() else { panic!("too few") };
        let ratio = |time, other| adds(time, open) / adds(other, open);
        println!("\n{algorithm:?}, the open route {:.0} ns", median(open.clone()));
        for (nth, guard) in GUARDS.into_iter().enumerate().skip(1) {
            let time: &Rounds = &times[nth];
            let more = contest.allocations(nth) as i64 - contest.allocations(0) as i64;
            println!(
                "{:12} {:8.0} {:8.2} {:8.2} {more:6}",
                format!("{guard:?}"),
                adds(time, open),
                ratio(time, floor),
                ratio(time, by_hand),
            );
            assert!(guard != Guard::Floor || more > 0, "the floor guards nothing");
        }
    }
}

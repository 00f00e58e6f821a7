//! What a guard adds to a request, for tokens that were never seen and for some that were.

use jsonwebtoken::Algorithm;
use passport_benches::competitors::{GUARDS, Guard, contest};
use passport_benches::measure::{Rounds, WARM_UP_CALLS, WARM_UP_ROUNDS, adds, median};

const ROUNDS: usize = 40;

fn main() {
    println!(
        "what a guard adds to an open route of the same application: ns, times what the floor"
    );
    println!("adds, times what the guard by hand adds, allocations; medians of {ROUNDS} rounds.");
    println!("`Beside` is what we add to each route of an application, open ones too.");
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let requests = if algorithm == Algorithm::HS256 { 1_000 } else { 300 };
        // Then those whose allocations are counted: they must not have been seen either.
        let timed = requests * (WARM_UP_ROUNDS + ROUNDS);
        let contest = contest(algorithm, timed + WARM_UP_CALLS + 1);
        let times = contest.rounds(ROUNDS, requests);
        let place = |guard: Guard| contest.place(&format!("{guard:?}"));
        let of = |guard| -> &Rounds { &times[place(guard)] };
        let base = |guard| match guard {
            Guard::FirstSight | Guard::Remembering | Guard::Seen => Guard::Beside,
            _ => Guard::Open,
        };
        let adds = |guard| adds(of(guard), of(base(guard)));
        println!("\n{algorithm:?}, an open route {:.0} ns", median(of(Guard::Open).clone()));
        for guard in GUARDS.into_iter().skip(1) {
            let count = |guard| contest.allocations(place(guard)) as i64;
            println!(
                "{:12} {:8.0} {:8.2} {:8.2} {:6}",
                format!("{guard:?}"),
                adds(guard),
                adds(guard) / adds(Guard::Floor),
                adds(guard) / adds(Guard::ByHand),
                count(guard) - count(base(guard)),
            );
        }
    }
}

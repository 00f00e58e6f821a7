//! What a guard adds to a request, for a token that was never seen and for one that was.

use jsonwebtoken::Algorithm;
use passport_benches::keys::Keys;
use passport_benches::measure::{Bench, adds, median};

fn main() {
    println!("what is added to an open route, in ns and allocations; medians\n");
    println!(
        "{:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>12} {:>12}",
        "", "open", "no-op", "by hand", "floor", "ours", "ours/floor", "ours/hand"
    );
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let keys = Keys::new(algorithm);
        let bench = Bench::new(&keys, 997);
        let paths = ["/open", "/noop", "/hand", "/floor", "/protected"];
        let requests = if algorithm == Algorithm::HS256 { 2_000 } else { 400 };
        let [open, noop, hand, floor, ours] = bench.rounds(paths, 40, requests);
        let (by_hand, at_floor, by_us) =
            (adds(&hand, &open), adds(&floor, &open), adds(&ours, &open));
        println!(
            "{:8} {:8.0} {:8.0} {:8.0} {:8.0} {:8.0} {:12.2} {:12.2}",
            format!("{algorithm:?}"),
            median(open.clone()),
            adds(&noop, &open),
            by_hand,
            at_floor,
            by_us,
            by_us / at_floor,
            by_us / by_hand,
        );
        let count = paths.map(|path| bench.allocations(path));
        println!(
            "{:8} {:8} {:8} {:8} {:8} {:8}",
            "  allocs",
            count[0],
            count[1] - count[0],
            count[2] - count[0],
            count[3] - count[0],
            count[4] - count[0],
        );
    }
}

//! What a refused request costs beside an accepted one.

use jsonwebtoken::Algorithm;
use passport_benches::measure::{adds, median, ratio};
use passport_benches::refusals::{self, Compared, Refusals};

fn main() {
    println!("a refused request beside an accepted one; medians, in ns");
    println!("`added`: the first five to an open route, the others to a 401 with a challenge");
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let Refusals { contest, open, compared } = refusals::contest(algorithm);
        let requests = if algorithm == Algorithm::HS256 { 500 } else { 100 };
        let times = contest.rounds(40, requests);
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
        for Compared { place, base, accepted } in compared {
            let added = adds(&times[place], &times[base]);
            let allocations = contest.allocations(place);
            println!(
                "{:30} {:8.0} {:9.2} {added:8.0} {:10.2} {:7} {:7}",
                contest.name(place),
                median(times[place].clone()),
                ratio(&times[place], &times[accepted]),
                added / adds(&times[accepted], &times[open]),
                allocations,
                allocations as i64 - contest.allocations(base) as i64,
            );
        }
    }
}

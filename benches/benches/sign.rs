//! What it takes to sign a token, by `jsonwebtoken::encode` and by `Tokens::sign`.

use passport_benches::keys::{ALGORITHMS, Keys};
use passport_benches::measure::{allocations, median, nanoseconds, ratio, take_turns};
use passport_benches::sign::Signing;

fn main() {
    println!("a token signed, in ns and allocations; medians; the floor is the signature alone\n");
    println!(
        "{:8} {:>14} {:>8} {:>8} {:>12} {:>12} {:>14} {:>8} {:>8}",
        "",
        "jsonwebtoken",
        "ours",
        "floor",
        "theirs/ours",
        "theirs/floor",
        "allocs: theirs",
        "ours",
        "floor"
    );
    for algorithm in ALGORITHMS {
        let signing = Signing::new(&Keys::new(algorithm));
        let competitors: [&dyn Fn(); 3] =
            [&|| signing.by_jsonwebtoken(), &|| signing.by_us(), &|| signing.floor()];
        let times = take_turns(competitors.len(), 400, |place| {
            nanoseconds(signing.times(), competitors[place])
        });
        let [theirs, ours, floor] = times.as_slice() else { unreachable!("three competitors") };
        let [their_allocations, our_allocations, least_allocations] = competitors.map(allocations);
        println!(
            "{:8} {:14.0} {:8.0} {:8.0} {:12.2} {:12.2} {:14} {:8} {:8}",
            format!("{algorithm:?}"),
            median(theirs.clone()),
            median(ours.clone()),
            median(floor.clone()),
            ratio(theirs, ours),
            ratio(theirs, floor),
            their_allocations,
            our_allocations,
            least_allocations,
        );
    }
}

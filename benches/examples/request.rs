//! Requests one guard again and again, for a profiler: `request HS256 Seen 1000`.

use passport_benches::competitors;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [algorithm, guard, requests] = arguments.as_slice() else {
        panic!("usage: request ALGORITHM GUARD REQUESTS");
    };
    let requests = requests.parse().expect("a number");
    competitors::contest(algorithm.parse().expect("an algorithm"), requests)
        .repeat(guard, requests);
}

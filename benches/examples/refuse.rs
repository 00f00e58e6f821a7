//! Sends one request of the benchmark `refuse` again and again, for a profiler:
//! `refuse HS256 "forged signature" 1000`.

use passport_benches::refusals;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [algorithm, name, requests] = arguments.as_slice() else {
        panic!("usage: refuse ALGORITHM NAME REQUESTS");
    };
    let refusals = refusals::contest(algorithm.parse().expect("an algorithm"));
    refusals.contest.repeat(name, requests.parse().expect("a number"));
}

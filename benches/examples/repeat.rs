//! Requests one path again and again, for a profiler: `repeat HS256 /protected 1000`.

use passport_benches::keys::Keys;
use passport_benches::measure::Bench;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [algorithm, path, requests] = arguments.as_slice() else {
        panic!("usage: repeat ALGORITHM PATH REQUESTS");
    };
    let keys = Keys::new(algorithm.parse().expect("an algorithm"));
    let bench = Bench::new(&keys, 997);
    bench.repeat(path, requests.parse().expect("a number"));
}

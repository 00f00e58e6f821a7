//! Signs again and again, for a profiler: `sign HS256 ours 1000`.

use passport_benches::keys::Keys;
use passport_benches::sign::Signing;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [algorithm, competitor, times] = arguments.as_slice() else {
        panic!("usage: sign ALGORITHM COMPETITOR TIMES");
    };
    let signing = Signing::new(&Keys::new(algorithm.parse().expect("an algorithm")));
    for _ in 0..times.parse().expect("a number") {
        match competitor.as_str() {
            "jsonwebtoken" => signing.by_jsonwebtoken(),
            "ours" => signing.by_us(),
            "floor" => signing.floor(),
            other => panic!("no competitor `{other}`; there are jsonwebtoken, ours and floor"),
        }
    }
}

//! The processor time that a server takes for a request over a real socket, open and guarded.

use jsonwebtoken::Algorithm;
use passport_benches::competitors::{Guard, TOKENS};
use passport_benches::keys::Keys;
use passport_benches::measure::{median, ratio, take_turns};
use passport_benches::served::{self, Served};
use passport_benches::token::token;

const SERVED: [Guard; 7] = [
    Guard::Open,
    Guard::Headed,
    Guard::Beside,
    Guard::ByHand,
    Guard::Floor,
    Guard::FirstSight,
    Guard::Seen,
];
const ROUNDS: usize = 60;
const REQUESTS: usize = 500;

fn main() {
    if let Some(task) = served::task() {
        return serve(&task);
    }
    println!("processor time of a server for one request, in ns, and times that of an open route");
    for algorithm in ["HS256", "RS256", "ES256", "EdDSA"] {
        let mut servers = SERVED
            .map(|guard| Served::start(&format!("{algorithm}/{guard:?}"), "/me", "Authorization"));
        let times = take_turns(SERVED.len(), ROUNDS, |place| servers[place].time(REQUESTS));
        println!("\n{algorithm}");
        for (guard, time) in SERVED.iter().zip(&times) {
            let name = format!("{guard:?}");
            println!("{name:12} {:8.0} {:6.3}", median(time.clone()), ratio(time, &times[0]));
        }
    }
}

fn serve(task: &str) {
    let (algorithm, guard) = task.split_once('/').unwrap();
    let algorithm: Algorithm = algorithm.parse().unwrap();
    let keys = Keys::new(algorithm);
    let tokens: Vec<String> =
        (0..TOKENS).map(|number| format!("Bearer {}", token(&keys, number))).collect();
    served::serve(Guard::named(guard).unwrap().rocket(&keys), &tokens);
}

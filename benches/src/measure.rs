//! Takes turns: every competitor is measured in every round, so that a machine that grows slower is
//! slower for all, and what one adds to another is taken within a round.

use std::hint::black_box;
use std::time::Instant;

use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use rocket::tokio::runtime::{Builder, Runtime};

use crate::keys::Keys;
use crate::rocket;
use crate::token::token;

/// An application and the tokens that its requests carry.
pub struct Bench {
    runtime: Runtime,
    client: Client,
    tokens: Vec<String>,
}

/// The nanoseconds of one request, a value for each round.
pub type Rounds = Vec<f64>;

impl Bench {
    /// An application with these keys, and that many tokens to take turns with.
    pub fn new(keys: &Keys, tokens: u64) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(Client::untracked(rocket(keys))).unwrap();
        let tokens = (0..tokens).map(|number| token(keys, number)).collect();
        Self { runtime, client, tokens }
    }

    /// Measures every path.
    pub fn rounds<const N: usize>(
        &self,
        paths: [&'static str; N],
        rounds: usize,
        requests: usize,
    ) -> [Rounds; N] {
        take_turns(rounds, |nth, round| self.time(paths[nth], requests, round))
    }

    /// The allocations of one request.
    pub fn allocations(&self, path: &str) -> u64 {
        for _ in 0..10 {
            self.runtime.block_on(self.request(path, 0));
        }
        let info = allocation_counter::measure(|| {
            self.runtime.block_on(self.request(path, 0));
        });
        info.count_total
    }

    /// Requests a path so many times.
    pub fn repeat(&self, path: &str, requests: usize) {
        self.time(path, requests, 0);
    }

    fn time(&self, path: &str, requests: usize, round: usize) -> f64 {
        self.runtime.block_on(async {
            let begin = Instant::now();
            for number in 0..requests {
                self.request(black_box(path), round * requests + number).await;
            }
            begin.elapsed().as_nanos() as f64 / requests as f64
        })
    }

    async fn request(&self, path: &str, number: usize) {
        // A new request each time: clones of one share its cache, and a guard that is remembered in it
        // would look free.
        let token = &self.tokens[number % self.tokens.len()];
        let bearer = Header::new("Authorization", format!("Bearer {token}"));
        let response = self.client.get(path).header(bearer).dispatch().await;
        assert_eq!(response.status(), Status::Ok, "{path}");
    }
}

/// Measures that many competitors in every round: `time` says how long the `nth` took in `round`.
pub fn take_turns<const N: usize>(
    rounds: usize,
    mut time: impl FnMut(usize, usize) -> f64,
) -> [Rounds; N] {
    let mut times = [const { Vec::new() }; N];
    for round in 0..rounds + 2 {
        for nth in 0..N {
            // Another order in each round.
            let nth = (nth + round) % N;
            let time = time(nth, round);
            // The first two warm up.
            if round >= 2 {
                times[nth].push(time);
            }
        }
    }
    times
}

/// The nanoseconds that `work` takes, one of so many `times`.
pub fn nanoseconds(times: usize, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    for _ in 0..times {
        work();
    }
    begin.elapsed().as_nanos() as f64 / times as f64
}

/// The allocations of `work`, once it is warm. What a C library takes from `malloc` is not among
/// them.
pub fn allocations(mut work: impl FnMut()) -> u64 {
    for _ in 0..10 {
        work();
    }
    allocation_counter::measure(work).count_total
}

/// The middle of how many times `other` goes into `one`, round by round.
pub fn ratio(one: &Rounds, other: &Rounds) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other).collect())
}

/// The middle of what `one` adds to `other`, round by round.
pub fn adds(one: &Rounds, other: &Rounds) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one - other).collect())
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

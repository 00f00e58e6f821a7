//! Requests of any kind, to one application or several, that take turns as in [`crate::measure`].

use std::hint::black_box;
use std::time::Instant;

use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::{Build, Rocket};

use crate::measure::Rounds;

/// Applications, and the requests that are compared.
pub struct Contest {
    runtime: Runtime,
    clients: Vec<Client>,
    contenders: Vec<Contender>,
}

/// An application of a contest.
#[derive(Clone, Copy)]
pub struct Application(usize);

/// A request, sent with each of its heads in turn.
struct Contender {
    name: String,
    application: Application,
    path: String,
    heads: Vec<Vec<Header<'static>>>,
    status: Status,
}

impl Default for Contest {
    fn default() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, clients: Vec::new(), contenders: Vec::new() }
    }
}

impl Contest {
    /// Launches an application.
    pub fn launch(&mut self, rocket: Rocket<Build>) -> Application {
        let client = self.runtime.block_on(Client::untracked(rocket)).unwrap();
        self.clients.push(client);
        Application(self.clients.len() - 1)
    }

    /// Enters a request that has to be answered with `status`.
    pub fn enter(
        &mut self,
        name: impl Into<String>,
        application: Application,
        path: impl Into<String>,
        heads: Vec<Vec<Header<'static>>>,
        status: Status,
    ) -> usize {
        let (name, path) = (name.into(), path.into());
        self.contenders.push(Contender { name, application, path, heads, status });
        self.contenders.len() - 1
    }

    /// The names, in the order in which they were entered.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.contenders.iter().map(|contender| contender.name.as_str())
    }

    /// Measures everything: the nanoseconds of one request, in the order of entry.
    pub fn rounds(&self, rounds: usize, requests: usize) -> Vec<Rounds> {
        let count = self.contenders.len();
        let mut times = vec![Rounds::new(); count];
        for round in 0..rounds + 2 {
            for nth in 0..count {
                // Another order in each round.
                let nth = (nth + round) % count;
                let time = self.time(nth, requests, round);
                // The first two warm up.
                if round >= 2 {
                    times[nth].push(time);
                }
            }
        }
        times
    }

    /// The allocations of one request.
    pub fn allocations(&self, nth: usize) -> u64 {
        for _ in 0..10 {
            self.runtime.block_on(self.request(nth, 0));
        }
        let info = allocation_counter::measure(|| {
            self.runtime.block_on(self.request(nth, 0));
        });
        info.count_total
    }

    /// Sends the request of this name so many times.
    pub fn repeat(&self, name: &str, requests: usize) {
        let nth = self.names().position(|known| known == name);
        self.time(nth.unwrap_or_else(|| panic!("no contender `{name}`")), requests, 0);
    }

    fn time(&self, nth: usize, requests: usize, round: usize) -> f64 {
        self.runtime.block_on(async {
            let begin = Instant::now();
            for number in 0..requests {
                self.request(black_box(nth), round * requests + number).await;
            }
            begin.elapsed().as_nanos() as f64 / requests as f64
        })
    }

    async fn request(&self, nth: usize, number: usize) {
        let Contender { name, application, path, heads, status } = &self.contenders[nth];
        let mut request = self.clients[application.0].get(path.as_str());
        // Headers borrow their text: what a copy of 100 KB costs is the client's.
        for header in &heads[number % heads.len()] {
            request.add_header(header.clone());
        }
        let response = request.dispatch().await;
        assert_eq!(response.status(), *status, "{name}");
    }
}

/// A header that borrows its text, for the rest of the run.
pub fn header(name: &'static str, value: String) -> Header<'static> {
    Header::new(name, &*value.leak())
}

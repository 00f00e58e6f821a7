//! Requests of any kind, to one application or several, that take turns as in [`crate::measure`].

use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::{Build, Rocket};

use crate::measure::{self, Rounds, take_turns};

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
    sent: Cell<usize>,
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

    /// The cookie that an application sends with its answer to `path`, as a header that sends it back.
    pub fn cookie(&self, application: Application, path: &str) -> Header<'static> {
        let client = &self.clients[application.0];
        let answer = self.runtime.block_on(client.get(path).dispatch());
        let line = answer.headers().get_one("Set-Cookie").expect("a cookie");
        let cookie = line.split(';').next().unwrap().to_owned();
        Header::new("Cookie", &*cookie.leak())
    }

    /// Enters a request that has to be answered with `status`, and says at which place.
    pub fn enter(
        &mut self,
        name: impl Into<String>,
        application: Application,
        path: impl Into<String>,
        heads: Vec<Vec<Header<'static>>>,
        status: Status,
    ) -> usize {
        let (name, path) = (name.into(), path.into());
        let sent = Cell::new(0);
        self.contenders.push(Contender { name, application, path, heads, status, sent });
        self.contenders.len() - 1
    }

    /// The name of the request at this place.
    pub fn name(&self, place: usize) -> &str {
        &self.contenders[place].name
    }

    /// The place of the request of this name.
    pub fn place(&self, name: &str) -> usize {
        let place = self.contenders.iter().position(|contender| contender.name == name);
        place.unwrap_or_else(|| panic!("no contender `{name}`"))
    }

    /// Measures everything: the nanoseconds of one request, by place.
    pub fn rounds(&self, rounds: usize, requests: usize) -> Vec<Rounds> {
        take_turns(self.contenders.len(), rounds, |place| self.time(place, requests))
    }

    /// The allocations of one request.
    pub fn allocations(&self, place: usize) -> u64 {
        measure::allocations(|| self.runtime.block_on(self.request(place)))
    }

    /// Sends the request of this name so many times.
    pub fn repeat(&self, name: &str, requests: usize) {
        self.time(self.place(name), requests);
    }

    fn time(&self, place: usize, requests: usize) -> f64 {
        self.runtime.block_on(async {
            // In here, so that entering the runtime is no part of it.
            let begin = Instant::now();
            for _ in 0..requests {
                self.request(black_box(place)).await;
            }
            begin.elapsed().as_nanos() as f64 / requests as f64
        })
    }

    async fn request(&self, place: usize) {
        let Contender { name, application, path, heads, status, sent } = &self.contenders[place];
        let number = sent.replace(sent.get() + 1);
        let mut request = self.clients[application.0].get(path.as_str());
        // Headers borrow their text: what a copy of 100 KB costs is the client's.
        for header in &heads[number % heads.len()] {
            request.add_header(header.clone());
        }
        let response = request.dispatch().await;
        assert_eq!(response.status(), *status, "{name}");
    }
}

/// So many heads of one header each.
pub fn heads(count: u64, header: impl Fn(u64) -> Header<'static>) -> Vec<Vec<Header<'static>>> {
    (0..count).map(|number| vec![header(number)]).collect()
}

/// A header with this token.
pub fn bearer(token: String) -> Header<'static> {
    authorization(format!("Bearer {token}"))
}

/// A header that borrows its text, for the rest of the run.
pub fn authorization(value: String) -> Header<'static> {
    Header::new("Authorization", &*value.leak())
}

/// With how many heads a request takes turns where more would change nothing.
pub const HEADS: u64 = 97;

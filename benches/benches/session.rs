//! What a session costs: in memory, what `#[protect(strategy = "session")]` adds to a request, and how
//! much of that is the store; on Redis, the processor time of a server whose route asks a session,
//! as times that of the same route behind one bare `GET`.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{env, fs, net, process, thread};

use passport_benches::contest::Contest;
use passport_benches::measure::{adds, median, nanoseconds, ratio, take_turns};
use passport_benches::served::{self, Served};
use passport_benches::session::{Guard, cookies};
use passport_rocket::store::{Entry, Key, Memory, Space, Store};
use rocket::http::Status;

const ROUNDS: usize = 40;
const REQUESTS: usize = 1_000;
const PAIRS: usize = 9;

fn main() {
    if let Some(task) = served::task() {
        return serve(&task);
    }
    in_memory();
    the_store_alone();
    on_redis();
}

fn in_memory() {
    println!("what a guard adds to an open route that is sent a cookie: ns, allocations");
    let mut contest = Contest::default();
    for guard in [Guard::Open, Guard::NoOp, Guard::Session] {
        let application = contest.launch(guard.rocket("memory:"));
        let heads = match guard {
            Guard::Session => cookies(&contest, application),
            // As long as a cookie of ours.
            _ => vec![vec![rocket::http::Header::new("Cookie", COOKIE)]],
        };
        contest.enter(format!("{guard:?}"), application, "/me", heads, Status::Ok);
    }
    let times = contest.rounds(ROUNDS, REQUESTS);
    for (place, time) in times.iter().enumerate().skip(1) {
        let allocations = contest.allocations(place) - contest.allocations(0);
        println!("{:10} {:6.0} {allocations:4}", contest.name(place), adds(time, &times[0]));
    }
}

/// What the store has to do with it: the key of an id, and the look-up.
fn the_store_alone() {
    let (store, space, now) =
        (Store::new(Memory::default()), Space::new("bench"), SystemTime::now());
    let names: Vec<String> = (0..1_000).map(|number| format!("{number:032}")).collect();
    rocket::async_test(async {
        for name in &names {
            let entry = Entry::new([0; 100], now + Duration::from_secs(3600));
            store.put(&Key::new(&space, name), entry, now).get().await.unwrap();
        }
    });
    let mut nth = 0;
    let times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            nanoseconds(REQUESTS, || {
                nth = (nth + 1) % names.len();
                let key = Key::new(&space, &names[nth]);
                match store.get(&key, now) {
                    passport_rocket::Answer::Now(found) => assert!(found.unwrap().is_some()),
                    _ => panic!("memory answers at once"),
                }
            })
        })
        .collect();
    println!("of which a look-up among 1,000 in memory: {:.0} ns", median(times));
}

fn on_redis() {
    let Some(redis) = RedisServer::start() else {
        eprintln!("skipped: redis-server not found");
        return;
    };
    println!("processor time of a server for one request, in ns, and times that of a bare GET");
    let guards = [Guard::BareGet, Guard::Session];
    let mut times = vec![Vec::new(); guards.len()];
    // Where the processor's scheduler puts three processes on its cores decides for as long as they
    // live, so there are several of each.
    for _ in 0..PAIRS {
        let start = |guard| Served::start(&format!("{guard:?} {}", redis.url), "/me", "Cookie");
        let mut servers = guards.map(start);
        let rounds = take_turns(guards.len(), ROUNDS / 4, |place| servers[place].time(REQUESTS));
        for (all, more) in times.iter_mut().zip(rounds) {
            all.extend(more);
        }
    }
    for (guard, time) in guards.iter().zip(&times) {
        let name = format!("{guard:?}");
        println!("{name:10} {:8.0} {:6.3}", median(time.clone()), ratio(time, &times[0]));
    }
}

fn serve(task: &str) {
    let (guard, url) = task.split_once(' ').unwrap();
    let guard = Guard::named(guard).unwrap();
    let values = match guard {
        Guard::Session => {
            let mut contest = Contest::default();
            let application = contest.launch(guard.rocket(url));
            let cookies = cookies(&contest, application).into_iter().flatten();
            cookies.map(|header| header.value().to_owned()).collect()
        }
        _ => vec![COOKIE.to_owned()],
    };
    served::serve(guard.rocket(url), &values);
}

const COOKIE: &str = "__Host-session=\
    00000000000000000000000000000000.0000000000000000000000000000000000000000000";

/// A server of this run's own.
struct RedisServer {
    process: Child,
    folder: std::path::PathBuf,
    url: String,
}

impl RedisServer {
    fn start() -> Option<Self> {
        let folder = env::temp_dir().join(format!("passport-bench-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        // Free a moment ago, which has to do for a benchmark.
        let port = net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .arg("--dir")
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        while net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            thread::sleep(Duration::from_millis(20));
        }
        Some(Self { process, folder, url: format!("redis://127.0.0.1:{port}") })
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        fs::remove_dir_all(&self.folder).unwrap();
    }
}

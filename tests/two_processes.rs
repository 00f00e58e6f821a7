//! Two processes of one application on one store, behind real sockets: 200 users at once sign in,
//! write and read back what is theirs, and sign out, each request to the other process than the one
//! before. Meanwhile the store goes away and comes back, which is a 503 and nothing else. Nobody meets
//! another's data, nothing fails, and nothing is left.

mod application;
mod connection;
mod process;
mod tally;
mod user;

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use passport_rocket_tests::postgres_server::PostgresServer;
use passport_rocket_tests::redis_server::RedisServer;
use rocket::futures::future;
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::tokio::time::timeout;
use sqlx::{Connection, PgConnection};

use process::Process;
use tally::Tally;
use user::User;

const USERS: u32 = 200;
const ROUNDS: usize = 20;

/// So long does it take on no machine: something hangs.
const PATIENCE: Duration = Duration::from_secs(300);

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A store, as these tests see it.
trait Store: Sync {
    /// How many things are in it.
    fn kept(&self) -> u64;

    /// Goes away.
    fn go(&self);

    /// Is there again, with what it held.
    fn come_back(&self);
}

/// All users, over the store at `url`.
fn run(name: &str, url: &str, store: &impl Store) {
    assert_eq!(store.kept(), 0, "an empty store");
    // Both are started before either of them is waited for: they make the tables at once, too.
    let processes = [Process::start(url), Process::start(url)];
    let addresses = processes.each_ref().map(Process::address);
    let runtime = runtime();
    let tally = Arc::new(Tally::default());
    let users = (1..=USERS).map(|id| User::new(id, addresses, Arc::clone(&tally))).collect();

    let sign_in = |mut user: User| async {
        user.sign_in().await;
        user
    };
    let users = at_once(&runtime, &processes, users, sign_in);
    let cookies: HashSet<_> = users.iter().map(|user| user.cookie().to_owned()).collect();
    assert_eq!(cookies.len(), users.len(), "each has a session of their own");
    assert!(store.kept() >= u64::from(USERS), "all of them are kept: {}", store.kept());

    let write_and_read_back = |mut user: User| async {
        for round in 0..ROUNDS {
            user.write_and_read_back(round).await;
        }
        user
    };
    let users = thread::scope(|scope| {
        scope.spawn(|| {
            let before = tally.answered();
            tally.wait_until(|tally| tally.answered() > before + USERS as usize);
            store.go();
            tally.wait_until(|tally| tally.repeated() > 0);
            store.come_back();
        });
        at_once(&runtime, &processes, users, write_and_read_back)
    });

    let sign_out = |mut user: User| async {
        user.sign_out().await;
        user
    };
    let users = at_once(&runtime, &processes, users, sign_out);
    drop(users);
    assert_eq!(store.kept(), 0, "what is left");
    let (answered, repeated) = (tally.answered(), tally.repeated());
    println!("{name}: {USERS} users, {answered} answers, {repeated} times 503 before them");
}

/// Lets all users act at once; with what fails stands what the processes said.
fn at_once<F: Future<Output = User> + Send + 'static>(
    runtime: &Runtime,
    processes: &[Process],
    users: Vec<User>,
    act: impl Fn(User) -> F,
) -> Vec<User> {
    let acting = async {
        let tasks: Vec<_> = users.into_iter().map(act).map(rocket::tokio::spawn).collect();
        timeout(PATIENCE, future::try_join_all(tasks)).await
    };
    let said = || processes.iter().map(Process::said).collect::<String>();
    match runtime.block_on(acting) {
        Ok(Ok(users)) => users,
        Ok(Err(error)) => panic!("{error}; the processes said:\n{}", said()),
        Err(_) => panic!("something hangs; the processes said:\n{}", said()),
    }
}

/// Stopped, it answers nobody, and loses nothing.
struct Redis {
    server: RedisServer,
    process: String,
}

impl Store for Redis {
    fn kept(&self) -> u64 {
        self.server.ask(&["DBSIZE"]).trim_start_matches(':').parse().unwrap()
    }

    fn go(&self) {
        self.server.signal("STOP", &self.process);
    }

    fn come_back(&self) {
        self.server.signal("CONT", &self.process);
    }
}

#[test]
fn two_hundred_users_at_once_over_redis() {
    let Some(server) = RedisServer::start() else { return };
    let (url, process) = (server.url(), server.process());
    run("Redis", &url, &Redis { server, process });
}

/// It hangs up on everybody, and its files stay.
struct Postgres {
    server: PostgresServer,
    url: String,
}

impl Store for Postgres {
    fn kept(&self) -> u64 {
        let count = async {
            let mut connection = PgConnection::connect(&self.url).await?;
            let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM passport_entry");
            query.fetch_one(&mut connection).await
        };
        match runtime().block_on(count) {
            Ok(rows) => u64::try_from(rows).unwrap(),
            // The first process makes the table.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => 0,
            Err(error) => panic!("{error}"),
        }
    }

    fn go(&self) {
        self.server.stop();
    }

    fn come_back(&self) {
        self.server.resume();
    }
}

#[test]
fn two_hundred_users_at_once_over_postgresql() {
    let Some(server) = PostgresServer::start() else { return };
    let url = server.new_database();
    run("PostgreSQL", &url.clone(), &Postgres { server, url });
}

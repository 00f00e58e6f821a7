//! Two processes of one application on one store, behind real sockets: 200 users at once sign in,
//! write and read back what is theirs, and sign out, each request to the other process than the one
//! before. Nobody meets another's data, nothing fails, and nothing is left.

mod application;
mod connection;
mod process;
mod user;

use std::collections::HashSet;
use std::time::Duration;

use passport_rocket_tests::postgres_server::PostgresServer;
use passport_rocket_tests::redis_server::RedisServer;
use rocket::futures::future;
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::tokio::time::timeout;
use sqlx::{Connection, PgConnection};

use process::Process;
use user::User;

const USERS: u32 = 200;
const ROUNDS: usize = 20;

/// So long does it take on no machine: something hangs.
const PATIENCE: Duration = Duration::from_secs(300);

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// All users, over the store at `url`, of which `kept` tells how many things are in it.
fn run(name: &str, url: &str, kept: impl Fn() -> u64) {
    assert_eq!(kept(), 0, "an empty store");
    // Both are started before either of them is waited for: they make the tables at once, too.
    let processes = [Process::start(url), Process::start(url)];
    let addresses = processes.each_ref().map(Process::address);
    let runtime = runtime();
    let users = (1..=USERS).map(|id| User::new(id, addresses)).collect();

    let sign_in = |mut user: User| async {
        user.sign_in().await;
        user
    };
    let users = at_once(&runtime, &processes, users, sign_in);
    let cookies: HashSet<_> = users.iter().map(|user| user.cookie().to_owned()).collect();
    assert_eq!(cookies.len(), users.len(), "each has a session of their own");
    assert!(kept() >= u64::from(USERS), "all of them are kept: {}", kept());

    let write_and_read_back = |mut user: User| async {
        for round in 0..ROUNDS {
            user.write_and_read_back(round).await;
        }
        user
    };
    let users = at_once(&runtime, &processes, users, write_and_read_back);

    let sign_out = |mut user: User| async {
        user.sign_out().await;
        user
    };
    let users = at_once(&runtime, &processes, users, sign_out);
    assert_eq!(kept(), 0, "what is left");
    let repeated: usize = users.iter().map(User::repeated).sum();
    println!("{name}: {USERS} users, {ROUNDS} rounds, {repeated} requests repeated after a 503");
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

#[test]
fn two_hundred_users_at_once_over_redis() {
    let Some(server) = RedisServer::start() else { return };
    let kept = || server.ask(&["DBSIZE"]).trim_start_matches(':').parse().unwrap();
    run("Redis", &server.url(), kept);
}

#[test]
fn two_hundred_users_at_once_over_postgresql() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = server.new_database();
    let kept = || {
        let count = async {
            let mut connection = PgConnection::connect(&url).await?;
            let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM passport_entry");
            query.fetch_one(&mut connection).await
        };
        match runtime().block_on(count) {
            Ok(rows) => u64::try_from(rows).unwrap(),
            // The first process makes the table.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => 0,
            Err(error) => panic!("{error}"),
        }
    };
    run("PostgreSQL", &url, kept);
}

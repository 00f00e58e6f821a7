//! What was acknowledged is there after `kill -9`, at fifty moments by chance; `SEED` repeats a run's.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, hint, io};

use aws_lc_rs::rand;
use passport_rocket::Error;
use passport_rocket::store::{Entry, Key, Space, Store};
use passport_rocket_tests::postgres_server::PostgresServer;
use rocket::tokio::{spawn, task};

use super::{Folder, at, opened, runtime};

const MOMENTS: u32 = 50;

/// Where the numbers of a run come from.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let mut bytes = [0; 8];
        rand::fill(&mut bytes).unwrap();
        let seed = env::var("SEED").map_or(u64::from_ne_bytes(bytes), |seed| seed.parse().unwrap());
        println!("SEED={seed}");
        Self(seed | 1)
    }

    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Passes a part of the time that a write takes.
    fn pass(&mut self) {
        for _ in 0..self.below(200_000) {
            hint::spin_loop();
        }
    }
}

fn key(name: &str, number: u32) -> Key {
    let space = Space::new("killed");
    Key::new(
        &if number.is_multiple_of(2) { space } else { space.watched() },
        format!("{name} {number}"),
    )
}

/// Writes the entry `number`: puts it, swaps it, or puts and removes it.
async fn write(store: &Store, name: &str, number: u32) -> Result<(), Error> {
    let (key, entry) = (key(name, number), |value| Entry::new(value, at(10)));
    match number / 2 % 3 {
        0 => drop(store.put(&key, entry("put"), at(0)).get().await?),
        1 => {
            let read = store.put(&key, entry("put"), at(0)).get().await?;
            let swapped = store.compare_and_swap(&key, read, entry("swapped"), at(0));
            assert!(swapped.get().await?.is_some());
        }
        _ => {
            store.put(&key, entry("put"), at(0)).get().await?;
            assert!(store.remove(&key, at(0)).get().await?);
        }
    }
    Ok(())
}

async fn assert_written(store: &Store, name: &str, number: u32) {
    let found = store.get(&key(name, number), at(0)).get().await.unwrap();
    let found = found.map(|found| String::from_utf8(found.value.to_vec()).unwrap());
    let written = match number / 2 % 3 {
        0 => Some("put"),
        1 => Some("swapped"),
        _ => None,
    };
    assert_eq!(found.as_deref(), written, "entry {number} of {name}");
}

#[test]
fn sqlite_has_what_was_acknowledged_before_its_process_was_killed() {
    let mut chance = Chance::new();
    let folder = Folder::new();
    let mut written = Vec::new();
    let runtime = runtime();
    for moment in 0..MOMENTS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["store::killed::writes_until_it_is_killed", "--exact", "--ignored"])
            .arg("--nocapture")
            .env("KILLED_URL", folder.url())
            .env("KILLED_NAME", moment.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut numbers = lines.filter_map(|line| line.strip_prefix("written ")?.parse().ok());
        let some: usize = chance.below(20).try_into().unwrap();
        let mut acknowledged: Vec<u32> = numbers.by_ref().take(1 + some).collect();
        assert_eq!(acknowledged.len(), 1 + some, "it writes until it is killed");
        chance.pass();
        child.kill().unwrap();
        // What it still said before.
        acknowledged.extend(numbers);
        child.wait().unwrap();
        written.push((moment.to_string(), acknowledged));
        runtime.block_on(async {
            let store = opened(&folder.url()).await;
            let (name, numbers) = written.last().unwrap();
            for number in numbers {
                assert_written(&store, name, *number).await;
            }
        });
    }
    runtime.block_on(async {
        let store = opened(&folder.url()).await;
        for (name, numbers) in &written {
            for number in numbers {
                assert_written(&store, name, *number).await;
            }
        }
    });
}

#[test]
#[ignore = "the process that is killed"]
fn writes_until_it_is_killed() {
    let url = env::var("KILLED_URL").expect("another test runs it");
    let name = env::var("KILLED_NAME").unwrap();
    runtime().block_on(async {
        let store = opened(&url).await;
        for number in 0.. {
            write(&store, &name, number).await.unwrap();
            writeln!(io::stdout(), "written {number}").unwrap();
        }
    });
}

#[test]
fn postgres_has_what_was_acknowledged_before_it_was_killed() {
    const WRITERS: u32 = 4;

    let Some(server) = PostgresServer::start() else { return };
    let mut chance = Chance::new();
    let written = Arc::<Mutex<Vec<(u32, u32)>>>::default();
    runtime().block_on(async {
        let store = opened(&server.new_database()).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (store, written) = (store.clone(), Arc::clone(&written));
                spawn(async move {
                    for number in 0.. {
                        match write(&store, &writer.to_string(), number).await {
                            Ok(()) => written.lock().unwrap().push((writer, number)),
                            Err(_) => task::yield_now().await,
                        }
                    }
                })
            })
            .collect();
        for _ in 0..MOMENTS {
            let some: usize = chance.below(20).try_into().unwrap();
            let enough = written.lock().unwrap().len() + 1 + some;
            let begin = Instant::now();
            while written.lock().unwrap().len() < enough {
                assert!(begin.elapsed() < Duration::from_secs(60), "it recovers by itself");
                task::yield_now().await;
            }
            chance.pass();
            server.kill();
            server.resume();
        }
        for writer in writers {
            writer.abort();
            assert!(writer.await.unwrap_err().is_cancelled());
        }
        let store = opened_again(&store).await;
        let written = written.lock().unwrap().clone();
        assert!(written.len() >= MOMENTS as usize);
        for (writer, number) in written {
            assert_written(store, &writer.to_string(), number).await;
        }
    });
}

/// The same, once it answers again.
async fn opened_again(store: &Store) -> &Store {
    let begin = Instant::now();
    while store.get(&key("any", 0), at(0)).get().await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it recovers by itself");
    }
    store
}

//! Sets of keys: what the largest there may be take of the memory.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

use jsonwebtoken::Algorithm;
use passport_benches::keys::{Keys, set_table};
use passport_benches::{Account, figment};
use passport_rocket::Jwt;
use rocket::local::blocking::Client;
use serde_json::Value;

/// The argument of a process that launches the application of its standard input.
const LAUNCH: &str = "launch";

pub(crate) fn is_launch() -> bool {
    env::args().nth(1).is_some_and(|argument| argument == LAUNCH)
}

/// Says how much a launch with the table of the standard input takes, in MiB.
pub(crate) fn launch() {
    let mut table = String::new();
    io::stdin().read_to_string(&mut table).unwrap();
    let before = resident();
    let rocket = rocket::custom(figment(&table)).attach(Jwt::<Account>::fairing("jwt"));
    let _client = Client::untracked(rocket).unwrap();
    print!("{:.1}", (resident() - before) / (1024.0 * 1024.0));
}

pub(crate) fn report() {
    println!("\nMiB that a launch takes with one key, and with 10,000, the most there may be\n");
    for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA] {
        let keys: Vec<Value> =
            (0..10_000).map(|nth| Keys::new(algorithm).jwk(&format!("key-{nth}"))).collect();
        let [one, all] = [&keys[..1], &keys].map(|keys| taken(&set_table(algorithm, keys)));
        println!("{:8} {one:>6} {all:>6}", format!("{algorithm:?}"));
    }
}

/// By a process of its own: what was freed would be taken again, and not be seen.
fn taken(table: &str) -> String {
    let mut process = Command::new(env::current_exe().unwrap())
        .arg(LAUNCH)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The resident memory of this process (Linux).
fn resident() -> f64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096.0
}

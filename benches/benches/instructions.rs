//! The instructions of one request, counted by valgrind: they repeat on a noisy machine, where
//! times do not. What valgrind does not know of a processor, SHA extensions for instance, it does
//! without.

use std::env;
use std::process::Command;

use jsonwebtoken::Algorithm;
use passport_benches::competitors::{GUARDS, contest};

/// Counted between these two: by the first, every token of those that are seen was seen.
const REQUESTS: [usize; 2] = [1_000, 3_000];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [task, algorithm, guard, requests] = arguments.as_slice()
        && task == "repeat"
    {
        return repeat(algorithm, guard, requests.parse().unwrap());
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        return eprintln!("skipped: valgrind not found");
    }
    println!("instructions of one request, and those that a guard adds to an open route\n");
    for algorithm in ["HS256", "ES256"] {
        let counts = GUARDS.map(|guard| {
            let [few, many] = REQUESTS.map(|requests| {
                count(&["repeat", algorithm, &format!("{guard:?}"), &requests.to_string()])
            });
            (many - few) / (REQUESTS[1] - REQUESTS[0]) as i64
        });
        for (guard, count) in GUARDS.into_iter().zip(counts) {
            println!("{algorithm} {:12} {count:8} {:8}", format!("{guard:?}"), count - counts[0]);
        }
    }
}

/// One more request than are counted must not make one more token.
fn repeat(algorithm: &str, guard: &str, requests: usize) {
    let algorithm: Algorithm = algorithm.parse().unwrap();
    contest(algorithm, REQUESTS[1]).repeat(guard, requests);
}

/// What this program executes with these arguments.
fn count(arguments: &[&str]) -> i64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    let report = String::from_utf8(output.stderr).unwrap();
    let line = report.lines().find(|line| line.contains("Collected :")).expect("a count");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

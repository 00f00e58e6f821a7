//! A process that serves the application: this test binary once more, with one test in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::{env, io, thread};

use log::{LevelFilter, Log, Metadata, Record};
use rocket::fairing::AdHoc;

use super::application::application;

/// Runs until this is dropped, or until the process that started it ends, however it does.
pub(super) struct Process {
    child: Child,
    /// Its end tells the process to stop.
    input: Option<ChildStdin>,
    ports: mpsc::Receiver<u16>,
    port: OnceLock<u16>,
    said: Arc<Mutex<String>>,
}

/// Where the store is, for a process that is to serve.
const STORE: &str = "TWO_PROCESSES_STORE";

/// What stands before the port.
const LISTENS: &str = "listens on port ";

impl Process {
    /// Starts one over the store at `url`, and does not wait for it.
    pub(super) fn start(url: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "two_processes::process::serves", "--ignored", "--nocapture"])
            .env(STORE, url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::<Mutex<String>>::default();
        let (found, ports) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn({
            let said = Arc::clone(&said);
            move || {
                for line in lines.map_while(Result::ok) {
                    match line.split_once(LISTENS) {
                        Some((_, port)) => drop(found.send(port.parse().unwrap())),
                        None => said.lock().unwrap().push_str(&format!("{line}\n")),
                    }
                }
            }
        });
        let errors = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn({
            let said = Arc::clone(&said);
            move || {
                for line in errors.map_while(Result::ok) {
                    said.lock().unwrap().push_str(&format!("{line}\n"));
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, ports, port: OnceLock::new(), said }
    }

    /// Where it listens, once it does.
    pub(super) fn address(&self) -> SocketAddr {
        let listens = || {
            let ended = |_| panic!("the process ended before it listened: {}", self.said());
            self.ports.recv().unwrap_or_else(ended)
        };
        (Ipv4Addr::LOCALHOST, *self.port.get_or_init(listens)).into()
    }

    /// What it has written.
    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        let ended = self.child.wait();
        if !thread::panicking() {
            assert!(ended.unwrap().success(), "it ended badly: {}", self.said());
        }
    }
}

/// Writes warnings and errors, past the harness.
struct Errors;

impl Log for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let _ = writeln!(io::stderr(), "{} {}", record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

#[test]
#[ignore = "it is a process of the tests beside it"]
fn serves() {
    let Ok(url) = env::var(STORE) else { return };
    log::set_boxed_logger(Box::new(Errors)).unwrap();
    log::set_max_level(LevelFilter::Warn);
    let liftoff = AdHoc::on_liftoff("say where, and end when told", |rocket| {
        Box::pin(async move {
            let shutdown = rocket.shutdown();
            thread::spawn(move || {
                let _ = io::stdin().read_to_end(&mut Vec::new());
                shutdown.notify();
            });
            let _ = writeln!(io::stdout(), "{LISTENS}{}", rocket.config().port);
        })
    });
    rocket::execute(application(&url).attach(liftoff).launch()).unwrap();
}

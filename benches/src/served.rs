//! An application in a process of its own, behind a socket, and what it costs its processor.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use rocket::fairing::AdHoc;
use rocket::{Build, Rocket};

/// The first argument of a process that is to serve; the second one says what.
const SERVE: &str = "serve";

/// What this process is to serve, if it is one that serves.
pub fn task() -> Option<String> {
    let mut arguments = env::args().skip(1);
    (arguments.next()? == SERVE).then(|| arguments.next()).flatten()
}

/// Serves until the process is killed, and says at which port, and with which values of the header that
/// the requests bring, which hold no tab.
pub fn serve(rocket: Rocket<Build>, values: &[String]) {
    let values = values.join("\t");
    let figment = rocket.figment().clone().merge(("port", 0)).merge(("workers", 1));
    let rocket = rocket.configure(figment).attach(AdHoc::on_liftoff("say so", |rocket| {
        Box::pin(async move {
            println!("{}\t{values}", rocket.config().port);
            io::stdout().flush().unwrap();
        })
    }));
    rocket::execute(rocket.launch()).unwrap();
}

/// A serving process, and one connection to it.
pub struct Served {
    process: Child,
    connection: BufReader<TcpStream>,
    requests: Vec<Vec<u8>>,
}

impl Served {
    /// Starts this program anew to serve `what`, and connects to it, to ask for `path` with values of
    /// `header` in turn.
    pub fn start(what: &str, path: &str, header: &str) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args([SERVE, what])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut words = line.trim_end().split('\t');
        let port: u16 = words.next().expect("a port").parse().unwrap();
        let request =
            |value| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}: {value}\r\n\r\n");
        let requests = words.map(|value| request(value).into_bytes()).collect();
        let connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
        connection.set_nodelay(true).unwrap();
        Self { process, connection: BufReader::new(connection), requests }
    }

    /// The nanoseconds of processor time that the server takes for one request.
    pub fn time(&mut self, requests: usize) -> f64 {
        let before = self.processor_time();
        for number in 0..requests {
            self.request(number);
        }
        (self.processor_time() - before) as f64 / requests as f64
    }

    fn request(&mut self, number: usize) {
        let request = &self.requests[number % self.requests.len()];
        self.connection.get_mut().write_all(request).unwrap();
        let mut line = String::new();
        self.connection.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            self.connection.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                length = value.trim_end().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).unwrap();
        assert_eq!(body, b"ok");
    }

    /// Of all its threads (Linux).
    fn processor_time(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let of_thread = |thread: io::Result<fs::DirEntry>| {
            let schedule = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            schedule.split(' ').next().unwrap().parse::<u64>().unwrap()
        };
        threads.map(of_thread).sum()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

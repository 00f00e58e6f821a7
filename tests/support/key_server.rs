//! A provider of keys on this machine, which behaves as a test tells it to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Answers 200 with this body.
    Body(String),
    /// Likewise, with a `Cache-Control`.
    Cached(String, &'static str),
    /// Answers with this status.
    Status(u16),
    /// Answers 302 to this place.
    Redirect(String),
    /// Answers without end.
    Endless,
    /// Takes the request and says nothing, until the client has enough.
    Silent,
    /// Closes the connection.
    Closed,
}

/// The server; it ends with the test.
pub struct KeyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
}

impl KeyServer {
    /// A server on a free port that answers 404 to everything.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.serve(connection));
            }
        });
        Self { address, shared }
    }

    /// Answers `path` so from now on.
    pub fn set(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// How often `path` was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.shared.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Shared {
    /// One request on each connection.
    fn serve(&self, mut connection: TcpStream) {
        let mut lines = BufReader::new(connection.try_clone().expect("a socket")).lines();
        let Some(Ok(first)) = lines.next() else { return };
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let answer = self.answers.lock().unwrap().get(&path).cloned();
        self.asked.lock().unwrap().push(path);
        let head = |status: u16, more: &str| {
            format!("HTTP/1.1 {status} Said\r\nConnection: close\r\n{more}\r\n")
        };
        let sized = |body: &str| format!("Content-Length: {}\r\n", body.len());
        // A client that has enough hangs up, which is no failure of the server.
        let _ = match answer.unwrap_or(Answer::Status(404)) {
            Answer::Body(body) => {
                write!(connection, "{}{body}", head(200, &sized(&body)))
            }
            Answer::Cached(body, control) => {
                let control = format!("{}Cache-Control: {control}\r\n", sized(&body));
                write!(connection, "{}{body}", head(200, &control))
            }
            Answer::Status(status) => write!(connection, "{}", head(status, &sized(""))),
            Answer::Redirect(to) => {
                let location = format!("Location: {to}\r\n{}", sized(""));
                write!(connection, "{}", head(302, &location))
            }
            Answer::Endless => {
                let _ = write!(connection, "{}{{\"keys\":[", head(200, ""));
                while connection.write_all(&[b' '; 4096]).is_ok() {}
                Ok(())
            }
            Answer::Silent => {
                while lines.next().is_some_and(|line| line.is_ok()) {}
                Ok(())
            }
            Answer::Closed => Ok(()),
        };
    }
}

//! One of the users: a cookie, and a connection to each process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::time::sleep;

use super::connection::{Connection, Response};
use super::tally::Tally;

pub(super) struct User {
    id: u32,
    connections: [Connection; 2],
    cookie: Option<String>,
    /// How many requests there were: the next one goes to the other process.
    requests: usize,
    notes: Vec<String>,
    tally: Arc<Tally>,
}

/// So often a 503 is answered by asking once more.
const TRIES: usize = 1000;

impl User {
    pub(super) fn new(id: u32, processes: [SocketAddr; 2], tally: Arc<Tally>) -> Self {
        let connections = processes.map(Connection::to);
        // Half of them begin with the one process, half with the other.
        let requests = id as usize % 2;
        Self { id, connections, cookie: None, requests, notes: Vec::new(), tally }
    }

    pub(super) fn cookie(&self) -> &str {
        self.cookie.as_deref().expect("a cookie")
    }

    pub(super) async fn sign_in(&mut self) {
        let form = format!("username={}&password=tide", self.id);
        let response = self.ask("POST", "/login", &form).await;
        self.is_answered(&response, &self.id.to_string());
    }

    /// By one process, and by the other.
    pub(super) async fn write_and_read_back(&mut self, round: usize) {
        let note = format!("{}-{round}", self.id);
        let response = self.ask("POST", &format!("/notes/{note}"), "").await;
        self.is_answered(&response, &self.id.to_string());
        self.notes.push(note);
        let response = self.ask("GET", "/notes", "").await;
        let own = serde_json::json!([self.id, self.notes]).to_string();
        self.is_answered(&response, &own);
    }

    /// Afterwards the cookie of before opens nothing, whichever process is asked.
    pub(super) async fn sign_out(&mut self) {
        let before = self.cookie().to_owned();
        let response = self.ask("POST", "/logout", "").await;
        self.is_answered(&response, "");
        assert_eq!(self.cookie, None, "user {} keeps a cookie", self.id);
        for _ in 0..2 {
            self.cookie = Some(before.clone());
            let response = self.ask("GET", "/notes", "").await;
            assert_eq!(response.status, 401, "user {}: {response:?}", self.id);
        }
    }

    fn is_answered(&self, response: &Response, body: &str) {
        let is = (response.status, &*response.body);
        assert_eq!(is, (200, body), "user {}", self.id);
    }

    /// Asks the process whose turn it is, until it answers something else than 503.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Response {
        let cookie = self.cookie.as_ref().map(|cookie| format!("Cookie: {cookie}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n{}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            cookie.unwrap_or_default(),
            body.len(),
        );
        let connection = &mut self.connections[self.requests % 2];
        self.requests += 1;
        for _ in 0..TRIES {
            let response = connection.ask(&request).await.expect("an answer");
            if response.status != 503 {
                self.tally.count_answered();
                if let Some(sent) = &response.set_cookie {
                    self.cookie = kept(sent);
                }
                return response;
            }
            self.tally.count_repeated();
            sleep(Duration::from_millis(10)).await;
        }
        panic!("user {}: {path} is unavailable for ever", self.id);
    }
}

/// What a browser sends back.
fn kept(set_cookie: &str) -> Option<String> {
    let (cookie, attributes) = set_cookie.split_once(';')?;
    (!attributes.contains("Max-Age=0")).then(|| cookie.to_owned())
}

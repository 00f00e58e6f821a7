//! The connection: one for all requests, made anew when it breaks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, RedisError, Value};
use rocket::tokio::time::timeout;

use super::failure::Failure;
use super::script::Call;

/// Sends commands, whenever there is somebody to answer them.
pub(super) enum Connection {
    /// One that is made from a URL.
    Ours(Box<Client>, Mutex<Line>),
    /// One that the application has anyway.
    Theirs(ConnectionManager),
}

/// The manager in use. The first command makes it, since it needs a runtime to run in.
#[derive(Default)]
pub(super) struct Line {
    manager: Option<ConnectionManager>,
    /// Which one it is, so that a command hangs up on none but its own.
    number: u64,
}

/// Whether a command may be sent again when the connection broke under it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It only reads.
    Harmless,
    /// It might be done twice, or its second answer deny what the first would have told.
    Never,
}

impl Connection {
    /// Runs a script, by its code where Redis does not know it.
    pub(super) async fn run(&self, call: Call<'_>, repeat: Repeat) -> Result<Value, Failure> {
        match self.send(&call.by_hash(), repeat).await {
            // It has not run, so nothing is done twice.
            Err(failure) if failure.is_unknown_script() => self.send(&call.by_code(), repeat).await,
            answer => answer,
        }
    }

    pub(super) async fn send(&self, command: &Cmd, repeat: Repeat) -> Result<Value, Failure> {
        let (mut manager, number) = self.manager().map_err(Failure::Redis)?;
        let answer = timeout(PATIENCE, async {
            let answer = once(&mut manager, command).await;
            match &answer {
                // What it says of a connection may be old: it tries to make another from there on.
                Err(failure) if failure.is_unsent() => once(&mut manager, command).await,
                Err(failure) if failure.is_broken() && repeat == Repeat::Harmless => {
                    once(&mut manager, command).await
                }
                _ => answer,
            }
        });
        let answer = answer.await.unwrap_or(Err(Failure::Late));
        if let Err(failure) = &answer
            && failure.is_stuck()
        {
            self.hang_up(number);
        }
        answer
    }

    fn manager(&self) -> Result<(ConnectionManager, u64), RedisError> {
        let (client, line) = match self {
            Self::Ours(client, line) => (client, line),
            Self::Theirs(manager) => return Ok((manager.clone(), 0)),
        };
        let mut line = lock(line);
        let manager = match &line.manager {
            Some(manager) => manager.clone(),
            None => {
                let config = ConnectionManagerConfig::new()
                    .set_connection_timeout(Some(TO_CONNECT))
                    // The first may still reach a server that is about to end.
                    .set_number_of_retries(1)
                    .set_min_delay(BEFORE_ANOTHER_TRY)
                    // Ours is above it.
                    .set_response_timeout(None);
                let manager =
                    ConnectionManager::new_lazy_with_config(Client::clone(client), config)?;
                line.manager.insert(manager).clone()
            }
        };
        Ok((manager, line.number))
    }

    fn hang_up(&self, number: u64) {
        let Self::Ours(_, line) = self else { return };
        let mut line = lock(line);
        if line.number == number {
            line.manager = None;
            line.number += 1;
        }
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    // A manager is there or not, whatever panicked.
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn once(manager: &mut ConnectionManager, command: &Cmd) -> Result<Value, Failure> {
    let answer = manager.send_packed_command(command).await;
    answer.and_then(Value::extract_error).map_err(Failure::Redis)
}

/// How long a connection may take, with TLS and a password.
const TO_CONNECT: Duration = Duration::from_secs(1);

const BEFORE_ANOTHER_TRY: Duration = Duration::from_millis(50);

/// How long an answer may take, a connection included, before it counts as none.
const PATIENCE: Duration = Duration::from_millis(2500);

//! What requests, launches and memory cost where much is configured and little is used.

mod handlers;
mod key_memory;
mod key_sets;
mod routes;
mod strategies;

use std::time::{Duration, Instant};

use passport_benches::contest::{Application, Contest};
use rocket::{Build, Rocket};

fn main() {
    if key_memory::is_launch() {
        return key_memory::launch();
    }
    strategies::compare();
    routes::compare();
    key_sets::compare();
    key_memory::report();
}

/// Launches an application, and says how long that took: ignite, launch checks and liftoff.
fn launch(contest: &mut Contest, build: impl FnOnce() -> Rocket<Build>) -> (Application, Duration) {
    let begin = Instant::now();
    let application = contest.launch(build());
    (application, begin.elapsed())
}

//! What a request costs, and a launch, where much is configured and little is used.

mod handlers;
mod key_sets;
mod routes;
mod strategies;

use std::time::{Duration, Instant};

use passport_benches::contest::{Application, Contest};
use rocket::{Build, Rocket};

fn main() {
    strategies::compare();
    routes::compare();
    key_sets::compare();
}

/// Launches an application, and says how long that took: ignite, launch checks and liftoff.
fn launch(contest: &mut Contest, build: impl FnOnce() -> Rocket<Build>) -> (Application, Duration) {
    let begin = Instant::now();
    let application = contest.launch(build());
    (application, begin.elapsed())
}

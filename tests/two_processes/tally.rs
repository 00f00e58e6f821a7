//! What happened to all users together.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

#[derive(Default)]
pub(super) struct Tally {
    answered: AtomicUsize,
    repeated: AtomicUsize,
}

impl Tally {
    pub(super) fn count_answered(&self) {
        self.answered.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn count_repeated(&self) {
        self.repeated.fetch_add(1, Ordering::SeqCst);
    }

    /// How many requests were answered with something else than 503.
    pub(super) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// How often the answer was 503.
    pub(super) fn repeated(&self) -> usize {
        self.repeated.load(Ordering::SeqCst)
    }

    pub(super) fn wait_until(&self, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "nothing goes on");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

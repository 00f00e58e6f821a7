//! When to delete what has ended.

use std::sync::atomic::{AtomicI64, Ordering};

/// The last time that something was swept, by the callers' clocks.
#[derive(Debug)]
pub(in crate::store) struct Sweep(AtomicI64);

impl Sweep {
    pub(in crate::store) const fn never() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }

    /// What has ended by then may be deleted, if it is time to: for one caller in a minute.
    pub(in crate::store) fn due(&self, now: i64) -> Option<i64> {
        let last = self.0.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= INTERVAL || now < last;
        let is_mine = || self.0.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed);
        (is_due && is_mine().is_ok()).then(|| now.saturating_sub(GRACE))
    }
}

/// How many rows go at a time, so that no lock is held for long.
pub(in crate::store) const ROWS: u32 = 500;

/// How many times, at most: what is left goes in the next minute.
pub(in crate::store) const TIMES: usize = 1000;

const INTERVAL: i64 = 60 * 1000;

/// Another process, whose clock is behind, may still see what has ended here.
const GRACE: i64 = 5 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_time_once_a_minute_and_not_for_what_has_just_ended() {
        let sweep = Sweep::never();
        let now = 10_000_000;
        assert_eq!(sweep.due(now), Some(now - GRACE));
        assert_eq!(sweep.due(now), None);
        assert_eq!(sweep.due(now + INTERVAL - 1), None);
        assert_eq!(sweep.due(now + INTERVAL), Some(now + INTERVAL - GRACE));
        assert_eq!(sweep.due(now), Some(now - GRACE), "a clock that was put back");
    }
}

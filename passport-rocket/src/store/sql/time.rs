//! Times as milliseconds since 1970, rounded down: nothing is there longer than it may be.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) fn milliseconds(time: SystemTime) -> i64 {
    let milliseconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(LATEST),
        Err(before) => {
            let before = before.duration().as_nanos().div_ceil(1_000_000);
            i64::try_from(before).map_or(-LATEST, i64::wrapping_neg)
        }
    };
    milliseconds.clamp(-LATEST, LATEST)
}

pub(super) fn from_milliseconds(milliseconds: i64) -> SystemTime {
    let distance = Duration::from_millis(milliseconds.unsigned_abs());
    let time = match milliseconds < 0 {
        true => UNIX_EPOCH.checked_sub(distance),
        false => UNIX_EPOCH.checked_add(distance),
    };
    time.unwrap_or(UNIX_EPOCH)
}

/// The end of the year 9999, which every system's clock can tell.
const LATEST: i64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_down_and_bounded() {
        let after = |nanoseconds| UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        let before = |nanoseconds| UNIX_EPOCH - Duration::from_nanos(nanoseconds);
        assert_eq!(milliseconds(after(1_999_999)), 1);
        assert_eq!(milliseconds(after(0)), 0);
        assert_eq!(milliseconds(before(1)), -1);
        assert_eq!(milliseconds(before(1_000_000)), -1);
        let far = UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        assert_eq!(milliseconds(far), LATEST);
        for number in [-LATEST, -1, 0, 1, LATEST] {
            assert_eq!(milliseconds(from_milliseconds(number)), number);
        }
    }
}

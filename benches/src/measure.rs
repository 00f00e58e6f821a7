//! Takes turns: every competitor is measured in every round, so that a machine that grows slower is
//! slower for all, and what one adds to another is taken within a round.

use std::time::Instant;

/// The nanoseconds of one request, a value for each round.
pub type Rounds = Vec<f64>;

/// How many rounds come before those that count.
pub const WARM_UP_ROUNDS: usize = 2;

/// How often [`allocations`] does the work before the one time that counts.
pub const WARM_UP_CALLS: usize = 10;

/// Measures `count` competitors in every round: `time` says how long the one at a place took.
pub fn take_turns(count: usize, rounds: usize, mut time: impl FnMut(usize) -> f64) -> Vec<Rounds> {
    let mut times = vec![Rounds::new(); count];
    for round in 0..WARM_UP_ROUNDS + rounds {
        for nth in 0..count {
            // Another order in each round.
            let place = (nth + round) % count;
            let time = time(place);
            if round >= WARM_UP_ROUNDS {
                times[place].push(time);
            }
        }
    }
    times
}

/// The nanoseconds that `work` takes, one of so many `times`.
pub fn nanoseconds(times: usize, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    for _ in 0..times {
        work();
    }
    begin.elapsed().as_nanos() as f64 / times as f64
}

/// The allocations of `work`, once it is warm. What a C library takes from `malloc` is not among
/// them.
pub fn allocations(mut work: impl FnMut()) -> u64 {
    for _ in 0..WARM_UP_CALLS {
        work();
    }
    allocation_counter::measure(work).count_total
}

/// The middle of how many times `other` goes into `one`, round by round.
pub fn ratio(one: &Rounds, other: &Rounds) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one / other).collect())
}

/// The middle of what `one` adds to `other`, round by round.
pub fn adds(one: &Rounds, other: &Rounds) -> f64 {
    median(one.iter().zip(other).map(|(one, other)| one - other).collect())
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

//! The strategy `jwt` against the crate jsonwebtoken, over generated tokens: what ours refuses and the
//! other accepts, it refuses by a listed rule. And what holds for every token and for any text.
//!
//! `PROPTEST_CASES` says how many are generated, `PROPTEST_RNG_SEED` which. With fewer than 3,000, a
//! rule may go unbroken, and the test that counts them fails.

mod agreement;
mod boundaries;
mod court;
mod forgery;
mod json;
mod memory;
mod properties;
mod rules;
mod signing;

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// The same cases on every machine and in every run, unless the environment asks for others.
fn runner(cases: u32) -> TestRunner {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(7519);
    }
    TestRunner::new(config)
}

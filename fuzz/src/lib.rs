//! What the fuzz targets do with an input, each as an application meets it: a request goes through
//! Rocket's local client, and what comes back must be what a second, independent reading says.
//!
//! The targets in `fuzz_targets/` hand their input to these functions, and so does the replay of the
//! corpus, which needs neither libFuzzer nor a nightly compiler.

mod app;
mod authorization;
mod body;
mod cookie;
mod jwk_set;
mod keys;
mod oracle;
#[cfg(test)]
mod replay;
mod script;
mod token;

pub use authorization::authorization;
pub use body::body;
pub use cookie::cookie;
pub use jwk_set::jwk_set;
pub use token::token;

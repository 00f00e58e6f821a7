//! Where a credential stands in a request, and how it is read there.

mod authorization;
mod source;

pub use authorization::Authorization;
pub use source::{Found, Source};

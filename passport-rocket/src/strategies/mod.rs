//! The strategies that come with this crate; each is one folder that nothing else depends on.

#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "session")]
pub mod session;

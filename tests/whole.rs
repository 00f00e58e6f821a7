//! The whole, through Rocket's own client: one module for each thing that must hold.

mod attacks;
mod chain;
mod contract;
mod differential;
mod guide;
mod house;
mod jwt;
mod launch;
mod local;
mod logs;
mod outside;
mod payload;
mod readme;
mod replay;
mod session;
mod sign_in;
mod store;
mod traps;
mod two_processes;

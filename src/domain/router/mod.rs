//! The router: which key and model serve a request, in which order, and why not the others.
//!
//! Router A balances over the home group, Router B fails over to other groups and the reserve.

pub mod attempts;
pub mod balance;
pub mod capacity;
pub mod carry;
pub mod degradation;
pub mod failover;
pub mod first;
pub mod line;
pub mod plan;
pub mod record;
pub mod told;

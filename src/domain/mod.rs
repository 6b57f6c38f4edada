//! The rules of svs. No clock, lock, I/O, environment, secret or logging: what a rule needs is an argument,
//! what it decides is a value. The two denied lints are the fence; `clippy.toml` says what they fence out.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod chat;
pub mod key;
pub mod language;
pub mod model;
pub mod nearest;
pub mod policy;
pub mod pool;
pub mod reference;
pub mod role;
pub mod router;
pub mod rules;
pub mod session;
pub mod simulate;
pub mod time;

//! A Telegram and a Gemini to talk to when there is none: real wire on loopback, scripted faults, a witness log.
//!
//! `svs sandbox` plays with them and the integration tests are judged by them, so they share nothing with the
//! clients: no type, no parser, no constant.

pub mod faults;
pub mod gemini;
mod http;
pub mod report;
mod server;
pub mod tap;
pub mod telegram;
mod witness;

pub use server::{Options, Sandbox};

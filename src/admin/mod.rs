//! The operator's door: HTTP over a unix socket between the daemon and the commands of the same machine; and beside it
//! `http`, the door for monitoring.

pub(crate) mod api;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod http;
pub(crate) mod keys;
pub(crate) mod peers;
pub(crate) mod people;
pub(crate) mod refusal;
pub(crate) mod reload;
pub(crate) mod routes;
pub(crate) mod server;
pub(crate) mod socket;
mod target;

pub(crate) use client::Client;

//! One file per subcommand: what it takes, what it does, what it has found. [`Ctx`] is what all of them know.

mod context;
mod daemon;
mod here;
mod input;
mod plan;
mod pool;
mod process;
mod signals;
mod stored;
mod supervisor;
mod topics;
mod values;

pub(crate) mod ask;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod debug;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod health;
pub(crate) mod help;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod reload;
pub(crate) mod route;
pub(crate) mod run;
pub(crate) mod sandbox;
pub(crate) mod service;
pub(crate) mod status;
pub(crate) mod top;
pub(crate) mod usage;
pub(crate) mod users;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod vip;
pub(crate) mod webhook;

pub(crate) use context::Ctx;
pub(crate) use pool::unused_pool;
pub(crate) use process::{block_on, catch_panics, harden};
pub(crate) use values::{
    Instant, parse_group, parse_instant, parse_key, parse_language, parse_model, parse_request_name,
    parse_role, parse_span, parse_time, parse_who, with_at,
};

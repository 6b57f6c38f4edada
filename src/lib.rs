//! svs: a Telegram bot on Google Gemini, and the operations tool around its pool of API keys.
//!
//! The map of the house, in reading order; `docs/architecture.md` draws it.

pub mod cli;

mod commands;
mod ui;

mod admin;
mod telegram;

mod gateway;

mod gemini;
mod store;
mod telemetry;

mod config;

pub mod domain;
pub mod sandbox;

mod clock;
mod error;
mod failpoint;
mod redact;

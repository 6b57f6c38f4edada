//! svs: a Telegram bot on Google Gemini, and the operations tool around its pool of API keys.
//!
//! The map of the house, in reading order; `ARCHITECTURE.md` draws it.
#![allow(dead_code, clippy::allow_attributes_without_reason, clippy::allow_attributes)]

pub mod cli;

mod commands;
mod ui;

mod admin;
mod telemetry;

pub mod domain;

mod clock;
mod config;
mod error;
mod gemini;
mod redact;
mod store;
mod failpoint;
mod telegram;

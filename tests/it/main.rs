//! Everything that is tested from outside: the binary, what it prints, what is generated from it.
#![expect(clippy::expect_used, reason = "a test may end so")]
#![expect(clippy::print_stdout, reason = "what a failed test was measuring, and how to repeat it")]

mod account;
mod architecture;
mod artifacts;
mod ask;
mod ask_ends;
mod ask_files;
mod bad_limits;
mod bad_replies;
mod bad_senders;
mod bad_updates;
mod control;
mod conversation;
#[cfg(feature = "failpoints")]
mod crash;
mod dashboards;
mod degradation;
mod delivery;
mod doctor;
mod documents;
mod explain;
mod files_out;
mod formatting;
mod group_changes;
mod groups;
mod guides;
mod health;
mod init;
mod keys;
mod keys_change;
mod kicks;
mod languages;
mod ledger;
mod logs;
mod memory;
mod monitoring;
mod pictures;
mod provider_words;
mod readme;
mod reload;
mod roles_in_chat;
mod route;
mod sandbox;
mod secrets;
mod shell;
mod shutdown;
mod streaming;
mod support;
mod top;
mod transcripts;
mod users;
mod validators;
mod verify;
mod vip;
mod webhook;

//! A Bot API server on loopback: real offsets, conflicts, chats, topics and messages, the real server's refusals,
//! and people who write when a test or a terminal says so.
//!
//! Stricter than the real one in one place: entities that overlap or nest as Telegram forbids are refused, where the
//! real server would mend them in silence. `parse_mode` knows `HTML` only.

mod entities;
mod fault;
mod files;
mod flood;
mod handle;
mod known;
mod media;
mod messages;
mod params;
mod people;
mod profile;
mod send;
mod serve;
mod state;
#[cfg(test)]
mod tests;
mod updates;

pub use entities::objection;
pub use fault::{BadTelegramFault, TelegramFault};
pub use handle::{Telegram, TelegramCall};
pub use media::{Media, SeenFile};
pub use people::{ChatSpec, User};
pub(in crate::sandbox) use state::Setup;
pub use state::{SeenMessage, TelegramEvent};

//! The Telegram shell: updates come in, are put in order, and answers go out.
//!
//! - `run`: the bot from its first call to its last. `api`: the Bot API, its methods and failures.
//! - `intake/`: reads updates and stores them. `command`: reads commands; `arguments`: whom and what they name.
//! - `door`: who is served as whom. `claim`: how a bot without an owner gets one.
//! - `fetch`: gets the files that people send.
//! - `desk`: where every update gets its place and its end. `lane`: order within a conversation. `turn`: its turn.
//! - `handlers/`: what is done with each kind of message. `menu`: the commands that people see.
//! - `button`: what a pressed button hands back.
//! - `outbox/`: what is said, in order, within a chat's `budget`; `stream`: when a growing answer is shown.
//! - `markdown/`: an answer becomes text with entities, cut into messages.
//! - `texts/`, `locales/`: every word the bot says of itself, in every language.

mod albums;
mod api;
mod arguments;
mod budget;
mod button;
mod chats;
mod claim;
mod command;
mod desk;
mod door;
mod enclosed;
mod fetch;
mod handlers;
mod intake;
mod lane;
mod markdown;
mod menu;
mod outbox;
mod parked;
mod run;
mod stream;
mod texts;
mod turn;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use api::{Api, ApiError, DeleteWebhook, GetMe, GetWebhookInfo, Me, WebhookInfo};
#[cfg(test)]
pub(crate) use markdown::{Entity, Limits, render_answer, render_growing};
pub(crate) use run::{TelegramDeps, run};
pub(crate) use stream::TELL_WAIT_AFTER;
pub(crate) use texts::Texts;

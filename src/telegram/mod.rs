//! The Telegram shell: updates come in, are put in order, and answers go out.

mod api;
mod budget;
mod command;
mod intake;
mod split;
mod stream;
mod texts;

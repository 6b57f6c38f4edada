//! The Telegram shell: updates come in, are put in order, and answers go out.

mod api;
mod budget;
mod command;
mod intake;
mod outbox;
mod split;
mod stream;
mod texts;

#[cfg(test)]
mod testing;

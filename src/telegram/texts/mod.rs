//! Every word the bot says of itself, in every language.

mod button;
mod catalog;
mod keys;
mod name;
mod notice;
mod span;

pub(crate) use catalog::{Texts, model_name, word};
pub(crate) use keys::Key;
pub(crate) use name::{full_name, plain_name};

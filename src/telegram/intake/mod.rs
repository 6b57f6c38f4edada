//! How updates come in.

mod parse;

pub(crate) use parse::{Body, Chat, Kind, Message, Press, Sender, Update, read};

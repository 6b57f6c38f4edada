//! How updates come in.

mod parse;
mod poll;

pub(crate) use parse::{Author, Body, Kind, Message, Press, Sender, Update, read};
pub(crate) use poll::{PollEnd, poll};

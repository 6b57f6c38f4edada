//! How updates come in.

mod parse;
mod poll;

pub(crate) use parse::{Author, Body, FileRef, Kind, Message, Press, Sender, Update, read};
pub(crate) use poll::{PollEnd, poll};

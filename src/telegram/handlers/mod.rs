//! What the bot does with a message: one file per kind.

mod about;
mod again;
mod attached;
mod conversation;
mod keys;
mod manage;
mod myself;
mod person;
mod picture;
mod press;
mod question;
mod route;
mod users;
mod vip;

pub(super) use press::{answer_press, press};
pub(super) use question::still_working;
pub(super) use route::message;

#[cfg(test)]
pub(super) use route::PANIC;

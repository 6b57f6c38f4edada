//! Both other sides on loopback, for the tests of this room.

mod bot;
mod bot_api;
mod gemini;

pub(crate) use bot::{Bot, Setup, config_of, private};
pub(crate) use bot_api::{FakeBotApi, Fault, store};
pub(crate) use gemini::FakeGemini;

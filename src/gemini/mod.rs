//! Gemini over HTTP: one call, what came back, and whose fault it was when nothing did.
//!
//! `client` makes the call (`transport` below it), `wire` and `sse` read it, `answer` puts it together, `verdict` judges failures, `probe`
//! lists models; `media` knows which files Gemini reads, and `body` sends them. Nothing here retries, chooses a key or keeps a count: that is the pool's and the gateway's.
//!
//! **Invariant:** no error, detail or `Debug` output of this room contains a key.

mod answer;
mod body;
mod client;
mod media;
mod probe;
mod sse;
mod transport;
mod verdict;
mod wire;

pub(crate) use answer::Finish;
pub(crate) use client::{Call, GeminiClient, Reply};
pub(crate) use media::{Attachment, FILES_CAP, Picture, Unreadable};
pub(crate) use probe::{ModelInfo, SlotCheck, check_models};
pub(crate) use verdict::Verdict;
pub(crate) use wire::{Prompt, Usage};

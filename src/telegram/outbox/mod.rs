//! What svs says: one writer per chat, in order, within the chat's budget.
//!
//! - `live`: an answer that is being written, and what of it is worth showing now.
//! - `queue`: what a chat has to say, and which of it is next. Pure.
//! - `writer`: the task that says it; it lives while there is something to say.
//! - `delivery`: one row until nothing is left to do for it; `files`: a row that is a file.
//! - `spans`: what a tracing system is told of it.
//! - `handle`: what the rest of the shell holds.
//!
//! ```text
//!   opening sent ──▶ message id committed ──▶ edits (may be left out) ──▶ final edit ──▶ done
//! ```
//!
//! **Invariant:** the final text of an answer is never sent, only edited into a message whose id is committed. So
//! a crash can leave an opening behind, never the same answer twice.

mod delivery;
mod files;
mod handle;
mod live;
mod queue;
mod spans;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use handle::Outbox;
pub(crate) use live::{Live, Target};

//! The ledger: a set of versioned cells with one operation, and what a restart must know about the last run.

mod boot;
mod cells;

pub(super) use boot::{close, open};
pub(crate) use cells::CellKey;

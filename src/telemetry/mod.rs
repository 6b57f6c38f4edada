//! What svs tells about itself: the log, and the numbers of the moment.

mod logs;
mod metrics;
mod process;
mod vitals;
mod writer;

pub(crate) use logs::{LogGuard, start_log};
pub(crate) use metrics::{EndedSend, group_label};
pub(crate) use process::{Process, resident_memory};
pub(crate) use vitals::{POLL_STALL, Vitals};

//! What svs tells about itself: the log, and the numbers of the moment.

mod logs;
mod vitals;
mod writer;

pub(crate) use logs::{LogGuard, start_log};
pub(crate) use vitals::{Vitals, resident_memory};

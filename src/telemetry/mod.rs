//! What svs tells about itself: the log, and the numbers of the moment.

pub(crate) mod logs;
pub(crate) mod vitals;
mod writer;

//! What svs tells about itself: the log, and the numbers of the moment.
//!
//! - `logs`: the log and what can be done with it. `record`: one entry, scrubbed. `writer`: the way to standard error.
//!   `recent`: the last entries, and who follows. `people`: as whom a person stands there.
//! - `spans`: what was done for a request, for a tracing system. `otlp`: the way there, a feature; `no_otlp` stands in
//!   its place.
//! - `flame`: where the time on processors goes. `console`: the tasks of the runtime. Both are features.
//! - `vitals`: the numbers of the moment. `metrics`: what was counted since the start. `process`: what the system says.

#[cfg(feature = "tokio-console")]
mod console;
mod flame;
mod logs;
mod metrics;
#[cfg(not(feature = "otlp"))]
#[path = "no_otlp.rs"]
mod otlp;
#[cfg(feature = "otlp")]
mod otlp;
mod people;
mod process;
mod recent;
mod record;
mod spans;
mod vitals;
mod writer;

pub(crate) use flame::{Flame, NoFlame, take as take_flame};
pub(crate) use logs::{LevelNow, Log, Logs, start_log};
pub(crate) use metrics::{EndedSend, group_label};
pub(crate) use otlp::Otlp;
pub(crate) use people::{log_name, name_people, person};
pub(crate) use process::{Process, resident_memory};
pub(crate) use record::Record;
pub(crate) use spans::{Fact, OpenSpan, Side, Span};
pub(crate) use vitals::{POLL_STALL, Vitals};

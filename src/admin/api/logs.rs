//! The log, through the socket.

use serde::{Deserialize, Serialize};

use crate::config::LogLevel;
use crate::domain::time::Timestamp;
use crate::telemetry::Record;

/// Asks for entries of the log.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogsRequest {
    /// How many of the last ones.
    pub(crate) lines: u32,
    /// Only those at least as important as this; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<LogLevel>,
    /// Whether what comes is told as well, until the daemon ends.
    #[serde(default)]
    pub(crate) follow: bool,
}

/// One line of the answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogsEvent {
    /// An entry.
    Entry(Record),
    /// So many entries came faster than they were read, and are not told.
    Missed(u64),
}

/// Asks for another level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelRequest {
    /// The level; none: that of the configuration.
    pub(crate) level: Option<LogLevel>,
    /// For how long; none: until the end of the daemon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) for_ms: Option<u64>,
}

/// How much is written to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct LevelState {
    /// The time of this answer.
    pub(crate) now: Timestamp,
    /// The least important level that is written.
    pub(crate) level: LogLevel,
    /// That of the configuration.
    pub(crate) configured: LogLevel,
    /// When it becomes that of the configuration again, where it will by itself.
    pub(crate) until: Option<Timestamp>,
    /// Lines that found no room, since the start.
    pub(crate) dropped: u64,
}

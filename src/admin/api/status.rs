//! How the daemon is, through the socket.

use serde::{Deserialize, Serialize};

use super::{KeyNow, VipHold, VipSession, VipWaiting};
use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::time::Timestamp;
use crate::gateway::Updates;

/// How the daemon is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    /// Its version.
    pub(crate) version: String,
    /// Its process.
    pub(crate) pid: u32,
    /// The time of this answer.
    pub(crate) now: Timestamp,
    /// When it started.
    pub(crate) started_at: Timestamp,
    /// The latest successful getUpdates; none before the first.
    pub(crate) last_poll: Option<Timestamp>,
    /// Why it must not be called alive, if so.
    #[serde(default)]
    pub(crate) fault: Option<String>,
    /// Requests waiting for a key.
    pub(crate) queue: u32,
    /// Requests being answered.
    pub(crate) running: u32,
    /// Messages waiting to be sent to Telegram.
    pub(crate) outbox: u32,
    /// What became of the updates of the last 24 h.
    #[serde(default)]
    pub(crate) updates: Updates,
    /// Keys by group, then the router keys; groups without keys are left out.
    pub(crate) keys: Vec<KeyCounts>,
    /// Budgets of the quota day per model.
    pub(crate) budgets: Vec<Budget>,
    /// The midnight at which budgets are renewed.
    pub(crate) resets_at: Timestamp,
    /// VIP seats taken.
    pub(crate) seats_taken: u32,
    /// VIP seats in all.
    pub(crate) seats: u32,
    /// Resident memory in bytes, where the system tells.
    pub(crate) rss: Option<u64>,
    /// What svs itself adds to an answer, median of late, in microseconds; none before the first answer.
    pub(crate) overhead_p50_us: Option<u64>,
    /// Log lines that found no room.
    pub(crate) log_lines_dropped: u64,
    /// The latest failures, oldest first.
    pub(crate) recent_failures: Vec<RecentFailure>,
    /// Every key, by its place.
    #[serde(default)]
    pub(crate) pool: Vec<KeyNow>,
    /// Who has a VIP seat, by seat.
    #[serde(default)]
    pub(crate) sessions: Vec<VipSession>,
    /// For whom a seat is held, by seat.
    #[serde(default)]
    pub(crate) holds: Vec<VipHold>,
    /// Who waits for a seat, first comes first.
    #[serde(default)]
    pub(crate) line: Vec<VipWaiting>,
    /// What happened in the last minute.
    #[serde(default)]
    pub(crate) rates: Rates,
    /// What is down at large.
    #[serde(default)]
    pub(crate) outages: Vec<Outage>,
}

/// What a project may spend on one model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Quota {
    /// The model.
    pub(crate) model: ModelSlot,
    /// Sends of this quota day.
    pub(crate) used: u32,
    /// Sends allowed in it.
    pub(crate) allowed: u32,
    /// Sends of the sliding minute.
    pub(crate) minute: u32,
    /// Sends allowed in it.
    pub(crate) per_minute: u32,
}

/// What happened in the last minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rates {
    /// Updates received.
    pub(crate) received: u32,
    /// Of these, refused ones.
    pub(crate) refused: u32,
    /// Requests sent to Gemini.
    pub(crate) sends: u32,
    /// Of these, answered ones.
    pub(crate) answered: u32,
    /// Of these, failed by a fault of a key, a project, a model or the host.
    pub(crate) failed: u32,
    /// The median time of the answered ones in milliseconds, from the call to the end of the answer.
    pub(crate) answer_p50_ms: Option<u64>,
}

/// A model that serves nobody now, or the pool as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Outage {
    /// The model; none: all of them.
    pub(crate) model: Option<ModelSlot>,
    /// Why.
    pub(crate) why: String,
    /// When that is tried again, where that is known.
    pub(crate) until: Option<Timestamp>,
}

/// The keys of one group. The states are apart: `total` is their sum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct KeyCounts {
    /// The group; none: the router keys.
    pub(crate) group: Option<Group>,
    /// All of them.
    pub(crate) total: u32,
    /// Could serve now, or after their cooldown.
    pub(crate) ready: u32,
    /// Waiting for a minute limit.
    pub(crate) limited: u32,
    /// Their budgets of the day are spent.
    pub(crate) exhausted: u32,
    /// Out for some time after strikes.
    pub(crate) blacklisted: u32,
    /// Definitely rejected.
    pub(crate) rejected: u32,
    /// Taken out by an operator.
    #[serde(default)]
    pub(crate) disabled: u32,
}

/// The budget of one model over all projects.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Budget {
    /// The model.
    pub(crate) model: ModelSlot,
    /// Sends of this quota day.
    pub(crate) used: u64,
    /// Sends allowed in it.
    pub(crate) allowed: u64,
}

/// A failure of late, without content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RecentFailure {
    /// When.
    pub(crate) at: Timestamp,
    /// What, scrubbed.
    pub(crate) message: String,
}

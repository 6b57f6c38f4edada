//! How it all is: what `svs status`, /status and the watchdog look at.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::hub::Gateway;
use crate::domain::key::Group;
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::refusal::Refusal;
use crate::domain::pool::snapshot::{Counts, KeyView, counts_by_group, key_views};
use crate::domain::session::seats::{Seats, Tenure};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, StoreError, UpdateCounts};
use crate::telemetry::resident_memory;

/// What became of the updates received in some time: `received` is the sum of all that follow.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Updates {
    /// All of them, each once, however often Telegram sent it.
    pub(crate) received: u32,
    /// Those that ended in an answer.
    pub(crate) answered: u32,
    /// Those that ended in a refusal, by its reason.
    pub(crate) refused: BTreeMap<String, u32>,
    /// Those to which nothing is said, by the rule.
    pub(crate) dropped: BTreeMap<String, u32>,
    /// Those that have not ended.
    pub(crate) pending: u32,
}

impl Updates {
    /// Counts endings as the inbox names them.
    pub(super) fn of(endings: Vec<(Option<String>, u32)>) -> Updates {
        let mut updates = Updates::default();
        for (ending, count) in endings {
            updates.received += count;
            let ending = ending.unwrap_or_default();
            match ending.split_once(':') {
                Some(("refused", reason)) => *updates.refused.entry(reason.to_owned()).or_default() += count,
                Some((_, rule)) => *updates.dropped.entry(rule.to_owned()).or_default() += count,
                None if ending == "answered" => updates.answered += count,
                None => updates.pending += count,
            }
        }
        updates
    }
}

/// How the daemon is: what is now, and what was lately.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Status {
    /// What is now.
    pub(crate) gauges: Gauges,
    /// Updates of the last 24 h.
    pub(crate) updates: Updates,
    /// Resident memory in bytes, where the system tells.
    pub(crate) memory: Option<u64>,
    /// What svs itself adds to an answer, the median of late; none before the first answer.
    pub(crate) overhead_p50: Option<Duration>,
    /// Failed sends of the last hour.
    pub(crate) errors_last_hour: u32,
    /// The latest failures, oldest first: when, which key's project, and the outcome.
    pub(crate) recent_failures: Vec<(Timestamp, String)>,
}

/// What is now, as cheap to tell as it is often asked.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Gauges {
    /// The time of this answer.
    pub(crate) now: Timestamp,
    /// When the gateway was opened.
    pub(crate) started_at: Timestamp,
    /// The latest successful getUpdates; none before the first.
    pub(crate) last_poll: Option<Timestamp>,
    /// Why this process must not be called alive, if so.
    pub(crate) fault: Option<&'static str>,
    /// Requests waiting for a key.
    pub(crate) queue: u32,
    /// Requests that run or wait.
    pub(crate) running: u32,
    /// Messages waiting to be sent to Telegram.
    pub(crate) outbox: u32,
    /// Every key.
    pub(crate) keys: Vec<KeyView>,
    /// Keys in each condition, by group; `None` are the router keys.
    pub(crate) counts: Vec<(Option<Group>, Counts)>,
    /// Spent and budget of the quota day per model, over all projects.
    pub(crate) spent: PerModel<(u32, u32)>,
    /// The midnight at which budgets are renewed.
    pub(crate) resets_at: Timestamp,
    /// VIP seats taken.
    pub(crate) seats_taken: u32,
    /// VIP seats in all.
    pub(crate) seats: u32,
    /// Configured models that serve nobody now, or the pool as a whole (no model), and why.
    pub(crate) outages: Vec<(Option<ModelSlot>, Refusal)>,
    /// Updates since the start of this process.
    pub(crate) updates: UpdateCounts,
    /// Log lines that found no room.
    pub(crate) log_lines_dropped: u64,
}

impl Gauges {
    /// All keys, the router keys among them.
    pub(crate) fn all_keys(&self) -> Counts {
        Counts::of(&self.keys)
    }
}

impl Gateway {
    /// How it all is now.
    pub(crate) async fn status(&self) -> Result<Status, StoreError> {
        let shared = &self.shared;
        let now = shared.clock.now();
        let (hour_ago, day_ago) = (now - Duration::from_hours(1), now - Duration::from_hours(24));
        // Counted beside the writer: there may be many of them.
        let endings = shared.store.read_aside(move |tx| tx.endings_since(day_ago));
        let (errors, recent) = shared
            .store
            .read(move |tx| Ok((tx.errors_since(hour_ago)?, tx.recent_errors(hour_ago, 5)?)))
            .await?;
        let failure = |send: crate::store::SettledSend| {
            let outcome = send.outcome.unwrap_or_default();
            (send.at, format!("{outcome} from {} on {}", send.model, send.project))
        };
        Ok(Status {
            updates: Updates::of(endings.await?),
            gauges: self.gauges().await?,
            memory: resident_memory(),
            overhead_p50: shared.vitals.overhead_p50(),
            errors_last_hour: errors,
            recent_failures: recent.into_iter().map(failure).collect(),
        })
    }

    /// Log lines that found no room.
    pub(crate) fn log_lines_dropped(&self) -> u64 {
        self.shared.vitals.log_lines_dropped().load(std::sync::atomic::Ordering::Relaxed)
    }

    /// What is now, without counting the past.
    pub(crate) async fn gauges(&self) -> Result<Gauges, StoreError> {
        let shared = &self.shared;
        let seats: (Seats, Timestamp) =
            shared.store.read(|tx| Ok((tx.read_cell(&CellKey::Seats)?, tx.now()))).await?;
        let (seats, now) = seats;
        let taken = seats.list(now).filter(|seat| matches!(seat.tenure, Tenure::Sitting { .. })).count();
        let moment = shared.calendar.moment(now);
        let (keys, spent) = {
            let pool = shared.pool();
            let spent = PerModel::from_fn(|model| spent_of(&pool, model, &moment));
            (key_views(&pool, &moment), spent)
        };
        let vitals = &shared.vitals;
        Ok(Gauges {
            now,
            started_at: shared.started_at,
            last_poll: vitals.last_poll(),
            fault: vitals.fault(now),
            queue: vitals.queue(),
            running: vitals.running() + shared.parked(),
            outbox: vitals.outbox(),
            counts: counts_by_group(&keys),
            keys,
            spent,
            resets_at: moment.reset_at,
            seats_taken: u32::try_from(taken).unwrap_or(u32::MAX),
            seats: shared.config().rules.seats.seats,
            outages: shared.outages(now),
            updates: shared.store.update_counts(),
            log_lines_dropped: self.log_lines_dropped(),
        })
    }
}

/// Spent and budget of one model, each project counted once.
fn spent_of(
    pool: &crate::domain::pool::key_pool::KeyPool,
    model: ModelSlot,
    moment: &crate::domain::time::Moment,
) -> (u32, u32) {
    let of = |place: usize| {
        let spec =
            pool.roster.keys().iter().enumerate().find(|(key, _)| pool.roster.project_of(*key) == place);
        let state = &pool.projects[place];
        spec.map_or((0, 0), |(_, spec)| {
            (state.spent(model, moment), state.budget(&spec.limits, model, moment))
        })
    };
    (0..pool.projects.len()).map(of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

//! What the screen shows of a daemon: plain data, whose texts are harmless on a terminal.

use crate::domain::chat::UserId;
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Condition;
use crate::domain::time::Timestamp;

/// A daemon at one instant.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct View {
    /// How bad it is.
    pub(crate) verdict: Verdict,
    /// The daemon's version.
    pub(crate) version: String,
    /// Its process.
    pub(crate) pid: u32,
    /// The time of this view, by its clock; all other times are seen from here.
    pub(crate) now: Timestamp,
    /// When it started.
    pub(crate) started_at: Timestamp,
    /// The latest successful getUpdates.
    pub(crate) last_poll: Option<Timestamp>,
    /// Requests being answered.
    pub(crate) running: u32,
    /// Requests waiting for a key.
    pub(crate) queue: u32,
    /// Messages waiting to be sent to Telegram.
    pub(crate) outbox: u32,
    /// The last minute.
    pub(crate) rates: Rates,
    /// The day of all projects together, per model.
    pub(crate) budgets: Vec<Budget>,
    /// When budgets are renewed.
    pub(crate) resets_at: Timestamp,
    /// What is down at large.
    pub(crate) outages: Vec<Outage>,
    /// Every key, by its place.
    pub(crate) keys: Vec<KeyRow>,
    /// VIP seats taken.
    pub(crate) seats_taken: u32,
    /// VIP seats in all.
    pub(crate) seats: u32,
    /// Who sits, has a seat held, or waits.
    pub(crate) room: Vec<Seat>,
    /// The latest failures, newest first.
    pub(crate) failures: Vec<FailureRow>,
}

/// How bad it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// All well.
    Good,
    /// Worth a look: why.
    Warning(String),
    /// Nobody is served: why.
    Critical(String),
}

/// What happened in the last minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rates {
    /// Updates received.
    pub(crate) received: u32,
    /// Of these, refused ones.
    pub(crate) refused: u32,
    /// Requests sent to Gemini.
    pub(crate) sends: u32,
    /// Of these, answered ones.
    pub(crate) answered: u32,
    /// Of these, failed ones.
    pub(crate) failed: u32,
    /// The median time of an answer in milliseconds.
    pub(crate) answer_p50_ms: Option<u64>,
}

/// What may be spent of one model in a quota day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Budget {
    /// The model.
    pub(crate) model: ModelSlot,
    /// Spent.
    pub(crate) used: u64,
    /// All of it.
    pub(crate) allowed: u64,
}

impl Budget {
    /// The spent share, 0 to 1; nothing allowed is all spent.
    pub(crate) fn share(&self) -> f64 {
        if self.allowed == 0 { 1.0 } else { (self.used as f64 / self.allowed as f64).min(1.0) }
    }
}

/// A model that serves nobody, or the pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Outage {
    /// What.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: String,
    /// When that is tried again.
    pub(crate) until: Option<Timestamp>,
}

/// One key.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct KeyRow {
    /// Its place.
    pub(crate) key: KeyId,
    /// The last characters of the secret.
    pub(crate) tail: Option<String>,
    /// Its quota domain.
    pub(crate) project: String,
    /// How it is.
    pub(crate) state: Condition,
    /// Why it cannot serve now.
    pub(crate) why: Option<String>,
    /// When that ends.
    pub(crate) until: Option<Timestamp>,
    /// Its breaker.
    pub(crate) breaker: Breaker,
    /// When its last send was.
    pub(crate) last_send: Option<Timestamp>,
    /// When its cooldown ends.
    pub(crate) cools_until: Option<Timestamp>,
    /// Sends that are out.
    pub(crate) running: u32,
    /// The day of its project, per model that it has.
    pub(crate) budgets: Vec<Budget>,
    /// The fullest minute of its project: sends, and how many may be.
    pub(crate) minute: (u32, u32),
}

impl KeyRow {
    /// The most that is spent of any model, 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        self.budgets.iter().map(Budget::share).fold(0.0, f64::max)
    }
}

/// A group by its letter, or the router keys.
pub(crate) fn group_name(group: Option<Group>) -> String {
    group.map_or_else(|| "router".to_owned(), |group| group.to_string())
}

/// A key's breaker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Breaker {
    /// Everything passes; so many strikes in a row.
    Closed(u32),
    /// Nothing passes before then.
    Open(Timestamp),
    /// One probe is out.
    HalfOpen,
}

/// Somebody in the VIP room or before its door.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seat {
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here.
    pub(crate) name: Option<String>,
    /// Where.
    pub(crate) place: Place,
}

impl Seat {
    /// By id, with the name last used here.
    pub(crate) fn who(&self) -> String {
        self.name.as_ref().map_or_else(|| self.user.to_string(), |name| format!("{} @{name}", self.user))
    }
}

/// A place in the VIP room or before its door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// On a seat.
    Sitting {
        /// The seat, from 1.
        seat: u32,
        /// Since when.
        since: Timestamp,
        /// The latest message.
        last_active: Timestamp,
        /// When it ends if nothing happens.
        expires_at: Timestamp,
        /// Rounds of the session.
        rounds: u32,
        /// Messages that run or wait.
        queue: u32,
    },
    /// A seat is held for them.
    Held {
        /// The seat, from 1.
        seat: u32,
        /// When it goes to the next.
        until: Timestamp,
    },
    /// In the line.
    Waiting {
        /// The place in it, from 1.
        position: u32,
    },
}

/// A failure of late.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FailureRow {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) message: String,
}

//! What came of a simulation.

use std::collections::BTreeMap;

use crate::domain::key::{Group, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::task::Task;
use crate::domain::pool::outcome::Outcome;
use crate::domain::role::{PerRole, Role};
use crate::domain::time::{QuotaDay, Timestamp};

/// How a request ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ending {
    /// With an answer.
    Answered,
    /// With Google's refusal of the prompt.
    Blocked,
    /// Its conversation has too many waiting.
    TooManyQueued,
    /// A cap of its user is reached; the time is told.
    Capped,
    /// Nothing may serve it soon; the time is told.
    Spent,
    /// More wait than the pool can serve in time; the time is told.
    QueueFull,
    /// Waited in vain; the time is told.
    WaitedOut,
    /// Google is away; nobody knows for how long.
    Outage,
    /// Tried and failed.
    Failed,
}

/// Requests of one role.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RoleTally {
    /// All that came.
    pub came: u64,
    /// Those that no cap and no full conversation turned away.
    pub admitted: u64,
    /// By how they ended.
    pub endings: BTreeMap<Ending, u64>,
    /// Answered at the model wished for.
    pub at_wish: u64,
    /// Answered by a lower model.
    pub lowered: u64,
    /// By hour of the quota day.
    pub hours: Vec<Hour>,
    /// Users who asked.
    pub users: u32,
    /// Users who asked and were never answered.
    pub without_any: u32,
    /// Users with at most three messages, all of them answered.
    pub modest_served: u32,
    /// Users with at most three messages.
    pub modest: u32,
    /// The most one user had answered.
    pub most_of_one: u32,
}

/// An hour of the quota day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hour {
    /// Admitted requests.
    pub asked: u64,
    /// Of those, answered.
    pub answered: u64,
}

impl RoleTally {
    /// How many ended so.
    pub fn ended(&self, ending: Ending) -> u64 {
        self.endings.get(&ending).copied().unwrap_or(0)
    }

    /// The lowest share of admitted requests that was answered in any hour with at least ten; none without such.
    pub fn darkest_hour(&self) -> Option<(usize, f64)> {
        let shares = self.hours.iter().enumerate().filter(|(_, hour)| hour.asked >= 10);
        let shares = shares.map(|(n, hour)| (n, hour.answered as f64 / hour.asked as f64));
        shares.min_by(|one, other| one.1.total_cmp(&other.1))
    }
}

/// Whether the times told in refusals were true.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RefusalTruth {
    /// Within 20 % of the time told, the role could be served.
    pub right: u64,
    /// It could be served earlier than that.
    pub early: u64,
    /// It could not be served by then.
    pub late: u64,
}

/// One send.
#[derive(Clone, PartialEq, Debug)]
pub struct Send {
    /// When, by Google's clock.
    pub at: Timestamp,
    /// For whom; users are counted from 0.
    pub user: u32,
    /// The latest quota day the pool's clock had shown.
    pub day: QuotaDay,
    /// With which key.
    pub key: KeyId,
    /// Whose quota.
    pub project: Project,
    /// To which model.
    pub model: ModelSlot,
    /// For which effective role.
    pub role: Role,
    /// Whether it was for a vip without a seat.
    pub seatless: bool,
    /// What came back.
    pub outcome: Outcome,
    /// Whether it repeats a failed attempt that counted.
    pub retry: bool,
}

/// What came of a simulation.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Report {
    /// Per role (a vip without a seat is a vip here).
    pub roles: PerRole<RoleTally>,
    /// Admitted and answered by task.
    pub tasks: BTreeMap<Task, (u64, u64)>,
    /// Answers by wished and served model.
    pub models: BTreeMap<(ModelSlot, ModelSlot), u64>,
    /// Sends by key and model.
    pub keys: BTreeMap<KeyId, PerModel<u64>>,
    /// Answers by key.
    pub answered_by: BTreeMap<KeyId, u64>,
    /// Sends by outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Sends that repeated a counted attempt.
    pub retries: u64,
    /// Keys put on the blacklist.
    pub bans: u64,
    /// The longest wait from being first to the first send, or the refusal, in milliseconds.
    pub longest_wait: u64,
    /// The most that could have been answered (a maximum flow).
    pub best: u64,
    /// Served, but from the budget of the day after the last.
    pub next_day: u64,
    /// By the reason of refusals, whether the times told were true; where the scenario asks for it.
    pub truth: BTreeMap<Ending, RefusalTruth>,
    /// Every send, where the scenario asks for it.
    pub log: Vec<Send>,
    /// When requests were answered, where the scenario asks for it.
    pub answers: Vec<Timestamp>,
}

impl Report {
    /// All requests that came.
    pub fn came(&self) -> u64 {
        self.roles.0.iter().map(|role| role.came).sum()
    }

    /// Requests that ended so.
    pub fn ended(&self, ending: Ending) -> u64 {
        self.roles.0.iter().map(|role| role.ended(ending)).sum()
    }

    /// All requests that ended.
    pub fn ended_all(&self) -> u64 {
        self.roles.0.iter().flat_map(|role| role.endings.values()).sum()
    }

    /// Requests that got what they asked: an answer, or Google's refusal of the prompt.
    pub fn served(&self) -> u64 {
        self.ended(Ending::Answered) + self.ended(Ending::Blocked)
    }

    /// Served ÷ the best possible.
    pub fn share_of_best(&self) -> f64 {
        self.served().saturating_sub(self.next_day) as f64 / self.best.max(1) as f64
    }

    /// The share of answers given by the model wished for.
    pub fn at_wish(&self) -> f64 {
        let at_wish: u64 = self.roles.0.iter().map(|role| role.at_wish).sum();
        at_wish as f64 / self.ended(Ending::Answered).max(1) as f64
    }

    /// The share of watched refusals whose time was true; 1 if none was watched.
    pub fn told_true(&self) -> f64 {
        let (mut right, mut all) = (0, 0);
        for truth in self.truth.values() {
            right += truth.right;
            all += truth.right + truth.early + truth.late;
        }
        if all == 0 { 1.0 } else { right as f64 / all as f64 }
    }

    /// Sends by group of keys; the reserve keys under none.
    pub fn by_group(&self) -> BTreeMap<Option<Group>, u64> {
        let mut groups = BTreeMap::new();
        for (key, sends) in &self.keys {
            *groups.entry(key.group()).or_default() += sends.0.iter().sum::<u64>();
        }
        groups
    }
}

//! Who comes, when, and what goes wrong.

use std::time::Duration;

use crate::domain::key::{KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::key_pool::Snapshot;
use crate::domain::role::Role;
use crate::domain::time::{QuotaDay, Timestamp};

/// A simulation.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The crowd.
    pub cohorts: Vec<Cohort>,
    /// Those who write without end.
    pub flooders: Vec<Flooder>,
    /// The local hour of the crowd at which the quota day starts, 0 to 24.
    pub opens_at: f64,
    /// The first day that is lived.
    pub first_day: QuotaDay,
    /// Days lived.
    pub days: u32,
    /// Whether the seven days before are known by experience.
    pub experience: bool,
    /// What goes wrong.
    pub faults: Faults,
    /// How long Google takes.
    pub latency: Latency,
    /// Which router serves.
    pub strategy: Strategy,
    /// Restarts, counted from the beginning: what was in flight is asked again.
    pub restarts: Vec<Duration>,
    /// What a restart does to the stored state.
    pub reboot: fn(Snapshot) -> Snapshot,
    /// Jumps of the pool's clock in milliseconds, each at its time from the beginning.
    pub clock_jumps: Vec<(Duration, i64)>,
    /// Whether every send is kept in the report.
    pub log: bool,
    /// Whether the times told in refusals are checked; costs more than all the rest.
    pub judge_times: bool,
}

impl Default for Scenario {
    /// One day of 1,060 users who want more than the standard pool has.
    fn default() -> Scenario {
        Scenario {
            cohorts: Cohort::standard(),
            flooders: Vec::new(),
            opens_at: 15.0,
            first_day: QuotaDay(20_000),
            days: 1,
            experience: true,
            faults: Faults::default(),
            latency: Latency::default(),
            strategy: Strategy::Svs,
            restarts: Vec::new(),
            reboot: |snapshot| snapshot,
            clock_jumps: Vec::new(),
            log: false,
            judge_times: false,
        }
    }
}

/// Which router serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// The rules of this house.
    Svs,
    /// A random key of the home group; any three errors take a key out for an hour.
    RandomKey,
    /// The next key of the home group in turn; any three errors take a key out for an hour.
    RoundRobin,
}

/// Users of one role who behave alike.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cohort {
    /// Their role.
    pub role: Role,
    /// How many.
    pub users: u32,
    /// Messages a day, on average.
    pub mean: f64,
    /// How unequal they are: the deviation of the logarithm.
    pub spread: f64,
    /// The shares of tasks and complex tasks; the rest is chat.
    pub tasks: (f64, f64),
    /// The share of prompts that Google answers with 400 or blocks.
    pub hostile: f64,
}

impl Cohort {
    /// `users` of `role` who write `mean` messages a day.
    pub const fn new(role: Role, users: u32, mean: f64) -> Cohort {
        Cohort { role, users, mean, spread: 0.8, tasks: (0.22, 0.08), hostile: 0.01 }
    }

    /// 1,060 users: more than the standard pool can serve in every group but A.
    pub fn standard() -> Vec<Cohort> {
        vec![
            Cohort::new(Role::Owner, 1, 60.0),
            Cohort::new(Role::Vip, 9, 120.0),
            Cohort::new(Role::Premium, 50, 55.0),
            Cohort::new(Role::Normal, 500, 12.0),
            Cohort::new(Role::Guest, 500, 7.0),
        ]
    }
}

/// A user who writes at a steady pace from one time of the first day to another.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Flooder {
    /// Their role.
    pub role: Role,
    /// The gap between two messages.
    pub every: Duration,
    /// The first message, from the beginning.
    pub from: Duration,
    /// The last, from the beginning.
    pub to: Duration,
}

/// What goes wrong.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Faults {
    /// Keys that answer 401 or 500 at random.
    pub dead: Vec<KeyId>,
    /// Keys that Google rejects from then on.
    pub revoked: Vec<(KeyId, Timestamp)>,
    /// Times in which Google is away.
    pub outages: Vec<Outage>,
    /// Times in which every send meets a 429 without details.
    pub bare_limits: Vec<(Timestamp, Timestamp)>,
    /// Google's own requests a day where they are lower than configured; 0: not on this tier.
    pub limits: Vec<(Project, ModelSlot, u32)>,
    /// The share of sends that fail with 503 at any time.
    pub noise: f64,
}

/// A time in which models answer 503.
#[derive(Clone, PartialEq, Debug)]
pub struct Outage {
    /// It begins.
    pub from: Timestamp,
    /// It is over.
    pub to: Timestamp,
    /// Which models are away.
    pub models: Vec<ModelSlot>,
}

/// How long Google takes: a fixed part and an exponential one, on average, per model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Latency {
    /// Per model: the least, and the mean of what comes on top.
    pub answer: PerModel<(Duration, Duration)>,
    /// An error.
    pub error: Duration,
}

impl Default for Latency {
    fn default() -> Latency {
        let ms = |least, more| (Duration::from_millis(least), Duration::from_millis(more));
        Latency {
            answer: PerModel([ms(600, 900), ms(1500, 2500), ms(5000, 7000), ms(4000, 4000)]),
            error: Duration::from_millis(300),
        }
    }
}

//! Google, scripted: it keeps its own count of what every project sends and answers by the scenario's faults. It
//! judges by its own clock, never by the pool's.

use std::time::Duration;

use super::crowd::exponential;
use super::scenario::{Faults, Latency};
use crate::domain::key::KeyId;
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::budget::DayBudget;
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::domain::pool::rate_window::RateWindow;
use crate::domain::pool::roster::Roster;
use crate::domain::time::{QuotaDay, Timestamp};

const MINUTE: Duration = Duration::from_mins(1);

/// The state of the scripted Google.
pub(super) struct Upstream<'a> {
    faults: &'a Faults,
    latency: &'a Latency,
    rng: fastrand::Rng,
    /// Per key: what is wrong with it.
    keys: Vec<KeyFault>,
    /// Per project and model.
    quotas: Vec<PerModel<Quota>>,
}

#[derive(Clone, Copy, Default)]
struct KeyFault {
    dead: bool,
    revoked: Option<Timestamp>,
}

#[derive(Clone, Default)]
struct Quota {
    rpm: u32,
    daily: u32,
    /// The scenario's word, which Google says in its 429.
    lowered: bool,
    minute: RateWindow,
    day: DayBudget,
}

/// What was sent.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    /// The key's place in the roster.
    pub(super) key: usize,
    /// The model.
    pub(super) model: ModelSlot,
    /// Whether the prompt is one that Google refuses.
    pub(super) hostile: bool,
}

impl<'a> Upstream<'a> {
    pub(super) fn new(roster: &Roster, faults: &'a Faults, latency: &'a Latency, seed: u64) -> Upstream<'a> {
        let fault = |id: KeyId| KeyFault {
            dead: faults.dead.contains(&id),
            revoked: faults.revoked.iter().find(|(key, _)| *key == id).map(|(_, at)| *at),
        };
        let mut quotas = vec![PerModel::from_fn(|_| Quota::default()); roster.projects().len()];
        for (index, spec) in roster.keys().iter().enumerate() {
            for model in ModelSlot::ALL {
                let quota = &mut quotas[roster.project_of(index)][model];
                let limits = spec.limits.models[model];
                (quota.rpm, quota.daily) = (limits.rpm, limits.daily_limit);
                let lowered =
                    faults.limits.iter().find(|(project, of, _)| *project == spec.project && *of == model);
                if let Some((_, _, daily)) = lowered {
                    (quota.daily, quota.lowered) = (*daily, true);
                }
            }
        }
        let keys = roster.keys().iter().map(|key| fault(key.id)).collect();
        Upstream { faults, latency, rng: fastrand::Rng::with_seed(seed), keys, quotas }
    }

    /// The answer to a send, and how long it takes.
    pub(super) fn answer(
        &mut self,
        sending: Sending,
        project: usize,
        today: QuotaDay,
        now: Timestamp,
    ) -> (Outcome, Duration) {
        let outcome = self.outcome(sending, project, today, now);
        if matches!(outcome, Outcome::Answered) {
            let (least, more) = self.latency.answer[sending.model];
            let more = exponential(more.as_secs_f64(), &mut self.rng);
            return (outcome, least + Duration::from_millis((more.min(50.0) * 1000.0) as u64));
        }
        (outcome, self.latency.error)
    }

    fn outcome(&mut self, sending: Sending, project: usize, today: QuotaDay, now: Timestamp) -> Outcome {
        let Sending { key, model, hostile } = sending;
        let fault = self.keys[key];
        if fault.revoked.is_some_and(|at| at <= now) {
            return Outcome::Rejected { reason: Rejection::Invalid };
        }
        if fault.dead {
            return if self.rng.bool() { Outcome::Unauthorized } else { Outcome::UpstreamError };
        }
        if self.faults.bare_limits.iter().any(|(from, to)| *from <= now && now < *to) {
            return Outcome::BareLimit;
        }
        let away =
            |outage: &super::Outage| outage.from <= now && now < outage.to && outage.models.contains(&model);
        if self.faults.outages.iter().any(away) {
            return Outcome::Overloaded;
        }
        let quota = &mut self.quotas[project][model];
        if quota.daily == 0 {
            return Outcome::ModelOff;
        }
        if quota.day.spent(today) >= quota.daily {
            return Outcome::DayLimit { retry_after: None, limit: quota.lowered.then_some(quota.daily) };
        }
        if let Some(until) = quota.minute.full_until(quota.rpm, MINUTE, now) {
            return Outcome::MinuteLimit { retry_after: until.since(now), limit: None, of_tokens: false };
        }
        quota.day.debit(today, 1);
        quota.minute.push(MINUTE, now);
        if hostile {
            return if self.rng.bool() { Outcome::BadRequest } else { Outcome::Blocked };
        }
        if self.rng.f64() < self.faults.noise { Outcome::Overloaded } else { Outcome::Answered }
    }
}

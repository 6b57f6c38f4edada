//! One project: the ledger cell that holds everything that must be exact for a send. Its keys' last sends and
//! strikes, and per model the sliding minute, the day's budget and what Google asked for, and the open leases.
//!
//! `acquire` is one update of this cell, `settle` another; both are pure and may run twice.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::budget::DayBudget;
use super::key_state::KeyState;
use super::limits::LearnedLimits;
use super::outcome::{Outcome, Rejection};
use super::rate_window::RateWindow;
use super::refusal::Refusal;
use super::tokens::TokenWindow;
use crate::domain::key::Fingerprint;
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::rules::{BreakerRules, KeyLimits, ModelLimits};
use crate::domain::time::{Moment, QuotaDay, Timestamp};

mod activity;
mod moved;

pub use activity::Activity;

/// The state of a project.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ProjectState {
    keys: Vec<KeyState>,
    models: PerModel<ModelState>,
    leases: Vec<OpenLease>,
    next_lease: u64,
    rejected: Option<Rejection>,
    /// A spending cap of the whole project.
    paused_until: Timestamp,
}

/// What is remembered of one model of a project.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct ModelState {
    window: RateWindow,
    tokens: TokenWindow,
    budget: DayBudget,
    learned: LearnedLimits,
    /// Google asked for a pause.
    resting_until: Timestamp,
    /// Google says the day is spent.
    spent_until: Timestamp,
    /// The model is not on this tier.
    off_until: Timestamp,
    /// Bare 429s in a row.
    bare: u32,
}

/// A send that has not been settled.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct OpenLease {
    id: u64,
    fingerprint: Fingerprint,
    model: ModelSlot,
    at: Timestamp,
    /// The quota day it was debited from.
    day: QuotaDay,
    deadline: Timestamp,
    probe: bool,
}

/// The right to send one request, already debited.
#[must_use = "a lease that is not settled counts as abandoned at its deadline"]
#[derive(PartialEq, Debug, Serialize, Deserialize)]
pub struct Granted {
    /// Names the lease within its project.
    pub id: u64,
    /// When it was debited.
    pub at: Timestamp,
    /// When it counts as abandoned.
    pub deadline: Timestamp,
    /// Whether it probes the key's breaker.
    pub probe: bool,
}

/// What settling a lease did to the key, for the operator's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Effect {
    /// Nothing an operator must know.
    None,
    /// The key went on the blacklist until then.
    Banned(Timestamp),
    /// The key or its project is out for good; first time seen.
    Rejected(Rejection),
}

impl ProjectState {
    /// Whether `fingerprint` may send to `model` now; true if only as a probe of the key.
    pub fn ready(
        &self,
        fingerprint: Fingerprint,
        limits: &KeyLimits,
        model: ModelSlot,
        rules: &BreakerRules,
        moment: &Moment,
    ) -> Result<bool, Refusal> {
        let now = moment.now;
        if let Some(why) = self.rejected {
            return Err(Refusal::Rejected { why });
        }
        let key = self.key(fingerprint).map_or(Ok(false), |key| key.ready(limits, rules, now));
        if let Err(refusal @ Refusal::Rejected { .. }) = key {
            return Err(refusal);
        }
        let state = &self.models[model];
        let limits = state.learned.apply(&limits.models[model]);
        let mut worst = key.err();
        let mut note = |refusal: Refusal| {
            worst = Some(worst.map_or(refusal, |known| known.or_longer(refusal)));
        };
        if limits.daily_limit == 0 {
            note(Refusal::ModelOff { until: Timestamp::NEVER });
        } else if state.off_until > now {
            note(Refusal::ModelOff { until: state.off_until });
        }
        if state.budget.spent(moment.today) >= limits.budget() {
            note(Refusal::BudgetSpent { until: moment.reset_at });
        }
        if state.spent_until > now {
            note(Refusal::BudgetSpent { until: state.spent_until });
        }
        let resting = state.resting_until.max(self.paused_until);
        if resting > now {
            note(Refusal::Resting { until: resting });
        }
        if let Some(until) = state.window.full_until(limits.rpm, rules.rate_window, now) {
            note(Refusal::RateLimited { until });
        }
        if let Some(until) = state.tokens.full_until(limits.tokens_per_minute, rules.rate_window, now) {
            note(Refusal::RateLimited { until });
        }
        worst.map_or(key, Err)
    }

    /// Debits one send, or says why not. A lease still open at `deadline` counts as abandoned.
    pub fn acquire(
        &mut self,
        fingerprint: Fingerprint,
        limits: &KeyLimits,
        model: ModelSlot,
        deadline: Timestamp,
        rules: &BreakerRules,
        moment: &Moment,
    ) -> Result<Granted, Refusal> {
        self.abandon_overdue(moment.now);
        let probe = self.ready(fingerprint, limits, model, rules, moment)?;
        let at = moment.now;
        let key = self.key_mut(fingerprint);
        key.last_send = Some(at);
        if probe {
            key.breaker.begin_probe(deadline);
        }
        let state = &mut self.models[model];
        state.window.push(rules.rate_window, at);
        state.budget.debit(moment.today, 1);
        let day = state.budget.day(moment.today);
        let id = self.next_lease;
        self.next_lease += 1;
        self.leases.push(OpenLease { id, fingerprint, model, at, day, deadline, probe });
        Ok(Granted { id, at, deadline, probe })
    }

    /// Learns from the outcome of a lease. A lease settled before, or abandoned, still teaches: its send happened.
    /// `may_eject`: whether one more key of the group may go on the blacklist.
    pub fn settle(&mut self, sent: &Sent<'_>, rules: &BreakerRules, moment: &Moment) -> Effect {
        let now = moment.now;
        self.abandon_overdue(now);
        let open =
            self.leases.iter().position(|lease| lease.id == sent.id).map(|place| self.leases.remove(place));
        let probe = open.as_ref().is_some_and(|lease| lease.probe);
        let state = &mut self.models[sent.model];
        state.tokens.push(sent.tokens, rules.rate_window, now);
        match sent.outcome {
            Outcome::Answered | Outcome::Blocked | Outcome::ThoughtOnly => {
                state.bare = 0;
                self.key_mut(sent.fingerprint).breaker.succeed(probe);
            }
            Outcome::Unauthorized if sent.may_eject || probe => {
                let limits = sent.limits;
                if self.key_mut(sent.fingerprint).strike(probe, limits, now) {
                    return Effect::Banned(now + limits.blacklist);
                }
            }
            Outcome::Rejected { reason } => return self.reject(sent.fingerprint, *reason),
            Outcome::MinuteLimit { retry_after, limit, of_tokens } => {
                state.resting_until = state.resting_until.max(pause_until(*retry_after, moment));
                match limit {
                    Some(limit) if *of_tokens => state.learned.tokens_per_minute = Some(*limit),
                    Some(limit) => state.learned.rpm = Some((*limit).max(1)),
                    None => {}
                }
                self.abandon_probe(sent.fingerprint, probe, now);
            }
            Outcome::DayLimit { retry_after, limit } => {
                let named = retry_after.map_or(Timestamp::NEVER, |after| now + after);
                state.spent_until = state.spent_until.max(named.min(moment.reset_at));
                if let Some(limit) = limit.filter(|limit| *limit > 0) {
                    state.learned.daily_limit = Some(limit);
                }
                self.abandon_probe(sent.fingerprint, probe, now);
            }
            Outcome::ModelOff => {
                state.off_until = moment.reset_at;
                self.abandon_probe(sent.fingerprint, probe, now);
            }
            Outcome::BareLimit => {
                let pause = rules.bare_backoff * 2u32.saturating_pow(state.bare.min(5));
                state.bare = state.bare.saturating_add(1);
                state.resting_until = state.resting_until.max(now + pause);
                self.abandon_probe(sent.fingerprint, probe, now);
            }
            Outcome::SpendCap { retry_after } => {
                self.paused_until = self.paused_until.max(pause_until(*retry_after, moment));
                self.abandon_probe(sent.fingerprint, probe, now);
            }
            Outcome::Unreachable { sent: false } => {
                if let Some(lease) = open {
                    state.window.take_back(lease.at);
                    state.budget.take_back(lease.day);
                }
                self.abandon_probe(sent.fingerprint, probe, now);
            }
            _ => self.abandon_probe(sent.fingerprint, probe, now),
        }
        Effect::None
    }

    /// One strike for a failure that another project proved to be this key's. Says when a ban ends, if it opened one.
    pub fn strike(&mut self, fingerprint: Fingerprint, limits: &KeyLimits, now: Timestamp) -> Effect {
        if self.key_mut(fingerprint).strike(false, limits, now) {
            return Effect::Banned(now + limits.blacklist);
        }
        Effect::None
    }

    /// Google rejected the key, or the project behind it, for good.
    pub fn reject(&mut self, fingerprint: Fingerprint, why: Rejection) -> Effect {
        let place =
            if why.is_of_project() { &mut self.rejected } else { &mut self.key_mut(fingerprint).rejected };
        if place.replace(why).is_some() { Effect::None } else { Effect::Rejected(why) }
    }

    /// An operator found the key and its project good: bans, rejections and strikes are forgotten. Sends, budgets and
    /// the pauses that Google asked for stay.
    pub fn restore(&mut self, fingerprint: Fingerprint) {
        self.rejected = None;
        if self.key(fingerprint).is_some() {
            self.key_mut(fingerprint).restore();
        }
    }

    /// A check found that Google takes the key: what was rejected comes back. Strikes and an operator's word stay.
    pub fn accept(&mut self, fingerprint: Fingerprint) {
        self.rejected = None;
        if self.key(fingerprint).is_some_and(|key| key.rejected.is_some()) {
            self.key_mut(fingerprint).rejected = None;
        }
    }

    /// Takes the key out until then: not one send more.
    pub fn disable(&mut self, fingerprint: Fingerprint, until: Timestamp, reason: Option<String>) {
        let key = self.key_mut(fingerprint);
        (key.disabled_until, key.disabled_reason) = (Some(until), reason);
    }

    /// Takes an operator's word back.
    pub fn enable(&mut self, fingerprint: Fingerprint) {
        if self.key(fingerprint).is_some() {
            let key = self.key_mut(fingerprint);
            (key.disabled_until, key.disabled_reason) = (None, None);
        }
    }

    /// After an unclean boot nobody knows what was sent in the last minute: charge it in full.
    pub fn charge_minute(&mut self, limits: &KeyLimits, rules: &BreakerRules, moment: &Moment) {
        for model in ModelSlot::ALL {
            let state = &mut self.models[model];
            let limits = state.learned.apply(&limits.models[model]);
            if limits.daily_limit > 0 {
                (0..limits.rpm).for_each(|_| state.window.push(rules.rate_window, moment.now));
                state.budget.debit(moment.today, limits.rpm);
            }
        }
    }

    /// Sends spent on `model` today, however they were sent.
    pub fn spent(&self, model: ModelSlot, moment: &Moment) -> u32 {
        self.models[model].budget.spent(moment.today)
    }

    /// What `model` may be sent a day: the budget in force, 0 while the model is off or Google says it is spent.
    pub fn budget(&self, limits: &KeyLimits, model: ModelSlot, moment: &Moment) -> u32 {
        let state = &self.models[model];
        if self.rejected.is_some() || state.off_until > moment.now {
            return 0;
        }
        let budget = state.learned.apply(&limits.models[model]).budget();
        if state.spent_until > moment.now { budget.min(state.budget.spent(moment.today)) } else { budget }
    }

    /// The limits in force for `model`.
    pub fn limits(&self, limits: &KeyLimits, model: ModelSlot) -> ModelLimits {
        self.models[model].learned.apply(&limits.models[model])
    }

    /// Whether the key counts as part of its group's strength.
    pub fn is_live(&self, fingerprint: Fingerprint, now: Timestamp) -> bool {
        self.rejected.is_none() && self.key(fingerprint).is_none_or(|key| key.is_live(now))
    }

    /// What is remembered of a key; none before its first send.
    pub fn key(&self, fingerprint: Fingerprint) -> Option<&KeyState> {
        self.keys.iter().find(|key| key.fingerprint == fingerprint)
    }

    /// Whether Google said that `model` is not on this project's tier.
    pub fn is_off(&self, model: ModelSlot, now: Timestamp) -> bool {
        self.models[model].off_until > now
    }

    /// Why the project is out for good.
    pub fn rejected(&self) -> Option<Rejection> {
        self.rejected
    }

    /// Sends that are out and not overdue.
    pub fn in_flight(&self, now: Timestamp) -> usize {
        self.leases.iter().filter(|lease| lease.deadline > now).count()
    }

    fn key_mut(&mut self, fingerprint: Fingerprint) -> &mut KeyState {
        let place = self.keys.iter().position(|key| key.fingerprint == fingerprint).unwrap_or_else(|| {
            self.keys.push(KeyState::new(fingerprint));
            self.keys.len() - 1
        });
        &mut self.keys[place]
    }

    fn abandon_probe(&mut self, fingerprint: Fingerprint, probe: bool, now: Timestamp) {
        if probe {
            self.key_mut(fingerprint).breaker.abandon_probe(now);
        }
    }

    fn abandon_overdue(&mut self, now: Timestamp) {
        self.leases.retain(|lease| lease.deadline > now);
    }
}

/// The end of a pause that Google named: not after the next reset, unless that is less than a minute away.
fn pause_until(pause: Duration, moment: &Moment) -> Timestamp {
    let longest = moment.reset_at.max(moment.now + Duration::from_mins(1));
    (moment.now + pause).min(longest)
}

/// What is settled: one send and its outcome.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The lease's id.
    pub id: u64,
    /// The key that sent.
    pub fingerprint: Fingerprint,
    /// Its limits.
    pub limits: &'a KeyLimits,
    /// The model asked.
    pub model: ModelSlot,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// Tokens that Google counted.
    pub tokens: u32,
    /// Whether one more key of the group may go on the blacklist.
    pub may_eject: bool,
}

/// How long an attempt may take at most before its lease counts as abandoned, beyond its own deadline.
pub const LEASE_GRACE: Duration = Duration::from_secs(5);

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;

//! The pool in one process: the roster, and the state of every project, model and the pool itself.
//!
//! It is both the thing that grants leases (in simulations, and as the daemon's mirror of the ledger) and the
//! snapshot from which plans are made. A plan is never trusted: only `acquire` grants.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arrivals::ArrivalCurve;
use super::breaker::Pass;
use super::health::{ModelHealth, PoolHealth};
use super::outcome::Outcome;
use super::project::{Effect, Granted, ProjectState, Sent};
use super::refusal::Refusal;
use super::roster::{KeySpec, Roster};
use crate::domain::key::{Fingerprint, Group, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::rules::Rules;
use crate::domain::time::{Calendar, Moment, Timestamp};

/// Roster, rules and state.
#[derive(Clone, Debug)]
pub struct KeyPool {
    /// Who is in the pool.
    pub roster: Arc<Roster>,
    /// The numbers.
    pub rules: Arc<Rules>,
    /// Midnights.
    pub calendar: Arc<Calendar>,
    /// Per project of the roster.
    pub projects: Vec<ProjectState>,
    /// Per model.
    pub models: PerModel<ModelHealth>,
    /// The pool as a whole.
    pub health: PoolHealth,
    /// When in the day people come.
    pub arrivals: ArrivalCurve,
}

/// A pool written down: what `svs route --state FILE` reads.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// Keys, without secrets.
    pub roster: Roster,
    /// The numbers in force.
    pub rules: Rules,
    /// Per project of the roster.
    pub projects: Vec<ProjectState>,
    /// Per model.
    pub models: PerModel<ModelHealth>,
    /// The pool as a whole.
    pub health: PoolHealth,
    /// When in the day people come.
    pub arrivals: ArrivalCurve,
}

/// The right to send one request with one key to one model, debited already.
#[must_use = "a lease that is not settled counts as abandoned at its deadline"]
#[derive(PartialEq, Debug)]
pub struct Lease {
    /// The key's place.
    pub key: KeyId,
    /// The key's identity.
    pub fingerprint: Fingerprint,
    /// The project debited.
    pub project: Project,
    /// The model to ask.
    pub model: ModelSlot,
    /// The lease in its project's cell.
    pub granted: Granted,
    /// Whether this request probes the model's breaker.
    pub probes_model: bool,
}

impl KeyPool {
    /// A pool of which nothing is known yet.
    pub fn new(roster: Arc<Roster>, rules: Arc<Rules>, calendar: Arc<Calendar>) -> KeyPool {
        let projects = vec![ProjectState::default(); roster.projects().len()];
        let (models, health, arrivals) = Default::default();
        KeyPool { roster, rules, calendar, projects, models, health, arrivals }
    }

    /// Reads a snapshot. States beyond the roster's projects are dropped, missing ones are new.
    pub fn from_snapshot(mut snapshot: Snapshot, calendar: Arc<Calendar>) -> KeyPool {
        snapshot.projects.resize(snapshot.roster.projects().len(), ProjectState::default());
        snapshot.arrivals.prepare();
        KeyPool {
            roster: Arc::new(snapshot.roster),
            rules: Arc::new(snapshot.rules),
            calendar,
            projects: snapshot.projects,
            models: snapshot.models,
            health: snapshot.health,
            arrivals: snapshot.arrivals,
        }
    }

    /// Writes the pool down.
    pub fn to_snapshot(&self, at: Timestamp) -> Snapshot {
        Snapshot {
            at,
            roster: Roster::clone(&self.roster),
            rules: Rules::clone(&self.rules),
            projects: self.projects.clone(),
            models: self.models.clone(),
            health: self.health.clone(),
            arrivals: self.arrivals.clone(),
        }
    }

    /// The state of a key's project.
    pub fn project(&self, key: usize) -> &ProjectState {
        &self.projects[self.roster.project_of(key)]
    }

    /// Whether anything may go to `model`; true if only as a probe.
    pub fn model_ready(&self, model: ModelSlot, now: Timestamp) -> Result<bool, Refusal> {
        self.health.ready(now)?;
        let probe = self.models[model].ready(now)?;
        let lite = &self.models[ModelSlot::FlashLite].breaker;
        if probe && model != ModelSlot::FlashLite && lite.is_open() {
            // While several models are down only the cheapest is probed; its own breaker says when.
            let until =
                self.models[ModelSlot::FlashLite].ready(now).err().map_or(now, |refusal| refusal.until());
            return Err(Refusal::ModelDown { until: until.max(now + std::time::Duration::from_secs(1)) });
        }
        Ok(probe)
    }

    /// Whether a key may send to `model` now.
    pub fn ready(&self, key: usize, model: ModelSlot, moment: &Moment) -> Result<bool, Refusal> {
        let spec = &self.roster.keys()[key];
        self.project(key).ready(spec.fingerprint, &spec.limits, model, &self.rules.breakers, moment)
    }

    /// Debits one send, or says why not.
    pub fn acquire(
        &mut self,
        key: usize,
        model: ModelSlot,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Result<Lease, Refusal> {
        let moment = self.calendar.moment(now);
        let probes_model = self.model_ready(model, now)?;
        let spec = &self.roster.keys()[key];
        let state = &mut self.projects[self.roster.project_of(key)];
        let granted =
            state.acquire(spec.fingerprint, &spec.limits, model, deadline, &self.rules.breakers, &moment)?;
        if probes_model {
            self.models[model].breaker.begin_probe(deadline);
        }
        Ok(Lease::new(spec, model, granted, probes_model))
    }

    /// Learns from the outcome of a lease.
    pub fn settle(&mut self, lease: &Lease, outcome: &Outcome, tokens: u32, now: Timestamp) -> Effect {
        let moment = self.calendar.moment(now);
        let rules = &self.rules.breakers;
        self.models[lease.model].settle(&lease.project, outcome, lease.probes_model, rules, &moment);
        self.health.settle(&lease.project, outcome, rules, now);
        let Some(key) = self.roster.find(lease.key) else { return Effect::None };
        let may_eject = self.may_eject(key, now);
        let spec = &self.roster.keys()[key];
        let sent = Sent { limits: &spec.limits, ..lease.sent(outcome, tokens, may_eject, &spec.limits) };
        self.projects[self.roster.project_of(key)].settle(&sent, rules, &moment)
    }

    /// One strike against a key, for a failure that another project proved to be its own.
    pub fn strike(&mut self, key: usize, now: Timestamp) -> Effect {
        if !self.may_eject(key, now) {
            return Effect::None;
        }
        let spec = &self.roster.keys()[key];
        self.projects[self.roster.project_of(key)].strike(spec.fingerprint, &spec.limits, now)
    }

    /// Whether one more key of this key's group may go on the blacklist: strikes never take more than their share
    /// of a group out. A router key is a group of its own, and may.
    pub fn may_eject(&self, key: usize, now: Timestamp) -> bool {
        let Some(group) = self.roster.keys()[key].id.group() else { return true };
        let members = self.roster.members(group);
        let banned = members.iter().filter(|member| **member != key && self.is_banned(**member, now)).count();
        (banned + 1) as f64 <= self.rules.breakers.ejection_cap * members.len() as f64
    }

    /// Whether a key is on the blacklist, or its probe is out.
    pub fn is_banned(&self, key: usize, now: Timestamp) -> bool {
        let spec = &self.roster.keys()[key];
        let state = self.project(key).key(spec.fingerprint);
        state.is_some_and(|state| matches!(state.breaker.pass(now), Pass::NotBefore(_) | Pass::Probing(_)))
    }

    /// The budget and the spending of the live keys that `group` has to itself.
    pub fn group_spending(&self, group: Group, model: ModelSlot, moment: &Moment) -> Spending {
        let mut sum = Spending { budget: 0, spent: 0 };
        for (project, keys) in self.roster.own_projects(group) {
            let state = &self.projects[*project];
            let live = keys.iter().find(|key| {
                let spec: &KeySpec = &self.roster.keys()[**key];
                state.is_live(spec.fingerprint, moment.now)
            });
            if let Some(key) = live {
                sum.budget += state.budget(&self.roster.keys()[*key].limits, model, moment);
                sum.spent += state.spent(model, moment);
            }
        }
        sum
    }

    /// When keys that `group` has to itself come back from the blacklist or an operator's hand, soonest first.
    pub fn returns(&self, group: Group, now: Timestamp) -> Vec<Timestamp> {
        let keys = self.roster.own_projects(group).iter().flat_map(|(_, keys)| keys);
        let mut back: Vec<Timestamp> = keys
            .filter_map(|key| {
                let spec = &self.roster.keys()[*key];
                self.project(*key).key(spec.fingerprint)?.back_at(now)
            })
            .collect();
        back.sort_unstable();
        back
    }
}

/// A budget and what of it is spent, in sends of one quota day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spending {
    /// What may be spent.
    pub budget: u32,
    /// What is.
    pub spent: u32,
}

impl Lease {
    /// The lease that a project granted.
    pub fn new(spec: &KeySpec, model: ModelSlot, granted: Granted, probes_model: bool) -> Lease {
        Lease {
            key: spec.id,
            fingerprint: spec.fingerprint,
            project: spec.project.clone(),
            model,
            granted,
            probes_model,
        }
    }

    /// What is settled when this lease ends in `outcome`.
    pub fn sent<'a>(
        &self,
        outcome: &'a Outcome,
        tokens: u32,
        may_eject: bool,
        limits: &'a crate::domain::rules::KeyLimits,
    ) -> Sent<'a> {
        Sent {
            id: self.granted.id,
            fingerprint: self.fingerprint,
            limits,
            model: self.model,
            outcome,
            tokens,
            may_eject,
        }
    }
}

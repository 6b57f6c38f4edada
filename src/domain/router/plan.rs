//! One function makes the plan, for the bot, `svs ask` and `svs route` alike, from (pool, request, seed, now).
//!
//! For each model in [wished, then lower]: (1) Router A: ready keys of the home group, balanced; (2) Router B: the
//! groups that lend, in order; (3) the reserve keys. The first ready step wins, except that a wished model that will
//! be ready within five seconds is waited for. When flash-lite is spent, past its line or not there, a chat may use flash
//! of its own group under the borrower's rule; that is no degradation.

use serde::{Deserialize, Serialize};

use super::balance::{Ready, balance, share_used};
use super::failover::{lenders, owners_part, reserves};
use super::line::{Claim, Line};
use crate::domain::key::{Group, KeyId, Project};
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::refusal::Refusal;
use crate::domain::role::Role;
use crate::domain::rules::is_entitled;
use crate::domain::time::{Moment, Timestamp};

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The effective role: a vip without a seat is premium…
    pub role: Role,
    /// …and says so here, because such a vip may borrow from A.
    pub seatless_vip: bool,
    /// What the message is.
    pub task: Task,
    /// The model the person asked for, if any.
    pub choice: Option<ModelSlot>,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Projects that failed this request already.
    pub tried: &'a [Project],
    /// Models that are of no use to this request any more.
    pub given_up: &'a [ModelSlot],
}

/// Who found a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Router {
    /// Load balancing over the home group.
    A,
    /// Failover to a group that lends.
    B,
    /// The reserve key of Router A.
    RA,
    /// The reserve key of Router B.
    RB,
}

/// A key and model that could serve now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// The key's place.
    pub key: KeyId,
    /// Its group; none for a reserve key.
    pub group: Option<Group>,
    /// The model to ask.
    pub model: ModelSlot,
    /// Who found it.
    pub router: Router,
}

/// Why a key is not in the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Why {
    /// The key, its project or the model cannot.
    Refused(Refusal),
    /// The role may not, though the key could.
    Withheld(Withheld),
}

/// Why a role may not use a key that could serve.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Withheld {
    /// The group neither is the role's home nor lends to it.
    NotForRole,
    /// The group has spent what it may by this time of day.
    PastLine {
        /// When the line has moved on.
        until: Timestamp,
    },
    /// The rest of a shared project is kept for higher roles.
    Reserved {
        /// When the reserve has shrunk.
        until: Timestamp,
    },
    /// The rest of a reserve key is the owner's.
    Owners {
        /// The next reset.
        until: Timestamp,
    },
    /// It failed this request already.
    Tried,
}

impl Why {
    /// When this ends by itself; `NEVER` if it does not.
    pub const fn until(&self) -> Timestamp {
        match self {
            Why::Refused(refusal) => refusal.until(),
            Why::Withheld(
                Withheld::PastLine { until } | Withheld::Reserved { until } | Withheld::Owners { until },
            ) => *until,
            Why::Withheld(Withheld::NotForRole | Withheld::Tried) => Timestamp::NEVER,
        }
    }

    /// The word in output and JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Why::Refused(refusal) => refusal.name(),
            Why::Withheld(Withheld::NotForRole) => "not_for_role",
            Why::Withheld(Withheld::PastLine { .. }) => "past_line",
            Why::Withheld(Withheld::Reserved { .. }) => "reserved",
            Why::Withheld(Withheld::Owners { .. }) => "owners_reserve",
            Why::Withheld(Withheld::Tried) => "tried",
        }
    }
}

/// A key that was passed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Skip {
    /// The key's place.
    pub key: KeyId,
    /// For which model.
    pub model: ModelSlot,
    /// Why.
    #[serde(flatten)]
    pub why: Why,
}

/// The ordered steps for one request, and every key it skipped with the reason.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The model wished for, as far as the role is entitled to it.
    pub wished: ModelSlot,
    /// What could serve now, best first.
    pub steps: Vec<Step>,
    /// What could not.
    pub skipped: Vec<Skip>,
    /// When the wished model may be ready, where it is not now and a lower one is not preferred yet.
    pub hold_until: Option<Timestamp>,
}

/// What to do with a plan.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Decision {
    /// Send this step.
    Send(Step),
    /// Plan again then.
    Wait(Timestamp),
    /// Nothing before then. `outage`: because Google is away, so the instant is only a guess.
    Refuse {
        /// When something may be ready; `NEVER` if nothing will.
        until: Timestamp,
        /// Whether nobody can know.
        outage: bool,
    },
}

impl Plan {
    /// What to do at `now` for a request that may wait until `latest`.
    pub fn decide(&self, now: Timestamp, latest: Timestamp) -> Decision {
        match (self.hold_until, self.steps.first()) {
            (Some(until), _) if until <= latest => return Decision::Wait(until.max(now)),
            (_, Some(step)) => return Decision::Send(*step),
            _ => {}
        }
        let until = self.skipped.iter().map(|skip| skip.why.until()).min().unwrap_or(Timestamp::NEVER);
        if until <= latest {
            return Decision::Wait(until.max(now));
        }
        let outage =
            self.skipped.iter().any(|skip| matches!(&skip.why, Why::Refused(why) if why.is_outage()));
        Decision::Refuse { until, outage }
    }

    /// Whether `step` serves a lower model than wished.
    pub fn lowers(&self, step: &Step) -> bool {
        step.model < self.wished
    }
}

/// The model a request wishes for: what the person chose or the task asks for, as far as the role is entitled.
pub fn wish(role: Role, task: Task, choice: Option<ModelSlot>) -> ModelSlot {
    let mut wished = choice.unwrap_or_else(|| task.model());
    // Premium has pro for complex tasks only.
    let entitled = |model: ModelSlot| {
        is_entitled(role, model) && (model != ModelSlot::Pro || role > Role::Premium || task == Task::Complex)
    };
    while !entitled(wished) {
        match wished.lower() {
            Some(lower) => wished = lower,
            None => return ModelSlot::FlashLite,
        }
    }
    wished
}

/// Makes the plan. Same pool, request, seed and instant: same plan.
pub fn plan(pool: &KeyPool, request: &Request<'_>, seed: u64, now: Timestamp) -> Plan {
    let moment = pool.calendar.moment(now);
    let wished = wish(request.role, request.task, request.choice);
    let mut planner = Planner {
        pool,
        request,
        moment: &moment,
        line: Line::new(pool, &moment),
        rng: fastrand::Rng::with_seed(seed ^ u64::from(request.attempt).rotate_left(32)),
        model_ready: Ok(false),
        ready: Vec::with_capacity(8),
        plan: Plan {
            wished,
            steps: Vec::with_capacity(pool.roster.keys().len()),
            skipped: Vec::with_capacity(2 * pool.roster.keys().len()),
            hold_until: None,
        },
    };
    let mut model = Some(wished);
    while let Some(slot) = model {
        if !request.given_up.contains(&slot) {
            planner.add_model(slot);
        }
        model = slot.lower();
    }
    planner.plan
}

struct Planner<'a> {
    pool: &'a KeyPool,
    request: &'a Request<'a>,
    moment: &'a Moment,
    line: Line<'a>,
    rng: fastrand::Rng,
    /// Whether the model at hand is up.
    model_ready: Result<bool, Refusal>,
    /// Scratch: the ready keys of the group at hand.
    ready: Vec<Ready>,
    plan: Plan,
}

impl Planner<'_> {
    fn add_model(&mut self, model: ModelSlot) {
        let (first_step, first_skip) = (self.plan.steps.len(), self.plan.skipped.len());
        let roster = &self.pool.roster;
        let role = self.request.role;
        self.model_ready = self.pool.model_ready(model, self.moment.now);
        let mut served = [false; 4];
        if let Some(home) = roster.home(role) {
            served[home.index()] = true;
            let claim = if role == Role::Owner { Claim::Free } else { Claim::Home };
            self.add_group(home, claim, model, Router::A);
        }
        for (group, claim) in lenders(role, self.request.seatless_vip, model, roster) {
            served[group.index()] = true;
            self.add_group(group, claim, model, Router::B);
        }
        for id in reserves(role, self.request.attempt) {
            self.add_reserve(*id, model);
        }
        if model == self.plan.wished {
            self.note_foreign_keys(served, model);
            self.hold_for_wish(first_step, first_skip);
        }
        if model == ModelSlot::FlashLite && self.request.task == Task::Chat {
            self.add_flash_for_chat(first_step, first_skip);
        }
    }

    /// Chats whose flash-lite is spent, past its line or not there may use flash at home under the borrower's rule.
    fn add_flash_for_chat(&mut self, first_step: usize, first_skip: usize) {
        if self.plan.wished != ModelSlot::FlashLite || self.request.given_up.contains(&ModelSlot::Flash) {
            return;
        }
        let Some(home) = self.pool.roster.home(self.request.role) else { return };
        let at_home = self.plan.steps[first_step..].iter().any(|step| step.router == Router::A);
        let at_home_skipped = || {
            let skipped = self.plan.skipped[first_skip..].iter();
            skipped.filter(|skip| skip.key.group() == Some(home)).map(|skip| &skip.why)
        };
        let spent = at_home_skipped().any(|why| match why {
            Why::Refused(refusal) => matches!(
                refusal,
                Refusal::BudgetSpent { .. } | Refusal::ModelOff { .. } | Refusal::ModelMissing { .. }
            ),
            Why::Withheld(why) => matches!(why, Withheld::PastLine { .. } | Withheld::Reserved { .. }),
        });
        let waits = at_home_skipped()
            .any(|why| matches!(why, Why::Refused(Refusal::Cooling { .. } | Refusal::RateLimited { .. })));
        if spent && !at_home && !waits {
            let claim = if self.request.role == Role::Owner { Claim::Free } else { Claim::Borrower };
            self.model_ready = self.pool.model_ready(ModelSlot::Flash, self.moment.now);
            self.add_group(home, claim, ModelSlot::Flash, Router::A);
        }
    }

    fn add_group(&mut self, group: Group, claim: Claim, model: ModelSlot, router: Router) {
        let pool = self.pool;
        let line = self.line.allows(claim, group, model).map_err(|until| Withheld::PastLine { until });
        self.ready.clear();
        for key in pool.roster.members(group) {
            let project = pool.roster.project_of(*key);
            let right = if pool.roster.is_shared(project) { self.leaves_reserve(*key, model) } else { line };
            match self.why_not(*key, model, right) {
                None => self.ready.push((*key, share_used(*key, model, pool, self.moment))),
                Some(why) => self.plan.skipped.push(Skip { key: pool.roster.keys()[*key].id, model, why }),
            }
        }
        balance(&mut self.ready, &mut self.rng);
        let step =
            |(key, _): &Ready| Step { key: pool.roster.keys()[*key].id, group: Some(group), model, router };
        self.plan.steps.extend(self.ready.iter().map(step));
    }

    fn add_reserve(&mut self, id: KeyId, model: ModelSlot) {
        let Some(key) = self.pool.roster.find(id) else { return };
        let (pool, rules) = (self.pool, &self.pool.rules.router);
        let mut right = Ok(());
        if pool.roster.is_shared(pool.roster.project_of(key)) {
            right = self.leaves_reserve(key, model);
        } else if self.request.role != Role::Owner {
            let state = pool.project(key);
            let budget = state.budget(&pool.roster.keys()[key].limits, model, self.moment);
            let left = budget.saturating_sub(state.spent(model, self.moment));
            if left <= owners_part(budget, rules.owner_units, rules.owner_share) {
                right = Err(Withheld::Owners { until: self.moment.reset_at });
            }
        }
        match self.why_not(key, model, right) {
            None => {
                let router = if id == KeyId::RouterA { Router::RA } else { Router::RB };
                self.plan.steps.push(Step { key: id, group: None, model, router });
            }
            Some(why) => self.plan.skipped.push(Skip { key: id, model, why }),
        }
    }

    fn leaves_reserve(&self, key: usize, model: ModelSlot) -> Result<(), Withheld> {
        let state = self.pool.project(key);
        let budget = state.budget(&self.pool.roster.keys()[key].limits, model, self.moment);
        let spent = state.spent(model, self.moment);
        self.line
            .leaves_reserve(self.request.role, budget, spent)
            .map_err(|until| Withheld::Reserved { until })
    }

    /// Why a key cannot serve: of all that holds, what lasts longest.
    fn why_not(&self, key: usize, model: ModelSlot, right: Result<(), Withheld>) -> Option<Why> {
        if self.request.tried.contains(&self.pool.roster.keys()[key].project) {
            return Some(Why::Withheld(Withheld::Tried));
        }
        let ready = self.pool.ready(key, model, self.moment);
        if ready.is_ok() && self.model_ready.is_ok() && right.is_ok() {
            return None;
        }
        let whys = [
            ready.err().map(Why::Refused),
            self.model_ready.err().map(Why::Refused),
            right.err().map(Why::Withheld),
        ];
        whys.into_iter()
            .flatten()
            .reduce(|longest, why| if why.until() > longest.until() { why } else { longest })
    }

    /// Names the keys of groups that are neither home nor lend, once: for the wished model.
    fn note_foreign_keys(&mut self, served: [bool; 4], model: ModelSlot) {
        let why = Why::Withheld(Withheld::NotForRole);
        for key in self.pool.roster.keys() {
            let foreign = match key.id.group() {
                Some(group) => !served[group.index()],
                None => self.request.role == Role::Guest,
            };
            if foreign {
                self.plan.skipped.push(Skip { key: key.id, model, why });
            }
        }
    }

    /// A wished model that is ready soon is waited for rather than lowered.
    fn hold_for_wish(&mut self, first_step: usize, first_skip: usize) {
        if self.plan.steps.len() > first_step {
            return;
        }
        let soonest = self.plan.skipped[first_skip..].iter().map(|skip| skip.why.until()).min();
        let soon_enough = self.moment.now + self.pool.rules.router.wait_for_wish;
        self.plan.hold_until = soonest.filter(|until| *until <= soon_enough);
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

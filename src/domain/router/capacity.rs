//! How much the pool can serve in the near future: what the waiting queue may promise.
//!
//! An estimate for a queue, not a right: `acquire` decides. It counts, for every key a request like this may use, the
//! sends its cooldown leaves room for, and cuts that by minute limits, budgets, lines and reserves as they will stand
//! at the end of the time.

use std::time::Duration;

use super::failover::{lenders, owners_part, reserves};
use super::line::{Claim, Line};
use super::plan::{Request, wish};
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::Role;
use crate::domain::time::{Moment, Timestamp};

/// How many requests like `request` the pool could serve from `now` on within that time, if no others came.
pub fn serveable(pool: &KeyPool, request: &Request<'_>, within: Duration, now: Timestamp) -> usize {
    let (start, end) = (pool.calendar.moment(now), pool.calendar.moment(now + within));
    let estimate = Estimate { pool, request, line: Line::new(pool, &end), start: &start, end: &end };
    estimate.total() as usize
}

/// When a request with `ahead` others before it may be served: the end of the shortest time in which the pool can
/// serve one more than those. The next reset but one if not before.
pub fn turn_of(pool: &KeyPool, request: &Request<'_>, ahead: usize, now: Timestamp) -> Timestamp {
    let enough = |within: Duration| serveable(pool, request, within, now) > ahead;
    let (mut short, mut long) = (Duration::ZERO, pool.rules.router.max_wait);
    let longest = Duration::from_hours(25);
    while !enough(long) {
        if long >= longest {
            return now + long;
        }
        (short, long) = (long, (long * 2).min(longest));
    }
    for _ in 0..6 {
        let middle = (short + long) / 2;
        if enough(middle) { long = middle } else { short = middle }
    }
    now + long
}

struct Estimate<'a> {
    pool: &'a KeyPool,
    request: &'a Request<'a>,
    /// As it will stand at the end.
    line: Line<'a>,
    start: &'a Moment,
    end: &'a Moment,
}

impl Estimate<'_> {
    fn total(&self) -> u32 {
        let Request { role, task, choice, .. } = *self.request;
        let wished = wish(role, task, choice);
        let models: Vec<ModelSlot> = std::iter::successors(Some(wished), |model| model.lower())
            .filter(|model| !self.request.given_up.contains(model))
            .collect();
        let groups = Group::ALL.into_iter().map(|group| self.group(group, &models, wished));
        let reserves = reserves(role, self.request.attempt).iter().map(|id| self.reserve(*id, &models));
        groups.chain(reserves).sum()
    }

    /// In what capacity the role may use `group` for `model`; none: not at all.
    fn claim(&self, group: Group, model: ModelSlot) -> Option<Claim> {
        let Request { role, seatless_vip, .. } = *self.request;
        if self.pool.roster.home(role) == Some(group) {
            return Some(if role == Role::Owner { Claim::Free } else { Claim::Home });
        }
        let mut lenders = lenders(role, seatless_vip, model, &self.pool.roster);
        lenders.find(|(lender, _)| *lender == group).map(|(_, claim)| claim)
    }

    fn group(&self, group: Group, models: &[ModelSlot], wished: ModelSlot) -> u32 {
        let members = self.pool.roster.members(group);
        let mut by_models = 0u32;
        for model in models {
            if let Some(claim) = self.claim(group, *model) {
                by_models = by_models.saturating_add(self.group_model(group, members, claim, *model));
            }
        }
        let chat_at_home =
            self.request.task == Task::Chat && self.pool.roster.home(self.request.role) == Some(group);
        if wished == ModelSlot::FlashLite
            && chat_at_home
            && !self.request.given_up.contains(&ModelSlot::Flash)
        {
            let claim = if self.request.role == Role::Owner { Claim::Free } else { Claim::Borrower };
            by_models = by_models.saturating_add(self.group_model(group, members, claim, ModelSlot::Flash));
        }
        if by_models == 0 {
            return 0;
        }
        // A key's cooldown is one for all models: the soonest of them counts.
        let slots =
            |key: &usize| ModelSlot::TEXT.into_iter().map(|model| self.slots(*key, model)).max().unwrap_or(0);
        by_models.min(members.iter().map(slots).sum())
    }

    fn group_model(&self, group: Group, members: &[usize], claim: Claim, model: ModelSlot) -> u32 {
        let (mut own, mut shared) = (0u32, 0u32);
        for key in members {
            let project = self.pool.roster.project_of(*key);
            let sends = self.sends(*key, model);
            if self.pool.roster.is_shared(project) {
                shared += sends.min(self.unreserved(*key, model))
            } else {
                own += sends
            }
        }
        own.min(self.line.room(claim, group, model)) + shared
    }

    fn reserve(&self, id: KeyId, models: &[ModelSlot]) -> u32 {
        let Some(key) = self.pool.roster.find(id) else { return 0 };
        let shared = self.pool.roster.is_shared(self.pool.roster.project_of(key));
        let by_models = models.iter().map(|model| {
            let sends = self.sends(key, *model);
            if shared {
                sends.min(self.unreserved(key, *model))
            } else {
                sends.min(self.not_owners(key, *model))
            }
        });
        let slots = models.iter().map(|model| self.slots(key, *model)).max().unwrap_or(0);
        by_models.sum::<u32>().min(slots)
    }

    /// Sends of a key to a model, by its cooldown and what is left of its project's day.
    fn sends(&self, key: usize, model: ModelSlot) -> u32 {
        self.slots(key, model).min(self.left(key, model))
    }

    /// Sends that a key's cooldown and its project's minute leave room for.
    fn slots(&self, key: usize, model: ModelSlot) -> u32 {
        let (now, end) = (self.start.now, self.end.now);
        let spec = &self.pool.roster.keys()[key];
        if self.request.tried.contains(&spec.project) {
            return 0;
        }
        let blocked = self.pool.ready(key, model, self.start).err().map_or(now, |refusal| refusal.until());
        let down = self.pool.model_ready(model, now).err().map_or(now, |refusal| refusal.until());
        let first = blocked.max(down);
        if first > end {
            return 0;
        }
        let time = end.since(first).as_millis();
        let cooldown = spec.limits.cooldown.as_millis().max(1);
        let window = self.pool.rules.breakers.rate_window.as_millis().max(1);
        let rpm = u128::from(self.pool.project(key).limits(&spec.limits, model).rpm);
        let in_windows = rpm * (1 + time / window);
        u32::try_from((1 + time / cooldown).min(in_windows)).unwrap_or(u32::MAX)
    }

    fn left(&self, key: usize, model: ModelSlot) -> u32 {
        let (state, limits) = (self.pool.project(key), &self.pool.roster.keys()[key].limits);
        state.budget(limits, model, self.end).saturating_sub(state.spent(model, self.end))
    }

    fn not_owners(&self, key: usize, model: ModelSlot) -> u32 {
        let rules = &self.pool.rules.router;
        if self.request.role == Role::Owner {
            return self.left(key, model);
        }
        let budget = self.pool.project(key).budget(&self.pool.roster.keys()[key].limits, model, self.end);
        self.left(key, model).saturating_sub(owners_part(budget, rules.owner_units, rules.owner_share))
    }

    /// What a role may still take of a project that several groups share.
    fn unreserved(&self, key: usize, model: ModelSlot) -> u32 {
        let budget = self.pool.project(key).budget(&self.pool.roster.keys()[key].limits, model, self.end);
        let share = self.pool.rules.router.shared_reserve[self.request.role];
        let kept = share * f64::from(budget) * (1.0 - self.end.share_gone);
        (f64::from(self.left(key, model)) - kept).ceil().max(0.0) as u32
    }
}

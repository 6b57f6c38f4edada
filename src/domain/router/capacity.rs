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
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::{PerRole, Role};
use crate::domain::time::{Moment, Timestamp};

/// A time need not be told more exactly than this, or than a 16th of it.
const EXACT_ENOUGH: Duration = Duration::from_millis(250);

/// How many requests like `request` the pool could serve from `now` on within that time, if no others came.
pub fn serveable(pool: &KeyPool, request: &Request<'_>, within: Duration, now: Timestamp) -> usize {
    let (start, end) = (pool.calendar.moment(now), pool.calendar.moment(now + within));
    let estimate = Estimate { pool, request, line: Line::new(pool, &end), start: &start, end: &end };
    estimate.total() as usize
}

/// Those of the `waiting` who come before a request like this one and want what it wants: its own role, higher roles
/// of the same home, and of other homes those who may borrow from this one as things stand.
pub fn rivals(pool: &KeyPool, request: &Request<'_>, waiting: &PerRole<usize>, now: Timestamp) -> usize {
    let (role, home) = (request.role, pool.roster.home(request.role));
    let moment = pool.calendar.moment(now);
    let line = Line::new(pool, &moment);
    let borrows = |other: Role| {
        let mut lenders = lenders(other, false, ModelSlot::FlashLite, &pool.roster);
        let claim = lenders.find(|(lender, _)| Some(*lender) == home).map(|(_, claim)| claim);
        claim.is_some_and(|claim| line.room(claim, home.unwrap_or(Group::D), ModelSlot::FlashLite) > 0)
    };
    let is_rival = |other: &Role| {
        *other == role
            || (*other > role && (pool.roster.home(*other) == home || waiting[*other] > 0 && borrows(*other)))
    };
    Role::ALL.into_iter().filter(is_rival).map(|other| waiting[other]).sum()
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
    while long.saturating_sub(short) > (long / 16).max(EXACT_ENOUGH) {
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
        let mut claims = PerModel::<Option<Claim>>::default();
        for model in models {
            claims[*model] = self.claim(group, *model);
        }
        let chat_at_home =
            self.request.task == Task::Chat && self.pool.roster.home(self.request.role) == Some(group);
        if wished == ModelSlot::FlashLite
            && chat_at_home
            && !self.request.given_up.contains(&ModelSlot::Flash)
        {
            claims[ModelSlot::Flash] =
                Some(if self.request.role == Role::Owner { Claim::Free } else { Claim::Borrower });
        }
        if members.is_empty() || claims.0.iter().all(Option::is_none) {
            return 0;
        }
        let (mut own, mut shared) = (PerModel::<u32>::default(), PerModel::<u32>::default());
        let mut by_cooldown = 0u32;
        for key in members {
            let is_shared = self.pool.roster.is_shared(self.pool.roster.project_of(*key));
            let mut most = 0;
            for model in ModelSlot::ALL.into_iter().filter(|model| claims[*model].is_some()) {
                let slots = self.slots(*key, model);
                most = most.max(slots);
                let sends = slots.min(self.left(*key, model));
                if is_shared {
                    shared[model] += sends.min(self.unreserved(*key, model));
                } else {
                    own[model] += sends;
                }
            }
            // A key's cooldown is one for all models: the soonest of them counts.
            by_cooldown += most;
        }
        let room =
            |model| claims[model].map_or(0, |claim| own[model].min(self.line.room(claim, group, model)));
        let by_models: u32 = ModelSlot::ALL.into_iter().map(|model| room(model) + shared[model]).sum();
        by_models.min(by_cooldown)
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
        let cooldown = spec.limits.gap(&self.pool.rules.breakers).as_millis().max(1);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::key::{Fingerprint, Project};
    use crate::domain::pool::roster::{KeySpec, Roster};
    use crate::domain::router::attempts::Attempts;
    use crate::domain::router::plan::{Decision, plan};
    use crate::domain::rules::Rules;
    use crate::domain::time::{Calendar, QuotaDay};

    const HALF_MINUTE: Duration = Duration::from_secs(30);

    fn pool(ids: &[&str]) -> KeyPool {
        let rules = Rules::default();
        let key = |(n, id): (u64, &&str)| KeySpec {
            id: id.parse().expect("a key id"),
            fingerprint: Fingerprint(n.to_be_bytes()),
            project: Project((*id).into()),
            limits: rules.key.clone(),
        };
        let roster = Roster::from((0..).zip(ids).map(key).collect::<Vec<_>>());
        KeyPool::new(Arc::new(roster), Arc::new(rules), Arc::new(Calendar::new(QuotaDay(0), Vec::new())))
    }

    fn noon() -> Timestamp {
        Timestamp::ZERO + Duration::from_hours(20_000 * 24 + 12)
    }

    /// Serves one request after the other, as fast as the plan allows, until that time.
    fn served_by(mut pool: KeyPool, role: Role, task: Task, until: Timestamp) -> usize {
        let (attempts, mut now, mut served) = (Attempts::default(), noon(), 0);
        while now <= until {
            let request = attempts.request(role, false, task, None);
            match plan(&pool, &request, 1, now).decide(now, until) {
                Decision::Send(step) => {
                    let key = pool.roster.find(step.key).expect("in the roster");
                    drop(pool.acquire(key, step.model, until, now).expect("as planned"));
                    served += 1;
                }
                Decision::Wait(until) => now = until,
                Decision::Refuse { .. } => break,
            }
        }
        served
    }

    #[test]
    fn the_estimate_is_what_the_plan_then_serves() {
        let pools: [&[&str]; 4] =
            [&["A1", "A2"], &["C1", "D1", "RA"], &["D1", "D2", "D3"], &["A1", "B1", "C1", "D1", "RA", "RB"]];
        for ids in pools {
            for (role, task) in
                [(Role::Guest, Task::Chat), (Role::Normal, Task::Task), (Role::Vip, Task::Complex)]
            {
                let attempts = Attempts::default();
                let request = attempts.request(role, false, task, None);
                let estimate = serveable(&pool(ids), &request, HALF_MINUTE, noon());
                let served = served_by(pool(ids), role, task, noon() + HALF_MINUTE);
                assert_eq!(estimate, served, "{ids:?} {role} {task:?}");
            }
        }
    }

    #[test]
    fn the_turn_of_the_next_is_when_the_cooldowns_have_let_the_others_pass() {
        let (pool, attempts) = (pool(&["A1", "A2"]), Attempts::default());
        let request = attempts.request(Role::Owner, false, Task::Chat, None);
        // Two at once, two more after every gap.
        let gap = pool.rules.key.gap(&pool.rules.breakers).as_secs_f64();
        for (ahead, gaps) in [(2, 1.0), (5, 2.0), (8, 4.0)] {
            let turn = turn_of(&pool, &request, ahead, noon()).since(noon()).as_secs_f64();
            assert!((turn - gaps * gap).abs() <= 1.0, "{ahead} ahead: {turn}");
        }
    }

    #[test]
    fn rivals_are_those_before_who_want_the_same_keys() {
        let pool = pool(&["A1", "B1", "C1", "D1"]);
        let waiting = PerRole([1, 2, 4, 8, 16]);
        let attempts = Attempts::default();
        let count = |role| rivals(&pool, &attempts.request(role, false, Task::Chat, None), &waiting, noon());
        // Normal borrows from guest's D, premium and above from C, owner and vip share A.
        assert_eq!(
            [Role::Guest, Role::Normal, Role::Vip, Role::Owner].map(count),
            [3, 2 + 4 + 8 + 16, 8 + 16, 16]
        );
    }

    #[test]
    fn a_picture_can_wait_for_a_key_that_rests() {
        let mut pool = pool(&["A1", "C1"]);
        let attempts = Attempts::default();
        let picture = attempts.request(Role::Owner, false, Task::Chat, Some(ModelSlot::Image));
        assert_eq!(serveable(&pool, &picture, HALF_MINUTE, noon()), 0, "there is no budget for one");
        let mut keys: Vec<KeySpec> = pool.roster.keys().to_vec();
        for key in &mut keys {
            key.limits.models[ModelSlot::Image].daily_limit = 100;
        }
        pool.roster = Arc::new(Roster::from(keys));
        assert!(serveable(&pool, &picture, HALF_MINUTE, noon()) > 2);
    }
}

//! What a day of the pool can carry at most, for each role and model and for each project, and what the configuration
//! promises in vain. For `svs route --capacity`; nothing is decided by it.

use serde::Serialize;

use super::failover::{lenders, owners_part, reserves};
use super::line::Claim;
use crate::domain::key::{Group, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::Role;
use crate::domain::rules::is_entitled;
use crate::domain::time::Moment;

/// What a day can carry.
#[derive(Clone, PartialEq, Debug)]
pub struct Capacity {
    /// Per role and model that it may use.
    pub roles: Vec<RoleCapacity>,
    /// Per project.
    pub projects: Vec<ProjectCapacity>,
    /// What cannot be kept.
    pub in_vain: Vec<InVain>,
}

/// What one role can be served by one model, if nobody else asks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RoleCapacity {
    /// The role; a vip has a seat here.
    pub role: Role,
    /// The model.
    pub model: ModelSlot,
    /// Its home; none if no group has keys.
    pub home: Option<Group>,
    /// Requests a quota day by the home group.
    pub at_home: u32,
    /// Further ones by groups that lend.
    pub borrowed: u32,
    /// Further ones by the reserve keys.
    pub reserve: u32,
    /// Requests a minute, over a long time.
    pub per_minute: f64,
}

impl RoleCapacity {
    /// Requests a quota day in all.
    pub const fn a_day(&self) -> u32 {
        self.at_home + self.borrowed + self.reserve
    }
}

/// What one project can carry.
#[derive(Clone, PartialEq, Debug)]
pub struct ProjectCapacity {
    /// Whose quota.
    pub project: Project,
    /// Its keys.
    pub keys: Vec<KeyId>,
    /// Those that Google rejects or an operator took out.
    pub out: Vec<KeyId>,
    /// Sends a quota day, as things stand.
    pub budget: PerModel<u32>,
    /// The same, had Google never lowered a limit or rejected a key.
    pub configured: PerModel<u32>,
    /// Sends a minute over a long time, by its keys' cooldowns alone.
    pub by_cooldown: f64,
    /// Sends a minute over a long time, by cooldowns and minute limits.
    pub per_minute: PerModel<f64>,
}

/// Something that is configured and cannot be had. Counts are of one quota day.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum InVain {
    /// A person of this role may ask more than the whole pool can give the role.
    DayCap {
        /// The role.
        role: Role,
        /// Its cap per person.
        cap: u32,
        /// What can be carried.
        carried: u32,
    },
    /// The same in an hour.
    HourCap {
        /// The role.
        role: Role,
        /// Its cap per person.
        cap: u32,
        /// What can be carried in an hour.
        carried: u32,
    },
    /// The people in the VIP room may together ask more than the pool can give them.
    Seats {
        /// Seats.
        seats: u32,
        /// Their caps together.
        caps: u32,
        /// What can be carried.
        carried: u32,
    },
    /// A role may use a model that nothing can serve.
    NoBudget {
        /// The role.
        role: Role,
        /// The model.
        model: ModelSlot,
    },
    /// Several keys share one project, and so one budget.
    SharedProject {
        /// Whose quota.
        project: Project,
        /// Its keys.
        keys: Vec<KeyId>,
        /// What they would have each for themselves.
        apart: u32,
        /// What they have together.
        carried: u32,
    },
    /// A minute limit that the cooldown never lets a project reach.
    MinuteLimit {
        /// The model.
        model: ModelSlot,
        /// The limit.
        rpm: u32,
        /// How many projects.
        projects: u32,
        /// The most that one of them reaches, over a long time.
        reached: f64,
    },
    /// Google has named a lower limit, or does not serve the model here.
    Lowered {
        /// Whose quota.
        project: Project,
        /// The model.
        model: ModelSlot,
        /// As configured.
        configured: u32,
        /// As it is.
        carried: u32,
    },
    /// Keys that are out for good.
    KeysOut {
        /// Whose quota.
        project: Project,
        /// Which.
        keys: Vec<KeyId>,
    },
}

/// What `pool` can carry on the day of `moment`, from midnight to midnight.
pub fn capacity(pool: &KeyPool, moment: &Moment) -> Capacity {
    let projects: Vec<ProjectCapacity> =
        (0..pool.roster.projects().len()).map(|place| project(pool, place, moment)).collect();
    let has_model = |model: ModelSlot| projects.iter().any(|project| project.configured[model] > 0);
    let roles: Vec<RoleCapacity> = Role::ALL
        .into_iter()
        .rev()
        .flat_map(|role| ModelSlot::ALL.into_iter().rev().map(move |model| (role, model)))
        .filter(|(role, model)| is_entitled(*role, *model))
        .filter(|(_, model)| *model != ModelSlot::Image || has_model(*model))
        .map(|(role, model)| of_role(pool, &projects, role, model))
        .collect();
    let in_vain = in_vain(pool, &roles, &projects);
    Capacity { roles, projects, in_vain }
}

fn project(pool: &KeyPool, place: usize, moment: &Moment) -> ProjectCapacity {
    let state = &pool.projects[place];
    let keys = pool.roster.keys().iter().enumerate().filter(|(key, _)| pool.roster.project_of(*key) == place);
    let mut found = ProjectCapacity {
        project: pool.roster.projects()[place].clone(),
        keys: Vec::new(),
        out: Vec::new(),
        budget: PerModel::default(),
        configured: PerModel::default(),
        by_cooldown: 0.0,
        per_minute: PerModel::default(),
    };
    let mut rpm = PerModel::<u32>::default();
    for (_, spec) in keys {
        found.keys.push(spec.id);
        let known = state.key(spec.fingerprint);
        let is_out = state.rejected().is_some()
            || known.is_some_and(|key| {
                key.rejected.is_some() || key.disabled_until.is_some_and(|until| until > moment.now)
            });
        if is_out {
            found.out.push(spec.id);
        }
        let gap = spec.limits.gap(&pool.rules.breakers).as_secs_f64();
        for model in ModelSlot::ALL {
            let (was, is) = (spec.limits.models[model], state.limits(&spec.limits, model));
            found.configured[model] = found.configured[model].max(was.budget());
            if !is_out && !state.is_off(model, moment.now) {
                found.budget[model] = found.budget[model].max(is.budget());
                rpm[model] = rpm[model].max(is.rpm);
            }
        }
        if !is_out {
            found.by_cooldown += if gap > 0.0 { 60.0 / gap } else { f64::INFINITY };
        }
    }
    for model in ModelSlot::ALL {
        if found.budget[model] > 0 {
            found.per_minute[model] = found.by_cooldown.min(rpm[model].into());
        }
    }
    found
}

fn of_role(pool: &KeyPool, projects: &[ProjectCapacity], role: Role, model: ModelSlot) -> RoleCapacity {
    let (roster, rules) = (&pool.roster, &pool.rules.router);
    let home = roster.home(role);
    let mut counted = vec![false; projects.len()];
    let mut per_minute = 0.0;
    // The whole budget of a project that several groups share is everybody's in the end, once.
    let mut group = |group: Group, claim: Claim| {
        let (mut own, mut shared) = (0u32, 0u32);
        for key in roster.members(group) {
            let place = roster.project_of(*key);
            if std::mem::replace(&mut counted[place], true) {
                continue;
            }
            let sum = if roster.is_shared(place) { &mut shared } else { &mut own };
            *sum += projects[place].budget[model];
            per_minute += projects[place].per_minute[model];
        }
        if claim == Claim::Borrower {
            own = ((1.0 - rules.early_share) * f64::from(own)) as u32;
        }
        own + shared
    };
    let at_home = home.map_or(0, |home| group(home, Claim::Home));
    let borrowed = lenders(role, false, model, roster).map(|(lender, claim)| group(lender, claim)).sum();
    let mut reserve = 0;
    for key in reserves(role, 1).iter().filter_map(|id| roster.find(*id)) {
        let place = roster.project_of(key);
        if std::mem::replace(&mut counted[place], true) {
            continue;
        }
        let budget = projects[place].budget[model];
        let is_bound = role != Role::Owner && !roster.is_shared(place);
        let owners = if is_bound { owners_part(budget, rules.owner_units, rules.owner_share) } else { 0 };
        reserve += budget - owners;
        per_minute += projects[place].per_minute[model];
    }
    RoleCapacity { role, model, home, at_home, borrowed, reserve, per_minute }
}

fn in_vain(pool: &KeyPool, roles: &[RoleCapacity], projects: &[ProjectCapacity]) -> Vec<InVain> {
    let mut found = Vec::new();
    for role in Role::ALL.into_iter().rev() {
        let of_role = roles.iter().filter(|capacity| capacity.role == role);
        let carried: u32 = of_role.clone().map(RoleCapacity::a_day).sum();
        let rules = &pool.rules.roles[role];
        if let Some(cap) = rules.per_day.filter(|cap| *cap > carried) {
            found.push(InVain::DayCap { role, cap, carried });
        }
        // A key's cooldown is one for all models.
        let per_minute = of_role.clone().map(|capacity| capacity.per_minute).fold(0.0, f64::max);
        let in_hour = ((60.0 * per_minute) as u32).min(carried);
        if let Some(cap) = rules.per_hour.filter(|cap| *cap > in_hour) {
            found.push(InVain::HourCap { role, cap, carried: in_hour });
        }
        let seats = pool.rules.seats.seats;
        if let Some(caps) = rules.per_day.filter(|_| role == Role::Vip).map(|cap| cap.saturating_mul(seats))
            && caps > carried
        {
            found.push(InVain::Seats { seats, caps, carried });
        }
        let unserved = of_role.filter(|capacity| capacity.a_day() == 0);
        found.extend(unserved.map(|capacity| InVain::NoBudget { role, model: capacity.model }));
    }
    for project in projects {
        let name = || project.project.clone();
        if project.keys.len() > 1 {
            let carried = project.budget.0.iter().sum();
            let apart = project.configured.0.iter().sum::<u32>() * project.keys.len() as u32;
            found.push(InVain::SharedProject { project: name(), keys: project.keys.clone(), apart, carried });
        }
        if !project.out.is_empty() {
            found.push(InVain::KeysOut { project: name(), keys: project.out.clone() });
        }
        for model in ModelSlot::ALL {
            let (configured, carried) = (project.configured[model], project.budget[model]);
            if carried < configured && project.out.len() < project.keys.len() {
                found.push(InVain::Lowered { project: name(), model, configured, carried });
            }
        }
    }
    found.extend(minute_limits(pool, projects));
    found
}

/// Minute limits beyond what cooldowns let through, each once however many projects have it.
fn minute_limits(pool: &KeyPool, projects: &[ProjectCapacity]) -> Vec<InVain> {
    let mut found: Vec<(ModelSlot, u32, u32, f64)> = Vec::new();
    for (place, project) in projects.iter().enumerate() {
        let spec =
            pool.roster.keys().iter().enumerate().find(|(key, _)| pool.roster.project_of(*key) == place);
        let Some((_, spec)) = spec else { continue };
        for model in ModelSlot::ALL.into_iter().filter(|model| project.budget[*model] > 0) {
            let rpm = pool.projects[place].limits(&spec.limits, model).rpm;
            if f64::from(rpm) <= project.by_cooldown {
                continue;
            }
            match found.iter_mut().find(|(of, limit, ..)| (*of, *limit) == (model, rpm)) {
                Some((_, _, count, most)) => (*count, *most) = (*count + 1, most.max(project.by_cooldown)),
                None => found.push((model, rpm, 1, project.by_cooldown)),
            }
        }
    }
    let limit = |(model, rpm, projects, reached)| InVain::MinuteLimit { model, rpm, projects, reached };
    found.into_iter().map(limit).collect()
}

#[cfg(test)]
mod tests;

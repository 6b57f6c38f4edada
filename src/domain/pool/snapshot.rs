//! The pool as operators see it: each key in one condition, and their counts.

use serde::{Deserialize, Serialize};

use super::key_pool::KeyPool;
use super::project::Activity;
use super::refusal::Refusal;
use crate::domain::key::{Fingerprint, Group, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::time::{Moment, Timestamp};

/// The condition of a key, each key in exactly one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Could serve some model now.
    Ready,
    /// Waits for its cooldown, a minute limit or a pause that Google asked for.
    Cooling,
    /// Has spent the day's budget of every model it has.
    Exhausted,
    /// On the blacklist after strikes, or its probe is out.
    Blacklisted,
    /// Definitely rejected by Google.
    Invalid,
    /// Taken out by an operator.
    Disabled,
}

impl Condition {
    /// All conditions, best first.
    pub const ALL: [Condition; 6] = [
        Condition::Ready,
        Condition::Cooling,
        Condition::Exhausted,
        Condition::Blacklisted,
        Condition::Invalid,
        Condition::Disabled,
    ];

    /// The word in output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Condition::Ready => "ready",
            Condition::Cooling => "cooling",
            Condition::Exhausted => "exhausted",
            Condition::Blacklisted => "blacklisted",
            Condition::Invalid => "invalid",
            Condition::Disabled => "disabled",
        }
    }
}

/// One key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeyView {
    /// Its place.
    pub id: KeyId,
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// Whose quota it spends.
    pub project: Project,
    /// How it is.
    pub condition: Condition,
    /// Why it cannot serve now.
    pub refusal: Option<Refusal>,
    /// What an operator said when taking it out.
    pub reason: Option<String>,
    /// Spent and budget of its project today, per model.
    pub spent: PerModel<(u32, u32)>,
    /// What it is at.
    pub activity: Activity,
}

impl KeyView {
    /// When its condition ends by itself, where that is known.
    pub fn until(&self) -> Option<Timestamp> {
        self.refusal.map(|refusal| refusal.until()).filter(|until| *until < Timestamp::NEVER)
    }
}

/// Every key of the pool.
pub fn key_views(pool: &KeyPool, moment: &Moment) -> Vec<KeyView> {
    (0..pool.roster.keys().len()).map(|key| key_view(pool, key, moment)).collect()
}

fn key_view(pool: &KeyPool, key: usize, moment: &Moment) -> KeyView {
    let spec = &pool.roster.keys()[key];
    let state = pool.project(key);
    let own = state.key(spec.fingerprint);
    let disabled = own.and_then(|own| own.disabled(moment.now)).map(|until| Refusal::Disabled { until });
    // An operator's word says more than what may hold beside it. Of all models, the one that serves soonest speaks for the key.
    let refusal = ModelSlot::TEXT
        .into_iter()
        .map(|model| pool.ready(key, model, moment).err())
        .reduce(sooner)
        .flatten();
    let refusal = disabled.or(refusal);
    let condition = match refusal {
        None => Condition::Ready,
        Some(Refusal::Rejected { .. }) => Condition::Invalid,
        Some(Refusal::Disabled { .. }) => Condition::Disabled,
        Some(_) if pool.is_banned(key, moment.now) => Condition::Blacklisted,
        Some(Refusal::BudgetSpent { .. } | Refusal::ModelOff { .. } | Refusal::ModelMissing { .. }) => {
            Condition::Exhausted
        }
        Some(_) => Condition::Cooling,
    };
    let spent =
        PerModel::from_fn(|model| (state.spent(model, moment), state.limits(&spec.limits, model).budget()));
    KeyView {
        id: spec.id,
        fingerprint: spec.fingerprint,
        project: spec.project.clone(),
        condition,
        refusal,
        reason: disabled.and(own).and_then(|own| own.disabled_reason.clone()),
        spent,
        activity: state.activity(spec.fingerprint, &spec.limits, &pool.rules.breakers, moment),
    }
}

fn sooner(one: Option<Refusal>, other: Option<Refusal>) -> Option<Refusal> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.until() < one.until() { other } else { one }),
        _ => None,
    }
}

/// How many keys are in each condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All of them: the sum of the others.
    pub total: u32,
    /// Could serve now.
    pub ready: u32,
    /// Could serve after a short wait.
    pub cooling: u32,
    /// Have spent their day.
    pub exhausted: u32,
    /// On the blacklist.
    pub blacklisted: u32,
    /// Rejected.
    pub invalid: u32,
    /// Taken out by an operator.
    pub disabled: u32,
}

impl Counts {
    /// Counts keys.
    pub fn of<'a>(views: impl IntoIterator<Item = &'a KeyView>) -> Counts {
        let mut counts = Counts::default();
        for view in views {
            counts.total += 1;
            *match view.condition {
                Condition::Ready => &mut counts.ready,
                Condition::Cooling => &mut counts.cooling,
                Condition::Exhausted => &mut counts.exhausted,
                Condition::Blacklisted => &mut counts.blacklisted,
                Condition::Invalid => &mut counts.invalid,
                Condition::Disabled => &mut counts.disabled,
            } += 1;
        }
        counts
    }

    /// Keys that serve today.
    pub const fn usable(&self) -> u32 {
        self.ready + self.cooling
    }
}

/// The counts of each group that has keys, then of the router keys (`None`), if there are any.
pub fn counts_by_group(views: &[KeyView]) -> Vec<(Option<Group>, Counts)> {
    let groups = Group::ALL.into_iter().map(Some).chain([None]);
    let of = |group| (group, Counts::of(views.iter().filter(|view| view.id.group() == group)));
    groups.map(of).filter(|(_, counts)| counts.total > 0).collect()
}

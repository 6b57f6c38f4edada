//! Each key as operators see it, and what they do with it: take it out, take it back, forget what is held against it.
//!
//! The same rules for the daemon's own keys and for the stored state: one transaction on the projects' cells. A send
//! is granted by the same cells, so from the commit on a disabled key gets none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::hub::{Gateway, read_ledger, roster_of, stored_snapshot};
use crate::clock::pacific_calendar;
use crate::config::Config;
use crate::domain::key::{Group, KeyId, Project};
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::project::ProjectState;
use crate::domain::pool::roster::Roster;
use crate::domain::pool::snapshot::{Condition, KeyView, key_views};
use crate::domain::rules::Rules;
use crate::domain::time::{Moment, Timestamp};
use crate::store::{CellKey, OfflineChange, Store, StoreError, Tx};

/// What is done with keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum KeyChange {
    /// They send nothing any more; none: until they are enabled.
    Disable { span: Option<Duration> },
    /// They may send again.
    Enable,
    /// Bans, rejections and strikes are forgotten; sends and budgets are not.
    Reset,
}

impl KeyChange {
    /// The word in the log.
    const fn name(&self) -> &'static str {
        match self {
            KeyChange::Disable { .. } => "disabled",
            KeyChange::Enable => "enabled",
            KeyChange::Reset => "reset",
        }
    }
}

/// What an operator wants of some keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeyOrder {
    /// What is done.
    pub(crate) change: KeyChange,
    /// With which keys. If one is unknown, nothing is done.
    pub(crate) keys: Vec<KeyId>,
    /// Why, for operators.
    pub(crate) reason: Option<String>,
    /// Who wants it.
    pub(crate) uid: u32,
    /// Only say what would be done.
    pub(crate) dry_run: bool,
}

/// What became of one key.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ChangedKey {
    /// The key as it is now, or would be.
    pub(crate) key: KeyView,
    /// Whether anything changed.
    pub(crate) changed: bool,
}

/// What became of the keys of an order.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ChangedKeys {
    /// One by one, as they were named.
    pub(crate) keys: Vec<ChangedKey>,
    /// Their groups in which no key serves any more before it is mended or enabled.
    pub(crate) left_empty: Vec<Group>,
}

impl Gateway {
    /// Every key as it is now.
    pub(crate) fn keys(&self) -> (Timestamp, Vec<KeyView>) {
        let now = self.shared.clock.now();
        (now, key_views(&self.shared.pool(), &self.shared.calendar.moment(now)))
    }

    /// Does with keys what an operator wants. None: one of them is unknown, and nothing was done.
    pub(crate) async fn change_keys(&self, order: KeyOrder) -> Result<Option<ChangedKeys>, StoreError> {
        let shared = Arc::clone(&self.shared);
        let changed = self.shared.committed(move |tx| {
            let roster = Arc::clone(&shared.pool().roster);
            let Some(states) = change(tx, &roster, &order)? else { return Ok(None) };
            let now = tx.now();
            let moment = shared.calendar.moment(now);
            let mut pool = shared.pool();
            if order.dry_run {
                // Looked at, not kept.
                let mut pool = pool.clone();
                return Ok(Some(views(&mut pool, states, &order, &moment)));
            }
            Ok(Some(views(&mut pool, states, &order, &moment)))
        });
        let changed = changed.await?;
        // Whoever waits for a key may have one now.
        self.shared.queue.stir();
        Ok(changed)
    }
}

/// Every key of a stored state, and when that is.
pub(crate) async fn stored_keys(
    store: &Store,
    config: &Config,
) -> Result<(Timestamp, Vec<KeyView>), StoreError> {
    let snapshot = stored_snapshot(store, config).await?;
    let now = snapshot.at;
    let pool = KeyPool::from_snapshot(snapshot, Arc::new(pacific_calendar(now)));
    Ok((now, key_views(&pool, &pool.calendar.moment(now))))
}

/// The same as [`Gateway::change_keys`] on a state that no daemon holds.
pub(crate) async fn change_stored_keys(
    store: &Store,
    config: &Config,
    order: KeyOrder,
) -> Result<Option<ChangedKeys>, StoreError> {
    let (roster, rules) = (roster_of(config), config.rules.clone());
    store
        .commit(move |tx| {
            let mut pool = stored_pool(tx, roster, rules)?;
            let roster = Arc::clone(&pool.roster);
            let Some(states) = change(tx, &roster, &order)? else { return Ok(None) };
            let moment = pool.calendar.moment(tx.now());
            let changed = views(&mut pool, states, &order, &moment);
            // The log of this process is not the daemon's, which says later who did it.
            for key in changed.keys.iter().filter(|key| key.changed && !order.dry_run) {
                tx.put_offline_change(&OfflineChange {
                    at: moment.now,
                    uid: order.uid,
                    verb: format!("key {}", order.change.name()),
                    key: Some(key.key.id.to_string()),
                    user: None,
                    note: order.reason.clone(),
                })?;
            }
            Ok(Some(changed))
        })
        .await
}

/// The projects of the keys, each with its place and its new state; none if a key is unknown.
type Changed = BTreeMap<usize, ProjectState>;

fn change(tx: &mut Tx<'_>, roster: &Roster, order: &KeyOrder) -> Result<Option<Changed>, StoreError> {
    let Some(places) = order.keys.iter().map(|id| roster.find(*id)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut by_project: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for key in places {
        by_project.entry(roster.project_of(key)).or_default().push(key);
    }
    let mut changed = Changed::new();
    for (place, keys) in by_project {
        let project: &Project = &roster.projects()[place];
        let cell = CellKey::Project(project.clone());
        let apply = |state: &mut ProjectState, now: Timestamp| {
            for key in &keys {
                let fingerprint = roster.keys()[*key].fingerprint;
                match order.change {
                    KeyChange::Disable { span } => {
                        let until = span.map_or(Timestamp::NEVER, |span| now + span);
                        state.disable(fingerprint, until, order.reason.clone());
                    }
                    KeyChange::Enable => state.enable(fingerprint),
                    KeyChange::Reset => state.restore(fingerprint),
                }
            }
        };
        let state = if order.dry_run {
            let mut state: ProjectState = tx.read_cell(&cell)?;
            apply(&mut state, tx.now());
            state
        } else {
            tx.update_cell::<ProjectState, _>(&cell, apply)?.1
        };
        changed.insert(place, state);
    }
    Ok(Some(changed))
}

/// Puts the new states into the pool, and says and logs what became of each key.
fn views(pool: &mut KeyPool, states: Changed, order: &KeyOrder, moment: &Moment) -> ChangedKeys {
    // What is held against a key, by an operator, by Google, by its strikes.
    let held = |pool: &KeyPool, id: KeyId| {
        let key = pool.roster.find(id)?;
        let state = pool.project(key);
        let own = state.key(pool.roster.keys()[key].fingerprint).cloned();
        let disabled = own.as_ref().and_then(|own| own.disabled(moment.now));
        let reason = disabled.and(own.as_ref()).and_then(|own| own.disabled_reason.clone());
        let judged = own.map(|own| (own.rejected, own.breaker)).unwrap_or_default();
        Some((disabled, reason, judged, state.rejected()))
    };
    let before: Vec<_> = order.keys.iter().map(|id| held(pool, *id)).collect();
    for (place, state) in states {
        pool.projects[place] = state;
    }
    let all = key_views(pool, moment);
    let mut changed = Vec::new();
    for (id, before) in order.keys.iter().zip(before) {
        let Some(view) = all.iter().find(|view| view.id == *id) else { continue };
        let is_changed = held(pool, *id) != before;
        if is_changed && !order.dry_run {
            let until = view.until().map(Timestamp::as_millis);
            let (uid, reason) = (order.uid, order.reason.as_deref());
            tracing::info!(uid, key = %id, until, reason, "key {}", order.change.name());
        }
        changed.push(ChangedKey { key: view.clone(), changed: is_changed });
    }
    let serves = |view: &KeyView| {
        matches!(view.condition, Condition::Ready | Condition::Cooling | Condition::Exhausted)
    };
    let is_empty = |group: &Group| !all.iter().any(|view| view.id.group() == Some(*group) && serves(view));
    let concerned = |group: &Group| order.keys.iter().any(|id| id.group() == Some(*group));
    let left_empty = Group::ALL.into_iter().filter(concerned).filter(is_empty).collect();
    ChangedKeys { keys: changed, left_empty }
}

fn stored_pool(tx: &Tx<'_>, roster: Roster, rules: Rules) -> Result<KeyPool, StoreError> {
    let calendar = Arc::new(pacific_calendar(tx.now()));
    let mut pool = KeyPool::new(Arc::new(roster), Arc::new(rules), calendar);
    (pool.projects, pool.models, pool.health) = read_ledger(tx, pool.roster.projects())?;
    Ok(pool)
}

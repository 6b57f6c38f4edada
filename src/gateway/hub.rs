//! The gateway itself: what all its parts share, and the mirror of the ledger from which plans are made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::{Notify, mpsc};

use super::course::{Attempt, Course};
use super::decide::is_notable;
use super::housekeeping::arrivals;
use super::queue::{Queue, Turn};
use super::reload::{follow_keys, have_keys_moved};
use super::vip::Running;
use crate::clock::{Clock, pacific_calendar};
use crate::config::{Config, LiveConfig, Secret};
use crate::domain::chat::{ChatId, Notice, UserId};
use crate::domain::key::{Fingerprint, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::fairness::retries::RetryBudget;
use crate::domain::pool::health::{ModelHealth, PoolHealth};
use crate::domain::pool::key_pool::{KeyPool, Snapshot};
use crate::domain::pool::project::{Effect, ProjectState};
use crate::domain::pool::roster::{KeySpec, Roster};
use crate::domain::time::{Calendar, Timestamp};
use crate::gemini::GeminiClient;
use crate::store::{CellKey, Content, OutboxRow, Store, StoreError, Tx};
use crate::telemetry::Vitals;

/// Where rules meet the world; clones share everything.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    config: LiveConfig,
    pub(super) store: Store,
    gemini: RwLock<GeminiClient>,
    pub(super) clock: Clock,
    pub(super) calendar: Arc<Calendar>,
    pub(super) vitals: Vitals,
    pub(super) started_at: Timestamp,
    /// The ledger as of the last transaction.
    pool: Mutex<KeyPool>,
    pub(super) queue: Queue,
    pub(super) retries: Mutex<RetryBudget>,
    pub(super) running: Mutex<Running>,
    /// Grants may end earlier or later than it was thought.
    pub(super) grants_changed: Arc<Notify>,
    /// Who claimed this bot while it had no owner.
    claimed: Mutex<Option<UserId>>,
    pub(super) abandoned: mpsc::UnboundedSender<Attempt>,
}

/// The keys of a configuration as the rules know them.
pub(crate) fn roster_of(config: &Config) -> Roster {
    let spec = |key: &crate::config::ConfiguredKey| KeySpec {
        id: key.id,
        fingerprint: key.fingerprint,
        project: key.project.clone(),
        limits: switched_off(config, key.limits.clone()),
    };
    Roster::from(config.keys.iter().map(spec).collect::<Vec<_>>())
}

/// The pool of a configuration, of which nothing is known yet.
pub(super) fn unread_pool(config: &Config, calendar: Arc<Calendar>) -> KeyPool {
    KeyPool::new(Arc::new(roster_of(config)), Arc::new(config.rules.clone()), calendar)
}

/// The pool as it is stored, from a store that needs no daemon.
pub(crate) async fn stored_snapshot(store: &Store, config: &Config) -> Result<Snapshot, StoreError> {
    let (roster, rules) = (roster_of(config), config.rules.clone());
    let read = move |tx: &Tx<'_>| {
        let (now, calendar) = (tx.now(), pacific_calendar(tx.now()));
        let (projects, models, health) = read_ledger(tx, roster.projects())?;
        let arrivals = arrivals(tx, &calendar)?;
        Ok(Snapshot { at: now, roster, rules, projects, models, health, arrivals })
    };
    store.read_aside(read).await
}

/// A slot without a model id is off, whatever its limits.
fn switched_off(
    config: &Config,
    mut limits: crate::domain::rules::KeyLimits,
) -> crate::domain::rules::KeyLimits {
    for slot in ModelSlot::ALL {
        if config.gemini.models[slot].is_none() {
            limits.models[slot].daily_limit = 0;
        }
    }
    limits
}

impl Gateway {
    /// Opens the gateway over a store: reads the ledger, and settles what an unclean boot left. Must be called inside
    /// a tokio runtime, which then also runs the gateway's own tasks.
    pub(crate) async fn open(
        config: LiveConfig,
        store: Store,
        gemini: GeminiClient,
        clock: Clock,
        vitals: Vitals,
    ) -> Result<Gateway, StoreError> {
        let calendar = Arc::new(pacific_calendar(clock.now()));
        let pool = unread_pool(&config.current(), Arc::clone(&calendar));
        let (abandoned, leases) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queue: Queue::new(vitals.clone(), clock.clone()),
            started_at: clock.now(),
            pool: Mutex::new(pool),
            retries: Mutex::default(),
            running: Mutex::default(),
            grants_changed: Arc::default(),
            claimed: Mutex::default(),
            config,
            store,
            gemini: RwLock::new(gemini),
            clock,
            calendar,
            vitals,
            abandoned,
        });
        shared.follow_keys().await?;
        shared.reload().await?;
        shared.charge_unclean_boot().await?;
        tokio::spawn(super::housekeeping::learn_arrivals(Arc::downgrade(&shared)));
        tokio::spawn(super::finish::settle_abandoned(Arc::downgrade(&shared), leases));
        tokio::spawn(super::dispatch::dispatch(Arc::downgrade(&shared)));
        Ok(Gateway { shared })
    }

    /// The pool as it is: what plans are made from.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let now = self.shared.clock.now();
        self.shared.pool().to_snapshot(now)
    }

    /// The clock that the gateway goes by.
    pub(crate) fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.shared.config()
    }
}

impl Shared {
    pub(super) fn pool(&self) -> MutexGuard<'_, KeyPool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration in force.
    pub(super) fn config(&self) -> Arc<Config> {
        self.config.current()
    }

    /// Puts another configuration in the place of this one.
    pub(super) fn configure(&self, config: Arc<Config>, gemini: Option<GeminiClient>) {
        self.config.replace(config);
        if let Some(gemini) = gemini {
            *self.gemini.write().unwrap_or_else(PoisonError::into_inner) = gemini;
        }
    }

    /// The client of upstream, as configured now.
    pub(super) fn gemini(&self) -> GeminiClient {
        self.gemini.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The secret of a key, wherever its place is by now.
    pub(super) fn secret(&self, key: Fingerprint) -> Option<Secret> {
        let config = self.config();
        config
            .keys
            .iter()
            .find(|configured| configured.fingerprint == key)
            .map(|configured| configured.secret.clone())
    }

    pub(super) fn claimed(&self) -> Option<UserId> {
        *self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_claimed(&self, owner: Option<UserId>) {
        *self.claimed.lock().unwrap_or_else(PoisonError::into_inner) = owner;
    }

    /// Reads the whole ledger into the mirror: at the start, and after a transaction that may not have been committed.
    pub(super) async fn reload(&self) -> Result<(), StoreError> {
        let projects = self.pool().roster.projects().to_vec();
        let read = self.store.read(move |tx| Ok((read_ledger(tx, &projects)?, tx.claimed_owner()?)));
        let ((states, models, health), claimed) = read.await?;
        self.set_claimed(claimed);
        let mut pool = self.pool();
        pool.projects = states;
        pool.models = models;
        pool.health = health;
        Ok(())
    }

    /// Another configuration than last time may have other projects.
    async fn follow_keys(&self) -> Result<(), StoreError> {
        let (roster, calendar) = (Arc::clone(&self.pool().roster), Arc::clone(&self.calendar));
        let moved = Arc::clone(&roster);
        if self.store.read(move |tx| have_keys_moved(tx, &moved)).await? {
            self.store.commit(move |tx| follow_keys(tx, &roster, &calendar)).await?;
        }
        // The usual start writes nothing.
        Ok(())
    }

    /// After an unclean boot nobody knows what was sent in the last minute: every project × model pays it in full, once.
    async fn charge_unclean_boot(self: &Arc<Self>) -> Result<(), StoreError> {
        if !self.store.read(|tx| tx.boot_charge_due()).await? {
            // The usual start writes nothing.
            return Ok(());
        }
        let shared = Arc::clone(self);
        let charged = self
            .store
            .commit(move |tx| {
                if !tx.boot_charge_due()? {
                    return Ok(false);
                }
                let roster = Arc::clone(&shared.pool().roster);
                for (place, project) in roster.projects().iter().enumerate() {
                    let Some(spec) = roster.keys().iter().find(|spec| spec.project == *project) else {
                        continue;
                    };
                    let cell = CellKey::Project(project.clone());
                    let ((), state) = tx.update_cell::<ProjectState, _>(&cell, |state, now| {
                        let moment = shared.calendar.moment(now);
                        state.charge_minute(&spec.limits, &shared.config().rules.breakers, &moment);
                    })?;
                    shared.pool().projects[place] = state;
                }
                tx.boot_charge_made()?;
                Ok(true)
            })
            .await?;
        if charged {
            tracing::warn!(
                "the machine went down without notice: every key is charged one minute of requests"
            );
        }
        Ok(())
    }

    /// Logs what happened to a key, and tells the owners once when it is out for good.
    pub(super) fn tell_operators(
        &self,
        tx: &mut Tx<'_>,
        key: KeyId,
        effect: Effect,
    ) -> Result<(), StoreError> {
        if !is_notable(effect) {
            return Ok(());
        }
        match effect {
            Effect::None => Ok(()),
            Effect::Banned(until) => {
                let wait = until.since(self.clock.now());
                tracing::warn!(%key, minutes = wait.as_secs() / 60, "key is on the blacklist after strikes");
                Ok(())
            }
            Effect::Rejected(why) => {
                tracing::error!(%key, reason = why.name(), "Google rejects this key: svs keys check --key {key}");
                let notice = Notice::KeyRejected { key: key.to_string(), reason: why.name().to_owned() };
                let rows: Vec<OutboxRow> = self
                    .owners()
                    .into_iter()
                    .map(|owner| OutboxRow {
                        update_id: None,
                        part: 0,
                        // A private chat has its user's id.
                        chat: ChatId(owner.0),
                        topic: None,
                        user: Some(owner),
                        reply_to: None,
                        content: Content::Notice(notice.clone()),
                        buttons: Vec::new(),
                        message_id: None,
                    })
                    .collect();
                tx.put_rows(&rows).map(|_| ())
            }
        }
    }
}

pub(super) type Ledger = (Vec<ProjectState>, PerModel<ModelHealth>, PoolHealth);

/// Everything that plans are made from.
pub(super) fn read_ledger(tx: &Tx<'_>, projects: &[Project]) -> Result<Ledger, StoreError> {
    let mut stored: HashMap<CellKey, ProjectState> = tx.cells(CellKey::PROJECTS)?.into_iter().collect();
    let state = |project: &Project| stored.remove(&CellKey::Project(project.clone())).unwrap_or_default();
    let states = projects.iter().map(state).collect();
    let mut models = PerModel::<ModelHealth>::default();
    for model in ModelSlot::ALL {
        models[model] = tx.read_cell(&CellKey::Model(model))?;
    }
    Ok((states, models, tx.read_cell(&CellKey::Pool)?))
}

impl Shared {
    /// A request is sent for the first time: it pays its share into the retry budget.
    pub(super) fn count_request(&self) {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner).request();
    }

    /// Takes one retry from the budget, if it has one.
    pub(super) fn may_retry_now(&self) -> bool {
        let mut retries = self.retries.lock().unwrap_or_else(PoisonError::into_inner);
        retries.retry(&self.config().rules.router, self.clock.now()).is_ok()
    }

    /// A place in the queue for a request that is going to wait; else when its turn would come.
    pub(super) fn join_queue(&self, course: &Course) -> Result<Turn, Timestamp> {
        self.queue.join(course, &self.pool())
    }
}

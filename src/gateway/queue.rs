//! Who waits for a key. The order is the domain's; here is the sleeping.
//!
//! A request that may be served soon joins the queue. One task, `dispatch`, wakes when something may have become
//! ready, asks the router for whom, and calls them one by one in order: the next only after the one before has taken
//! its key, so nobody is called for a key that is gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::course::Course;
use super::hub::Shared;
use crate::clock::Clock;
use crate::domain::chat::UserId;
use crate::domain::model::ModelSlot;
use crate::domain::policy::fairness::queue::{EntryId, WaitingQueue};
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::Role;
use crate::domain::router::attempts::Attempts;
use crate::domain::router::capacity::{rivals, serveable, turn_of};
use crate::domain::router::plan::{Decision, Request, plan};
use crate::domain::time::Timestamp;
use crate::telemetry::Vitals;

/// How long the dispatcher sleeps at most while somebody waits: what becomes ready by an operator's hand, or by
/// another process, is told by nobody.
const LONGEST_NAP: Duration = Duration::from_secs(1);

/// The waiting requests.
pub(super) struct Queue {
    waiting: Arc<Mutex<WaitingQueue<Waiter>>>,
    changed: Arc<Notify>,
    /// Somebody may be served earlier than the router expected.
    stirred: Arc<AtomicBool>,
    vitals: Vitals,
}

struct Waiter {
    wish: Arc<Wish>,
    seed: u64,
    latest: Timestamp,
    not_before: Timestamp,
    call: Option<oneshot::Sender<OwnedSemaphorePermit>>,
}

/// What a request asks of the router; equal wishes have equal chances.
#[derive(Clone, PartialEq)]
struct Wish {
    role: Role,
    seatless_vip: bool,
    task: Task,
    choice: Option<ModelSlot>,
    attempts: Attempts,
}

impl Wish {
    fn request(&self) -> Request<'_> {
        self.attempts.request(self.role, self.seatless_vip, self.task, self.choice)
    }
}

/// A place in the queue; dropping it leaves.
pub(super) struct Turn {
    waiting: Arc<Mutex<WaitingQueue<Waiter>>>,
    changed: Arc<Notify>,
    vitals: Vitals,
    clock: Clock,
    user: UserId,
    role: Role,
    latest: Timestamp,
    entry: Option<EntryId>,
    /// Held while the called one decides.
    called: Option<OwnedSemaphorePermit>,
    wish: Arc<Wish>,
    seed: u64,
}

impl Queue {
    pub(super) fn new(vitals: Vitals) -> Queue {
        let waiting = Arc::new(Mutex::new(WaitingQueue::default()));
        Queue { waiting, changed: Arc::default(), stirred: Arc::default(), vitals }
    }

    /// Takes a place for a request that is going to wait; if more wait before it than can be served in time, says when
    /// its turn would come.
    pub(super) fn join(&self, course: &Course, pool: &KeyPool, clock: &Clock) -> Result<Turn, Timestamp> {
        let (now, request) = (clock.now(), course.request());
        let ahead = rivals(pool, &request, &lock(&self.waiting).waiting(), now);
        if ahead >= serveable(pool, &request, course.latest.since(now), now) {
            return Err(turn_of(pool, &request, ahead, now));
        }
        Ok(Turn {
            waiting: Arc::clone(&self.waiting),
            changed: Arc::clone(&self.changed),
            vitals: self.vitals.clone(),
            clock: clock.clone(),
            // A shell's requests share a user that Telegram does not have.
            user: course.conversation.map_or(UserId(0), |at| at.user),
            role: course.role,
            latest: course.latest,
            entry: None,
            called: None,
            wish: Arc::new(Wish {
                role: course.role,
                seatless_vip: course.is_seatless_vip(),
                task: course.task,
                choice: course.choice,
                attempts: course.attempts.clone(),
            }),
            seed: course.seed,
        })
    }

    /// Something was settled: perhaps somebody can be served earlier than expected.
    pub(super) fn stir(&self) {
        self.stirred.store(true, Ordering::Relaxed);
        self.changed.notify_one();
    }
}

fn lock(waiting: &Mutex<WaitingQueue<Waiter>>) -> MutexGuard<'_, WaitingQueue<Waiter>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn {
    /// The place in the line, from 1.
    pub(super) fn position(&self) -> usize {
        let waiting = lock(&self.waiting);
        match self.entry {
            Some(entry) => waiting.position(entry).unwrap_or(1),
            None => waiting.ahead_of(self.role) + 1,
        }
    }

    /// Waits until it is this request's turn, not before `not_before`, or until its time is over.
    pub(super) async fn come(&mut self, not_before: Timestamp) {
        self.called = None;
        let (call, called) = oneshot::channel();
        let waiter = Waiter {
            wish: Arc::clone(&self.wish),
            seed: self.seed,
            latest: self.latest,
            not_before,
            call: Some(call),
        };
        let entry = lock(&self.waiting).push(self.user, self.role, waiter);
        self.entry = Some(entry);
        self.show_length();
        self.changed.notify_one();
        let over = tokio::time::sleep(self.latest.since(self.clock.now()) + Duration::from_millis(1));
        tokio::select! {
            permit = called => self.called = permit.ok(),
            () = over => {}
        }
        self.leave();
    }

    fn leave(&mut self) {
        if let Some(entry) = self.entry.take() {
            lock(&self.waiting).remove(entry);
            self.show_length();
        }
    }

    fn show_length(&self) {
        self.vitals.set_queue(u32::try_from(lock(&self.waiting).len()).unwrap_or(u32::MAX));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Calls those who can be served, in order, for as long as the gateway lives.
pub(super) async fn dispatch(shared: Weak<Shared>) {
    let Some((changed, stirred, waiting)) = shared.upgrade().map(|shared| {
        let queue = &shared.queue;
        (Arc::clone(&queue.changed), Arc::clone(&queue.stirred), Arc::clone(&queue.waiting))
    }) else {
        return;
    };
    let one_at_a_time = Arc::new(Semaphore::new(1));
    loop {
        let nap = {
            let Some(shared) = shared.upgrade() else { return };
            if lock(&waiting).is_empty() { None } else { Some(shared.nap(&waiting)) }
        };
        match nap {
            None => changed.notified().await,
            Some(nap) => {
                tokio::select! {
                    () = tokio::time::sleep(nap) => {}
                    () = changed.notified() => {}
                }
            }
        }
        let early = stirred.swap(false, Ordering::Relaxed);
        loop {
            let Ok(permit) = Arc::clone(&one_at_a_time).acquire_owned().await else { return };
            let Some(shared) = shared.upgrade() else { return };
            let now = shared.clock.now();
            let next = {
                let pool = shared.pool();
                pop_servable(&mut lock(&waiting), &pool, early, now)
            };
            match next.and_then(|mut waiter| waiter.call.take()) {
                // Whoever left meanwhile drops the permit, and the next is called.
                Some(call) => drop(call.send(permit)),
                None => break,
            }
        }
    }
}

impl Shared {
    /// How long until the first of those who wait may be served.
    fn nap(&self, waiting: &Mutex<WaitingQueue<Waiter>>) -> Duration {
        let soonest = lock(waiting).items().map(|waiter| waiter.not_before).min();
        soonest.map_or(LONGEST_NAP, |soonest| soonest.since(self.clock.now()).min(LONGEST_NAP))
    }
}

/// Takes the first waiter, in order, whom the pool can serve now. Equal wishes are asked about once.
fn pop_servable(
    waiting: &mut WaitingQueue<Waiter>,
    pool: &KeyPool,
    early: bool,
    now: Timestamp,
) -> Option<Waiter> {
    let mut known: Vec<(Arc<Wish>, bool)> = Vec::new();
    let popped = waiting.pop_next_where(|_, waiter| {
        if waiter.not_before > now && !early {
            return false;
        }
        if let Some((_, can)) = known.iter().find(|(wish, _)| *wish == waiter.wish) {
            return *can;
        }
        let can = matches!(
            plan(pool, &waiter.wish.request(), waiter.seed, now).decide(now, waiter.latest),
            Decision::Send(_)
        );
        known.push((Arc::clone(&waiter.wish), can));
        can
    });
    popped.map(|popped| popped.item)
}

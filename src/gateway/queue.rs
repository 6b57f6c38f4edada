//! Who waits for a key. The order is the domain's; here are the places in it.
//!
//! Those at the head of the line are at hand: a task of theirs waits for the call. Thousands may stand behind them, and
//! of those there is only an entry (`parked`). `dispatch` calls them all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};

use super::course::Course;
use super::parked::{Parked, Recalled};
use crate::clock::Clock;
use crate::domain::chat::UserId;
use crate::domain::model::ModelSlot;
use crate::domain::policy::fairness::queue::{EntryId, WaitingQueue};
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::role::{PerRole, Role};
use crate::domain::router::attempts::Attempts;
use crate::domain::router::capacity::{rivals, serveable, turn_of};
use crate::domain::router::plan::Request;
use crate::domain::time::Timestamp;
use crate::telemetry::Vitals;

/// So many of those who wait are at hand.
pub(super) const AT_HAND: usize = 64;

/// The waiting requests. Clones share them.
#[derive(Clone)]
pub(super) struct Queue(Arc<Inner>);

struct Inner {
    line: Mutex<Line>,
    changed: Notify,
    /// Somebody may be served earlier than the router expected.
    stirred: AtomicBool,
    vitals: Vitals,
    clock: Clock,
    /// Who runs again what is recalled.
    recalls: OnceLock<mpsc::UnboundedSender<Recalled>>,
}

#[derive(Default)]
pub(super) struct Line {
    pub(super) waiting: WaitingQueue<Waiter>,
    /// The wishes of those who wait: many share few.
    wishes: Vec<Arc<Wish>>,
}

pub(super) struct Waiter {
    pub(super) wish: Arc<Wish>,
    pub(super) seed: u64,
    pub(super) latest: Timestamp,
    pub(super) not_before: Timestamp,
    pub(super) presence: Presence,
}

/// Where the task of a request is.
pub(super) enum Presence {
    /// It waits for the call.
    Here(oneshot::Sender<OwnedSemaphorePermit>),
    /// There is none.
    Parked(Parked),
    /// There was none, and it was recalled.
    Coming,
}

/// What a request asks of the router; equal wishes have equal chances.
#[derive(Clone, PartialEq)]
pub(super) struct Wish {
    pub(super) role: Role,
    pub(super) seatless_vip: bool,
    pub(super) task: Task,
    pub(super) choice: Option<ModelSlot>,
    pub(super) attempts: Attempts,
}

impl Wish {
    fn of(course: &Course) -> Wish {
        Wish {
            role: course.role,
            seatless_vip: course.is_seatless_vip(),
            task: course.task,
            choice: course.choice,
            attempts: course.attempts.clone(),
        }
    }

    pub(super) fn request(&self) -> Request<'_> {
        self.attempts.request(self.role, self.seatless_vip, self.task, self.choice)
    }

    /// The place in the line behind those `before`, from 1, and when its turn may come.
    pub(super) fn outlook(
        &self,
        before: &PerRole<usize>,
        pool: &KeyPool,
        now: Timestamp,
    ) -> (usize, Timestamp) {
        let (position, request) = (1 + before.0.iter().sum::<usize>(), self.request());
        (position, turn_of(pool, &request, rivals(pool, &request, before, now), now))
    }
}

/// A place in the queue; dropping it leaves.
pub(super) struct Turn {
    queue: Queue,
    user: UserId,
    pub(super) latest: Timestamp,
    entry: Option<EntryId>,
    /// Held while the called one decides.
    called: Option<OwnedSemaphorePermit>,
    wish: Arc<Wish>,
    seed: u64,
}

impl Line {
    fn shared(&mut self, wish: Wish) -> Arc<Wish> {
        if let Some(known) = self.wishes.iter().find(|known| ***known == wish) {
            return Arc::clone(known);
        }
        self.wishes.retain(|wish| Arc::strong_count(wish) > 1);
        let wish = Arc::new(wish);
        self.wishes.push(Arc::clone(&wish));
        wish
    }
}

impl Queue {
    pub(super) fn new(vitals: Vitals, clock: Clock) -> Queue {
        Queue(Arc::new(Inner {
            line: Mutex::default(),
            changed: Notify::new(),
            stirred: AtomicBool::new(false),
            vitals,
            clock,
            recalls: OnceLock::new(),
        }))
    }

    /// Takes a place for a request that is going to wait; if more wait before it than can be served in time, says when
    /// its turn would come.
    pub(super) fn join(&self, course: &Course, pool: &KeyPool) -> Result<Turn, Timestamp> {
        let (now, request) = (self.0.clock.now(), course.request());
        let mut line = self.line();
        let ahead = rivals(pool, &request, &line.waiting.waiting(), now);
        if ahead >= serveable(pool, &request, course.latest.since(now), now) {
            return Err(turn_of(pool, &request, ahead, now));
        }
        Ok(Turn {
            queue: self.clone(),
            // A shell's requests share a user that Telegram does not have.
            user: course.conversation.map_or(UserId(0), |at| at.user),
            latest: course.latest,
            entry: None,
            called: None,
            wish: line.shared(Wish::of(course)),
            seed: course.seed,
        })
    }

    /// Something was settled: perhaps somebody can be served earlier than expected.
    pub(super) fn stir(&self) {
        self.0.stirred.store(true, Ordering::Relaxed);
        self.0.changed.notify_one();
    }

    /// Whether somebody stirred since this was asked last.
    pub(super) fn was_stirred(&self) -> bool {
        self.0.stirred.swap(false, Ordering::Relaxed)
    }

    /// Waits until somebody came or went.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    pub(super) fn recalls(&self) -> &OnceLock<mpsc::UnboundedSender<Recalled>> {
        &self.0.recalls
    }

    pub(super) fn line(&self) -> MutexGuard<'_, Line> {
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a request that was parked, for the task that it has again.
    pub(super) fn place_of(&self, entry: EntryId, user: UserId, waiter: &Waiter) -> Turn {
        let Waiter { wish, seed, latest, .. } = waiter;
        let (queue, wish) = (self.clone(), Arc::clone(wish));
        Turn { queue, user, latest: *latest, entry: Some(entry), called: None, wish, seed: *seed }
    }
}

impl Turn {
    /// The place in the line, from 1, and when the turn may come.
    pub(super) fn outlook(&self, pool: &KeyPool) -> (usize, Timestamp) {
        let line = self.queue.line();
        let before = self.entry.and_then(|entry| line.waiting.before(entry));
        let before = before.unwrap_or_else(|| line.waiting.before_new(self.wish.role));
        self.wish.outlook(&before, pool, self.queue.0.clock.now())
    }

    /// The place for the request as it is now; none: under another role it has another place in the line.
    pub(super) fn for_course(mut self, course: &Course) -> Option<Turn> {
        let wish = Wish::of(course);
        if (wish.role, wish.seatless_vip) != (self.wish.role, self.wish.seatless_vip) {
            return None;
        }
        self.wish = self.queue.line().shared(wish);
        Some(self)
    }

    /// Whether enough wait before it that it need not be at hand.
    pub(super) fn is_far(&self) -> bool {
        self.queue.line().waiting.ahead_of(self.wish.role) >= AT_HAND
    }

    /// Keeps the place without a task, until it is recalled. Those before it keep the dispatcher awake.
    pub(super) fn park(mut self, parked: Parked, not_before: Timestamp) {
        self.stand(Presence::Parked(parked), not_before);
        self.entry = None;
        self.queue.show_length();
        if self.queue.line().waiting.len() < AT_HAND {
            // They have just gone.
            self.queue.0.changed.notify_one();
        }
    }

    /// Waits until it is this request's turn, not before `not_before`, or until its time is over.
    pub(super) async fn come(&mut self, not_before: Timestamp) {
        self.called = None;
        let (call, called) = oneshot::channel();
        self.stand(Presence::Here(call), not_before);
        self.queue.show_length();
        self.queue.0.changed.notify_one();
        let over = tokio::time::sleep(self.latest.since(self.queue.0.clock.now()) + Duration::from_millis(1));
        tokio::select! {
            permit = called => self.called = permit.ok(),
            () = over => {}
        }
        self.leave();
    }

    /// At its place, or at the end of the line.
    fn stand(&mut self, presence: Presence, not_before: Timestamp) {
        let (wish, seed, latest) = (Arc::clone(&self.wish), self.seed, self.latest);
        let waiter = Waiter { wish, seed, latest, not_before, presence };
        let mut line = self.queue.line();
        match self.entry.and_then(|entry| line.waiting.get_mut(entry)) {
            Some(place) => *place = waiter,
            None => self.entry = Some(line.waiting.push(self.user, self.wish.role, waiter)),
        }
    }

    fn leave(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.queue.line().waiting.remove(entry);
            self.queue.show_length();
            // Somebody else may be at hand now.
            self.queue.0.changed.notify_one();
        }
    }
}

impl Queue {
    fn show_length(&self) {
        self.0.vitals.set_queue(u32::try_from(self.line().waiting.len()).unwrap_or(u32::MAX));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_without_a_task_takes_eighty_bytes() {
        // With its place in the line 300 at most: `ten_thousand_wait_in_three_hundred_bytes_each`.
        assert!(size_of::<Waiter>() <= 80, "{}", size_of::<Waiter>());
    }
}

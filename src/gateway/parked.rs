//! Requests that wait without a task.
//!
//! What a request holds while it runs is large, and thousands may wait. So who comes to stand far behind gives up their
//! task: of them there is an entry in the line, and the update in the inbox. When they come close to the head, or when
//! something happens to them (a stop, a ban, another role, the end of their time), they are recalled: the shell runs
//! the update again, as after a restart, and the request goes on at its place in the line, with its unit and its seed.
//!
//! ```text
//!   far ──▶ parked ──recalled──▶ the update runs again ──▶ at hand ──called──▶ …
//! ```

use std::sync::{Arc, Weak};

use tokio::sync::mpsc;

use super::hub::{Gateway, Shared};
use super::queue::{Line, Presence, Turn, Waiter};
use super::vip::Registered;
use crate::domain::chat::{ConversationId, UserId};
use crate::domain::policy::fairness::caps::{RequestToken, UserUsage};
use crate::domain::policy::fairness::queue::EntryId;
use crate::domain::reference::RequestId;
use crate::domain::time::Timestamp;
use crate::store::{CellKey, RequestEnd};

/// What is kept of a request that has no task.
#[derive(Clone, Copy)]
pub(super) struct Parked {
    pub(super) update_id: i64,
    /// The lane that its shell keeps for it.
    pub(super) lane: ConversationId,
    /// When it became first in its conversation.
    pub(super) headed_since: Timestamp,
    /// Whether the person was told that they are in line.
    pub(super) is_told: bool,
}

/// A request that is to run again.
pub(crate) struct Recalled {
    /// The update that carries it.
    pub(crate) update_id: i64,
    /// The lane that the shell kept for it.
    pub(crate) lane: ConversationId,
    /// What it goes on with.
    pub(crate) place: Place,
}

/// The place in the line of a request that was parked. Dropping it ends the request: whoever does not go on waiting
/// gets the unit of their caps back.
pub(crate) struct Place {
    turn: Option<Turn>,
    parked: Parked,
    shared: Weak<Shared>,
}

/// Somebody who waits without a task, and was not told so.
pub(crate) struct Untold {
    /// The update that asks.
    pub(crate) update_id: i64,
    /// The lane that the shell keeps for it.
    pub(crate) lane: ConversationId,
    /// The place in the line, from 1.
    pub(crate) position: usize,
    /// When the turn may come.
    pub(crate) due: Timestamp,
}

impl Place {
    /// The lane that the shell kept for it.
    pub(crate) fn lane(&self) -> ConversationId {
        self.parked.lane
    }

    /// When the request became first in its conversation.
    pub(crate) fn headed_since(&self) -> Timestamp {
        self.parked.headed_since
    }

    pub(super) fn resume(mut self) -> Option<Turn> {
        self.turn.take()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let (Some(_), Some(shared)) = (self.turn.take(), self.shared.upgrade()) {
            shared.give_up(self.parked);
        }
    }
}

impl Gateway {
    /// The requests that are to run again, for the shell that lets them park. To be called once.
    pub(crate) fn recalled(&self) -> mpsc::UnboundedReceiver<Recalled> {
        let (recalls, recalled) = mpsc::unbounded_channel();
        // The first shell stands; another would hear nothing.
        let _ = self.shared.queue.recalls().set(recalls);
        recalled
    }

    /// Something happened to the requests of somebody: those that are parked run again.
    pub(crate) fn recall(&self, user: UserId) {
        self.shared.recall_all(user);
    }

    /// At most `most` of those who wait without a task since before `since`, and were not told so; now they count as told.
    pub(crate) fn untold(&self, since: Timestamp, most: usize) -> Vec<Untold> {
        let (shared, now) = (&self.shared, self.shared.clock.now());
        let pool = shared.pool();
        let mut line = shared.queue.line();
        let is_untold = |parked: &Parked| !parked.is_told && parked.headed_since <= since;
        let untold = line.waiting.iter().filter_map(|(entry, waiter)| match waiter.presence {
            Presence::Parked(parked) if is_untold(&parked) => Some((entry, parked)),
            _ => None,
        });
        let untold: Vec<_> = untold.take(most).collect();
        let tell = |(entry, parked): (EntryId, Parked)| {
            let before = line.waiting.before(entry)?;
            let waiter = line.waiting.get_mut(entry)?;
            waiter.presence = Presence::Parked(Parked { is_told: true, ..parked });
            let (position, due) = waiter.wish.outlook(&before, &pool, now);
            Some(Untold { update_id: parked.update_id, lane: parked.lane, position, due })
        };
        untold.into_iter().filter_map(tell).collect()
    }
}

impl Shared {
    /// Parks a request. What happened to it until now was told to its task.
    pub(super) fn park(
        self: &Arc<Shared>,
        turn: Turn,
        parked: Parked,
        not_before: Timestamp,
        registered: &Registered,
    ) {
        turn.park(parked, not_before);
        if registered.is_touched() {
            self.recall_all(parked.lane.user);
        }
    }

    /// How many are parked.
    pub(super) fn parked(&self) -> u32 {
        let line = self.queue.line();
        let is_parked = |waiter: &Waiter| matches!(waiter.presence, Presence::Parked(_));
        line.waiting.iter().filter(|(_, waiter)| is_parked(waiter)).count() as u32
    }

    /// Something happened to the requests of somebody: those that are parked run again.
    pub(super) fn recall_all(self: &Arc<Shared>, user: UserId) {
        let recalled: Vec<Recalled> = {
            let mut line = self.queue.line();
            let entries = line.waiting.of_user(user);
            entries.into_iter().filter_map(|entry| self.recall(&mut line, entry)).collect()
        };
        self.send_recalled(recalled);
    }

    /// Takes a request that is parked out of that state; to be sent when the line is not locked any more.
    pub(super) fn recall(self: &Arc<Shared>, line: &mut Line, entry: EntryId) -> Option<Recalled> {
        // When the shell has ended, the inbox keeps them for the next.
        self.queue.recalls().get().filter(|recalls| !recalls.is_closed())?;
        let waiter = line.waiting.get_mut(entry)?;
        let Presence::Parked(parked) = waiter.presence else { return None };
        waiter.presence = Presence::Coming;
        let Parked { update_id, lane, .. } = parked;
        let turn = Some(self.queue.place_of(entry, lane.user, waiter));
        Some(Recalled { update_id, lane, place: Place { turn, parked, shared: Arc::downgrade(self) } })
    }

    pub(super) fn send_recalled(&self, recalled: Vec<Recalled>) {
        let Some(recalls) = self.queue.recalls().get() else { return };
        for recalled in recalled {
            // A shell that has just ended hears of it no more.
            let _ = recalls.send(recalled);
        }
    }

    /// Ends a request that does not go on waiting.
    fn give_up(&self, parked: Parked) {
        let Parked { update_id, lane, .. } = parked;
        self.store.later(move |tx| {
            let token = RequestToken::of_update(update_id);
            tx.update_cell::<UserUsage, _>(&CellKey::User(lane.user), |usage, _| usage.give_back(token))?;
            let end = RequestEnd {
                at: tx.now(),
                outcome: "stopped".to_owned(),
                key: None,
                model: None,
                attempts: 0,
                tokens: 0,
            };
            tx.end_request(RequestId(update_id), &end).map(|_| ())
        });
    }
}

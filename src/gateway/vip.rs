//! Which requests run for whom, how they are cut, and what the VIP room needs besides.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::ask::{Asker, Stop};
use super::hub::Shared;
use crate::domain::chat::{ChatId, Notice, UserId};
use crate::domain::session::seats::Seats;
use crate::domain::time::Timestamp;
use crate::store::{Content, OutboxRow, StoreError, Tx};

/// A vip who finds no seat is told so again after this long at the earliest.
const FULL_AGAIN: Duration = Duration::from_mins(10);

/// Requests that run, by user, and what the VIP room needs besides.
pub(super) struct Running {
    by_user: HashMap<UserId, Vec<Request>>,
    /// All of them.
    count: u32,
    next: u64,
    told_full: HashMap<UserId, Timestamp>,
    /// When the room next changes by itself.
    pub(super) due: watch::Sender<Option<Timestamp>>,
}

impl Default for Running {
    fn default() -> Running {
        Running {
            by_user: HashMap::new(),
            count: 0,
            next: 0,
            told_full: HashMap::new(),
            due: watch::Sender::new(None),
        }
    }
}

/// A request that runs or waits for a key.
struct Request {
    id: u64,
    token: CancellationToken,
    /// Who cancelled the token, where that was not its caller; the first stands.
    stop: Arc<OnceLock<Stop>>,
    role_changed: Arc<Notify>,
}

/// A request on the list of those that run; dropping it takes it off.
pub(super) struct Registered {
    shared: Weak<Shared>,
    user: Option<UserId>,
    id: u64,
    pub(super) token: CancellationToken,
    stop: Arc<OnceLock<Stop>>,
    role_changed: Arc<Notify>,
}

impl Registered {
    /// Who cancelled the token.
    pub(super) fn stop(&self) -> Stop {
        self.stop.get().copied().unwrap_or(Stop::Caller)
    }

    /// Whether something happened to the request that it has to look at.
    pub(super) fn is_touched(&self) -> bool {
        let role_changed = self.role_changed.notified();
        self.token.is_cancelled() || role_changed.now_or_never().is_some()
    }

    /// Waits until the person's role may be another one.
    pub(super) async fn role_changed(&self) {
        self.role_changed.notified().await;
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let (Some(shared), Some(user)) = (self.shared.upgrade(), self.user) else { return };
        let mut running = shared.running();
        if let Some(requests) = running.by_user.get_mut(&user) {
            requests.retain(|request| request.id != self.id);
            if requests.is_empty() {
                running.by_user.remove(&user);
            }
            running.count -= 1;
        }
        shared.vitals.set_running(running.count);
    }
}

/// Tells a user something in private.
pub(super) fn tell(tx: &mut Tx<'_>, user: UserId, notice: Notice) -> Result<(), StoreError> {
    let row = OutboxRow {
        update_id: None,
        part: 0,
        // A private chat has its user's id.
        chat: ChatId(user.0),
        topic: None,
        user: Some(user),
        reply_to: None,
        buttons: notice.buttons(),
        content: Content::Notice(notice),
        message_id: None,
    };
    tx.put_rows(std::slice::from_ref(&row)).map(|_| ())
}

impl Shared {
    pub(super) fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a request on the list of those that run, with a token of its own below the caller's.
    pub(super) fn register(self: &Arc<Shared>, asker: &Asker, cancel: &CancellationToken) -> Registered {
        let (token, stop, role_changed) = (cancel.child_token(), Arc::default(), Arc::default());
        let mut running = self.running();
        let id = running.next;
        running.next += 1;
        let user = match asker {
            Asker::Chat { conversation, .. } => Some(conversation.user),
            Asker::Shell { .. } => None,
        };
        if let Some(user) = user {
            let (token, stop) = (token.clone(), Arc::clone(&stop));
            let request = Request { id, token, stop, role_changed: Arc::clone(&role_changed) };
            let requests = running.by_user.entry(user).or_default();
            requests.reserve_exact(1);
            requests.push(request);
            running.count += 1;
            self.vitals.set_running(running.count);
        }
        Registered { shared: Arc::downgrade(self), user, id, token, stop, role_changed }
    }

    pub(super) fn requests_of(&self, user: UserId) -> u32 {
        self.running()
            .by_user
            .get(&user)
            .map_or(0, |requests| u32::try_from(requests.len()).unwrap_or(u32::MAX))
    }

    /// Cuts what runs or waits for somebody.
    pub(super) fn cut(self: &Arc<Shared>, user: UserId, why: Stop) {
        for request in self.running().by_user.get(&user).into_iter().flatten() {
            let _ = request.stop.set(why);
            request.token.cancel();
        }
        self.recall_all(user);
    }

    /// What waits for somebody is to be decided anew.
    pub(super) fn role_changed(self: &Arc<Shared>, user: UserId) {
        for request in self.running().by_user.get(&user).into_iter().flatten() {
            request.role_changed.notify_one();
        }
        self.recall_all(user);
    }

    /// Whether a vip without a seat is told so with this message.
    pub(super) fn says_full_now(&self, user: UserId, now: Timestamp) -> bool {
        let mut running = self.running();
        running.told_full.retain(|_, told| now.since(*told) < FULL_AGAIN);
        running.told_full.insert(user, now).is_none()
    }

    /// The room changed: sleep until it next changes by itself.
    pub(super) fn seats_changed(&self, seats: &Seats) {
        self.running().due.send_replace(seats.next_event(&self.config().rules.seats));
    }
}

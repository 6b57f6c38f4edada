//! Seats and kicks, and which requests are running for whom.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::ask::{Asker, Stop};
use super::hub::{Gateway, Shared};
use crate::domain::chat::{ChatId, ConversationId, Notice, UserId};
use crate::domain::policy::roles;
use crate::domain::role::Role;
use crate::domain::rules::Rules;
use crate::domain::session::seats::{SeatEvent, Seats, Tenure};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, Content, OutboxRow, Store, StoreError, Tx};

/// A vip who finds no seat is told so again after this long at the earliest.
const FULL_AGAIN: Duration = Duration::from_mins(10);

/// Requests that run, by user, and what the VIP room needs besides.
pub(super) struct Running {
    by_user: HashMap<UserId, Vec<Request>>,
    next: u64,
    told_full: HashMap<UserId, Timestamp>,
    /// When the room next changes by itself.
    due: watch::Sender<Option<Timestamp>>,
}

impl Default for Running {
    fn default() -> Running {
        Running { by_user: HashMap::new(), next: 0, told_full: HashMap::new(), due: watch::Sender::new(None) }
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
        }
        shared.show_running(&running);
    }
}

/// Whom a kick ends, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct KickOrder {
    /// These users; none: everybody with a session.
    pub(crate) users: Option<Vec<UserId>>,
    /// What the user is told.
    pub(crate) reason: Option<String>,
    /// How long no seat can be taken again; none: as configured.
    pub(crate) cool_off: Option<Duration>,
    /// Do not tell the user.
    pub(crate) silent: bool,
    /// Only say who would be kicked.
    pub(crate) dry_run: bool,
}

/// One VIP session. A seat that is only held for somebody is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Session {
    /// The seat, from 1.
    pub(crate) seat: u32,
    /// Who.
    pub(crate) user: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    /// Since when.
    pub(crate) since: Timestamp,
    /// The latest message.
    pub(crate) last_active: Timestamp,
    /// When it ends if nothing happens.
    pub(crate) expires_at: Timestamp,
    /// Rounds remembered in the private chat, as far as a vip has them.
    pub(crate) rounds: u32,
    /// Requests that run or wait for a key.
    pub(crate) requests: u32,
}

impl Gateway {
    /// The VIP room now.
    pub(crate) async fn vip_sessions(&self) -> Result<Vec<Session>, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.store.read(move |tx| sessions(&shared, tx)).await
    }

    /// Whom the name means: the user who last used it here.
    pub(crate) async fn user_named(&self, name: String) -> Result<Option<UserId>, StoreError> {
        self.shared.store.read(move |tx| Ok(tx.user_by_name(&name)?.map(|user| user.id))).await
    }

    /// Ends sessions. When it returns, no further request is granted the rights of a seat, and what runs is being cut.
    pub(crate) async fn kick(&self, order: KickOrder) -> Result<Vec<Session>, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.store.commit(move |tx| kick(&shared, tx, &order)).await
    }
}

/// The VIP room as it was stored, for who looks at it without a daemon: nothing runs.
pub(crate) async fn stored_sessions(store: &Store, rules: &Rules) -> Result<Vec<Session>, StoreError> {
    let rounds = rules.roles[Role::Vip].rounds;
    store.read(move |tx| list(tx, rounds, |_| 0)).await
}

fn sessions(shared: &Shared, tx: &Tx<'_>) -> Result<Vec<Session>, StoreError> {
    list(tx, shared.config.rules.roles[Role::Vip].rounds, |user| shared.requests_of(user))
}

fn list(tx: &Tx<'_>, rounds: u32, requests_of: impl Fn(UserId) -> u32) -> Result<Vec<Session>, StoreError> {
    let seats: Seats = tx.read_cell(&CellKey::Seats)?;
    let mut sessions = Vec::new();
    for view in seats.list(tx.now()) {
        let Tenure::Sitting { since, last_active, idle_until, ends_at } = view.tenure else { continue };
        let private = ConversationId { chat: ChatId(view.user.0), topic: None, user: view.user };
        sessions.push(Session {
            seat: view.number,
            user: view.user,
            name: tx.user(view.user)?.and_then(|user| user.username),
            since,
            last_active,
            expires_at: ends_at.map_or(idle_until, |end| end.min(idle_until)),
            rounds: u32::try_from(tx.rounds(private, rounds)?.len()).unwrap_or(u32::MAX),
            requests: requests_of(view.user),
        });
    }
    Ok(sessions)
}

fn kick(shared: &Shared, tx: &mut Tx<'_>, order: &KickOrder) -> Result<Vec<Session>, StoreError> {
    let rules = &shared.config.rules.seats;
    let cool_off = order.cool_off.unwrap_or(rules.cool_off);
    let mut meant = sessions(shared, tx)?;
    if let Some(users) = &order.users {
        meant.retain(|session| users.contains(&session.user));
    }
    if order.dry_run {
        return Ok(meant);
    }
    for session in &meant {
        let user = session.user;
        let (_, seats) =
            tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.kick(user, cool_off, rules, now))?;
        shared.seats_changed(&seats);
        if !order.silent {
            let role = roles::effective(Role::Vip, false);
            tell(tx, user, Notice::VipKicked { role, reason: order.reason.clone() })?;
        }
        shared.cut(user, Stop::Kicked);
        tracing::info!(seat = session.seat, "a VIP session was ended by an operator");
    }
    Ok(meant)
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
        content: Content::Notice(notice),
        buttons: Vec::new(),
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
            running.by_user.entry(user).or_default().push(request);
        }
        self.show_running(&running);
        Registered { shared: Arc::downgrade(self), user, id, token, stop, role_changed }
    }

    fn show_running(&self, running: &Running) {
        let count: usize = running.by_user.values().map(Vec::len).sum();
        self.vitals.set_running(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn requests_of(&self, user: UserId) -> u32 {
        self.running()
            .by_user
            .get(&user)
            .map_or(0, |requests| u32::try_from(requests.len()).unwrap_or(u32::MAX))
    }

    /// Cuts what runs or waits for somebody.
    pub(super) fn cut(&self, user: UserId, why: Stop) {
        for request in self.running().by_user.get(&user).into_iter().flatten() {
            let _ = request.stop.set(why);
            request.token.cancel();
        }
    }

    /// What waits for somebody is to be decided anew.
    pub(super) fn role_changed(&self, user: UserId) {
        for request in self.running().by_user.get(&user).into_iter().flatten() {
            request.role_changed.notify_one();
        }
    }

    /// Whether a vip without a seat is told so with this message.
    pub(super) fn says_full_now(&self, user: UserId, now: Timestamp) -> bool {
        let mut running = self.running();
        running.told_full.retain(|_, told| now.since(*told) < FULL_AGAIN);
        running.told_full.insert(user, now).is_none()
    }

    /// The room changed: sleep until it next changes by itself.
    pub(super) fn seats_changed(&self, seats: &Seats) {
        self.running().due.send_replace(seats.next_event(&self.config.rules.seats));
    }
}

/// Ends what time has ended in the VIP room, and tells the people, for as long as the gateway lives.
pub(super) async fn keep_seats(shared: Weak<Shared>) {
    let Some(mut due) = shared.upgrade().map(|shared| shared.running().due.subscribe()) else { return };
    loop {
        let Some(now) = shared.upgrade().map(|shared| shared.clock.now()) else { return };
        let next = *due.borrow_and_update();
        let wait = next.map_or(Duration::MAX, |at| at.since(now));
        tokio::select! {
            () = tokio::time::sleep(wait), if next.is_some() => {
                let Some(shared) = shared.upgrade() else { return };
                if let Err(error) = shared.expire_seats().await {
                    tracing::error!(%error, "the VIP room cannot be kept");
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            }
            changed = due.changed() => if changed.is_err() { return },
        }
    }
}

impl Shared {
    pub(super) async fn expire_seats(self: &Arc<Shared>) -> Result<(), StoreError> {
        let shared = Arc::clone(self);
        self.store
            .commit(move |tx| {
                let rules = &shared.config.rules.seats;
                let (events, seats) =
                    tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.expire(rules, now))?;
                for event in events {
                    match event {
                        SeatEvent::Ended { user, .. } => {
                            let role = roles::effective(Role::Vip, false);
                            tell(tx, user, Notice::VipExpired { role })?;
                        }
                        SeatEvent::Held { user, until, .. } => {
                            tell(tx, user, Notice::VipSeatHeld { hold: until.since(tx.now()) })?;
                        }
                        SeatEvent::Ending { .. } | SeatEvent::Freed { .. } | SeatEvent::HoldLapsed { .. } => {
                        }
                    }
                }
                shared.seats_changed(&seats);
                Ok(())
            })
            .await
    }
}

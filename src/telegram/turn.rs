//! One turn of one update: begun, handled, ended, and then the next in its lane.
//!
//! An update whose handler panics harms only itself, and is parked after three tries.

use std::sync::Arc;
use std::time::Duration;

use super::desk::Desk;
use super::handlers;
use super::intake::{Kind, Message, Sender, Update};
use super::lane::Cut;
use crate::domain::chat::ConversationId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::gateway::{Place, internal_error};
use crate::store::{Content, Ending, MAX_ATTEMPTS, StoreError, User};
use crate::telemetry::person;

/// So many may be on the way to their place before more are let in…
pub(super) const ARRIVING: usize = 64;
/// …or after this.
const SETTLE_WITHIN: Duration = Duration::from_millis(250);
/// The pause before an update is tried again when the store fails.
const AFTER_STORE_ERROR: Duration = Duration::from_secs(5);

/// One turn of one update.
pub(super) struct Turn {
    pub(super) update_id: i64,
    pub(super) message: Box<Message>,
    /// What is stored of the person who wrote it.
    pub(super) stored: Option<User>,
    /// How often it was begun, this time included.
    pub(super) attempt: u32,
    /// The lane it runs in. A group that got another id since keeps the lanes it had.
    pub(super) lane: Option<ConversationId>,
    pub(super) cut: Cut,
    pub(super) headed_since: Timestamp,
    /// The place in the line, if it was parked and runs again.
    pub(super) place: Option<Place>,
}

impl Turn {
    /// Whether an earlier run of it may have left something.
    pub(super) fn was_begun(&self) -> bool {
        self.attempt > 1 || self.place.is_some()
    }
}

impl Desk {
    /// Runs an update and then what waits behind it in its lane.
    pub(super) async fn run(
        self: Arc<Desk>,
        update_id: i64,
        lane: Option<ConversationId>,
        kind: Option<Kind>,
        cut: Cut,
        place: Option<Place>,
    ) {
        let mut guard = Guard { desk: Arc::clone(&self), update_id, lane, is_over: false };
        let (mut kind, mut place) = (kind, place);
        loop {
            match self.turn(update_id, lane, kind.take(), cut.clone(), place.take()).await {
                Ok(()) | Err(StoreError::Closed) => break,
                Err(error) => tracing::error!(%error, update_id, "an update waits for the store"),
            }
            tokio::time::sleep(AFTER_STORE_ERROR).await;
        }
        if self.vitals.is_traced() {
            Box::pin(self.gateway.trace_update(update_id)).await;
        }
        guard.is_over = true;
    }

    async fn turn(
        self: &Arc<Desk>,
        update_id: i64,
        lane: Option<ConversationId>,
        kind: Option<Kind>,
        cut: Cut,
        place: Option<Place>,
    ) -> Result<(), StoreError> {
        let is_new = kind.is_some();
        let (attempt, kind, stored) = if let Some(kind) = kind {
            // Who it is, is read first: a read behind a write would wait for its commit.
            let stored = self.stored_of(&kind).await?;
            self.store.later(move |tx| tx.begin_attempt(update_id).map(|_| ()));
            (1, kind, stored)
        } else {
            let row = match place {
                // It goes on: that is no other attempt.
                Some(_) => self.store.read(move |tx| tx.pending_update(update_id)).await?,
                None => {
                    self.store
                        .commit(move |tx| {
                            tx.begin_attempt(update_id)?;
                            tx.pending_update(update_id)
                        })
                        .await?
                }
            };
            let Some(row) = row else {
                return match place {
                    Some(place) => self.end_forgotten(update_id, place.lane()).await,
                    None => Ok(()),
                };
            };
            let attempt = row.attempts;
            let Some(Update { kind, .. }) = self.read(&row.incoming.raw) else {
                self.end(update_id, Ending::Dropped("unreadable"));
                return Ok(());
            };
            let stored = self.stored_of(&kind).await?;
            (attempt, kind, stored)
        };
        if attempt > MAX_ATTEMPTS {
            return self.park(update_id, &kind, stored.as_ref()).await;
        }
        let headed_since = place.as_ref().map_or_else(|| self.clock.now(), Place::headed_since);
        match kind {
            Kind::Message(message) => {
                let turn = Turn { update_id, message, stored, attempt, lane, cut, headed_since, place };
                handlers::message(self, Box::new(turn)).await
            }
            Kind::Pressed(press) => {
                let message = Box::new(press.as_message());
                let turn = Turn { update_id, message, stored, attempt, lane, cut, headed_since, place };
                handlers::press(self, Box::new(turn), &press, is_new).await
            }
            Kind::DraftStopped { .. }
            | Kind::Migrated { .. }
            | Kind::Membership { .. }
            | Kind::Dropped(_) => {
                self.end(update_id, Ending::Dropped("unreadable"));
                Ok(())
            }
        }
    }

    /// Waits until most of what came has found its place: what runs on the way there is large, and thousands may come at
    /// once. Not for long: the next may be a /stop.
    pub(super) async fn let_arrive(&self) {
        let until = self.clock.now() + SETTLE_WITHIN;
        let arriving = || self.lanes.running().saturating_sub(self.vitals.running() as usize);
        while arriving() > ARRIVING && self.clock.now() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What is stored of the person who did this.
    async fn stored_of(&self, kind: &Kind) -> Result<Option<User>, StoreError> {
        match kind {
            Kind::Message(message) => self.stored(&message.sender).await,
            Kind::Pressed(press) => self.stored(&press.sender).await,
            Kind::DraftStopped { .. }
            | Kind::Migrated { .. }
            | Kind::Membership { .. }
            | Kind::Dropped(_) => Ok(None),
        }
    }

    /// What is stored of a person.
    pub(super) async fn stored(&self, sender: &Sender) -> Result<Option<User>, StoreError> {
        let id = sender.id;
        if sender.is_anonymous {
            return Ok(None);
        }
        self.store.read(move |tx| tx.user(id)).await
    }

    /// Ends an update that nobody survives.
    async fn park(&self, update_id: i64, kind: &Kind, stored: Option<&User>) -> Result<(), StoreError> {
        let user = match kind {
            Kind::Message(message) => Some(person(message.sender.id)),
            _ => None,
        };
        tracing::error!(
            update_id,
            user,
            "an update is parked: it was begun {MAX_ATTEMPTS} times without coming to an end"
        );
        let Kind::Message(message) = kind else {
            self.end(update_id, Ending::Dropped("parked"));
            return Ok(());
        };
        let user = message.sender.id;
        let role = self.role_of(&message.sender, stored, message.chat.is_private).unwrap_or(Role::Guest);
        let mut row = Desk::row(Some(update_id), message, Content::Words(String::new()));
        self.store
            .commit(move |tx| {
                if tx.finish(update_id, Ending::Refused("internal"))? {
                    row.content = Content::Notice(internal_error(tx, update_id, user, role)?);
                    tx.put_rows(&[row])?;
                }
                Ok(())
            })
            .await?;
        self.outbox.deliver(update_id).await
    }
}

/// Hands the lane on when a turn is over, and begins it again when it panicked.
struct Guard {
    desk: Arc<Desk>,
    update_id: i64,
    lane: Option<ConversationId>,
    is_over: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let desk = Arc::clone(&self.desk);
        if !self.is_over {
            if !std::thread::panicking() {
                // The runtime is being dropped; the inbox keeps the update.
                return;
            }
            tracing::error!(update_id = self.update_id, "the handler of an update panicked");
            runtime.spawn(desk.run(self.update_id, self.lane, None, Cut::default(), None));
            return;
        }
        let Some(at) = self.lane else { return };
        if let Some((next, cut)) = desk.lanes.leave(at) {
            runtime.spawn(desk.run(next, Some(at), None, cut, None));
        }
    }
}

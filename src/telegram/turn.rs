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
use crate::gateway::internal_error;
use crate::store::{Content, Ending, MAX_ATTEMPTS, StoreError, User};
use crate::telemetry::person;

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
    pub(super) cut: Cut,
    pub(super) headed_since: Timestamp,
}

impl Desk {
    /// Runs an update and then what waits behind it in its lane.
    pub(super) async fn run(
        self: Arc<Desk>,
        update_id: i64,
        lane: Option<ConversationId>,
        kind: Option<Kind>,
        cut: Cut,
    ) {
        let mut guard = Guard { desk: Arc::clone(&self), update_id, lane, is_over: false };
        let mut kind = kind;
        loop {
            let taken = kind.take();
            match self.turn(update_id, taken, cut.clone()).await {
                Ok(()) | Err(StoreError::Closed) => break,
                Err(error) => tracing::error!(%error, update_id, "an update waits for the store"),
            }
            tokio::time::sleep(AFTER_STORE_ERROR).await;
        }
        guard.is_over = true;
    }

    async fn turn(self: &Arc<Desk>, update_id: i64, kind: Option<Kind>, cut: Cut) -> Result<(), StoreError> {
        let is_new = kind.is_some();
        let (attempt, kind, stored) = if let Some(kind) = kind {
            // Who it is, is read first: a read behind a write would wait for its commit.
            let stored = self.stored_of(&kind).await?;
            self.store.later(move |tx| tx.begin_attempt(update_id).map(|_| ()));
            (1, kind, stored)
        } else {
            let begun = self
                .store
                .commit(move |tx| Ok((tx.begin_attempt(update_id)?, tx.pending_update(update_id)?)))
                .await?;
            let (attempt, Some(row)) = begun else { return Ok(()) };
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
        let headed_since = self.clock.now();
        match kind {
            Kind::Message(message) => {
                let turn = Box::new(Turn { update_id, message, stored, attempt, cut, headed_since });
                handlers::message(self, turn).await
            }
            Kind::Pressed(press) => {
                let message = Box::new(press.as_message());
                let turn = Box::new(Turn { update_id, message, stored, attempt, cut, headed_since });
                handlers::press(self, turn, &press, is_new).await
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
            runtime.spawn(desk.run(self.update_id, self.lane, None, Cut::default()));
            return;
        }
        let Some(at) = self.lane else { return };
        if let Some((next, cut)) = desk.lanes.leave(at) {
            runtime.spawn(desk.run(next, Some(at), None, cut));
        }
    }
}

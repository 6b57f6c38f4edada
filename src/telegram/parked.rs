//! Those who wait for a key without a task: they run again when they are recalled, and are told that they are in line.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::mpsc;

use super::desk::Desk;
use super::handlers;
use super::intake::{Kind, Update};
use super::outbox::Target;
use super::stream::TELL_WAIT_AFTER;
use super::texts::Key;
use crate::domain::chat::ConversationId;
use crate::gateway::{Recalled, Untold};
use crate::store::{Content, OutboxRow, StoreError};

/// How often it is looked who waits for long.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So many are told at once.
const TOLD_AT_ONCE: usize = 16;

impl Desk {
    /// Looks after those who are parked, for as long as the bot runs.
    pub(super) async fn look_after_parked(self: Arc<Desk>, mut recalled: mpsc::UnboundedReceiver<Recalled>) {
        let run = async {
            while let Some(next) = recalled.recv().await {
                self.run_again(next);
            }
        };
        // Telling never keeps those waiting whose turn it is.
        tokio::join!(run, self.tell_parked());
    }

    fn run_again(self: &Arc<Desk>, recalled: Recalled) {
        let Recalled { update_id, lane, place } = recalled;
        if let Some(cut) = self.lanes.resume(lane, update_id) {
            tokio::spawn(Arc::clone(self).run(update_id, Some(lane), None, cut, Some(place)));
        }
    }

    /// How a request keeps its lane when it is parked.
    pub(super) fn parks(
        self: &Arc<Desk>,
        lane: ConversationId,
    ) -> Box<dyn FnOnce() -> ConversationId + Send> {
        let desk = Arc::clone(self);
        Box::new(move || {
            desk.lanes.park(lane);
            lane
        })
    }

    /// Stops what runs in a conversation, or waits there; says which update that is.
    pub(super) fn stop(&self, at: ConversationId) -> Option<i64> {
        let stopped = self.lanes.stop(at);
        self.gateway.recall(at.user);
        stopped
    }

    /// Tells those who wait for long.
    async fn tell_parked(&self) {
        loop {
            let untold = self.gateway.untold(self.clock.now() - TELL_WAIT_AFTER, TOLD_AT_ONCE);
            if untold.is_empty() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            for told in join_all(untold.into_iter().map(|waiting| self.tell_waiting(waiting))).await {
                if let Err(error) = told {
                    tracing::error!(%error, "somebody who waits could not be told");
                }
            }
        }
    }

    async fn tell_waiting(&self, waiting: Untold) -> Result<(), StoreError> {
        let Untold { update_id, lane, position, due } = waiting;
        let row = self.store.read(move |tx| tx.pending_update(update_id)).await?;
        let Some(Update { kind, .. }) = row.and_then(|row| self.read(&row.incoming.raw)) else {
            return Ok(());
        };
        let mut message = match kind {
            Kind::Message(message) => message,
            Kind::Pressed(press) => Box::new(press.as_message()),
            _ => return Ok(()),
        };
        let at = message.conversation();
        let (asked, known) =
            self.store.read(move |tx| Ok((tx.asked(at)?, tx.opened_parts(update_id)?))).await?;
        if let Some(asked) = asked.filter(|asked| asked.question.update_id == update_id) {
            // The message of an album that has the words; the question under whose answer a button was pressed.
            message.message_id = asked.question.message_id;
        }
        let language = self.outbox.language_of(message.sender.id).await;
        let target = Target {
            update_id,
            chat: message.chat.id,
            topic: message.topic,
            user: message.sender.id,
            reply_to: message.reply_to(),
            language,
            is_private: message.chat.is_private,
            draws: false,
        };
        // Who was recalled meanwhile is told what comes next instead.
        if self.lanes.is_parked(lane, update_id) {
            let words = handlers::still_working(self, language, position, due);
            self.outbox.tell_once(target, known, words).await;
        }
        Ok(())
    }

    /// Everything of somebody was erased while they waited: what was shown of that goes as well.
    pub(super) async fn end_forgotten(&self, update_id: i64, lane: ConversationId) -> Result<(), StoreError> {
        let ConversationId { chat, topic, user } = lane;
        let words = self.texts.get(self.outbox.language_of(user).await, Key::StoppedEarly);
        let row = OutboxRow {
            update_id: Some(update_id),
            part: 0,
            chat,
            topic,
            user: Some(user),
            reply_to: None,
            content: Content::Words(words),
            buttons: Vec::new(),
            message_id: None,
        };
        self.store.commit(move |tx| tx.put_rows(&[row])).await?;
        self.outbox.deliver(update_id).await
    }
}

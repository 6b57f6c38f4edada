//! The task that writes to one chat. It begins when there is something to say and ends when there is not, so a chat
//! that waits costs no task.

use std::sync::Arc;
use std::time::Duration;

use super::delivery::Step;
use super::handle::Shared;
use super::live::{Live, Sight};
use super::queue::{Act, Job};
use super::spans::note_opened;
use crate::domain::chat::{ChatId, Notice, UserId};
use crate::failpoint::crash_point;
use crate::store::{Content, OpenPart, OutboxRow};
use crate::telegram::api::{
    ApiError, EditMessageText, InlineKeyboard, ReplyParameters, SendChatAction, SendMessage, SendMessageDraft,
};
use crate::telegram::texts::Key;

/// Says what a chat has to say, until there is nothing.
pub(super) async fn write(shared: Arc<Shared>, chat: ChatId) {
    while let Some(act) = shared.next(chat) {
        match act {
            // Boxes: a writer that waits should be small.
            Act::Row(mut job) => {
                let step = Box::pin(shared.step(&mut job)).await;
                shared.after_step(chat, job, step);
            }
            Act::Show(live, sight) => Box::pin(shared.show(chat, &live, sight)).await,
            Act::Wait(until) => {
                let Some(wake) = shared.wake_of(chat) else { continue };
                let wait = until.since(shared.clock.now());
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = wake.notified() => {}
                }
            }
            Act::Rest => {}
        }
    }
}

impl Shared {
    fn after_step(self: &Arc<Self>, chat: ChatId, mut job: Job, step: Step) {
        let now = self.clock.now();
        match step {
            Step::Done => {
                if !self.with_queue(chat, |queue| queue.done(&job)) {
                    self.row_ended(1);
                }
            }
            Step::Next => self.with_queue(chat, |queue| queue.give_back(job)),
            Step::Again(wait) => {
                job.not_before = now + wait;
                self.with_queue(chat, |queue| queue.give_back(job));
            }
            Step::Pause(wait) => {
                tracing::warn!(seconds = wait.as_secs(), "Telegram asks for a pause in one chat");
                let (topic, user) = (job.pending.row.topic, job.pending.row.user);
                let is_explained = self.with_queue(chat, |queue| {
                    queue.give_back(job);
                    queue.pause(wait, now)
                });
                if is_explained {
                    self.explain(chat, topic, user, wait);
                }
            }
            Step::Gone => {
                self.store_done(&job);
                let (is_again, closed) = self.with_queue(chat, |queue| (queue.done(&job), queue.close()));
                for job in &closed {
                    self.store_done(job);
                }
                // The row that was in hand may be there twice, but was counted once.
                let rows = closed.len() + usize::from(!is_again);
                self.row_ended(u32::try_from(rows).unwrap_or(u32::MAX));
            }
            Step::Moved(to) => {
                self.moved(chat, to);
                let mut jobs = vec![job];
                let is_again = self.with_queue(chat, |queue| {
                    let is_again = queue.done(&jobs[0]);
                    jobs.extend(queue.close());
                    is_again
                });
                let rows = jobs.len() - usize::from(is_again);
                self.row_ended(u32::try_from(rows).unwrap_or(u32::MAX));
                // They follow by themselves.
                for job in jobs {
                    self.push(job.pending);
                }
            }
        }
    }

    /// Says, when it is over, why nothing was said for so long.
    fn explain(&self, chat: ChatId, topic: Option<i32>, user: Option<UserId>, wait: Duration) {
        let row = OutboxRow {
            update_id: None,
            part: 0,
            chat,
            topic,
            user,
            reply_to: None,
            content: Content::Notice(Notice::Silenced { wait }),
            buttons: Vec::new(),
            message_id: None,
        };
        self.store.later(move |tx| tx.put_rows(&[row]).map(|_| ()));
    }

    /// Shows a growing answer. Whatever fails here is only a glimpse lost.
    async fn show(self: &Arc<Self>, chat: ChatId, live: &Arc<Live>, sight: Sight) {
        let mut span = self.begin_opening(live, &sight);
        let shown = self.try_show(live, &sight).await;
        note_opened(&mut span, &shown);
        drop(span);
        let now = self.clock.now();
        match shown {
            Ok(message_id) => live.showed(&sight, message_id, now),
            Err(ApiError::NotModified) => live.showed(&sight, None, now),
            Err(ApiError::Migrated(to)) => {
                // The rest is said there when it is whole.
                self.moved(chat, to);
                live.close();
            }
            Err(ApiError::RetryAfter(wait)) => {
                live.failed(&sight, false, now);
                if self.with_queue(chat, |queue| queue.pause(wait, now)) {
                    self.explain(chat, live.target.topic, Some(live.target.user), wait);
                }
            }
            Err(error) => {
                let is_gone = matches!(error, ApiError::Blocked(_) | ApiError::MessageNotFound);
                live.failed(&sight, is_gone && !matches!(sight, Sight::Draft(_) | Sight::Typing), now);
            }
        }
    }

    async fn try_show(self: &Arc<Self>, live: &Live, sight: &Sight) -> Result<Option<i64>, ApiError> {
        let target = &live.target;
        match sight {
            Sight::Typing => {
                let action = if target.draws { SendChatAction::upload_photo } else { SendChatAction::typing };
                self.api.call(&action(target.chat.0, target.topic)).await?;
                Ok(None)
            }
            Sight::Draft(shown) => {
                let mut draft = SendMessageDraft {
                    chat_id: target.chat.0,
                    message_thread_id: target.topic,
                    // Telegram wants it not to be 0.
                    draft_id: target.update_id.max(1),
                    text: &shown.text,
                    entities: &shown.entities,
                    can_stop: false,
                };
                self.api.draft(&mut draft).await?;
                Ok(None)
            }
            Sight::Open(view) => {
                let stop = self.stop_button(live);
                let mut message = SendMessage::new(target.chat.0, target.topic, &view.shown.text);
                message.entities = &view.shown.entities;
                message.reply_parameters = target.reply_to.map(ReplyParameters::to);
                message.reply_markup = Some(&stop);
                let sent = match self.api.call(&message).await {
                    Err(error) if !message.entities.is_empty() && error.is_about_entities() => {
                        tracing::error!(%error, "Telegram takes no such entities; the text goes without them");
                        message.entities = &[];
                        self.api.call(&message).await?
                    }
                    sent => sent?,
                };
                crash_point!("after_placeholder");
                Ok(Some(self.store_opening(live, view.part, sent.message_id).await))
            }
            Sight::Edit(message_id, view) => {
                let stop = self.stop_button(live);
                let mut edit = EditMessageText::new(target.chat.0, *message_id, &view.shown.text);
                edit.entities = &view.shown.entities;
                edit.reply_markup = Some(&stop);
                self.call_edit(edit).await?;
                Ok(None)
            }
        }
    }

    /// Commits the id of an opened message. Of two openings, the one committed first stands.
    async fn store_opening(self: &Arc<Self>, live: &Live, part: u32, message_id: i64) -> i64 {
        let target = live.target;
        let open = OpenPart {
            update_id: target.update_id,
            part,
            chat: target.chat,
            topic: target.topic,
            user: Some(target.user),
            reply_to: target.reply_to,
            message_id,
        };
        match self.store.commit(move |tx| tx.open_part(&open)).await {
            Ok(standing) => {
                self.with_queue(target.chat, |queue| queue.opened(target.update_id, part, standing));
                if live.is_closed() {
                    self.take_back(target.update_id).await;
                }
                standing
            }
            Err(error) => {
                tracing::error!(%error, "an opened message could not be stored");
                message_id
            }
        }
    }

    /// Messages that were opened while the answer was stored, and that it has no use for, go.
    async fn take_back(self: &Arc<Self>, update_id: i64) {
        match self.store.read(move |tx| tx.pending_rows_of(Some(update_id))).await {
            Ok(rows) => rows
                .into_iter()
                .filter(|row| row.row.content == Content::Withdrawn)
                .for_each(|row| self.push(row)),
            Err(error) => tracing::error!(%error, "the outbox cannot be read"),
        }
    }

    fn stop_button(&self, live: &Live) -> InlineKeyboard {
        let label = self.texts.get(live.target.language, Key::ButtonStop);
        InlineKeyboard::one(label, format!("stop:{}", live.target.update_id))
    }
}

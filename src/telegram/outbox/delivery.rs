//! One row, one step: opened, edited to its final text, or sent as a notice.

use std::time::Duration;

use super::handle::Shared;
use super::queue::Job;
use super::spans::note_step;
use crate::domain::chat::{Button, ChatId};
use crate::failpoint::crash_point;
use crate::store::{Content, Formatted};
use crate::telegram::api::{
    ApiError, DeleteMessage, EditMessageText, InlineKeyboard, ReplyParameters, SendMessage,
};
use crate::telegram::button::data_of;
use crate::telegram::stream::CURSOR;

/// After a send whose outcome is unknown, Telegram gets this long before it is sent once more.
const AFTER_UNKNOWN: Duration = Duration::from_secs(3);
/// Refusals without an explanation that end a row.
const MAX_REFUSALS: u32 = 3;
/// The longest pause between tries while Telegram is away.
const MAX_BACKOFF: Duration = Duration::from_mins(1);
/// Characters of an answer in its opening, when nothing of it was shown before.
const OPENING_CHARS: usize = 200;

/// What became of one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Nothing is left to do.
    Done,
    /// The next step, when the budget allows.
    Next,
    /// The same again after this.
    Again(Duration),
    /// Telegram wants this chat left alone for so long.
    Pause(Duration),
    /// Nobody can be reached in this chat.
    Gone,
    /// The chat has another id now.
    Moved(ChatId),
}

impl Shared {
    /// One step of a row.
    pub(super) async fn step(&self, job: &mut Job) -> Step {
        let mut span = self.begin_call(job);
        let step = self.try_step(job).await;
        note_step(&mut span, step);
        drop(span);
        job.failures = if matches!(step, Step::Again(_)) { job.failures + 1 } else { 0 };
        step
    }

    async fn try_step(&self, job: &mut Job) -> Step {
        match (&job.pending.row.content, job.pending.row.message_id) {
            (Content::Text(formatted), None) => {
                let opening = opening_of(&formatted.text);
                // The buttons come with the final text.
                self.open(job, &opening).await
            }
            (Content::Text(formatted), Some(message_id)) => {
                let formatted = formatted.clone();
                if !job.is_id_stored && !self.store_id(job, message_id).await {
                    return Step::Again(backoff(job.failures));
                }
                self.edit(job, message_id, &formatted).await
            }
            (Content::File(_), None) => self.send_file(job).await,
            (Content::File(_), Some(message_id)) => self.edit_buttons(job, message_id).await,
            (Content::Withdrawn, message_id) => self.withdraw(job, message_id).await,
            (Content::Words(words), message_id) => {
                let words = words.clone();
                self.say(job, message_id, &words).await
            }
            (Content::Notice(notice), message_id) => {
                let language = self.language_of(job.pending.row.user).await;
                let words = self.texts.notice(language, notice, self.clock.now());
                self.say(job, message_id, &words).await
            }
        }
    }

    /// Deletes a message; one that is gone, or too old for that, is left as it is.
    async fn withdraw(&self, job: &mut Job, message_id: Option<i64>) -> Step {
        let Some(message_id) = message_id else { return self.done(job).await };
        let delete = DeleteMessage { chat_id: job.pending.row.chat.0, message_id };
        match self.api.call(&delete).await {
            Ok(_) | Err(ApiError::MessageNotFound | ApiError::BadRequest(_)) => self.done(job).await,
            Err(error) => self.failed(job, &error),
        }
    }

    async fn say(&self, job: &mut Job, message_id: Option<i64>, words: &str) -> Step {
        match message_id {
            Some(message_id) => {
                let plain = Formatted { text: words.to_owned(), entities: Vec::new() };
                self.edit(job, message_id, &plain).await
            }
            None => self.tell(job, words).await,
        }
    }

    /// Sends the opening of a text and commits its id: only then may an edit make it final.
    async fn open(&self, job: &mut Job, opening: &str) -> Step {
        match self.send(job, opening, None).await {
            Ok(message_id) => {
                crash_point!("after_placeholder");
                job.pending.row.message_id = Some(message_id);
                job.is_id_stored = false;
                if self.store_id(job, message_id).await {
                    Step::Next
                } else {
                    Step::Again(backoff(job.failures))
                }
            }
            Err(error) => {
                if error.is_unknown_outcome() {
                    // At worst an opening stands there twice, never the answer.
                    job.unknown_sends += 1;
                    tracing::warn!(%error, tries = job.unknown_sends, "an opening may or may not have arrived");
                    return Step::Again(AFTER_UNKNOWN.max(backoff(job.failures)));
                }
                self.failed(job, &error)
            }
        }
    }

    /// Sends a notice; it may arrive twice, if a crash or a timeout hides that it arrived.
    async fn tell(&self, job: &mut Job, text: &str) -> Step {
        let keyboard = self.keyboard(job).await;
        let sent = self.send(job, text, keyboard.as_ref()).await;
        self.told(job, sent).await
    }

    /// What is sent in one step is done when it was sent; what may have been sent is sent once more.
    pub(super) async fn told(&self, job: &mut Job, sent: Result<i64, ApiError>) -> Step {
        match sent {
            Ok(message_id) => {
                // Who presses a button of it changes this very message.
                job.pending.row.message_id = Some(message_id);
                self.done(job).await
            }
            Err(error) if error.is_unknown_outcome() && !matches!(error, ApiError::Server(_)) => {
                job.unknown_sends += 1;
                tracing::warn!(%error, tries = job.unknown_sends, "a message may or may not have arrived");
                if job.unknown_sends > 1 { self.done(job).await } else { Step::Again(AFTER_UNKNOWN) }
            }
            Err(error) => self.failed(job, &error),
        }
    }

    async fn send(&self, job: &Job, text: &str, keyboard: Option<&InlineKeyboard>) -> Result<i64, ApiError> {
        let row = &job.pending.row;
        let mut message = SendMessage::new(row.chat.0, row.topic, text);
        message.reply_markup = keyboard;
        message.reply_parameters = row.reply_to.map(ReplyParameters::to);
        let sent = match self.api.call(&message).await {
            Err(ApiError::ReplyNotFound) => {
                message.reply_parameters = None;
                self.api.call(&message).await
            }
            sent => sent,
        };
        sent.map(|sent| sent.message_id)
    }

    /// Makes a message final.
    async fn edit(&self, job: &mut Job, message_id: i64, shown: &Formatted) -> Step {
        crash_point!("before_edit");
        let keyboard = self.keyboard(job).await;
        let mut edit = EditMessageText::new(job.pending.row.chat.0, message_id, &shown.text);
        edit.entities = &shown.entities;
        edit.reply_markup = keyboard.as_ref();
        match self.call_edit(edit).await {
            Ok(()) | Err(ApiError::NotModified) => {
                crash_point!("after_edit");
                self.done(job).await
            }
            Err(ApiError::MessageNotFound) => {
                job.pending.row.message_id = None;
                job.is_id_stored = false;
                Step::Next
            }
            // An edit can be repeated without harm, whatever became of it.
            Err(error) => self.failed(job, &error),
        }
    }

    /// Edits a message; what Telegram refuses for its entities it gets as plain text.
    pub(super) async fn call_edit(&self, mut edit: EditMessageText<'_>) -> Result<(), ApiError> {
        match self.api.call(&edit).await {
            Err(error) if !edit.entities.is_empty() && error.is_about_entities() => {
                tracing::error!(%error, "Telegram takes no such entities; the text goes without them");
                edit.entities = &[];
                self.api.call(&edit).await.map(|_| ())
            }
            edited => edited.map(|_| ()),
        }
    }

    /// The buttons of a row, in the language of the person who may press them.
    pub(super) async fn keyboard(&self, job: &Job) -> Option<InlineKeyboard> {
        let row = &job.pending.row;
        // What is said to a chat as such has nobody who could press: a press comes from a person.
        if row.buttons.is_empty() || row.user.is_none_or(|user| user.0 < 0) {
            return None;
        }
        let language = self.language_of(row.user).await;
        let button = |(place, button): (usize, &Button)| {
            (self.texts.button(language, button), data_of(job.pending.id, place, *button))
        };
        Some(InlineKeyboard::of(row.buttons.iter().enumerate().map(button)))
    }

    pub(super) fn failed(&self, job: &mut Job, error: &ApiError) -> Step {
        match error {
            ApiError::RetryAfter(wait) => Step::Pause(*wait),
            ApiError::Migrated(chat) => Step::Moved(*chat),
            ApiError::Blocked(_) => {
                tracing::info!(%error, "a chat cannot be reached; what was to be said there is dropped");
                Step::Gone
            }
            error if error.is_passing() || *error == ApiError::Unauthorized => {
                Step::Again(backoff(job.failures))
            }
            error => {
                job.refusals += 1;
                tracing::error!(%error, row = job.pending.id, tries = job.refusals, "Telegram takes no such message");
                if job.refusals < MAX_REFUSALS {
                    return Step::Again(backoff(job.failures));
                }
                self.store_done(job);
                Step::Done
            }
        }
    }

    async fn store_id(&self, job: &mut Job, message_id: i64) -> bool {
        let id = job.pending.id;
        let stored = self.store.commit(move |tx| tx.row_sent(id, message_id)).await;
        match stored {
            Ok(()) => job.is_id_stored = true,
            Err(error) => tracing::error!(%error, "a message id could not be stored"),
        }
        job.is_id_stored
    }

    pub(super) async fn done(&self, job: &Job) -> Step {
        self.store_done(job);
        #[cfg(feature = "failpoints")]
        let _ = self.store.sync().await;
        crash_point!("after_done");
        std::future::ready(Step::Done).await
    }

    pub(super) fn store_done(&self, job: &Job) {
        let (id, message_id) = (job.pending.id, job.pending.row.message_id);
        self.store.later(move |tx| tx.row_done(id, message_id));
    }
}

/// The pause after so many failures in a row: 1, 2, 4 … 60 s, and a little of chance.
fn backoff(failures: u32) -> Duration {
    let seconds = Duration::from_secs(1 << failures.min(6)).min(MAX_BACKOFF);
    seconds.mul_f64(0.8 + 0.2 * fastrand::f64())
}

/// The first sight of a text nobody saw grow. The cursor keeps it apart from the final text.
fn opening_of(text: &str) -> String {
    let mut opening: String = text.chars().take(OPENING_CHARS).collect();
    opening.truncate(opening.trim_end().len());
    opening + CURSOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_is_never_the_final_text() {
        for text in ["42", "", "a", &"long ".repeat(500), "ends with the cursor ▌"] {
            assert_ne!(opening_of(text), text);
            assert!(crate::telegram::markdown::utf16_len(&opening_of(text)) <= 4096);
        }
    }

    #[test]
    fn pauses_grow_to_a_minute() {
        for (failures, longest) in [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (40, 60)] {
            let pause = backoff(failures);
            assert!(
                pause <= Duration::from_secs(longest) && pause >= Duration::from_secs(longest).mul_f64(0.79)
            );
        }
    }
}

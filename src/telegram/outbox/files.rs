//! Files on their way out: what is too long for a chat, and pictures.
//!
//! A file is sent in one step, so a crash or a timeout may let it arrive twice; the texts beside it never do.

use super::delivery::Step;
use super::handle::Shared;
use super::queue::Job;
use crate::failpoint::crash_point;
use crate::store::{Content, Shown};
use crate::telegram::api::{
    ApiError, EditMessageReplyMarkup, FileMessage, InlineKeyboard, ReplyParameters, SendDocument, SendPhoto,
    Upload,
};

/// Bytes of a picture that Telegram shows as one; what is larger goes as a document.
const PHOTO_CAP: usize = 10 << 20;

impl Shared {
    /// Sends the file of a row with its words and buttons.
    pub(super) async fn send_file(&self, job: &mut Job) -> Step {
        let keyboard = self.keyboard(job).await;
        let sent = self.upload(job, keyboard.as_ref()).await;
        if sent.is_ok() {
            crash_point!("after_file");
        }
        self.told(job, sent).await
    }

    async fn upload(&self, job: &Job, keyboard: Option<&InlineKeyboard>) -> Result<i64, ApiError> {
        let row = &job.pending.row;
        let Content::File(file) = &row.content else {
            return Err(ApiError::Other("there is no file in the row".to_owned()));
        };
        let mut entities = &file.caption.entities[..];
        let mut reply_to = row.reply_to;
        let mut shown = file.shown;
        if file.bytes.len() > PHOTO_CAP {
            shown = Shown::Document;
        }
        loop {
            let mut message = FileMessage::new(row.chat.0, row.topic);
            message.caption = &file.caption.text;
            message.caption_entities = entities;
            message.reply_parameters = reply_to.map(ReplyParameters::to);
            message.reply_markup = keyboard;
            let upload = Upload { name: &file.name, mime: &file.mime, bytes: file.bytes.clone() };
            let sent = match shown {
                Shown::Photo => self.api.upload(&SendPhoto(message), upload).await,
                Shown::Document => self.api.upload(&SendDocument(message), upload).await,
            };
            match sent {
                Err(ApiError::ReplyNotFound) if reply_to.is_some() => reply_to = None,
                Err(error) if !entities.is_empty() && error.is_about_entities() => {
                    tracing::error!(%error, "Telegram takes no such entities; the caption goes without them");
                    entities = &[];
                }
                Err(ApiError::BadRequest(why)) if shown == Shown::Photo => {
                    tracing::warn!("Telegram does not show this as a picture; it goes as a document");
                    // Its words may quote what was to be sent.
                    tracing::debug!(why, "why it does not");
                    shown = Shown::Document;
                }
                sent => return sent.map(|sent| sent.message_id),
            }
        }
    }

    /// The buttons under a file that was sent: all of it that changes.
    pub(super) async fn edit_buttons(&self, job: &mut Job, message_id: i64) -> Step {
        let keyboard = self.keyboard(job).await;
        let chat_id = job.pending.row.chat.0;
        let edit = EditMessageReplyMarkup { chat_id, message_id, reply_markup: keyboard.as_ref() };
        match self.api.call(&edit).await {
            // A file whose message is gone is not sent anew for its buttons.
            Ok(_) | Err(ApiError::NotModified | ApiError::MessageNotFound) => self.done(job).await,
            Err(error) => self.failed(job, &error),
        }
    }
}

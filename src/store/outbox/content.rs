//! What a row of the outbox says.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::chat::Notice;

/// The part of an answer's first file; the next one's follows. No answer has as many messages.
pub(crate) const FILE_PARTS: u32 = 1000;

/// A text, and what is special about pieces of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Formatted {
    /// The text, without markup.
    pub(crate) text: String,
    /// As Telegram takes them; the store does not look inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) entities: Vec<Value>,
}

/// What a row says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// A part of what a model answered, as it is shown.
    Text(Formatted),
    /// A file that belongs to an answer.
    File(SentFile),
    /// Words of svs itself, already in the person's language; sent as they are, in one message.
    Words(String),
    /// A fact about svs itself; the outbox finds the words.
    Notice(Notice),
    /// Nothing any more: the message is taken back.
    Withdrawn,
}

/// A file on its way to a chat.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct SentFile {
    /// The name people see, with its extension.
    pub(crate) name: String,
    /// As `image/png`.
    pub(crate) mime: String,
    /// How the chat shows it.
    pub(crate) shown: Shown,
    /// The words below it.
    pub(crate) caption: Formatted,
    /// What is in it; nothing once it was sent. The row keeps it beside the rest.
    #[serde(skip)]
    pub(crate) bytes: Bytes,
}

/// How a chat shows a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    /// As a picture.
    Photo,
    /// By its name, to open or save.
    Document,
}

impl Content {
    /// The kind of what is said, without what it says.
    pub(super) fn kind(&self) -> String {
        match self {
            Content::Text(_) => "answer".to_owned(),
            Content::File(SentFile { shown: Shown::Photo, .. }) => "photo".to_owned(),
            Content::File(_) => "file".to_owned(),
            Content::Words(_) => "words".to_owned(),
            Content::Notice(notice) => notice.reason().to_owned(),
            Content::Withdrawn => "withdrawn".to_owned(),
        }
    }

    /// What is kept beside the rest.
    pub(super) fn file(&self) -> Option<&[u8]> {
        match self {
            Content::File(file) => Some(&file.bytes),
            _ => None,
        }
    }

    /// Puts in what was kept beside the rest.
    pub(super) fn fill(&mut self, kept: Option<Bytes>) {
        if let Content::File(file) = self {
            file.bytes = kept.unwrap_or_default();
        }
    }
}

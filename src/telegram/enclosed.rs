//! What comes with the words of a question: its files, and the message it replies to.
//!
//! It is stored with the question, so that it can be asked again; file ids stay valid.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::intake::{Body, FileRef, Message};
use crate::domain::chat::Quote;

/// Files, a quote, and what kind of answer is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Enclosed {
    /// Those of the message it replies to come first, as it came first.
    pub(super) files: Vec<FileRef>,
    /// The words of the message it replies to.
    pub(super) quote: Option<Quote>,
    /// The answer is to be a picture.
    pub(super) draws: bool,
}

impl Enclosed {
    /// What comes with a message.
    pub(super) fn of(message: &Message) -> Enclosed {
        let quoted = message.quoted.as_deref();
        let of_quoted = quoted.map(|quoted| quoted.files.as_slice()).unwrap_or_default();
        Enclosed {
            files: of_quoted.iter().chain(&message.files).cloned().collect(),
            quote: quoted
                .filter(|quoted| !quoted.text.is_empty())
                .map(|quoted| Quote { text: quoted.text.clone(), is_ours: quoted.is_ours }),
            draws: matches!(message.body, Body::Command(Command::Image, _)),
        }
    }

    /// As it is stored; none for nothing.
    pub(super) fn store(&self) -> Option<String> {
        if *self == Enclosed::default() { None } else { serde_json::to_string(self).ok() }
    }

    /// As it was stored; what nobody can read is nothing.
    pub(super) fn read(stored: Option<&str>) -> Enclosed {
        stored.and_then(|stored| serde_json::from_slice(stored.as_bytes()).ok()).unwrap_or_default()
    }
}

/// The album a message is a part of.
pub(super) fn album(message: &Message) -> Option<&str> {
    match &message.body {
        Body::Media { album, .. } if !message.files.is_empty() => album.as_deref(),
        _ => None,
    }
}

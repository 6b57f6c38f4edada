//! What a message asks, and whether it asks it of us.

use serde_json::Value;

use super::address::{Address, is_reply_to_us, mentioned};
use super::{Body, Chat};
use crate::domain::policy::keywords::Keywords;
use crate::telegram::api::Me;
use crate::telegram::command::{self, Command, Reading};
use crate::telegram::markdown::is_blank;

/// What a message is read by.
pub(super) struct Reader<'a> {
    pub(super) message: &'a Value,
    pub(super) me: &'a Me,
    pub(super) keywords: &'a Keywords,
    pub(super) chat: Chat,
    pub(super) topic: Option<i32>,
}

/// What words say.
enum Words {
    Text(String),
    Command(Command, String),
    Unknown,
}

impl<'a> Reader<'a> {
    /// What the message asks and of whom, or the rule by which it asks nothing.
    pub(super) fn read(&self) -> Result<(Body, Address<'a>), &'static str> {
        let message = self.message;
        if let Some(text) = message["text"].as_str() {
            if is_blank(text) {
                return Err("blank");
            }
            let (words, address) = self.read_words(text, &message["entities"])?;
            return match words {
                Words::Command(command, arguments) => Ok((Body::Command(command, arguments), Address::Us)),
                Words::Unknown => Ok((Body::UnknownCommand, Address::Us)),
                Words::Text(_) if address == Address::Nobody => Err("not_addressed"),
                // Our name alone: as /ask alone.
                Words::Text(text) if is_blank(&text) => {
                    Ok((Body::Command(Command::Ask, String::new()), address))
                }
                Words::Text(text) => Ok((Body::Text(text), address)),
            };
        }
        let Some(kind) = MEDIA.into_iter().find(|kind| !message[*kind].is_null()) else {
            return Err("service");
        };
        if kind == "poll" {
            return Err("poll");
        }
        let album = message["media_group_id"].as_str().map(str::to_owned);
        let caption = message["caption"].as_str().unwrap_or_default();
        let (words, address) = self.read_words(caption, &message["caption_entities"])?;
        match words {
            Words::Command(Command::Ask, caption) => Ok((Body::Media { kind, caption, album }, Address::Us)),
            // What is drawn from photos is an album's question as well; it is read once the album is whole.
            Words::Command(Command::Image, prompt) => {
                Ok((Body::Media { kind, caption: format!("/image {prompt}"), album }, Address::Us))
            }
            Words::Command(command, arguments) => Ok((Body::Command(command, arguments), Address::Us)),
            Words::Unknown => Ok((Body::UnknownCommand, Address::Us)),
            Words::Text(caption) => Ok((Body::Media { kind, caption, album }, address)),
        }
    }

    /// Reads words without a mention of us, and whom they are for.
    fn read_words(&self, text: &str, entities: &Value) -> Result<(Words, Address<'a>), &'static str> {
        if text.contains('\0') {
            return Err("unreadable");
        }
        let Reader { message, me, keywords, chat, topic } = *self;
        let without_mention = mentioned(text, entities, me);
        let is_ours = chat.is_private || without_mention.is_some() || is_reply_to_us(message, me, topic);
        let text = without_mention.unwrap_or_else(|| text.to_owned());
        let words = match command::read(&text, me.username.as_deref().unwrap_or_default()) {
            Reading::Command(command, arguments) => Words::Command(command, arguments.to_owned()),
            Reading::Unknown if chat.is_private => Words::Unknown,
            // In a group it may be meant for any bot.
            Reading::Unknown | Reading::Foreign => return Err("foreign_command"),
            Reading::Text => Words::Text(text),
        };
        let address = match &words {
            _ if is_ours => Address::Us,
            Words::Text(text) => keywords.find(text).map_or(Address::Nobody, Address::Keyword),
            Words::Command(..) | Words::Unknown => Address::Nobody,
        };
        Ok((words, address))
    }
}

/// What a person can send that is not text. `animation` stands before `document`, which comes along with it.
const MEDIA: [&str; 18] = [
    "photo",
    "voice",
    "audio",
    "video_note",
    "video",
    "animation",
    "sticker",
    "document",
    "contact",
    "venue",
    "location",
    "dice",
    "story",
    "game",
    "paid_media",
    "checklist",
    "rich_message",
    "poll",
];

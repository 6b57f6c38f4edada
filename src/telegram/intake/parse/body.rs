//! What a message asks, and whether it asks it of us.

use serde_json::Value;

use super::address::{is_reply_to_us, mentioned};
use super::{Body, Chat};
use crate::telegram::api::Me;
use crate::telegram::command::{self, Command, Reading};
use crate::telegram::markdown::is_blank;

/// What the message asks and whether it asks it of us, or the rule by which it asks nothing.
pub(super) fn read(
    message: &Value,
    me: &Me,
    chat: Chat,
    topic: Option<i32>,
) -> Result<(Body, bool), &'static str> {
    let is_addressed = chat.is_private || is_reply_to_us(message, me, topic);
    if let Some(text) = message["text"].as_str() {
        if is_blank(text) {
            return Err("blank");
        }
        let (words, is_addressed) = read_words(text, &message["entities"], me, chat, is_addressed)?;
        return match words {
            Words::Command(command, arguments) => Ok((Body::Command(command, arguments), true)),
            Words::Unknown => Ok((Body::UnknownCommand, true)),
            Words::Text(_) if !is_addressed => Err("not_addressed"),
            Words::Text(text) if is_blank(&text) => Err("blank"),
            Words::Text(text) => Ok((Body::Text(text), true)),
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
    let (words, is_addressed) = read_words(caption, &message["caption_entities"], me, chat, is_addressed)?;
    match words {
        Words::Command(Command::Ask, caption) => Ok((Body::Media { kind, caption, album }, true)),
        // What is drawn from photos is an album's question as well; it is read once the album is whole.
        Words::Command(Command::Image, prompt) => {
            Ok((Body::Media { kind, caption: format!("/image {prompt}"), album }, true))
        }
        Words::Command(command, arguments) => Ok((Body::Command(command, arguments), true)),
        Words::Unknown => Ok((Body::UnknownCommand, true)),
        Words::Text(caption) => Ok((Body::Media { kind, caption, album }, is_addressed)),
    }
}

/// What words say.
enum Words {
    Text(String),
    Command(Command, String),
    Unknown,
}

/// Reads words without a mention of us, and whether they are for us.
fn read_words(
    text: &str,
    entities: &Value,
    me: &Me,
    chat: Chat,
    is_addressed: bool,
) -> Result<(Words, bool), &'static str> {
    if text.contains('\0') {
        return Err("unreadable");
    }
    let without_mention = mentioned(text, entities, me);
    let is_addressed = is_addressed || without_mention.is_some();
    let text = without_mention.unwrap_or_else(|| text.to_owned());
    let words = match command::read(&text, me.username.as_deref().unwrap_or_default()) {
        Reading::Command(command, arguments) => Words::Command(command, arguments.to_owned()),
        Reading::Unknown if chat.is_private => Words::Unknown,
        // In a group it may be meant for any bot.
        Reading::Unknown | Reading::Foreign => return Err("foreign_command"),
        Reading::Text => Words::Text(text),
    };
    Ok((words, is_addressed))
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

//! To whom a message speaks: a reply, a mention of us, or a keyword.

use serde_json::Value;

use super::{Author, read_user};
use crate::telegram::api::Me;

/// To whom a message speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Address<'a> {
    /// To us.
    Us,
    /// To whoever listens for this keyword, as we do.
    Keyword(&'a str),
    /// To others.
    Nobody,
}

/// The message that this one replies to. In topics some clients attach the topic's root as a reply.
pub(super) fn replied_to(message: &Value, topic: Option<i32>) -> Option<&Value> {
    let reply = message.get("reply_to_message").filter(|reply| reply.is_object())?;
    let is_root = topic.is_some_and(|topic| reply["message_id"].as_i64() == Some(i64::from(topic)));
    (!is_root).then_some(reply)
}

pub(super) fn is_reply_to_us(message: &Value, me: &Me, topic: Option<i32>) -> bool {
    replied_to(message, topic).is_some_and(|reply| reply["from"]["id"].as_i64() == Some(me.id))
}

pub(super) fn read_author(message: &Value, topic: Option<i32>) -> Option<Author> {
    let reply = replied_to(message, topic)?;
    let author = read_user(&reply["from"]).filter(|(_, is_bot)| !is_bot && reply["sender_chat"].is_null());
    Some(author.map_or(Author::Nobody, |(person, _)| Author::Person(person)))
}

/// The text without the mention of us, if it mentions us.
pub(super) fn mentioned(text: &str, entities: &Value, me: &Me) -> Option<String> {
    let handle = me.username.as_ref().map(|name| format!("@{}", name.to_ascii_lowercase()));
    for entity in entities.as_array()? {
        if entity["type"] == "text_mention" && entity["user"]["id"].as_i64() == Some(me.id) {
            return Some(text.to_owned());
        }
        if entity["type"] != "mention" {
            continue;
        }
        let Some(handle) = handle.as_deref() else { continue };
        // Only ASCII changes case here, so positions stay what they are.
        let lower = text.to_ascii_lowercase();
        let ends = |at: usize| {
            !lower[at + handle.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some((at, _)) = lower.match_indices(handle).find(|(at, _)| ends(*at)) {
            let rest = format!("{}{}", &text[..at], text[at + handle.len()..].trim_start());
            return Some(rest.trim().to_owned());
        }
    }
    None
}

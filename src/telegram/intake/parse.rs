//! Reads an update out of Telegram's JSON.
//!
//! Not with teloxide's types: one entity or message kind they do not know, and the text of a person is gone
//! without an error. Here what is not understood is left alone, and no JSON makes this panic.

mod address;
mod body;
mod chats;
mod media;

use std::time::Duration;

use serde_json::Value;

use self::address::{Address, read_author};
pub(crate) use self::media::FileRef;
use self::media::Quoted;

use crate::domain::chat::{ChatId, ConversationId, UserId};
use crate::domain::policy::keywords::Keywords;
use crate::domain::time::Timestamp;
use crate::telegram::api::Me;
use crate::telegram::command::Command;

/// An update as far as svs understands it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Update {
    /// Telegram's id; unique while it is kept, not ascending for ever.
    pub(crate) update_id: i64,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A person wrote to us, or changed what they wrote.
    Message(Box<Message>),
    /// A person pressed a button of ours.
    Pressed(Box<Press>),
    /// A person pressed Stop on a draft.
    DraftStopped {
        /// Where.
        at: ConversationId,
        /// The draft, which has the number of the update that it answers.
        draft: Option<i64>,
    },
    /// A group became a supergroup.
    Migrated {
        /// Its id so far.
        from: ChatId,
        /// Its id from now on.
        to: ChatId,
    },
    /// The bot came into a chat, or may not speak there any more.
    Membership {
        /// The chat.
        chat: ChatId,
        /// Whether it may speak there.
        can_speak: bool,
    },
    /// Nothing to do, by the rule of this name.
    Dropped(&'static str),
}

/// A message to us.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::struct_field_names, reason = "`message_id` is Telegram's word for it")]
pub(crate) struct Message {
    /// Where.
    pub(crate) chat: Chat,
    /// The topic, where the message is in one.
    pub(crate) topic: Option<i32>,
    /// Its id in the chat; 0 once the chat has another id, where this means another message or none.
    pub(crate) message_id: i64,
    /// When it was written, or last changed.
    pub(crate) date: Timestamp,
    /// When it was first written.
    pub(crate) written: Timestamp,
    /// Who.
    pub(crate) sender: Sender,
    /// What.
    pub(crate) body: Body,
    /// The files in it that can be read, whatever its body is: a command may come as the caption of a photo.
    pub(crate) files: Vec<FileRef>,
    /// What it replies to.
    pub(crate) quoted: Option<Box<Quoted>>,
    /// Whether it is for us. A part of an album in a group may not say so itself, because another part does.
    pub(crate) is_for_us: bool,
    /// The keyword by which alone it is for us.
    pub(crate) keyword: Option<String>,
    /// Whether it changes an earlier message.
    pub(crate) is_edit: bool,
    /// Who wrote the message that it replies to.
    pub(crate) replied: Option<Author>,
}

impl Message {
    /// Whose memory and order it belongs to.
    pub(crate) fn conversation(&self) -> ConversationId {
        ConversationId { chat: self.chat.id, topic: self.topic, user: self.sender.id }
    }

    /// The message that an answer points at: in a group it would be unclear otherwise.
    pub(crate) fn reply_to(&self) -> Option<i64> {
        Some(self.message_id).filter(|id| *id > 0 && !self.chat.is_private)
    }

    /// What it asks, if it asks something.
    pub(crate) fn question(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            Body::Command(Command::Ask | Command::Image, text) if !text.is_empty() => Some(text),
            Body::Media { caption, .. } if !self.files.is_empty() => Some(caption),
            Body::Command(..) | Body::UnknownCommand | Body::Media { .. } => None,
        }
    }
}

/// A chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Chat {
    /// Its id.
    pub(crate) id: ChatId,
    /// Whether it is a private chat with the sender.
    pub(crate) is_private: bool,
}

/// Who wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sender {
    /// The person; for who writes in the name of a chat, that chat's id, which is negative.
    pub(crate) id: UserId,
    /// Whether this is a chat, an anonymous administrator or nobody: served as guest.
    pub(crate) is_anonymous: bool,
    /// The @name, without the @.
    pub(crate) username: Option<String>,
    /// The first name.
    pub(crate) first_name: Option<String>,
    /// The language of their Telegram, as a BCP 47 tag.
    pub(crate) language_code: Option<String>,
}

/// Who wrote a message that somebody replied to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Author {
    /// A person.
    Person(Sender),
    /// A bot, a channel, or somebody who writes in a chat's name.
    Nobody,
}

/// What a message holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Body {
    /// A question.
    Text(String),
    /// A command of ours, with its arguments.
    Command(Command, String),
    /// A command we do not know.
    UnknownCommand,
    /// Something other than text, by Telegram's name for it; `album` ties several together.
    Media {
        /// The field's name in the Bot API.
        kind: &'static str,
        /// What is written below it, without a mention of us or `/ask`; often empty.
        caption: String,
        /// The album it belongs to.
        album: Option<String>,
    },
}

/// A pressed button.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Press {
    /// Ends the spinner.
    pub(crate) query_id: String,
    /// Who pressed, where; none when the message is out of reach.
    pub(crate) conversation: Option<ConversationId>,
    /// The message with the button.
    pub(crate) message_id: Option<i64>,
    /// What the button carries; as forgeable as any input.
    pub(crate) data: String,
    /// Who pressed.
    pub(crate) sender: Sender,
}

impl Press {
    /// The press as if its sender had written in the place of the button.
    pub(crate) fn as_message(&self) -> Message {
        let (chat, topic) =
            self.conversation.map_or((ChatId(self.sender.id.0), None), |at| (at.chat, at.topic));
        Message {
            // The ids of groups are negative.
            chat: Chat { id: chat, is_private: chat.0 > 0 },
            topic,
            message_id: self.message_id.unwrap_or(0),
            date: Timestamp::ZERO,
            written: Timestamp::ZERO,
            sender: self.sender.clone(),
            body: Body::Text(String::new()),
            files: Vec::new(),
            quoted: None,
            is_for_us: true,
            keyword: None,
            is_edit: false,
            replied: None,
        }
    }
}

/// Reads one update; none when it does not even have an id. In groups the bot listens for `keywords` too.
pub(crate) fn read(raw: &str, me: &Me, keywords: &Keywords) -> Option<Update> {
    let Ok(update) = serde_json::from_slice::<Value>(raw.as_bytes()) else {
        // A lone surrogate, or nesting without end: it has an id to acknowledge, and nothing to answer.
        return Some(Update { update_id: find_update_id(raw)?, kind: Kind::Dropped("unreadable") });
    };
    let update_id = update.get("update_id")?.as_i64()?;
    let field = |name: &str| update.get(name).filter(|value| value.is_object());
    let kind = if let Some(message) = field("message") {
        read_message(message, me, keywords, false)
    } else if let Some(message) = field("edited_message") {
        read_message(message, me, keywords, true)
    } else if let Some(query) = field("callback_query") {
        read_press(query)
    } else if let Some(stopped) = field("stopped_message_generation") {
        read_draft_stop(stopped)
    } else if let Some(changed) = field("my_chat_member") {
        chats::membership(changed)
    } else if field("channel_post").is_some() || field("edited_channel_post").is_some() {
        Kind::Dropped("channel_post")
    } else if field("poll").is_some() || field("poll_answer").is_some() {
        Kind::Dropped("poll")
    } else {
        Kind::Dropped("unknown_kind")
    };
    Some(Update { update_id, kind })
}

/// The id in an update that is no readable JSON; Telegram writes it first.
fn find_update_id(raw: &str) -> Option<i64> {
    let (_, rest) = raw.split_once("\"update_id\"")?;
    let digits = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn read_message(message: &Value, me: &Me, keywords: &Keywords, is_edit: bool) -> Kind {
    let Some(chat) = read_chat(&message["chat"]) else { return Kind::Dropped("no_chat") };
    let Some(message_id) = message["message_id"].as_i64() else { return Kind::Dropped("no_chat") };
    if message["chat"]["type"] == "channel" || message["is_automatic_forward"] == true {
        return Kind::Dropped("channel_post");
    }
    if let Some(migrated) = chats::migration(message, chat) {
        return migrated;
    }
    let Some(sender) = read_sender(message, chat.id) else { return Kind::Dropped("from_bot") };
    let topic = read_topic(message);
    let read = body::Reader { message, me, keywords, chat, topic }.read();
    let (body, address) = match read {
        Ok(read) => read,
        Err(rule) => return Kind::Dropped(rule),
    };
    let is_for_us = address != Address::Nobody;
    let keyword = match address {
        Address::Keyword(keyword) => Some(keyword.to_owned()),
        Address::Us | Address::Nobody => None,
    };
    let time = |field: &str| message[field].as_u64().map(|at| Timestamp::ZERO + Duration::from_secs(at));
    let written = time("date").unwrap_or(Timestamp::ZERO);
    let date = time("edit_date").unwrap_or(written);
    let replied = read_author(message, topic);
    let files = media::files(message);
    let quoted = media::quoted(message, me, topic).map(Box::new);
    if !is_for_us && (files.is_empty() || !matches!(body, Body::Media { album: Some(_), .. })) {
        return Kind::Dropped("not_addressed");
    }
    Kind::Message(Box::new(Message {
        chat,
        topic,
        message_id,
        date,
        written,
        sender,
        body,
        files,
        quoted,
        is_for_us,
        keyword,
        is_edit,
        replied,
    }))
}

fn read_chat(chat: &Value) -> Option<Chat> {
    Some(Chat { id: ChatId(chat["id"].as_i64()?), is_private: chat["type"] == "private" })
}

/// The topic's thread. Replies outside topics carry a thread id too, which must not be sent back.
fn read_topic(message: &Value) -> Option<i32> {
    let thread = message["message_thread_id"].as_i64().filter(|_| message["is_topic_message"] == true)?;
    i32::try_from(thread).ok()
}

/// Who wrote; none for bots.
fn read_sender(message: &Value, chat: ChatId) -> Option<Sender> {
    let anonymous = |id| Sender {
        id: UserId(id),
        is_anonymous: true,
        username: None,
        first_name: None,
        language_code: None,
    };
    if let Some(id) = message["sender_chat"]["id"].as_i64() {
        return Some(anonymous(-id.saturating_abs()));
    }
    match read_user(&message["from"]) {
        Some((_, true)) => None,
        Some((user, false)) => Some(user),
        None => Some(anonymous(-chat.0.saturating_abs())),
    }
}

/// A user, and whether it is a bot.
fn read_user(user: &Value) -> Option<(Sender, bool)> {
    let text = |name: &str| user[name].as_str().map(str::to_owned);
    let sender = Sender {
        id: UserId(user["id"].as_i64()?),
        is_anonymous: false,
        username: text("username"),
        first_name: text("first_name"),
        language_code: text("language_code"),
    };
    Some((sender, user["is_bot"] == true))
}

fn read_press(query: &Value) -> Kind {
    let (Some(query_id), Some((sender, _))) = (query["id"].as_str(), read_user(&query["from"])) else {
        return Kind::Dropped("unknown_kind");
    };
    let message = &query["message"];
    let conversation = read_chat(&message["chat"]).map(|chat| ConversationId {
        chat: chat.id,
        topic: read_topic(message),
        user: sender.id,
    });
    Kind::Pressed(Box::new(Press {
        query_id: query_id.to_owned(),
        conversation,
        message_id: message["message_id"].as_i64(),
        data: query["data"].as_str().unwrap_or_default().to_owned(),
        sender,
    }))
}

fn read_draft_stop(stopped: &Value) -> Kind {
    let Some(chat) = read_chat(&stopped["chat"]) else { return Kind::Dropped("no_chat") };
    let topic = stopped["message_thread_id"].as_i64().and_then(|thread| i32::try_from(thread).ok());
    // Drafts exist in private chats only, whose id is the person's.
    let at = ConversationId { chat: chat.id, topic, user: UserId(chat.id.0) };
    Kind::DraftStopped { at, draft: stopped["draft_id"].as_i64() }
}

#[cfg(test)]
mod tests;

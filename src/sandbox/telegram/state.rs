//! Everything the Bot API server keeps, behind one short lock: updates, chats, messages, files, the bot's profile.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::fault::Faults;
use super::flood::Bucket;
use super::handle::TelegramCall;
use super::people::User;
use crate::sandbox::witness::Time;

/// What the sandbox decides about the server at start.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Setup {
    pub(in crate::sandbox) token: String,
    pub(in crate::sandbox) bot_id: i64,
    pub(in crate::sandbox) username: String,
    /// Privacy mode: in groups only commands, replies to the bot and mentions arrive.
    pub(in crate::sandbox) privacy: bool,
    /// Whether `sendMessageDraft` exists.
    pub(in crate::sandbox) drafts: bool,
    /// Per chat: sends and edits a minute; none is no limit.
    pub(in crate::sandbox) flood: Option<u32>,
    pub(in crate::sandbox) remember: usize,
    /// Whether files over 20 MB can be downloaded, as from a Bot API server of one's own.
    pub(in crate::sandbox) large_files: bool,
    pub(in crate::sandbox) first_update: i64,
}

/// A refusal.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct ApiError {
    pub(super) code: u16,
    pub(super) description: String,
    pub(super) parameters: Option<Value>,
}

impl ApiError {
    pub(super) fn new(code: u16, description: &str) -> ApiError {
        ApiError { code, description: description.to_owned(), parameters: None }
    }

    /// 400 with the usual lead.
    pub(super) fn bad(why: &str) -> ApiError {
        ApiError::new(400, &format!("Bad Request: {why}"))
    }

    /// 429 with the seconds to wait.
    pub(super) fn too_many(seconds: u64) -> ApiError {
        let parameters = Some(json!({"retry_after": seconds}));
        ApiError { parameters, ..ApiError::new(429, &format!("Too Many Requests: retry after {seconds}")) }
    }
}

/// A message as it stands in a chat.
#[derive(Clone, PartialEq, Debug)]
pub struct SeenMessage {
    /// Its id in the chat.
    pub message_id: i64,
    /// The chat.
    pub chat_id: i64,
    /// When it was sent: milliseconds since 1970.
    pub at: i64,
    /// Who sent it.
    pub from: i64,
    /// Whether that is the bot under test.
    pub from_bot: bool,
    /// The topic.
    pub thread: Option<i64>,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// The text or caption as it stands.
    pub text: String,
    /// `MessageEntity` objects.
    pub entities: Vec<Value>,
    /// The inline keyboard, null without one.
    pub markup: Value,
    /// Every later text with its time.
    pub edits: Vec<(i64, String)>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The emoji the bot reacted with.
    pub reactions: Vec<String>,
    /// Further fields of the Message object: document, photo, voice, …
    pub extra: Value,
}

/// What can be watched.
#[derive(Clone, PartialEq, Debug)]
pub enum TelegramEvent {
    /// A message of the bot.
    Sent(SeenMessage),
    /// Its text or keyboard changed.
    Edited(SeenMessage),
    /// It was deleted.
    Deleted {
        /// The chat.
        chat_id: i64,
        /// The message.
        message_id: i64,
    },
    /// "typing…" and the like.
    Action {
        /// The chat.
        chat_id: i64,
        /// The topic.
        thread: Option<i64>,
        /// As `typing`.
        action: String,
    },
    /// A draft; an empty text is shown as "Thinking…".
    Draft {
        /// The chat.
        chat_id: i64,
        /// The draft.
        draft_id: i64,
        /// What it shows.
        text: String,
    },
    /// The answer to a press.
    CallbackAnswered {
        /// The press.
        id: String,
        /// The text shown, if any.
        text: Option<String>,
    },
    /// A reaction of the bot.
    Reaction {
        /// The chat.
        chat_id: i64,
        /// The message.
        message_id: i64,
        /// The emoji; empty when taken back.
        emoji: Vec<String>,
    },
}

/// An update that waits.
pub(super) struct Pending {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) json: String,
    /// Delivered once although its id was confirmed: what a replay looks like.
    pub(super) again: bool,
}

#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub(super) path: String,
    pub(super) bytes: Bytes,
    /// What is said of its size, where that is not the truth.
    pub(super) claimed: Option<u64>,
}

#[derive(Default)]
pub(super) struct Chat {
    /// `private`, `group`, `supergroup`.
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) forum: bool,
    pub(super) topics: BTreeSet<i64>,
    pub(super) next_message: i64,
    pub(super) messages: BTreeMap<i64, SeenMessage>,
    pub(super) blocked: bool,
    pub(super) migrated_to: Option<i64>,
    pub(super) bucket: Bucket,
    pub(super) members: BTreeMap<i64, &'static str>,
}

/// The webhook, when one is set.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) max_connections: i64,
}

pub(super) struct State {
    pub(super) setup: Setup,
    pub(super) time: Time,
    pub(super) updates: VecDeque<Pending>,
    /// An id does not stand behind a lower one.
    pub(super) disordered: bool,
    pub(super) recent: VecDeque<(i64, String)>,
    pub(super) next_update: i64,
    pub(super) confirmed: i64,
    pub(super) allowed: Option<Vec<String>>,
    pub(super) polls: u64,
    pub(super) last_poll: (i64, i64),
    pub(super) webhook: Option<Webhook>,
    pub(super) chats: HashMap<i64, Chat>,
    pub(super) users: HashMap<i64, User>,
    pub(super) next_private: i64,
    pub(super) presses: HashMap<String, i64>,
    pub(super) drafts: HashMap<(i64, i64), String>,
    pub(super) files: HashMap<String, StoredFile>,
    /// The ids of files in the order in which they were downloaded.
    pub(super) downloads: Vec<String>,
    pub(super) commands: BTreeMap<(String, String), Value>,
    pub(super) profile: BTreeMap<(&'static str, String), String>,
    pub(super) faults: Faults,
    pub(super) calls: VecDeque<TelegramCall>,
    pub(super) call_count: u64,
    pub(super) serial: u64,
    pub(super) events: broadcast::Sender<TelegramEvent>,
}

impl State {
    pub(super) fn new(setup: Setup, time: Time) -> State {
        State {
            next_update: setup.first_update,
            setup,
            time,
            updates: VecDeque::new(),
            disordered: false,
            recent: VecDeque::new(),
            confirmed: 0,
            allowed: None,
            polls: 0,
            last_poll: (0, i64::MIN / 2),
            webhook: None,
            chats: HashMap::new(),
            users: HashMap::new(),
            next_private: 1,
            presses: HashMap::new(),
            drafts: HashMap::new(),
            files: HashMap::new(),
            downloads: Vec::new(),
            commands: BTreeMap::new(),
            profile: BTreeMap::new(),
            faults: Faults::default(),
            calls: VecDeque::new(),
            call_count: 0,
            serial: 0,
            events: broadcast::Sender::new(4096),
        }
    }

    pub(super) fn emit(&self, event: impl FnOnce() -> TelegramEvent) {
        if self.events.receiver_count() > 0 {
            let _ = self.events.send(event());
        }
    }

    /// The bot as getMe shows it.
    pub(super) fn me(&self) -> Value {
        let mut me = self.bot();
        let more = [
            ("can_join_groups", true),
            ("can_read_all_group_messages", !self.setup.privacy),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
        ];
        for (name, on) in more {
            me[name] = json!(on);
        }
        me
    }

    /// The bot as the sender of a message.
    pub(super) fn bot(&self) -> Value {
        let name = self.profile.get(&("name", String::new())).map_or("svs sandbox", String::as_str);
        json!({"id": self.setup.bot_id, "is_bot": true, "first_name": name, "username": self.setup.username})
    }

    pub(super) fn chat_json(&self, id: i64) -> Value {
        let Some(chat) = self.chats.get(&id) else {
            return json!({"id": id, "type": "private", "first_name": "?"});
        };
        let mut json = json!({"id": id, "type": chat.kind});
        if chat.kind == "private" {
            if let Some(user) = self.users.get(&id).map(User::json) {
                for name in ["first_name", "last_name", "username"] {
                    if let Some(value) = user.get(name) {
                        json[name] = value.clone();
                    }
                }
            }
        } else {
            json["title"] = json!(chat.title);
        }
        if chat.forum {
            json["is_forum"] = json!(true);
        }
        json
    }

    /// A Message object; a reply is shown one level deep.
    pub(super) fn message_json(&self, message: &SeenMessage, with_reply: bool) -> Value {
        let from = if message.from_bot {
            self.bot()
        } else {
            self.users.get(&message.from).map_or(Value::Null, User::json)
        };
        let mut json = json!({"message_id": message.message_id, "from": from,
            "chat": self.chat_json(message.chat_id), "date": message.at / 1000});
        let media = message.extra.as_object().filter(|extra| !extra.is_empty());
        for (name, value) in media.into_iter().flatten() {
            json[name] = value.clone();
        }
        let (text, entities) =
            if media.is_some_and(is_media) { ("caption", "caption_entities") } else { ("text", "entities") };
        if !message.text.is_empty() {
            json[text] = json!(message.text);
        }
        if !message.entities.is_empty() {
            json[entities] = json!(message.entities);
        }
        if let Some(thread) = message.thread {
            json["message_thread_id"] = json!(thread);
            json["is_topic_message"] = json!(true);
        }
        if let Some((at, _)) = message.edits.last() {
            json["edit_date"] = json!(at / 1000);
        }
        if !message.markup.is_null() {
            json["reply_markup"] = message.markup.clone();
        }
        let replied = message.reply_to.filter(|_| with_reply);
        let replied = replied.and_then(|id| self.chats.get(&message.chat_id)?.messages.get(&id));
        if let Some(replied) = replied.filter(|replied| !replied.deleted) {
            json["reply_to_message"] = self.message_json(replied, false);
        }
        json
    }

    /// The id of the next message of a chat: supergroups count for themselves, the rest of the account together.
    pub(super) fn next_message_id(&mut self, chat: i64) -> i64 {
        match self.chats.get_mut(&chat) {
            Some(chat) if chat.kind == "supergroup" => {
                chat.next_message += 1;
                chat.next_message
            }
            _ => {
                self.next_private += 1;
                self.next_private
            }
        }
    }

    /// Put a message into its chat.
    pub(super) fn keep(&mut self, message: SeenMessage) {
        let most = self.setup.remember;
        if let Some(chat) = self.chats.get_mut(&message.chat_id) {
            chat.messages.insert(message.message_id, message);
            if chat.messages.len() > most {
                chat.messages.pop_first();
            }
        }
    }

    /// An id that was never given out, with the look of the real ones.
    pub(super) fn fresh_id(&mut self, lead: &str) -> String {
        self.serial += 1;
        format!("{lead}{:020}", self.serial)
    }
}

fn is_media(extra: &serde_json::Map<String, Value>) -> bool {
    ["document", "photo", "voice", "audio", "video", "animation", "video_note", "sticker"]
        .iter()
        .any(|name| extra.contains_key(*name))
}

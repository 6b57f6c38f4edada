//! The handle by which a test or a terminal plays the people of Telegram.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast};

use super::entities::detect;
use super::fault::TelegramFault;
use super::people::{ChatSpec, User};
use super::state::{Chat, SeenMessage, Setup, State, TelegramEvent};
use crate::sandbox::witness::{Time, Witness};

/// A recorded call. `{method, params}` of it is what a checker of the Bot API wants.
#[derive(Clone, PartialEq, Debug)]
pub struct TelegramCall {
    /// Counted from 1, by the end of the call.
    pub number: u64,
    /// Arrival: milliseconds since 1970, the server's clock.
    pub at: i64,
    /// The method, in its real spelling when known.
    pub method: String,
    /// The parameters as sent; a form has texts only.
    pub params: Value,
    /// The status of the reply; 0 when the fault sends none.
    pub status: u16,
    /// The fault that hit it.
    pub fault: Option<TelegramFault>,
    /// Parameters unknown to Bot API 10.1, and the refusal if there was one.
    pub flags: Vec<String>,
}

pub(super) struct Inner {
    pub(super) time: Time,
    pub(super) token: String,
    pub(super) drafts: bool,
    pub(super) witness: Witness,
    pub(super) state: Mutex<State>,
    pub(super) changed: Notify,
    events: broadcast::Sender<TelegramEvent>,
}

/// The fake Bot API server; clones steer the same one.
#[derive(Clone)]
pub struct Telegram(pub(super) Arc<Inner>);

impl Telegram {
    pub(in crate::sandbox) fn new(setup: Setup, time: Time, witness: Witness) -> Telegram {
        let (token, drafts) = (setup.token.clone(), setup.drafts);
        let state = State::new(setup, time);
        let events = state.events.clone();
        let state = Mutex::new(state);
        Telegram(Arc::new(Inner { time, token, drafts, witness, state, changed: Notify::new(), events }))
    }

    /// `user` says `text`; returns the update's id, 0 when privacy mode keeps it from the bot.
    pub fn say(&self, user: &User, chat: &ChatSpec, text: &str) -> i64 {
        self.say_with(user, chat, text, json!({}))
    }

    /// As [`Telegram::say`], in reply to a message.
    pub fn reply(&self, user: &User, chat: &ChatSpec, message_id: i64, text: &str) -> i64 {
        self.say_with(user, chat, text, json!({"reply_to": message_id}))
    }

    /// As [`Telegram::say`], with further fields of the Message object; an `entities` field replaces the detected ones,
    /// `reply_to` names a message of the chat.
    pub fn say_with(&self, user: &User, chat: &ChatSpec, text: &str, mut extra: Value) -> i64 {
        let id = {
            let mut state = self.0.state();
            let chat_id = state.meet(user, chat);
            let fields = extra.as_object_mut();
            let (entities, reply_to) = fields.map_or((None, None), |fields| {
                (fields.remove("entities"), fields.remove("reply_to").and_then(|id| id.as_i64()))
            });
            let entities = match entities {
                Some(Value::Array(entities)) => entities,
                _ => detect(text),
            };
            let message = SeenMessage {
                message_id: state.next_message_id(chat_id),
                chat_id,
                at: self.0.time.now(),
                from: user.id,
                from_bot: false,
                thread: chat.thread(),
                reply_to,
                text: text.to_owned(),
                entities,
                markup: Value::Null,
                edits: Vec::new(),
                deleted: false,
                reactions: Vec::new(),
                extra,
            };
            let heard = state.hears(&message);
            let json = state.message_json(&message, true);
            state.keep(message);
            if heard { state.push(json!({"message": json})) } else { 0 }
        };
        self.0.changed.notify_waiters();
        id
    }

    /// A message of a person changes; returns the update's id, 0 when there is no such message.
    pub fn edit(&self, chat_id: i64, message_id: i64, text: &str) -> i64 {
        let id = {
            let mut state = self.0.state();
            let now = self.0.time.now();
            let chat = state.chats.get_mut(&chat_id);
            let Some(message) = chat.and_then(|chat| chat.messages.get_mut(&message_id)) else { return 0 };
            message.edits.push((now, text.to_owned()));
            text.clone_into(&mut message.text);
            message.entities = detect(text);
            let message = message.clone();
            let json = state.message_json(&message, true);
            state.push(json!({"edited_message": json}))
        };
        self.0.changed.notify_waiters();
        id
    }

    /// `user` presses the button with this `data` under a message; returns the update's id and the query's id.
    pub fn press(&self, user: &User, chat_id: i64, message_id: i64, data: &str) -> (i64, String) {
        let pressed = {
            let mut state = self.0.state();
            let query = state.fresh_id("");
            let now = self.0.time.now();
            state.presses.insert(query.clone(), now);
            state.users.entry(user.id).or_insert_with(|| user.clone());
            let message = state.chats.get(&chat_id).and_then(|chat| chat.messages.get(&message_id)).cloned();
            let message = match message {
                Some(message) if !message.deleted => state.message_json(&message, true),
                _ => json!({"chat": state.chat_json(chat_id), "message_id": message_id, "date": 0}),
            };
            let update = json!({"callback_query": {"id": query, "from": user.json(), "message": message,
                "chat_instance": chat_id.to_string(), "data": data}});
            (state.push(update), query)
        };
        self.0.changed.notify_waiters();
        pressed
    }

    /// `user` presses Stop on a draft: the update of Bot API 10.3.
    pub fn stop_draft(&self, user: &User, draft_id: i64) -> i64 {
        let chat = {
            let mut state = self.0.state();
            state.meet(user, &ChatSpec::Private);
            state.chat_json(user.id)
        };
        self.push_raw(json!({"stopped_message_generation": {"chat": chat, "draft_id": draft_id}}))
    }

    /// Any update; with an `update_id` of its own it may repeat or jump. Returns the id.
    pub fn push_raw(&self, update: Value) -> i64 {
        let id = self.0.state().push(update);
        self.0.changed.notify_waiters();
        id
    }

    /// An update as the text it is: what no JSON library would write. Goes through whatever kinds were asked for.
    pub fn push_text(&self, update_id: i64, json: &str) {
        self.0.state().push_text(update_id, json.to_owned());
        self.0.changed.notify_waiters();
    }

    /// Deliver an earlier update once more, as it was; false when it is too long ago.
    pub fn redeliver(&self, update_id: i64) -> bool {
        let found = {
            let state = self.0.state();
            state.recent.iter().find(|(id, _)| *id == update_id).map(|(_, json)| json.clone())
        };
        let update = found.and_then(|json| serde_json::from_slice::<Value>(json.as_bytes()).ok());
        update.map(|update| self.push_raw(update)).is_some()
    }

    /// The person blocks the bot, or the group removes it; and back.
    pub fn set_blocked(&self, chat_id: i64, blocked: bool) {
        if let Some(chat) = self.0.state().chats.get_mut(&chat_id) {
            chat.blocked = blocked;
        }
    }

    /// The group becomes a supergroup; calls to the old id name the new one.
    pub fn migrate(&self, from: i64, to: i64) {
        {
            let mut state = self.0.state();
            let Some(chat) = state.chats.get_mut(&from) else { return };
            chat.migrated_to = Some(to);
            let (title, members) = (chat.title.clone(), chat.members.clone());
            let new = Chat { kind: "supergroup", title, members, ..Chat::default() };
            state.chats.entry(to).or_insert(new);
        }
        self.0.changed.notify_waiters();
    }

    /// The status of a member: `creator`, `administrator`, `member`, `left`.
    pub fn set_member(&self, chat_id: i64, user_id: i64, status: &'static str) {
        if let Some(chat) = self.0.state().chats.get_mut(&chat_id) {
            chat.members.insert(user_id, status);
        }
    }

    /// All messages of a chat, oldest first, deleted ones too.
    pub fn messages(&self, chat_id: i64) -> Vec<SeenMessage> {
        self.0
            .state()
            .chats
            .get(&chat_id)
            .map(|chat| chat.messages.values().cloned().collect())
            .unwrap_or_default()
    }

    /// Those of the bot that stand.
    pub fn answers(&self, chat_id: i64) -> Vec<SeenMessage> {
        self.messages(chat_id).into_iter().filter(|message| message.from_bot && !message.deleted).collect()
    }

    /// Everything the bot does from now on.
    pub fn watch(&self) -> broadcast::Receiver<TelegramEvent> {
        self.0.events.subscribe()
    }

    /// The calls so far, oldest first; at most as many as `Options::remember`.
    pub fn calls(&self) -> Vec<TelegramCall> {
        self.0.state().calls.iter().cloned().collect()
    }

    /// How many calls came, those no longer remembered among them.
    pub fn call_count(&self) -> u64 {
        self.0.state().call_count
    }

    /// Updates that no offset has confirmed.
    pub fn pending_updates(&self) -> usize {
        self.0.state().updates.len()
    }

    /// The highest offset so far: every update below it is confirmed.
    pub fn confirmed_offset(&self) -> i64 {
        self.0.state().confirmed
    }

    /// Let the next `times` calls of `method` (`*`: any) fail.
    pub fn fail(&self, method: &str, fault: TelegramFault, times: u64) {
        self.0.state().faults.add(method, fault, times);
    }

    /// All is well again.
    pub fn clear_faults(&self) {
        self.0.state().faults.clear();
    }

    /// Per chat so many sends and edits a minute, none for no limit.
    pub fn set_flood_limit(&self, per_minute: Option<u32>) {
        self.0.state().setup.flood = per_minute;
    }
}

impl State {
    /// Make sure the speaker and the chat exist; returns the chat's id.
    fn meet(&mut self, user: &User, spec: &ChatSpec) -> i64 {
        self.users.insert(user.id, user.clone());
        let id = spec.chat_id(user);
        let bot = self.setup.bot_id;
        let chat = self.chats.entry(id).or_insert_with(|| {
            let (kind, title) = match spec {
                ChatSpec::Private => ("private", ""),
                ChatSpec::Group { title, .. } => ("group", title.as_str()),
                ChatSpec::Supergroup { title, .. } | ChatSpec::Topic { title, .. } => {
                    ("supergroup", title.as_str())
                }
            };
            Chat { kind, title: title.to_owned(), ..Chat::default() }
        });
        chat.members.entry(user.id).or_insert("member");
        chat.members.entry(bot).or_insert("member");
        if let ChatSpec::Topic { thread, .. } = spec {
            chat.forum = true;
            chat.topics.insert(*thread);
        }
        id
    }

    /// Whether a message reaches the bot.
    fn hears(&self, message: &SeenMessage) -> bool {
        let Some(chat) = self.chats.get(&message.chat_id) else { return false };
        if !self.setup.privacy || chat.kind == "private" {
            return true;
        }
        let replied = message.reply_to.and_then(|id| chat.messages.get(&id)).is_some_and(|m| m.from_bot);
        let called = message.text.starts_with('/')
            && message.text.split_whitespace().next().is_some_and(|word| {
                word.split_once('@').is_none_or(|(_, bot)| bot.eq_ignore_ascii_case(&self.setup.username))
            });
        replied || called
    }
}

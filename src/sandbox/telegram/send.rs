//! What every send has in common: the chat, the thread, the message it answers, the keyboard, the budget.

use serde_json::{Value, json};

use super::entities::{Formatted, format, units};
use super::params::Params;
use super::state::{ApiError, SeenMessage, State, TelegramEvent};

impl State {
    /// The chat a call names, when the bot may act there.
    pub(super) fn target(&self, params: &Params) -> Result<i64, ApiError> {
        let id = match (params.int("chat_id"), params.text("chat_id")) {
            (Some(id), _) => id,
            (None, Some(name)) if !name.is_empty() => {
                let by_name = |(id, user): (&i64, &super::people::User)| {
                    (user.username.as_deref() == name.strip_prefix('@')).then_some(*id)
                };
                self.users.iter().find_map(by_name).ok_or_else(|| ApiError::bad("chat not found"))?
            }
            _ => return Err(ApiError::bad("chat_id is empty")),
        };
        let chat = self.chats.get(&id).ok_or_else(|| ApiError::bad("chat not found"))?;
        if let Some(new) = chat.migrated_to {
            return Err(ApiError {
                parameters: Some(json!({"migrate_to_chat_id": new})),
                ..ApiError::bad("group chat was upgraded to a supergroup chat")
            });
        }
        if chat.blocked {
            return Err(ApiError::new(
                403,
                match chat.kind {
                    "private" => "Forbidden: bot was blocked by the user",
                    "group" => "Forbidden: bot was kicked from the group chat",
                    _ => "Forbidden: bot was kicked from the supergroup chat",
                },
            ));
        }
        Ok(id)
    }

    /// Take one send or edit of the chat's budget, when there is one.
    pub(super) fn spend(&mut self, chat: i64) -> Result<(), ApiError> {
        let now = self.time.now();
        match (self.setup.flood, self.chats.get_mut(&chat)) {
            (Some(per_minute), Some(chat)) => chat.bucket.take(per_minute, now).map_err(ApiError::too_many),
            _ => Ok(()),
        }
    }

    /// The topic of a call, if it exists. The General topic must not be named.
    pub(super) fn thread(&self, chat: i64, params: &Params) -> Result<Option<i64>, ApiError> {
        let Some(thread) = params.int("message_thread_id").filter(|thread| *thread != 0) else {
            return Ok(None);
        };
        let known = self.chats.get(&chat).is_some_and(|chat| chat.topics.contains(&thread) && thread != 1);
        if known { Ok(Some(thread)) } else { Err(ApiError::bad("message thread not found")) }
    }

    fn reply(&self, chat: i64, params: &Params) -> Result<Option<i64>, ApiError> {
        let Some(reply) = params.json("reply_parameters")? else { return Ok(None) };
        let id = reply["message_id"].as_i64().ok_or_else(|| {
            ApiError::bad("can't parse reply parameters: Field \"message_id\" must be of type Number")
        })?;
        let chat = self.chats.get(&chat);
        let there = chat.and_then(|chat| chat.messages.get(&id)).is_some_and(|message| !message.deleted);
        match (there, reply["allow_sending_without_reply"].as_bool().unwrap_or(false)) {
            (true, _) => Ok(Some(id)),
            (false, true) => Ok(None),
            (false, false) => Err(ApiError::bad("message to be replied not found")),
        }
    }

    /// Send: `formatted` is the text or the caption, `extra` further fields of the Message.
    pub(super) fn send(
        &mut self,
        params: &Params,
        formatted: Formatted,
        extra: Value,
    ) -> Result<Value, ApiError> {
        let markup = markup(params)?;
        let chat = self.target(params)?;
        let thread = self.thread(chat, params)?;
        let reply_to = self.reply(chat, params)?;
        self.spend(chat)?;
        let message = SeenMessage {
            message_id: self.next_message_id(chat),
            chat_id: chat,
            at: self.time.now(),
            from: self.setup.bot_id,
            from_bot: true,
            thread,
            reply_to,
            text: formatted.text,
            entities: formatted.entities,
            markup,
            edits: Vec::new(),
            deleted: false,
            reactions: Vec::new(),
            extra,
        };
        let json = self.message_json(&message, true);
        self.emit(|| TelegramEvent::Sent(message.clone()));
        self.keep(message);
        Ok(json)
    }
}

/// The text of a call, cleaned and within its limit.
pub(super) fn text(params: &Params, name: &str, entities: &str, most: usize) -> Result<Formatted, ApiError> {
    let text = params.text(name).unwrap_or_default();
    let mode = params.text("parse_mode");
    let formatted = format(&text, mode.as_deref(), params.json(entities)?)?;
    if units(&formatted.text) > most {
        return Err(ApiError::bad(if most == 1024 {
            "message caption is too long"
        } else {
            "message is too long"
        }));
    }
    Ok(formatted)
}

/// The inline keyboard of a call, null without one; other keyboards leave no trace in a message.
pub(super) fn markup(params: &Params) -> Result<Value, ApiError> {
    let Some(markup) = params.json("reply_markup")? else { return Ok(Value::Null) };
    let Some(rows) = markup.get("inline_keyboard") else { return Ok(Value::Null) };
    let bad = |why: &str| ApiError::bad(&format!("can't parse inline keyboard button: {why}"));
    let rows = rows.as_array().ok_or_else(|| bad("Field \"inline_keyboard\" must be of type Array"))?;
    let mut buttons = 0;
    for row in rows {
        for button in row.as_array().ok_or_else(|| bad("expected an Array of Array"))? {
            buttons += 1;
            if button["text"].as_str().is_none_or(str::is_empty) {
                return Err(bad("Field \"text\" must be a non-empty String"));
            }
            let actions = button.as_object().map_or(0, |fields| {
                fields
                    .keys()
                    .filter(|name| !["text", "style", "icon_custom_emoji_id"].contains(&name.as_str()))
                    .count()
            });
            if actions == 0 {
                return Err(bad("Text buttons are unallowed in the inline keyboard"));
            }
            if button["callback_data"].as_str().is_some_and(|data| !(1..=64).contains(&data.len())) {
                return Err(ApiError::bad("BUTTON_DATA_INVALID"));
            }
        }
    }
    if buttons > 100 {
        return Err(ApiError::bad("REPLY_MARKUP_TOO_LONG"));
    }
    Ok(if buttons == 0 { Value::Null } else { json!({"inline_keyboard": rows}) })
}

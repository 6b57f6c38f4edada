//! The methods that make and change messages, and those that show what the bot is doing.

use serde_json::{Value, json};

use super::entities::Formatted;
use super::known::{ACTIONS, REACTIONS};
use super::params::Params;
use super::send::{markup, text};
use super::state::{ApiError, State, TelegramEvent};

/// Longest text, in UTF-16 units.
const TEXT: usize = 4096;

impl State {
    pub(super) fn send_message(&mut self, params: &Params) -> Result<Value, ApiError> {
        let formatted = text(params, "text", "entities", TEXT)?;
        if formatted.text.is_empty() {
            return Err(ApiError::bad("message text is empty"));
        }
        let mut extra = json!({});
        if let Some(options) = params.json("link_preview_options")? {
            extra["link_preview_options"] = options;
        }
        self.send(params, formatted, extra)
    }

    pub(super) fn edit_text(&mut self, params: &Params) -> Result<Value, ApiError> {
        let formatted = text(params, "text", "entities", TEXT)?;
        if formatted.text.is_empty() {
            return Err(ApiError::bad("message text is empty"));
        }
        self.edit(params, Some(formatted))
    }

    pub(super) fn edit_markup(&mut self, params: &Params) -> Result<Value, ApiError> {
        self.edit(params, None)
    }

    fn edit(&mut self, params: &Params, text: Option<Formatted>) -> Result<Value, ApiError> {
        let markup = markup(params)?;
        let chat_id = self.target(params)?;
        let id =
            params.int("message_id").ok_or_else(|| ApiError::bad("message identifier is not specified"))?;
        let chat = self.chats.get(&chat_id);
        let Some(message) = chat.and_then(|chat| chat.messages.get(&id)).filter(|message| !message.deleted)
        else {
            return Err(ApiError::bad("message to edit not found"));
        };
        if !message.from_bot {
            return Err(ApiError::bad("message can't be edited"));
        }
        let media = ["document", "photo"].iter().any(|name| message.extra.get(name).is_some());
        if media && text.is_some() {
            return Err(ApiError::bad("there is no text in the message to edit"));
        }
        let same_text =
            text.as_ref().is_none_or(|t| t.text == message.text && t.entities == message.entities);
        if same_text && markup == message.markup {
            return Err(ApiError::bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a \
                 current content and reply markup of the message",
            ));
        }
        self.spend(chat_id)?;
        let now = self.time.now();
        let mut edited = None;
        if let Some(message) = self.chats.get_mut(&chat_id).and_then(|chat| chat.messages.get_mut(&id)) {
            if let Some(Formatted { text, entities }) = text {
                message.edits.push((now, text.clone()));
                message.text = text;
                message.entities = entities;
            }
            message.markup = markup;
            edited = Some(message.clone());
        }
        let edited = edited.ok_or_else(|| ApiError::bad("message to edit not found"))?;
        let json = self.message_json(&edited, true);
        self.emit(|| TelegramEvent::Edited(edited));
        Ok(json)
    }

    pub(super) fn delete_message(&mut self, params: &Params) -> Result<Value, ApiError> {
        let chat_id = self.target(params)?;
        let message_id = params.int("message_id").unwrap_or(0);
        let chat = self.chats.get_mut(&chat_id);
        let message =
            chat.and_then(|chat| chat.messages.get_mut(&message_id)).filter(|message| !message.deleted);
        let message = message.ok_or_else(|| ApiError::bad("message to delete not found"))?;
        message.deleted = true;
        self.emit(|| TelegramEvent::Deleted { chat_id, message_id });
        Ok(json!(true))
    }

    pub(super) fn chat_action(&mut self, params: &Params) -> Result<Value, ApiError> {
        let action = params.text("action").unwrap_or_default();
        if !ACTIONS.contains(&action.as_str()) {
            return Err(ApiError::bad("wrong parameter action in request"));
        }
        let chat_id = self.target(params)?;
        let thread = self.thread(chat_id, params)?;
        self.emit(|| TelegramEvent::Action { chat_id, thread, action });
        Ok(json!(true))
    }

    pub(super) fn draft(&mut self, params: &Params) -> Result<Value, ApiError> {
        let formatted = text(params, "text", "entities", TEXT)?;
        let chat_id = self.target(params)?;
        if self.chats.get(&chat_id).is_some_and(|chat| chat.kind != "private") {
            return Err(ApiError::bad("TEXTDRAFT_PEER_INVALID"));
        }
        let draft_id = params.int("draft_id").filter(|id| *id != 0);
        let draft_id = draft_id.ok_or_else(|| ApiError::bad("draft identifier must be non-zero"))?;
        self.drafts.insert((chat_id, draft_id), formatted.text.clone());
        self.emit(|| TelegramEvent::Draft { chat_id, draft_id, text: formatted.text });
        Ok(json!(true))
    }

    pub(super) fn answer_callback(&mut self, params: &Params) -> Result<Value, ApiError> {
        let id = params.text("callback_query_id").unwrap_or_default();
        let text = params.text("text").filter(|text| !text.is_empty());
        if text.as_deref().is_some_and(|text| text.chars().count() > 200) {
            return Err(ApiError::bad("MESSAGE_TOO_LONG"));
        }
        if self.presses.remove(&id).is_none() {
            return Err(ApiError::bad(
                "query is too old and response timeout expired or query ID is invalid",
            ));
        }
        self.emit(|| TelegramEvent::CallbackAnswered { id, text });
        Ok(json!(true))
    }

    pub(super) fn react(&mut self, params: &Params) -> Result<Value, ApiError> {
        let chat_id = self.target(params)?;
        let message_id = params.int("message_id").unwrap_or(0);
        let reactions = params.json("reaction")?.unwrap_or_else(|| json!([]));
        let reactions =
            reactions.as_array().ok_or_else(|| ApiError::bad("can't parse reaction types JSON object"))?;
        let emoji: Vec<String> =
            reactions.iter().filter_map(|reaction| reaction["emoji"].as_str()).map(str::to_owned).collect();
        // Bots that pay nothing set one reaction per message.
        if emoji.len() > 1
            || emoji.len() != reactions.len()
            || !emoji.iter().all(|e| REACTIONS.contains(&e.as_str()))
        {
            return Err(ApiError::bad("REACTION_INVALID"));
        }
        let chat = self.chats.get_mut(&chat_id);
        let message =
            chat.and_then(|chat| chat.messages.get_mut(&message_id)).filter(|message| !message.deleted);
        message.ok_or_else(|| ApiError::bad("message to react not found"))?.reactions.clone_from(&emoji);
        self.emit(|| TelegramEvent::Reaction { chat_id, message_id, emoji });
        Ok(json!(true))
    }
}

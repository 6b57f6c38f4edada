//! What happens to a chat itself: another id, and whether the bot is in it.

use serde_json::Value;

use super::{Chat, Kind, read_chat};
use crate::domain::chat::ChatId;

/// A service message that says that a group became a supergroup. It comes in both.
pub(super) fn migration(message: &Value, chat: Chat) -> Option<Kind> {
    let id = |field: &str| message[field].as_i64().map(ChatId);
    if let Some(to) = id("migrate_to_chat_id") {
        return Some(Kind::Migrated { from: chat.id, to });
    }
    id("migrate_from_chat_id").map(|from| Kind::Migrated { from, to: chat.id })
}

/// The bot was let in, restricted, removed, or blocked by a person.
pub(super) fn membership(changed: &Value) -> Kind {
    let Some(chat) = read_chat(&changed["chat"]) else { return Kind::Dropped("no_chat") };
    let now = &changed["new_chat_member"];
    let can_speak = match now["status"].as_str() {
        Some("left" | "kicked") => false,
        Some("restricted") => now["is_member"] != false && now["can_send_messages"] != false,
        _ => true,
    };
    Kind::Membership { chat: chat.id, can_speak }
}

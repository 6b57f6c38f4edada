//! The bot's commands, name and descriptions, and what it may know of chats.

use serde_json::{Value, json};

use super::params::Params;
use super::people::User;
use super::state::{ApiError, State};

const SCOPES: [&str; 7] = [
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
];

fn language(params: &Params) -> Result<String, ApiError> {
    let code = params.text("language_code").unwrap_or_default();
    let two = code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
    if code.is_empty() || two { Ok(code) } else { Err(ApiError::bad("invalid language code specified")) }
}

impl State {
    /// Scope and language, as one of the independent places for commands.
    fn command_place(&self, params: &Params) -> Result<(String, String), ApiError> {
        let scope = params.json("scope")?.unwrap_or_else(|| json!({"type": "default"}));
        let kind = scope["type"].as_str().unwrap_or("");
        if !SCOPES.contains(&kind) {
            return Err(ApiError::bad("can't parse BotCommandScope: Unsupported type specified"));
        }
        let chat = scope["chat_id"].as_i64().or_else(|| scope["chat_id"].as_str()?.parse().ok());
        if kind.starts_with("chat") && !chat.is_some_and(|id| self.chats.contains_key(&id)) {
            return Err(ApiError::bad("chat not found"));
        }
        let place = [
            Some(kind.to_owned()),
            chat.map(|id| id.to_string()),
            scope.get("user_id").map(Value::to_string),
        ];
        Ok((place.into_iter().flatten().collect::<Vec<_>>().join(":"), language(params)?))
    }

    pub(super) fn set_commands(&mut self, params: &Params) -> Result<Value, ApiError> {
        let place = self.command_place(params)?;
        let commands = params.json("commands")?;
        let list = commands.as_ref().and_then(Value::as_array);
        let list =
            list.ok_or_else(|| ApiError::bad("can't parse commands: expected an Array of BotCommand"))?;
        if list.len() > 100 {
            return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
        }
        for command in list {
            let name = command["command"].as_str().unwrap_or("").trim_start_matches('/');
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            if !(1..=32).contains(&name.len()) || !name.bytes().all(fits) {
                return Err(ApiError::bad("BOT_COMMAND_INVALID"));
            }
            if !(1..=256).contains(&command["description"].as_str().unwrap_or("").chars().count()) {
                return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
            }
        }
        self.commands.insert(place, json!(list));
        Ok(json!(true))
    }

    pub(super) fn get_commands(&self, params: &Params) -> Result<Value, ApiError> {
        Ok(self.commands.get(&self.command_place(params)?).cloned().unwrap_or_else(|| json!([])))
    }

    pub(super) fn delete_commands(&mut self, params: &Params) -> Result<Value, ApiError> {
        let place = self.command_place(params)?;
        self.commands.remove(&place);
        Ok(json!(true))
    }

    /// `setMyName`, `setMyDescription`, `setMyShortDescription`.
    pub(super) fn set_profile(
        &mut self,
        field: &'static str,
        most: usize,
        params: &Params,
    ) -> Result<Value, ApiError> {
        let text = params.text(field).unwrap_or_default();
        if text.encode_utf16().count() > most {
            return Err(ApiError::bad(&format!("{} is too long", field.replace('_', " "))));
        }
        let place = (field, language(params)?);
        if text.is_empty() {
            self.profile.remove(&place);
        } else {
            self.profile.insert(place, text);
        }
        Ok(json!(true))
    }

    /// The getters: without a text in the language, that of every language is shown.
    pub(super) fn get_profile(&self, field: &'static str, params: &Params) -> Result<Value, ApiError> {
        let own = self.profile.get(&(field, language(params)?));
        let text = own.or_else(|| self.profile.get(&(field, String::new())));
        let usual = if field == "name" { "svs sandbox" } else { "" };
        Ok(json!({field: text.map_or(usual, String::as_str)}))
    }

    pub(super) fn get_chat(&self, params: &Params) -> Result<Value, ApiError> {
        let mut chat = self.chat_json(self.target(params)?);
        chat["accent_color_id"] = json!(0);
        chat["max_reaction_count"] = json!(11);
        chat["accepted_gift_types"] = json!({"unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
            "premium_subscription": true, "gifts_from_channels": true});
        Ok(chat)
    }

    pub(super) fn get_member(&self, params: &Params) -> Result<Value, ApiError> {
        let chat = self.chats.get(&self.target(params)?);
        let id = params.int("user_id").unwrap_or(0);
        let user =
            if id == self.setup.bot_id { Some(self.bot()) } else { self.users.get(&id).map(User::json) };
        let user = user.ok_or_else(|| ApiError::bad("PARTICIPANT_ID_INVALID"))?;
        let status = chat.and_then(|chat| chat.members.get(&id)).copied().unwrap_or("left");
        let mut member = json!({"status": status, "user": user});
        if status == "creator" {
            member["is_anonymous"] = json!(false);
        }
        if status == "administrator" {
            let rights = [
                "can_be_edited",
                "is_anonymous",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
            ];
            for right in rights {
                member[right] = json!(false);
            }
        }
        Ok(member)
    }
}

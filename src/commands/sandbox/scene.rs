//! Who is there and who speaks: what a terminal and a script have in common.

use serde_json::Value;

use super::bot::Bot;
use super::faults;
use super::people::{People, Person, Who};
use crate::sandbox::Sandbox;
use crate::sandbox::telegram::{SeenMessage, Telegram};

/// What ends an unfinished text of the bot.
const CURSOR: &str = "▌";

/// The two servers, the bot between them, and the people.
pub(super) struct Scene {
    pub(super) sandbox: Sandbox,
    pub(super) bot: Bot,
    people: People,
    speaker: Person,
}

impl Scene {
    pub(super) fn new(sandbox: Sandbox, bot: Bot, people: People, speaker: Person) -> Scene {
        Scene { sandbox, bot, people, speaker }
    }

    pub(super) fn telegram(&self) -> Telegram {
        self.sandbox.telegram()
    }

    /// Who speaks.
    pub(super) fn speaker(&self) -> &Person {
        &self.speaker
    }

    /// From now on somebody else speaks.
    pub(super) fn switch(&mut self, who: Who) -> Result<(), String> {
        self.speaker = self.people.find(who)?.clone();
        Ok(())
    }

    /// Who is answered in a chat of somebody else than the speaker.
    pub(super) fn other(&self, chat: i64) -> Option<String> {
        if chat == self.speaker.chat_id() {
            return None;
        }
        Some(self.people.of_chat(chat).map_or_else(|| "the group".to_owned(), |who| who.to_string()))
    }

    /// Says it where the speaker speaks; returns the update and the text as it was said.
    pub(super) fn say(&self, text: &str) -> (i64, String) {
        let said = self.speaker.phrase(text);
        (self.telegram().say(&self.speaker.user, &self.speaker.chat, &said), said)
    }

    /// Presses a button of the latest message that has any; returns the update and what stands on the button.
    pub(super) fn press(&self, number: usize) -> Result<(i64, String), String> {
        let chat = self.speaker.chat_id();
        let messages = self.telegram().answers(chat);
        let (message, buttons) = messages
            .iter()
            .rev()
            .map(|message| (message, buttons_of(message)))
            .find(|(_, buttons)| !buttons.is_empty())
            .ok_or("there is no button to press")?;
        let (label, data) = buttons
            .get(number - 1)
            .ok_or_else(|| format!("there is no button {number}, only {}", buttons.len()))?;
        let (update, _) = self.telegram().press(&self.speaker.user, chat, message.message_id, data);
        Ok((update, label.clone()))
    }

    /// Sets or ends faults.
    pub(super) fn fail(&self, rules: &str) -> Result<(), String> {
        faults::apply(&self.sandbox, rules)
    }

    pub(super) async fn end(self) {
        self.bot.stop().await;
        self.sandbox.stop().await;
    }
}

/// The text of a message that may still be written, without what changes with every edit.
pub(super) fn settled_text(text: &str) -> &str {
    text.trim_end().trim_end_matches(CURSOR).trim_end()
}

/// The words and the data of the buttons under a message.
pub(super) fn buttons_of(message: &SeenMessage) -> Vec<(String, String)> {
    let rows = message.markup["inline_keyboard"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    rows.iter()
        .flat_map(|row| row.as_array().map_or(&[][..], Vec::as_slice))
        .filter_map(|button| Some((text(&button["text"])?, text(&button["callback_data"])?)))
        .collect()
}

/// What a message shows besides its text: the files in it.
pub(super) fn attachment_of(message: &SeenMessage) -> Option<String> {
    if message.extra["photo"].is_array() {
        return Some("[photo]".to_owned());
    }
    let name = message.extra["document"]["file_name"].as_str()?;
    Some(format!("[{name}]"))
}

//! What happens to chats while we speak there: a group gets another id, and the bot is removed or let in again.

use super::desk::Desk;
use super::intake::{Kind, Message, Press, Update, read};
use crate::domain::chat::ChatId;
use crate::store::Ending;

impl Desk {
    /// Reads an update, as of the chat that it is in now.
    pub(super) fn read(&self, raw: &str) -> Option<Update> {
        let mut update = read(raw, &self.me, &self.config().telegram.keywords)?;
        match &mut update.kind {
            Kind::Message(message) => self.bring_message(message),
            Kind::Pressed(press) => self.bring_press(press),
            Kind::DraftStopped { .. }
            | Kind::Migrated { .. }
            | Kind::Membership { .. }
            | Kind::Dropped(_) => {}
        }
        Some(update)
    }

    /// Message ids of the old group mean other messages in the new one.
    fn bring_message(&self, message: &mut Message) {
        let current = self.outbox.current(message.chat.id);
        if current != message.chat.id {
            message.chat.id = current;
            message.message_id = 0;
        }
    }

    fn bring_press(&self, press: &mut Press) {
        let Some(at) = &mut press.conversation else { return };
        let current = self.outbox.current(at.chat);
        if current != at.chat {
            at.chat = current;
            press.message_id = None;
        }
    }

    /// A group has another id: what was kept and what is still to be said goes along.
    pub(super) fn follow(&self, update_id: i64, from: ChatId, to: ChatId) {
        self.outbox.follow(from, to);
        self.lanes.follow(from, to);
        self.end(update_id, Ending::Dropped("migrated"));
    }

    /// The bot may speak in a chat, or not any more: then nothing is said there, and nothing is asked for it.
    pub(super) fn member(&self, update_id: i64, chat: ChatId, can_speak: bool) {
        if can_speak {
            self.outbox.enter(chat);
        } else {
            self.outbox.leave(chat);
            for at in self.lanes.of_chat(chat) {
                self.stop(at);
            }
        }
        self.end(update_id, Ending::Dropped("membership"));
    }
}

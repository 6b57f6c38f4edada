//! Who is writing: role, language, name.

use crate::domain::chat::{Language, UserId};
use crate::domain::policy::roles::Admission;
use crate::domain::role::Role;
use crate::store::{Seen, User};
use crate::telegram::desk::Desk;
use crate::telegram::intake::{Message, Sender};

/// Somebody who writes to us.
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) language: Language,
    /// None: the bot is closed to them.
    pub(super) role: Option<Role>,
    pub(super) is_banned: bool,
}

/// Finds out who wrote a message, and writes down that they were seen.
pub(super) fn person(desk: &Desk, update_id: i64, message: &Message, stored: Option<&User>) -> Person {
    let sender = &message.sender;
    let id = sender.id;
    let config = &desk.config.telegram;
    let in_private = message.chat.is_private && !sender.is_anonymous;
    let admitted = desk.gateway.admission(id, stored, in_private);
    let role = match admitted {
        Admission::Served(role) => Some(role),
        Admission::NotOpen => None,
    };
    let language = stored.and_then(|user| user.language).or_else(|| language_of(sender));
    let language = language.or(config.language).unwrap_or_default();
    if !sender.is_anonymous {
        desk.outbox.learn_language(id, language);
        let seen = Seen {
            id,
            username: sender.username.clone(),
            first_name: sender.first_name.clone(),
            started: in_private,
        };
        desk.store.later(move |tx| {
            // An update that has ended belongs to somebody who was forgotten: no name comes back with it.
            if tx.has_ended(update_id)? { Ok(()) } else { tx.touch_user(&seen).map(|_| ()) }
        });
    }
    Person { id, language, role, is_banned: stored.is_some_and(|user| user.banned) }
}

/// The language of somebody's Telegram.
pub(super) fn language_of(sender: &Sender) -> Option<Language> {
    sender.language_code.as_deref().and_then(Language::of_tag)
}

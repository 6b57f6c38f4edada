//! Who is writing: role, language, name.

use crate::domain::chat::{Language, UserId};
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

impl Person {
    /// Whether the bot does anything for them.
    pub(super) fn is_served(&self) -> bool {
        self.role.is_some() && !self.is_banned
    }
}

/// Finds out who wrote a message, and writes down that they were seen.
pub(super) fn person(desk: &Desk, update_id: i64, message: &Message, stored: Option<&User>) -> Person {
    let sender = &message.sender;
    let role = desk.role_of(sender, stored, message.chat.is_private);
    let language = stored.and_then(|user| user.language).or_else(|| language_of(sender));
    let language = language.or(desk.config().telegram.language).unwrap_or_default();
    // A closed bot keeps nothing of strangers: they could fill its store.
    if role.is_some() || stored.is_some() {
        remember(desk, update_id, message, language);
    }
    Person { id: sender.id, language, role, is_banned: stored.is_some_and(|user| user.banned) }
}

/// Writes down who was seen.
pub(super) fn remember(desk: &Desk, update_id: i64, message: &Message, language: Language) {
    let sender = &message.sender;
    if sender.is_anonymous {
        return;
    }
    desk.outbox.learn_language(sender.id, language);
    let seen = Seen {
        id: sender.id,
        username: sender.username.clone(),
        first_name: sender.first_name.clone(),
        language: language_of(sender),
        // Telegram lets nobody write to a bot before they pressed Start. So whoever writes in private has, even if
        // that /start was lost with an earlier state or came while we were away.
        started: message.chat.is_private,
    };
    desk.store.later(move |tx| {
        // An update that has ended belongs to somebody who was forgotten: no name comes back with it.
        if tx.has_ended(update_id)? { Ok(()) } else { tx.touch_user(&seen).map(|_| ()) }
    });
}

/// The language of somebody's Telegram.
pub(super) fn language_of(sender: &Sender) -> Option<Language> {
    sender.language_code.as_deref().and_then(Language::of_tag)
}

//! Sends each message to its handler.

use std::sync::Arc;

use super::person::{Person, person, remember};
use super::{about, again, conversation, keys, manage, myself, picture, question, users, vip};
use crate::domain::chat::Notice;
use crate::domain::role::Role;
use crate::store::{Content, Ending, StoreError};
use crate::telegram::command::Command;
use crate::telegram::desk::Desk;
use crate::telegram::intake::Body;
use crate::telegram::texts::{Key, word};
use crate::telegram::turn::Turn;

/// What makes a handler panic in tests.
#[cfg(test)]
pub(in crate::telegram) const PANIC: &str = "panic, please";

/// One message, from its turn to its end.
pub(in crate::telegram) async fn message(desk: &Arc<Desk>, mut turn: Box<Turn>) -> Result<(), StoreError> {
    if desk.outbox.has_left(turn.message.chat.id) {
        desk.end(turn.update_id, Ending::Dropped("left_chat"));
        return Ok(());
    }
    let parts = desk.take_album(turn.update_id, &mut turn.message).await?;
    if !parts.is_empty() {
        // It was noted as the message it began with; its words may stand in another.
        desk.note(turn.update_id, &turn.message);
    }
    let handled = handle(desk, turn, parts.clone()).await;
    if handled.is_ok() {
        // A question has taken them in; whatever else became of the album, they are over with it.
        for part in parts {
            desk.end(part, Ending::Dropped("album"));
        }
    }
    handled
}

async fn handle(desk: &Arc<Desk>, mut turn: Box<Turn>, parts: Vec<i64>) -> Result<(), StoreError> {
    #[cfg(test)]
    assert!(turn.message.body != Body::Text(PANIC.to_owned()), "a test asked for it");
    let person = person(desk, turn.update_id, &turn.message, turn.stored.as_ref());
    if claims(desk, &turn, &person).await? {
        remember(desk, turn.update_id, &turn.message, person.language);
        return about::claimed(desk, &turn, &person).await;
    }
    let role = match person.role.filter(|_| !person.is_banned) {
        Some(role) => role,
        // How that ends which was let in, the gateway says.
        None if turn.place.is_some() => Role::Guest,
        None => return turn_away(desk, &turn, &person).await,
    };
    picture::recognize(desk, role, &mut turn.message);
    match turn.message.body.clone() {
        Body::Command(Command::Image, prompt) => picture::image(desk, turn, &person, prompt, parts).await,
        Body::Text(text) | Body::Command(Command::Ask, text) if turn.message.is_edit => {
            Box::pin(again::changed(desk, turn, &person, text, parts)).await
        }
        Body::Media { caption, .. } if turn.message.is_edit && !turn.message.files.is_empty() => {
            Box::pin(again::changed(desk, turn, &person, caption, parts)).await
        }
        Body::Media { caption, .. } if !turn.message.files.is_empty() => {
            question::ask_with(desk, turn, &person, caption, parts).await
        }
        Body::Text(text) => question::ask(desk, turn, &person, text).await,
        Body::Command(name, arguments) => Box::pin(command(desk, turn, &person, role, name, arguments)).await,
        Body::UnknownCommand => say(desk, &turn, desk.texts.get(person.language, Key::UnknownCommand)).await,
        Body::Media { .. } => {
            let notice = Notice::Unsupported;
            let ending = Ending::Refused(notice.reason());
            let row = Desk::row(Some(turn.update_id), &turn.message, Content::Notice(notice));
            desk.finish(turn.update_id, vec![row], ending).await
        }
    }
}

async fn command(
    desk: &Arc<Desk>,
    turn: Box<Turn>,
    person: &Person,
    role: Role,
    command: Command,
    arguments: String,
) -> Result<(), StoreError> {
    if command.is_owners() && role != Role::Owner {
        return not_the_owner(desk, &turn, person).await;
    }
    match command {
        Command::Ask if arguments.is_empty() && turn.message.quoted.is_some() => {
            ask_quoted(desk, turn, person).await
        }
        Command::Ask if arguments.is_empty() => {
            say(desk, &turn, desk.texts.get(person.language, Key::AskUsage)).await
        }
        Command::Ask => question::ask(desk, turn, person, arguments).await,
        Command::Image => picture::image(desk, turn, person, arguments, Vec::new()).await,
        Command::Retry => again::retry(desk, turn, person).await,
        Command::New => conversation::begin_anew(desk, &turn, person).await,
        Command::Stop => conversation::stop(desk, &turn, person).await,
        Command::Lang => conversation::choose_language(desk, &turn, person, &arguments).await,
        Command::Start => about::start(desk, &turn, person, role).await,
        Command::Help => about::help(desk, &turn, person, role).await,
        Command::Status => about::status(desk, &turn, person, role).await,
        Command::Vip => vip::vip(desk, &turn, person, role, &arguments).await,
        Command::Whoami => myself::whoami(desk, &turn, person, role).await,
        Command::Quota => myself::quota(desk, &turn, person, role).await,
        Command::Model => myself::model(desk, &turn, person, role, &arguments).await,
        Command::Keys => keys::keys(desk, &turn, person).await,
        Command::Users => users::users(desk, &turn, person, &arguments).await,
        Command::Grant | Command::Revoke | Command::Ban | Command::Unban | Command::Kick => {
            manage::manage(desk, &turn, person, command, &arguments).await
        }
    }
}

/// A bare /ask under a message asks what that message says.
async fn ask_quoted(desk: &Arc<Desk>, mut turn: Box<Turn>, person: &Person) -> Result<(), StoreError> {
    let quoted = turn.message.quoted.as_mut();
    let text = quoted.map(|quoted| std::mem::take(&mut quoted.text)).unwrap_or_default();
    question::ask(desk, turn, person, text).await
}

/// Ends a message with words of our own.
pub(super) async fn say(desk: &Desk, turn: &Turn, words: String) -> Result<(), StoreError> {
    let row = Desk::row(Some(turn.update_id), &turn.message, Content::Words(words));
    desk.finish(turn.update_id, vec![row], Ending::Answered).await
}

/// An owner's command from somebody else: a short line in private; in a group it would only be noise.
async fn not_the_owner(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    if !turn.message.chat.is_private {
        desk.end(turn.update_id, Ending::Dropped("owners_command"));
        return Ok(());
    }
    let words = desk.texts.get(person.language, Key::OwnersCommand);
    let row = Desk::row(Some(turn.update_id), &turn.message, Content::Words(words));
    desk.finish(turn.update_id, vec![row], Ending::Refused("owners_command")).await
}

/// Whether this is the link by which a bot without an owner gets one. It opens a closed bot as well.
async fn claims(desk: &Desk, turn: &Turn, person: &Person) -> Result<bool, StoreError> {
    let message = &turn.message;
    let Body::Command(Command::Start, argument) = &message.body else { return Ok(false) };
    let may = message.chat.is_private && !message.sender.is_anonymous && !person.is_banned;
    if !may || !desk.claim.fits(argument) || !desk.gateway.claim_owner(person.id).await? {
        return Ok(false);
    }
    desk.claim.close();
    tracing::warn!("the bot was claimed through its link and has an owner now; svs users ls shows who");
    Ok(true)
}

/// A closed bot says so in private; in groups it would only be noise.
async fn turn_away(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    if person.is_banned {
        desk.end(turn.update_id, Ending::Dropped("banned"));
        return Ok(());
    }
    if !turn.message.chat.is_private {
        desk.end(turn.update_id, Ending::Dropped("closed"));
        return Ok(());
    }
    if !desk.door.tells(person.id, desk.clock.now()) {
        desk.end(turn.update_id, Ending::Dropped("closed"));
        return Ok(());
    }
    let id = word(person.id.to_string());
    let words = desk.texts.render(person.language, Key::NotAllowed, [("id", id)]);
    let row = Desk::row(Some(turn.update_id), &turn.message, Content::Words(words));
    desk.finish(turn.update_id, vec![row], Ending::Refused("closed")).await
}

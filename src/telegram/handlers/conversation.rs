//! /new and its undo, /stop, /lang: what a person does with their conversation.

use super::person::Person;
use super::press::{Done, Pressing};
use super::route::say;
use crate::domain::chat::{Button, ConversationId, Language};
use crate::store::{Cleared, Content, Ending, StoreError};
use crate::telegram::desk::Desk;
use crate::telegram::texts::Key;
use crate::telegram::turn::Turn;

/// Telegram shows so many buttons side by side.
const MOST_BUTTONS: usize = 8;

/// /new: what was said before is not sent any more.
pub(super) async fn begin_anew(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    clear(desk, turn, person, None).await
}

/// New, under an answer: as /new. The buttons of the conversation that is over go.
pub(super) async fn pressed_new(desk: &Desk, pressing: Pressing) -> Result<Done, StoreError> {
    let Pressing { turn, person, row_id, message_id, .. } = pressing;
    clear(desk, &turn, &person, Some((row_id, message_id))).await?;
    desk.outbox.deliver_row(row_id).await?;
    Ok(Done::Said(None))
}

/// Hides the rounds and says so; `spent` is the row, and its message, whose buttons go.
async fn clear(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    spent: Option<(i64, i64)>,
) -> Result<(), StoreError> {
    let at = turn.message.conversation();
    let id = turn.update_id;
    let (texts, language) = (desk.texts.clone(), person.language);
    let mut row = Desk::row(Some(id), &turn.message, Content::Words(String::new()));
    desk.store
        .commit(move |tx| {
            if !tx.finish(id, Ending::Answered)? {
                return Ok(());
            }
            row.content = Content::Words(match tx.clear(at)? {
                None => texts.get(language, Key::NewEmpty),
                Some(Cleared { rounds, before, through }) => {
                    row.buttons = vec![Button::Undo { through, before }];
                    texts.render(language, Key::NewDone, [("rounds", rounds.into())])
                }
            });
            if let Some((row_id, message_id)) = spent {
                tx.revise_row(row_id, message_id, None, &[])?;
            }
            tx.put_rows(&[row]).map(|_| ())
        })
        .await?;
    desk.outbox.deliver(id).await
}

/// Undo, under what /new said: the rounds it hid are seen again, unless others were hidden since.
pub(super) async fn undo(
    desk: &Desk,
    pressing: Pressing,
    through: i64,
    before: i64,
) -> Result<Done, StoreError> {
    let Pressing { turn, person, row_id, row, message_id, .. } = pressing;
    let at = ConversationId { chat: row.chat, topic: row.topic, user: person.id };
    let (texts, language, update_id) = (desk.texts.clone(), person.language, turn.update_id);
    let restored = desk
        .store
        .commit(move |tx| {
            let restored = tx.unclear(at, through, before)?;
            let words =
                restored.map(|rounds| texts.render(language, Key::NewUndone, [("rounds", rounds.into())]));
            let done = if words.is_some() { Ending::Answered } else { Ending::Refused("button_gone") };
            tx.finish(update_id, done)?;
            // Either way the button is spent.
            tx.revise_row(row_id, message_id, words.clone().map(Content::Words).as_ref(), &[])?;
            Ok(words)
        })
        .await?;
    desk.outbox.deliver_row(row_id).await?;
    Ok(match restored {
        Some(words) => Done::Said(Some(words)),
        None => Done::Refused(Key::ButtonGone),
    })
}

/// /stop: the answer that is being written says itself that it was stopped.
pub(super) async fn stop(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    if desk.stop(turn.message.conversation()).is_some() {
        desk.end(turn.update_id, Ending::Answered);
        return Ok(());
    }
    say(desk, turn, desk.texts.get(person.language, Key::StopNothing)).await
}

/// /lang zh, /lang English: the language of the bot's own words.
pub(super) async fn choose_language(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    arguments: &str,
) -> Result<(), StoreError> {
    let chosen = desk.texts.language_called(arguments);
    let Some(language) = chosen.filter(|_| !turn.message.sender.is_anonymous) else {
        return offer_languages(desk, turn, person).await;
    };
    let user = person.id;
    desk.store.commit(move |tx| tx.set_language(user, Some(language))).await?;
    desk.outbox.learn_language(user, language);
    say(desk, turn, desk.texts.get(language, Key::LangSet)).await
}

/// Says which languages there are.
async fn offer_languages(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    let offer =
        |language: Language| format!("/lang {} {}", language.code(), desk.texts.language_name(language));
    let mut lines = vec![desk.texts.get(person.language, Key::LangWhich)];
    lines.extend(Language::ALL.map(offer));
    let mut row = Desk::row(Some(turn.update_id), &turn.message, Content::Words(lines.join("\n")));
    if Language::ALL.len() <= MOST_BUTTONS {
        row.buttons = Language::ALL.map(|language| Button::Language { language }).to_vec();
    }
    desk.finish(turn.update_id, vec![row], Ending::Answered).await
}

/// A language, below the list of all: the list has served.
pub(super) async fn pressed_language(
    desk: &Desk,
    pressing: Pressing,
    language: Language,
) -> Result<Done, StoreError> {
    let Pressing { turn, person, row_id, message_id, .. } = pressing;
    let (update_id, user) = (turn.update_id, person.id);
    let words = Content::Words(desk.texts.get(language, Key::LangSet));
    desk.store
        .commit(move |tx| {
            if tx.finish(update_id, Ending::Answered)? {
                tx.set_language(user, Some(language))?;
                tx.revise_row(row_id, message_id, Some(&words), &[])?;
            }
            Ok(())
        })
        .await?;
    desk.outbox.learn_language(user, language);
    desk.outbox.deliver_row(row_id).await?;
    Ok(Done::Said(None))
}

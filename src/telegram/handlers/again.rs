//! The latest question of a conversation, asked again: by /retry, by a button under its answer, by an edit.
//!
//! ```text
//!   /retry     the same words; the round it had stays until the new answer replaces it; a message of its own
//!   Retry      as /retry; under a failure the answer takes the place of the failure
//!   Continue   the same words and what they were answered so far; the whole answer replaces the round
//!   edit       other words; the round it had goes at once; the answer takes the place of the old one, all its parts
//! ```
//!
//! What is the latest question, and by which update it is asked, stands in the store: a crash asks it again under the
//! same update, and whatever refers to an older one is refused. Model and key are chosen as for any question.

use std::sync::Arc;

use super::person::Person;
use super::press::{Done, Pressing};
use super::question::{Asking, answer};
use super::route::say;
use crate::domain::chat::{Button, Continuation, ConversationId};
use crate::store::{Asked, Ending, Question, StoreError, Tx};
use crate::telegram::desk::Desk;
use crate::telegram::enclosed::{Enclosed, album};
use crate::telegram::texts::Key;
use crate::telegram::turn::Turn;

/// /retry.
pub(super) async fn retry(desk: &Arc<Desk>, turn: Box<Turn>, person: &Person) -> Result<(), StoreError> {
    let (at, id) = (turn.message.conversation(), turn.update_id);
    let asking = desk
        .store
        .commit(move |tx| match tx.asked(at)?.filter(|asked| !asked.is_hidden) {
            Some(asked) => take_up(tx, at, asked, id, From::Anew).map(Some),
            None => Ok(None),
        })
        .await?;
    match asking {
        Some((_, asking)) => {
            desk.note_again(at, id);
            answer(desk, turn, person, asking).await
        }
        None => say(desk, &turn, desk.texts.get(person.language, Key::RetryNothing)).await,
    }
}

/// Retry or Continue, under the answer to the latest question or under what stands in its place.
pub(super) async fn pressed(
    desk: &Arc<Desk>,
    pressing: Pressing,
    button: Button,
) -> Result<Done, StoreError> {
    let Pressing { mut turn, person, row, .. } = pressing;
    let (at, id) = (ConversationId { chat: row.chat, topic: row.topic, user: person.id }, turn.update_id);
    let request = desk.texts.get(person.language, Key::ContinueRequest);
    let asking = desk
        .store
        .commit(move |tx| {
            let Some(asked) = tx.asked(at)?.filter(|asked| !asked.is_hidden) else {
                return Ok(Err(Key::ButtonGone));
            };
            // The update that was answered there, or this one, begun before.
            if ![row.update_id, Some(id)].contains(&Some(asked.question.update_id)) {
                return Ok(Err(Key::NotLatest));
            }
            let continuation = match button {
                Button::Continue { .. } => match tx.answer_of_asked(at)? {
                    Some(so_far) => Some(Continuation { so_far, request }),
                    // It was not kept for so long.
                    None => return Ok(Err(Key::ButtonGone)),
                },
                _ => None,
            };
            let from = match button {
                _ if !row.is_answer => row.update_id.map_or(From::Anew, From::InPlaceOf),
                Button::Continue { .. } => From::WhereItEnds,
                _ => From::Anew,
            };
            let (message_id, asking) = take_up(tx, at, asked, id, from)?;
            Ok(Ok((message_id, Asking { continuation, ..asking })))
        })
        .await?;
    let (message_id, asking) = match asking {
        Ok(asking) => asking,
        Err(why) => return Ok(Done::Refused(why)),
    };
    desk.note_again(at, id);
    // In a group the answer points at the question, not at the button.
    turn.message.message_id = message_id;
    Ok(Done::Asks { turn, person, asking })
}

/// An edit of the latest question. Of any other it is dropped, as is one that changes nothing.
pub(super) async fn changed(
    desk: &Arc<Desk>,
    turn: Box<Turn>,
    person: &Person,
    text: String,
    parts: Vec<i64>,
) -> Result<(), StoreError> {
    let (own, keyword) = (Enclosed::of(&turn.message), turn.message.keyword.clone());
    let is_in_album = album(&turn.message).is_some();
    let (at, id, message_id) = (turn.message.conversation(), turn.update_id, turn.message.message_id);
    let words = text.clone();
    let known = desk
        .store
        .commit(move |tx| {
            if tx.has_ended(id)? {
                // The person was forgotten meanwhile.
                return Ok(None);
            }
            let asked = tx.asked(at)?;
            let mut enclosed = own;
            let earlier = asked.as_ref().map(|asked| asked.earlier.clone()).unwrap_or_default();
            match asked.map(|asked| (asked.is_hidden, asked.question)) {
                Some((_, asked)) if asked.update_id == id => {
                    enclosed = Enclosed::read(asked.enclosed.as_deref());
                }
                Some((false, asked)) if asked.message_id == message_id && asked.text != words => {
                    if is_in_album {
                        // The edit brings one part of it.
                        enclosed = Enclosed::read(asked.enclosed.as_deref());
                    }
                    tx.ask_changed(at, id, &words, enclosed.store().as_deref())?;
                    tx.adopt_parts(&[&earlier[..], &[asked.update_id]].concat(), id)?;
                }
                Some((_, asked)) if asked.message_id >= message_id => {
                    tx.finish(id, Ending::Dropped("edited"))?;
                    return Ok(None);
                }
                // It was changed before its turn came: nobody asked it yet.
                _ => {
                    let enclosed = enclosed.store();
                    let question = Question { update_id: id, message_id, text: words, enclosed, keyword };
                    tx.ask(at, &question)?;
                }
            }
            for part in parts {
                tx.finish(part, Ending::Dropped("album"))?;
            }
            Ok(Some((tx.opened_parts(id)?, enclosed)))
        })
        .await?;
    match known {
        Some((known, enclosed)) => {
            desk.note(id, &turn.message);
            answer(desk, turn, person, Asking { text, enclosed, known, continuation: None }).await
        }
        None => Ok(()),
    }
}

/// Where an answer that is given again is written.
#[derive(Clone, Copy)]
enum From {
    /// In messages of its own.
    Anew,
    /// In the place of the messages of this update.
    InPlaceOf(i64),
    /// Behind what there is of it.
    WhereItEnds,
}

/// The latest question is asked by update `id` from now on. Returns the person's message and what to ask.
fn take_up(
    tx: &mut Tx<'_>,
    at: ConversationId,
    asked: Asked,
    id: i64,
    from: From,
) -> Result<(i64, Asking), StoreError> {
    let before = asked.question.update_id;
    if before != id {
        let earlier = match from {
            From::Anew => Vec::new(),
            From::InPlaceOf(_) => asked.earlier,
            From::WhereItEnds => [asked.earlier, vec![before]].concat(),
        };
        tx.ask_again(at, id, &earlier)?;
        if let From::InPlaceOf(place) = from {
            tx.adopt_parts(&[place], id)?;
        }
    }
    let Question { message_id, text, enclosed, .. } = asked.question;
    let enclosed = Enclosed::read(enclosed.as_deref());
    Ok((message_id, Asking { text, enclosed, known: tx.opened_parts(id)?, continuation: None }))
}

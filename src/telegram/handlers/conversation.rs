//! /new, /stop, /lang: what a person does with their conversation.

use super::person::Person;
use super::route::say;
use crate::domain::chat::Language;
use crate::store::{Content, Ending, StoreError};
use crate::telegram::desk::{Desk, Turn};
use crate::telegram::texts::Key;

/// /new: what was said before is not sent any more.
pub(super) async fn begin_anew(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    let at = turn.message.conversation();
    let id = turn.update_id;
    let (texts, language) = (desk.texts.clone(), person.language);
    let mut row = Desk::row(Some(id), &turn.message, Content::Words(String::new()));
    desk.store
        .commit(move |tx| {
            if !tx.finish(id, Ending::Answered)? {
                return Ok(());
            }
            let rounds = tx.clear(at)?;
            let words = match rounds {
                0 => texts.get(language, Key::NewEmpty),
                _ => texts.render(language, Key::NewDone, [("rounds", rounds.into())]),
            };
            row.content = Content::Words(words);
            tx.put_rows(&[row]).map(|_| ())
        })
        .await?;
    desk.outbox.deliver(id).await
}

/// /stop: the answer that is being written says itself that it was stopped.
pub(super) async fn stop(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    if desk.lanes.stop(turn.message.conversation()).is_some() {
        desk.end(turn.update_id, Ending::Answered);
        return Ok(());
    }
    say(desk, turn, desk.texts.get(person.language, Key::StopNothing)).await
}

/// /lang zh, /lang en: the language of the bot's own words.
pub(super) async fn choose_language(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    arguments: &str,
) -> Result<(), StoreError> {
    let chosen = match arguments.to_lowercase().as_str() {
        "中文" | "chinese" => Some(Language::Zh),
        "english" | "英文" => Some(Language::En),
        tag => Language::of_tag(tag),
    };
    let Some(language) = chosen.filter(|_| !turn.message.sender.is_anonymous) else {
        return say(desk, turn, desk.texts.get(person.language, Key::LangWhich)).await;
    };
    let user = person.id;
    desk.store.commit(move |tx| tx.set_language(user, Some(language))).await?;
    desk.outbox.learn_language(user, language);
    say(desk, turn, desk.texts.get(language, Key::LangSet)).await
}

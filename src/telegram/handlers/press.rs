//! A pressed button. What it carries can be forged, so it only names something the presser must own.
//!
//! The effect of a press and its end are one commit: a crash neither loses nor repeats it. Every press is answered,
//! or its button would spin on.

use std::sync::Arc;

use super::person::{Person, language_of, person};
use super::question::{self, Asking};
use super::{again, conversation, myself, vip};
use crate::domain::chat::{Button, Language, Notice};
use crate::store::{Ending, RowButtons, StoreError};
use crate::telegram::api::AnswerCallbackQuery;
use crate::telegram::button::Pressed;
use crate::telegram::desk::Desk;
use crate::telegram::intake::Press;
use crate::telegram::texts::Key;
use crate::telegram::turn::Turn;

/// A button that works, pressed by whom it is for.
pub(super) struct Pressing {
    pub(super) turn: Box<Turn>,
    pub(super) person: Person,
    /// The row of the outbox it belongs to.
    pub(super) row_id: i64,
    pub(super) row: RowButtons,
    /// The message it stands under.
    pub(super) message_id: i64,
}

/// Does what the button says, if it is the presser's, and ends its spinner, unless it waited and that was done.
pub(in crate::telegram) async fn press(
    desk: &Arc<Desk>,
    turn: Box<Turn>,
    press: &Press,
    spins: bool,
) -> Result<(), StoreError> {
    let update_id = turn.update_id;
    let person = person(desk, update_id, &turn.message, turn.stored.as_ref());
    if !person.is_served() && turn.place.is_none() {
        // Only the spinner ends: who is not served learns nothing from a button either.
        desk.end(update_id, Ending::Dropped(if person.is_banned { "banned" } else { "closed" }));
        if spins {
            end_spinner(desk, press, None).await;
        }
        return Ok(());
    }
    let language = person.language;
    let done = act(desk, turn, press, person).await;
    let words = match &done {
        Ok(Done::Said(words)) => words.clone(),
        Ok(Done::Refused(key)) => {
            let reason = if *key == Key::NotYours { "not_yours" } else { "button_gone" };
            desk.end(update_id, Ending::Refused(reason));
            Some(desk.texts.get(language, *key))
        }
        // What it asks is going to be seen; what failed is tried again, and the button need not spin until then.
        Ok(Done::Asks { .. }) | Err(_) => None,
    };
    if spins {
        end_spinner(desk, press, words.as_deref()).await;
    }
    match done? {
        Done::Said(_) | Done::Refused(_) => Ok(()),
        Done::Asks { turn, person, asking } => question::answer(desk, turn, &person, asking).await,
    }
}

/// Answers a press that has to wait for its turn, or cannot.
pub(in crate::telegram) async fn answer_press(desk: &Desk, press: &Press, notice: Notice) {
    let id = press.sender.id;
    let stored = desk.store.read(move |tx| tx.user(id)).await.ok().flatten();
    let is_banned = stored.as_ref().is_some_and(|user| user.banned);
    let in_private = press.as_message().chat.is_private;
    if is_banned || desk.role_of(&press.sender, stored.as_ref(), in_private).is_none() {
        return end_spinner(desk, press, None).await;
    }
    let language = stored.and_then(|user| user.language).or_else(|| language_of(&press.sender));
    let language = language.or(desk.config().telegram.language).unwrap_or_default();
    let words = desk.texts.notice(language, &notice, desk.clock.now());
    end_spinner(desk, press, Some(&words)).await;
}

async fn end_spinner(desk: &Desk, press: &Press, text: Option<&str>) {
    let answer = AnswerCallbackQuery { callback_query_id: &press.query_id, text };
    if let Err(error) = desk.api.call(&answer).await {
        tracing::debug!(%error, "a button's spinner could not be ended");
    }
}

/// What became of a press.
pub(super) enum Done {
    /// It was done, and its update has ended; this is shown for a moment (at most 200 characters).
    Said(Option<String>),
    /// It was not done, for this reason.
    Refused(Key),
    /// It asks a question, whose answer ends its update.
    Asks { turn: Box<Turn>, person: Person, asking: Asking },
}

async fn act(desk: &Arc<Desk>, turn: Box<Turn>, press: &Press, person: Person) -> Result<Done, StoreError> {
    let (row_id, place, in_order) = match Pressed::read(&press.data) {
        Some(Pressed::Stop(asked)) => return Ok(stop(desk, &turn, asked, person.language)),
        Some(Pressed::OfRow { row, place, in_order }) => (row, place, in_order),
        None => return Ok(Done::Refused(Key::ButtonGone)),
    };
    let row = desk.store.read(move |tx| tx.row_buttons(row_id)).await?;
    let (Some(row), Some(message_id)) = (row, press.message_id) else {
        return Ok(Done::Refused(Key::ButtonGone));
    };
    if row.user != Some(press.sender.id) {
        return Ok(Done::Refused(Key::NotYours));
    }
    let button = row.buttons.get(place).copied().filter(|button| button.is_in_order() == in_order);
    let Some(button) = button.filter(|_| row.chat == turn.message.chat.id) else {
        return Ok(Done::Refused(Key::ButtonGone));
    };
    let pressing = Pressing { turn, person, row_id, row, message_id };
    match button {
        Button::Undo { through, before } => conversation::undo(desk, pressing, through, before).await,
        Button::TellMe | Button::EnterVip | Button::RejoinVip | Button::LeaveLine | Button::Renew => {
            vip::press(desk, pressing, button).await
        }
        Button::Retry | Button::Continue { .. } => again::pressed(desk, pressing, button).await,
        Button::New => conversation::pressed_new(desk, pressing).await,
        Button::Model { slot } => myself::pressed(desk, pressing, slot).await,
        Button::Language { language } => conversation::pressed_language(desk, pressing, language).await,
    }
}

fn stop(desk: &Desk, turn: &Turn, asked: i64, language: Language) -> Done {
    match desk.lanes.find(asked) {
        Some(at) if at.user == turn.message.sender.id => {
            desk.stop(at);
            desk.end(turn.update_id, Ending::Answered);
            Done::Said(Some(desk.texts.get(language, Key::StopDone)))
        }
        Some(_) => Done::Refused(Key::NotYours),
        None => Done::Refused(Key::ButtonGone),
    }
}

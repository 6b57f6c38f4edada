//! /image, and messages that plainly ask for a picture: the same, in other words.
//!
//! Pictures cost money, so they are for those who may choose the best models (premium and above), and only where the
//! configuration has a model and a budget for them. An order in plain words from anybody else is a question as before;
//! /image says why not.

use std::sync::Arc;

use super::person::Person;
use super::route::say;
use super::{again, question};
use crate::domain::chat::Notice;
use crate::domain::model::ModelSlot;
use crate::domain::policy::roles::{Act, may};
use crate::domain::policy::task::asks_for_picture;
use crate::domain::role::Role;
use crate::store::StoreError;
use crate::telegram::command::{Command, Reading, read};
use crate::telegram::desk::Desk;
use crate::telegram::intake::{Body, Message};
use crate::telegram::texts::Key;
use crate::telegram::turn::Turn;

/// Why somebody of this role gets no picture, if so.
pub(super) fn denied(desk: &Desk, role: Role) -> Option<Notice> {
    if !desk.config().makes_pictures() {
        return Some(Notice::PicturesOff);
    }
    (!may(role, Act::ChooseModel(ModelSlot::Image))).then_some(Notice::PicturesDenied { role })
}

/// Makes /image of a message that plainly asks for a picture, where it would get one, and of a caption that says it.
pub(super) fn recognize(desk: &Desk, role: Role, message: &mut Message) {
    let prompt = match &message.body {
        Body::Text(text) if asks_for_picture(text) && denied(desk, role).is_none() => text.clone(),
        Body::Media { caption, .. } if !message.files.is_empty() => match read(caption, "") {
            Reading::Command(Command::Image, prompt) => prompt.to_owned(),
            _ => return,
        },
        _ => return,
    };
    message.body = Body::Command(Command::Image, prompt);
}

/// /image with what is to be drawn, or under a message that says it; a photo that comes with it or is replied to is what it
/// is drawn from.
pub(super) async fn image(
    desk: &Arc<Desk>,
    mut turn: Box<Turn>,
    person: &Person,
    mut prompt: String,
    parts: Vec<i64>,
) -> Result<(), StoreError> {
    if prompt.is_empty()
        && let Some(quoted) = &mut turn.message.quoted
    {
        prompt = std::mem::take(&mut quoted.text);
    }
    if prompt.is_empty() {
        let denied = person.role.and_then(|role| denied(desk, role));
        let words = match denied {
            Some(notice) => desk.texts.notice(person.language, &notice, desk.clock.now()),
            None => desk.texts.get(person.language, Key::ImageUsage),
        };
        return say(desk, &turn, words).await;
    }
    if turn.message.is_edit {
        return Box::pin(again::changed(desk, turn, person, prompt, parts)).await;
    }
    question::ask_with(desk, turn, person, prompt, parts).await
}

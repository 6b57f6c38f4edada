//! A pressed button. What it carries can be forged, so it only names something the presser must own.

use super::person::language_of;
use crate::store::Ending;
use crate::telegram::api::AnswerCallbackQuery;
use crate::telegram::desk::Desk;
use crate::telegram::intake::Press;
use crate::telegram::texts::Key;

/// Does what the button says, if it is the presser's, and ends its spinner.
pub(in crate::telegram) async fn press(desk: &Desk, update_id: i64, press: Press) {
    let id = press.sender.id;
    let stored = desk.store.read(move |tx| tx.user(id)).await.ok().flatten();
    let language = stored.and_then(|user| user.language).or_else(|| language_of(&press.sender));
    let language = language.or(desk.config.telegram.language).unwrap_or_default();
    let key = act(desk, &press);
    let text = desk.texts.get(language, key);
    let answer = AnswerCallbackQuery { callback_query_id: &press.query_id, text: Some(&text) };
    if let Err(error) = desk.api.call(&answer).await {
        tracing::debug!(%error, "a button's spinner could not be ended");
    }
    let ending = if key == Key::StopDone { Ending::Answered } else { Ending::Refused };
    desk.end(update_id, ending);
}

fn act(desk: &Desk, press: &Press) -> Key {
    let named = press.data.strip_prefix("stop:").and_then(|id| id.parse::<i64>().ok());
    let running = named.and_then(|update_id| desk.lanes.find(update_id));
    match running {
        Some(at) if at.user == press.sender.id => {
            desk.lanes.stop(at);
            Key::StopDone
        }
        Some(_) => Key::NotYours,
        None => Key::ButtonGone,
    }
}

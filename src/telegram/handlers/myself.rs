//! /whoami, /quota, /model: who the bot takes a person for, what they have left, which model they choose.

use super::person::Person;
use super::press::{Done, Pressing};
use super::route::say;
use crate::domain::chat::{Button, UserId};
use crate::domain::model::ModelSlot;
use crate::domain::policy::fairness::caps::UserUsage;
use crate::domain::policy::roles::{self, Act};
use crate::domain::role::Role;
use crate::domain::session::seats::Seats;
use crate::store::{CellKey, Content, Ending, StoreError};
use crate::telegram::desk::Desk;
use crate::telegram::texts::{Key, model_name, word};
use crate::telegram::turn::Turn;

/// /whoami: id, role, until when, rounds of memory, and the seat of a vip.
pub(super) async fn whoami(desk: &Desk, turn: &Turn, person: &Person, role: Role) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    if turn.message.sender.is_anonymous {
        return say(desk, turn, texts.get(language, Key::WhoamiAnonymous)).await;
    }
    let user = person.id;
    let is_seated = is_seated(desk, user, role).await?;
    let rounds = roles::rounds(&desk.config().rules.roles, role, is_seated);
    let mut lines = vec![texts.render(
        language,
        Key::Whoami,
        [
            ("id", word(user.to_string())),
            ("role", word(texts.role(language, role))),
            ("rounds", rounds.into()),
        ],
    )];
    // An owner is one by their id, whatever else they were granted.
    let until = turn.stored.as_ref().and_then(|stored| stored.granted_until);
    let now = desk.clock.now();
    if let Some(until) = until.filter(|until| role != Role::Owner && *until > now) {
        let ends = ("in", word(texts.until(language, until, now)));
        lines.push(texts.render(language, Key::WhoamiUntil, [ends]));
    }
    if roles::needs_seat(role) {
        let served = ("role", word(texts.role(language, roles::effective(role, is_seated))));
        let key = if is_seated { Key::WhoamiSeated } else { Key::WhoamiNoSeat };
        lines.push(texts.render(language, key, [served]));
    }
    say(desk, turn, lines.join("\n")).await
}

/// Whether somebody sits in the VIP room.
async fn is_seated(desk: &Desk, user: UserId, role: Role) -> Result<bool, StoreError> {
    if !roles::needs_seat(role) {
        return Ok(false);
    }
    let seats: Seats = desk.store.read(|tx| tx.read_cell(&CellKey::Seats)).await?;
    Ok(seats.is_seated(user, desk.clock.now()))
}

/// /quota: what is used of the caps, and when they begin anew.
pub(super) async fn quota(desk: &Desk, turn: &Turn, person: &Person, role: Role) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    let config = desk.config();
    let rules = &config.rules.roles;
    let user = person.id;
    let usage: UserUsage = desk.store.read(move |tx| tx.read_cell(&CellKey::User(user))).await?;
    let now = desk.clock.now();
    let is_seated = is_seated(desk, user, role).await?;
    let used = usage.used(&desk.calendar, now);
    let caps = roles::caps(rules, role);
    let of = |key, used: u32, limit: u32| {
        texts.render(language, key, [("used", used.into()), ("limit", limit.into())])
    };
    let mut parts = Vec::new();
    parts.extend(caps.per_day.map(|limit| of(Key::QuotaDay, used.day, limit)));
    parts.extend(caps.per_hour.map(|limit| of(Key::QuotaHour, used.hour, limit)));
    if parts.is_empty() {
        parts.push(texts.get(language, Key::QuotaUnlimited));
    }
    let rounds = roles::rounds(rules, role, is_seated);
    parts.push(texts.render(language, Key::QuotaMemory, [("rounds", rounds.into())]));
    if caps.per_day.is_some() {
        let resets = ("in", word(texts.until(language, used.day_resets_at, now)));
        parts.push(texts.render(language, Key::QuotaResets, [resets]));
    }
    say(desk, turn, parts.join(" · ")).await
}

/// What a person wants of /model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wish {
    Auto,
    Slot(ModelSlot),
}

fn read_wish(arguments: &str) -> Option<Wish> {
    let name = arguments.to_lowercase().replace(['_', ' '], "-");
    match name.as_str() {
        "auto" | "自动" => Some(Wish::Auto),
        "lite" | "flashlite" => Some(Wish::Slot(ModelSlot::FlashLite)),
        name => {
            let slot = name.parse().ok().filter(|slot| ModelSlot::TEXT.contains(slot));
            slot.map(Wish::Slot)
        }
    }
}

/// The models this role can choose here, best first.
fn choices(desk: &Desk, role: Role) -> impl Iterator<Item = ModelSlot> + use<> {
    let config = desk.config();
    let can = move |slot: &ModelSlot| {
        roles::may(role, Act::ChooseModel(*slot)) && config.gemini.models[*slot].is_some()
    };
    ModelSlot::TEXT.into_iter().rev().filter(can)
}

/// The model that a person chose for their questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Choice {
    /// To be asked; none: by the question.
    pub(super) model: Option<ModelSlot>,
    /// Was chosen, but the role has lost it since.
    pub(super) lost: Option<ModelSlot>,
}

impl Choice {
    /// This one, whatever was chosen for questions.
    pub(super) const fn of(slot: ModelSlot) -> Choice {
        Choice { model: Some(slot), lost: None }
    }
}

/// Which model this person's question is for, as far as they have chosen one.
pub(super) fn choice(desk: &Desk, turn: &Turn, role: Role) -> Choice {
    match turn.stored.as_ref().and_then(|stored| stored.model) {
        Some(slot) if choices(desk, role).any(|choice| choice == slot) => Choice::of(slot),
        lost => Choice { model: None, lost },
    }
}

/// /model: the model of a person's questions, everywhere they ask.
pub(super) async fn model(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    role: Role,
    arguments: &str,
) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    let refused = |slot, key| {
        let names = [("model", word(model_name(slot))), ("role", word(texts.role(language, role)))];
        texts.render(language, key, names)
    };
    if turn.message.sender.is_anonymous {
        return say(desk, turn, texts.get(language, Key::ModelNowAuto)).await;
    }
    if arguments.is_empty() {
        let now = match choice(desk, turn, role) {
            Choice { lost: Some(slot), .. } => refused(slot, Key::ModelLost),
            Choice { model, .. } => now_words(desk, person, model),
        };
        return offer(desk, turn, person, role, now).await;
    }
    let chosen = match read_wish(arguments) {
        None => return offer(desk, turn, person, role, texts.get(language, Key::ModelUnknown)).await,
        Some(Wish::Slot(slot)) if choices(desk, role).all(|choice| choice != slot) => {
            return offer(desk, turn, person, role, refused(slot, Key::ModelDenied)).await;
        }
        Some(Wish::Slot(slot)) => Some(slot),
        Some(Wish::Auto) => None,
    };
    let user = person.id;
    desk.store.commit(move |tx| tx.set_model(user, chosen)).await?;
    say(desk, turn, set_words(desk, person, chosen)).await
}

/// A model pressed below the list. The list stays, and says what is chosen now.
pub(super) async fn pressed(
    desk: &Desk,
    pressing: Pressing,
    chosen: Option<ModelSlot>,
) -> Result<Done, StoreError> {
    let Pressing { turn, person, row_id, message_id, .. } = pressing;
    let Some(role) = person.role else { return Ok(Done::Refused(Key::ButtonGone)) };
    if chosen.is_some_and(|slot| choices(desk, role).all(|choice| choice != slot)) {
        return Ok(Done::Refused(Key::ButtonGone));
    }
    let (words, buttons) = list(desk, &person, role, now_words(desk, &person, chosen));
    let (update_id, user) = (turn.update_id, person.id);
    desk.store
        .commit(move |tx| {
            if tx.finish(update_id, Ending::Answered)? {
                tx.set_model(user, chosen)?;
                tx.revise_row(row_id, message_id, Some(&Content::Words(words)), &buttons)?;
            }
            Ok(())
        })
        .await?;
    desk.outbox.deliver_row(row_id).await?;
    Ok(Done::Said(Some(set_words(desk, &person, chosen))))
}

/// Says something, and below it what can be chosen.
async fn offer(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    role: Role,
    first: String,
) -> Result<(), StoreError> {
    let (words, buttons) = list(desk, person, role, first);
    let mut row = Desk::row(Some(turn.update_id), &turn.message, Content::Words(words));
    row.buttons = buttons;
    desk.finish(turn.update_id, vec![row], Ending::Answered).await
}

/// What can be chosen, in words and as buttons.
fn list(desk: &Desk, person: &Person, role: Role, first: String) -> (String, Vec<Button>) {
    let (texts, language) = (&desk.texts, person.language);
    let mut lines = vec![first, texts.get(language, Key::ModelOfferAuto)];
    lines.extend(choices(desk, role).map(|slot| {
        // Premium has pro for complex questions only.
        let is_partly = slot == ModelSlot::Pro && role <= Role::Premium;
        let key = if is_partly { Key::ModelOfferComplex } else { Key::ModelOffer };
        texts.render(language, key, [("slot", word(slot.name())), ("model", word(model_name(slot)))])
    }));
    let slots = [None].into_iter().chain(choices(desk, role).map(Some));
    (lines.join("\n"), slots.map(|slot| Button::Model { slot }).collect())
}

/// Which model it is now.
fn now_words(desk: &Desk, person: &Person, chosen: Option<ModelSlot>) -> String {
    let named = |slot| desk.texts.render(person.language, Key::ModelNow, [("model", word(model_name(slot)))]);
    chosen.map_or_else(|| desk.texts.get(person.language, Key::ModelNowAuto), named)
}

/// Which model it is from now on.
fn set_words(desk: &Desk, person: &Person, chosen: Option<ModelSlot>) -> String {
    let named = |slot| desk.texts.render(person.language, Key::ModelSet, [("model", word(model_name(slot)))]);
    chosen.map_or_else(|| desk.texts.get(person.language, Key::ModelSetAuto), named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_as_people_write_it() {
        let cases = [
            ("auto", Some(Wish::Auto)),
            ("自动", Some(Wish::Auto)),
            ("Pro", Some(Wish::Slot(ModelSlot::Pro))),
            ("FLASH", Some(Wish::Slot(ModelSlot::Flash))),
            ("flash lite", Some(Wish::Slot(ModelSlot::FlashLite))),
            ("flash_lite", Some(Wish::Slot(ModelSlot::FlashLite))),
            ("image", None),
            ("gemini-9-ultra", None),
            ("pro flash", None),
        ];
        for (text, wish) in cases {
            assert_eq!(read_wish(text), wish, "{text}");
        }
    }
}

//! /vip and its buttons: how somebody stands to the VIP room, and what they can do there.

use super::person::Person;
use super::press::{Done, Pressing};
use super::route::say;
use crate::domain::chat::{Button, Notice};
use crate::domain::policy::roles;
use crate::domain::role::Role;
use crate::domain::session::seats::{Entry, Line, Standing};
use crate::domain::time::Timestamp;
use crate::gateway::Room;
use crate::store::{Content, Ending, StoreError};
use crate::telegram::desk::Desk;
use crate::telegram::texts::{Key, word};
use crate::telegram::turn::Turn;

/// /vip: how the person stands to the room, with what they can do about it. `/vip leave` gives up seat or place.
pub(super) async fn vip(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    role: Role,
    arguments: &str,
) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    match arguments.to_lowercase().as_str() {
        "" => {}
        "leave" | "exit" | "quit" | "让出" | "退出" | "离开" => {
            let before = desk.gateway.leave_line(person.id).await?;
            return say(desk, turn, left(desk, person, before)).await;
        }
        _ => return say(desk, turn, texts.get(language, Key::VipUsage)).await,
    }
    let (content, buttons) = match role {
        Role::Owner => (Content::Words(of_owner(desk, turn, person).await?), Vec::new()),
        Role::Vip => stands(desk, person, desk.gateway.vip_standing(person.id).await?),
        Role::Guest | Role::Normal | Role::Premium => {
            let id = ("id", word(person.id.to_string()));
            (Content::Words(texts.render(language, Key::VipNone, [id])), Vec::new())
        }
    };
    let mut row = Desk::row(Some(turn.update_id), &turn.message, content);
    row.buttons = buttons;
    desk.finish(turn.update_id, vec![row], Ending::Answered).await
}

/// What a vip is told of their standing.
fn stands(desk: &Desk, person: &Person, standing: Standing) -> (Content, Vec<Button>) {
    let (texts, language, now) = (&desk.texts, person.language, desk.clock.now());
    let config = desk.config();
    let rules = &config.rules;
    let role = ("role", word(texts.role(language, roles::effective(Role::Vip, false))));
    let seats = ("seats", rules.seats.seats.into());
    let said = |notice: Notice| {
        let buttons = notice.buttons();
        (Content::Notice(notice), buttons)
    };
    match standing {
        Standing::Seated { taken, ends_at } => {
            let taken = ("taken", taken.into());
            let rounds = ("rounds", rules.roles[Role::Vip].rounds.into());
            let idle = ("idle", word(texts.span(language, rules.seats.idle)));
            let Some(end) = ends_at else {
                let words = texts.render(language, Key::VipSeated, [taken, seats, rounds, idle]);
                return (Content::Words(words), Vec::new());
            };
            let until = ("in", word(texts.until(language, end, now)));
            let words = texts.render(language, Key::VipSeatedUntil, [taken, seats, rounds, idle, until]);
            let renew = rules.seats.max_duration.map(|_| Button::Renew);
            (Content::Words(words), renew.into_iter().collect())
        }
        Standing::Held { until } => said(Notice::VipSeatHeld { hold: until.since(now) }),
        Standing::Waiting { position, next_free } => said(Notice::VipInLine { position, next_free }),
        Standing::CoolingOff { until } => {
            let words = texts.render(
                language,
                Key::VipCoolingOff,
                [role, ("in", word(texts.until(language, until, now)))],
            );
            (Content::Words(words), Vec::new())
        }
        Standing::Free { taken } => {
            let words = texts.render(language, Key::VipFree, [("taken", taken.into()), seats]);
            (Content::Words(words), vec![Button::EnterVip])
        }
        Standing::Full { .. } if rules.seats.seats == 0 => {
            (Content::Words(texts.render(language, Key::VipClosed, [role])), Vec::new())
        }
        Standing::Full { next_free } => said(full(desk, next_free)),
    }
}

fn full(desk: &Desk, next_free: Option<Timestamp>) -> Notice {
    let role = roles::effective(Role::Vip, false);
    Notice::VipFull { role, seats: desk.config().rules.seats.seats, next_free }
}

/// For the owner: who sits and who waits; names only in private.
async fn of_owner(desk: &Desk, turn: &Turn, person: &Person) -> Result<String, StoreError> {
    let (texts, language, now) = (&desk.texts, person.language, desk.clock.now());
    let Room { sessions, line, .. } = desk.gateway.vip_room().await?;
    let taken = ("taken", u32::try_from(sessions.len()).unwrap_or(u32::MAX).into());
    let seats = ("seats", desk.config().rules.seats.seats.into());
    let mut lines = vec![texts.render(language, Key::VipOwner, [taken, seats])];
    if turn.message.chat.is_private {
        let who = |user: crate::domain::chat::UserId, name: &Option<String>| {
            word(name.as_ref().map_or_else(|| user.to_string(), |name| format!("{user} @{name}")))
        };
        lines.extend(sessions.iter().map(|session| {
            let idle = word(texts.span(language, now.since(session.last_active)));
            let names =
                [("seat", session.seat.into()), ("who", who(session.user, &session.name)), ("idle", idle)];
            texts.render(language, Key::VipOwnerSeat, names)
        }));
        lines.extend(line.iter().map(|waiting| {
            let names = [("position", waiting.position.into()), ("who", who(waiting.user, &waiting.name))];
            texts.render(language, Key::VipOwnerWaiting, names)
        }));
    }
    Ok(lines.join("\n"))
}

fn left(desk: &Desk, person: &Person, before: Standing) -> String {
    let (texts, language) = (&desk.texts, person.language);
    match before {
        Standing::Seated { .. } => {
            let role = ("role", word(texts.role(language, roles::effective(Role::Vip, false))));
            texts.render(language, Key::VipLeftSeat, [role])
        }
        Standing::Held { .. } | Standing::Waiting { .. } => texts.get(language, Key::VipLeftLine),
        Standing::CoolingOff { .. } | Standing::Free { .. } | Standing::Full { .. } => {
            texts.get(language, Key::VipLeftNothing)
        }
    }
}

/// What a press has changed.
enum Effect {
    /// It is said for good, in place of what stood there.
    Said(Content),
    /// Nothing; it is shown for a moment why.
    Nothing(String),
}

/// A button of the VIP room. What it does may be done twice without harm: a crash in between repeats it.
pub(super) async fn press(desk: &Desk, pressing: Pressing, button: Button) -> Result<Done, StoreError> {
    let effect = match button {
        Button::TellMe => wait(desk, &pressing.person).await?,
        Button::EnterVip | Button::RejoinVip => enter(desk, &pressing.person).await?,
        Button::LeaveLine => {
            let before = desk.gateway.leave_line(pressing.person.id).await?;
            Some(Effect::Said(Content::Words(left(desk, &pressing.person, before))))
        }
        _ => renew(desk, &pressing.person).await?,
    };
    match effect {
        None => Ok(Done::Refused(Key::ButtonGone)),
        Some(Effect::Nothing(words)) => {
            desk.end(pressing.turn.update_id, Ending::Refused("no_effect"));
            Ok(Done::Said(Some(words)))
        }
        Some(Effect::Said(content)) => said(desk, pressing, button, content).await,
    }
}

/// Says what a press has changed: under an answer in a message of its own, else in place of what stood there.
async fn said(desk: &Desk, pressing: Pressing, button: Button, content: Content) -> Result<Done, StoreError> {
    let Pressing { turn, person, row_id, row, message_id, .. } = pressing;
    let update_id = turn.update_id;
    let words = words_of(desk, &person, &content);
    let buttons = if let Content::Notice(notice) = &content { notice.buttons() } else { Vec::new() };
    let mut own = Desk::row(Some(update_id), &turn.message, content.clone());
    own.buttons.clone_from(&buttons);
    desk.store
        .commit(move |tx| {
            if !tx.finish(update_id, Ending::Answered)? {
                return Ok(());
            }
            if row.is_answer {
                // The button is spent; the answer and its other buttons stay.
                let rest: Vec<Button> = row.buttons.into_iter().filter(|other| *other != button).collect();
                tx.revise_row(row_id, message_id, None, &rest)?;
                tx.put_rows(&[own]).map(|_| ())
            } else {
                tx.revise_row(row_id, message_id, Some(&content), &buttons)
            }
        })
        .await?;
    desk.outbox.deliver_row(row_id).await?;
    desk.outbox.deliver(update_id).await?;
    Ok(Done::Said(Some(words)))
}

async fn wait(desk: &Desk, person: &Person) -> Result<Option<Effect>, StoreError> {
    let now = desk.clock.now();
    Ok(desk.gateway.join_line(person.id).await?.map(|line| match line {
        Line::Held { until, .. } => {
            Effect::Said(Content::Notice(Notice::VipSeatHeld { hold: until.since(now) }))
        }
        Line::Waiting { position, next_free } => {
            Effect::Said(Content::Notice(Notice::VipInLine { position, next_free }))
        }
        Line::Seated { .. } => Effect::Nothing(desk.texts.get(person.language, Key::VipAlready)),
        Line::TooLong => Effect::Nothing(desk.texts.get(person.language, Key::VipLineTooLong)),
        Line::NoSeats => nothing(desk, person, Standing::Full { next_free: None }),
        Line::CoolingOff { until } => nothing(desk, person, Standing::CoolingOff { until }),
    }))
}

async fn enter(desk: &Desk, person: &Person) -> Result<Option<Effect>, StoreError> {
    let config = desk.config();
    let rules = &config.rules;
    Ok(desk.gateway.enter_vip(person.id).await?.map(|entry| match entry {
        Entry::Seated { taken, until, .. } => Effect::Said(Content::Notice(Notice::VipEntered {
            taken,
            seats: rules.seats.seats,
            rounds: rules.roles[Role::Vip].rounds,
            idle: rules.seats.idle,
            until,
        })),
        Entry::Full { next_free, position: Some(position) } => {
            Effect::Said(Content::Notice(Notice::VipInLine { position, next_free }))
        }
        Entry::Full { .. } if rules.seats.seats == 0 => {
            nothing(desk, person, Standing::Full { next_free: None })
        }
        Entry::Full { next_free, position: None } => Effect::Said(Content::Notice(full(desk, next_free))),
        Entry::CoolingOff { until } => nothing(desk, person, Standing::CoolingOff { until }),
    }))
}

async fn renew(desk: &Desk, person: &Person) -> Result<Option<Effect>, StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    Ok(Some(match desk.gateway.renew(person.id).await? {
        Some(Some(until)) => Effect::Said(Content::Notice(Notice::VipRenewed { until })),
        Some(None) => Effect::Nothing(texts.get(language, Key::VipEndless)),
        None => Effect::Nothing(texts.get(language, Key::VipOver)),
    }))
}

/// Words of a standing in which nothing can be done.
fn nothing(desk: &Desk, person: &Person, standing: Standing) -> Effect {
    Effect::Nothing(words_of(desk, person, &stands(desk, person, standing).0))
}

fn words_of(desk: &Desk, person: &Person, content: &Content) -> String {
    match content {
        Content::Words(words) => words.clone(),
        Content::Text(formatted) => formatted.text.clone(),
        Content::Notice(notice) => desk.texts.notice(person.language, notice, desk.clock.now()),
        Content::File(_) | Content::Withdrawn => String::new(),
    }
}

//! /start, /help, /status: what the bot tells about itself and about the person.

use super::person::Person;
use super::picture;
use super::route::say;
use crate::domain::policy::fairness::caps::UserUsage;
use crate::domain::policy::roles;
use crate::domain::pool::snapshot::Condition;
use crate::domain::role::Role;
use crate::gateway::Status;
use crate::store::{CellKey, StoreError};
use crate::telegram::desk::Desk;
use crate::telegram::texts::{Key, plain_name, word};
use crate::telegram::turn::Turn;

/// Key names shown to the owner.
const KEYS_SHOWN: usize = 10;

/// /start: a greeting with what the person may do.
pub(super) async fn start(desk: &Desk, turn: &Turn, person: &Person, role: Role) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    if role == Role::Owner && turn.message.chat.is_private {
        show_owners_menu(desk, person);
    }
    if role == Role::Guest {
        let words = texts.render(language, Key::StartGuest, [("id", word(person.id.to_string()))]);
        return say(desk, turn, words).await;
    }
    let config = desk.config();
    let rules = &config.rules.roles;
    let name = turn.message.sender.first_name.as_deref().and_then(plain_name);
    let name = name.unwrap_or_else(|| texts.get(language, Key::AFriend));
    let name = ("name", word(name));
    let level = ("role", word(texts.role(language, role)));
    let rounds = ("rounds", roles::rounds(rules, role, true).into());
    let words = match roles::caps(rules, role).per_day {
        None => texts.render(language, Key::StartUnlimited, [name, level, rounds]),
        Some(limit) => {
            let user = person.id;
            let usage: UserUsage = desk.store.read(move |tx| tx.read_cell(&CellKey::User(user))).await?;
            let left = limit.saturating_sub(usage.used(&desk.calendar, desk.clock.now()).day);
            texts.render(language, Key::Start, [name, level, rounds, ("left", left.into())])
        }
    };
    say(desk, turn, words).await
}

/// The bot has its first owner, who learns what they can do.
pub(super) async fn claimed(desk: &Desk, turn: &Turn, person: &Person) -> Result<(), StoreError> {
    show_owners_menu(desk, person);
    let (texts, language) = (&desk.texts, person.language);
    let words = [Key::Claimed, Key::HelpOwner].map(|key| texts.get(language, key));
    say(desk, turn, words.join("\n\n")).await
}

/// Telegram takes a menu of somebody's own only after they wrote to the bot: now.
fn show_owners_menu(desk: &Desk, person: &Person) {
    let (shopfront, owner) = (desk.shopfront(), person.id);
    tokio::spawn(async move { shopfront.register_owner(owner).await });
}

/// /help: with the owner's commands for the owner, in private.
pub(super) async fn help(desk: &Desk, turn: &Turn, person: &Person, role: Role) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    let is_private = turn.message.chat.is_private;
    let mut words = texts.get(language, if is_private { Key::Help } else { Key::HelpGroup });
    if picture::denied(desk, role).is_none() {
        words.push('\n');
        words.push_str(&texts.get(language, Key::HelpImage));
    }
    if role == Role::Owner && is_private {
        words.push_str("\n\n");
        words.push_str(&texts.get(language, Key::HelpOwner));
    }
    say(desk, turn, words).await
}

/// /status: counts for everybody; the names of keys and when they are back for the owner, in private.
pub(super) async fn status(desk: &Desk, turn: &Turn, person: &Person, role: Role) -> Result<(), StoreError> {
    let status = desk.gateway.status().await?;
    let mut words = counts(desk, person, &status);
    if roles::may(role, roles::Act::SeeKeys) && turn.message.chat.is_private {
        for line in keys(desk, person, &status) {
            words.push('\n');
            words.push_str(&line);
        }
    }
    say(desk, turn, words).await
}

fn counts(desk: &Desk, person: &Person, status: &Status) -> String {
    let (texts, language) = (&desk.texts, person.language);
    let all = status.gauges.all_keys();
    let polled = status.gauges.now.since(status.gauges.last_poll.unwrap_or(status.gauges.now));
    let memory = status.memory.unwrap_or(0).div_ceil(1 << 20);
    // What svs adds to an answer; nothing to tell before the first.
    let overhead = status
        .overhead_p50
        .map_or_else(|| "–".to_owned(), |spent| format!("{:.1} ms", spent.as_secs_f64() * 1000.0));
    texts.render(
        language,
        Key::Status,
        [
            ("up", word(texts.span(language, status.gauges.now.since(status.gauges.started_at)))),
            ("memory", memory.into()),
            ("polled", word(texts.span(language, polled))),
            ("total", all.total.into()),
            ("usable", all.usable().into()),
            ("blacklisted", all.blacklisted.into()),
            ("overhead", word(overhead)),
            ("taken", status.gauges.seats_taken.into()),
            ("seats", status.gauges.seats.into()),
            ("queued", status.gauges.queue.into()),
            ("errors", status.errors_last_hour.into()),
        ],
    )
}

fn keys(desk: &Desk, person: &Person, status: &Status) -> Vec<String> {
    let (texts, language) = (&desk.texts, person.language);
    let out = status.gauges.keys.iter().filter(|key| key.condition == Condition::Blacklisted);
    out.take(KEYS_SHOWN)
        .map(|key| {
            let until = key.until().unwrap_or(status.gauges.now);
            let back = word(texts.until(language, until, status.gauges.now));
            texts.render(language, Key::StatusKey, [("key", word(key.id.to_string())), ("in", back)])
        })
        .collect()
}

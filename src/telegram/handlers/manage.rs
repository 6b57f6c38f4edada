//! /grant, /revoke, /ban, /unban, /kick: what the owner decides about somebody. In force with its commit.

use super::person::{Person, language_of};
use super::route::say;
use crate::domain::chat::{UserId, Who};
use crate::domain::policy::roles::RoleGrant;
use crate::gateway::{KickOrder, PersonError, PersonView};
use crate::store::{Seen, StoreError};
use crate::telegram::arguments::{Misread, Target, read_ban, read_grant, read_person, read_seat};
use crate::telegram::command::Command;
use crate::telegram::desk::Desk;
use crate::telegram::texts::{Key, full_name, word};
use crate::telegram::turn::Turn;

/// Why nothing was done.
enum Refused {
    /// The command was not understood.
    Misread(Misread),
    /// Nobody has used this name here.
    Unknown(String),
    /// It is not for this person.
    Person(PersonError),
}

impl From<Misread> for Refused {
    fn from(misread: Misread) -> Refused {
        Refused::Misread(misread)
    }
}

impl From<PersonError> for Refused {
    fn from(error: PersonError) -> Refused {
        Refused::Person(error)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        Refused::Person(PersonError::State(error))
    }
}

/// Does what an owner orders, and says what became of it.
pub(super) async fn manage(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    command: Command,
    arguments: &str,
) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    let done = match command {
        Command::Grant => grant(desk, turn, person, arguments).await,
        Command::Revoke => revoke(desk, turn, person, arguments).await,
        Command::Ban => ban(desk, turn, person, arguments).await,
        Command::Kick => kick(desk, turn, person, arguments).await,
        _ => unban(desk, turn, person, arguments).await,
    };
    let words = match done {
        Ok(words) => words,
        Err(Refused::Person(PersonError::State(error))) => return Err(error),
        Err(Refused::Person(PersonError::IsOwner)) => texts.get(language, Key::PersonIsOwner),
        Err(Refused::Person(PersonError::MakesOwner)) => texts.get(language, Key::GrantMakesOwner),
        Err(Refused::Unknown(name)) => texts.render(language, Key::PersonUnknown, [("name", word(name))]),
        Err(Refused::Misread(misread)) => {
            let (what, usage) = (missing(misread), usage(command));
            format!("{}\n{}", texts.get(language, what), texts.get(language, usage))
        }
    };
    say(desk, turn, words).await
}

const fn missing(misread: Misread) -> Key {
    match misread {
        Misread::Who => Key::MisreadWho,
        Misread::NoPerson => Key::MisreadNoPerson,
        Misread::Role => Key::MisreadRole,
        Misread::Span => Key::MisreadSpan,
        Misread::More => Key::MisreadMore,
    }
}

const fn usage(command: Command) -> Key {
    match command {
        Command::Grant => Key::GrantUsage,
        Command::Revoke => Key::RevokeUsage,
        Command::Ban => Key::BanUsage,
        Command::Kick => Key::KickUsage,
        _ => Key::UnbanUsage,
    }
}

async fn grant(desk: &Desk, turn: &Turn, person: &Person, arguments: &str) -> Result<String, Refused> {
    let (texts, language) = (&desk.texts, person.language);
    let (target, role, lasts) = read_grant(arguments, turn.message.replied.as_ref())?;
    let user = find(desk, &target).await?;
    meet(desk, &target).await?;
    let now = desk.clock.now();
    let until = lasts.map(|lasts| now + lasts);
    let change = desk.gateway.people().set_role(user, Some(RoleGrant { role, until })).await?;
    let names = [
        ("before", word(texts.role(language, change.before))),
        ("after", word(texts.role(language, change.after))),
    ];
    let mut lines = vec![who(desk, user).await?, texts.render(language, Key::GrantDone, names)];
    if let Some(until) = until {
        let ends = ("in", word(texts.until(language, until, now)));
        lines.push(texts.render(language, Key::GrantUntil, [ends]));
    }
    if view(desk, user).await?.is_some_and(|view| view.banned) {
        lines.push(texts.get(language, Key::StillBanned));
    }
    Ok(lines.join("\n"))
}

async fn revoke(desk: &Desk, turn: &Turn, person: &Person, arguments: &str) -> Result<String, Refused> {
    let (texts, language) = (&desk.texts, person.language);
    let target = read_person(arguments, turn.message.replied.as_ref())?;
    let user = find(desk, &target).await?;
    let had_grant = view(desk, user).await?.is_some_and(|view| view.granted.is_some());
    let change = desk.gateway.people().set_role(user, None).await?;
    let after = ("role", word(texts.role(language, change.after)));
    let words = match (had_grant, change.is_served) {
        (false, _) => texts.get(language, Key::RevokeNothing),
        (true, true) => texts.render(language, Key::RevokeDone, [after]),
        (true, false) => texts.get(language, Key::RevokeShutOut),
    };
    Ok(format!("{}\n{words}", who(desk, user).await?))
}

async fn ban(desk: &Desk, turn: &Turn, person: &Person, arguments: &str) -> Result<String, Refused> {
    let (target, note) = read_ban(arguments, turn.message.replied.as_ref())?;
    let user = find(desk, &target).await?;
    meet(desk, &target).await?;
    let changed = desk.gateway.people().ban(user, note).await?;
    let key = if changed { Key::BanDone } else { Key::BanAlready };
    Ok(format!("{}\n{}", who(desk, user).await?, desk.texts.get(person.language, key)))
}

async fn unban(desk: &Desk, turn: &Turn, person: &Person, arguments: &str) -> Result<String, Refused> {
    let target = read_person(arguments, turn.message.replied.as_ref())?;
    let user = find(desk, &target).await?;
    let is_banned = view(desk, user).await?.is_some_and(|view| view.banned);
    let changed = is_banned && desk.gateway.people().unban(user).await?;
    let key = if changed { Key::UnbanDone } else { Key::UnbanNothing };
    Ok(format!("{}\n{}", who(desk, user).await?, desk.texts.get(person.language, key)))
}

/// Ends the VIP session of somebody, or of whoever sits on a seat; a hold or a place in the line as well.
async fn kick(desk: &Desk, turn: &Turn, person: &Person, arguments: &str) -> Result<String, Refused> {
    let (texts, language) = (&desk.texts, person.language);
    let (user, reason) = if let Some((seat, reason)) = read_seat(arguments)? {
        (desk.gateway.vip_room().await?.user_at(seat), reason)
    } else {
        let (target, reason) = read_ban(arguments, turn.message.replied.as_ref())?;
        (Some(find(desk, &target).await?), reason)
    };
    let Some(user) = user else { return Ok(texts.get(language, Key::KickNobody)) };
    let ended =
        desk.gateway.kick(KickOrder { users: Some(vec![user]), reason, ..KickOrder::default() }).await?;
    let back = desk.clock.now() + desk.config().rules.seats.cool_off;
    let back = ("in", word(texts.until(language, back, desk.clock.now())));
    let words = match (ended.is_empty(), ended.sessions.is_empty()) {
        (true, _) => texts.get(language, Key::KickNobody),
        (false, false) => texts.render(language, Key::KickDone, [back]),
        (false, true) => texts.render(language, Key::KickDoneWaiting, [back]),
    };
    Ok(format!("{}\n{words}", who(desk, user).await?))
}

/// Whom a command means.
async fn find(desk: &Desk, target: &Target) -> Result<UserId, Refused> {
    let user = match target {
        Target::Replied(sender) => sender.id,
        Target::Named(who) => match (who, desk.gateway.people().find(who).await?) {
            (_, Some(user)) => user,
            (Who::Name(name), None) => return Err(Refused::Unknown(name.clone())),
            (Who::Id(id), None) => *id,
        },
    };
    if user.0 == desk.me.id { Err(Misread::NoPerson.into()) } else { Ok(user) }
}

/// Writes down the names of somebody who wrote in a group, but perhaps never to us.
async fn meet(desk: &Desk, target: &Target) -> Result<(), StoreError> {
    let Target::Replied(sender) = target else { return Ok(()) };
    let seen = Seen {
        id: sender.id,
        username: sender.username.clone(),
        first_name: sender.first_name.clone(),
        language: language_of(sender),
        started: false,
    };
    desk.store.commit(move |tx| tx.touch_user(&seen).map(|_| ())).await
}

async fn view(desk: &Desk, user: UserId) -> Result<Option<PersonView>, StoreError> {
    desk.gateway.people().person(user).await
}

/// `123456 · Li @li`
async fn who(desk: &Desk, user: UserId) -> Result<String, StoreError> {
    let view = view(desk, user).await?;
    let name = view.and_then(|view| full_name(view.first_name.as_deref(), view.username.as_deref()));
    Ok(name.map_or_else(|| user.to_string(), |name| format!("{user} · {name}")))
}

//! What can stand where: told by the names of values in the grammar. Users, seats, keys and refs are the daemon's.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::StyledStr;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use serde::de::DeserializeOwned;

use crate::admin::Client;
use crate::admin::api::{KeyList, PersonList, RecentRequest, RecentRequests, VipList, path};
use crate::commands::block_on;
use crate::config::{self, LoadOptions};
use crate::domain::chat::{Language, UserId};
use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::role::Role;
use crate::error::CommandError;
use crate::ui::text::one_line;

/// Somebody waits with a finger on the key: a daemon that does not answer by then is none.
const PATIENCE: Duration = Duration::from_millis(250);
/// More users than this nobody looks through; those seen last are offered.
const MOST_USERS: usize = 100;

/// The words that are being completed: what a script puts behind `--`.
pub(super) fn words(arguments: &[OsString]) -> Vec<OsString> {
    arguments.iter().skip_while(|word| *word != "--").skip(1).cloned().collect()
}

/// The grammar with what can stand where.
pub(super) fn offer(mut grammar: clap::Command, words: &[OsString]) -> clap::Command {
    // The options that clap adds are among the others then.
    grammar.build();
    let index = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    let current = words.get(index.unwrap_or(words.len().saturating_sub(1)));
    // Options stand in the way of whoever looks for a value.
    let wants_option = current.is_some_and(|word| word.to_string_lossy().starts_with('-'));
    with_values(grammar, &sockets(words), wants_option)
}

/// Where the daemon may be, from the same options and variables as the command itself would take.
fn sockets(words: &[OsString]) -> Arc<[PathBuf]> {
    let named = |flags: &[&str]| {
        let apart =
            words.iter().zip(words.iter().skip(1)).find(|(flag, _)| flags.iter().any(|name| flag == name));
        let joined =
            || words.iter().find_map(|word| word.to_str()?.strip_prefix(flags[0])?.strip_prefix('='));
        apart.map(|(_, path)| PathBuf::from(path)).or_else(|| joined().map(PathBuf::from))
    };
    if let Some(path) = named(&["--socket"]) {
        return [path].into();
    }
    let options = LoadOptions { config: named(&["--config", "-c"]), ..LoadOptions::of_process() };
    config::control_sockets(&options).0.into()
}

fn with_values(command: clap::Command, sockets: &Arc<[PathBuf]>, wants_option: bool) -> clap::Command {
    let command_name = command.get_name().to_owned();
    let command = command.mut_args(|argument| {
        let is_option = !argument.is_positional();
        let argument = if is_option && !wants_option { argument.hide(true) } else { argument };
        let Some([value]) = argument.get_value_names() else { return argument };
        let sockets = Arc::clone(sockets);
        match value.as_str() {
            "ROLE" => {
                let none = (command_name == "role").then_some("none");
                argument.add(ArgValueCandidates::new(move || {
                    Role::ALL.map(Role::name).into_iter().chain(none).map(CompletionCandidate::new).collect()
                }))
            }
            "MODEL" => argument.add(ArgValueCandidates::new(|| {
                ModelSlot::ALL.map(|model| CompletionCandidate::new(model.name())).into()
            })),
            "GROUPS" => argument.add(ArgValueCandidates::new(|| {
                Group::ALL.map(|group| CompletionCandidate::new(group.to_string())).into()
            })),
            "LANG" => argument.add(ArgValueCandidates::new(|| {
                Language::ALL.map(|language| CompletionCandidate::new(language.code())).into()
            })),
            "KEY" | "KEYS" => argument.add(ArgValueCandidates::new(move || keys(&sockets))),
            "REF" => argument.add(ArgValueCandidates::new(move || refs(&sockets))),
            "WHO" if command_name == "kick" || command_name == "extend" => {
                argument.add(ArgValueCompleter::new(move |word: &OsStr| seated(&sockets, word)))
            }
            "WHO" => argument.add(ArgValueCompleter::new(move |word: &OsStr| users(&sockets, word))),
            _ => argument,
        }
    });
    command.mut_subcommands(|below| with_values(below, sockets, wants_option))
}

/// What the daemon says, or nothing: a shell is no place for its absence.
fn ask<T: DeserializeOwned>(sockets: &[PathBuf], path: &str) -> Option<T> {
    let asked = block_on(async {
        let asking = async { Client::connect(sockets).await?.get(path).await };
        Ok::<_, CommandError>(tokio::time::timeout(PATIENCE, asking).await.ok().and_then(Result::ok))
    });
    asked.ok().flatten()
}

fn candidate(value: String, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(StyledStr::from(one_line(help).into_owned())))
}

fn keys(sockets: &[PathBuf]) -> Vec<CompletionCandidate> {
    let list = ask::<KeyList>(sockets, path::KEYS).map(|list| list.keys).unwrap_or_default();
    list.iter().map(|key| candidate(key.key.to_string(), key.state.name())).collect()
}

fn refs(sockets: &[PathBuf]) -> Vec<CompletionCandidate> {
    let recent = ask::<RecentRequests>(sockets, path::REQUESTS).map(|recent| recent.requests);
    let of = |request: &RecentRequest| {
        let outcome = request.outcome.as_deref().unwrap_or("running");
        candidate(request.reference.to_string(), &format!("{}, {outcome}", request.role))
    };
    recent.unwrap_or_default().iter().map(of).collect()
}

/// By id or, where an @ was typed, by name.
fn person(id: UserId, name: Option<&str>, what: &str, word: &OsStr) -> Option<CompletionCandidate> {
    let word = word.to_string_lossy();
    let found = if word.starts_with('@') {
        // A name of foreign origin: only what could be typed again.
        let name =
            name.filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))?;
        candidate(format!("@{name}"), &format!("{id} {what}"))
    } else {
        let name = name.map(|name| format!("@{name} ")).unwrap_or_default();
        candidate(id.to_string(), &format!("{name}{what}"))
    };
    found.get_value().to_string_lossy().starts_with(&*word).then_some(found)
}

fn users(sockets: &[PathBuf], word: &OsStr) -> Vec<CompletionCandidate> {
    let mut users = ask::<PersonList>(sockets, path::USERS).map(|list| list.users).unwrap_or_default();
    users.sort_by_key(|user| std::cmp::Reverse(user.last_seen));
    let found = users.iter().filter_map(|user| person(user.id, user.name.as_deref(), user.role.name(), word));
    found.take(MOST_USERS).collect()
}

/// Who has a seat, and the seats.
fn seated(sockets: &[PathBuf], word: &OsStr) -> Vec<CompletionCandidate> {
    let Some(room) = ask::<VipList>(sockets, path::VIP) else { return Vec::new() };
    let taken = |seat: u32, user: UserId, name: &Option<String>| {
        let name = name.as_ref().map(|name| format!(" @{name}")).unwrap_or_default();
        candidate(format!("seat:{seat}"), &format!("{user}{name}"))
    };
    let sitting = room.sessions.iter().filter_map(|session| {
        person(session.user, session.name.as_deref(), &format!("in seat {}", session.seat), word)
    });
    let held = room.holds.iter().filter_map(|hold| {
        person(hold.user, hold.name.as_deref(), &format!("seat {} is held", hold.seat), word)
    });
    let waiting = room.line.iter().filter_map(|waiting| {
        person(waiting.user, waiting.name.as_deref(), &format!("{} in line", waiting.position), word)
    });
    let seats = room.sessions.iter().map(|session| taken(session.seat, session.user, &session.name));
    let seats = seats.chain(room.holds.iter().map(|hold| taken(hold.seat, hold.user, &hold.name)));
    let word = word.to_string_lossy();
    let seats = seats.filter(|seat| seat.get_value().to_string_lossy().starts_with(&*word));
    sitting.chain(held).chain(waiting).chain(seats).collect()
}

//! /users: who is here, for the owner: who wrote last comes first.

use super::person::Person;
use super::route::say;
use crate::domain::chat::Language;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::gateway::{PeopleFilter, PersonView};
use crate::store::StoreError;
use crate::telegram::arguments::read_role;
use crate::telegram::desk::Desk;
use crate::telegram::texts::{Key, Texts, full_name, word};
use crate::telegram::turn::Turn;

/// People on one page: a message that is read without scrolling far.
const PAGE: usize = 20;

/// What of the list is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Wanted {
    filter: PeopleFilter,
    /// From 1.
    page: usize,
}

/// `[role|banned] [page]`
fn read_wanted(arguments: &str) -> Option<Wanted> {
    let mut wanted = Wanted { filter: PeopleFilter::default(), page: 1 };
    let mut words = arguments.split_whitespace().peekable();
    if let Some(word) = words.peek().filter(|word| word.parse::<usize>().is_err()) {
        match word.to_lowercase().as_str() {
            "banned" | "封禁" => wanted.filter.banned = true,
            word => wanted.filter.role = Some(read_role(word)?),
        }
        words.next();
    }
    if let Some(word) = words.next() {
        wanted.page = word.parse().ok().filter(|page| *page > 0)?;
    }
    words.next().is_none().then_some(wanted)
}

/// One page of the people.
pub(super) async fn users(
    desk: &Desk,
    turn: &Turn,
    person: &Person,
    arguments: &str,
) -> Result<(), StoreError> {
    let (texts, language) = (&desk.texts, person.language);
    if !turn.message.chat.is_private {
        return say(desk, turn, texts.get(language, Key::OnlyInPrivate)).await;
    }
    let Some(wanted) = read_wanted(arguments) else {
        return say(desk, turn, texts.get(language, Key::UsersUsage)).await;
    };
    let mut people = desk.gateway.people().list(&wanted.filter).await?;
    people.sort_by_key(|view| (std::cmp::Reverse(view.last_seen), view.id));
    say(desk, turn, page_of(texts, language, &people, &wanted, desk.clock.now())).await
}

fn page_of(
    texts: &Texts,
    language: Language,
    people: &[PersonView],
    wanted: &Wanted,
    now: Timestamp,
) -> String {
    if people.is_empty() {
        return texts.get(language, Key::UsersNone);
    }
    let pages = people.len().div_ceil(PAGE);
    let page = wanted.page.min(pages);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let of_role = |role: Role| {
        let count = people.iter().filter(|view| view.role == role).count();
        (count > 0).then(|| format!("{} {count}", texts.role(language, role)))
    };
    let roles: Vec<String> = Role::ALL.into_iter().rev().filter_map(of_role).collect();
    let head = [("count", number(people.len()).into()), ("roles", word(roles.join(" · ")))];
    let mut lines = vec![texts.render(language, Key::UsersHead, head)];
    let shown = people.iter().skip((page - 1) * PAGE).take(PAGE);
    lines.extend(shown.map(|view| line_of(texts, language, view, now)));
    if pages > 1 {
        let next = if page < pages { page + 1 } else { 1 };
        let which = match wanted.filter.role {
            Some(role) => format!("{role} {next}"),
            None if wanted.filter.banned => format!("banned {next}"),
            None => next.to_string(),
        };
        let turned = [
            ("page", number(page).into()),
            ("pages", number(pages).into()),
            ("next", word(format!("/users {which}"))),
        ];
        lines.push(texts.render(language, Key::UsersPage, turned));
    }
    lines.join("\n")
}

/// `42 · VIP, ends in 3 d · 5 min ago · Li @li`: the name comes last, where it can push nothing about.
fn line_of(texts: &Texts, language: Language, view: &PersonView, now: Timestamp) -> String {
    let mut role = texts.role(language, view.role);
    if let Some(until) = view.granted_until.filter(|_| !view.is_owner) {
        let ends = ("in", word(texts.until(language, until, now)));
        role = texts.render(language, Key::UsersUntil, [("role", word(role)), ends]);
    }
    if view.banned {
        role = texts.render(language, Key::UsersBanned, [("role", word(role))]);
    }
    let name = full_name(view.first_name.as_deref(), view.username.as_deref());
    // Everybody in Telegram has a first name: without one somebody was only named, and never wrote.
    let seen = if view.first_name.is_some() {
        let span = ("span", word(texts.span(language, now.since(view.last_seen))));
        texts.render(language, Key::UsersSeen, [span])
    } else {
        texts.get(language, Key::UsersUnseen)
    };
    let parts = [Some(view.id.to_string()), Some(role), Some(seen), name];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_by_role_and_page() {
        let wanted = |role, banned, page| {
            Some(Wanted { filter: PeopleFilter { role, banned, ..PeopleFilter::default() }, page })
        };
        let cases = [
            ("", wanted(None, false, 1)),
            ("vip", wanted(Some(Role::Vip), false, 1)),
            ("VIP 2", wanted(Some(Role::Vip), false, 2)),
            ("高级", wanted(Some(Role::Premium), false, 1)),
            ("3", wanted(None, false, 3)),
            ("banned", wanted(None, true, 1)),
            ("0", None),
            ("king", None),
            ("vip vip", None),
            ("2 vip", None),
            ("99999999999999999999999", None),
        ];
        for (arguments, expected) in cases {
            assert_eq!(read_wanted(arguments), expected, "{arguments}");
        }
    }
}

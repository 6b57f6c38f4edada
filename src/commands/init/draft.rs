//! A configuration in the making, and how it reads as svs.toml.

use std::collections::BTreeMap;

use crate::config::Secret;
use crate::domain::key::{Group, KeyId};
use crate::domain::language::Language;

/// What was learned so far.
#[derive(Default)]
pub(super) struct Draft {
    /// None where another source will have it.
    pub(super) token: Option<Secret>,
    pub(super) owner_id: Option<i64>,
    /// For Telegram and Google; as it was typed.
    pub(super) proxy: Option<Secret>,
    /// The bot's own, where a user's is not known; none: as svs has it by default.
    pub(super) language: Option<Language>,
    /// In the order of their places.
    pub(super) keys: Vec<Placed>,
}

/// A key that was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Listed {
    pub(super) secret: Secret,
    pub(super) seat: Option<Seat>,
    pub(super) project: Option<String>,
}

/// Where a key goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Seat {
    Group(Group),
    RouterA,
    RouterB,
}

impl Seat {
    /// `A` to `D`, `RA`, `RB`; small letters are taken as well.
    pub(super) fn parse(text: &str) -> Option<Seat> {
        let upper = text.to_ascii_uppercase();
        let group = Group::ALL.into_iter().find(|group| group.to_string() == upper).map(Seat::Group);
        group.or(match upper.as_str() {
            "RA" => Some(Seat::RouterA),
            "RB" => Some(Seat::RouterB),
            _ => None,
        })
    }

    pub(super) fn name(self) -> String {
        match self {
            Seat::Group(group) => group.to_string(),
            Seat::RouterA => "RA".to_owned(),
            Seat::RouterB => "RB".to_owned(),
        }
    }
}

/// A key at its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Placed {
    pub(super) id: KeyId,
    pub(super) secret: Secret,
    pub(super) project: Option<String>,
}

/// So many keys and more leave two for the router, the reserve of all roles.
const ENOUGH_FOR_A_RESERVE: usize = 10;

/// How `count` keys are shared out: the highest group first where it does not come out even.
pub(super) fn share_out(count: usize) -> Vec<Seat> {
    let reserve = if count >= ENOUGH_FOR_A_RESERVE { 2 } else { 0 };
    let members = count - reserve;
    let groups = Group::ALL.into_iter().enumerate().flat_map(|(n, group)| {
        let share = members / 4 + usize::from(n < members % 4);
        std::iter::repeat_n(Seat::Group(group), share)
    });
    groups.chain([Seat::RouterA, Seat::RouterB].into_iter().take(reserve)).collect()
}

impl Draft {
    /// Gives each key its place; those without a seat are shared out. A key that is listed twice counts once.
    pub(super) fn place(&mut self, listed: Vec<Listed>) {
        let mut once: Vec<Listed> = Vec::new();
        for key in listed {
            if !once.iter().any(|other| other.secret == key.secret) {
                once.push(key);
            }
        }
        let mut shared = share_out(once.iter().filter(|key| key.seat.is_none()).count()).into_iter();
        let mut seated: Vec<(Seat, Listed)> =
            once.into_iter().filter_map(|key| Some((key.seat.or_else(|| shared.next())?, key))).collect();
        seated.sort_by_key(|(seat, _)| *seat);
        let mut counts: BTreeMap<Seat, u16> = BTreeMap::new();
        self.keys = seated
            .into_iter()
            .map(|(seat, key)| {
                let n = counts.entry(seat).and_modify(|n| *n += 1).or_insert(1);
                let id = match seat {
                    Seat::Group(group) => KeyId::Member(group, *n),
                    Seat::RouterA => KeyId::RouterA,
                    Seat::RouterB => KeyId::RouterB,
                };
                Placed { id, secret: key.secret, project: key.project }
            })
            .collect();
    }

    /// `A 6`, `B 5`, `router 2`.
    pub(super) fn groups(&self) -> Vec<String> {
        let of = |group: Option<Group>| self.keys.iter().filter(|key| key.id.group() == group).count();
        let groups = Group::ALL.into_iter().map(|group| (group.to_string(), of(Some(group))));
        let all = groups.chain([("router".to_owned(), of(None))]);
        all.filter(|(_, keys)| *keys > 0).map(|(name, keys)| format!("{name} {keys}")).collect()
    }

    /// The file.
    pub(super) fn to_toml(&self) -> String {
        let mut lines = vec![
            "# Written by svs init. Every setting with its default: svs config show".to_owned(),
            "\n[telegram]".to_owned(),
        ];
        lines.extend(self.token.as_ref().map(|token| format!("token = {}", quoted(token.expose()))));
        lines.push(self.owner_id.map_or_else(
            || "# Without an id here svs run prints a link: who opens it first is the owner.\n# owner_ids = []".to_owned(),
            |id| format!("owner_ids = [{id}]"),
        ));
        lines.extend(self.language.map(|language| format!("language = \"{}\"", language.code())));
        if let Some(proxy) = &self.proxy {
            let proxy = format!("proxy = {}", quoted(proxy.expose()));
            lines.extend([proxy.clone(), "\n[gemini]".to_owned(), proxy]);
        }
        lines.push(
            "\n# Group A serves owner and vip, B premium, C normal, D guest; without keys a neighbor serves.\n[keys]"
                .to_owned(),
        );
        for group in Group::ALL {
            let members = self.keys.iter().filter(|key| key.id.group() == Some(group));
            let keys: Vec<String> =
                members.map(|key| format!("  {},\n", quoted(key.secret.expose()))).collect();
            if !keys.is_empty() {
                lines.push(format!("{group} = [\n{}]", keys.concat()));
            }
        }
        for (name, id) in [("router_a", KeyId::RouterA), ("router_b", KeyId::RouterB)] {
            let key = self.keys.iter().find(|key| key.id == id);
            lines.extend(key.map(|key| format!("{name} = {}", quoted(key.secret.expose()))));
        }
        let mut projects: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for key in &self.keys {
            if let Some(project) = &key.project {
                projects.entry(project).or_default().push(quoted(&key.id.to_string()));
            }
        }
        if !projects.is_empty() {
            lines.push("\n# Keys of one Google project share its quota.\n[projects]".to_owned());
        }
        lines.extend(
            projects
                .into_iter()
                .map(|(project, keys)| format!("{} = [{}]", quoted(project), keys.join(", "))),
        );
        lines.join("\n") + "\n"
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(n: usize, seat: Option<&str>, project: Option<&str>) -> Listed {
        let secret = Secret::new(format!("AIzaSyNotAKeyOfAnybody{n:017}"));
        Listed { secret, seat: seat.and_then(Seat::parse), project: project.map(str::to_owned) }
    }

    #[test]
    fn keys_are_shared_out_highest_group_first_and_leave_a_reserve() {
        let cases = [
            (1, "A 1"),
            (3, "A 1, B 1, C 1"),
            (9, "A 3, B 2, C 2, D 2"),
            (10, "A 2, B 2, C 2, D 2, router 2"),
            (25, "A 6, B 6, C 6, D 5, router 2"),
        ];
        for (count, expected) in cases {
            let mut draft = Draft::default();
            draft.place((0..count).map(|n| listed(n, None, None)).collect());
            assert_eq!(draft.groups().join(", "), expected);
        }
    }

    #[test]
    fn what_was_said_of_a_key_is_kept_and_a_repetition_dropped() {
        let mut draft = Draft::default();
        let main = Some("main");
        draft.place(vec![
            listed(1, Some("d"), main),
            listed(2, None, None),
            listed(1, None, None),
            listed(3, Some("RA"), main),
        ]);
        let places: Vec<String> = draft.keys.iter().map(|key| key.id.to_string()).collect();
        assert_eq!(places, ["A1", "D1", "RA"]);
        let text = draft.to_toml();
        assert!(text.ends_with("[projects]\n\"main\" = [\"D1\", \"RA\"]\n"), "{text}");
    }
}

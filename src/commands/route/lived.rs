//! What came of a simulated day, as a table, JSON or rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::day::{By, Life, SLOTS};
use crate::domain::key::KeyId;
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::role::{PerRole, Role};
use crate::domain::simulate::{Ending, Report as Outcome};
use crate::domain::time::Timestamp;
use crate::ui::text::{relative, rfc3339, span};
use crate::ui::{Body, Paint, Report, Style, Table};

/// What came of it.
pub(super) struct LivedDay {
    pub(super) state: String,
    pub(super) seed: u64,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) per_hour: f64,
    pub(super) people: PerRole<u32>,
    pub(super) outcome: Outcome,
    pub(super) lives: PerRole<Life>,
    pub(super) by: By,
    pub(super) on_terminal: bool,
}

impl LivedDay {
    /// The roles that came, highest first.
    fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        Role::ALL.into_iter().rev().filter(|role| self.outcome.roles[*role].came > 0)
    }

    /// Counts of a role: served, lowered, beyond a cap, refused for want of quota, failed.
    fn counts(&self, role: Role) -> [u64; 5] {
        let tally = &self.outcome.roles[role];
        let sum = |endings: &[Ending]| endings.iter().map(|ending| tally.ended(*ending)).sum();
        [
            sum(&[Ending::Answered, Ending::Blocked]),
            tally.lowered,
            sum(&[Ending::Capped, Ending::TooManyQueued]),
            sum(&[Ending::Spent, Ending::QueueFull, Ending::WaitedOut, Ending::Outage]),
            sum(&[Ending::Failed]),
        ]
    }

    fn keys(&self) -> impl Iterator<Item = (KeyId, u64, PerModel<u64>)> + '_ {
        let answers: &BTreeMap<KeyId, u64> = &self.outcome.answered_by;
        self.outcome.keys.iter().map(|(key, sends)| (*key, answers.get(key).copied().unwrap_or(0), *sends))
    }

    fn roles_table(&self, instant: impl Fn(Option<Timestamp>) -> String) -> Table {
        let mut table = Table::new(
            "roles",
            &[
                "ROLE",
                "PEOPLE",
                "CAME",
                "SERVED",
                "LOWERED",
                "CAPPED",
                "REFUSED",
                "FAILED",
                "FIRST_REFUSED",
                "DRY_SINCE",
            ],
        );
        for role in self.roles() {
            let [served, lowered, capped, refused, failed] = self.counts(role);
            let life = &self.lives[role];
            let plain = |n: u64| (Paint::Plain, n.to_string());
            let warn = |n: u64| (if n > 0 { Paint::Warning } else { Paint::Plain }, n.to_string());
            table.row([
                (Paint::Strong, role.to_string()),
                plain(self.people[role].into()),
                plain(self.outcome.roles[role].came),
                plain(served),
                plain(lowered),
                plain(capped),
                warn(refused),
                warn(failed),
                (Paint::Plain, instant(life.first_refused)),
                (
                    if life.dry_since().is_some() { Paint::Bad } else { Paint::Plain },
                    instant(life.dry_since()),
                ),
            ]);
        }
        table
    }

    fn keys_table(&self) -> Table {
        let mut table =
            Table::new("keys", &["KEY", "ANSWERS", "SENDS", "FLASH-LITE", "FLASH", "PRO", "IMAGE"]);
        for (key, answers, sends) in self.keys() {
            let plain = |n: u64| (Paint::Plain, n.to_string());
            let [lite, flash, pro, image] = ModelSlot::ALL.map(|model| plain(sends[model]));
            let all = plain(sends.0.iter().sum());
            table.row([(Paint::Strong, key.to_string()), plain(answers), all, lite, flash, pro, image]);
        }
        table
    }

    fn slots(&self) -> impl Iterator<Item = (Timestamp, Role, u64, u64)> + '_ {
        let length = self.until.since(self.from) / SLOTS as u32;
        let of_role = move |role: Role| {
            let slots = self.lives[role].slots.into_iter();
            (0..).zip(slots).map(move |(n, (came, served))| (self.from + length * n, role, came, served))
        };
        self.roles().flat_map(of_role)
    }

    fn slots_table(&self) -> Table {
        let mut table = Table::new("slots", &["FROM", "ROLE", "CAME", "SERVED"]);
        for (from, role, came, served) in self.slots() {
            let fields =
                [rfc3339(from).unwrap_or_default(), role.to_string(), came.to_string(), served.to_string()];
            table.plain_row(fields);
        }
        table
    }

    fn summary(&self, style: Style) -> String {
        let sums = self.roles().map(|role| self.counts(role));
        let sums = sums.fold([0; 5], |sum: [u64; 5], counts| std::array::from_fn(|n| sum[n] + counts[n]));
        let [served, lowered, capped, refused, failed] = sums;
        let time = span(self.until.since(self.from));
        let head = format!(
            "{} requests in {time} from {} (state {}, seed {}): ",
            self.outcome.came(),
            rfc3339(self.from).unwrap_or_default(),
            self.state,
            self.seed
        );
        let mut parts = vec![style.paint(Paint::Strong, &format!("{served} served"))];
        let others = [
            (lowered, "of them by a lower model"),
            (capped, "beyond a cap"),
            (refused, "refused"),
            (failed, "failed"),
        ];
        parts.extend(others.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
        head + &parts.join(", ") + "\n"
    }
}

impl Report for LivedDay {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let mut text = self.summary(style);
        let from = self.from;
        let instant = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| relative(at, from));
        text += &self.roles_table(instant).aligned(style, None);
        if self.on_terminal {
            let part = span(self.until.since(from) / SLOTS as u32);
            let _ =
                writeln!(text, "{}", style.paint(Paint::Faint, &format!("── share served, each bar {part}")));
            for role in self.roles() {
                let _ = writeln!(text, "{role:<8} {}", self.lives[role].spark());
            }
        }
        text += &self.keys_table().aligned(style, None);
        Body::Text(text)
    }

    fn csv(&self) -> Option<Table> {
        let instant = |at: Option<Timestamp>| at.and_then(rfc3339).unwrap_or_default();
        Some(match self.by {
            By::Role => self.roles_table(instant),
            By::Key => self.keys_table(),
            By::Time => self.slots_table(),
        })
    }

    fn json(&self) -> Value {
        let instant = |at: Option<Timestamp>| at.and_then(rfc3339);
        let role = |role: Role| {
            let [served, lowered, capped, refused, failed] = self.counts(role);
            let (tally, life) = (&self.outcome.roles[role], &self.lives[role]);
            json!({
                "role": role.name(), "people": self.people[role], "came": tally.came, "served": served,
                "lowered": lowered, "capped": capped, "refused": refused, "failed": failed,
                "people_without_any": tally.without_any,
                "first_refused": instant(life.first_refused), "dry_since": instant(life.dry_since()),
            })
        };
        let key = |(key, answers, sends): (KeyId, u64, PerModel<u64>)| {
            json!({
                "key": key, "answers": answers, "sends": sends.0.iter().sum::<u64>(),
                "by_model": ModelSlot::ALL.map(|model| (model.name(), sends[model])).into_iter()
                    .filter(|(_, sends)| *sends > 0).collect::<BTreeMap<_, _>>(),
            })
        };
        let slot = |(from, role, came, served): (Timestamp, Role, u64, u64)| json!({"from": rfc3339(from), "role": role.name(), "came": came, "served": served});
        let outcome = &self.outcome;
        json!({
            "state": self.state, "seed": self.seed, "from": rfc3339(self.from), "until": rfc3339(self.until),
            "per_hour": self.per_hour, "requests": outcome.came(), "served": outcome.served(),
            "best_possible": outcome.best, "share_of_best": outcome.share_of_best(),
            "retries": outcome.retries, "blacklisted": outcome.bans, "longest_wait_ms": outcome.longest_wait,
            "outcomes": outcome.outcomes,
            "roles": self.roles().map(role).collect::<Vec<_>>(),
            "keys": self.keys().map(key).collect::<Vec<_>>(),
            "slots": self.slots().map(slot).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        format!("{} of {}\n", self.outcome.served(), self.outcome.came())
    }

    fn notes(&self) -> Vec<String> {
        let share = 100.0 * self.outcome.share_of_best();
        vec![format!(
            "{share:.1} % of the {} that could have been served by one who knew all beforehand",
            self.outcome.best
        )]
    }
}

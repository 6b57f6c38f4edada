//! What a check of keys says, and with which exit code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::admin::api::{CheckedKey, KeyState};
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::time::Timestamp;
use crate::ui::text::{count, lines, relative, rfc3339};
use crate::ui::{Body, Exit, Paint, Report, Style, Table};

/// What makes the command fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum FailOn {
    /// Anything that is not well: 1, or 2 if a group cannot serve
    Any,
    /// A group that cannot serve: 2
    Group,
    /// No key at all can serve: 2
    All,
}

/// A check of keys.
pub(super) struct Checked {
    pub(super) keys: Vec<CheckedKey>,
    /// What is otherwise than the last time.
    pub(super) changes: Vec<String>,
    fail_on: FailOn,
    /// Only keys that were named one by one.
    pub(super) is_picked: bool,
}

/// Keys that spend one project's quota and are configured apart.
pub(super) struct SharedProject {
    /// Google's number of the project.
    pub(super) consumer: String,
    /// The name it has in svs.toml, or could have.
    name: String,
    keys: Vec<KeyId>,
}

impl SharedProject {
    pub(super) fn places(&self) -> Vec<String> {
        self.keys.iter().map(ToString::to_string).collect()
    }

    /// The line to write below `[projects]`.
    fn line(&self) -> String {
        let places: Vec<String> = self.keys.iter().map(|key| format!("\"{key}\"")).collect();
        format!("{} = [{}]", self.name, places.join(", "))
    }
}

/// How the keys of one group are.
#[derive(Clone, Copy, Default)]
struct Tally {
    total: usize,
    /// Good, or good but asked too much of late.
    serving: usize,
    /// Nobody knows.
    unknown: usize,
}

impl Tally {
    /// Definitely nobody serves.
    const fn is_dead(self) -> bool {
        self.serving == 0 && self.unknown == 0
    }

    /// Perhaps nobody serves.
    const fn is_unknown(self) -> bool {
        self.serving == 0 && self.unknown > 0
    }
}

const fn serves(state: KeyState) -> bool {
    matches!(state, KeyState::Ok | KeyState::Limited)
}

impl Checked {
    pub(super) fn new(keys: Vec<CheckedKey>, fail_on: FailOn) -> Checked {
        Checked { keys, changes: Vec::new(), fail_on, is_picked: false }
    }

    fn tally(&self) -> BTreeMap<Option<Group>, Tally> {
        let mut tallies: BTreeMap<Option<Group>, Tally> = BTreeMap::new();
        for checked in &self.keys {
            let tally = tallies.entry(checked.key.group()).or_default();
            tally.total += 1;
            tally.serving += usize::from(serves(checked.state));
            tally.unknown += usize::from(matches!(checked.state, KeyState::Unreachable | KeyState::Region));
        }
        tallies
    }

    /// The groups whose keys serve nobody; the router keys are a reserve, not a group.
    /// Of keys that were named one by one nothing follows for the rest of their group.
    fn groups(&self, is: impl Fn(Tally) -> bool) -> Vec<String> {
        if self.is_picked {
            return Vec::new();
        }
        let tally = self.tally();
        tally
            .into_iter()
            .filter(|(_, tally)| is(*tally))
            .filter_map(|(group, _)| Some(group?.to_string()))
            .collect()
    }

    fn good(&self) -> usize {
        self.keys.iter().filter(|checked| checked.state == KeyState::Ok).count()
    }

    /// Every key serves, with the models and the budget it is configured for.
    fn is_well(&self) -> bool {
        let is_well = |checked: &CheckedKey| serves(checked.state) && checked.missing.is_empty();
        self.keys.iter().all(is_well) && self.shared_projects().is_empty()
    }

    pub(super) fn code(&self) -> u8 {
        let all = self.tally().into_values().fold(Tally::default(), |sum, tally| Tally {
            total: sum.total + tally.total,
            serving: sum.serving + tally.serving,
            unknown: sum.unknown + tally.unknown,
        });
        let any_group = |is: fn(Tally) -> bool| !self.groups(is).is_empty();
        match self.fail_on {
            FailOn::Any | FailOn::Group if any_group(Tally::is_dead) => 2,
            FailOn::Any | FailOn::Group if any_group(Tally::is_unknown) => 3,
            _ if all.is_dead() => 2,
            _ if all.is_unknown() => 3,
            FailOn::Any if !self.is_well() => 1,
            _ => 0,
        }
    }

    pub(super) fn summary(&self) -> String {
        let bad = self.keys.len() - self.good();
        let dead = self.groups(Tally::is_dead);
        let bad = if bad == 0 { String::new() } else { format!(", {bad} not") };
        let dead =
            if dead.is_empty() { String::new() } else { format!(", no key of {} serves", dead.join(", ")) };
        let missing = self.missing_ids().len();
        let missing =
            if missing == 0 { String::new() } else { format!(", {} not there", count(missing, "model")) };
        let shared = if self.shared_projects().is_empty() { "" } else { ", projects shared unawares" };
        format!("{} good{bad}{dead}{missing}{shared}", count(self.good(), "key"))
    }

    /// Configured models that Google does not list, each with the keys it is missing from.
    pub(super) fn missing_ids(&self) -> BTreeMap<String, String> {
        let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for checked in &self.keys {
            for model in &checked.missing {
                missing.entry(model.id.clone()).or_default().push(checked.key.to_string());
            }
        }
        missing.into_iter().map(|(id, keys)| (id, keys.join(", "))).collect()
    }

    fn missing_models(&self) -> Vec<String> {
        let nearest = |id: &str| {
            let missing = self.keys.iter().flat_map(|checked| &checked.missing);
            let nearest = missing.filter(|model| model.id == id).find_map(|model| model.nearest.as_deref());
            nearest.map_or_else(String::new, |nearest| format!("; the nearest that is: {nearest}"))
        };
        let line = |(id, keys): (String, String)| {
            format!("warning: model {id} is not there for {keys}{}", nearest(&id))
        };
        self.missing_ids().into_iter().map(line).collect()
    }

    /// Keys that Google counts in one project though they are configured apart, with those that are in its line already.
    pub(super) fn shared_projects(&self) -> Vec<SharedProject> {
        let mut by_consumer: BTreeMap<&str, Vec<&CheckedKey>> = BTreeMap::new();
        for checked in &self.keys {
            if let Some(consumer) = &checked.consumer {
                by_consumer.entry(consumer).or_default().push(checked);
            }
        }
        let shared = |(consumer, members): (&str, Vec<&CheckedKey>)| {
            if members.iter().all(|member| member.project == members[0].project) {
                return None;
            }
            let named = members.iter().map(|member| &member.project).find(|project| is_named(project));
            let name = named.cloned().unwrap_or_else(|| format!("project-{consumer}"));
            let belongs = |checked: &&CheckedKey| {
                checked.project == name || checked.consumer.as_deref() == Some(consumer)
            };
            let keys = self.keys.iter().filter(belongs).map(|checked| checked.key).collect();
            Some(SharedProject { consumer: consumer.to_owned(), name, keys })
        };
        by_consumer.into_iter().filter_map(shared).collect()
    }

    /// What to write into svs.toml, where keys share a project that nobody told svs of.
    fn project_lines(&self) -> Vec<String> {
        let shared = self.shared_projects();
        if shared.is_empty() {
            return Vec::new();
        }
        let said = shared.iter().map(|shared| {
            let (keys, consumer) = (shared.places().join(", "), &shared.consumer);
            format!("warning: {keys} spend the one quota of project {consumer}; write into svs.toml:")
        });
        let lines = shared.iter().map(SharedProject::line);
        said.chain(["[projects]".to_owned()]).chain(lines).collect()
    }

    fn repeated(&self) -> impl Iterator<Item = String> {
        self.keys.iter().filter(|checked| checked.repeated > 0).map(|checked| {
            let times = checked.repeated + 1;
            format!("warning: {} is listed {times} times; it counts once", checked.key)
        })
    }
}

/// Why a key is not good, and what else is to be known of it.
fn reason(checked: &CheckedKey, now: Timestamp) -> String {
    let cause = checked.cause.clone().filter(|cause| cause != checked.state.name());
    let until = checked.until.map(|until| format!("back {}", relative(until, now)));
    let disabled = checked.disabled_until.map(|until| match until {
        Timestamp::NEVER => "taken out by an operator".to_owned(),
        until => format!("taken out by an operator, back {}", relative(until, now)),
    });
    let asked = checked.checked_at.filter(|_| checked.cached);
    let asked = asked.map(|at| format!("asked {}", relative(at, now)));
    let parts = [cause, checked.reason.clone(), until, disabled, asked];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// `12/300 0/75 0/15`: the text models that the key has.
fn used(checked: &CheckedKey) -> String {
    let text = checked.quotas.iter().filter(|quota| ModelSlot::TEXT.contains(&quota.model));
    text.map(|budget| format!("{}/{}", budget.used, budget.allowed)).collect::<Vec<_>>().join(" ")
}

impl Report for Checked {
    fn body(&self, _: Style, now: Timestamp) -> Body {
        let mut table = Table::new("keys", &["KEY", "SECRET", "PROJECT", "STATE", "MS", "USED", "REASON"]);
        for checked in &self.keys {
            let paint = match checked.state {
                KeyState::Ok => Paint::Good,
                KeyState::Limited | KeyState::Unreachable | KeyState::Disabled => Paint::Warning,
                _ => Paint::Bad,
            };
            table.row([
                (Paint::Strong, checked.key.to_string()),
                (
                    Paint::Faint,
                    checked.tail.as_ref().map_or_else(|| "…".to_owned(), |tail| format!("…{tail}")),
                ),
                (Paint::Plain, own_or_named(&checked.project).to_owned()),
                (paint, checked.state.name().to_owned()),
                (Paint::Plain, checked.ms.to_string()),
                (Paint::Plain, used(checked)),
                (Paint::Plain, reason(checked, now)),
            ]);
        }
        Body::Table(table)
    }

    fn json(&self) -> Value {
        let key = |checked: &CheckedKey| {
            json!({
                "key": checked.key.to_string(),
                "group": checked.key.group().map(|group| group.to_string()),
                "tail": checked.tail,
                "fingerprint": checked.fingerprint,
                "project": checked.project,
                "state": checked.state.name(),
                "cause": checked.cause,
                "reason": checked.reason,
                "help_url": checked.help_url,
                "until": checked.until.and_then(rfc3339),
                "disabled": checked.disabled_until.is_some(),
                "disabled_until": checked.disabled_until.and_then(rfc3339),
                "ms": checked.ms,
                "checked_at": checked.checked_at.and_then(rfc3339),
                "cached": checked.cached,
                "missing_models": checked.missing,
                "consumer": checked.consumer,
                "listed": checked.repeated + 1,
                "budgets": checked.quotas,
            })
        };
        let shared = |shared: &SharedProject| {
            json!({
                "consumer": shared.consumer,
                "name": shared.name,
                "keys": shared.keys,
                "line": shared.line(),
            })
        };
        json!({
            "keys": self.keys.iter().map(key).collect::<Vec<_>>(),
            "ok": self.good(),
            "total": self.keys.len(),
            "shared_projects": self.shared_projects().iter().map(shared).collect::<Vec<_>>(),
            "changes": self.changes,
        })
    }

    fn brief(&self) -> String {
        let bad = self.keys.iter().filter(|checked| checked.state != KeyState::Ok);
        let bad = bad.map(|checked| format!("{} {}", checked.key, checked.state.name()));
        let missing =
            self.missing_ids().into_iter().map(|(id, keys)| format!("model {id} not there: {keys}"));
        let shared = self.shared_projects().into_iter();
        let shared =
            shared.map(|one| format!("project {} shared: {}", one.consumer, one.places().join(", ")));
        lines(bad.chain(missing).chain(shared))
    }

    fn nagios(&self) -> Option<String> {
        let word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][usize::from(self.code())];
        let slowest = self.keys.iter().map(|checked| checked.ms).max().unwrap_or(0);
        let (good, total) = (self.good(), self.keys.len());
        Some(format!("{word} - {} | keys={good};;;0;{total} slowest={slowest}ms", self.summary()))
    }

    fn notes(&self) -> Vec<String> {
        let help = self
            .keys
            .iter()
            .filter_map(|checked| Some(format!("{}: {}", checked.key, checked.help_url.as_ref()?)));
        self.changes
            .iter()
            .cloned()
            .chain([self.summary()])
            .chain(self.repeated())
            .chain(self.missing_models())
            .chain(help)
            .chain(self.project_lines())
            .collect()
    }

    fn exit(&self) -> Exit {
        Exit(self.code())
    }
}

/// Whether somebody named this project; else it is the key's own, called after its fingerprint.
fn is_named(project: &str) -> bool {
    !project.starts_with("key:")
}

pub(in crate::commands::keys) fn own_or_named(project: &str) -> &str {
    if is_named(project) { project } else { "own" }
}

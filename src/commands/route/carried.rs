//! `svs route --capacity`: what a day can carry, and what is promised in vain.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::key::{KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::role::{PerRole, Role};
use crate::domain::router::carry::{Capacity, InVain, ProjectCapacity, RoleCapacity, capacity};
use crate::domain::rules::RoleRules;
use crate::domain::time::Timestamp;
use crate::ui::text::rfc3339;
use crate::ui::{Body, Paint, Report, Style, Table};

use super::state::Found;

/// What can be carried, and from which state that was seen.
pub(super) struct Carried {
    state: String,
    at: Timestamp,
    capacity: Capacity,
    rules: PerRole<RoleRules>,
}

impl Carried {
    pub(super) fn of(found: &Found) -> Carried {
        let moment = found.pool.calendar.moment(found.at);
        Carried {
            state: found.name.clone(),
            at: found.at,
            capacity: capacity(&found.pool, &moment),
            rules: found.pool.rules.roles.clone(),
        }
    }

    /// All models of a role together.
    fn a_day(&self, role: Role) -> u32 {
        self.capacity.roles.iter().filter(|row| row.role == role).map(RoleCapacity::a_day).sum()
    }

    /// How many people can ask as much as their cap allows.
    fn people(&self, role: Role) -> Option<u32> {
        self.a_day(role).checked_div(self.rules[role].per_day?)
    }

    fn total(&self, model: ModelSlot) -> u32 {
        self.capacity.projects.iter().map(|project| project.budget[model]).sum()
    }

    /// A project that nobody named goes by its key.
    fn name<'a>(&self, project: &'a Project) -> std::borrow::Cow<'a, str> {
        let known = self.capacity.projects.iter().find(|known| known.project == *project);
        match known.map(|known| &*known.keys) {
            Some([key]) if project.0.starts_with("key:") => key.to_string().into(),
            _ => (&*project.0).into(),
        }
    }

    fn roles_table(&self) -> Table {
        let mut table = Table::new(
            "roles",
            &["ROLE", "MODEL", "HOME", "AT_HOME", "BORROWED", "RESERVE", "A_DAY", "A_MINUTE"],
        );
        for row in &self.capacity.roles {
            let plain = |n: u32| (Paint::Plain, n.to_string());
            table.row([
                (Paint::Strong, row.role.to_string()),
                (Paint::Plain, row.model.to_string()),
                (Paint::Plain, row.home.map_or_else(|| "-".to_owned(), |home| home.to_string())),
                plain(row.at_home),
                plain(row.borrowed),
                plain(row.reserve),
                (if row.a_day() == 0 { Paint::Bad } else { Paint::Strong }, row.a_day().to_string()),
                (Paint::Plain, rate(row.per_minute)),
            ]);
        }
        table
    }

    fn people_table(&self) -> Table {
        let mut table = Table::new("people", &["ROLE", "ALL MODELS", "CAP A DAY", "PEOPLE AT THEIR CAP"]);
        for role in Role::ALL.into_iter().rev() {
            let or_none = |n: Option<u32>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
            table.row([
                (Paint::Strong, role.to_string()),
                (Paint::Plain, self.a_day(role).to_string()),
                (Paint::Plain, or_none(self.rules[role].per_day)),
                (Paint::Plain, or_none(self.people(role))),
            ]);
        }
        table
    }

    fn projects_table(&self) -> Table {
        let mut table = Table::new(
            "projects",
            &["PROJECT", "KEYS", "FLASH-LITE", "FLASH", "PRO", "IMAGE", "A_DAY", "A_MINUTE"],
        );
        for project in &self.capacity.projects {
            let [lite, flash, pro, image] = ModelSlot::ALL.map(|model| {
                let is_less = project.budget[model] < project.configured[model];
                (if is_less { Paint::Warning } else { Paint::Plain }, project.budget[model].to_string())
            });
            let a_minute = project.per_minute.0.into_iter().fold(0.0, f64::max);
            table.row([
                (Paint::Strong, self.name(&project.project).into_owned()),
                (Paint::Plain, names(&project.keys)),
                lite,
                flash,
                pro,
                image,
                (Paint::Plain, sum(&project.budget).to_string()),
                (Paint::Plain, rate(a_minute)),
            ]);
        }
        table
    }

    /// In words, with the setting that promises it.
    fn promise(&self, promise: &InVain) -> String {
        match promise {
            InVain::DayCap { role, cap, carried } => {
                format!(
                    "roles.{role}.per_day = {cap}: all {role} users together can be served {carried} a day"
                )
            }
            InVain::HourCap { role, cap, carried } => {
                format!(
                    "roles.{role}.per_hour = {cap}: all {role} users together can be served {carried} an hour"
                )
            }
            InVain::Seats { seats, caps, carried } => {
                format!("{seats} vips in their seats may ask {caps} a day: they can be served {carried}")
            }
            InVain::NoBudget { role, model } => format!("{role} may use {model}: no key can serve it"),
            InVain::SharedProject { project, keys, apart, carried } => format!(
                "{} share project {}: one budget of {carried} a day, not {apart}",
                names(keys),
                self.name(project)
            ),
            InVain::MinuteLimit { model, rpm, projects, reached } => format!(
                "{rpm} a minute to {model} in {projects} projects: their keys' cooldown lets {} through",
                rate(*reached)
            ),
            InVain::Lowered { project, model, configured, carried } => format!(
                "{configured} a day to {model} in project {}: Google has lowered it, {carried} remain",
                self.name(project)
            ),
            InVain::KeysOut { project, keys } => {
                let noun = if keys.len() == 1 { "is" } else { "are" };
                format!("{} of project {} {noun} out: svs keys check", names(keys), self.name(project))
            }
        }
    }
}

fn names(keys: &[KeyId]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn sum(budget: &PerModel<u32>) -> u32 {
    budget.0.iter().sum()
}

/// A rate a minute; without any limit it has none.
fn rate(per_minute: f64) -> String {
    if per_minute.is_finite() { format!("{per_minute:.1}") } else { "-".to_owned() }
}

/// The same for programs.
fn rate_json(per_minute: f64) -> Option<f64> {
    per_minute.is_finite().then(|| (per_minute * 10.0).round() / 10.0)
}

impl Report for Carried {
    fn body(&self, style: Style, _: Timestamp) -> Body {
        let title = |words: &str| style.paint(Paint::Faint, &format!("── {words}\n"));
        let totals = ModelSlot::ALL.map(|model| (self.total(model), model));
        let all: u32 = totals.iter().map(|(total, _)| total).sum();
        let parts: Vec<String> = totals
            .iter()
            .filter(|(total, _)| *total > 0)
            .map(|(total, model)| format!("{total} to {model}"))
            .collect();
        let of = style.paint(Paint::Strong, &format!("{all} requests a quota day"));
        let mut text = format!("{of} (state {}): {}\n", self.state, parts.join(", "));
        text += &title("by role and model, if nobody else asks");
        text += &self.roles_table().aligned(style, None);
        text += &self.people_table().aligned(style, None);
        text += &title("by project");
        text += &self.projects_table().aligned(style, None);
        if !self.capacity.in_vain.is_empty() {
            text += &title("promised in vain");
        }
        for promise in &self.capacity.in_vain {
            let _ = writeln!(text, "{}", style.paint(Paint::Warning, &self.promise(promise)));
        }
        Body::Text(text)
    }

    fn csv(&self) -> Option<Table> {
        Some(self.roles_table())
    }

    fn json(&self) -> Value {
        let by_model = |budget: &PerModel<u32>| {
            let models =
                ModelSlot::ALL.into_iter().map(|model| (model.name().to_owned(), budget[model].into()));
            Value::Object(models.collect())
        };
        let role = |row: &RoleCapacity| {
            json!({
                "role": row.role.name(), "model": row.model.name(), "home": row.home.map(|home| home.to_string()),
                "at_home": row.at_home, "borrowed": row.borrowed, "reserve": row.reserve, "a_day": row.a_day(),
                "a_minute": rate_json(row.per_minute),
            })
        };
        let people = |role: Role| {
            json!({
                "role": role.name(), "a_day": self.a_day(role), "cap": self.rules[role].per_day,
                "people_at_cap": self.people(role),
            })
        };
        let project = |project: &ProjectCapacity| {
            json!({
                "project": project.project, "keys": project.keys, "out": project.out,
                "budget": by_model(&project.budget), "configured": by_model(&project.configured),
                "a_day": sum(&project.budget),
                "a_minute": rate_json(project.per_minute.0.into_iter().fold(0.0, f64::max)),
            })
        };
        let promise = |promise: &InVain| {
            let mut value = serde_json::to_value(promise).unwrap_or_default();
            value["text"] = self.promise(promise).into();
            value
        };
        json!({
            "state": self.state, "at": rfc3339(self.at),
            "total": by_model(&PerModel::from_fn(|model| self.total(model))),
            "roles": self.capacity.roles.iter().map(role).collect::<Vec<_>>(),
            "people": Role::ALL.into_iter().rev().map(people).collect::<Vec<_>>(),
            "projects": self.capacity.projects.iter().map(project).collect::<Vec<_>>(),
            "in_vain": self.capacity.in_vain.iter().map(promise).collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        format!("{}\n", ModelSlot::ALL.into_iter().map(|model| self.total(model)).sum::<u32>())
    }
}

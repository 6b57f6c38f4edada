//! How a plan is shown, whether it was made now or stored with a request.

use serde_json::{Value, json};

use crate::domain::router::plan::Step;
use crate::domain::router::record::{PlanRecord, SkipRecord};
use crate::domain::time::Timestamp;
use crate::ui::text::{relative, rfc3339};
use crate::ui::{Paint, Style, Table};

/// Two tables, of which an empty one is left out: the steps, and what was skipped with times as seen from `at`.
pub(super) fn text(plan: &PlanRecord, at: Timestamp, style: Style) -> String {
    let mut steps = Table::new("steps", &["STEP", "KEY", "MODEL", "ROUTER"]);
    for (n, step) in plan.steps.iter().enumerate() {
        let paint = if n == 0 { Paint::Good } else { Paint::Plain };
        steps.row([
            (Paint::Plain, (n + 1).to_string()),
            (paint, step.key.to_string()),
            (paint, step.model.to_string()),
            (Paint::Plain, step.router.name().to_owned()),
        ]);
    }
    let mut skipped = Table::new("skipped", &["SKIPPED", "MODEL", "REASON", "UNTIL"]);
    for skip in &plan.skipped {
        let until = if skip.until == Timestamp::NEVER { String::new() } else { relative(skip.until, at) };
        skipped.row([
            (Paint::Faint, skip.key.to_string()),
            (Paint::Faint, skip.model.to_string()),
            (Paint::Faint, skip.reason.clone()),
            (Paint::Faint, until),
        ]);
    }
    let mut text = String::new();
    if !plan.steps.is_empty() {
        text += &steps.aligned(style, None);
    }
    if !plan.skipped.is_empty() {
        text += &skipped.aligned(style, None);
    }
    text
}

/// The steps for programs.
pub(super) fn steps_json(plan: &PlanRecord) -> Value {
    let step = |step: &Step| {
        json!({
            "key": step.key.to_string(),
            "group": step.group.map(|group| group.to_string()),
            "model": step.model.name(),
            "router": step.router.name(),
        })
    };
    plan.steps.iter().map(step).collect()
}

/// What was skipped for programs.
pub(super) fn skipped_json(plan: &PlanRecord) -> Value {
    let skip = |skip: &SkipRecord| {
        json!({
            "key": skip.key.to_string(),
            "model": skip.model.name(),
            "reason": skip.reason,
            "until": rfc3339(skip.until),
        })
    };
    plan.skipped.iter().map(skip).collect()
}

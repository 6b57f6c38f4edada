//! A plan as it is stored with its request and shown to operators.
//!
//! Stored, it is one short line, written with every request. Keys in a row with the same model and router, or the
//! same model and reason, stand in one group; instants are milliseconds after the request.
//!
//! ```text
//!   pro+4000|flash A C2 C1;flash B B1|pro not_for_role A1 A2;flash cooling C3+812
//!   wished, held until │ steps        │ skipped
//! ```

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::{Plan, Router, Step};
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::time::Timestamp;

/// What a plan said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The model wished for, as far as the role was entitled to it.
    pub wished: ModelSlot,
    /// When the wished model might be ready, where it was waited for.
    pub hold_until: Option<Timestamp>,
    /// What could serve, best first.
    pub steps: Vec<Step>,
    /// What could not.
    pub skipped: Vec<SkipRecord>,
}

/// A key that was passed over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SkipRecord {
    /// The key's place.
    pub key: KeyId,
    /// For which model.
    pub model: ModelSlot,
    /// Why, in a word.
    pub reason: String,
    /// When that ends by itself; `NEVER` if it does not.
    pub until: Timestamp,
}

impl From<&Plan> for PlanRecord {
    fn from(plan: &Plan) -> PlanRecord {
        let skip = |skip: &super::plan::Skip| SkipRecord {
            key: skip.key,
            model: skip.model,
            reason: skip.why.name().to_owned(),
            until: skip.why.until(),
        };
        PlanRecord {
            wished: plan.wished,
            hold_until: plan.hold_until,
            steps: plan.steps.clone(),
            skipped: plan.skipped.iter().map(skip).collect(),
        }
    }
}

impl Router {
    /// All of them.
    pub const ALL: [Router; 4] = [Router::A, Router::B, Router::RA, Router::RB];

    /// The word in output, JSON and records.
    pub const fn name(self) -> &'static str {
        match self {
            Router::A => "A",
            Router::B => "B",
            Router::RA => "RA",
            Router::RB => "RB",
        }
    }
}

/// The line to store for a plan that was made at `at`.
pub fn write(plan: &Plan, at: Timestamp) -> String {
    let mut line = String::with_capacity(256);
    line.push_str(plan.wished.name());
    if let Some(until) = plan.hold_until {
        push_instant(&mut line, until, at);
    }
    line.push('|');
    let mut group = None;
    for step in &plan.steps {
        open_group(&mut line, &mut group, (step.model, step.router.name()));
        push(&mut line, step.key);
    }
    line.push('|');
    let mut group = None;
    for skip in &plan.skipped {
        open_group(&mut line, &mut group, (skip.model, skip.why.name()));
        push(&mut line, skip.key);
        if skip.why.until() < Timestamp::NEVER {
            push_instant(&mut line, skip.why.until(), at);
        }
    }
    line
}

fn open_group<'a>(line: &mut String, group: &mut Option<(ModelSlot, &'a str)>, next: (ModelSlot, &'a str)) {
    if *group == Some(next) {
        return;
    }
    if group.is_some() {
        line.push(';');
    }
    line.push_str(next.0.name());
    line.push(' ');
    line.push_str(next.1);
    *group = Some(next);
}

fn push(line: &mut String, key: KeyId) {
    // Writing to a string does not fail.
    let _ = write!(line, " {key}");
}

fn push_instant(line: &mut String, until: Timestamp, at: Timestamp) {
    let _ = write!(line, "+{}", until.since(at).as_millis());
}

/// Reads a stored line; none if it is not one.
pub fn read(line: &str, at: Timestamp) -> Option<PlanRecord> {
    let mut parts = line.split('|');
    let (head, steps, skipped) = (parts.next()?, parts.next()?, parts.next()?);
    let (wished, hold_until) = instant(head, at)?;
    let mut record =
        PlanRecord { wished: wished.parse().ok()?, hold_until, steps: Vec::new(), skipped: Vec::new() };
    for group in groups(steps) {
        let (model, name, keys) = members(group)?;
        let router = Router::ALL.into_iter().find(|router| router.name() == name)?;
        for key in keys {
            let key: KeyId = key.parse().ok()?;
            record.steps.push(Step { key, group: key.group(), model, router });
        }
    }
    for group in groups(skipped) {
        let (model, reason, keys) = members(group)?;
        for key in keys {
            let (key, until) = instant(key, at)?;
            record.skipped.push(SkipRecord {
                key: key.parse().ok()?,
                model,
                reason: reason.to_owned(),
                until: until.unwrap_or(Timestamp::NEVER),
            });
        }
    }
    parts.next().is_none().then_some(record)
}

fn groups(part: &str) -> impl Iterator<Item = &str> {
    part.split(';').filter(|group| !group.is_empty())
}

fn members(group: &str) -> Option<(ModelSlot, &str, impl Iterator<Item = &str>)> {
    let mut words = group.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?, words))
}

fn instant(word: &str, at: Timestamp) -> Option<(&str, Option<Timestamp>)> {
    match word.split_once('+') {
        Some((word, ms)) => Some((word, Some(at + Duration::from_millis(ms.parse().ok()?)))),
        None => Some((word, None)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::key::Group;
    use crate::domain::pool::refusal::Refusal;
    use crate::domain::router::plan::{Skip, Why, Withheld};

    const AT: Timestamp = Timestamp::from_millis(1_000_000);

    fn key() -> impl Strategy<Value = KeyId> {
        let member = (0_usize..4, 1_u16..7).prop_map(|(group, n)| KeyId::Member(Group::ALL[group], n));
        prop_oneof![8 => member, 1 => Just(KeyId::RouterA), 1 => Just(KeyId::RouterB)]
    }

    fn model() -> impl Strategy<Value = ModelSlot> {
        (0_usize..4).prop_map(|place| ModelSlot::ALL[place])
    }

    fn why() -> impl Strategy<Value = Why> {
        let until = (0_u64..90_000_000).prop_map(|ms| AT + Duration::from_millis(ms));
        prop_oneof![
            until.clone().prop_map(|until| Why::Refused(Refusal::Cooling { until })),
            until.clone().prop_map(|until| Why::Refused(Refusal::BudgetSpent { until })),
            until.prop_map(|until| Why::Withheld(Withheld::PastLine { until })),
            Just(Why::Withheld(Withheld::NotForRole)),
            Just(Why::Refused(Refusal::ModelOff { until: Timestamp::NEVER })),
        ]
    }

    prop_compose! {
        fn plans()(
            wished in model(),
            hold in proptest::option::of(0_u64..5000),
            steps in proptest::collection::vec((key(), model(), 0_usize..4), 0..30),
            skipped in proptest::collection::vec((key(), model(), why()), 0..60),
        ) -> Plan {
            let step = |(key, model, router): (KeyId, _, usize)| {
                Step { key, group: key.group(), model, router: Router::ALL[router] }
            };
            Plan {
                wished,
                hold_until: hold.map(|ms| AT + Duration::from_millis(ms)),
                steps: steps.into_iter().map(step).collect(),
                skipped: skipped.into_iter().map(|(key, model, why)| Skip { key, model, why }).collect(),
            }
        }
    }

    proptest! {
        #[test]
        fn a_stored_plan_reads_back(plan in plans()) {
            prop_assert_eq!(read(&write(&plan, AT), AT), Some(PlanRecord::from(&plan)));
        }

        #[test]
        fn no_line_makes_reading_panic(line in "[a-z0-9A-C+|; _-]{0,60}") {
            let _ = read(&line, AT);
        }
    }

    #[test]
    fn a_stored_plan_is_one_short_line() {
        let step = |key, router| Step { key, group: Some(Group::C), model: ModelSlot::Flash, router };
        let member = |n| KeyId::Member(Group::C, n);
        let cooling = Why::Refused(Refusal::Cooling { until: AT + Duration::from_millis(812) });
        let plan = Plan {
            wished: ModelSlot::Pro,
            hold_until: Some(AT + Duration::from_secs(4)),
            steps: vec![step(member(2), Router::A), step(member(1), Router::A)],
            skipped: vec![
                Skip { key: KeyId::RouterA, model: ModelSlot::Pro, why: Why::Withheld(Withheld::NotForRole) },
                Skip { key: member(3), model: ModelSlot::Flash, why: cooling },
            ],
        };
        assert_eq!(write(&plan, AT), "pro+4000|flash A C2 C1|pro not_for_role RA;flash cooling C3+812");
        assert_eq!(read("", AT), None);
    }
}

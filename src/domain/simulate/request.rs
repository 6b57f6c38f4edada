//! One request on its way through a simulated day, and the users and classes it belongs to.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::policy::fairness::caps::UserUsage;
use crate::domain::policy::fairness::queue::EntryId;
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::Lease;
use crate::domain::pool::outcome::Outcome;
use crate::domain::role::Role;
use crate::domain::router::attempts::Attempts;
use crate::domain::router::plan::{Decision, Plan, Request, Why};
use crate::domain::time::Timestamp;

/// Classes of requests that the router treats alike before their first attempt: role and task, and vips without a seat.
pub(super) const CLASSES: usize = 18;

/// A user.
#[derive(Default)]
pub(super) struct User {
    pub(super) role: Option<Role>,
    pub(super) usage: UserUsage,
    /// Whether the first request of the conversation is being served.
    pub(super) is_running: bool,
    /// Arrivals that wait behind it, by place.
    pub(super) lane: VecDeque<u32>,
    pub(super) came: u32,
    pub(super) answered: u32,
}

/// A request that is first in its conversation.
pub(super) struct InCourse {
    /// Its arrival's place; also names the request.
    pub(super) arrival: u32,
    pub(super) role: Role,
    pub(super) seatless: bool,
    pub(super) task: Task,
    pub(super) headed: Timestamp,
    /// The latest instant to which it may wait.
    pub(super) latest: Timestamp,
    pub(super) attempts: Attempts,
    pub(super) sends: u32,
    pub(super) entry: Option<EntryId>,
    pub(super) flight: Option<Flight>,
}

/// A send whose answer is on its way.
pub(super) struct Flight {
    pub(super) lease: Lease,
    pub(super) key: usize,
    pub(super) outcome: Outcome,
    /// Names the send.
    pub(super) number: u64,
}

impl InCourse {
    pub(super) fn request(&self) -> Request<'_> {
        self.attempts.request(self.role, self.seatless, self.task, None)
    }

    pub(super) fn class(&self) -> usize {
        class(self.role, self.seatless, self.task)
    }

    /// Whether nothing was tried yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.attempts.counted == 0 && self.attempts.free == 0
    }
}

pub(super) fn class(role: Role, seatless: bool, task: Task) -> usize {
    let role = if seatless { 5 } else { role.index() };
    role * 3 + task as usize
}

/// The role and task of a class.
pub(super) fn class_request(class: usize) -> Request<'static> {
    let task = [Task::Chat, Task::Task, Task::Complex][class % 3];
    let (role, seatless_vip) =
        if class >= 15 { (Role::Premium, true) } else { (Role::ALL[class / 3], false) };
    Request { role, seatless_vip, task, choice: None, attempt: 1, tried: &[], given_up: &[] }
}

/// What the last plan of each class said, for as long as nothing can have changed for the better: a fresh request of
/// the class need not be planned again. It only saves time; the decisions are those of the plan.
#[derive(Default)]
pub(super) struct Memo {
    blocked: [Option<Blocked>; CLASSES],
}

#[derive(Clone, Copy)]
struct Blocked {
    until: Timestamp,
    is_hold: bool,
    outage: bool,
    good_to: Timestamp,
}

/// A ban that ends changes a group's line, so no plan is trusted for long.
const TRUSTED: Duration = Duration::from_secs(20);

impl Memo {
    pub(super) fn recall(&self, class: usize, now: Timestamp, latest: Timestamp) -> Option<Decision> {
        let blocked = self.blocked[class].filter(|blocked| now < blocked.good_to)?;
        if blocked.until <= latest {
            return Some(Decision::Wait(blocked.until));
        }
        let refuse = Decision::Refuse { until: blocked.until, outage: blocked.outage };
        (!blocked.is_hold).then_some(refuse)
    }

    pub(super) fn remember(&mut self, class: usize, plan: &Plan, decision: &Decision, now: Timestamp) {
        let is_outage = |why: &Why| matches!(why, Why::Refused(refusal) if refusal.is_outage());
        let (until, outage) = match *decision {
            Decision::Send(_) => return,
            Decision::Wait(until) => (until, plan.skipped.iter().any(|skip| is_outage(&skip.why))),
            Decision::Refuse { until, outage } => (until, outage),
        };
        let is_hold = plan.hold_until == Some(until) || !plan.steps.is_empty();
        self.blocked[class] = Some(Blocked { until, is_hold, outage, good_to: until.min(now + TRUSTED) });
    }

    /// Something may have changed for the better.
    pub(super) fn clear(&mut self) {
        self.blocked = [None; CLASSES];
    }
}

/// Whether an outcome, or the end of a probe, may have made something ready that was not.
pub(super) fn may_free(lease: &Lease, outcome: &Outcome) -> bool {
    let is_plain = matches!(outcome, Outcome::Answered | Outcome::Blocked | Outcome::BadRequest);
    lease.probes_model || lease.granted.probe || !is_plain
}

//! One request on its way: what was decided about it and what has been tried.

use super::queue::Turn;
use crate::domain::chat::{ConversationId, Notice, RequestRef, Round, UserId};
use crate::domain::model::ModelSlot;
use crate::domain::policy::fairness::caps::RequestToken;
use crate::domain::policy::roles;
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::Lease;
use crate::domain::reference::RequestId;
use crate::domain::role::Role;
use crate::domain::router::attempts::Attempts;
use crate::domain::router::degradation::Degradation;
use crate::domain::router::plan::{Request, Step};
use crate::domain::router::told::Refused;
use crate::domain::time::Timestamp;
use crate::store::SendId;

/// A request between two decisions.
pub(super) struct Course {
    pub(super) id: RequestId,
    /// Drawn at once for a shell, which shows it with every answer.
    pub(super) reference: Option<RequestRef>,
    pub(super) update_id: Option<i64>,
    pub(super) conversation: Option<ConversationId>,
    /// The unit of the user's caps that this request holds.
    pub(super) unit: Option<(UserId, RequestToken)>,
    /// The person's own role, whose caps count.
    pub(super) base: Role,
    /// The role whose attempts and rounds count.
    pub(super) role: Role,
    /// The person was kicked and may not take a seat again yet.
    pub(super) cools_off: bool,
    /// What is remembered of the conversation.
    pub(super) rounds: Vec<Round>,
    pub(super) task: Task,
    pub(super) choice: Option<ModelSlot>,
    pub(super) seed: u64,
    /// The latest instant to which it may wait.
    pub(super) latest: Timestamp,
    pub(super) wished: ModelSlot,
    /// What it has tried.
    pub(super) attempts: Attempts,
    /// All sends so far.
    pub(super) sends: u32,
    /// To be said with the answer.
    pub(super) notices: Vec<Notice>,
}

/// A send that was debited.
pub(super) struct Attempt {
    pub(super) lease: Lease,
    pub(super) send: SendId,
    pub(super) step: Step,
    /// What it is less than wished.
    pub(super) degradation: Option<Degradation>,
}

/// What to do next.
pub(super) enum Next {
    /// Ask Gemini.
    Send(Attempt),
    /// Decide again then.
    Wait(Timestamp),
    /// Nothing can be done now.
    Refuse(Refused),
}

impl Course {
    /// Whether a vip is served as premium for want of a seat. One who was kicked is premium and nothing more.
    pub(super) fn is_seatless_vip(&self) -> bool {
        roles::needs_seat(self.base) && self.role != self.base && !self.cools_off
    }

    /// The seat it was let in with is gone: nothing is said of having taken it.
    pub(super) fn unseat(&mut self) {
        self.notices.retain(|notice| !matches!(notice, Notice::VipEntered { .. }));
    }

    /// As whom it is served; when that changes, so do its memory and its place in the queue.
    pub(super) fn standing(&self) -> (Role, Role, bool) {
        (self.base, self.role, self.cools_off)
    }

    /// Whether it may be parked: far behind, and nothing is known of it that another run would not find out.
    pub(super) fn may_park(&self, turn: &Turn) -> bool {
        self.sends == 0 && self.notices.is_empty() && turn.is_far()
    }

    /// The request as the router sees it.
    pub(super) fn request(&self) -> Request<'_> {
        self.attempts.request(self.role, self.is_seatless_vip(), self.task, self.choice)
    }
}

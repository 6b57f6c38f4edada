//! One request on its way: what was decided about it and what has been tried.

use crate::domain::chat::{ConversationId, Notice, RequestRef, UserId};
use crate::domain::key::{Fingerprint, KeyId, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::fairness::caps::RequestToken;
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::Lease;
use crate::domain::pool::outcome::{Outcome, Retry};
use crate::domain::role::Role;
use crate::domain::router::plan::{Request, Step};
use crate::domain::rules::RouterRules;
use crate::domain::time::Timestamp;
use crate::store::SendId;

/// A request between two decisions.
pub(super) struct Course {
    pub(super) reference: RequestRef,
    pub(super) update_id: Option<i64>,
    pub(super) conversation: Option<ConversationId>,
    /// The unit of the user's caps that this request holds.
    pub(super) unit: Option<(UserId, RequestToken)>,
    /// The role whose attempts and rounds count.
    pub(super) role: Role,
    pub(super) seatless_vip: bool,
    pub(super) task: Task,
    pub(super) choice: Option<ModelSlot>,
    pub(super) seed: u64,
    /// The latest instant to which it may wait.
    pub(super) latest: Timestamp,
    pub(super) wished: ModelSlot,
    /// Counted attempts so far.
    pub(super) attempts: u32,
    /// Attempts that cost nothing so far.
    pub(super) free: u32,
    /// All sends so far.
    pub(super) sends: u32,
    pub(super) tried: Vec<Project>,
    pub(super) given_up: Vec<ModelSlot>,
    /// How many projects said that they do not have the model.
    pub(super) without: PerModel<u8>,
    /// Keys that failed in a way that is their own if another project succeeds.
    pub(super) suspects: Vec<(KeyId, Fingerprint)>,
    /// To be said with the answer.
    pub(super) notices: Vec<Notice>,
    pub(super) less_thinking: bool,
}

/// A send that was debited.
pub(super) struct Attempt {
    pub(super) lease: Lease,
    pub(super) send: SendId,
    pub(super) step: Step,
}

/// What to do next.
pub(super) enum Next {
    /// Ask Gemini.
    Send(Attempt),
    /// Decide again then.
    Wait(Timestamp),
    /// Nothing can be done before then.
    Refuse { until: Timestamp, outage: bool },
}

impl Course {
    /// The request as the router sees it.
    pub(super) fn request(&self) -> Request<'_> {
        Request {
            role: self.role,
            seatless_vip: self.seatless_vip,
            task: self.task,
            choice: self.choice,
            attempt: self.attempts + 1,
            tried: &self.tried,
            given_up: &self.given_up,
        }
    }

    /// Learns from a failed attempt. Says whether another may be made; `retry` is asked whether the retry budget has
    /// room when that one would be counted.
    pub(super) fn may_retry(
        &mut self,
        attempt: &Attempt,
        outcome: &Outcome,
        rules: &RouterRules,
        retry: impl FnOnce() -> bool,
    ) -> bool {
        if outcome.is_suspicious() {
            self.suspects.push((attempt.lease.key, attempt.lease.fingerprint));
        }
        match outcome.retry() {
            Retry::Never => false,
            Retry::FreeOtherKey => {
                self.free += 1;
                match outcome {
                    // The ledger knows these keys are out; what cannot be reached at all is not tried twice.
                    Outcome::Rejected { .. } => {}
                    Outcome::ModelOff | Outcome::ModelMissing => {
                        let without = &mut self.without[attempt.lease.model];
                        *without += 1;
                        if *without >= 2 {
                            self.given_up.push(attempt.lease.model);
                        }
                    }
                    _ => self.tried.push(attempt.lease.project.clone()),
                }
                self.free <= rules.free_attempts
            }
            Retry::OtherProject => {
                self.attempts += 1;
                self.less_thinking |= matches!(outcome, Outcome::ThoughtOnly);
                if matches!(outcome, Outcome::ThoughtOnly) {
                    // Not the project's doing: the same one may be asked again.
                } else {
                    self.tried.push(attempt.lease.project.clone());
                }
                self.attempts < rules.attempts[self.role] && retry()
            }
        }
    }
}

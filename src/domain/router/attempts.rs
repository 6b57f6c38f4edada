//! What a request has tried so far, and whether it may try again. Kept beside the plan because the next plan is made
//! from it: projects that failed are passed over, models that nobody has are given up.
//!
//! Free attempts are those that cost nobody anything: the key was definitely rejected, the model is not there, or no
//! byte was sent. Every other failure is a counted attempt, and a counted retry asks the retry budget first.

use super::plan::Request;
use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::{ModelSlot, PerModel};
use crate::domain::policy::task::Task;
use crate::domain::pool::key_pool::Lease;
use crate::domain::pool::outcome::{Outcome, Retry};
use crate::domain::role::Role;
use crate::domain::rules::Rules;

/// What one request has tried.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Attempts {
    /// Counted attempts.
    pub counted: u32,
    /// Attempts that cost nothing.
    pub free: u32,
    /// Projects that failed this request.
    pub tried: Vec<Project>,
    /// Models that are of no use to it any more.
    pub given_up: Vec<ModelSlot>,
    /// How many projects said that they do not have the model.
    pub without: PerModel<u8>,
    /// Keys that failed in a way that is their own if another project succeeds: strike them then.
    pub suspects: Vec<Fingerprint>,
    /// Thinking ate the answer: the next attempt should think less.
    pub less_thinking: bool,
}

impl Attempts {
    /// The request as the router sees it, with what was tried.
    pub fn request(
        &self,
        role: Role,
        seatless_vip: bool,
        task: Task,
        choice: Option<ModelSlot>,
    ) -> Request<'_> {
        let (attempt, tried, given_up) = (self.counted + 1, &self.tried, &self.given_up);
        Request { role, seatless_vip, task, choice, attempt, tried, given_up }
    }

    /// Learns from an attempt that did not answer. Says whether another may be made; `retry_budget` is asked, at most
    /// once, whether it has room when that one would be counted.
    pub fn after(
        &mut self,
        lease: &Lease,
        outcome: &Outcome,
        role: Role,
        rules: &Rules,
        retry_budget: impl FnOnce() -> bool,
    ) -> bool {
        if outcome.is_suspicious() {
            self.suspects.push(lease.fingerprint);
        }
        match outcome.retry() {
            Retry::Never => false,
            Retry::FreeOtherKey => {
                self.free += 1;
                match outcome {
                    // The ledger knows that this key is out.
                    Outcome::Rejected { .. } => {}
                    Outcome::ModelOff | Outcome::ModelMissing => self.misses(lease.model, rules),
                    // What cannot be reached is not tried twice.
                    _ => self.tried.push(lease.project.clone()),
                }
                self.free <= rules.router.free_attempts
            }
            Retry::OtherProject => {
                self.counted += 1;
                if matches!(outcome, Outcome::ThoughtOnly) {
                    // Not the project's doing: the same one may be asked again.
                    self.less_thinking = true;
                } else {
                    self.tried.push(lease.project.clone());
                }
                self.counted < rules.router.attempts[role] && retry_budget()
            }
        }
    }

    /// One project does not have the model; when enough agree, this request looks for a lower one. Below the lowest there
    /// is none, nor is there one for pictures: it asks on, and each project says it once a day.
    fn misses(&mut self, model: ModelSlot, rules: &Rules) {
        self.without[model] = self.without[model].saturating_add(1);
        if model.lower().is_some()
            && u32::from(self.without[model]) >= rules.breakers.missing_projects
            && !self.given_up.contains(&model)
        {
            self.given_up.push(model);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::key::{Group, KeyId};
    use crate::domain::pool::key_state::KeyState;
    use crate::domain::pool::outcome::Rejection;
    use crate::domain::pool::project::ProjectState;
    use crate::domain::pool::roster::KeySpec;
    use crate::domain::time::{Calendar, QuotaDay, Timestamp};

    fn lease(project: &str, model: ModelSlot) -> Lease {
        let (fingerprint, limits) = (KeyState::new(Fingerprint([1; 8])).fingerprint, Rules::default().key);
        let spec =
            KeySpec { id: KeyId::Member(Group::A, 1), fingerprint, project: Project(project.into()), limits };
        let moment = Calendar::new(QuotaDay(0), Vec::new()).moment(Timestamp::from_millis(1));
        let rules = Rules::default().breakers;
        let granted =
            ProjectState::default().acquire(fingerprint, &spec.limits, model, moment.now, &rules, &moment);
        Lease::new(&spec, model, granted.expect("a fresh project grants"), false)
    }

    fn run(outcomes: &[Outcome], role: Role, budget: bool) -> (Vec<bool>, Attempts) {
        let (mut attempts, rules) = (Attempts::default(), Rules::default());
        let may = outcomes.iter().enumerate().map(|(n, outcome)| {
            attempts.after(&lease(&format!("p{n}"), ModelSlot::Flash), outcome, role, &rules, || budget)
        });
        (may.collect(), attempts)
    }

    #[test]
    fn counted_attempts_are_two_and_for_owner_and_vip_three() {
        let failures = [const { Outcome::Overloaded }; 3];
        for (role, expected) in [
            (Role::Guest, [true, false, false]),
            (Role::Premium, [true, false, false]),
            (Role::Vip, [true, true, false]),
            (Role::Owner, [true, true, false]),
        ] {
            assert_eq!(run(&failures, role, true).0, expected, "{role}");
        }
    }

    #[test]
    fn an_empty_retry_budget_ends_counted_attempts_but_not_free_ones() {
        let rejected = Outcome::Rejected { reason: Rejection::Leaked };
        let outcomes = [rejected, Outcome::Unreachable { sent: false }, Outcome::TimedOut];
        assert_eq!(run(&outcomes, Role::Owner, false).0, [true, true, false]);
    }

    #[test]
    fn the_twenty_sixth_free_attempt_is_the_last() {
        let outcomes = vec![Outcome::Rejected { reason: Rejection::Invalid }; 26];
        let (may, attempts) = run(&outcomes, Role::Guest, true);
        assert_eq!((may[24], may[25], attempts.counted), (true, false, 0));
    }

    #[test]
    fn what_the_person_or_the_host_caused_is_not_tried_again() {
        for outcome in [Outcome::Blocked, Outcome::BadRequest, Outcome::RegionUnsupported, Outcome::Abandoned]
        {
            let (may, attempts) = run(std::slice::from_ref(&outcome), Role::Owner, true);
            assert_eq!((may, attempts.suspects), (vec![false], vec![]), "{outcome:?}");
        }
    }

    #[test]
    fn a_failure_names_its_project_a_suspect_and_a_model_given_up() {
        let limit =
            Outcome::MinuteLimit { retry_after: Duration::from_secs(9), limit: None, of_tokens: false };
        // outcomes → (projects tried, suspects, models given up, less thinking)
        let cases = [
            (&[Outcome::Empty][..], (1, 1, 0, false)),
            (&[Outcome::UpstreamError], (1, 1, 0, false)),
            (&[Outcome::Unauthorized], (1, 0, 0, false)),
            (&[limit], (1, 0, 0, false)),
            (&[Outcome::ThoughtOnly], (0, 0, 0, true)),
            (&[Outcome::ModelOff], (0, 0, 0, false)),
            (&[Outcome::ModelMissing, Outcome::ModelOff, Outcome::ModelOff], (0, 0, 1, false)),
        ];
        for (outcomes, expected) in cases {
            let attempts = run(outcomes, Role::Owner, true).1;
            let seen = (
                attempts.tried.len(),
                attempts.suspects.len(),
                attempts.given_up.len(),
                attempts.less_thinking,
            );
            assert_eq!(seen, expected, "{outcomes:?}");
        }
    }
}

//! What a person is told of a decision: that the answer is less than wished, or why there is none and until when.

use super::degradation::{degradation, is_offered_nowhere};
use super::plan::{Decision, Plan};
use crate::domain::chat::{Notice, RequestRef};
use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::time::Timestamp;

/// Nothing can be done before `until`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// When something may be ready; `NEVER` if nothing will.
    pub until: Timestamp,
    /// Because Google is away, so the instant is only a guess.
    pub outage: bool,
    /// Google makes no pictures for any key.
    pub unpaid: bool,
}

impl Refused {
    /// What a plan that was refused says of it.
    pub fn of(plan: &Plan, until: Timestamp, outage: bool) -> Refused {
        let unpaid = plan.wished == ModelSlot::Image && is_offered_nowhere(plan);
        Refused { until, outage, unpaid }
    }

    /// Why nothing serves: an outage has no time, a day that is spent has its reset, the next of which is at `reset`.
    /// A ref is drawn only where it is shown.
    pub fn notice<E>(
        self,
        reset: Timestamp,
        draw: impl FnOnce() -> Result<RequestRef, E>,
    ) -> Result<Notice, E> {
        let Refused { until, outage, unpaid } = self;
        Ok(if unpaid {
            Notice::PicturesUnpaid
        } else if outage {
            Notice::Outage { reference: draw()? }
        } else if until == Timestamp::NEVER {
            Notice::KeysOut { reference: draw()? }
        } else if until >= reset {
            Notice::PoolSpent { resets_at: until }
        } else {
            Notice::PoolBusy { retry_at: until, reference: draw()? }
        })
    }
}

/// The same after so many attempts that failed: when it ends says more than that it was tried; if nobody knows that, it
/// does not.
pub fn after_attempts(refusal: Notice, attempts: u32) -> Notice {
    match refusal {
        Notice::Outage { reference } | Notice::KeysOut { reference } if attempts > 0 => {
            Notice::Failed { attempts, reference }
        }
        known => known,
    }
}

/// What a person whose home is `home` reads of `decision`, made from `plan` after so many attempts that failed; none if
/// that is the answer alone. `reset`: the next reset of the quota; `reference`: the ref it would have.
pub fn told(
    plan: &Plan,
    decision: &Decision,
    home: Option<Group>,
    attempts: u32,
    reset: Timestamp,
    reference: RequestRef,
) -> Option<Notice> {
    match *decision {
        Decision::Send(step) => degradation(plan, &step, home).map(Notice::Degraded),
        Decision::Wait(_) => None,
        Decision::Refuse { until, outage } => {
            let drawn = Refused::of(plan, until, outage).notice(reset, || Ok::<_, ()>(reference));
            drawn.ok().map(|refusal| after_attempts(refusal, attempts))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: Timestamp = Timestamp::from_millis(1000);

    fn reference() -> RequestRef {
        RequestRef("K7QF".to_owned())
    }

    #[test]
    fn a_refusal_says_until_when_as_far_as_that_is_known() {
        let refused = |until, outage, unpaid| {
            let drawn = Refused { until, outage, unpaid }.notice(RESET, || Ok::<_, ()>(reference()));
            drawn.expect("a ref is there")
        };
        let soon = Timestamp::from_millis(9);
        let (outage, out) =
            (Notice::Outage { reference: reference() }, Notice::KeysOut { reference: reference() });
        assert_eq!(refused(soon, false, false), Notice::PoolBusy { retry_at: soon, reference: reference() });
        assert_eq!(refused(RESET, false, false), Notice::PoolSpent { resets_at: RESET });
        assert_eq!(refused(Timestamp::NEVER, false, false), out);
        assert_eq!(refused(RESET, true, false), outage);
        assert_eq!(refused(Timestamp::NEVER, true, false), outage);
        assert_eq!(refused(soon, false, true), Notice::PicturesUnpaid);

        let failed = Notice::Failed { attempts: 2, reference: reference() };
        let spent = Notice::PoolSpent { resets_at: RESET };
        for (refusal, attempts, expected) in [
            (outage.clone(), 0, outage.clone()),
            (outage, 2, failed.clone()),
            (out, 2, failed),
            (spent.clone(), 2, spent),
        ] {
            assert_eq!(after_attempts(refusal, attempts), expected);
        }
    }
}

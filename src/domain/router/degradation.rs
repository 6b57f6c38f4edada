//! Whether an answer is less than what was wished, and why: what one line in the answer says.
//!
//! A lower model and another group are degradations; what a role never had is none, nor is flash at home in place of a
//! spent flash-lite. The reason is that of the home group's keys: why those could not serve.

use serde::{Deserialize, Serialize};

use super::plan::{Plan, Skip, Step, Why, Withheld};
use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::pool::refusal::Refusal;

/// An answer that is less than what was wished.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Degradation {
    /// The model wished for, as far as the role is entitled to it.
    pub wished: ModelSlot,
    /// The model that served; lower than `wished`, unless another group served it.
    pub served: ModelSlot,
    /// Whose keys served, where they are not those of the role's home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub borrowed: Option<Borrowed>,
    /// Why: of the model wished for if it was lowered, else of the home group.
    pub why: Cause,
}

/// Another group that served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Borrowed {
    /// The group that could not.
    pub home: Group,
    /// The group that did; none: a reserve key.
    pub lender: Option<Group>,
}

/// Why keys could not serve. Of several reasons the first of these counts: what may be over soon is never told as
/// lasting a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Google does not answer.
    Down,
    /// The keys pause for seconds between sends.
    Busy,
    /// What may be spent by this time of day is spent.
    Paced,
    /// The budget of the day is spent.
    Spent,
    /// Google does not offer the model.
    NotOffered,
    /// The keys are out: banned, rejected, or disabled by an operator.
    KeysOut,
}

impl Cause {
    /// All causes.
    pub const ALL: [Cause; 6] =
        [Cause::Down, Cause::Busy, Cause::Paced, Cause::Spent, Cause::NotOffered, Cause::KeysOut];

    /// The word in texts and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::Down => "down",
            Cause::Busy => "busy",
            Cause::Paced => "paced",
            Cause::Spent => "spent",
            Cause::NotOffered => "not_offered",
            Cause::KeysOut => "keys_out",
        }
    }

    /// None for a key that says nothing of its group: the role may not use it, or it failed this very request.
    const fn of(why: &Why) -> Option<Cause> {
        Some(match why {
            Why::Refused(Refusal::ModelDown { .. } | Refusal::PoolPaused { .. }) => Cause::Down,
            Why::Refused(
                Refusal::Cooling { .. }
                | Refusal::RateLimited { .. }
                | Refusal::Resting { .. }
                | Refusal::Probing { .. },
            ) => Cause::Busy,
            Why::Withheld(
                Withheld::PastLine { .. } | Withheld::Reserved { .. } | Withheld::Owners { .. },
            ) => Cause::Paced,
            Why::Refused(Refusal::BudgetSpent { .. }) => Cause::Spent,
            Why::Refused(Refusal::ModelOff { .. } | Refusal::ModelMissing { .. }) => Cause::NotOffered,
            Why::Refused(Refusal::Banned { .. } | Refusal::Rejected { .. } | Refusal::Disabled { .. }) => {
                Cause::KeysOut
            }
            Why::Withheld(Withheld::NotForRole | Withheld::Tried) => return None,
        })
    }
}

/// What `step` of `plan` is less than wished, for a role whose home is `home`; none if it is not.
pub fn degradation(plan: &Plan, step: &Step, home: Option<Group>) -> Option<Degradation> {
    if plan.wished == ModelSlot::Image {
        // Whichever key has the model draws the same picture.
        return None;
    }
    let is_lowered = plan.lowers(step);
    let borrowed =
        home.filter(|home| step.group != Some(*home)).map(|home| Borrowed { home, lender: step.group });
    if !is_lowered && borrowed.is_none() {
        return None;
    }
    let missed = if is_lowered { plan.wished } else { step.model };
    Some(Degradation { wished: plan.wished, served: step.model, borrowed, why: cause(plan, missed, home) })
}

/// Whether Google offers the wished model for no key that could be used: each project says so, or the key is dead.
pub fn is_offered_nowhere(plan: &Plan) -> bool {
    let is_usable = |why: &Why| {
        !matches!(why, Why::Withheld(Withheld::NotForRole) | Why::Refused(Refusal::Rejected { .. }))
    };
    let whys: Vec<&Why> = plan.skipped.iter().map(|skip| &skip.why).filter(|why| is_usable(why)).collect();
    let is_off = |why: &&Why| matches!(why, Why::Refused(Refusal::ModelOff { .. }));
    plan.steps.is_empty() && !whys.is_empty() && whys.iter().all(is_off)
}

/// Why the keys at home, or all of them where nobody is at home, could not serve `model`.
fn cause(plan: &Plan, model: ModelSlot, home: Option<Group>) -> Cause {
    let skipped: Vec<&Skip> = plan.skipped.iter().filter(|skip| skip.model == model).collect();
    if skipped.is_empty() {
        // The request gave the model up: too many projects do not have it.
        return Cause::NotOffered;
    }
    let at_home = |skip: &&Skip| home.is_none() || skip.key.group() == home;
    let causes = skipped.into_iter().filter(at_home).filter_map(|skip| Cause::of(&skip.why));
    // All of them failed this very request.
    causes.min().unwrap_or(Cause::Down)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::KeyId;
    use crate::domain::pool::outcome::Rejection;
    use crate::domain::router::plan::Router;
    use crate::domain::time::Timestamp;

    use Group::{A, B, C, D};
    use ModelSlot::{Flash, FlashLite, Pro};

    const SOON: Timestamp = Timestamp::from_millis(9);

    fn step(group: Option<Group>, model: ModelSlot) -> Step {
        let key = group.map_or(KeyId::RouterA, |group| KeyId::Member(group, 1));
        Step { key, group, model, router: Router::A }
    }

    fn plan(wished: ModelSlot, skipped: &[(Group, ModelSlot, Why)]) -> Plan {
        let skip = |(n, (group, model, why)): (u16, &_)| Skip {
            key: KeyId::Member(*group, n),
            model: *model,
            why: *why,
        };
        Plan { wished, steps: Vec::new(), skipped: (1..).zip(skipped).map(skip).collect(), hold_until: None }
    }

    #[test]
    fn an_answer_of_the_wished_model_by_the_home_group_is_no_degradation() {
        let spent = Why::Refused(Refusal::BudgetSpent { until: SOON });
        let plan = plan(FlashLite, &[(D, FlashLite, spent)]);
        assert_eq!(degradation(&plan, &step(Some(D), FlashLite), Some(D)), None);
        // A chat whose flash-lite is spent has flash of its own group: that is more, not less.
        assert_eq!(degradation(&plan, &step(Some(D), Flash), Some(D)), None);
        // Where no group is configured the reserve is all there is.
        assert_eq!(degradation(&plan, &step(None, FlashLite), None), None);
    }

    #[test]
    fn each_reason_of_the_home_group_has_its_cause() {
        let until = SOON;
        let refused = Why::Refused;
        let cases = [
            (refused(Refusal::BudgetSpent { until }), Cause::Spent),
            (Why::Withheld(Withheld::PastLine { until }), Cause::Paced),
            (Why::Withheld(Withheld::Reserved { until }), Cause::Paced),
            (refused(Refusal::ModelDown { until }), Cause::Down),
            (refused(Refusal::PoolPaused { until }), Cause::Down),
            (refused(Refusal::ModelOff { until }), Cause::NotOffered),
            (refused(Refusal::ModelMissing { until }), Cause::NotOffered),
            (refused(Refusal::Cooling { until }), Cause::Busy),
            (refused(Refusal::RateLimited { until }), Cause::Busy),
            (refused(Refusal::Resting { until }), Cause::Busy),
            (refused(Refusal::Banned { until }), Cause::KeysOut),
            (refused(Refusal::Rejected { why: Rejection::Leaked }), Cause::KeysOut),
            (refused(Refusal::Disabled { until }), Cause::KeysOut),
            (Why::Withheld(Withheld::Tried), Cause::Down),
        ];
        for (reason, why) in cases {
            let foreign = (D, Pro, Why::Withheld(Withheld::NotForRole));
            let plan = plan(Pro, &[foreign, (A, Pro, reason)]);
            let lowered = Degradation { wished: Pro, served: Flash, borrowed: None, why };
            assert_eq!(degradation(&plan, &step(Some(A), Flash), Some(A)), Some(lowered), "{reason:?}");
            let borrowed = Some(Borrowed { home: A, lender: Some(B) });
            let elsewhere = Degradation { served: Pro, borrowed, ..lowered };
            assert_eq!(degradation(&plan, &step(Some(B), Pro), Some(A)), Some(elsewhere), "{reason:?}");
            let both = Degradation { borrowed, ..lowered };
            assert_eq!(degradation(&plan, &step(Some(B), Flash), Some(A)), Some(both), "{reason:?}");
        }
    }

    #[test]
    fn of_several_reasons_the_one_that_may_be_over_soon_is_told() {
        let until = SOON;
        let spent = (C, Flash, Why::Refused(Refusal::BudgetSpent { until }));
        let cooling = (C, Flash, Why::Refused(Refusal::Cooling { until }));
        let out = (C, Flash, Why::Refused(Refusal::Banned { until }));
        let tried = (C, Flash, Why::Withheld(Withheld::Tried));
        let lender_is_cooling = (D, Flash, Why::Refused(Refusal::Cooling { until }));
        let cases: [(&[_], Cause); 5] = [
            (&[spent, cooling, out], Cause::Busy),
            (&[out, spent], Cause::Spent),
            (&[tried, out], Cause::KeysOut),
            (&[spent, lender_is_cooling], Cause::Spent),
            (&[], Cause::NotOffered),
        ];
        for (skipped, why) in cases {
            let found = degradation(&plan(Flash, skipped), &step(None, FlashLite), Some(C));
            let borrowed = Some(Borrowed { home: C, lender: None });
            assert_eq!(found, Some(Degradation { wished: Flash, served: FlashLite, borrowed, why }));
        }
    }

    #[test]
    fn a_model_is_offered_nowhere_when_every_project_says_so() {
        use ModelSlot::Image;
        let until = SOON;
        let off = (A, Image, Why::Refused(Refusal::ModelOff { until }));
        let dead = (A, Image, Why::Refused(Refusal::Rejected { why: Rejection::Leaked }));
        let foreign = (D, Image, Why::Withheld(Withheld::NotForRole));
        let spent = (B, Image, Why::Refused(Refusal::BudgetSpent { until }));
        let tried = (B, Image, Why::Withheld(Withheld::Tried));
        let cases: [(&[_], bool); 6] = [
            (&[off, off], true),
            (&[off, dead, foreign], true),
            (&[off, spent], false),
            (&[off, tried], false),
            (&[dead], false),
            (&[], false),
        ];
        for (skipped, expected) in cases {
            assert_eq!(is_offered_nowhere(&plan(Image, skipped)), expected, "{skipped:?}");
        }
        let drawn = Plan { steps: vec![step(Some(B), Image)], ..plan(Image, &[off]) };
        assert!(!is_offered_nowhere(&drawn));
        assert_eq!(degradation(&drawn, &step(Some(B), Image), Some(A)), None, "it is the same picture");
    }
}

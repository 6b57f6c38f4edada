//! The budget of a quota day: how many sends a project has spent on a model since the last reset.

use serde::{Deserialize, Serialize};

use crate::domain::time::QuotaDay;

/// Sends of one quota day. A day once begun never ends early: a clock that jumps back over midnight
/// keeps spending from the later day, so it cannot live the same day twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DayBudget {
    day: QuotaDay,
    spent: u32,
}

impl DayBudget {
    /// What was spent on `today`, or on the later day already begun.
    pub fn spent(&self, today: QuotaDay) -> u32 {
        if today > self.day { 0 } else { self.spent }
    }

    /// Counts `units` sends on `today`.
    pub fn debit(&mut self, today: QuotaDay, units: u32) {
        if today > self.day {
            *self = DayBudget { day: today, spent: 0 };
        }
        self.spent = self.spent.saturating_add(units);
    }

    /// Counts no less than `spent` sends on `today`.
    pub fn raise(&mut self, today: QuotaDay, spent: u32) {
        let missing = spent.saturating_sub(self.spent(today));
        self.debit(today, missing);
    }

    /// Takes back one send of `day`, because it never left this host; nothing if the day has changed since.
    pub fn take_back(&mut self, day: QuotaDay) {
        if day == self.day {
            self.spent = self.spent.saturating_sub(1);
        }
    }

    /// The quota day being spent at `today`.
    pub fn day(&self, today: QuotaDay) -> QuotaDay {
        self.day.max(today)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn a_new_day_starts_from_zero_once() {
        let mut budget = DayBudget::default();
        budget.debit(QuotaDay(5), 3);
        assert_eq!((budget.spent(QuotaDay(5)), budget.spent(QuotaDay(6))), (3, 0));
        budget.debit(QuotaDay(6), 1);
        assert_eq!(budget.spent(QuotaDay(5)), 1, "a jump back does not give the old day again");
        budget.debit(QuotaDay(5), 1);
        assert_eq!(budget.spent(QuotaDay(6)), 2);
    }

    proptest! {
        /// Against the naive model: every debit with the latest day seen when it was made.
        #[test]
        fn spent_counts_the_debits_of_the_latest_day(days in prop::collection::vec(1u32..6, 1..100)) {
            let (mut budget, mut debits, mut latest) = (DayBudget::default(), Vec::new(), 0);
            for day in days {
                latest = latest.max(day);
                budget.debit(QuotaDay(day), 1);
                debits.push(latest);
                let model = debits.iter().filter(|at| **at == latest).count();
                prop_assert_eq!(budget.spent(QuotaDay(day)) as usize, model);
            }
        }
    }
}

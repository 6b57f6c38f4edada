//! The line: how much of a group's budget may be spent by now, so that the day's last hour is served as well as
//! its first.
//!
//! line(t) = (0.2 + 0.8 × max(share of the quota day gone, share of the last 7 days' requests that had come by
//! this time of day)) × the budget of the group's live keys. Home roles spend up to the line, a borrower only up
//! to the line without its first 20 %.

use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::pool::key_pool::{KeyPool, Spending};
use crate::domain::role::Role;
use crate::domain::time::{Moment, Timestamp};

/// In what capacity a role asks a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// The owner at home, or a model that no role of this group may use itself: no line.
    Free,
    /// A home role: up to the line.
    Home,
    /// A borrower: up to the line without its first share.
    Borrower,
}

/// Where the line stands, for one plan: the shares are the same for every group and model.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pool: &'a KeyPool,
    moment: &'a Moment,
    come: f64,
}

impl<'a> Line<'a> {
    /// The line of `pool` at `moment`.
    pub fn new(pool: &'a KeyPool, moment: &'a Moment) -> Line<'a> {
        let come = moment.share_gone.max(pool.arrivals.come_by(moment.share_gone));
        Line { pool, moment, come }
    }

    /// Whether `claim` allows one more send of `group` to `model`; if not, when it will.
    pub fn allows(&self, claim: Claim, group: Group, model: ModelSlot) -> Result<(), Timestamp> {
        let early = self.pool.rules.router.early_share;
        let start = match claim {
            Claim::Free => return Ok(()),
            Claim::Home => early,
            Claim::Borrower => 0.0,
        };
        let Some(share) = self.passed(start, group, model) else { return Ok(()) };
        let until = self.when_come(share);
        // A key that comes back brings its budget along, and the line moves up.
        let calendar = &self.pool.calendar;
        let widened = self.pool.returns(group, self.moment.now).into_iter().find(|back| {
            let moment = calendar.moment(*back);
            *back < until && Line::new(self.pool, &moment).passed(start, group, model).is_none()
        });
        Err(widened.unwrap_or(until))
    }

    /// Where the line that begins at `start` is passed: the share of the day at which it will be met again.
    fn passed(&self, start: f64, group: Group, model: ModelSlot) -> Option<f64> {
        let early = self.pool.rules.router.early_share;
        let Spending { budget, spent } = self.pool.group_spending(group, model, self.moment);
        if budget == 0 {
            // Nothing to divide; each key says for itself why it cannot send.
            return None;
        }
        let spent = f64::from(spent) / f64::from(budget);
        (spent >= start + (1.0 - early) * self.come).then(|| (spent - start) / (1.0 - early))
    }

    /// How many more sends of `group` to `model` the line leaves room for, as it stands at this moment.
    pub fn room(&self, claim: Claim, group: Group, model: ModelSlot) -> u32 {
        let early = self.pool.rules.router.early_share;
        let start = match claim {
            Claim::Free => return u32::MAX,
            Claim::Home => early,
            Claim::Borrower => 0.0,
        };
        let Spending { budget, spent } = self.pool.group_spending(group, model, self.moment);
        let line = (start + (1.0 - early) * self.come) * f64::from(budget);
        (line - f64::from(spent)).ceil().max(0.0) as u32
    }

    /// In a project that several groups share: whether `role` leaves its reserve untouched; if not, when it will.
    pub fn leaves_reserve(&self, role: Role, budget: u32, spent: u32) -> Result<(), Timestamp> {
        let reserve = self.pool.rules.router.shared_reserve[role] * f64::from(budget);
        let left = f64::from(budget.saturating_sub(spent));
        if left > reserve * (1.0 - self.moment.share_gone) || reserve <= 0.0 {
            return Ok(());
        }
        Err(self.when_gone(1.0 - left / reserve))
    }

    /// When more than `share` of the day is gone, or of its requests have come by experience.
    fn when_come(&self, share: f64) -> Timestamp {
        let by_experience = self.pool.arrivals.share_when_past(share).unwrap_or(1.0);
        self.when_gone(share.min(by_experience))
    }

    fn when_gone(&self, share: f64) -> Timestamp {
        let Moment { now, reset_at, share_gone, .. } = *self.moment;
        if share >= 1.0 {
            return reset_at;
        }
        let left = reset_at.since(now).as_secs_f64() / (1.0 - share_gone).max(f64::EPSILON);
        let wait =
            std::time::Duration::from_secs_f64(((share - share_gone).max(0.0) * left).min(26.0 * 3600.0));
        // A millisecond later the share is exceeded, not met.
        (now + wait + std::time::Duration::from_millis(1)).min(reset_at)
    }
}

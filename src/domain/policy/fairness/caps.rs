//! Caps per user: requests in any sliding hour and in a quota day.
//!
//! A unit is taken at admission and given back unless an answer or a safety block was delivered. Taking is
//! idempotent per request: one that is admitted again after a crash takes no second unit.
//!
//! **Invariant:** the day never goes back. A clock that jumps back over midnight finds the later day's count.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::chat::Notice;
use crate::domain::rules::RoleRules;
use crate::domain::time::{Calendar, QuotaDay, Timestamp};

const HOUR: Duration = Duration::from_hours(1);

/// Units remembered one by one; more only where a configured hourly cap is higher than this. What falls out can
/// no longer be given back, but stays counted in its day.
const UNITS_KEPT: usize = 200;

/// What identifies a request among one user's: the shell draws it once and stores it with the request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestToken(pub u64);

impl RequestToken {
    /// The token of the request that an update carries.
    pub fn of_update(update_id: i64) -> RequestToken {
        RequestToken(update_id.cast_unsigned())
    }
}

/// What one user has used of their caps: the ledger's cell `user:{id}`.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct UserUsage {
    day: QuotaDay,
    /// Units of `day`; exact, while `units` forgets.
    taken: u32,
    /// Oldest first.
    units: Vec<Unit>,
}

/// One admitted request: when, which, and to which day it is charged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Unit(Timestamp, RequestToken, QuotaDay);

/// Why a request is not admitted, and from when on one will be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CapReached {
    /// `limit` requests in the last 60 min; `resets_at`: when enough of them are older.
    Hour { limit: u32, resets_at: Timestamp },
    /// `limit` requests in this quota day; `resets_at`: the midnight that ends it.
    Day { limit: u32, resets_at: Timestamp },
}

impl CapReached {
    /// When a request will be admitted, if no other comes first.
    pub fn resets_at(self) -> Timestamp {
        match self {
            CapReached::Hour { resets_at, .. } | CapReached::Day { resets_at, .. } => resets_at,
        }
    }
}

impl From<CapReached> for Notice {
    fn from(reached: CapReached) -> Notice {
        match reached {
            CapReached::Hour { limit, resets_at } => Notice::HourCapReached { limit, resets_at },
            CapReached::Day { limit, resets_at } => Notice::DayCapReached { limit, resets_at },
        }
    }
}

/// How much of the caps is used, for `/quota`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    /// Units of the last 60 min.
    pub hour: u32,
    /// Units of the quota day.
    pub day: u32,
    /// When the day's count begins again.
    pub day_resets_at: Timestamp,
}

impl UserUsage {
    /// Take a unit for `request`, unless a cap is reached. If both are, the one that lasts longer is named.
    pub fn admit(
        &mut self,
        rules: &RoleRules,
        calendar: &Calendar,
        now: Timestamp,
        request: RequestToken,
    ) -> Result<(), CapReached> {
        if rules.per_hour.is_none() && rules.per_day.is_none() {
            return Ok(());
        }
        self.turn_day(calendar, now);
        if self.units.iter().any(|unit| unit.1 == request) {
            return Ok(());
        }
        let hour = rules.per_hour.and_then(|limit| self.hour_cap(limit, now));
        let day = rules.per_day.filter(|limit| self.taken >= *limit).map(|limit| CapReached::Day {
            limit,
            resets_at: if limit == 0 { Timestamp::NEVER } else { self.next_day(calendar) },
        });
        if let Some(reached) = hour.into_iter().chain(day).max_by_key(|cap| cap.resets_at()) {
            return Err(reached);
        }
        self.taken = self.taken.saturating_add(1);
        self.units.push(Unit(now, request, self.day));
        let kept = UNITS_KEPT.max(rules.per_hour.unwrap_or(0) as usize);
        let surplus = self.units.len().saturating_sub(kept);
        self.units.drain(..surplus);
        Ok(())
    }

    /// Return the unit of a request that delivered nothing. False if it has none (any more).
    pub fn give_back(&mut self, request: RequestToken) -> bool {
        let Some(index) = self.units.iter().position(|unit| unit.1 == request) else {
            return false;
        };
        let Unit(_, _, day) = self.units.remove(index);
        if day == self.day {
            self.taken = self.taken.saturating_sub(1);
        }
        true
    }

    /// What is used at `now`.
    pub fn used(&self, calendar: &Calendar, now: Timestamp) -> Used {
        let mut usage = self.clone();
        usage.turn_day(calendar, now);
        Used {
            hour: usage.in_last_hour(now).count() as u32,
            day: usage.taken,
            day_resets_at: usage.next_day(calendar),
        }
    }

    /// Begin a new day if one has come, and forget what no cap counts any more.
    fn turn_day(&mut self, calendar: &Calendar, now: Timestamp) {
        let today = calendar.day(now);
        if today > self.day {
            self.day = today;
            self.taken = 0;
        }
        let day = self.day;
        self.units.retain(|unit| unit.2 == day || now < unit.0 + HOUR);
    }

    fn next_day(&self, calendar: &Calendar) -> Timestamp {
        calendar.start(QuotaDay(self.day.0.saturating_add(1)))
    }

    fn in_last_hour(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        self.units.iter().map(|unit| unit.0).filter(move |taken_at| now < *taken_at + HOUR)
    }

    fn hour_cap(&self, limit: u32, now: Timestamp) -> Option<CapReached> {
        let mut recent: Vec<Timestamp> = self.in_last_hour(now).collect();
        // A clock that jumped back leaves instants out of order.
        recent.sort_unstable();
        let over = recent.len().checked_sub(limit as usize)?;
        let resets_at = recent.get(over).map_or(Timestamp::NEVER, |taken_at| *taken_at + HOUR);
        Some(CapReached::Hour { limit, resets_at })
    }
}

#[cfg(test)]
mod tests;

//! Time as the rules see it: an instant in milliseconds, and the quota day in which it falls.
//!
//! Nothing here reads a clock. The shell's `clock` hands over a `Timestamp`, and turns the time zone of
//! the quota day (`America/Los_Angeles`) into a [`Calendar`], a plain table of midnights.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Arithmetic saturates at both ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The beginning of the count; earlier than every real event.
    pub const ZERO: Timestamp = Timestamp(0);
    /// Later than every real event: "not by itself". Fits SQLite's signed integers.
    pub const NEVER: Timestamp = Timestamp(i64::MAX as u64);

    /// The instant `ms` milliseconds after the epoch.
    pub const fn from_millis(ms: u64) -> Timestamp {
        Timestamp(if ms > Timestamp::NEVER.0 { Timestamp::NEVER.0 } else { ms })
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(self.0.saturating_add(ms))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Timestamp(self.0.saturating_sub(ms))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// A quota day: days since 1970-01-01 counted in the calendar of the quota's time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuotaDay(pub u32);

/// The midnights of the quota's time zone, as far as they are needed.
///
/// Days have 23, 24 or 25 hours; outside the table they are taken to have 24.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Calendar {
    first: QuotaDay,
    midnights: Vec<Timestamp>,
}

const DAY: Duration = Duration::from_hours(24);

impl Calendar {
    /// A calendar from the midnights that begin the days `first`, `first + 1`, … in ascending order.
    /// An empty table counts plain UTC days.
    pub fn new(first: QuotaDay, midnights: Vec<Timestamp>) -> Calendar {
        if midnights.is_empty() {
            return Calendar { first: QuotaDay(0), midnights: vec![Timestamp::ZERO] };
        }
        Calendar { first, midnights }
    }

    /// The quota day in which `at` falls.
    pub fn day(&self, at: Timestamp) -> QuotaDay {
        let known = self.midnights.partition_point(|midnight| *midnight <= at);
        if known == 0 {
            let before = self.midnights[0].since(at).as_millis().div_ceil(DAY.as_millis());
            return QuotaDay(self.first.0.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX)));
        }
        let last = self.first.0 + u32::try_from(known - 1).unwrap_or(u32::MAX);
        if known < self.midnights.len() {
            return QuotaDay(last);
        }
        let beyond = at.since(self.midnights[known - 1]).as_millis() / DAY.as_millis();
        QuotaDay(last.saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX)))
    }

    /// When `day` begins.
    pub fn start(&self, day: QuotaDay) -> Timestamp {
        if day < self.first {
            return self.midnights[0] - DAY * (self.first.0 - day.0);
        }
        let index = (day.0 - self.first.0) as usize;
        if let Some(midnight) = self.midnights.get(index) {
            return *midnight;
        }
        let last = self.midnights.len() - 1;
        self.midnights[last] + DAY * u32::try_from(index - last).unwrap_or(u32::MAX)
    }

    /// The midnight at which the budgets of the day of `at` are renewed.
    pub fn next_reset(&self, at: Timestamp) -> Timestamp {
        self.start(QuotaDay(self.day(at).0.saturating_add(1)))
    }

    /// The instant `now` with what rules ask of it.
    pub fn moment(&self, now: Timestamp) -> Moment {
        let today = self.day(now);
        Moment { now, today, reset_at: self.next_reset(now), share_gone: self.share_gone(now) }
    }

    /// The share of its quota day that is gone at `at`: 0 at midnight, towards 1 before the next.
    pub fn share_gone(&self, at: Timestamp) -> f64 {
        let day = self.day(at);
        let start = self.start(day);
        let length = self.start(QuotaDay(day.0.saturating_add(1))).since(start).as_secs_f64();
        (at.since(start).as_secs_f64() / length).clamp(0.0, 1.0)
    }
}

/// An instant, and where in its quota day it lies.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moment {
    /// The instant.
    pub now: Timestamp,
    /// Its quota day.
    pub today: QuotaDay,
    /// When budgets are renewed.
    pub reset_at: Timestamp,
    /// The share of the quota day that is gone, 0 to 1.
    pub share_gone: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    /// Three days of 24, 23 and 25 hours, then one more midnight.
    fn calendar() -> Calendar {
        let midnights = [0, 24, 47, 72].map(|h| Timestamp::from_millis(1_000_000_000 + h * HOUR));
        Calendar::new(QuotaDay(100), midnights.to_vec())
    }

    #[test]
    fn a_day_is_as_long_as_its_midnights_say() {
        let start = 1_000_000_000;
        let cases =
            [(0, 100), (24 * HOUR - 1, 100), (24 * HOUR, 101), (47 * HOUR - 1, 101), (47 * HOUR, 102)];
        for (offset, day) in cases {
            assert_eq!(calendar().day(Timestamp::from_millis(start + offset)), QuotaDay(day), "{offset}");
        }
    }

    #[test]
    fn outside_the_table_days_have_24_hours() {
        let last = 1_000_000_000 + 72 * HOUR;
        for (at, day) in [(last, 103), (last + 24 * HOUR - 1, 103), (last + 24 * HOUR, 104)] {
            assert_eq!(calendar().day(Timestamp::from_millis(at)), QuotaDay(day));
        }
        let first = 1_000_000_000;
        for (at, day) in [(first - 1, 99), (first - 24 * HOUR, 99), (first - 24 * HOUR - 1, 98)] {
            assert_eq!(calendar().day(Timestamp::from_millis(at)), QuotaDay(day));
            assert!(calendar().start(QuotaDay(day)) <= Timestamp::from_millis(at));
            assert!(calendar().next_reset(Timestamp::from_millis(at)) > Timestamp::from_millis(at));
        }
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp::ZERO - Duration::from_secs(5), Timestamp::ZERO);
        assert_eq!(Timestamp::NEVER + Duration::from_secs(5), Timestamp::NEVER);
        assert_eq!(Timestamp::ZERO.since(Timestamp::NEVER), Duration::ZERO);
    }

    #[test]
    fn the_share_gone_counts_the_real_length_of_the_day() {
        let short_day_noon = Timestamp::from_millis(1_000_000_000 + 24 * HOUR + 23 * HOUR / 2);
        assert!((calendar().share_gone(short_day_noon) - 0.5).abs() < 1e-9);
    }
}

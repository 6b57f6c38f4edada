//! When in the day people come: the share of the last seven days' requests that had come by a time of day.

use serde::{Deserialize, Serialize};

use crate::domain::time::QuotaDay;

/// Parts of a quota day, a quarter of an hour each on a day of 24 hours.
pub const BUCKETS: usize = 96;
/// Days that are remembered beside today.
const DAYS: u32 = 7;

/// Requests counted by part of the quota day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ArrivalCurve {
    days: Vec<(QuotaDay, Vec<u32>)>,
    /// Of the days before the newest one, cumulated; rebuilt when a day begins.
    #[serde(skip)]
    past: Vec<u64>,
}

impl ArrivalCurve {
    /// The curve of counts per day and part, in any order; what is older than seven days before the newest
    /// is left out.
    pub fn from_counts(days: impl IntoIterator<Item = (QuotaDay, Vec<u32>)>) -> ArrivalCurve {
        let mut curve = ArrivalCurve { days: days.into_iter().collect(), past: Vec::new() };
        curve.days.sort_by_key(|(day, _)| *day);
        curve.days.iter_mut().for_each(|(_, counts)| counts.resize(BUCKETS, 0));
        curve.forget_old();
        curve
    }

    /// Counts a request that came when `share` of its quota day was gone.
    pub fn record(&mut self, day: QuotaDay, share: f64) {
        let bucket = ((share * BUCKETS as f64) as usize).min(BUCKETS - 1);
        if self.days.last().is_none_or(|(newest, _)| *newest < day) {
            self.days.push((day, vec![0; BUCKETS]));
            self.forget_old();
        }
        if let Some((_, counts)) = self.days.iter_mut().rev().find(|(known, _)| *known == day) {
            counts[bucket] = counts[bucket].saturating_add(1);
        }
    }

    /// The share of the past days' requests that had come when `share` of the day was gone; 0 without a past.
    pub fn come_by(&self, share: f64) -> f64 {
        let Some(total) = self.past.last().copied().filter(|total| *total > 0) else { return 0.0 };
        let position = share.clamp(0.0, 1.0) * BUCKETS as f64;
        let bucket = (position as usize).min(BUCKETS - 1);
        let before = if bucket == 0 { 0 } else { self.past[bucket - 1] };
        let within = (self.past[bucket] - before) as f64 * (position - bucket as f64);
        ((before as f64 + within) / total as f64).clamp(0.0, 1.0)
    }

    /// The share of the day after which more than `share` of the past days' requests had come; none without a past,
    /// or if that is all of them.
    pub fn share_when_past(&self, share: f64) -> Option<f64> {
        let total = *self.past.last().filter(|total| **total > 0)? as f64;
        let bucket = self.past.iter().position(|come| *come as f64 / total > share)?;
        let before = if bucket == 0 { 0.0 } else { self.past[bucket - 1] as f64 };
        let within = ((share * total - before) / (self.past[bucket] as f64 - before)).clamp(0.0, 1.0);
        Some((bucket as f64 + within) / BUCKETS as f64)
    }

    /// Restores what is not stored.
    pub fn prepare(&mut self) {
        self.forget_old();
    }

    fn forget_old(&mut self) {
        let Some(newest) = self.days.last().map(|(day, _)| day.0) else { return };
        self.days.retain(|(day, _)| day.0 + DAYS >= newest);
        let mut cumulated = vec![0; BUCKETS];
        for (_, counts) in self.days.iter().filter(|(day, _)| day.0 < newest) {
            let mut sum = 0;
            for (total, count) in cumulated.iter_mut().zip(counts) {
                sum += u64::from(*count);
                *total += sum;
            }
        }
        self.past = cumulated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_past_nothing_had_come() {
        let mut curve = ArrivalCurve::default();
        curve.record(QuotaDay(1), 0.1);
        assert!(curve.come_by(0.9).abs() < f64::EPSILON);
    }

    #[test]
    fn the_past_is_the_seven_days_before_today() {
        let mut curve = ArrivalCurve::default();
        for day in 1..=9 {
            // Day 1 came late, the others early; day 1 is too old on day 9.
            curve.record(QuotaDay(day), if day == 1 { 0.9 } else { 0.25 });
        }
        assert!(curve.come_by(0.24).abs() < f64::EPSILON);
        assert!((curve.come_by(0.27) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_inverse_finds_when_a_share_has_come() {
        let counts = (0..BUCKETS as u32).map(|bucket| bucket % 5).collect::<Vec<_>>();
        let curve = ArrivalCurve::from_counts([(QuotaDay(1), counts), (QuotaDay(2), Vec::new())]);
        for share in [0.0, 0.1, 0.5, 0.77, 0.99] {
            let at = curve.share_when_past(share).expect("not all have come");
            assert!(curve.come_by(at + 1e-6) > share, "{share}");
            assert!(curve.come_by(at - 1e-6) <= share, "{share}");
        }
        assert_eq!(curve.share_when_past(1.0), None);
    }

    #[test]
    fn stored_counts_make_the_same_curve() {
        let mut counts = vec![0; BUCKETS];
        counts[10] = 3;
        counts[50] = 1;
        let curve = ArrivalCurve::from_counts([(QuotaDay(2), vec![1]), (QuotaDay(1), counts)]);
        assert!((curve.come_by(0.25) - 0.75).abs() < 1e-9);
        assert!((curve.come_by(1.0) - 1.0).abs() < 1e-9);
    }
}

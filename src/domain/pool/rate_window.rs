//! A sliding window of sends: at most n in *any* stretch of the window's length.
//!
//! A token bucket or a fixed minute would let through up to twice as many around its edge.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// The sends of the last window, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RateWindow {
    sends: Vec<Timestamp>,
}

impl RateWindow {
    /// When one more send would keep to `limit` per `window`: none if it does now.
    pub fn full_until(&self, limit: u32, window: Duration, now: Timestamp) -> Option<Timestamp> {
        let limit = limit as usize;
        if self.sends.len() < limit {
            return None;
        }
        if limit == 0 {
            return Some(Timestamp::NEVER);
        }
        // The `limit`-th newest send must have left the window.
        let leaves = self.sends[self.sends.len() - limit] + window;
        (leaves > now).then_some(leaves)
    }

    /// Counts a send at `now` and forgets those that left the window.
    pub fn push(&mut self, window: Duration, now: Timestamp) {
        self.sends.retain(|send| *send + window > now);
        let place = self.sends.partition_point(|send| *send <= now);
        self.sends.insert(place, now);
    }

    /// Takes back one send counted at `at`, because it never left this host.
    pub fn take_back(&mut self, at: Timestamp) {
        if let Some(place) = self.sends.iter().rposition(|send| *send == at) {
            self.sends.remove(place);
        }
    }

    /// Counts `sends` too, oldest first, those among them that are counted already once.
    pub fn join(&mut self, sends: impl Iterator<Item = Timestamp>) {
        let mut counted = std::mem::take(&mut self.sends).into_iter().peekable();
        for send in sends {
            while let Some(earlier) = counted.next_if(|at| *at < send) {
                self.sends.push(earlier);
            }
            counted.next_if_eq(&send);
            self.sends.push(send);
        }
        self.sends.extend(counted);
    }

    /// The sends still inside the window.
    pub fn count(&self, window: Duration, now: Timestamp) -> u32 {
        u32::try_from(self.sends.iter().filter(|send| **send + window > now).count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    const WINDOW: Duration = Duration::from_secs(61);

    #[test]
    fn the_window_slides_over_the_edge_of_a_minute() {
        let mut window = RateWindow::default();
        let at = |s: u64| Timestamp::from_millis(s * 1000);
        for s in 50..60 {
            assert_eq!(window.full_until(10, WINDOW, at(s)), None);
            window.push(WINDOW, at(s));
        }
        assert_eq!(window.full_until(10, WINDOW, at(60)), Some(at(111)));
        assert_eq!(window.full_until(10, WINDOW, at(111)), None);
    }

    #[test]
    fn a_limit_of_zero_never_passes() {
        assert_eq!(RateWindow::default().full_until(0, WINDOW, Timestamp::ZERO), Some(Timestamp::NEVER));
    }

    #[test]
    fn a_lowered_limit_counts_the_newest_sends() {
        let mut window = RateWindow::default();
        for s in 0..10 {
            window.push(WINDOW, Timestamp::from_millis(s * 1000));
        }
        let now = Timestamp::from_millis(10_000);
        assert_eq!(window.full_until(4, WINDOW, now), Some(Timestamp::from_millis(67_000)));
    }

    proptest! {
        /// Against the naive model: the list of all sends ever made.
        #[test]
        fn no_stretch_holds_more_than_the_limit(
            gaps in prop::collection::vec(0u64..20_000, 1..200), limit in 1u32..12, take_back in any::<u8>(),
        ) {
            let (mut window, mut all, mut now) = (RateWindow::default(), Vec::new(), Timestamp::from_millis(1));
            for (n, gap) in gaps.iter().enumerate() {
                now = now + Duration::from_millis(*gap);
                let in_model = all.iter().filter(|at: &&Timestamp| **at + WINDOW > now).count();
                let free = window.full_until(limit, WINDOW, now);
                prop_assert_eq!(free.is_none(), in_model < limit as usize);
                if let Some(until) = free {
                    prop_assert!(window.full_until(limit, WINDOW, until).is_none());
                    prop_assert!(window.full_until(limit, WINDOW, until - Duration::from_millis(1)).is_some());
                } else {
                    window.push(WINDOW, now);
                    if n % 7 == usize::from(take_back) % 7 { window.take_back(now) } else { all.push(now) }
                }
            }
        }
    }
}

//! How often one chat may be written to.
//!
//! Telegram counts sends and edits of one chat together: about 20 a minute, one a second with bursts, less in
//! groups; these are its developers' own figures, so a 429 always corrects them, for that chat only.

use std::time::Duration;

use crate::config::Pace;
use crate::domain::time::Timestamp;

/// What a token is taken for. The last two tokens are for the text that ends an answer: one opens it, one ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// A look at an answer that is still being written; can be left out.
    Glimpse,
    /// The first sight of an answer, which an edit will end.
    Opening,
    /// What must arrive.
    Final,
}

impl Purpose {
    /// Tokens that must be left after this one.
    const fn reserve(self) -> u64 {
        match self {
            Purpose::Glimpse => 2,
            Purpose::Opening => 1,
            Purpose::Final => 0,
        }
    }
}

/// A token bucket of one chat. Counts in milliseconds of refill, so that it is exact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Budget {
    burst: u64,
    refill_ms: u64,
    credit_ms: u64,
    counted_at: Timestamp,
    paused_until: Timestamp,
}

impl Budget {
    /// A full bucket.
    pub(crate) fn full(pace: Pace, now: Timestamp) -> Budget {
        let burst = u64::from(pace.burst).max(1);
        let refill_ms = u64::try_from(pace.interval.as_millis()).unwrap_or(u64::MAX / burst).max(1);
        let credit_ms = burst * refill_ms;
        Budget { burst, refill_ms, credit_ms, counted_at: now, paused_until: Timestamp::ZERO }
    }

    /// Takes a token, or says when there will be one.
    pub(crate) fn take(&mut self, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        self.count(now);
        if now < self.paused_until {
            return Err(self.paused_until);
        }
        let needed = (purpose.reserve() + 1).min(self.burst) * self.refill_ms;
        if self.credit_ms < needed {
            return Err(now + Duration::from_millis(needed - self.credit_ms));
        }
        self.credit_ms -= self.refill_ms;
        Ok(())
    }

    /// Until when Telegram wants nothing from us here.
    pub(crate) fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        Some(self.paused_until).filter(|until| now < *until)
    }

    /// Nothing goes out for `wait`, and afterwards one message first: Telegram was asked too much.
    pub(crate) fn pause(&mut self, wait: Duration, now: Timestamp) {
        self.count(now);
        self.paused_until = self.paused_until.max(now + wait);
        self.counted_at = self.paused_until;
        self.credit_ms = self.credit_ms.min(self.refill_ms);
    }

    /// Whether forgetting this bucket would change nothing.
    pub(crate) fn is_full(&mut self, now: Timestamp) -> bool {
        self.count(now);
        now >= self.paused_until && self.credit_ms == self.burst * self.refill_ms
    }

    fn count(&mut self, now: Timestamp) {
        let elapsed = u64::try_from(now.since(self.counted_at).as_millis()).unwrap_or(u64::MAX);
        self.credit_ms = self.credit_ms.saturating_add(elapsed).min(self.burst * self.refill_ms);
        self.counted_at = self.counted_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    const T0: Timestamp = Timestamp::from_millis(1_000_000);

    const PRIVATE: Pace = Pace { burst: 6, interval: Duration::from_secs(3) };
    const GROUP: Pace = Pace { burst: 4, interval: Duration::from_secs(4) };

    fn at(ms: u64) -> Timestamp {
        T0 + Duration::from_millis(ms)
    }

    #[test]
    fn a_burst_is_followed_by_one_every_three_seconds() {
        let mut budget = Budget::full(PRIVATE, T0);
        for _ in 0..6 {
            assert_eq!(budget.take(Purpose::Final, T0), Ok(()));
        }
        assert_eq!(budget.take(Purpose::Final, at(10)), Err(at(3000)));
        assert_eq!(budget.take(Purpose::Final, at(3000)), Ok(()));
        assert_eq!(budget.take(Purpose::Final, at(3000)), Err(at(6000)));
    }

    #[test]
    fn a_group_has_less() {
        let mut budget = Budget::full(GROUP, T0);
        for _ in 0..4 {
            assert_eq!(budget.take(Purpose::Final, T0), Ok(()));
        }
        assert_eq!(budget.take(Purpose::Final, T0), Err(at(4000)));
    }

    #[test]
    fn glimpses_leave_two_tokens_for_the_end_of_the_answer() {
        let mut budget = Budget::full(PRIVATE, T0);
        let glimpses = (0..10).filter(|_| budget.take(Purpose::Glimpse, T0).is_ok()).count();
        assert_eq!(glimpses, 4);
        assert_eq!(budget.take(Purpose::Opening, T0), Ok(()));
        assert_eq!(budget.take(Purpose::Opening, T0), Err(at(3000)));
        assert_eq!(budget.take(Purpose::Final, T0), Ok(()));
    }

    #[test]
    fn a_pause_stops_everything_and_then_lets_one_go() {
        let mut budget = Budget::full(PRIVATE, T0);
        budget.pause(Duration::from_secs(30), T0);
        assert_eq!(budget.take(Purpose::Final, at(29_999)), Err(at(30_000)));
        budget.pause(Duration::from_secs(1), at(100));
        assert_eq!(budget.paused_until, at(30_000));
        assert_eq!(budget.take(Purpose::Final, at(30_000)), Ok(()));
        assert_eq!(budget.take(Purpose::Final, at(30_000)), Err(at(33_000)));
    }

    #[test]
    fn a_full_bucket_can_be_forgotten() {
        let mut budget = Budget::full(PRIVATE, T0);
        assert!(budget.is_full(T0));
        assert!(budget.take(Purpose::Glimpse, T0).is_ok());
        assert!(!budget.is_full(at(2999)));
        assert!(budget.is_full(at(3000)));
    }

    #[test]
    fn a_bucket_of_one_still_lets_everything_through() {
        let mut budget = Budget::full(Pace { burst: 1, interval: Duration::from_secs(1) }, T0);
        assert_eq!(budget.take(Purpose::Opening, T0), Ok(()));
        assert_eq!(budget.take(Purpose::Glimpse, T0), Err(at(1000)));
        assert_eq!(budget.take(Purpose::Final, at(1000)), Ok(()));
    }

    proptest! {
        /// Whatever is asked when, no window of a minute holds more than burst + 20.
        #[test]
        fn no_minute_holds_more_than_the_burst_and_twenty(asks in proptest::collection::vec((0u64..2000, any::<bool>()), 1..300)) {
            let mut budget = Budget::full(PRIVATE, T0);
            let mut now = T0;
            let mut taken = Vec::new();
            for (wait, is_final) in asks {
                now = now + Duration::from_millis(wait);
                let purpose = if is_final { Purpose::Final } else { Purpose::Glimpse };
                if budget.take(purpose, now).is_ok() {
                    taken.push(now);
                }
            }
            for (index, first) in taken.iter().enumerate() {
                let in_minute = taken[index..].iter().filter(|at| at.since(*first) < Duration::from_mins(1)).count();
                assert!(in_minute <= 26, "{in_minute}");
            }
        }

        /// A refusal names the first instant at which the same ask is granted.
        #[test]
        fn a_refusal_is_true(asks in proptest::collection::vec(0u64..1500, 1..60)) {
            let mut budget = Budget::full(GROUP, T0);
            let mut now = T0;
            for wait in asks {
                now = now + Duration::from_millis(wait);
                if let Err(ready) = budget.take(Purpose::Glimpse, now) {
                    let early = ready - Duration::from_millis(1);
                    assert!(early < now || budget.clone().take(Purpose::Glimpse, early).is_err());
                    assert!(budget.clone().take(Purpose::Glimpse, ready).is_ok());
                }
            }
        }
    }
}

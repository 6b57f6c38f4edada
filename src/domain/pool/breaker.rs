//! The circuit breaker, one type for keys and models.
//!
//! ```text
//!              failures < threshold
//!                   ┌────┐
//!                   ▼    │
//!   success ──► Closed ──┴── threshold-th failure in a row ──► Open(until)
//!                 ▲                                           ▲   │
//!                 │                                           │   │ until has come: one request may probe
//!                 │                         probe failed: ────┤   ▼
//!                 └────────── probe succeeded ─────────── HalfOpen(deadline)
//!                                           abandoned, or silent past its deadline: Open, due at once
//! ```
//! While it is open, late results of earlier requests change nothing: a burst of failures from one moment
//! counts once, and a second deadline never shortens the first.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Closed, open, or trying one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Breaker {
    /// Everything passes.
    Closed {
        /// Failures in a row so far.
        failures: u32,
    },
    /// Nothing passes before `until`; then one probe may.
    Open {
        /// When a probe may go out.
        until: Timestamp,
        /// How often it has opened in a row.
        trips: u32,
    },
    /// One probe is out.
    HalfOpen {
        /// When a silent probe counts as abandoned.
        deadline: Timestamp,
        /// How often it has opened in a row.
        trips: u32,
    },
}

impl Default for Breaker {
    fn default() -> Breaker {
        Breaker::Closed { failures: 0 }
    }
}

/// What a breaker lets through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pass {
    /// Anything.
    Free,
    /// One request, as the probe: call [`Breaker::begin_probe`] when it is taken.
    Probe,
    /// Nothing before that instant.
    NotBefore(Timestamp),
    /// Nothing before the probe that is out has ended, at the latest then.
    Probing(Timestamp),
}

/// When a breaker opens and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakerPolicy<'a> {
    /// Failures in a row that open it, 1….
    pub threshold: u32,
    /// How long it stays open, trip by trip; the last value repeats.
    pub backoff: &'a [Duration],
}

impl BreakerPolicy<'_> {
    fn pause(&self, trips: u32) -> Duration {
        let last = self.backoff.len().saturating_sub(1);
        self.backoff.get(last.min(trips as usize)).copied().unwrap_or_default()
    }
}

impl Breaker {
    /// What passes at `now`.
    pub fn pass(&self, now: Timestamp) -> Pass {
        match *self {
            Breaker::Closed { .. } => Pass::Free,
            Breaker::Open { until, .. } if until > now => Pass::NotBefore(until),
            Breaker::HalfOpen { deadline, .. } if deadline > now => Pass::Probing(deadline),
            Breaker::Open { .. } | Breaker::HalfOpen { .. } => Pass::Probe,
        }
    }

    /// The next request is the probe; silent past `deadline` it counts as abandoned.
    pub fn begin_probe(&mut self, deadline: Timestamp) {
        if let Breaker::Open { trips, .. } | Breaker::HalfOpen { trips, .. } = *self {
            *self = Breaker::HalfOpen { deadline, trips };
        }
    }

    /// A request succeeded; `probe` if it was the probe.
    pub fn succeed(&mut self, probe: bool) {
        match self {
            Breaker::Closed { failures } => *failures = 0,
            Breaker::HalfOpen { .. } if probe => *self = Breaker::default(),
            Breaker::HalfOpen { .. } | Breaker::Open { .. } => {}
        }
    }

    /// A request failed; `probe` if it was the probe. Says whether this opened the breaker.
    pub fn fail(&mut self, probe: bool, policy: BreakerPolicy<'_>, now: Timestamp) -> bool {
        match *self {
            Breaker::Closed { failures } if failures + 1 < policy.threshold => {
                *self = Breaker::Closed { failures: failures + 1 };
                false
            }
            Breaker::Closed { .. } => {
                *self = Breaker::Open { until: now + policy.pause(0), trips: 1 };
                true
            }
            Breaker::HalfOpen { trips, .. } if probe => {
                *self = Breaker::Open { until: now + policy.pause(trips), trips: trips.saturating_add(1) };
                true
            }
            Breaker::HalfOpen { .. } | Breaker::Open { .. } => false,
        }
    }

    /// The probe ended without saying anything about this breaker's subject: another may go out at once.
    pub fn abandon_probe(&mut self, now: Timestamp) {
        if let Breaker::HalfOpen { trips, .. } = *self {
            *self = Breaker::Open { until: now, trips };
        }
    }

    /// Whether requests other than a probe are kept away at `now`.
    pub fn is_open(&self) -> bool {
        !matches!(self, Breaker::Closed { .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const KEY: BreakerPolicy<'static> = BreakerPolicy { threshold: 3, backoff: &[HOUR] };

    fn at(s: u64) -> Timestamp {
        Timestamp::from_millis(s * 1000)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        assert_eq!([0, 1, 2].map(|s| breaker.fail(false, KEY, at(s))), [false, false, true]);
        breaker
    }

    #[test]
    fn three_failures_in_a_row_open_it_for_an_hour() {
        let breaker = opened();
        assert_eq!(breaker.pass(at(3601)), Pass::NotBefore(at(3602)));
        assert_eq!(breaker.pass(at(3602)), Pass::Probe);
    }

    #[test]
    fn a_success_in_between_clears_the_count() {
        let mut breaker = Breaker::default();
        for s in 0..20 {
            breaker.fail(false, KEY, at(s));
            breaker.fail(false, KEY, at(s));
            breaker.succeed(false);
        }
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_late_failure_does_not_move_the_deadline() {
        let mut breaker = opened();
        assert!(!breaker.fail(false, KEY, at(100)));
        assert_eq!(breaker.pass(at(200)), Pass::NotBefore(at(3602)));
    }

    #[test]
    fn one_probe_at_a_time() {
        let mut breaker = opened();
        breaker.begin_probe(at(3700));
        assert_eq!(breaker.pass(at(3650)), Pass::Probing(at(3700)));
        breaker.succeed(false);
        assert_eq!(breaker.pass(at(3650)), Pass::Probing(at(3700)), "only the probe's own success counts");
        breaker.succeed(true);
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_cancelled_probe_is_repeated() {
        let mut breaker = opened();
        breaker.begin_probe(at(3700));
        breaker.abandon_probe(at(3650));
        assert_eq!(breaker.pass(at(3650)), Pass::Probe);
    }

    #[test]
    fn a_silent_probe_is_repeated_after_its_deadline() {
        let mut breaker = opened();
        breaker.begin_probe(at(3700));
        assert_eq!(breaker.pass(at(3700)), Pass::Probe);
    }

    #[test]
    fn each_failed_probe_waits_longer_up_to_the_last_pause() {
        let pauses = [2, 4, 8, 16, 30].map(Duration::from_secs);
        let model = BreakerPolicy { threshold: 3, backoff: &pauses };
        let (mut breaker, mut now) = (Breaker::default(), at(0));
        for _ in 0..3 {
            breaker.fail(false, model, now);
        }
        for expected in [2, 4, 8, 16, 30, 30] {
            assert_eq!(breaker.pass(now), Pass::NotBefore(now + Duration::from_secs(expected)));
            now = now + Duration::from_secs(expected);
            breaker.begin_probe(now + HOUR);
            breaker.fail(true, model, now);
        }
    }

    proptest! {
        /// Against the naive model: the list of results, of which the trailing failures decide.
        #[test]
        fn it_opens_at_the_third_trailing_failure(results in prop::collection::vec(any::<bool>(), 0..60)) {
            let mut breaker = Breaker::default();
            let mut history: Vec<bool> = Vec::new();
            for (n, success) in results.into_iter().enumerate() {
                let now = at(n as u64);
                if success { breaker.succeed(false) } else { breaker.fail(false, KEY, now); }
                history.push(success);
                let runs = history.split(|ok| *ok).map(<[bool]>::len);
                let first_three = runs.scan(0, |end, run| { *end += run + 1; Some((*end, run)) })
                    .find(|(_, run)| *run >= 3).map(|(end, run)| end - 1 - run + 2);
                match first_three {
                    None => prop_assert_eq!(breaker.pass(now), Pass::Free),
                    Some(third) => prop_assert_eq!(breaker.pass(now), Pass::NotBefore(at(third as u64) + HOUR)),
                }
            }
        }
    }
}

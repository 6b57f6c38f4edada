//! The retry budget against the plain list of everything that was counted.

use super::*;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000 + seconds * 1000)
}

fn rules() -> RouterRules {
    RouterRules::default()
}

#[test]
fn three_retries_are_always_allowed_and_the_fourth_needs_twenty_requests() {
    for (requests, fourth) in [(0, false), (19, false), (20, true)] {
        let mut budget = RetryBudget::default();
        for second in 0..3 {
            assert_eq!(budget.retry(&rules(), at(second)), Ok(()));
        }
        assert_eq!(budget.retry(&rules(), at(3)), Err(RetriesSpent { until: at(300) }));
        for _ in 0..requests {
            budget.request();
        }
        // The window that begins with the first retry decides: these requests came after it.
        assert_eq!(budget.retry(&rules(), at(3)).is_ok(), fourth, "{requests} requests");
    }
}

#[test]
fn requests_before_the_first_retry_pay_for_no_later_window() {
    let mut budget = RetryBudget::default();
    for _ in 0..1000 {
        budget.request();
    }
    let granted = (0..300).filter(|second| budget.retry(&rules(), at(*second)).is_ok()).count();
    assert_eq!(granted, 3);
    assert_eq!(budget.retry(&rules(), at(300)), Ok(()), "the first has left every window");
    assert_eq!(budget.counted(&rules(), at(300)), 3);
}

#[test]
fn with_every_key_failing_retries_come_at_three_to_twenty_requests() {
    let mut budget = RetryBudget::default();
    let mut granted = 0;
    for second in 0..3000 {
        budget.request();
        granted += u32::from(budget.retry(&rules(), at(second)).is_ok());
    }
    // Not one in five: should the load stop after any four of them, twenty requests must have come since the first.
    assert_eq!(granted, 450);
}

#[test]
fn without_floor_or_room_nothing_is_allowed() {
    let none = RouterRules { retry_floor: 0, ..rules() };
    assert_eq!(RetryBudget::default().retry(&none, at(0)), Err(RetriesSpent { until: Timestamp::NEVER }));
    let free = RouterRules { retry_floor: 10_000, ..rules() };
    let mut budget = RetryBudget::default();
    let granted = (0..10_000).filter(|_| budget.retry(&free, at(0)).is_ok()).count();
    assert_eq!(granted, RETRIES_KEPT);
}

/// Everything that was counted; true: a retry.
#[derive(Default)]
struct Model(Vec<(Timestamp, bool)>);

impl Model {
    /// Whether one more retry at `now` keeps every window, wherever it begins, within the share.
    fn has_room(&self, rules: &RouterRules, now: Timestamp) -> bool {
        let begins = (0..=self.0.len()).filter(|begin| {
            self.0.get(*begin).is_none_or(|first| first.1 && now < first.0 + rules.retry_window)
        });
        begins.into_iter().all(|begin| {
            let retries = self.0[begin..].iter().filter(|event| event.1).count() + 1;
            let requests = self.0[begin..].iter().filter(|event| !event.1).count();
            retries <= (rules.retry_floor as usize).max(requests / 5)
        })
    }

    /// I8 read from the whole history: the worst window of all.
    fn keeps_i8(&self, rules: &RouterRules) -> bool {
        (0..self.0.len()).filter(|begin| self.0[*begin].1).all(|begin| {
            let end = self.0[begin].0 + rules.retry_window;
            let window: Vec<_> = self.0[begin..].iter().take_while(|event| event.0 < end).collect();
            let retries = window.iter().filter(|event| event.1).count();
            retries <= (rules.retry_floor as usize).max((window.len() - retries) / 5)
        })
    }
}

#[test]
fn random_loads_never_exceed_the_share_in_any_window() {
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut budget, mut model) = (RetryBudget::default(), Model::default());
        let mut now = at(0);
        // Busy and quiet hours, with failures that come in bursts.
        let mut failing = false;
        for step in 0..600 {
            let pause = *rng.choice(&[0, 1, 200, 1000, 5000, 60_000]).unwrap_or(&0);
            now = now + Duration::from_millis(if rng.u32(0..40) == 0 { 300_000 } else { pause });
            failing ^= rng.u32(0..60) == 0;
            if rng.u32(0..10) < if failing { 6 } else { 1 } {
                let granted = budget.retry(&rules(), now);
                let trace = format!("seed {seed}, step {step}: {granted:?}");
                assert_eq!(granted.is_ok(), model.has_room(&rules(), now), "{trace}");
                if let Err(RetriesSpent { until }) = granted {
                    let mut later = budget.clone();
                    assert!(later.retry(&rules(), until - Duration::from_millis(1)).is_err(), "{trace}");
                    assert_eq!(later.retry(&rules(), until), Ok(()), "{trace}");
                } else {
                    model.0.push((now, true));
                }
            } else {
                budget.request();
                model.0.push((now, false));
            }
            let stored = serde_json::to_string(&budget).expect("a cell is plain data");
            budget = serde_json::from_str(&stored).expect("what was stored reads back");
        }
        assert!(model.keeps_i8(&rules()), "seed {seed}");
    }
}

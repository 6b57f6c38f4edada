//! The retry budget: when upstream fails, retries must not multiply the load.
//!
//! **Invariant:** in *any* window of `retry_window`, wherever it begins, counted retries are at most
//! `max(retry_floor, retry_share × requests in it)`. Looking only at the window that ends now is not enough: its
//! requests would leave it before the retries they paid for, and the next window would hold retries alone. So a
//! retry must fit every window that begins with an earlier retry and is still open. A window that begins between
//! two retries holds the same retries as the one that begins with the later, and more requests; so between two
//! retries a count of requests is all that need be kept. The price: under a steady load of failures three retries
//! to twenty requests are granted, not four.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::rules::RouterRules;
use crate::domain::time::Timestamp;

/// Retries remembered, and so the most in one window: 500 in 5 min is far beyond what 25 keys can send.
const RETRIES_KEPT: usize = 500;

/// The state of the retry budget: the ledger's cell `retries`.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct RetryBudget {
    /// Oldest first.
    retries: VecDeque<Retry>,
}

/// A counted retry, and the requests between it and the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Retry(Timestamp, u32);

/// No retry now; `until`: when one is allowed even if no request comes before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetriesSpent {
    /// When the windows that are full have ended.
    pub until: Timestamp,
}

impl RetryBudget {
    /// A request was sent for the first time.
    pub fn request(&mut self) {
        if let Some(last) = self.retries.back_mut() {
            last.1 = last.1.saturating_add(1);
        }
    }

    /// Count a retry, if every window it falls into has room for it.
    pub fn retry(&mut self, rules: &RouterRules, now: Timestamp) -> Result<(), RetriesSpent> {
        self.forget(rules.retry_window, now);
        // From the newest on: the window that begins with each earlier retry, as it would be with this one.
        let (mut retries, mut requests) = (1_u32, 0_u32);
        let mut full = (allowed(rules, requests) < retries).then_some(Timestamp::NEVER);
        for Retry(at, since) in self.retries.iter().rev() {
            retries += 1;
            requests = requests.saturating_add(*since);
            if retries > allowed(rules, requests) {
                full = Some(*at + rules.retry_window);
                break;
            }
        }
        if full.is_none() && self.retries.len() >= RETRIES_KEPT {
            full = self.retries.front().map(|oldest| oldest.0 + rules.retry_window);
        }
        if let Some(until) = full {
            return Err(RetriesSpent { until });
        }
        self.retries.push_back(Retry(now, 0));
        Ok(())
    }

    /// Counted retries in the window that ends now.
    pub fn counted(&self, rules: &RouterRules, now: Timestamp) -> u32 {
        self.retries.iter().filter(|retry| now < retry.0 + rules.retry_window).count() as u32
    }

    fn forget(&mut self, window: Duration, now: Timestamp) {
        while self.retries.front().is_some_and(|oldest| oldest.0 + window <= now) {
            self.retries.pop_front();
        }
    }
}

/// The retries a window with this many requests may hold.
fn allowed(rules: &RouterRules, requests: u32) -> u32 {
    // The nudge keeps 0.2 × 35 = 6.999… from losing one.
    let share = (rules.retry_share * f64::from(requests) + 1e-9).floor() as u32;
    share.max(rules.retry_floor)
}

#[cfg(test)]
mod tests;

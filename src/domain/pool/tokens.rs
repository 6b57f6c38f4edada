//! Tokens of the last minute. Off until a limit is configured or Google names one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Tokens counted when their calls ended, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenWindow {
    calls: Vec<(Timestamp, u32)>,
}

impl TokenWindow {
    /// When the tokens of the window fall below `limit`: none if they are now, or there is no limit.
    pub fn full_until(&self, limit: Option<u32>, window: Duration, now: Timestamp) -> Option<Timestamp> {
        let limit = u64::from(limit?);
        let mut left: u64 = self
            .calls
            .iter()
            .filter(|(at, _)| *at + window > now)
            .map(|(_, tokens)| u64::from(*tokens))
            .sum();
        if left < limit {
            return None;
        }
        for (at, tokens) in self.calls.iter().filter(|(at, _)| *at + window > now) {
            left -= u64::from(*tokens);
            if left < limit {
                return Some(*at + window);
            }
        }
        Some(Timestamp::NEVER)
    }

    /// Counts the tokens of a call that ended at `now`.
    pub fn push(&mut self, tokens: u32, window: Duration, now: Timestamp) {
        self.calls.retain(|(at, _)| *at + window > now);
        if tokens > 0 {
            self.calls.push((now, tokens));
        }
    }

    /// Counts the calls of another window too, those that are in both once.
    pub fn join(&mut self, other: &TokenWindow) {
        self.calls.extend(&other.calls);
        self.calls.sort_unstable();
        self.calls.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_only_against_a_limit() {
        let (minute, at) = (Duration::from_secs(61), |s: u64| Timestamp::from_millis(s * 1000));
        let mut window = TokenWindow::default();
        for (s, tokens) in [(0, 600), (10, 300), (20, 200)] {
            window.push(tokens, minute, at(s));
        }
        assert_eq!(window.full_until(None, minute, at(20)), None);
        assert_eq!(window.full_until(Some(1200), minute, at(20)), None);
        assert_eq!(window.full_until(Some(1000), minute, at(20)), Some(at(61)));
        assert_eq!(window.full_until(Some(400), minute, at(20)), Some(at(71)));
        assert_eq!(window.full_until(Some(400), minute, at(71)), None);
    }
}

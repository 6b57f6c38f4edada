//! The limits in force for a project and model: as configured, corrected by what Google said.

use serde::{Deserialize, Serialize};

use crate::domain::rules::ModelLimits;

/// What Google named in a 429. It can only lower what is configured: a higher value may be another tier's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LearnedLimits {
    /// Requests a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u32>,
    /// Requests a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_limit: Option<u32>,
    /// Tokens a minute; switches the token budget on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u32>,
}

impl LearnedLimits {
    /// `configured`, never above what was learned.
    pub fn apply(&self, configured: &ModelLimits) -> ModelLimits {
        ModelLimits {
            rpm: lower(configured.rpm, self.rpm),
            daily_limit: lower(configured.daily_limit, self.daily_limit),
            quota_fraction: configured.quota_fraction,
            tokens_per_minute: match (configured.tokens_per_minute, self.tokens_per_minute) {
                (Some(configured), learned) => Some(lower(configured, learned)),
                (None, learned) => learned,
            },
        }
    }
}

impl LearnedLimits {
    /// Learns what another has learned.
    pub fn join(&mut self, other: &LearnedLimits) {
        let lower = |ours: Option<u32>, theirs: Option<u32>| ours.into_iter().chain(theirs).min();
        self.rpm = lower(self.rpm, other.rpm);
        self.daily_limit = lower(self.daily_limit, other.daily_limit);
        self.tokens_per_minute = lower(self.tokens_per_minute, other.tokens_per_minute);
    }
}

fn lower(configured: u32, learned: Option<u32>) -> u32 {
    learned.map_or(configured, |learned| learned.min(configured))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learned_limit_only_lowers() {
        let configured =
            ModelLimits { rpm: 10, daily_limit: 250, quota_fraction: 0.3, tokens_per_minute: None };
        let learned =
            LearnedLimits { rpm: Some(5), daily_limit: Some(1000), tokens_per_minute: Some(250_000) };
        let expected = ModelLimits { rpm: 5, tokens_per_minute: Some(250_000), ..configured };
        assert_eq!(learned.apply(&configured), expected);
    }

    #[test]
    fn thirty_percent_rounds_down() {
        let model = |daily_limit, quota_fraction| ModelLimits {
            rpm: 10,
            daily_limit,
            quota_fraction,
            tokens_per_minute: None,
        };
        for (daily, fraction, budget) in [
            (1000, 0.30, 300),
            (250, 0.30, 75),
            (50, 0.30, 15),
            (20, 0.30, 6),
            (100, 0.29, 29),
            (3, 0.30, 0),
            (0, 1.0, 0),
        ] {
            assert_eq!(model(daily, fraction).budget(), budget, "{daily} × {fraction}");
        }
    }
}

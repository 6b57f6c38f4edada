//! Why a key cannot serve now, and until when.

use serde::{Deserialize, Serialize};

use super::outcome::Rejection;
use crate::domain::time::Timestamp;

/// Why not, and until when. Where several reasons hold, the one that lasts longest is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The key's cooldown after its last send.
    Cooling {
        /// When it ends.
        until: Timestamp,
    },
    /// The sliding minute of the project and model is full.
    RateLimited {
        /// When its oldest send leaves.
        until: Timestamp,
    },
    /// The budget of the quota day is spent, or Google said so.
    BudgetSpent {
        /// The next reset, or the instant Google named.
        until: Timestamp,
    },
    /// Google asked this project and model to wait.
    Resting {
        /// As long as it asked.
        until: Timestamp,
    },
    /// The key's breaker is open: too many strikes.
    Banned {
        /// When a probe may go out.
        until: Timestamp,
    },
    /// Another request is probing.
    Probing {
        /// The probe's deadline.
        until: Timestamp,
    },
    /// Definitely rejected by Google.
    Rejected {
        /// Why.
        why: Rejection,
    },
    /// Taken out by an operator.
    Disabled {
        /// When it comes back by itself; `NEVER` if it does not.
        until: Timestamp,
    },
    /// The model is not on this project's tier, or configured off.
    ModelOff {
        /// When that is tried again; `NEVER` if configured off.
        until: Timestamp,
    },
    /// The model's breaker is open.
    ModelDown {
        /// When a probe may go out.
        until: Timestamp,
    },
    /// No project knows the model's id.
    ModelMissing {
        /// When that is tried again.
        until: Timestamp,
    },
    /// The whole pool pauses.
    PoolPaused {
        /// When it goes on.
        until: Timestamp,
    },
}

impl Refusal {
    /// When this reason ends by itself; `NEVER` if it does not.
    pub const fn until(&self) -> Timestamp {
        match self {
            Refusal::Cooling { until }
            | Refusal::RateLimited { until }
            | Refusal::BudgetSpent { until }
            | Refusal::Resting { until }
            | Refusal::Banned { until }
            | Refusal::Probing { until }
            | Refusal::Disabled { until }
            | Refusal::ModelOff { until }
            | Refusal::ModelDown { until }
            | Refusal::ModelMissing { until }
            | Refusal::PoolPaused { until } => *until,
            Refusal::Rejected { .. } => Timestamp::NEVER,
        }
    }

    /// The word in output and JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Refusal::Cooling { .. } => "cooling",
            Refusal::RateLimited { .. } => "rate_limited",
            Refusal::BudgetSpent { .. } => "budget_spent",
            Refusal::Resting { .. } => "resting",
            Refusal::Banned { .. } => "blacklisted",
            Refusal::Probing { .. } => "probing",
            Refusal::Rejected { why } => why.name(),
            Refusal::Disabled { .. } => "disabled",
            Refusal::ModelOff { .. } => "model_off",
            Refusal::ModelDown { .. } => "model_down",
            Refusal::ModelMissing { .. } => "model_missing",
            Refusal::PoolPaused { .. } => "pool_paused",
        }
    }

    /// Whether nobody can say when this ends: it depends on Google coming back.
    pub const fn is_outage(&self) -> bool {
        matches!(self, Refusal::ModelDown { .. } | Refusal::PoolPaused { .. })
    }

    /// Of two reasons that both hold, the one that lasts longer.
    #[must_use]
    pub fn or_longer(self, other: Refusal) -> Refusal {
        if other.until() > self.until() { other } else { self }
    }
}

//! What is remembered of one key: its last send, its strikes, why it is out.

use serde::{Deserialize, Serialize};

use super::breaker::{Breaker, BreakerPolicy, Pass};
use super::outcome::Rejection;
use super::refusal::Refusal;
use crate::domain::key::Fingerprint;
use crate::domain::rules::{BreakerRules, KeyLimits};
use crate::domain::time::Timestamp;

/// One key, by the fingerprint of its secret: a new secret in an old place starts afresh.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeyState {
    /// Whose state this is.
    pub fingerprint: Fingerprint,
    /// The last send, whatever the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_send: Option<Timestamp>,
    /// Strikes and the blacklist.
    #[serde(default)]
    pub breaker: Breaker,
    /// Why Google rejected it for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
    /// Taken out by an operator until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_until: Option<Timestamp>,
    /// What the operator said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
}

impl KeyState {
    /// A key of which nothing is known.
    pub fn new(fingerprint: Fingerprint) -> KeyState {
        KeyState {
            fingerprint,
            last_send: None,
            breaker: Breaker::default(),
            rejected: None,
            disabled_until: None,
            disabled_reason: None,
        }
    }

    /// Until when an operator keeps the key out, as far as that lies ahead.
    pub fn disabled(&self, now: Timestamp) -> Option<Timestamp> {
        self.disabled_until.filter(|until| *until > now)
    }

    /// Whether the key itself may send at `now`; true if only as a probe.
    pub fn ready(&self, limits: &KeyLimits, rules: &BreakerRules, now: Timestamp) -> Result<bool, Refusal> {
        if let Some(why) = self.rejected {
            return Err(Refusal::Rejected { why });
        }
        let mut refusal = None;
        if let Some(until) = self.disabled(now) {
            refusal = Some(Refusal::Disabled { until });
        }
        let cooled = self.last_send.map_or(Timestamp::ZERO, |sent| sent + limits.gap(rules));
        if cooled > now {
            refusal = Some(longer(refusal, Refusal::Cooling { until: cooled }));
        }
        let probe = match self.breaker.pass(now) {
            Pass::Free => false,
            Pass::Probe => true,
            Pass::NotBefore(until) => return Err(longer(refusal, Refusal::Banned { until })),
            Pass::Probing(until) => return Err(longer(refusal, Refusal::Probing { until })),
        };
        refusal.map_or(Ok(probe), Err)
    }

    /// Whether the key counts as part of its group's strength: neither rejected, disabled nor blacklisted.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.rejected.is_none()
            && self.disabled(now).is_none()
            && !matches!(self.breaker.pass(now), Pass::NotBefore(_))
    }

    /// When a key that is not live counts again; none where it does, or never will by itself.
    pub fn back_at(&self, now: Timestamp) -> Option<Timestamp> {
        let banned_until = match self.breaker.pass(now) {
            Pass::NotBefore(until) => Some(until),
            Pass::Free | Pass::Probe | Pass::Probing(_) => None,
        };
        let until = banned_until.max(self.disabled(now));
        until.filter(|_| self.rejected.is_none())
    }

    /// One strike; says whether it put the key on the blacklist.
    pub fn strike(&mut self, probe: bool, limits: &KeyLimits, now: Timestamp) -> bool {
        let backoff = [limits.blacklist];
        self.breaker.fail(probe, BreakerPolicy { threshold: limits.strikes, backoff: &backoff }, now)
    }

    /// Forgets bans, rejections and strikes. What was sent stays counted, and an operator's word stands.
    pub fn restore(&mut self) {
        self.rejected = None;
        self.breaker = Breaker::default();
    }
}

fn longer(known: Option<Refusal>, found: Refusal) -> Refusal {
    known.map_or(found, |known| known.or_longer(found))
}

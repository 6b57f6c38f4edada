//! What one key is at: its breaker, its cooldown, what is out, and how full its minute is.

use serde::{Deserialize, Serialize};

use super::ProjectState;
use crate::domain::key::Fingerprint;
use crate::domain::model::PerModel;
use crate::domain::pool::breaker::Breaker;
use crate::domain::rules::{BreakerRules, KeyLimits};
use crate::domain::time::{Moment, Timestamp};

/// What one key is at.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Activity {
    /// Strikes and the blacklist.
    pub breaker: Breaker,
    /// Its last send, whatever the model.
    pub last_send: Option<Timestamp>,
    /// When the cooldown after that ends; none: it has ended.
    pub cools_until: Option<Timestamp>,
    /// Sends that are out.
    pub running: u32,
    /// Sends of its project in the sliding minute, and how many may be, per model.
    pub minute: PerModel<(u32, u32)>,
}

impl ProjectState {
    /// What a key of this project is at.
    pub fn activity(
        &self,
        fingerprint: Fingerprint,
        limits: &KeyLimits,
        rules: &BreakerRules,
        moment: &Moment,
    ) -> Activity {
        let now = moment.now;
        let last_send = self.key(fingerprint).and_then(|key| key.last_send);
        let is_out = |lease: &&super::OpenLease| lease.fingerprint == fingerprint && lease.deadline > now;
        Activity {
            breaker: self.key(fingerprint).map(|key| key.breaker).unwrap_or_default(),
            last_send,
            cools_until: last_send.map(|sent| sent + limits.gap(rules)).filter(|until| *until > now),
            running: u32::try_from(self.leases.iter().filter(is_out).count()).unwrap_or(u32::MAX),
            minute: PerModel::from_fn(|model| {
                let sent = self.models[model].window.count(rules.rate_window, now);
                (sent, self.limits(limits, model).rpm)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::model::ModelSlot;
    use crate::domain::rules::Rules;
    use crate::domain::time::QuotaDay;

    #[test]
    fn a_key_that_has_sent_cools_and_is_counted_until_its_minute_is_over() {
        let (limits, rules) = (KeyLimits::default(), Rules::default().breakers);
        let moment = |seconds| Moment {
            now: Timestamp::from_millis(1_000_000_000_000) + Duration::from_secs(seconds),
            today: QuotaDay(0),
            reset_at: Timestamp::from_millis(1_000_080_000_000),
            share_gone: 0.0,
        };
        let (key, other) = (Fingerprint([1; 8]), Fingerprint([2; 8]));
        let mut state = ProjectState::default();
        let idle = state.activity(key, &limits, &rules, &moment(0));
        assert_eq!((idle.last_send, idle.cools_until, idle.running), (None, None, 0));
        let model = ModelSlot::Flash;
        let lease = state
            .acquire(key, &limits, model, moment(30).now, &rules, &moment(0))
            .expect("nothing forbids it");
        let at = |seconds| state.activity(key, &limits, &rules, &moment(seconds));
        assert_eq!(at(1).last_send, Some(lease.at));
        assert_eq!(at(1).cools_until, Some(lease.at + limits.gap(&rules)));
        assert_eq!((at(1).running, at(1).minute[model]), (1, (1, limits.models[model].rpm)));
        // Past its deadline it is not out any more, and the minute forgets it.
        assert_eq!((at(31).running, at(31).minute[model].0, at(31).cools_until), (0, 1, None));
        assert_eq!(at(62).minute[model].0, 0);
        // A neighbor shares the minute of the project, not the cooldown.
        let neighbor = state.activity(other, &limits, &rules, &moment(1));
        assert_eq!((neighbor.running, neighbor.cools_until, neighbor.minute[model].0), (0, None, 1));
    }
}

//! Whether a model, and the pool as a whole, is up: the ledger cells `model:{m}` and `pool`.

use serde::{Deserialize, Serialize};

use super::breaker::{Breaker, BreakerPolicy, Pass};
use super::outcome::Outcome;
use super::refusal::Refusal;
use crate::domain::key::Project;
use crate::domain::rules::BreakerRules;
use crate::domain::time::{Moment, Timestamp};

/// What is known of a model over all projects.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelHealth {
    /// Upstream failures in a row.
    pub breaker: Breaker,
    /// Projects that do not know the model's id.
    missing: Vec<Project>,
    /// The id counts as missing until then.
    missing_until: Timestamp,
}

impl ModelHealth {
    /// Whether requests may go to the model; true if only as a probe.
    pub fn ready(&self, now: Timestamp) -> Result<bool, Refusal> {
        if self.missing_until > now {
            return Err(Refusal::ModelMissing { until: self.missing_until });
        }
        match self.breaker.pass(now) {
            Pass::Free => Ok(false),
            Pass::Probe => Ok(true),
            Pass::NotBefore(until) => Err(Refusal::ModelDown { until }),
            Pass::Probing(until) => Err(Refusal::Probing { until }),
        }
    }

    /// Learns from an outcome; `probe` if the request probed this model.
    pub fn settle(
        &mut self,
        project: &Project,
        outcome: &Outcome,
        probe: bool,
        rules: &BreakerRules,
        moment: &Moment,
    ) {
        let policy = BreakerPolicy { threshold: rules.model_failures, backoff: &rules.model_backoff };
        if outcome.blames_model() {
            self.breaker.fail(probe, policy, moment.now);
        } else if outcome.clears_model() {
            self.breaker.succeed(probe);
            self.missing.clear();
        } else if probe {
            self.breaker.abandon_probe(moment.now);
        }
        if matches!(outcome, Outcome::ModelMissing) && !self.missing.contains(project) {
            self.missing.push(project.clone());
            if self.missing.len() >= rules.missing_projects as usize {
                self.missing_until = moment.reset_at;
            }
        }
    }

    /// Whether `outcome` would change anything here: most do not, and then the cell is left alone.
    pub fn concerns(&self, outcome: &Outcome, probe: bool) -> bool {
        let pristine = self.breaker == Breaker::default() && self.missing.is_empty();
        outcome.blames_model() || matches!(outcome, Outcome::ModelMissing) || probe || !pristine
    }
}

/// What is known of the pool as a whole.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PoolHealth {
    /// Bare 429s of the last moments, by project.
    bare: Vec<(Project, Timestamp)>,
    /// Nothing is sent before then.
    paused_until: Timestamp,
}

impl PoolHealth {
    /// Whether anything may be sent.
    pub fn ready(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.paused_until > now {
            return Err(Refusal::PoolPaused { until: self.paused_until });
        }
        Ok(())
    }

    /// Learns from an outcome.
    pub fn settle(&mut self, project: &Project, outcome: &Outcome, rules: &BreakerRules, now: Timestamp) {
        match outcome {
            Outcome::BareLimit => {
                self.bare.retain(|(known, at)| known != project && *at + rules.bare_window > now);
                self.bare.push((project.clone(), now));
                if self.bare.len() >= rules.bare_projects as usize {
                    self.bare.clear();
                    self.paused_until = self.paused_until.max(now + rules.pool_pause);
                }
            }
            Outcome::RegionUnsupported => {
                self.paused_until = self.paused_until.max(now + rules.region_pause);
            }
            _ => {}
        }
    }

    /// Whether `outcome` would change anything here.
    pub const fn concerns(outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::BareLimit | Outcome::RegionUnsupported)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::time::{Calendar, QuotaDay};

    fn project(name: &str) -> Project {
        Project(name.into())
    }

    fn at(s: u64) -> Moment {
        Calendar::new(QuotaDay(0), Vec::new()).moment(Timestamp::from_millis(s * 1000))
    }

    #[test]
    fn three_failures_over_any_projects_open_the_model() {
        let (mut model, rules) = (ModelHealth::default(), BreakerRules::default());
        for (s, name) in ["p", "q", "r"].into_iter().enumerate() {
            model.settle(&project(name), &Outcome::Overloaded, false, &rules, &at(s as u64));
        }
        assert_eq!(model.ready(at(3).now), Err(Refusal::ModelDown { until: at(4).now }));
        assert_eq!(model.ready(at(4).now), Ok(true));
    }

    #[test]
    fn an_id_is_missing_when_two_projects_agree() {
        let (mut model, rules) = (ModelHealth::default(), BreakerRules::default());
        for name in ["p", "p", "q"] {
            assert_eq!(model.ready(at(1).now), Ok(false));
            model.settle(&project(name), &Outcome::ModelMissing, false, &rules, &at(1));
        }
        assert_eq!(model.ready(at(1).now), Err(Refusal::ModelMissing { until: at(1).reset_at }));
    }

    #[test]
    fn bare_limits_of_three_projects_in_ten_seconds_pause_the_pool() {
        let rules = BreakerRules::default();
        // (project, second) of each bare 429 → whether the pool pauses after the last.
        let cases: [(&[(&str, u64)], bool); 4] = [
            (&[("p", 0), ("q", 1), ("r", 2)], true),
            (&[("p", 0), ("p", 1), ("p", 2)], false),
            (&[("p", 0), ("q", 5), ("r", 11)], false),
            (&[("p", 0), ("q", 5), ("p", 9), ("r", 11)], true),
        ];
        for (events, pauses) in cases {
            let mut pool = PoolHealth::default();
            for (name, s) in events {
                pool.settle(&project(name), &Outcome::BareLimit, &rules, at(*s).now);
            }
            let end = at(events[events.len() - 1].1).now;
            let expected = if pauses {
                Err(Refusal::PoolPaused { until: end + Duration::from_secs(10) })
            } else {
                Ok(())
            };
            assert_eq!(pool.ready(end), expected, "{events:?}");
        }
    }
}

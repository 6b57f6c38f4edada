//! Quotas as the real server keeps them: per project and model, requests in a sliding minute and in a Pacific day.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::errors::{ErrorBody, Quota, quota};
use crate::sandbox::report::pacific_day;

/// The limit of a model; of several that fit the first counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelLimit {
    /// A part of the model id; empty fits every model.
    pub model: String,
    /// Requests in any 60 s.
    pub per_minute: usize,
    /// Requests in a Pacific day.
    pub per_day: usize,
}

#[derive(Default)]
struct Used {
    minute: VecDeque<i64>,
    day: String,
    in_day: usize,
    day_known_until: i64,
}

/// Project and model.
type Unit = (Arc<str>, Arc<str>);

/// The limits in force and what was used of them.
#[derive(Default)]
pub(super) struct Quotas {
    state: Mutex<(Vec<ModelLimit>, HashMap<Unit, Used>)>,
}

impl Quotas {
    /// Enforce these from now on; what was used so far is forgotten.
    pub(super) fn set(&self, limits: Vec<ModelLimit>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (limits, HashMap::new());
    }

    /// Count a request; the 429 when it is over a limit. A refused request is not counted.
    pub(super) fn take(&self, project: &Arc<str>, model: &Arc<str>, now: i64) -> Result<(), ErrorBody> {
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (limits, used) = &mut *guard;
        let Some(limit) = limits.iter().find(|limit| model.contains(&limit.model)) else { return Ok(()) };
        let used = used.entry((Arc::clone(project), Arc::clone(model))).or_default();
        // A time zone look-up per request is dear; the day cannot change within a UTC quarter of an hour.
        if now >= used.day_known_until {
            let day = pacific_day(now);
            if day != used.day {
                (used.day, used.in_day) = (day, 0);
            }
            used.day_known_until = (now / 900_000 + 1) * 900_000;
        }
        while used.minute.front().is_some_and(|at| at + 60_000 <= now) {
            used.minute.pop_front();
        }
        if used.in_day >= limit.per_day {
            return Err(quota(model, &[(Quota::Day, limit.per_day as u64)], "37025s", "10h17m5.700123456s"));
        }
        if used.minute.len() >= limit.per_minute {
            let wait = used.minute.front().map_or(60_000, |at| at + 60_000 - now);
            let delay = format!("{}s", (wait + 999) / 1000);
            let words = format!("{}.{:03}s", wait / 1000, wait % 1000);
            return Err(quota(model, &[(Quota::Minute, limit.per_minute as u64)], &delay, &words));
        }
        used.minute.push_back(now);
        used.in_day += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ModelLimit, Quotas};

    fn quotas() -> Quotas {
        let quotas = Quotas::default();
        let limit =
            |model: &str, per_minute, per_day| ModelLimit { model: model.to_owned(), per_minute, per_day };
        quotas.set(vec![limit("lite", 15, 500), limit("flash", 2, 3)]);
        quotas
    }

    #[test]
    fn the_minute_slides_and_the_day_does_not() {
        let quotas = quotas();
        let noon = 1_795_420_800_000 + 12 * 3_600_000;
        let ids = |at| {
            quotas.take(&"p".into(), &"gemini-3.8-flash".into(), at).map_err(|(status, body)| {
                let id = body["error"]["details"][1]["violations"][0]["quotaId"].as_str().unwrap().to_owned();
                (status, id, body["error"]["details"][2]["retryDelay"].as_str().unwrap().to_owned())
            })
        };
        assert_eq!((ids(noon), ids(noon + 1)), (Ok(()), Ok(())));
        let minute = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier".to_owned();
        assert_eq!(ids(noon + 59_999), Err((429, minute, "1s".to_owned())));
        assert_eq!(ids(noon + 60_000), Ok(()));
        let refused = ids(noon + 130_000).unwrap_err();
        assert!(refused.1.contains("PerDay"), "{refused:?}");
        assert_eq!(ids(noon + 12 * 3_600_000), Ok(()), "the next Pacific day");
    }

    #[test]
    fn projects_and_models_do_not_share() {
        let quotas = quotas();
        for project in ["p", "q"] {
            for _ in 0..2 {
                assert!(quotas.take(&project.into(), &"gemini-3.8-flash".into(), 0).is_ok());
                assert!(quotas.take(&project.into(), &"gemini-3.5-flash-lite".into(), 0).is_ok());
            }
            assert!(quotas.take(&project.into(), &"gemini-3.8-flash".into(), 0).is_err());
        }
        assert!(
            quotas.take(&"p".into(), &"gemini-3.1-pro-preview".into(), 0).is_ok(),
            "no limit, no refusal"
        );
    }
}

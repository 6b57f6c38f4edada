//! Keys that change their project: an operator learned which keys share one, and said so. Google counted what they
//! spent there all the time, so it is counted anew from what they sent. Doing so twice changes nothing.

use super::ProjectState;
use crate::domain::key::Fingerprint;
use crate::domain::model::ModelSlot;
use crate::domain::time::{Calendar, Timestamp};

impl ProjectState {
    /// Whether a key has sent, or failed, in this project.
    pub fn knows(&self, fingerprint: Fingerprint) -> bool {
        self.key(fingerprint).is_some()
    }

    /// Takes over `keys` as they are from the project that they were in until now, with what Google said there.
    pub fn take_over(&mut self, from: &ProjectState, keys: &[Fingerprint]) {
        for key in keys {
            if let Some(state) = from.key(*key) {
                *self.key_mut(*key) = state.clone();
            }
        }
        for model in ModelSlot::ALL {
            let (ours, theirs) = (&mut self.models[model], &from.models[model]);
            ours.tokens.join(&theirs.tokens);
            ours.learned.join(&theirs.learned);
            ours.resting_until = ours.resting_until.max(theirs.resting_until);
            ours.spent_until = ours.spent_until.max(theirs.spent_until);
        }
        self.paused_until = self.paused_until.max(from.paused_until);
    }

    /// Counts no less than `sends`, which are those of today and of the last minutes, oldest first.
    pub fn recount(&mut self, sends: &[(ModelSlot, Timestamp)], calendar: &Calendar, now: Timestamp) {
        let today = calendar.day(now);
        for model in ModelSlot::ALL {
            let of_model = sends.iter().filter(|(of, _)| *of == model).map(|(_, at)| *at);
            let of_today = of_model.clone().filter(|at| calendar.day(*at) == today).count();
            let state = &mut self.models[model];
            state.window.join(of_model);
            state.budget.raise(today, u32::try_from(of_today).unwrap_or(u32::MAX));
        }
    }

    /// Forgets a key that is in another project now; what it spent here stays counted here.
    pub fn let_go(&mut self, fingerprint: Fingerprint) {
        self.keys.retain(|key| key.fingerprint != fingerprint);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::rules::{KeyLimits, Rules};
    use crate::domain::time::QuotaDay;

    #[test]
    fn what_keys_spent_apart_is_what_they_have_spent_together_however_often_they_move() {
        let (limits, rules) = (KeyLimits::default(), Rules::default().breakers);
        let calendar = Calendar::new(QuotaDay(0), Vec::new());
        let at = |second: u64| Timestamp::from_millis(1_790_000_000_000 + second * 1000);
        let keys = [Fingerprint([1; 8]), Fingerprint([2; 8])];
        let mut sends = Vec::new();
        let mut apart = [(); 2].map(|()| ProjectState::default());
        for second in [100, 120, 140, 160] {
            for (key, state) in keys.iter().zip(&mut apart) {
                let (now, deadline) = (at(second), at(second + 60));
                let granted =
                    state.acquire(*key, &limits, ModelSlot::Pro, deadline, &rules, &calendar.moment(now));
                assert!(granted.is_ok(), "{granted:?}");
                sends.push((ModelSlot::Pro, now));
            }
        }
        let mut together = ProjectState::default();
        for _ in 0..20 {
            for (key, state) in keys.iter().zip(&mut apart) {
                together.take_over(state, &[*key]);
                together.recount(&sends, &calendar, at(165));
                state.let_go(*key);
                assert!(!state.knows(*key) && together.knows(*key));
            }
            assert_eq!(together.spent(ModelSlot::Pro, &calendar.moment(at(165))), 8);
            for (place, (key, state)) in keys.iter().zip(&mut apart).enumerate() {
                let own: Vec<_> = sends.iter().skip(place).step_by(2).copied().collect();
                state.take_over(&together, &[*key]);
                state.recount(&own, &calendar, at(165));
                together.let_go(*key);
                assert_eq!(state.spent(ModelSlot::Pro, &calendar.moment(at(165))), 4);
            }
        }
        // Five a minute is pro's limit, and together they made six since 105.
        let ready = |state: &ProjectState| {
            let moment = calendar.moment(at(165) + Duration::from_secs(10));
            state.ready(keys[0], &limits, ModelSlot::Pro, &rules, &moment).is_ok()
        };
        assert!(ready(&apart[0]) && !ready(&together));
    }
}

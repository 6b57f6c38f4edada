//! Router A: load balancing among equals. Of two random keys the less used goes first: close to choosing the least
//! used of all, without every request running to the same key.

use crate::domain::model::ModelSlot;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::time::Moment;

/// A key that is ready, and the share of its budget that is used.
pub type Ready = (usize, f64);

/// Orders keys that are ready by repeated choice of two.
pub fn balance(ready: &mut [Ready], rng: &mut fastrand::Rng) {
    for place in 0..ready.len() {
        let rest = &ready[place..];
        if rest.len() < 2 {
            return;
        }
        let first = rng.usize(0..rest.len());
        let second = (first + rng.usize(1..rest.len())) % rest.len();
        let chosen = if rest[second].1 < rest[first].1 { second } else { first };
        ready.swap(place, place + chosen);
    }
}

/// The share of the day's budget that the key's project has spent on `model`.
pub fn share_used(key: usize, model: ModelSlot, pool: &KeyPool, moment: &Moment) -> f64 {
    let state = pool.project(key);
    let budget = state.budget(&pool.roster.keys()[key].limits, model, moment);
    f64::from(state.spent(model, moment)) / f64::from(budget.max(1))
}

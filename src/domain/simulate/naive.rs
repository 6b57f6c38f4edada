//! Two simple routers, for comparison: they keep to the limits of keys and to entitlements, and know no line, no
//! borrowing, no wait and no difference between errors. The random one does not look whether a key is ready before it
//! chooses it, and takes a limit for an error; the other takes the next key that is.

use std::time::Duration;

use super::scenario::Strategy;
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::outcome::Outcome;
use crate::domain::router::failover::reserves;
use crate::domain::router::plan::{Request, Router, Step, wish};
use crate::domain::time::{Moment, Timestamp};

/// Errors of any kind that take a key out.
const ERRORS: u32 = 3;
/// Keys the random router tries for one model.
const ATTEMPTS: u32 = 2;
/// For how long.
const BAN: Duration = Duration::from_hours(1);

/// The state of a simple router.
pub(super) struct Naive {
    in_turn: bool,
    next: usize,
    rng: fastrand::Rng,
    /// Per key: errors, and when its ban ends.
    keys: Vec<(u32, Timestamp)>,
}

impl Naive {
    pub(super) fn new(strategy: Strategy, keys: usize, seed: u64) -> Option<Naive> {
        let in_turn = match strategy {
            Strategy::Svs => return None,
            Strategy::RandomKey => false,
            Strategy::RoundRobin => true,
        };
        Some(Naive {
            in_turn,
            next: 0,
            rng: fastrand::Rng::with_seed(seed),
            keys: vec![(0, Timestamp::ZERO); keys],
        })
    }

    /// The key and model for a request, if any can serve now.
    pub(super) fn choose(&mut self, pool: &KeyPool, request: &Request<'_>, moment: &Moment) -> Option<Step> {
        let wished = wish(request.role, request.task, request.choice);
        let reserves = reserves(request.role, 1).iter().filter_map(|id| pool.roster.find(*id));
        let reserves: Vec<usize> = reserves.collect();
        for model in std::iter::successors(Some(wished), |model| model.lower()) {
            let home = pool.roster.home(request.role).map_or(&[][..], |home| pool.roster.members(home));
            for keys in [home, &reserves] {
                let Some(key) = self.one_of(keys, pool, model, moment) else { continue };
                let id = pool.roster.keys()[key].id;
                let router = if id == KeyId::RouterB { Router::RB } else { Router::A };
                return Some(Step { key: id, group: id.group(), model, router });
            }
        }
        None
    }

    fn one_of(&mut self, keys: &[usize], pool: &KeyPool, model: ModelSlot, moment: &Moment) -> Option<usize> {
        let is_ready = |key: usize| pool.ready(key, model, moment).is_ok();
        if self.in_turn {
            self.next += 1;
            let start = self.next;
            let turn = (0..keys.len()).map(|n| keys[(start + n) % keys.len()]);
            return turn.into_iter().find(|key| self.keys[*key].1 <= moment.now && is_ready(*key));
        }
        for _ in 0..ATTEMPTS {
            let free: Vec<usize> =
                keys.iter().copied().filter(|key| self.keys[*key].1 <= moment.now).collect();
            let key = *free.get(self.rng.usize(0..free.len().max(1)))?;
            if is_ready(key) {
                return Some(key);
            }
            self.strike(key, moment.now);
        }
        None
    }

    fn strike(&mut self, key: usize, now: Timestamp) -> bool {
        self.keys[key].0 += 1;
        let out = self.keys[key].0 >= ERRORS;
        if out {
            self.keys[key] = (0, now + BAN);
        }
        out
    }

    /// Learns, in the simple way. Says whether it took the key out.
    pub(super) fn settle(&mut self, key: usize, outcome: &Outcome, now: Timestamp) -> bool {
        if matches!(outcome, Outcome::Answered) {
            return false;
        }
        self.strike(key, now)
    }
}

//! Two simple routers, for comparison: they keep to the limits of keys and to entitlements, and know no line, no
//! borrowing, no wait and no difference between errors.

use std::time::Duration;

use super::scenario::Strategy;
use crate::domain::key::KeyId;
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::pool::outcome::Outcome;
use crate::domain::router::failover::reserves;
use crate::domain::router::plan::{Request, Router, Step, wish};
use crate::domain::time::{Moment, Timestamp};

/// Errors of any kind that take a key out.
const ERRORS: u32 = 3;
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
                let ready = |key: &&usize| {
                    self.keys[**key].1 <= moment.now && pool.ready(**key, model, moment).is_ok()
                };
                let ready: Vec<usize> = keys.iter().filter(ready).copied().collect();
                if ready.is_empty() {
                    continue;
                }
                self.next += 1;
                let place =
                    if self.in_turn { self.next % ready.len() } else { self.rng.usize(0..ready.len()) };
                let id = pool.roster.keys()[ready[place]].id;
                let router = if id == KeyId::RouterB { Router::RB } else { Router::A };
                return Some(Step { key: id, group: id.group(), model, router });
            }
        }
        None
    }

    /// Learns, in the simple way. Says whether it took the key out.
    pub(super) fn settle(&mut self, key: usize, outcome: &Outcome, now: Timestamp) -> bool {
        if matches!(outcome, Outcome::Answered) {
            return false;
        }
        self.keys[key].0 += 1;
        let out = self.keys[key].0 >= ERRORS;
        if out {
            self.keys[key] = (0, now + BAN);
        }
        out
    }
}

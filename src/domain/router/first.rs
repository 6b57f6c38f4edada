//! What the bot would do first with a request, from a pool that is only looked at. `svs route` asks here; the gateway
//! takes the same steps inside its transaction, and a test holds the two against each other.

use super::plan::{Decision, Plan, Request, plan};
use crate::domain::pool::key_pool::KeyPool;
use crate::domain::time::Timestamp;

/// The plan of a request that comes at `now`, and what is done with it. Same pool, request, seed and instant: same
/// decision.
pub fn first_decision(
    pool: &mut KeyPool,
    request: &Request<'_>,
    seed: u64,
    now: Timestamp,
) -> (Plan, Decision) {
    // The first request of a quota day turns yesterday into experience.
    let moment = pool.calendar.moment(now);
    pool.arrivals.record(moment.today, moment.share_gone);
    let made = plan(pool, request, seed, now);
    let decision = made.decide(now, now + pool.rules.router.max_wait);
    (made, decision)
}

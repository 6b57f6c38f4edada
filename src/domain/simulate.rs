//! A virtual day over the rules the daemon lives by: the same pool, plan, queue, caps, seats and retry budget, a
//! seeded crowd instead of people, and a scripted upstream instead of Google. No clock and no I/O: a day passes in
//! milliseconds, and the same seed passes the same day.
//!
//! - `scenario`: who comes, when, and what goes wrong. `crowd`: one arrival after the other, drawn from a seed; `load`:
//!   the same at a steady rate.
//! - `upstream`: what Google would say. `day`: the events of the day. `request`: one request on its way through it,
//!   `queueing`: who is served next, `sending`: a send and its answer, `tally`: the counting.
//! - `naive`: two simple routers to compare with. `best`: the most that could have been answered.
//! - `report`: what came of it. `watch`: whether the times told in refusals were true.

mod best;
mod crowd;
mod day;
mod load;
mod naive;
mod queueing;
mod report;
mod request;
mod scenario;
mod sending;
mod tally;
mod upstream;
mod watch;

pub use best::best_possible;
pub use crowd::{Arrival, draw};
pub use day::{run, watch};
pub use load::Load;
pub use report::{Ending, Hour, RefusalTruth, Report, RoleTally, Send};
pub use scenario::{Cohort, Faults, Flooder, Latency, Outage, Scenario, Strategy};

use crate::domain::pool::key_pool::KeyPool;

/// Draws the crowd of a scenario and lives through its days.
pub fn simulate(pool: KeyPool, scenario: &Scenario, seed: u64) -> Report {
    let arrivals = draw(scenario, &pool.calendar, seed);
    run(pool, scenario, &arrivals, seed)
}

#[cfg(test)]
mod tests;

//! The crowd of a scenario, one arrival after the other. People write in short sessions, by their local time of day.

use std::time::Duration;

use super::scenario::{Cohort, Scenario};
use crate::domain::policy::task::Task;
use crate::domain::pool::arrivals::ArrivalCurve;
use crate::domain::role::Role;
use crate::domain::time::{Calendar, QuotaDay, Timestamp};

/// A message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// When it comes.
    pub at: Timestamp,
    /// Whose it is; users are counted from 0.
    pub user: u32,
    /// The role of its user.
    pub role: Role,
    /// What it asks for.
    pub task: Task,
    /// Whether Google answers it with 400 or blocks it.
    pub hostile: bool,
}

/// How many people write in each local hour of the day, beginning at midnight.
const HOURS: [f64; 24] = [
    3.0, 2.0, 1.0, 0.6, 0.5, 0.6, 1.2, 2.5, 4.0, 5.5, 6.5, 6.5, 5.5, 5.0, 5.5, 6.0, 6.0, 5.5, 5.0, 6.0, 7.0,
    7.5, 6.5, 4.5,
];

/// Draws all arrivals of the scenario's days, in order.
pub fn draw(scenario: &Scenario, calendar: &Calendar, seed: u64) -> Vec<Arrival> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut arrivals = Vec::new();
    for day in 0..scenario.days {
        let day = QuotaDay(scenario.first_day.0 + day);
        draw_day(scenario, calendar, day, &mut rng, &mut arrivals);
    }
    let users: u32 = scenario.cohorts.iter().map(|cohort| cohort.users).sum();
    let start = calendar.start(scenario.first_day);
    for (n, flooder) in scenario.flooders.iter().enumerate() {
        let mut from = flooder.from;
        while from < flooder.to {
            let user = users + n as u32;
            arrivals.push(Arrival {
                at: start + from,
                user,
                role: flooder.role,
                task: Task::Chat,
                hostile: false,
            });
            from += flooder.every;
        }
    }
    arrivals.sort_by_key(|arrival| (arrival.at, arrival.user));
    arrivals
}

/// What the seven days before taught about the hours at which this crowd comes.
pub(super) fn experience(scenario: &Scenario, calendar: &Calendar, seed: u64) -> ArrivalCurve {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x5eed_0f7e_57e2_da75);
    let mut curve = ArrivalCurve::default();
    for back in (1..=7).rev() {
        let (day, mut arrivals) = (QuotaDay(scenario.first_day.0 - back), Vec::new());
        draw_day(scenario, calendar, day, &mut rng, &mut arrivals);
        for arrival in &arrivals {
            curve.record(day, calendar.share_gone(arrival.at));
        }
    }
    curve
}

fn draw_day(
    scenario: &Scenario,
    calendar: &Calendar,
    day: QuotaDay,
    rng: &mut fastrand::Rng,
    arrivals: &mut Vec<Arrival>,
) {
    let (start, end) = (calendar.start(day), calendar.start(QuotaDay(day.0 + 1)));
    let length = end.since(start).as_secs_f64();
    let mut first_user = 0;
    for cohort in &scenario.cohorts {
        for user in first_user..first_user + cohort.users {
            let mut left = messages(cohort, rng);
            while left > 0 {
                let mut at = time_of_day(scenario.opens_at, length, rng);
                let session = left.min(1 + exponential(4.0, rng) as u32);
                for _ in 0..session {
                    let instant = start + Duration::from_millis((at * 1000.0) as u64);
                    if instant < end {
                        let (task, hostile) = (task(cohort, rng), rng.f64() < cohort.hostile);
                        arrivals.push(Arrival { at: instant, user, role: cohort.role, task, hostile });
                    }
                    at += 20.0 + exponential(60.0, rng);
                }
                left -= session;
            }
        }
        first_user += cohort.users;
    }
}

/// How many messages one user writes today.
fn messages(cohort: &Cohort, rng: &mut fastrand::Rng) -> u32 {
    let spread = cohort.spread;
    let wished = cohort.mean * (spread * normal(rng) - spread * spread / 2.0).exp();
    // Rounded at random, so that the mean holds for rare writers too.
    wished as u32 + u32::from(rng.f64() < wished.fract())
}

/// Seconds since the quota day's midnight, by the crowd's local hours.
fn time_of_day(opens_at: f64, length: f64, rng: &mut fastrand::Rng) -> f64 {
    let total: f64 = HOURS.iter().sum();
    let mut point = rng.f64() * total;
    let hour = HOURS.iter().position(|weight| {
        point -= weight;
        point < 0.0
    });
    let local = hour.unwrap_or(23) as f64 + rng.f64();
    ((local - opens_at).rem_euclid(24.0) / 24.0) * length
}

fn task(cohort: &Cohort, rng: &mut fastrand::Rng) -> Task {
    let (tasks, complex) = cohort.tasks;
    let point = rng.f64();
    if point < complex {
        Task::Complex
    } else if point < complex + tasks {
        Task::Task
    } else {
        Task::Chat
    }
}

/// An exponential variate with that mean.
pub(super) fn exponential(mean: f64, rng: &mut fastrand::Rng) -> f64 {
    -mean * (1.0 - rng.f64()).ln()
}

/// A standard normal variate (Box–Muller).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

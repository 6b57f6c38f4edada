//! The speed of deciding: one plan with all reasons (K1), and a million simulated requests (K2).

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use svs::domain::key::{Fingerprint, Group, KeyId, Project};
use svs::domain::policy::task::Task;
use svs::domain::pool::key_pool::KeyPool;
use svs::domain::pool::roster::{KeySpec, Roster};
use svs::domain::role::Role;
use svs::domain::router::plan::{Request, plan};
use svs::domain::rules::Rules;
use svs::domain::simulate::{Scenario, simulate};
use svs::domain::time::{Calendar, QuotaDay};

/// The standard pool: 23 keys in four groups and two router keys, nothing sent yet.
pub(crate) fn standard_pool() -> KeyPool {
    let rules = Rules::default();
    let members = [(Group::A, 6), (Group::B, 6), (Group::C, 6), (Group::D, 5)];
    let members =
        members.into_iter().flat_map(|(group, count)| (1..=count).map(move |n| KeyId::Member(group, n)));
    let key = |(n, id): (u64, KeyId)| KeySpec {
        id,
        fingerprint: Fingerprint(n.to_be_bytes()),
        project: Project(id.to_string().into()),
        limits: rules.key.clone(),
    };
    let ids = members.chain([KeyId::RouterA, KeyId::RouterB]);
    let roster = Roster::from((0..).zip(ids).map(key).collect::<Vec<_>>());
    KeyPool::new(Arc::new(roster), Arc::new(rules), Arc::new(Calendar::new(QuotaDay(0), Vec::new())))
}

/// K1: microseconds for one plan with all reasons at 25 keys, half of them just used, for four kinds of request.
pub(crate) fn plan_times() -> Vec<(String, f64)> {
    let mut pool = standard_pool();
    let now = pool.calendar.start(QuotaDay(20_000)) + Duration::from_hours(12);
    for key in (0..25).step_by(2) {
        drop(pool.acquire(key, svs::domain::model::ModelSlot::FlashLite, now, now - Duration::from_secs(4)));
    }
    let kinds = [
        (Role::Guest, Task::Chat),
        (Role::Normal, Task::Task),
        (Role::Premium, Task::Chat),
        (Role::Owner, Task::Complex),
    ];
    let time_of = |(role, task): (Role, Task)| {
        let request =
            Request { role, seatless_vip: false, task, choice: None, attempt: 1, tried: &[], given_up: &[] };
        let best = (0..400).map(|round| {
            let start = Instant::now();
            for seed in 0..100 {
                black_box(plan(&pool, black_box(&request), seed + round, now));
            }
            start.elapsed().as_secs_f64() * 1e6 / 100.0
        });
        (format!("{role} {}", task.name()), best.fold(f64::MAX, f64::min))
    };
    kinds.into_iter().map(time_of).collect()
}

/// K2: how a simulation went.
pub(crate) struct Simulated {
    /// Requests in it.
    pub(crate) requests: u64,
    /// Seconds that a million take.
    pub(crate) million: f64,
    /// Whether the same seed gave the same report.
    pub(crate) same: bool,
}

/// K2: ninety days at once, and two days twice.
pub(crate) fn simulation() -> Simulated {
    let scenario = Scenario { days: 90, ..Scenario::default() };
    let start = Instant::now();
    let report = simulate(standard_pool(), &scenario, 1);
    let million = start.elapsed().as_secs_f64() * 1e6 / report.came() as f64;
    let short = Scenario { days: 2, ..scenario };
    let same = simulate(standard_pool(), &short, 7) == simulate(standard_pool(), &short, 7);
    Simulated { requests: report.came(), million, same }
}

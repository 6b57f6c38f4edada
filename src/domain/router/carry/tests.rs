//! What a day can carry, by hand and against the plan.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::key::Fingerprint;
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::domain::pool::roster::{KeySpec, Roster};
use crate::domain::rules::Rules;
use crate::domain::time::{Calendar, QuotaDay, Timestamp};

use ModelSlot::{Flash, FlashLite, Pro};

fn pool(keys: &[(&str, &str)], rules: Rules) -> KeyPool {
    let key = |(n, (id, project)): (u64, &(&str, &str))| KeySpec {
        id: id.parse().expect("a key id"),
        fingerprint: Fingerprint(n.to_be_bytes()),
        project: Project((*project).into()),
        limits: rules.key.clone(),
    };
    let roster = Roster::from((0..).zip(keys).map(key).collect::<Vec<_>>());
    KeyPool::new(Arc::new(roster), Arc::new(rules), Arc::new(Calendar::new(QuotaDay(0), Vec::new())))
}

fn noon() -> Timestamp {
    Timestamp::ZERO + Duration::from_hours(20_000 * 24 + 12)
}

fn of(pool: &KeyPool) -> Capacity {
    capacity(pool, &pool.calendar.moment(noon()))
}

fn row(capacity: &Capacity, role: Role, model: ModelSlot) -> (u32, u32, u32) {
    let found = capacity.roles.iter().find(|row| row.role == role && row.model == model).expect("a row");
    (found.at_home, found.borrowed, found.reserve)
}

/// The 25 keys of the standard pool, each in a project of its own.
fn standard() -> KeyPool {
    let members = [("A", 6), ("B", 6), ("C", 6), ("D", 5)];
    let ids = members.into_iter().flat_map(|(group, count)| (1..=count).map(move |n| format!("{group}{n}")));
    let ids: Vec<String> = ids.chain(["RA".to_owned(), "RB".to_owned()]).collect();
    let keys: Vec<(&str, &str)> = ids.iter().map(|id| (&**id, &**id)).collect();
    pool(&keys, Rules::default())
}

#[test]
fn the_standard_pool_carries_what_the_policy_says() {
    let capacity = of(&standard());
    let all = |model| {
        let members = capacity.projects.iter().filter(|project| project.keys[0].group().is_some());
        members.map(|project: &ProjectCapacity| project.budget[model]).sum::<u32>()
    };
    assert_eq!([FlashLite, Flash, Pro].map(all), [6900, 1725, 345]);
    // Guests have their own five keys; vips their six, and of B and C all but the early fifth.
    assert_eq!(row(&capacity, Role::Guest, FlashLite), (1500, 0, 0));
    assert_eq!(row(&capacity, Role::Vip, FlashLite), (1800, 1440 + 1440, 2 * (300 - 10)));
    // Pro of C and D has no user of its own.
    assert_eq!(row(&capacity, Role::Vip, Pro), (90, 72 + 90 + 75, 2 * (15 - 5)));
    assert_eq!(row(&capacity, Role::Owner, Pro), (90, 72 + 90 + 75, 2 * 15));
    let told: Vec<&InVain> = capacity.in_vain.iter().collect();
    assert!(matches!(told[..], [InVain::MinuteLimit { rpm: 10, projects: 25, .. }, ..]), "{told:?}");
    assert_eq!(told.len(), 2, "of flash-lite and flash: pro's 5 a minute are reached: {told:?}");
}

#[test]
fn caps_beyond_budgets_are_promised_in_vain() {
    let capacity = of(&pool(&[("A1", "one"), ("B1", "one")], Rules::default()));
    // One project: 300, 75 and 15, whoever asks.
    assert_eq!(row(&capacity, Role::Vip, FlashLite), (300, 0, 0));
    assert_eq!(row(&capacity, Role::Guest, FlashLite), (300, 0, 0));
    let keys = vec![KeyId::Member(Group::A, 1), KeyId::Member(Group::B, 1)];
    let shared = InVain::SharedProject { project: Project("one".into()), keys, apart: 780, carried: 390 };
    assert!(capacity.in_vain.contains(&shared), "{:?}", capacity.in_vain);
    let seats = InVain::Seats { seats: 3, caps: 600, carried: 390 };
    assert!(capacity.in_vain.contains(&seats), "{:?}", capacity.in_vain);

    let mut rules = Rules::default();
    rules.key.models[FlashLite].daily_limit = 20;
    (rules.key.models[Flash].daily_limit, rules.key.models[Pro].daily_limit) = (10, 3);
    rules.key.cooldown = Duration::from_mins(10);
    let capacity = of(&pool(&[("A1", "one")], rules));
    let hour = InVain::HourCap { role: Role::Normal, cap: 20, carried: 5 };
    for promise in [
        InVain::DayCap { role: Role::Vip, cap: 200, carried: 9 },
        InVain::DayCap { role: Role::Guest, cap: 10, carried: 6 },
        hour,
        InVain::NoBudget { role: Role::Premium, model: Pro },
    ] {
        assert!(capacity.in_vain.contains(&promise), "{promise:?}: {:?}", capacity.in_vain);
    }
}

#[test]
fn what_google_took_away_is_not_carried() {
    let mut pool = pool(&[("A1", "a"), ("A2", "b")], Rules::default());
    let settle = |pool: &mut KeyPool, key, model, outcome: &Outcome| {
        let lease = pool.acquire(key, model, noon(), noon() - Duration::from_mins(1)).expect("ready");
        pool.settle(&lease, outcome, 0, noon() - Duration::from_secs(50));
    };
    settle(&mut pool, 0, Flash, &Outcome::DayLimit { retry_after: None, limit: Some(100) });
    settle(&mut pool, 1, FlashLite, &Outcome::Rejected { reason: Rejection::Leaked });
    let capacity = of(&pool);
    assert_eq!(row(&capacity, Role::Vip, FlashLite), (300, 0, 0));
    assert_eq!(row(&capacity, Role::Vip, Flash), (30, 0, 0), "30 % of what Google named");
    let (a, b) = (Project("a".into()), Project("b".into()));
    let lowered = InVain::Lowered { project: a, model: Flash, configured: 75, carried: 30 };
    let out = InVain::KeysOut { project: b, keys: vec![KeyId::Member(Group::A, 2)] };
    assert!(capacity.in_vain.contains(&lowered) && capacity.in_vain.contains(&out), "{:?}", capacity.in_vain);
}

//! Plans of the standard pool of 25 keys, and of odd ones.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::{Just, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;
use crate::domain::key::Fingerprint;
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::domain::pool::roster::{KeySpec, Roster};
use crate::domain::rules::Rules;
use crate::domain::time::{Calendar, QuotaDay};

use ModelSlot::{Flash, FlashLite, Pro};
use Role::{Guest, Normal, Owner, Premium, Vip};

const STANDARD: [(char, u16); 4] = [('A', 6), ('B', 6), ('C', 6), ('D', 5)];

fn pool_of(ids: impl IntoIterator<Item = String>, project: impl Fn(&str) -> String) -> KeyPool {
    let rules = Rules::default();
    let key = |(n, id): (usize, String)| KeySpec {
        id: id.parse().expect("a key id"),
        fingerprint: Fingerprint((n as u64).to_be_bytes()),
        project: Project(project(&id).into()),
        limits: rules.key.clone(),
    };
    let roster = Roster::from(ids.into_iter().enumerate().map(key).collect::<Vec<_>>());
    KeyPool::new(Arc::new(roster), Arc::new(rules.clone()), Arc::new(Calendar::new(QuotaDay(0), Vec::new())))
}

fn members(groups: &[(char, u16)]) -> Vec<String> {
    groups.iter().flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}"))).collect()
}

fn standard() -> KeyPool {
    pool_of(members(&STANDARD).into_iter().chain(["RA".into(), "RB".into()]), str::to_owned)
}

/// `hour` of the tenth quota day.
fn at(hour: f64) -> Timestamp {
    Timestamp::ZERO + Duration::from_secs_f64((240.0 + hour) * 3600.0)
}

fn request(role: Role, task: Task) -> Request<'static> {
    Request { role, seatless_vip: false, task, choice: None, attempt: 1, tried: &[], given_up: &[] }
}

/// Spends `units` of a group's budget for `model`, evenly, in the past of `now`.
fn spend(pool: &mut KeyPool, letters: &str, model: ModelSlot, units: u32, now: Timestamp) {
    let keys: Vec<usize> = (0..pool.roster.keys().len())
        .filter(|n| pool.roster.keys()[*n].id.to_string().starts_with(letters))
        .collect();
    let moment = pool.calendar.moment(now);
    let start = pool.calendar.start(moment.today);
    let before: u32 = keys.iter().map(|key| pool.project(*key).spent(model, &moment)).sum();
    for n in before..before + units {
        let key = keys[n as usize % keys.len()];
        let sent = start + Duration::from_secs(62) * (n / keys.len() as u32);
        assert!(sent + Duration::from_secs(61) < now, "the past must fit before now");
        drop(pool.acquire(key, model, sent, sent).expect("the past is within the limits"));
    }
}

/// The groups of the steps for one model, in order, without repetition.
fn route(pool: &KeyPool, request: &Request<'_>, now: Timestamp) -> String {
    let mut names: Vec<String> = plan(pool, request, 7, now)
        .steps
        .iter()
        .map(|step| {
            format!("{}:{}", step.group.map_or(step.key.to_string(), |group| group.to_string()), step.model)
        })
        .collect();
    names.dedup();
    names.join(" ")
}

#[test]
fn an_idle_pool_serves_each_role_from_home_first() {
    let cases = [
        (Guest, Task::Chat, "D:flash-lite"),
        (Guest, Task::Complex, "D:flash-lite"),
        (Normal, Task::Chat, "C:flash-lite D:flash-lite RA:flash-lite RB:flash-lite"),
        (
            Normal,
            Task::Task,
            "C:flash D:flash RA:flash RB:flash C:flash-lite D:flash-lite RA:flash-lite RB:flash-lite",
        ),
        (Premium, Task::Chat, "B:flash-lite C:flash-lite RA:flash-lite RB:flash-lite"),
        (Vip, Task::Chat, "A:flash-lite B:flash-lite C:flash-lite RA:flash-lite RB:flash-lite"),
        (
            Owner,
            Task::Complex,
            "A:pro B:pro C:pro D:pro RA:pro RB:pro A:flash B:flash C:flash RA:flash RB:flash \
             A:flash-lite B:flash-lite C:flash-lite RA:flash-lite RB:flash-lite",
        ),
    ];
    for (role, task, expected) in cases {
        // Late enough in the day that every line allows a first send.
        assert_eq!(route(&standard(), &request(role, task), at(12.0)), expected, "{role} {task:?}");
    }
}

#[test]
fn a_wish_never_exceeds_the_role() {
    let cases = [
        (Guest, Task::Complex, Some(Pro), FlashLite),
        (Normal, Task::Complex, None, Flash),
        (Premium, Task::Task, Some(Pro), Flash),
        (Premium, Task::Complex, None, Pro),
        (Vip, Task::Chat, Some(Pro), Pro),
        (Owner, Task::Complex, Some(FlashLite), FlashLite),
    ];
    for (role, task, choice, expected) in cases {
        assert_eq!(wish(role, task, choice), expected, "{role} {task:?} {choice:?}");
    }
}

#[test]
fn the_last_hour_of_the_day_is_kept_for_those_who_come_then() {
    let mut pool = standard();
    let now = at(6.0);
    // Group C has 6 × 300; at 06:00 the line stands at 0.2 + 0.8 / 4 = 40 %.
    spend(&mut pool, "C", FlashLite, 719, now);
    assert!(route(&pool, &request(Normal, Task::Chat), now).starts_with("C:flash-lite"));
    assert!(
        route(&pool, &request(Premium, Task::Chat), now).contains("B:flash-lite RA"),
        "C lends only below 20 %"
    );
    spend(&mut pool, "C", FlashLite, 1, now);
    assert!(route(&pool, &request(Normal, Task::Chat), now).starts_with("D:flash-lite"));
    let plan = plan(&pool, &request(Normal, Task::Chat), 7, now);
    let past = plan.skipped.iter().find(|skip| skip.key.group() == Some(Group::C)).expect("C was skipped");
    let Why::Withheld(Withheld::PastLine { until }) = past.why else { panic!("{past:?}") };
    assert!(
        route(&pool, &request(Normal, Task::Chat), until).starts_with("C:flash-lite"),
        "true to its word"
    );
    assert!(until.since(now) < Duration::from_secs(2), "{}", until.since(now).as_secs());
}

#[test]
fn experience_moves_the_line_ahead_of_the_clock() {
    let mut pool = standard();
    let now = at(6.0);
    spend(&mut pool, "C", FlashLite, 720, now);
    pool.arrivals.record(QuotaDay(9), 0.1);
    pool.arrivals.record(QuotaDay(10), 0.1);
    assert!(route(&pool, &request(Normal, Task::Chat), now).starts_with("C:flash-lite"));
}

#[test]
fn the_owner_has_no_line() {
    let mut pool = standard();
    let now = at(6.0);
    spend(&mut pool, "A", FlashLite, 900, now);
    assert!(route(&pool, &request(Owner, Task::Chat), now).starts_with("A:flash-lite"));
    assert!(route(&pool, &request(Vip, Task::Chat), now).starts_with("B:flash-lite"));
}

#[test]
fn a_is_lent_only_to_a_vip_without_a_seat() {
    let seatless = Request { seatless_vip: true, ..request(Premium, Task::Chat) };
    assert!(route(&standard(), &seatless, at(12.0)).starts_with("B:flash-lite A:flash-lite C:flash-lite"));
    assert!(!route(&standard(), &request(Premium, Task::Chat), at(12.0)).contains(" A:"));
}

#[test]
fn a_chat_may_use_flash_at_home_when_flash_lite_is_spent() {
    let mut pool = standard();
    // At 23:00 D's flash-lite is past its line of 0.2 + 0.8 × 23/24.
    spend(&mut pool, "D", FlashLite, 1460, at(23.0));
    assert_eq!(route(&pool, &request(Guest, Task::Chat), at(23.0)), "D:flash");
    assert_eq!(route(&pool, &request(Guest, Task::Task), at(23.0)), "", "a task is no chat");
    let plan = plan(&pool, &request(Guest, Task::Chat), 7, at(23.0));
    assert!(!plan.lowers(&plan.steps[0]));
}

#[test]
fn the_last_units_of_the_reserve_are_the_owners() {
    let mut pool = pool_of(["A1".into(), "RA".into()], str::to_owned);
    let now = at(20.0);
    spend(&mut pool, "RA", Pro, 9, now);
    assert!(route(&pool, &request(Vip, Task::Complex), now).contains("RA:pro"));
    spend(&mut pool, "RA", Pro, 1, now);
    assert!(!route(&pool, &request(Vip, Task::Complex), now).contains("RA:pro"), "5 of 15 are left: a third");
    assert!(route(&pool, &request(Owner, Task::Complex), now).contains("RA:pro"));
}

#[test]
fn a_second_attempt_asks_the_other_reserve_and_no_project_twice() {
    let tried = [Project("B2".into()), Project("RA".into())];
    let second = Request { attempt: 2, tried: &tried, ..request(Premium, Task::Chat) };
    let plan = plan(&standard(), &second, 7, at(12.0));
    assert!(plan.steps.iter().all(|step| step.key.to_string() != "B2" && step.router != Router::RA));
    assert!(plan.steps.iter().any(|step| step.router == Router::RB));
    assert!(
        plan.skipped
            .iter()
            .any(|skip| skip.key.to_string() == "B2" && skip.why == Why::Withheld(Withheld::Tried))
    );
}

#[test]
fn in_a_shared_project_lower_roles_leave_a_reserve() {
    let mut pool = pool_of(members(&STANDARD), |_| "one".to_owned());
    // At 12:00 half the day is left: guests leave 60 % × ½ × 300 = 90 units, normal 60, premium 30, vip 15.
    let now = at(12.0);
    for (left, served) in [(91, 5), (90, 4), (60, 3), (30, 2), (15, 1), (1, 1), (0, 0)] {
        let spent = pool.projects[0].spent(FlashLite, &pool.calendar.moment(now));
        spend_shared(&mut pool, 300 - left - spent, now);
        let ready = Role::ALL.iter().filter(|role| {
            plan(&pool, &request(**role, Task::Chat), 7, now).steps.iter().any(|step| step.model == FlashLite)
        });
        assert_eq!(ready.count(), served, "{left} left");
    }
}

fn spend_shared(pool: &mut KeyPool, units: u32, now: Timestamp) {
    let start = pool.calendar.start(pool.calendar.day(now));
    let spent = pool.projects[0].spent(FlashLite, &pool.calendar.moment(now));
    for n in 0..units {
        let sent = start + Duration::from_secs(11) * (spent + n);
        drop(pool.acquire((spent + n) as usize % 23, FlashLite, sent, sent).expect("within the limits"));
    }
}

#[test]
fn a_wished_model_is_waited_for_five_seconds_and_then_lowered() {
    let mut pool = pool_of(["A1".into(), "A2".into()], |_| "one".to_owned());
    let now = at(12.0);
    // Two sends fill nothing, but both keys cool: for 4 s, and for 8 s.
    for (ago, decision) in [(6, "wait"), (2, "wait")] {
        let mut pool = pool.clone();
        for key in 0..2 {
            let sent = now - Duration::from_secs(ago);
            drop(pool.acquire(key, FlashLite, now, sent).expect("ready"));
        }
        let plan = plan(&pool, &request(Owner, Task::Task), 7, now);
        let decided = match plan.decide(now, now + Duration::from_secs(30)) {
            Decision::Wait(_) => "wait",
            _ => "other",
        };
        assert_eq!((decided, plan.hold_until.is_some()), (decision, ago == 6));
    }
    // Flash is spent for the day, flash-lite is not: lowered at once.
    let lease = pool.acquire(0, Flash, now, now - Duration::from_secs(20)).expect("ready");
    pool.settle(
        &lease,
        &Outcome::DayLimit { retry_after: None, limit: None },
        0,
        now - Duration::from_secs(19),
    );
    let plan = plan(&pool, &request(Owner, Task::Task), 7, now);
    let Decision::Send(step) = plan.decide(now, now) else { panic!("{plan:?}") };
    assert_eq!((step.model, plan.lowers(&step)), (FlashLite, true));
}

#[test]
fn a_refusal_says_when_and_whether_anybody_knows() {
    let now = at(12.0);
    let mut pool = pool_of(["A1".into()], str::to_owned);
    let lease = pool.acquire(0, FlashLite, now, now - Duration::from_mins(1)).expect("ready");
    pool.settle(&lease, &Outcome::DayLimit { retry_after: None, limit: None }, 0, now);
    let refused = plan(&pool, &request(Guest, Task::Task), 7, now).decide(now, now + Duration::from_secs(30));
    let reset = pool.calendar.next_reset(now);
    assert_eq!(refused, Decision::Refuse { until: reset, outage: false });

    let mut pool = pool_of(["A1".into(), "A2".into(), "A3".into()], str::to_owned);
    for key in 0..3 {
        let lease = pool.acquire(key, FlashLite, now, now - Duration::from_secs(30)).expect("ready");
        pool.settle(&lease, &Outcome::Overloaded, 0, now);
    }
    let refused = plan(&pool, &request(Guest, Task::Chat), 7, now).decide(now, now);
    assert_eq!(refused, Decision::Refuse { until: now + Duration::from_secs(2), outage: true });
}

#[test]
fn while_several_models_are_down_only_the_cheapest_is_probed() {
    let now = at(12.0);
    let mut pool = standard();
    for model in [Flash, FlashLite] {
        for key in 0..3 {
            let lease = pool
                .acquire(key, model, now, now - Duration::from_secs(60 + 20 * model.index() as u64))
                .expect("ready");
            pool.settle(&lease, &Outcome::Overloaded, 0, now - Duration::from_secs(10));
        }
    }
    let plan = plan(&pool, &request(Vip, Task::Task), 7, now);
    assert!(plan.steps.iter().all(|step| step.model == FlashLite) && !plan.steps.is_empty());
}

#[test]
fn strikes_never_take_more_than_half_of_a_group() {
    let mut pool = standard();
    let mut now = at(1.0);
    for _ in 0..8 {
        for key in pool.roster.members(Group::D).to_vec() {
            if let Ok(lease) = pool.acquire(key, FlashLite, now + Duration::from_secs(5), now) {
                pool.settle(&lease, &Outcome::Unauthorized, 0, now);
            }
            now = now + Duration::from_secs(11);
        }
    }
    let banned = pool.roster.members(Group::D).iter().filter(|key| pool.is_banned(**key, now)).count();
    assert_eq!(banned, 2, "of five, two are less than half and three are more");
}

#[test]
fn every_key_is_either_a_step_or_skipped_with_a_reason() {
    let mut pool = standard();
    let now = at(12.0);
    let lease = pool.acquire(0, FlashLite, now, now - Duration::from_secs(2)).expect("ready");
    pool.settle(&lease, &Outcome::Rejected { reason: Rejection::Leaked }, 0, now);
    for role in Role::ALL {
        let plan = plan(&pool, &request(role, Task::Chat), 7, now);
        for key in pool.roster.keys() {
            let step = plan.steps.iter().any(|step| step.key == key.id);
            let skip = plan.skipped.iter().any(|skip| skip.key == key.id);
            assert!(step ^ skip, "{role} {}", key.id);
        }
    }
}

proptest! {
    /// I17 and the trust in `acquire`: over random states and configured groups, a guest never leaves its home, a
    /// normal user never reaches A or B, and every step that is planned can be acquired.
    #[test]
    fn a_plan_keeps_to_the_rights_and_its_steps_can_be_had(
        walk in prop::collection::vec((0usize..25, 0usize..3, 0u64..4000, 0usize..6), 0..120),
        role in prop_oneof![Just(Guest), Just(Normal), Just(Premium), Just(Vip), Just(Owner)],
        task in prop_oneof![Just(Task::Chat), Just(Task::Task), Just(Task::Complex)],
        seed in 0u64..1000,
    ) {
        let mut pool = standard();
        let mut now = at(3.0);
        let outcomes = [Outcome::Answered, Outcome::Unauthorized, Outcome::Overloaded, Outcome::BareLimit,
            Outcome::DayLimit { retry_after: None, limit: None }, Outcome::Rejected { reason: Rejection::Expired }];
        for (key, model, ms, outcome) in walk {
            now = now + Duration::from_millis(ms);
            if let Ok(lease) = pool.acquire(key, ModelSlot::TEXT[model], now + Duration::from_mins(1), now) {
                pool.settle(&lease, &outcomes[outcome], 0, now);
            }
        }
        let made = plan(&pool, &request(role, task), seed, now);
        prop_assert_eq!(&made, &plan(&pool, &request(role, task), seed, now), "same seed, same plan");
        for step in &made.steps {
            match (role, step.group) {
                (Guest, group) => prop_assert_eq!(group, Some(Group::D)),
                (Normal, Some(group)) => prop_assert!(group >= Group::C),
                (Premium, Some(group)) => prop_assert!(group != Group::A),
                _ => {}
            }
            prop_assert!(step.model <= made.wished || (task == Task::Chat && step.model == Flash));
            let key = pool.roster.find(step.key).expect("in the roster");
            prop_assert!(pool.clone().acquire(key, step.model, now, now).is_ok());
        }
        if let Decision::Wait(until) | Decision::Refuse { until, .. } = made.decide(now, now + Duration::from_secs(30)) {
            prop_assert!(until > now, "never told to come back at once");
        }
    }
}

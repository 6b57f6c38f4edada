//! Caps: tables of cases, and random weeks against the plain list of what was admitted.

use super::*;
use crate::domain::role::Role;
use crate::domain::rules::Rules;

const HOUR_MS: u64 = 3_600_000;
const START: u64 = 1_700_000_000_000;

/// Days of 24, 23, 24, 25 and 24 hours, as around the changes of the clock.
fn calendar() -> Calendar {
    let midnights = [0, 24, 47, 71, 96, 120].map(|hour| Timestamp::from_millis(START + hour * HOUR_MS));
    Calendar::new(QuotaDay(19_000), midnights.to_vec())
}

/// `minutes` after the first midnight.
fn at(minutes: u64) -> Timestamp {
    Timestamp::from_millis(START + minutes * 60_000)
}

fn role(role: Role) -> RoleRules {
    Rules::default().roles[role].clone()
}

/// Ask with a new token each time; the count that got in.
fn ask(usage: &mut UserUsage, rules: &RoleRules, now: Timestamp, tokens: std::ops::Range<u64>) -> usize {
    tokens.filter(|token| usage.admit(rules, &calendar(), now, RequestToken(*token)).is_ok()).count()
}

#[test]
fn each_role_gets_its_caps_and_the_owner_none() {
    // (role, at once in the first minute, over a day at one a minute)
    let cases = [
        (Role::Guest, 5, 10),
        (Role::Normal, 20, 40),
        (Role::Premium, 60, 60),
        (Role::Vip, 200, 200),
        (Role::Owner, 1440, 1440),
    ];
    for (who, at_once, in_a_day) in cases {
        let mut usage = UserUsage::default();
        assert_eq!(ask(&mut usage, &role(who), at(0), 0..1440), at_once, "{who} at once");
        let mut usage = UserUsage::default();
        let admitted: usize =
            (0..1440).map(|minute| ask(&mut usage, &role(who), at(minute), minute..minute + 1)).sum();
        assert_eq!(admitted, in_a_day, "{who} in a day");
    }
}

#[test]
fn the_hour_slides_and_its_end_is_announced_to_the_millisecond() {
    let rules = role(Role::Guest);
    let mut usage = UserUsage::default();
    for (token, minute) in [0, 10, 20, 30, 40].into_iter().enumerate() {
        assert_eq!(ask(&mut usage, &rules, at(minute), token as u64..token as u64 + 1), 1);
    }
    let refused = usage.admit(&rules, &calendar(), at(50), RequestToken(9));
    assert_eq!(refused, Err(CapReached::Hour { limit: 5, resets_at: at(60) }));
    let just_before = at(60) - Duration::from_millis(1);
    assert!(usage.admit(&rules, &calendar(), just_before, RequestToken(9)).is_err());
    assert_eq!(usage.admit(&rules, &calendar(), at(60), RequestToken(9)), Ok(()));
    let refused = usage.admit(&rules, &calendar(), at(60), RequestToken(10));
    assert_eq!(refused, Err(CapReached::Hour { limit: 5, resets_at: at(70) }));
}

#[test]
fn the_cap_that_lasts_longer_is_named() {
    let rules = RoleRules { rounds: 0, per_hour: Some(2), per_day: Some(2) };
    // (asked at, refused at, the cap)
    let noon = CapReached::Day { limit: 2, resets_at: at(24 * 60) };
    let eleven_at_night = CapReached::Hour { limit: 2, resets_at: at(24 * 60 + 30) };
    for (minute, expected) in [(12 * 60, noon), (23 * 60 + 30, eleven_at_night)] {
        let mut usage = UserUsage::default();
        assert_eq!(ask(&mut usage, &rules, at(minute), 0..2), 2);
        let refused = usage.admit(&rules, &calendar(), at(minute + 1), RequestToken(2));
        assert_eq!(refused, Err(expected));
    }
}

#[test]
fn a_day_begins_once_at_each_midnight_of_23_24_and_25_hours() {
    let rules = RoleRules { rounds: 0, per_hour: None, per_day: Some(3) };
    let mut usage = UserUsage::default();
    let mut admitted_at = Vec::new();
    for half_hour in 0..240 {
        if ask(&mut usage, &rules, at(half_hour * 30), half_hour * 10..half_hour * 10 + 9) > 0 {
            admitted_at.push(half_hour / 2);
        }
    }
    assert_eq!(admitted_at, [0, 24, 47, 71, 96]);
}

#[test]
fn a_clock_that_jumps_back_over_midnight_gives_no_second_budget() {
    let rules = RoleRules { rounds: 0, per_hour: None, per_day: Some(4) };
    let mut usage = UserUsage::default();
    assert_eq!(ask(&mut usage, &rules, at(24 * 60 - 5), 0..9), 4);
    assert_eq!(ask(&mut usage, &rules, at(24 * 60 + 5), 10..19), 4);
    let refused = usage.admit(&rules, &calendar(), at(24 * 60 - 55), RequestToken(20));
    assert_eq!(refused, Err(CapReached::Day { limit: 4, resets_at: at(47 * 60) }));
    assert_eq!(ask(&mut usage, &rules, at(24 * 60 + 6), 30..39), 0);
    assert_eq!(ask(&mut usage, &rules, at(47 * 60), 40..49), 4);
}

#[test]
fn a_unit_is_given_back_once_and_only_to_its_own_day() {
    let rules = role(Role::Guest);
    let mut usage = UserUsage::default();
    assert_eq!(ask(&mut usage, &rules, at(24 * 60 - 1), 0..5), 5);
    assert!(usage.give_back(RequestToken(3)));
    assert!(!usage.give_back(RequestToken(3)));
    assert!(!usage.give_back(RequestToken(77)));
    let used = usage.used(&calendar(), at(24 * 60 - 1));
    assert_eq!(used, Used { hour: 4, day: 4, day_resets_at: at(24 * 60) });
    // Over midnight the hour still counts what came before, the day does not.
    assert_eq!(ask(&mut usage, &rules, at(24 * 60), 10..19), 1);
    assert!(usage.give_back(RequestToken(0)));
    let used = usage.used(&calendar(), at(24 * 60));
    assert_eq!(used, Used { hour: 4, day: 1, day_resets_at: at(47 * 60) });
}

#[test]
fn the_same_request_takes_one_unit_however_often_it_is_admitted() {
    let rules = role(Role::Guest);
    let mut usage = UserUsage::default();
    for minute in 0..600 {
        assert_eq!(usage.admit(&rules, &calendar(), at(minute), RequestToken(1)), Ok(()));
    }
    assert_eq!(usage.used(&calendar(), at(600)).day, 1);
}

#[test]
fn a_cap_of_nothing_never_resets() {
    let never = Timestamp::NEVER;
    for (per_hour, per_day) in [(Some(0), None), (None, Some(0)), (Some(0), Some(0)), (Some(5), Some(0))] {
        let rules = RoleRules { rounds: 0, per_hour, per_day };
        let refused = UserUsage::default().admit(&rules, &calendar(), at(0), RequestToken(1));
        assert_eq!(refused.map_err(CapReached::resets_at), Err(never), "{rules:?}");
    }
}

#[test]
fn the_cell_stays_small_and_the_day_exact() {
    let generous = RoleRules { rounds: 0, per_hour: None, per_day: Some(5000) };
    let mut usage = UserUsage::default();
    assert_eq!(ask(&mut usage, &generous, at(0), 0..6000), 5000);
    assert_eq!(usage.units.len(), UNITS_KEPT);
    assert!(!usage.give_back(RequestToken(0)), "long forgotten");
    assert!(usage.give_back(RequestToken(4999)));
    assert_eq!(usage.used(&calendar(), at(0)).day, 4999);
    let fast = RoleRules { rounds: 0, per_hour: Some(300), per_day: None };
    assert_eq!(ask(&mut UserUsage::default(), &fast, at(0), 0..6000), 300);
    assert_eq!(ask(&mut UserUsage::default(), &role(Role::Owner), at(0), 0..6000), 6000);
}

/// I15: one message a second for a whole day.
#[test]
fn a_flooder_gets_its_cap_and_no_more() {
    let rules = role(Role::Guest);
    let mut usage = UserUsage::default();
    let admitted: Vec<u64> = (0..86_400)
        .filter(|second| {
            let now = Timestamp::from_millis(START + second * 1000);
            usage.admit(&rules, &calendar(), now, RequestToken(*second)).is_ok()
        })
        .collect();
    assert_eq!(admitted, [0, 1, 2, 3, 4, 3600, 3601, 3602, 3603, 3604]);
}

/// What was admitted, as a plain list.
#[derive(Default)]
struct Model {
    latest_day: QuotaDay,
    admitted: Vec<(Timestamp, u64, QuotaDay)>,
}

impl Model {
    fn free(&mut self, rules: &RoleRules, now: Timestamp) -> bool {
        self.latest_day = self.latest_day.max(calendar().day(now));
        // What a later instant has let go stays gone when the clock jumps back.
        let latest_day = self.latest_day;
        self.admitted.retain(|unit| unit.2 == latest_day || now < unit.0 + HOUR);
        let hour = self.admitted.iter().filter(|unit| now < unit.0 + HOUR).count();
        let day = self.admitted.iter().filter(|unit| unit.2 == self.latest_day).count();
        rules.per_hour.is_none_or(|limit| hour < limit as usize)
            && rules.per_day.is_none_or(|limit| day < limit as usize)
    }
}

#[test]
fn random_weeks_agree_with_the_plain_list() {
    for seed in 0..100 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut usage, mut model) = (UserUsage::default(), Model::default());
        let mut now = at(0);
        for token in 0..400 {
            let pause = *rng.choice(&[0, 1, 60_000, 600_000, HOUR_MS - 1, HOUR_MS]).unwrap_or(&0);
            now = if rng.u32(0..50) == 0 {
                now - Duration::from_millis(pause)
            } else {
                now + Duration::from_millis(pause)
            };
            // The user's role may change between two messages.
            let rules = role(*rng.choice(&[Role::Guest, Role::Normal, Role::Normal, Role::Premium]).unwrap());
            let trace = format!("seed {seed}, token {token}");
            let admitted = usage.admit(&rules, &calendar(), now, RequestToken(token));
            assert_eq!(admitted.is_ok(), model.free(&rules, now), "{trace}: {admitted:?}");
            match admitted {
                Ok(()) => {
                    model.admitted.push((now, token, model.latest_day));
                    if rng.u32(0..3) == 0 {
                        assert!(usage.give_back(RequestToken(token)), "{trace}");
                        model.admitted.pop();
                    }
                }
                Err(reached) => {
                    // The announced time is true: not before, and then.
                    let resets_at = reached.resets_at();
                    let before = resets_at - Duration::from_millis(1);
                    let mut later = usage.clone();
                    assert!(later.admit(&rules, &calendar(), before, RequestToken(9999)).is_err(), "{trace}");
                    let then = later.admit(&rules, &calendar(), resets_at, RequestToken(9999));
                    assert_eq!(then, Ok(()), "{trace}");
                }
            }
            let stored = serde_json::to_string(&usage).expect("a cell is plain data");
            usage = serde_json::from_str(&stored).expect("what was stored reads back");
        }
    }
}

//! Nobody is pushed out by one who writes without end, and who is refused is told the truth.

use super::*;

/// A day of 500 guests who write two messages each, and of one of `role` who writes one a second.
fn flooded(pool: KeyPool, role: Role) -> Report {
    let cohorts = vec![Cohort { spread: 0.0, tasks: (0.0, 0.0), ..Cohort::new(Role::Guest, 500, 2.0) }];
    let flooder = Flooder { role, every: Duration::from_secs(1), from: Duration::ZERO, to: HOUR * 24 };
    let report = simulate(pool, &Scenario { cohorts, flooders: vec![flooder], ..Scenario::default() }, 1);
    check_ends(&report, "flood");
    assert!(report.roles[role].came >= 86_400 && report.roles[Role::Guest].modest >= 495, "{role}");
    report
}

fn modest_share(report: &Report) -> f64 {
    let guests = &report.roles[Role::Guest];
    f64::from(guests.modest_served) / f64::from(guests.modest)
}

#[test]
fn a_flooder_gets_its_cap_and_takes_nothing_from_the_others() {
    for role in [Role::Guest, Role::Normal] {
        let report = flooded(standard(), role);
        // The flooder is served most of all, and yet no more than its cap.
        assert_eq!(Some(report.roles[role].most_of_one), Rules::default().roles[role].per_day, "{role}");
        assert!(modest_share(&report) >= 0.99, "{role}: {}", modest_share(&report));

        // It is the cap that does it.
        let mut uncapped = standard();
        let rules = &mut Arc::make_mut(&mut uncapped.rules).roles[role];
        (rules.per_hour, rules.per_day) = (None, None);
        let report = flooded(uncapped, role);
        assert!(report.roles[role].most_of_one > 1000, "{role}: {}", report.roles[role].most_of_one);
        assert!(modest_share(&report) < 0.99 || role > Role::Guest, "{role}: {}", modest_share(&report));
    }
}

/// I16. The times that are not true are those of a full queue: told too late where those before wished for a higher
/// model and got it, too early where others of a higher role came meanwhile. Both are unknown when it is told.
#[test]
fn the_time_told_in_a_refusal_is_true() {
    let day = Scenario { judge_times: true, opens_at: 9.0, ..Scenario::default() };
    let mut flood = Scenario { opens_at: 15.0, ..day.clone() };
    flood.cohorts.push(Cohort::new(Role::Guest, 5000, 4.0));
    let dead = ["A1", "B2", "C3", "C5", "D1", "D4"].map(|id| id.parse().expect("a key id")).to_vec();
    let bans = Scenario { faults: Faults { dead, ..Faults::default() }, ..day.clone() };
    for (name, scenario) in [
        ("1,060 users", day),
        ("5,000 more guests", flood),
        ("six keys that are banned again and again", bans),
    ] {
        let report = simulate(standard(), &scenario, 1);
        check_ends(&report, name);
        assert!(report.told_true() >= 0.98, "{name}: {:?}", report.truth);
        let spent = report.truth[&Ending::Spent];
        assert!(spent.right > 500 && spent.early + spent.late == 0, "{name}: {spent:?}");
    }
}

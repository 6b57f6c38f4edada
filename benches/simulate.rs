//! `just simulate`: virtual days that ask more of the pool than it has, how near the router comes to the best possible,
//! and how far two simple routers stay behind; then the speed of a plan (K1) and of a simulation (K2).
//!
//! Prints a table and ends with an error where a yield falls short of its goal; speed is printed beside its goal and
//! judged by nobody, because it is the machine's as well.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

mod decisions;

use std::fmt::Write as _;
use std::process::ExitCode;

use decisions::{Simulated, plan_times, simulation, standard_pool};
use svs::domain::key::{Group, KeyId};
use svs::domain::role::Role;
use svs::domain::simulate::{Cohort, Report, Scenario, Strategy, simulate};

const SEEDS: u64 = 20;

fn main() -> ExitCode {
    // `cargo test --benches` asks for nothing.
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    let quick = std::env::args().any(|argument| argument == "--quick");
    let seeds = if quick { 4 } else { SEEDS };
    let mut met = true;
    for opens_at in [9.0, 15.0] {
        let base = Scenario { opens_at, judge_times: true, ..Scenario::default() };
        met &= compare("1,060 users", &base, seeds, 0.97, 0.95);
        let mut flood = base.clone();
        flood.cohorts.push(Cohort::new(Role::Guest, 5000, 4.0));
        met &= compare("5,000 more guests", &flood, seeds, 0.97, 0.95);
        let mut dead = base.clone();
        dead.faults.dead = ten_keys();
        met &= compare("10 dead keys", &dead, seeds, 0.95, 0.0);
        let surprise = Scenario { experience: false, ..base.clone() };
        compare("1,060 users, no experience", &surprise, seeds, 0.0, 0.0);
    }
    let quick_plans = speed_of_plan();
    let (quick_days, same) = speed_of_simulation();
    met &= same;
    println!("{}", if met { "every yield reaches its goal" } else { "a yield falls short of its goal" });
    println!("{}", if quick_plans && quick_days { "as fast as wished" } else { "not as fast as wished" });
    if met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn ten_keys() -> Vec<KeyId> {
    let of = |group, count| (1..=count).map(move |n| KeyId::Member(group, n));
    of(Group::A, 2).chain(of(Group::B, 3)).chain(of(Group::C, 3)).chain(of(Group::D, 2)).collect()
}

fn compare(name: &str, scenario: &Scenario, seeds: u64, mean_goal: f64, worst_goal: f64) -> bool {
    println!("\n{name}; the quota day starts at {:02}:00 local; {seeds} seeds", scenario.opens_at);
    println!(
        "  {:12} {:>7} {:>7} {:>8} {:>9} {:>7} | darkest hour {:27} | without any answer",
        "router", "mean", "worst", "at wish", "refusals", "retries", "guest normal prem. vip owner"
    );
    let mut met = true;
    for strategy in [Strategy::Svs, Strategy::RandomKey, Strategy::RoundRobin] {
        let scenario = Scenario { strategy, ..scenario.clone() };
        let reports: Vec<Report> =
            (1..=seeds).map(|seed| simulate(standard_pool(), &scenario, seed)).collect();
        let shares = reports.iter().map(Report::share_of_best);
        let (mean, worst) = (shares.clone().sum::<f64>() / seeds as f64, shares.fold(f64::MAX, f64::min));
        if strategy == Strategy::Svs {
            met = mean >= mean_goal && worst >= worst_goal;
        }
        print_row(strategy, mean, worst, &reports);
    }
    met
}

fn print_row(strategy: Strategy, mean: f64, worst: f64, reports: &[Report]) {
    let of = |value: &dyn Fn(&Report) -> f64| reports.iter().map(value).sum::<f64>() / reports.len() as f64;
    let (mut dark, mut without) = (String::new(), String::new());
    for role in Role::ALL {
        let share = of(&|report| report.roles[role].darkest_hour().map_or(1.0, |(_, share)| share));
        let _ = write!(dark, "{:5.1}%", 100.0 * share);
        let (none, all) = (
            of(&|report| report.roles[role].without_any.into()),
            of(&|report| report.roles[role].users.into()),
        );
        if none > 0.0 {
            let _ = write!(without, " {role} {none:.1} of {all:.0}");
        }
    }
    let told = of(&Report::told_true);
    println!(
        "  {:12} {:6.2}% {:6.2}% {:7.1}% {:8.1}% {:7.0} | {:40} |{}",
        format!("{strategy:?}"),
        100.0 * mean,
        100.0 * worst,
        100.0 * of(&Report::at_wish),
        100.0 * told,
        of(&|report| report.retries as f64),
        dark,
        if without.is_empty() { " nobody" } else { &without },
    );
    if std::env::args().any(|argument| argument == "--details") {
        let report = &reports[0];
        println!(
            "    came {} best {} served {} longest wait {} ms, bans {}, {:?}",
            report.came(),
            report.best,
            report.served(),
            report.longest_wait,
            report.bans,
            report.truth
        );
        for role in Role::ALL {
            let tally = &report.roles[role];
            println!(
                "    {role}: came {} admitted {} at wish {} lowered {} {:?}",
                tally.came, tally.admitted, tally.at_wish, tally.lowered, tally.endings
            );
        }
        println!("    {:?}\n    {:?}\n    {:?}", report.models, report.by_group(), report.outcomes);
        for (key, sends) in &report.keys {
            print!(" {key}:{:?}", &sends.0[..3]);
        }
        println!();
    }
}

/// K1: a plan with all reasons ≤ 3 µs at 25 keys.
fn speed_of_plan() -> bool {
    println!("\none plan with all reasons, 25 keys");
    let times = plan_times();
    for (kind, micros) in &times {
        println!("  {kind}: {micros:.2} µs");
    }
    times.iter().all(|(_, micros)| *micros <= 3.0)
}

/// K2: 1,000,000 simulated requests ≤ 5 s, and the same seed gives the same report.
/// Whether it is fast enough, and whether the same seed gave the same report.
fn speed_of_simulation() -> (bool, bool) {
    let Simulated { requests, million, same } = simulation();
    println!(
        "\n{requests} simulated requests; 1,000,000 take {million:.2} s; same seed, same report: {same}"
    );
    (million <= 5.0, same)
}

//! The dashboard and the alert rules in `deploy/` fit the metrics that a daemon serves, and promtool finds no fault.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use svs::sandbox::gemini::Answer;

use crate::monitoring::{get, start};
use crate::support::{World, english};

const ALERTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/alerts.yaml");
const DASHBOARD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/grafana.json");

/// The metrics of a daemon that has answered a question.
fn metrics() -> String {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let (_daemon, at) = start(&world);
    world.ask(&english(), "hello", 1);
    get(at, "/metrics").body
}

/// The names of our metrics in a text, without what a histogram adds to its name.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let ours = words.filter(|word| word.starts_with("svs_") || word.starts_with("process_"));
    let base = |word: &str| {
        let ends = ["_bucket", "_sum", "_count"];
        ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()
    };
    ours.map(base).collect()
}

#[test]
fn every_metric_of_dashboard_and_alerts_is_served_and_every_one_of_ours_is_shown() {
    let body = metrics();
    let served: BTreeSet<String> = body
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next().map(str::to_owned))
        .collect();
    let read = |path| std::fs::read_to_string(path).expect("a file of the repository");
    let (alerts, dashboard) = (named(&read(ALERTS)), named(&read(DASHBOARD)));
    assert!(alerts.len() >= 15 && dashboard.len() >= 30, "{alerts:?} {dashboard:?}");
    let unknown: Vec<_> = alerts.union(&dashboard).filter(|name| !served.contains(*name)).collect();
    assert!(unknown.is_empty(), "not served: {unknown:?}");
    let hidden: Vec<_> =
        served.iter().filter(|name| name.starts_with("svs_") && !dashboard.contains(*name)).collect();
    assert!(hidden.is_empty(), "not in the dashboard: {hidden:?}");
}

#[test]
fn every_alert_says_what_to_type_and_the_panels_do_not_overlap() {
    let alerts = std::fs::read_to_string(ALERTS).expect("a file of the repository");
    let count = |what: &str| alerts.matches(what).count();
    assert!(count("- alert: ") >= 12);
    for part in ["expr:", "severity:", "summary:", "action:"] {
        assert_eq!(count(part), count("- alert: "), "{part}");
    }
    let text = std::fs::read_to_string(DASHBOARD).expect("a file of the repository");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let mut taken = BTreeSet::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        let at = |name: &str| panel["gridPos"][name].as_u64().expect("a number");
        assert!(at("x") + at("w") <= 24, "{}", panel["title"]);
        for place in
            (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
        {
            assert!(taken.insert(place), "{} lies on another panel", panel["title"]);
        }
    }
}

/// What promtool says with something on its standard input; none where it is not installed.
#[expect(clippy::print_stderr, reason = "a test that is left out says why")]
fn promtool(arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let started = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            eprintln!("not checked: promtool (package prometheus) cannot be run: {error}");
            return None;
        }
    };
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

#[test]
fn promtool_finds_no_fault_in_metrics_and_rules() {
    if let Some((is_good, said)) = promtool(&["check", "rules", ALERTS], "") {
        assert!(is_good && said.contains("SUCCESS"), "{said}");
    }
    if let Some((is_good, said)) = promtool(&["check", "metrics"], &metrics()) {
        assert!(is_good && said.is_empty(), "{said}");
    }
}

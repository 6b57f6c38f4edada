//! What a check reports, and with which exit code.

use super::on_change::LastResult;
use super::*;
use crate::admin::api::MissingModel;

fn checked(keys: &[(&str, KeyState)], fail_on: FailOn) -> Checked {
    let key = |(id, state): &(&str, KeyState)| CheckedKey {
        tail: Some("x9Kd".to_owned()),
        project: format!("key:{id}"),
        state: *state,
        ms: 12,
        ..CheckedKey::new(id.parse().expect("a place"))
    };
    Checked::new(keys.iter().map(key).collect(), fail_on)
}

#[test]
fn the_exit_code_says_how_bad_it_is() {
    use KeyState::{Blocked, Invalid, Limited, Ok, Region, Unreachable};
    type Case<'a> = (&'a [(&'a str, KeyState)], [u8; 3]);
    // The codes with --fail-on any, group and all.
    let cases: [Case<'_>; 9] = [
        (&[("A1", Ok), ("B1", Limited), ("RA", Ok)], [0, 0, 0]),
        (&[("A1", Ok), ("A2", Invalid), ("B1", Ok)], [1, 0, 0]),
        (&[("A1", Ok), ("A2", Unreachable)], [1, 0, 0]),
        (&[("A1", Ok), ("RA", Invalid)], [1, 0, 0]),
        (&[("A1", Ok), ("B1", Invalid), ("B2", Blocked)], [2, 2, 0]),
        (&[("A1", Ok), ("B1", Invalid), ("B2", Unreachable)], [3, 3, 0]),
        (&[("A1", Invalid), ("B1", Blocked)], [2, 2, 2]),
        (&[("A1", Unreachable), ("B1", Region)], [3, 3, 3]),
        (&[("A1", Unreachable), ("B1", Invalid)], [2, 2, 3]),
    ];
    for (keys, codes) in cases {
        let found = [FailOn::Any, FailOn::Group, FailOn::All].map(|fail_on| checked(keys, fail_on).code());
        assert_eq!(found, codes, "{keys:?}");
    }
}

#[test]
fn of_keys_that_were_named_nothing_follows_for_their_group() {
    let picked = |keys: &[(&str, KeyState)]| {
        let mut report = checked(keys, FailOn::Any);
        report.is_picked = true;
        report
    };
    let one = picked(&[("A2", KeyState::Invalid)]);
    assert_eq!((one.summary().as_str(), one.code()), ("0 keys good, 1 not", 2));
    let two = picked(&[("A2", KeyState::Invalid), ("B1", KeyState::Ok)]);
    assert_eq!((two.summary().as_str(), two.code()), ("1 key good, 1 not", 1));
}

#[test]
fn a_model_that_is_not_there_is_named_once_with_its_keys() {
    let mut report = checked(&[("A1", KeyState::Ok), ("B1", KeyState::Ok)], FailOn::Any);
    for key in &mut report.keys {
        let nearest = Some("gemini-3.1-pro".to_owned());
        key.missing.push(MissingModel { model: ModelSlot::Pro, id: "gemini-4-pro".to_owned(), nearest });
    }
    let line = "warning: model gemini-4-pro is not there for A1, B1; the nearest that is: gemini-3.1-pro";
    assert!(report.notes().iter().any(|note| note == line), "{:?}", report.notes());
}

#[test]
fn a_monitor_is_told_in_one_line() {
    let report = checked(&[("A1", KeyState::Ok), ("B1", KeyState::Invalid)], FailOn::Any);
    let line = "CRITICAL - 1 key good, 1 not, no key of B serves | keys=1;;;0;2 slowest=12ms";
    assert_eq!(report.nagios().as_deref(), Some(line));
    assert_eq!(report.brief(), "B1 invalid\n");
}

#[test]
fn a_model_that_is_not_there_or_a_project_shared_unawares_is_a_warning() {
    let mut report = checked(&[("A1", KeyState::Ok), ("A2", KeyState::Ok)], FailOn::Any);
    assert_eq!(report.code(), 0);
    let missing = MissingModel { model: ModelSlot::Pro, id: "gemini-4-pro".to_owned(), nearest: None };
    report.keys[0].missing.push(missing);
    assert_eq!(report.code(), 1);
    assert!(report.nagios().is_some_and(|line| line.contains("1 model not there")));
    report.keys[0].missing.clear();
    for key in &mut report.keys {
        key.consumer = Some("77".to_owned());
    }
    assert_eq!(report.code(), 1);
    let told = Checked::new(report.keys, FailOn::Group);
    assert_eq!(told.code(), 0, "every group serves");
}

#[test]
fn the_lines_for_a_shared_project_can_be_pasted_into_the_configuration() {
    let states = ["A1", "A2", "B1", "B2", "C1"].map(|id| (id, KeyState::Ok));
    let mut report = checked(&states, FailOn::Any);
    let mut is_of = |key: usize, consumer: &str, project: Option<&str>| {
        report.keys[key].consumer = Some(consumer.to_owned());
        if let Some(project) = project {
            project.clone_into(&mut report.keys[key].project);
        }
    };
    is_of(0, "77", None);
    is_of(2, "77", None);
    // B2 is in a project by name already, C1 is known to be in it too.
    is_of(3, "88", Some("shop"));
    is_of(4, "88", None);
    let lines = report.notes();
    let start = lines.iter().position(|line| line == "[projects]").expect("a section");
    assert_eq!(lines[start + 1..], ["project-77 = [\"A1\", \"B1\"]", "shop = [\"B2\", \"C1\"]"]);
    // Once that is written, nothing is said.
    for (key, project) in [(0, "project-77"), (2, "project-77"), (4, "shop")] {
        project.clone_into(&mut report.keys[key].project);
    }
    assert!(report.shared_projects().is_empty());
}

#[test]
fn a_change_is_a_change_of_state_and_not_of_a_moment() {
    use KeyState::{Invalid, Limited, Ok};
    let result = |states: &[(&str, KeyState)]| LastResult::of(&checked(states, FailOn::Any));
    let before = result(&[("A1", Ok), ("A2", Ok), ("B1", Invalid)]);
    assert_eq!(before, result(&[("A1", Limited), ("A2", Ok), ("B1", Invalid)]), "limits come and go");
    let now = result(&[("A1", Ok), ("A2", Invalid), ("C1", Ok)]);
    let expected =
        ["A2: ok before, invalid now", "C1: ok, and was not there before", "B1: not there any more"];
    assert_eq!(before.changes_to(&now), expected);
}

#[test]
fn a_rate_is_a_number_and_a_unit() {
    assert_eq!(parse_rate("10/m"), Ok(Duration::from_secs(6)));
    assert_eq!(parse_rate("2/s"), Ok(Duration::from_millis(500)));
    for wrong in ["", "10", "0/m", "-1/m", "10/d", "1.5/m", "1001/s"] {
        assert!(parse_rate(wrong).is_err(), "{wrong}");
    }
}

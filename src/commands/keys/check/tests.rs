//! What a check reports, and with which exit code.

use super::*;
use crate::admin::api::MissingModel;
use crate::domain::model::ModelSlot;

fn checked(keys: &[(&str, KeyState)], fail_on: FailOn) -> Checked {
    let key = |(id, state): &(&str, KeyState)| CheckedKey {
        key: id.parse().expect("a place"),
        tail: Some("x9Kd".to_owned()),
        project: format!("key:{id}"),
        state: *state,
        reason: None,
        help_url: None,
        ms: 12,
        missing: Vec::new(),
        consumer: (*state == KeyState::Blocked).then(|| "projects/77".to_owned()),
    };
    Checked { keys: keys.iter().map(key).collect(), fail_on }
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
fn keys_that_share_a_project_unawares_are_named() {
    let report =
        checked(&[("A1", KeyState::Blocked), ("A2", KeyState::Blocked), ("A3", KeyState::Ok)], FailOn::Any);
    let line = "A1, A2 belong to project projects/77, one budget: name it under [projects]";
    assert_eq!(report.shared_projects(), [line]);
}

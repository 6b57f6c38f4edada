//! `svs keys check` without a daemon: what Google says, as exit codes, for no generation at all.

use serde_json::Value;

use crate::support::{World, code, stderr, stdout};

#[test]
fn the_exit_code_says_how_bad_it_is_and_nothing_is_spent() {
    let cases: [(&str, &str, &str); 6] = [
        ("", "0", "OK - 25 keys good |"),
        ("A1=400key", "1", "WARNING - 24 keys good, 1 not |"),
        ("RA=403leaked", "1", "WARNING - 24 keys good, 1 not |"),
        ("D=403suspended", "2", "CRITICAL - 20 keys good, 5 not, no key of D serves |"),
        ("B=500,A2=400expired", "3", "UNKNOWN - 18 keys good, 7 not |"),
        ("*=rst", "3", "UNKNOWN - 0 keys good, 25 not |"),
    ];
    let world = World::new();
    for (faults, expected, line) in cases {
        world.sandbox().gemini().clear_faults();
        world.sandbox().gemini().fail(faults).expect("known faults");
        let output = world.output(&["keys", "check", "-o", "nagios", "--concurrency", "25"]);
        assert_eq!(code(output.status), expected, "{faults}: {}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).starts_with(line), "{faults}: {}", stdout(&output));
    }
    assert!(world.sandbox().gemini().generations().is_empty());
    assert!(world.sandbox().gemini().call_count() >= 6 * 25);
}

#[test]
fn a_bad_key_is_named_by_its_place_and_never_shown() {
    let world = World::new();
    world.sandbox().gemini().fail("B2=403suspended").expect("a known fault");
    let output = world.output(&["keys", "check", "--group", "b", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let keys = json["keys"].as_array().expect("keys");
    assert_eq!((keys.len(), json["ok"].as_u64()), (6, Some(5)));
    assert_eq!((keys[1]["key"].as_str(), keys[1]["state"].as_str()), (Some("B2"), Some("suspended")));
    let table = world.output(&["keys", "check", "--group", "b"]);
    for (label, secret, _) in world.sandbox().gemini().keys() {
        // The message of this refusal repeats the key.
        for text in [stdout(&output), stderr(&output), stdout(&table), stderr(&table)] {
            assert!(!text.contains(&secret), "{label}: {text}");
        }
    }
    let quiet = world.output(&["keys", "check", "-q"]);
    assert_eq!(stdout(&quiet), "B2 suspended\n");
}

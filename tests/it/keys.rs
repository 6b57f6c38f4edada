//! `svs keys check`: what Google says of each key, as exit codes, for no generation unless one is wished.

use serde_json::Value;
use svs::sandbox::gemini::Model;

use crate::support::pty::Pty;
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

#[test]
fn every_kind_of_dead_key_is_told_apart_with_and_without_a_daemon() {
    let kinds: [(&str, &str, Option<&str>); 15] = [
        ("400key", "invalid", None),
        ("400notfound", "invalid", None),
        ("400expired", "invalid", Some("expired")),
        ("403leaked", "invalid", Some("leaked")),
        ("401", "invalid", Some("wrong_token_type")),
        ("403suspended", "suspended", None),
        ("403denied", "suspended", None),
        ("403disabled", "blocked", Some("service_disabled")),
        ("403blocked", "blocked", Some("restricted")),
        ("403referrer", "blocked", Some("restricted")),
        ("403ip", "blocked", Some("restricted")),
        ("region", "region", Some("region_unsupported")),
        ("500", "unreachable", Some("upstream_error")),
        ("html502", "unreachable", Some("overloaded")),
        ("rst", "unreachable", None),
    ];
    let world = World::new();
    let check = || {
        for (fault, state, cause) in kinds {
            let gemini = world.sandbox().gemini();
            gemini.clear_faults();
            gemini.fail(&format!("A2={fault}")).expect("a known fault");
            let (found, _) = checked(&world, &["--key", "A2"]);
            let key = &found["keys"][0];
            assert_eq!(key["state"], state, "{fault}: {key}");
            assert_eq!(key["cause"].as_str(), Some(cause.unwrap_or(state)), "{fault}: {key}");
            if fault == "403disabled" {
                let link = key["help_url"].as_str().unwrap_or_default();
                assert!(link.starts_with("https://") && link.contains("project="), "{key}");
                let table = world.output(&["keys", "check", "--key", "A2"]);
                assert!(stderr(&table).contains(link), "{}", stderr(&table));
            }
        }
    };
    check();
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    check();
    assert!(world.sandbox().gemini().generations().is_empty());
}

#[test]
fn a_model_that_google_does_not_list_is_a_warning_with_the_nearest_that_it_does() {
    let world = World::new();
    world.sandbox().gemini().set_models_of("B2", vec![Model::new("gemini-3.8-flash-lite-preview")]);
    let (found, exit) = checked(&world, &["--group", "B"]);
    assert_eq!(exit, "1", "{found}");
    let missing = found["keys"][1]["missing_models"].as_array().expect("models");
    assert!(missing.len() > 1, "{found}");
    let table = world.output(&["keys", "check", "--group", "B"]);
    let warning = stderr(&table);
    assert!(
        warning.contains("is not there for B2; the nearest that is: gemini-3.8-flash-lite-preview"),
        "{warning}"
    );
}

#[test]
fn keys_that_share_a_project_are_found_from_one_error_and_the_lines_to_write_mend_it() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    for (label, secret, _) in gemini.keys() {
        if ["A1", "C2"].contains(&&*label) {
            gemini.register_key(&label, &secret, "shop");
        }
    }
    assert_eq!(checked(&world, &[]).1, "0", "Google names a project only when it refuses");
    gemini.fail("A1=403disabled,C2=403blocked").expect("known faults");
    assert_eq!(checked(&world, &[]).1, "1");
    gemini.clear_faults();
    let (found, exit) = checked(&world, &[]);
    assert_eq!((found["ok"].as_u64(), exit.as_str()), (Some(25), "1"), "it is still known: {found}");
    let line = found["shared_projects"][0]["line"].as_str().expect("a line");
    assert!(line.ends_with(" = [\"A1\", \"C2\"]"), "{line}");
    let toml = world.folder().join("svs.toml");
    std::fs::write(&toml, format!("[projects]\n{line}\n")).expect("a file");
    let output = world.output(&["-c", &toml.to_string_lossy(), "keys", "check", "--json"]);
    assert_eq!(code(output.status), "0", "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn a_key_that_is_listed_twice_is_named() {
    let world = World::new();
    let keys = world.sandbox().gemini().keys();
    let of_b: Vec<&str> =
        keys.iter().filter(|(label, ..)| label.starts_with('B')).map(|key| &*key.1).collect();
    let twice = format!("{},{}", of_b.join(","), of_b[1]);
    let output = world.svs(&["keys", "check"]).env("GROUP_B_KEYS", twice).output().expect("svs starts");
    assert_eq!(code(output.status), "0");
    assert!(stderr(&output).contains("B2 is listed 2 times"), "{}", stderr(&output));
    let two_groups = format!("{},{}", of_b.join(","), keys[0].1);
    let output = world.svs(&["keys", "check"]).env("GROUP_B_KEYS", two_groups).output().expect("svs starts");
    assert_eq!(code(output.status), "78", "{}", stderr(&output));
    assert!(stderr(&output).contains("keys.A and in keys.B"), "{}", stderr(&output));
}

#[test]
fn the_last_check_answers_where_it_is_young_enough_and_was_the_same() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    let ask = |arguments: &[&str]| {
        let before = gemini.call_count();
        let (found, exit) = checked(&world, arguments);
        (gemini.call_count() - before, found["keys"][0]["cached"].as_bool(), exit)
    };
    assert_eq!(ask(&["--cached", "10m"]), (25, Some(false), "0".to_owned()), "there was none yet");
    gemini.fail("A1=400key").expect("a known fault");
    assert_eq!(ask(&["--cached", "10m"]), (0, Some(true), "0".to_owned()));
    assert_eq!(ask(&["--cached", "0", "--key", "A1"]), (1, Some(false), "2".to_owned()));
    assert_eq!(
        ask(&["--cached", "10m", "--key", "A1"]),
        (0, Some(true), "2".to_owned()),
        "of each key the last"
    );
    assert_eq!(ask(&["--cached", "1ms", "--key", "A1"]).0, 1, "too old");
    gemini.clear_faults();
    // The daemon knows what was found without it.
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    assert_eq!(ask(&["--cached", "10m", "--key", "A1"]), (0, Some(true), "2".to_owned()));
    assert_eq!(
        ask(&["--key", "A1"]),
        (1, Some(false), "0".to_owned()),
        "who does not ask for it is not given it"
    );
    let asked_otherwise = ["--cached", "10m", "--key", "A1", "--via", "generate"];
    assert_eq!(ask(&asked_otherwise), (1, Some(false), "0".to_owned()));
}

#[test]
fn a_timer_is_told_only_of_a_change() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    let last = world.folder().join("keys.last");
    let run = || {
        let file = last.to_string_lossy().into_owned();
        let output = world.output(&["keys", "check", "-q", "--cached", "0", "--on-change", &file]);
        (code(output.status), stdout(&output), stderr(&output))
    };
    let silent = || ("0".to_owned(), String::new(), String::new());
    assert_eq!(run(), silent());
    assert!(last.exists(), "the first run writes it");
    assert_eq!(run(), silent());
    gemini.fail("D=403suspended").expect("a known fault");
    let (exit, printed, _) = run();
    assert_eq!((exit.as_str(), printed.lines().count()), ("2", 5), "{printed}");
    assert_eq!(run(), silent(), "it has been said");
    gemini.clear_faults();
    let output = world.output(&["keys", "check", "--on-change", &last.to_string_lossy()]);
    assert_eq!(code(output.status), "0");
    assert!(stderr(&output).contains("D1: suspended before, ok now"), "{}", stderr(&output));
    assert_eq!(run(), silent());
    // Nothing is left beside it, and what is no such file stays as it is.
    let names =
        || std::fs::read_dir(world.folder()).expect("a folder").filter_map(Result::ok).map(|e| e.file_name());
    assert_eq!(names().filter(|name| name.to_string_lossy().starts_with("keys.last")).count(), 1);
    std::fs::write(&last, "mine\n").expect("a file");
    assert_eq!(run().0, "65");
    assert_eq!(std::fs::read_to_string(&last).expect("a file"), "mine\n");
    let nowhere = world.output(&["keys", "check", "--on-change", "/nonexistent/keys.last"]);
    assert_eq!(code(nowhere.status), "73");
}

#[test]
fn one_token_is_a_send_like_any_other_with_and_without_a_daemon() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    let arguments = ["--via", "generate", "--rate", "10/s", "--concurrency", "25"];
    let (found, exit) = checked(&world, &[&arguments[..], &["--group", "A"]].concat());
    assert_eq!(exit, "0", "{found}");
    let sends = gemini.generations();
    assert_eq!(sends.len(), found["keys"].as_array().expect("keys").len(), "one for each key");
    let capped = |call: &svs::sandbox::gemini::GeminiCall| call.body.contains("\"maxOutputTokens\":1");
    assert!(sends.iter().all(capped), "{sends:?}");
    let mut arrivals: Vec<i64> = sends.iter().map(|call| call.at).collect();
    arrivals.sort_unstable();
    assert!(arrivals.windows(2).all(|two| two[1] - two[0] >= 60), "ten a second: {arrivals:?}");
    // Debited: the ledger holds the key back now, and nothing is sent.
    let (found, exit) = checked(&world, &[&arguments[..], &["--key", "A1"]].concat());
    let key = &found["keys"][0];
    assert_eq!((key["state"].as_str(), key["cause"].as_str()), (Some("limited"), Some("cooling")), "{key}");
    assert_eq!((exit.as_str(), gemini.generations().len()), ("0", sends.len()));
    assert_eq!(key["budgets"][0]["used"], 1, "{key}");
    // Counted: the stats have it, and of a refusal as well.
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    gemini.fail("B1=403leaked").expect("a known fault");
    let (found, exit) = checked(&world, &[&arguments[..], &["--key", "B1,B2"]].concat());
    assert_eq!((found["ok"].as_u64(), exit.as_str()), (Some(1), "1"), "{found}");
    assert_eq!(gemini.generations().len(), sends.len() + 2);
    let stats = world.output(&["keys", "stats", "--for", "1h", "--json"]);
    let stats: Value = serde_json::from_slice(&stats.stdout).expect("JSON");
    let of =
        |name: &str| stats["keys"].as_array().expect("keys").iter().find(|key| key["key"] == name).cloned();
    let (a1, b1) = (of("A1").expect("A1"), of("B1").expect("B1"));
    assert_eq!((a1["sends"].as_u64(), b1["outcomes"]["leaked"].as_u64()), (Some(1), Some(1)), "{a1} {b1}");
    assert!(a1["p50_ms"].is_u64() && b1["p50_ms"].is_null(), "{a1} {b1}");
    let listed = world.output(&["keys", "ls", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let b1 = listed["keys"].as_array().expect("keys").iter().find(|key| key["key"] == "B1").expect("B1");
    assert_eq!((b1["state"].as_str(), b1["why"].as_str()), (Some("invalid"), Some("leaked")), "{b1}");
}

#[test]
fn what_fits_together_is_told_and_a_closed_pipe_is_no_failure() {
    let world = World::new();
    for arguments in [
        &["--rate", "10/m"][..],
        &["--model", "pro"],
        &["--via", "generate", "--rate", "10"],
        &["--concurrency", "0"],
        &["--cached", "soon"],
        &["--on-change", "last", "--fail-on", "none"],
    ] {
        let output = world.output(&[&["keys", "check"], arguments].concat());
        assert_eq!(code(output.status), "64", "{arguments:?}");
    }
    // A monitoring system is always answered, and in its own codes.
    let monitor = world.output(&["keys", "check", "--on-change", "last", "-o", "nagios"]);
    assert!(
        code(monitor.status) == "3" && stdout(&monitor).starts_with("UNKNOWN - "),
        "{}",
        stdout(&monitor)
    );
    assert_eq!(world.sandbox().gemini().call_count(), 0);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    for arguments in [&["keys", "check"][..], &["keys", "ls"], &["keys", "stats", "--json"]] {
        let output =
            world.svs(arguments).stdout(writer.try_clone().expect("a copy")).output().expect("svs starts");
        assert_eq!(code(output.status), "0", "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panic"), "{}", stderr(&output));
    }
}

/// What `keys check --json` prints, and how it exits.
fn checked(world: &World, arguments: &[&str]) -> (Value, String) {
    let output = world.output(&[&["keys", "check", "--json"], arguments].concat());
    let found = serde_json::from_slice(&output.stdout);
    (found.unwrap_or_else(|_| panic!("no JSON: {}", stderr(&output))), code(output.status))
}

#[test]
fn a_person_sees_how_far_it_is_and_nobody_else() {
    let world = World::new();
    world.sandbox().gemini().fail("A2=403suspended,B1=hang").expect("known faults");
    let check = |flags: &[&str]| {
        let line = [&["keys", "check", "--concurrency", "1", "--key", "A1,A2,A3,B1"], flags].concat();
        Pty::start(&world.svs(&line), 100, 30)
    };
    check(&[]).wait_for_text("keys, 1 not good, the last A2 suspended: 3/4");
    world.sandbox().gemini().clear_faults();
    for flags in [&["-q"][..], &["--json"], &["-o", "jsonl"]] {
        let mut unseen = check(flags);
        assert_eq!(code(unseen.end()), "0", "{}", unseen.screen());
        let raw = String::from_utf8_lossy(&unseen.raw()).into_owned();
        assert!(!raw.contains("/4") && !raw.contains('\u{1b}'), "{flags:?}: {raw:?}");
    }
    let mut finished = check(&[]);
    assert_eq!(code(finished.end()), "0");
    let screen = finished.screen();
    assert!(screen.contains("B1") && !screen.contains("/4"), "{screen}");
}

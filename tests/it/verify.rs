//! What svs proves of itself is what Gemini saw, and a limit that was passed shows.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::state::{files, fingerprint};
use crate::support::{World, code, stderr, stdout};

/// Keys that send often, but not without limit: a gap, a minute and a day that a short crowd meets.
const TIGHT: [(&str, &str); 8] = [
    ("SVS_ROUTER_MAX_WAIT", "2s"),
    ("SVS_LIMITS_COOLDOWN", "400ms"),
    ("SVS_LIMITS_SEND_MARGIN", "100ms"),
    ("SVS_LIMITS_FLASH_LITE_RPM", "4"),
    ("SVS_LIMITS_FLASH_LITE_DAILY_LIMIT", "1000"),
    ("SVS_ROLES_NORMAL_PER_HOUR", "off"),
    ("SVS_ROLES_NORMAL_PER_DAY", "off"),
    ("SVS_TELEGRAM_PRIVATE_BURST", "1000"),
];

fn verify(world: &World, variables: &[(&str, &str)], arguments: &[&str]) -> (String, Value) {
    let arguments = [&["verify", "-o", "json"], arguments].concat();
    let output = world.svs(&arguments).envs(variables.iter().copied()).output().expect("svs starts");
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (code(output.status), json)
}

/// The findings of one limit, each by the fingerprint of its key: here every key has a project of its own.
fn worst(proved: &Value, limit: &str) -> BTreeMap<String, u64> {
    let findings = proved["findings"].as_array().expect("findings").iter();
    let of_limit = findings.filter(|finding| finding["limit"] == limit);
    let key = |finding: &Value| {
        let project = finding["project"].as_str().and_then(|project| project.strip_prefix("key:"));
        project.or(finding["fingerprint"].as_str()).expect("of a key").to_owned()
    };
    of_limit.map(|finding| (key(finding), finding["worst"].as_u64().expect("a number"))).collect()
}

/// Twelve people who ask whenever they may, for a while.
fn crowd(world: &World) {
    let telegram = world.sandbox().telegram();
    let people: Vec<User> = (0..12).map(|n| User::new(7100 + n, "P").language("en")).collect();
    let began = Instant::now();
    let mut asked = BTreeMap::<i64, usize>::new();
    while began.elapsed() < Duration::from_secs(6) {
        for person in &people {
            let asked = asked.entry(person.id).or_default();
            if telegram.answers(person.id).len() >= *asked {
                telegram.say(person, &ChatSpec::Private, &format!("hello number {asked}"));
                *asked += 1;
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_proved_is_what_gemini_saw_and_what_was_tampered_with_shows() {
    let world = World::new();
    let (exit, _) = verify(&world, &[], &[]);
    assert_eq!(exit, "66", "nothing is stored yet");
    assert!(!world.folder().join("state").exists(), "looking makes nothing");

    let gemini = world.sandbox().gemini();
    gemini.answer(Answer::Echo);
    let mut daemon = world.start(&TIGHT);
    crowd(&world);
    world.wait("the end of every send", || gemini.in_flight() == 0);
    std::thread::sleep(Duration::from_millis(700));
    let (exit, live) = verify(&world, &TIGHT, &[]);
    assert_eq!(
        (exit.as_str(), live["proved"].as_bool(), live["live"].as_bool()),
        ("0", Some(true), Some(true))
    );

    let report = gemini.report();
    assert!(report.sends >= 30, "{} sends: there was no crowd", report.sends);
    assert_eq!(live["sends"].as_u64(), Some(report.sends as u64), "every send that Gemini saw was judged");
    let secrets: Vec<(String, String)> =
        gemini.keys().into_iter().map(|(label, secret, _)| (label, fingerprint(&secret))).collect();
    let label = |of: &str| {
        let (label, _) = secrets.iter().find(|(_, fingerprint)| fingerprint == of).expect("a known key");
        label.clone()
    };
    let mut seen: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for call in gemini.generations() {
        seen.entry(call.key.to_string()).or_default().0 += 1;
    }
    for ((project, _), (most, _)) in &report.busiest {
        let key = gemini.keys().into_iter().find(|(_, _, of)| of == project).expect("its key");
        seen.get_mut(&key.0).expect("it sent").1 = *most as u64;
    }
    for (limit, place) in [("day", 0), ("minute", 1)] {
        let proved: BTreeMap<String, u64> =
            worst(&live, limit).into_iter().map(|(of, worst)| (label(&of), worst)).collect();
        let witnessed: BTreeMap<String, u64> =
            seen.iter().map(|(key, counts)| (key.clone(), [counts.0, counts.1][place])).collect();
        assert_eq!(proved, witnessed, "{limit}");
    }
    let most = worst(&live, "minute").into_values().max();
    assert_eq!(most, Some(4), "the limit was met");
    for (of, gap) in worst(&live, "gap") {
        let witnessed = u64::try_from(report.gaps[&label(&of)]).expect("no less than nothing");
        // Between debit and wire lies the work of a busy machine.
        assert!(gap >= 500 && gap.abs_diff(witnessed) <= 300, "{of}: {gap} proved, {witnessed} witnessed");
    }

    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    let state = world.folder().join("state");
    let before = files(&state);
    let (exit, stored) = verify(&world, &TIGHT, &[]);
    assert_eq!((exit.as_str(), stored["live"].as_bool()), ("0", Some(false)));
    for part in ["sends", "violations", "keys", "first", "last"] {
        assert_eq!(live[part], stored[part], "{part}");
    }
    for limit in ["minute", "day", "gap", "ledger"] {
        assert_eq!(worst(&live, limit), worst(&stored, limit), "{limit}");
    }
    assert_eq!(files(&state), before, "proving changes no file");
    assert_eq!(verify(&world, &TIGHT, &["--since", "1ms"]).0, "66", "what lies before --since is not judged");
    tampered(&world, &state.join("svs.db"));
}

fn tampered(world: &World, path: &Path) {
    // Limits that were never kept: the same sends are judged by what is configured now.
    let lower = [&TIGHT[..], &[("SVS_LIMITS_FLASH_LITE_RPM", "3")]].concat();
    let (exit, judged) = verify(world, &lower, &[]);
    assert_eq!((exit.as_str(), judged["violations"][0]["limit"].as_str()), ("2", Some("minute")), "{judged}");
    assert_eq!(judged["violations"][0]["sends"].as_array().map(Vec::len), Some(4));

    let change = |sql: &str| {
        let database = Connection::open(path).expect("a database");
        database.execute(sql, []).expect("these tables");
        database.last_insert_rowid()
    };
    // A send half a gap after another one, of which the ledger knows nothing.
    let copied = "INSERT INTO sends (at, fingerprint, project, model, router)
                  SELECT at + 200, fingerprint, project, model, 'A' FROM sends ORDER BY at LIMIT 1";
    let id = change(copied);
    let (exit, judged) = verify(world, &TIGHT, &[]);
    assert_eq!((exit.as_str(), judged["proved"].as_bool()), ("2", Some(false)));
    let violations = judged["violations"].as_array().expect("violations");
    let of = |limit: &str| violations.iter().find(|violation| violation["limit"] == limit);
    let sends = of("gap").expect("too soon")["sends"].as_array().expect("both sends");
    assert_eq!(sends.last().and_then(Value::as_i64), Some(id), "{judged}");
    assert_eq!(of("gap").expect("too soon")["worst"].as_u64(), Some(200));
    let ledger = of("ledger").expect("the ledger knows of one send less");
    assert_eq!(ledger["worst"].as_u64(), ledger["allowed"].as_u64().map(|known| known + 1), "{judged}");

    let output = world.svs(&["verify"]).envs(TIGHT).output().expect("svs starts");
    assert_eq!(code(output.status), "2", "{}", stderr(&output));
    let said = stdout(&output);
    assert!(said.starts_with("NOT proved") && said.contains("0.2s between two sends, 0.4s needed"), "{said}");
    assert!(said.contains(&format!("{id})")), "the send is named: {said}");
    println!("{said}{}", stderr(&output));
    let output = world.svs(&["verify", "-o", "nagios"]).envs(TIGHT).output().expect("svs starts");
    assert_eq!(code(output.status), "2");
    assert!(stdout(&output).starts_with("CRITICAL - NOT proved"), "{}", stdout(&output));
    let output = world.svs(&["verify", "-o", "csv"]).envs(TIGHT).output().expect("svs starts");
    assert!(stdout(&output).lines().any(|line| line.starts_with("gap,,,") && line.ends_with("false")));

    change("DELETE FROM sends");
    assert_eq!(verify(world, &TIGHT, &[]).0, "66", "without sends there is no proof");
}

//! `svs route` says what the daemon does, from whatever state, and touches nothing.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::Value;
use svs::sandbox::gemini::Answer;

use crate::support::state::files;
use crate::support::{World, code, stderr, stdout};

fn json(world: &World, arguments: &[&str]) -> Value {
    let output = world.output(&[arguments, &["-o", "json"]].concat());
    assert!(["0", "75"].contains(&&*code(output.status)), "{arguments:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What `GET /v1/snapshot` gives, into a file.
fn save_snapshot(world: &World, path: &Path) {
    let mut socket = UnixStream::connect(world.socket()).expect("the control socket");
    let request = "GET /v1/snapshot HTTP/1.1\r\nhost: svs\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    let body = &answer[answer.find('{').expect("JSON")..=answer.rfind('}').expect("JSON")];
    std::fs::write(path, body).expect("a file");
}

#[test]
fn the_seed_and_the_time_that_explain_shows_give_the_very_plan_of_the_daemon() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let daemon = world.run();
    let snapshot = world.folder().join("pool.json");
    let file = snapshot.to_str().expect("plain text");
    let texts = [
        "hello",
        "compare Rust and Go in a table of ten rows",
        "prove that there are infinitely many primes",
    ];
    for (n, role) in ["owner", "vip", "premium", "normal", "guest"].repeat(4).into_iter().enumerate() {
        let text = texts[n % texts.len()];
        save_snapshot(&world, &snapshot);
        let output = world.output(&["ask", "--role", role, "-v", "-o", "json", text]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let error: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
        let reference = answer["ref"].as_str().or(error["error"]["ref"].as_str());
        let reference = reference.map_or_else(|| newest_ref(&world), str::to_owned);
        let trace = json(&world, &["explain", &reference]);
        let request = &trace["request"];
        let (seed, at) =
            (request["seed"].as_u64().expect("a seed"), request["asked_at"].as_str().expect("a time"));
        let route = |seed: &str| {
            json(
                &world,
                &["route", "--state", file, "--role", role, "--text", text, "--seed", seed, "--at", at],
            )
        };
        let route_of_seed = route(&seed.to_string());
        for part in ["steps", "skipped", "wished"] {
            let planned = if part == "wished" { &request["wished"] } else { &request["plan"][part] };
            assert_eq!(route_of_seed[part], *planned, "{part} of question {n} by {role}: {trace}");
        }
        assert_eq!(route_of_seed["state"].as_str(), Some(file));
        if route_of_seed["decision"] == "send" {
            assert_eq!(trace["sends"][0]["key"], route_of_seed["steps"][0]["key"], "{trace}");
        }
    }
    drop(daemon);
}

/// The ref of the question asked last.
fn newest_ref(world: &World) -> String {
    let state = rusqlite::Connection::open(world.folder().join("state/svs.db")).expect("a database");
    state
        .query_row("SELECT ref FROM requests ORDER BY asked_at DESC, id LIMIT 1", [], |row| row.get(0))
        .expect("one")
}

#[test]
fn a_route_comes_from_the_daemon_or_else_from_what_is_stored_or_else_from_nothing() {
    let world = World::new();
    let state = |arguments: &[&str]| json(&world, arguments)["state"].as_str().map(str::to_owned);
    let guest = ["route", "--role", "guest"];
    assert_eq!(state(&guest).as_deref(), Some("empty"));
    assert!(!world.folder().join("state").exists(), "looking makes nothing");
    assert_eq!(code(world.output(&[&guest[..], &["--state", "stored"]].concat()).status), "66");

    world.sandbox().gemini().answer(Answer::Echo);
    let mut daemon = world.run();
    // Once round by the guests' keys: each is cooling afterwards, in whatever memory.
    for n in 0..3 {
        let output = world.output(&["ask", "--role", "guest", &format!("question {n}")]);
        assert_eq!(code(output.status), "0", "{}", stderr(&output));
    }
    assert_eq!(state(&guest).as_deref(), Some("live"));
    let live = json(&world, &guest);
    let sent = world.sandbox().gemini().generations().len();
    assert_eq!(sent, 3);
    let folder = world.folder().join("state");
    let before = files(&folder);
    let asked = world.sandbox().telegram().calls().len();
    let arguments: [&[&str]; 5] = [
        &guest,
        &["route", "--n", "2000", "--seed", "4"],
        &["route", "--capacity"],
        &["route", "--role", "vip", "--state", "stored"],
        &["verify"],
    ];
    for arguments in arguments {
        let output = world.output(arguments);
        assert_eq!(code(output.status), "0", "{arguments:?}: {}", stderr(&output));
        assert!(!stdout(&output).is_empty());
    }
    assert_eq!(world.sandbox().gemini().calls().len(), world.sandbox().gemini().generations().len());
    assert_eq!(world.sandbox().gemini().generations().len(), sent, "nothing was sent");
    let polls = world.sandbox().telegram().calls().split_off(asked);
    assert!(polls.iter().all(|call| call.method == "getUpdates"), "nobody else spoke to Telegram: {polls:?}");
    let mut after = files(&folder);
    let mut before_all = before;
    // The daemon's own marks are its log's; the database and its name stay as they were.
    for own in ["svs.db-wal", "svs.db-shm"] {
        before_all.remove(own);
        after.remove(own);
    }
    assert_eq!(after, before_all, "nothing was written");

    daemon.kill();
    let (before, stored) = (files(&folder), json(&world, &guest));
    assert_eq!(stored["state"].as_str(), Some("stored"));
    assert_eq!(live["steps"].as_array().map(Vec::len), stored["steps"].as_array().map(Vec::len));
    assert_eq!(files(&folder), before, "beside a state that nobody holds nothing is written either");
    let named = world.folder().join("nobody.sock");
    let output = world.output(&["route", "--role", "guest", "--socket", named.to_str().expect("text")]);
    assert_eq!(code(output.status), "69", "a named daemon must answer");
}

#[test]
fn a_simulated_day_is_the_same_by_seed_and_ends_every_request() {
    let world = World::new();
    let at = ["--state", "empty", "--at", "2026-01-31T12:00:00Z"];
    let day = |arguments: &[&str]| {
        let output = world.output(&[&["route"], arguments, &at].concat());
        assert_eq!(code(output.status), "0", "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    };
    let first = day(&["--n", "3000", "--seed", "5", "-o", "json"]);
    assert_eq!(first, day(&["--n", "3000", "--seed", "5", "-o", "json"]), "same seed, same bytes");
    assert_ne!(first, day(&["--n", "3000", "--seed", "6", "-o", "json"]));
    let result: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(result["requests"].as_u64(), Some(3000));
    let sum = |of: &Value| {
        let parts = ["served", "capped", "refused", "failed"];
        parts.iter().map(|part| of[part].as_u64().expect("a count")).sum::<u64>()
    };
    let roles = result["roles"].as_array().expect("roles");
    assert_eq!(roles.iter().map(sum).sum::<u64>(), 3000, "every request ended: {result}");
    let answers: u64 =
        result["keys"].as_array().expect("keys").iter().filter_map(|key| key["answers"].as_u64()).sum();
    assert_eq!(Some(answers), result["served"].as_u64());
    assert_eq!(result["until"].as_str(), Some("2026-02-01T08:00:00Z"), "midnight in Los Angeles");

    // Guests alone, at ten times what their five keys have: dry, and told since when.
    let guests = day(&["--load", "20/min", "--role", "guest", "--until", "20h", "-o", "json"]);
    let guests: Value = serde_json::from_str(&guests).expect("JSON");
    let guest = &guests["roles"][0];
    assert!(guest["refused"].as_u64() > Some(1000) && guest["first_refused"].is_string(), "{guest}");
    let used = |day: &Value, group: char| {
        let keys = day["keys"].as_array().expect("keys").iter();
        keys.filter(|key| key["key"].as_str().is_some_and(|key| key.starts_with(group))).count()
    };
    assert_eq!((used(&guests, 'A'), used(&guests, 'D')), (0, 5), "guests borrow from nobody");
    let dead = day(&["--load", "2/min", "--role", "guest", "--fail", "D1,D2,D3,D4,D5", "-o", "json"]);
    let dead: Value = serde_json::from_str(&dead).expect("JSON");
    assert_eq!(dead["served"].as_u64(), Some(0), "nobody is served by keys that fail all day: {dead}");

    let piped = day(&["--n", "500"]);
    assert!(
        piped.starts_with("500 requests in 20h from 2026-01-31T12:00:00Z (state empty, seed 0)"),
        "{piped}"
    );
    assert!(!piped.contains('█') && !piped.contains('\x1b'), "no bars where nobody looks: {piped}");
    let csv = day(&["--n", "500", "--by", "time", "-o", "csv"]);
    assert_eq!(csv.lines().next(), Some("from,role,came,served"));
    let came: u64 = csv.lines().skip(1).filter_map(|line| line.split(',').nth(2)?.parse::<u64>().ok()).sum();
    assert_eq!(came, 500);
    for wrong in [&["--n", "0"][..], &["--load", "3"], &["--n", "5", "--until", "2026-01-31T11:00:00Z"], &[]]
    {
        let output = world.output(&[&["route"], wrong, &at].concat());
        assert_eq!(code(output.status), "64", "{wrong:?}: {}", stderr(&output));
    }
}

#[test]
fn the_capacity_adds_up_and_names_what_is_promised_in_vain() {
    let world = World::new();
    let tiny = [("SVS_LIMITS_FLASH_LITE_DAILY_LIMIT", "20"), ("SVS_LIMITS_FLASH_DAILY_LIMIT", "10")];
    let capacity = |variables: &[(&str, &str)]| -> Value {
        let mut command = world.svs(&["route", "--capacity", "--state", "empty", "-o", "json"]);
        let output = command.envs(variables.iter().copied()).output().expect("svs starts");
        assert_eq!(code(output.status), "0", "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let normal = capacity(&[]);
    assert_eq!(normal["total"]["flash-lite"].as_u64(), Some(25 * 300), "{normal}");
    let by_project: u64 = normal["projects"]
        .as_array()
        .expect("projects")
        .iter()
        .filter_map(|project| project["a_day"].as_u64())
        .sum();
    assert_eq!(by_project, 25 * 390);
    let whats = |capacity: &Value| -> Vec<String> {
        let promises = capacity["in_vain"].as_array().expect("promises").iter();
        promises.map(|promise| promise["what"].as_str().expect("a word").to_owned()).collect()
    };
    assert!(whats(&normal).iter().all(|what| what == "minute_limit"), "{normal}");
    let tiny = capacity(&tiny);
    assert!(
        whats(&tiny).contains(&"day_cap".to_owned()) || whats(&tiny).contains(&"seats".to_owned()),
        "{tiny}"
    );
    println!("{}", stdout(&world.output(&["route", "--capacity", "--state", "empty"])));
    println!("{}", stdout(&world.output(&["route", "--n", "3000", "--state", "empty"])));
}

//! `svs keys ls`, `disable`, `enable` and `reset`: judged by what the fake Gemini is sent.

use std::process::Output;

use serde_json::Value;

use crate::support::{World, code, owner, stderr, stdout};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", stderr(output)))
}

/// One key of `keys ls --json`.
fn key(world: &World, name: &str) -> Value {
    let listed = json(&world.output(&["keys", "ls", "--json"]));
    let keys = listed["keys"].as_array().expect("keys");
    keys.iter().find(|key| key["key"] == name).unwrap_or_else(|| panic!("no {name} in {listed}")).clone()
}

/// Asks so often, and says which keys served.
fn served(world: &World, times: usize) -> Vec<String> {
    let gemini = world.sandbox().gemini();
    gemini.forget_calls();
    for _ in 0..times {
        let output = world.output(&["ask", "--role", "owner", "2+2?"]);
        assert_eq!(code(output.status), "0", "{}", stderr(&output));
    }
    gemini.generations().iter().map(|call| call.key.to_string()).collect()
}

#[test]
fn a_disabled_key_gets_no_send_from_that_moment_not_after_a_restart_and_comes_back_in_time() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    world.wait("the socket", || world.socket().exists());
    let members: Vec<String> = world.sandbox().gemini().keys().into_iter().map(|(label, ..)| label).collect();
    let members: Vec<&str> =
        members.iter().map(|label| &**label).filter(|label| label.starts_with('A')).collect();
    let before = served(&world, 12);
    assert!(before.iter().all(|key| key.starts_with('A')), "{before:?}");
    // All but one.
    let (kept, others) = members.split_first().expect("keys");
    let disable = [&["keys", "disable", "--yes", "--reason", "billing"][..], others].concat();
    assert_eq!(code(world.output(&disable).status), "0");
    let now = served(&world, 8);
    assert!(now.iter().all(|key| key == kept), "{now:?}");
    assert_eq!(code(daemon.terminate()), "0");
    let _daemon = world.start_unlimited();
    world.wait("the socket after the restart", || {
        world.socket().exists() && code(world.output(&["status", "-o", "json"]).status) != "69"
    });
    let then = served(&world, 8);
    assert!(then.iter().all(|key| key == kept), "after a restart: {then:?}");
    let state = key(&world, others[0]);
    assert_eq!(
        (state["state"].as_str(), state["reason"].as_str()),
        (Some("disabled"), Some("billing")),
        "{state}"
    );
    // Even a token for a check is a send.
    let check = world.output(&["keys", "check", "--via", "generate", "--key", others[0], "--json"]);
    assert_eq!(json(&check)["keys"][0]["state"], "disabled");
    // The last one of the group for a while: another group serves, then it is back.
    let output = world.output(&["keys", "disable", kept, "--for", "3s", "--json"]);
    assert_eq!(json(&output)["left_empty"][0], "A", "{}", stdout(&output));
    let without = served(&world, 2);
    world.wait("the end of --for", || key(&world, kept)["state"] == "ready");
    assert!(!without.iter().any(|key| members.contains(&&**key)), "{without:?}");
    let back = served(&world, 3);
    assert!(back.iter().all(|key| key == kept), "{back:?}");
    let log = world.log();
    let line = log.lines().find(|line| line.contains("key disabled")).expect("it is logged");
    assert!(line.contains("billing") && line.contains("uid"), "{line}");
}

#[test]
fn the_stored_state_is_changed_where_no_daemon_runs() {
    let world = World::new();
    let output = world.output(&["keys", "disable", "A1"]);
    assert_eq!(code(output.status), "69", "there is no state yet: {}", stderr(&output));
    assert_eq!(key(&world, "A1")["state"], "ready", "nothing has happened to any key");
    assert_eq!(code(world.output(&["ask", "--role", "owner", "2+2?"]).status), "0");
    let output = world.output(&["keys", "disable", "a1", "RB", "--reason", "leaked?"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    assert!(stdout(&output).contains("is disabled until it is enabled"), "{}", stdout(&output));
    let listed = json(&world.output(&["keys", "ls", "--json"]));
    assert!(listed["as_of"].is_string() && listed["live"] == false, "{listed}");
    let sent = listed["keys"].as_array().expect("keys").iter().filter(|key| key["last_send"].is_string());
    assert_eq!(sent.count(), 1, "{listed}");
    // Again is the same, and a dry run is nothing.
    let again = json(&world.output(&["keys", "disable", "A1", "RB", "--reason", "leaked?", "--json"]));
    assert_eq!((&again["keys"][0]["changed"], &again["keys"][1]["changed"]), (&false.into(), &false.into()));
    let dry = world.output(&["keys", "enable", "A1", "--dry-run"]);
    assert!(stdout(&dry).contains("would be enabled"), "{}", stdout(&dry));
    assert_eq!(key(&world, "A1")["state"], "disabled");
    for _ in 0..2 {
        assert_eq!(code(world.output(&["keys", "enable", "A1"]).status), "0");
    }
    assert_ne!(key(&world, "A1")["state"], "disabled");
    assert_eq!(key(&world, "RB")["state"], "disabled");
    // The daemon starts with it.
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    assert_eq!(key(&world, "RB")["reason"], "leaked?");
}

#[test]
fn what_was_changed_without_a_daemon_is_in_the_log_of_the_next_one_once() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    world.ask(&owner(), "hello", 1);
    assert_eq!(code(daemon.terminate()), "0");
    let id = owner().id.to_string();
    let changes: [&[&str]; 7] = [
        &["keys", "disable", "A1", "A2", "--reason", "leaked?"],
        &["keys", "disable", "A1", "--reason", "leaked?"],
        &["keys", "enable", "A2", "--dry-run"],
        &["keys", "enable", "A2"],
        &["users", "role", "4711", "premium"],
        &["users", "ban", "4711"],
        &["users", "forget", &id, "--yes"],
    ];
    for change in changes {
        let output = world.output(change);
        assert_eq!(code(output.status), "0", "{change:?}: {}", stderr(&output));
    }
    let offline = || -> Vec<String> {
        let log = world.log();
        log.lines().filter(|line| line.contains("while svs did not run")).map(str::to_owned).collect()
    };
    for _ in 0..2 {
        let mut daemon = world.start_unlimited();
        world.wait("the socket", || code(world.output(&["health"]).status) == "0");
        daemon.terminate();
    }
    let uid = format!("uid={}", rustix::process::getuid().as_raw());
    let lines = offline();
    let expected = ["key disabled", "key disabled", "key enabled", "role", "ban", "forget"];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, verb) in lines.iter().zip(expected) {
        assert!(line.contains(&format!("{verb}, while")) && line.contains(&uid), "{line}");
    }
    assert!(lines[0].contains("A1") && lines[0].contains("leaked?"), "{}", lines[0]);
    assert!(lines[3].contains("premium") && !lines[3].contains("4711"), "{}", lines[3]);
}

#[test]
fn an_unknown_key_changes_nothing_and_is_guessed() {
    let world = World::new();
    assert_eq!(code(world.output(&["ask", "--role", "owner", "2+2?"]).status), "0");
    let unknown = |daemon: bool| {
        for verb in ["disable", "enable", "reset"] {
            for name in ["A99", "Z1", "nonsense"] {
                let output = world.output(&["keys", verb, "A1", name]);
                assert_eq!(code(output.status), "66", "{verb} {name}, daemon {daemon}");
                assert!(stderr(&output).contains("svs keys ls"), "{}", stderr(&output));
            }
        }
        let output = world.output(&["keys", "disable", "A99"]);
        assert!(stderr(&output).contains("did you mean one of A1, A2, "), "{}", stderr(&output));
        assert_eq!(key(&world, "A1")["why"].as_str().filter(|why| *why == "disabled"), None);
    };
    unknown(false);
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    unknown(true);
    assert_eq!(code(world.output(&["keys", "disable"]).status), "64");
}

#[test]
fn a_reset_forgets_what_is_held_against_a_key_and_no_send() {
    let world = World::new();
    let _daemon = world.start_unlimited();
    world.wait("the socket", || world.socket().exists());
    let gemini = world.sandbox().gemini();
    gemini.fail("A=400expired").expect("a known fault");
    let served = served(&world, 1);
    assert!(served.len() > 1, "the keys of A were tried: {served:?}");
    let tried = served[0].as_str();
    let dead = key(&world, tried);
    assert_eq!((dead["state"].as_str(), dead["why"].as_str()), (Some("invalid"), Some("expired")), "{dead}");
    let used = |key: &Value| {
        key["budgets"].as_array().expect("budgets").iter().map(|b| b["used"].as_u64()).collect::<Vec<_>>()
    };
    gemini.clear_faults();
    let output = world.output(&["keys", "reset", tried, "--json"]);
    assert_eq!(json(&output)["keys"][0]["changed"], true);
    let mended = key(&world, tried);
    assert_eq!((mended["state"].as_str(), used(&mended)), (Some("ready"), used(&dead)), "{mended}");
    let again = json(&world.output(&["keys", "reset", tried, "--json"]));
    assert_eq!(again["keys"][0]["changed"], false);
    // A reset is no permission.
    world.output(&["keys", "disable", tried]);
    world.output(&["keys", "reset", tried]);
    assert_eq!(key(&world, tried)["state"], "disabled");
}

#[test]
fn status_and_the_owner_in_chat_see_what_was_taken_out() {
    let world = World::new();
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    assert_eq!(code(world.output(&["keys", "disable", "A2", "--for", "2h"]).status), "0");
    assert_eq!(code(world.output(&["keys", "disable", "B1"]).status), "0");
    let status = json(&world.output(&["status", "-o", "json"]));
    let groups = status["keys"].as_array().expect("groups");
    let disabled: Vec<Option<u64>> = groups.iter().map(|group| group["disabled"].as_u64()).collect();
    assert_eq!(disabled, [Some(1), Some(1), Some(0), Some(0), Some(0)], "{status}");
    assert!(stdout(&world.output(&["status"])).contains("1 disabled"));
    let said = world.ask(&owner(), "/keys", 1);
    let text = &said.last().expect("an answer").text;
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    assert!(line("A2").contains("off (back in"), "{text}");
    assert!(line("B1").contains("⏸ off") && !line("B1").contains("back"), "{text}");
}

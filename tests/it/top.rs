//! `svs top` in a terminal: what it shows of a real daemon, what its keys do, and that the terminal is given back.

use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::User;

use crate::support::pty::Pty;
use crate::support::{World, code, stderr};

fn vip() -> User {
    User::new(2002, "Ann").language("en")
}

/// A daemon with one vip on a seat.
fn seated(world: &World) -> crate::support::Daemon {
    world.sandbox().gemini().answer(Answer::Echo);
    let daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    world.ask(&vip(), "hello", 1);
    let granted = world.output(&["vip", "grant", "2002"]);
    assert_eq!(code(granted.status), "0", "{}", stderr(&granted));
    world.ask(&vip(), "am I seated?", 3);
    daemon
}

fn top(world: &World, arguments: &[&str]) -> Command {
    world.svs(&[&["top", "--interval", "100ms"], arguments].concat())
}

fn is_colored(screen: &Pty) -> bool {
    screen.raw().windows(7).any(|piece| piece == b"\x1b[38;5;")
}

#[test]
fn the_screen_shows_filters_and_kicks_after_a_question_and_gives_the_terminal_back() {
    let world = World::new();
    let _daemon = seated(&world);
    let mut screen = Pty::start(&top(&world, &[]), 80, 40);
    for text in
        ["KEYS 25 of 25 can serve", "group A: 6 of 6 can serve", "▸A1", "C6", "VIP 1/3 seats", "seat 1"]
    {
        screen.wait_for_text(text);
    }
    screen.wait_for_text("2 sent");
    assert!(!screen.has_its_modes_back(), "the keys come one by one");
    assert!(!is_colored(&screen), "NO_COLOR is set");

    screen.type_in("/B3");
    screen.wait("one key alone", |shown| shown.contains("▸B3") && !shown.contains("B4"));
    screen.type_in("\x1b");
    screen.wait_for_text("group D: 5 of 5");

    screen.type_in("k");
    screen.wait_for_text("End the session (seat 1) of 2002?");
    screen.type_in("n");
    screen.wait_for_text("nobody was kicked");
    let said = world.sandbox().telegram().answers(2002).len();
    screen.type_in("k");
    screen.wait_for_text("End the session (seat 1) of 2002?");
    screen.type_in("y");
    screen.wait_for_text("2002 was kicked and told");
    screen.wait_for_text("VIP 0/3 seats");
    world.wait("the word to the person", || {
        let answers = world.sandbox().telegram().answers(2002);
        answers.len() > said && answers.iter().any(|message| message.text.contains("ended your VIP session"))
    });

    screen.resize(40, 16);
    screen.wait("a narrow screen", |shown| shown.contains("q quit") && !shown.contains("BREAKER"));
    screen.type_in("q");
    assert_eq!(code(screen.end()), "0");
    assert!(screen.has_its_modes_back() && screen.is_given_back(), "{}", screen.screen());
}

#[test]
fn a_daemon_that_goes_is_named_and_found_again() {
    let world = World::new();
    let mut daemon = seated(&world);
    let mut screen = Pty::start(&top(&world, &[]), 80, 24);
    screen.wait_for_text("OK");
    daemon.kill();
    screen.wait_for_text("NO ANSWER");
    screen.wait_for_text("the daemon is not running");
    screen.wait_for_text("VIP 1/3 seats");
    let _daemon = world.run();
    screen.wait("the daemon", |shown| !shown.contains("NO ANSWER") && shown.contains("was started again"));
    screen.type_in("\x03");
    assert_eq!(code(screen.end()), "130");
    assert!(screen.has_its_modes_back() && screen.is_given_back(), "{}", screen.screen());
}

#[test]
fn signals_end_it_and_give_the_terminal_back() {
    let world = World::new();
    let _daemon = seated(&world);
    for (signal, expected) in [(Signal::TERM, "143"), (Signal::INT, "130"), (Signal::HUP, "129")] {
        let mut screen = Pty::start(&top(&world, &["--color", "always"]), 80, 24);
        screen.wait_for_text("KEYS");
        assert!(is_colored(&screen), "the flag is stronger than NO_COLOR");
        screen.signal(signal);
        assert_eq!(code(screen.end()), expected);
        assert!(screen.has_its_modes_back() && screen.is_given_back(), "{signal:?}: {}", screen.screen());
    }
}

#[test]
fn what_it_needs_is_said_before_the_terminal_is_touched() {
    let world = World::new();
    // Neither a daemon nor a terminal; then a terminal alone.
    let piped = world.output(&["top"]);
    assert_eq!(code(piped.status), "64");
    assert!(stderr(&piped).contains("needs a terminal") && stderr(&piped).contains("hint: svs status"));
    let json = world.output(&["top", "--json"]);
    assert_eq!(code(json.status), "64");
    let json: Value = serde_json::from_slice(&json.stderr).expect("JSON");
    assert_eq!(json["error"]["hint"], "leave out -o; for programs: svs status -o json");
    let mut screen = Pty::start(&top(&world, &[]), 80, 24);
    assert_eq!(code(screen.end()), "69");
    let shown = screen.screen();
    assert!(
        shown.contains("the daemon is not running") && shown.contains("hint: systemctl start svs"),
        "{shown}"
    );
    assert!(screen.has_its_modes_back() && !screen.raw().windows(3).any(|piece| piece == b"\x1b[?"));
}

#[test]
fn the_status_for_programs_has_what_the_screen_shows() {
    let world = World::new();
    let _daemon = seated(&world);
    let output = world.output(&["status", "-o", "json"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    let status: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let pool = status["pool"].as_array().expect("keys");
    assert_eq!(pool.len(), 25);
    let used =
        |key: &Value| key["quotas"].as_array().expect("models").iter().map(|of| of["used"].as_u64()).sum();
    let sent: Vec<&Value> = pool.iter().filter(|key| used(key) > Some(0)).collect();
    let calls = world.sandbox().gemini().calls();
    assert_eq!(sent.iter().filter_map(|key| used(key)).sum::<u64>(), calls.len() as u64);
    for key in sent {
        assert_eq!((&key["breaker"]["state"], &key["breaker"]["strikes"]), (&"closed".into(), &0.into()));
        assert!(key["last_send"].is_string() && key["running"] == 0, "{key}");
        assert_eq!(key["tail"].as_str().map(str::len), Some(4), "{key}");
        assert!(calls.iter().any(|call| Some(&*call.key) == key["key"].as_str()), "{key}");
    }
    assert_eq!(status["vip"]["sessions"][0]["user"], 2002);
    assert_eq!((&status["rates_1m"]["sends"], &status["rates_1m"]["failed"]), (&2.into(), &0.into()));
    assert_eq!(status["outages"].as_array().map(Vec::len), Some(0));
}

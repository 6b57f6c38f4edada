//! `svs vip`: the room with a daemon, without one, and after one was killed.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::{World, code, english, is_final, owner, stderr, stdout};

fn vip(id: i64) -> User {
    User::new(id, "Vip").language("en")
}

/// A state in which these are vips.
fn with_vips(world: &World, users: impl IntoIterator<Item = i64>) {
    let mut daemon = world.run();
    daemon.kill();
    let state = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    for user in users {
        state
            .execute(
                "INSERT INTO users (user_id, role, first_seen, last_seen) VALUES (?1, 'vip', 1, 1)",
                [user],
            )
            .expect("the table has these columns");
    }
}

/// Runs `svs vip …` and holds it to its exit code; what it printed, on standard output and on standard error.
fn svs_vip(world: &World, arguments: &[&str], expected: &str) -> (String, String) {
    let output = world.output(&[&["vip"], arguments].concat());
    let (out, err) = (stdout(&output), stderr(&output));
    assert_eq!(code(output.status), expected, "svs vip {arguments:?}: {out}{err}");
    (out, err)
}

fn json(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&svs_vip(world, &[arguments, &["--json"]].concat(), "0").0).expect("JSON")
}

/// Who sits where, since when.
fn sessions(world: &World) -> Vec<(i64, i64, String)> {
    let list = json(world, &["ls"]);
    let sessions = list["sessions"].as_array().expect("sessions").iter();
    let session = |session: &Value| {
        let number = |field: &str| session[field].as_i64().expect("a number");
        (number("seat"), number("user"), session["since"].as_str().expect("a time").to_owned())
    };
    sessions.map(session).collect()
}

fn told(world: &World, user: i64, words: &str) {
    let telegram = world.sandbox().telegram();
    world.wait(words, || telegram.answers(user).iter().any(|message| message.text.contains(words)));
}

/// Presses the last button under the latest message with these words.
fn press(world: &World, user: &User, words: &str) {
    let telegram = world.sandbox().telegram();
    let messages = telegram.answers(user.id);
    let message = messages.iter().rfind(|message| message.text.contains(words)).expect("it was said");
    let buttons = message.markup["inline_keyboard"][0].as_array().expect("buttons");
    let data = buttons.last().expect("a button")["callback_data"].as_str().expect("data");
    telegram.press(user, user.id, message.message_id, data);
}

#[test]
fn the_room_is_read_from_the_stored_state_when_no_daemon_runs() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let empty = world.output(&["vip", "ls", "--json"]);
    let json: Value = serde_json::from_slice(&empty.stdout).expect("JSON");
    assert_eq!((json["sessions"].as_array().map(Vec::len), json["live"].as_bool()), (Some(0), Some(false)));
    assert!(!world.folder().join("state").exists(), "looking makes nothing");

    let person = english();
    let mut daemon = world.run();
    world.ask(&person, "hello", 1);
    daemon.kill();
    let state = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    let changed =
        state.execute("UPDATE users SET role = 'vip' WHERE user_id = ?1", [person.id]).expect("a column");
    assert_eq!(changed, 1);
    drop(state);
    let mut daemon = world.run();
    world.ask(&person, "am I seated?", 2);
    let live = world.output(&["vip", "ls", "--json"]);
    let live: Value = serde_json::from_slice(&live.stdout).expect("JSON");
    daemon.kill();

    let stored = world.output(&["vip", "ls", "--json"]);
    assert_eq!(code(stored.status), "0", "{}", stderr(&stored));
    let stored: Value = serde_json::from_slice(&stored.stdout).expect("JSON");
    assert_eq!((live["live"].as_bool(), stored["live"].as_bool()), (Some(true), Some(false)));
    assert_eq!(stored["sessions"][0]["user"].as_i64(), Some(person.id), "{stored}");
    assert_eq!(stored["sessions"], live["sessions"]);
    assert!(stored["as_of"].as_str().is_some_and(|at| at > live["as_of"].as_str().unwrap_or_default()));
    let table = world.output(&["vip", "ls"]);
    assert!(stderr(&table).contains("no daemon runs: this is the stored state"), "{}", stderr(&table));
    assert!(stdout(&table).contains("2002"), "{}", stdout(&table));
    // A kick changes something, so it needs the daemon.
    assert_eq!(code(world.output(&["vip", "kick", "2002", "--yes"]).status), "69");
}

#[test]
fn after_kill_9_the_same_three_sit_and_nobody_else() {
    let timing =
        Timing { first: Duration::from_millis(100), between: Duration::from_millis(50), chunk_chars: 12 };
    let world = World::new();
    world.sandbox().gemini().set_timing(timing);
    let people = 3001..=3006;
    with_vips(&world, people.clone());
    let mut daemon = world.start_unlimited();
    world.wait("the socket", || world.socket().exists());
    let ask = |what: &str| {
        for user in people.clone() {
            world.sandbox().telegram().say(&vip(user), &ChatSpec::Private, &format!("{user} {what}"));
        }
    };
    ask("begins");
    world.wait("three sessions", || sessions(&world).len() == 3);
    let first = sessions(&world);
    for round in 0..5 {
        ask(&format!("asks {round}"));
        std::thread::sleep(Duration::from_millis(40 + 90 * round));
        daemon.kill();
        assert_eq!(sessions(&world), first, "round {round}: as it was stored");
        std::fs::remove_file(world.socket()).expect("a kill leaves the socket behind");
        daemon = world.start_unlimited();
        world.wait("the socket", || world.socket().exists());
        assert_eq!(sessions(&world), first, "round {round}: as the next daemon has it");
    }
    let answers = |user| world.sandbox().telegram().answers(user);
    world.wait("answers", || people.clone().all(|user| answers(user).iter().any(is_final)));
    assert_eq!(sessions(&world), first);
}

#[test]
fn an_operator_grants_prolongs_and_ends_sessions() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    assert_eq!(svs_vip(&world, &["ls"], "0").0, "", "an empty room is no line, and no failure");

    world.ask(&english(), "hello", 1);

    // A grant is the role, a seat now, and word of it.
    let (out, _) = svs_vip(&world, &["grant", "2002", "--for", "30m"], "0");
    assert!(out.starts_with("seated 2002 on seat 1; the session ends in "), "{out}");
    told(&world, 2002, "You're in VIP (1/3): 7 rounds; ends in 30 min");
    let (line, _) = svs_vip(&world, &["ls"], "0");
    let fields: Vec<&str> = line.trim_end_matches('\n').split('\t').collect();
    assert_eq!((fields.len(), &fields[..3]), (8, &["1", "2002", "vip"][..]), "{line:?}");
    assert!(line.ends_with('\n') && !line.contains('\x1b') && line.lines().count() == 1);
    assert_eq!(svs_vip(&world, &["ls", "-q"], "0").0, "2002\n");
    let ends = |json: &Value| json["session"]["ends_at"].as_str().expect("an end").to_owned();
    let before = ends(&json(&world, &["grant", "2002", "--for", "30m"]));
    assert!(ends(&json(&world, &["extend", "seat:1", "--for", "30m"])) > before);
    svs_vip(&world, &["extend", "999"], "66");
    svs_vip(&world, &["grant", &owner().id.to_string()], "65");
    svs_vip(&world, &["grant", "@nobody"], "66");

    // Three is all there are.
    for user in ["2003", "2004"] {
        svs_vip(&world, &["grant", user], "0");
    }
    let (_, full) = svs_vip(&world, &["grant", "2005"], "75");
    assert!(full.contains("every VIP seat is taken (3/3)") && full.contains("--evict-oldest"), "{full}");
    let (out, _) = svs_vip(&world, &["grant", "2005", "--evict-oldest"], "0");
    assert!(out.contains("seated 2005 on seat 1") && out.contains("ended the session of 2002"), "{out}");
    told(&world, 2002, "VIP ended; you continue as premium.");

    // Who had to go waits in line; the line is seen, and ends with a kick as well.
    let person = english();
    world.sandbox().telegram().say(&person, &ChatSpec::Private, "/vip");
    told(&world, 2002, "VIP seats are full (3/3)");
    press(&world, &person, "VIP seats are full (3/3)");
    told(&world, 2002, "You're number 1 in line");
    let (all, _) = svs_vip(&world, &["ls", "--all"], "0");
    assert_eq!(all.lines().count(), 4, "{all}");
    assert!(all.lines().last().is_some_and(|line| line.starts_with("-\t2002\tvip\tin line 1\t")), "{all}");
    assert_eq!(svs_vip(&world, &["ls"], "0").0.lines().count(), 3);
    let (out, _) = svs_vip(&world, &["kick", "2002", "--yes", "--reason", "noise"], "0");
    assert!(out.starts_with("ended the place of 2002 in the line (1); a seat again in "), "{out}");
    told(&world, 2002, "The owner took you out of the line for VIP (noise).");

    // A kick: looked at first, done once.
    let (out, _) = svs_vip(&world, &["kick", "seat:2", "--dry-run"], "0");
    assert_eq!(out.lines().next(), Some("would end the session of 2003 (seat 2)"));
    let (out, _) = svs_vip(&world, &["kick", "2003", "--yes", "--ban", "1h"], "0");
    assert!(out.starts_with("ended the session of 2003 (seat 2); a seat again in "), "{out}");
    svs_vip(&world, &["kick", "2003", "--yes"], "66");
    svs_vip(&world, &["kick", "seat:2", "--yes"], "66");
    svs_vip(&world, &["kick", "@nobody", "--yes"], "66");
    svs_vip(&world, &["kick", "2003", "--yes", "--if-exists"], "0");
    // A grant pardons.
    svs_vip(&world, &["grant", "2003"], "0");
    svs_vip(&world, &["kick", "--all", "--yes", "--no-notify"], "0");
    assert_eq!(svs_vip(&world, &["ls", "--all"], "0").0, "");
}

#[test]
fn the_owner_ends_a_session_by_answering_what_its_person_wrote() {
    let world = World::new();
    with_vips(&world, [11, 12]);
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    for user in [11, 12] {
        telegram.say(&vip(user), &ChatSpec::Private, "hello");
        told(&world, user, "You're in VIP");
    }
    telegram.say(&vip(11), &group, "I am here");
    let messages = || telegram.messages(group.chat_id(&owner()));
    let written = messages().last().expect("it was said").message_id;
    telegram.reply(&owner(), &group, written, "/kick no time today");
    told(&world, 11, "The owner ended your VIP session (no time today)");
    assert_eq!(svs_vip(&world, &["ls", "-q"], "0").0, "12\n", "who was not answered stays");

    // What the bot wrote is nobody's.
    let from_us = || messages().into_iter().filter(|message| message.from_bot).collect::<Vec<_>>();
    world.wait("the reply to /kick", || from_us().len() == 1);
    telegram.reply(&owner(), &group, from_us()[0].message_id, "/kick");
    world.wait("a refusal", || from_us().len() == 2);
    assert_eq!(svs_vip(&world, &["ls", "-q"], "0").0, "12\n", "{:?}", from_us());
}

#[test]
fn a_name_means_who_used_it_here_and_never_two() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.run();
    world.wait("the socket", || world.socket().exists());
    let named = |id| vip(id).username("Ming");
    world.ask(&named(4001), "hello", 1);
    svs_vip(&world, &["grant", "@ming"], "0");
    let (out, _) = svs_vip(&world, &["kick", "@MING", "--yes"], "0");
    assert!(out.starts_with("ended the session of 4001 @Ming (seat 1)"), "{out}");
    // The name went to somebody else; both are in the room now.
    world.ask(&named(4002), "hello", 1);
    for user in ["4001", "4002"] {
        svs_vip(&world, &["grant", user], "0");
    }
    let (_, err) = svs_vip(&world, &["kick", "@ming", "--yes"], "66");
    assert!(err.contains("4001") && err.contains("4002") && err.contains("by id"), "{err}");
    assert_eq!(svs_vip(&world, &["ls"], "0").0.lines().count(), 2);
}

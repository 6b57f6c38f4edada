//! `svs vip ls` without a daemon: the room as it was left.

use rusqlite::Connection;
use serde_json::Value;
use svs::sandbox::gemini::Answer;

use crate::support::{World, code, english, stderr, stdout};

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

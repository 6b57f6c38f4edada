//! `svs health` and `svs config diff`: what the daemon says of itself to who restarts it.

use std::fs;

use serde_json::Value;

use crate::support::{World, code, stderr, stdout};

#[test]
fn a_daemon_that_polls_is_alive_and_none_is_not() {
    let world = World::new();
    let output = world.output(&["health"]);
    assert_eq!(code(output.status), "1", "{}", stderr(&output));
    assert!(stderr(&output).contains("not running"), "{}", stderr(&output));
    let mut daemon = world.run();
    let output = world.output(&["health"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    assert!(stdout(&output).starts_with("alive: up "), "{}", stdout(&output));
    let quiet = world.output(&["health", "-q"]);
    assert_eq!((stdout(&quiet).as_str(), stderr(&quiet).as_str()), ("", ""));
    daemon.kill();
    // The socket of a killed daemon is still there.
    assert_eq!(code(world.output(&["health"]).status), "1");
}

#[test]
fn a_daemon_without_a_good_key_is_alive_all_the_same() {
    let world = World::new();
    let _daemon = world.run();
    world.sandbox().gemini().fail("*=400key").expect("a known fault");
    assert_eq!(code(world.output(&["keys", "check"]).status), "2");
    assert_eq!(code(world.output(&["health"]).status), "0");
}

#[test]
fn a_daemon_that_does_not_answer_in_time_is_not_alive() {
    let world = World::new();
    let _deaf = std::os::unix::net::UnixListener::bind(world.socket()).expect("a socket");
    let output = world.output(&["health", "--timeout", "300ms"]);
    assert_eq!(code(output.status), "1", "{}", stderr(&output));
}

#[test]
fn a_diff_shows_what_the_daemon_would_do_otherwise_and_no_secret() {
    let world = World::new();
    let file = world.folder().join("svs.toml");
    let keys: Vec<String> = (0..4).map(|n| format!("AIzaSyNotAKeyOfAnybody{n}{:016}", n * 7919)).collect();
    let write = |seats: u32, group: &[&String]| {
        let text = format!("[seats]\nmax = {seats}\n[keys]\nA = {group:?}\n");
        fs::write(&file, text).expect("a file");
        rustix::fs::chmod(&file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).expect("permissions");
    };
    write(3, &[&keys[0], &keys[1]]);
    let named = file.to_str().expect("UTF-8").to_owned();
    let child = world
        .svs(&["run"])
        .env("SVS_CONFIG", &named)
        .env_remove("GROUP_A_KEYS")
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary starts");
    let _daemon = Killed(child);
    world.wait("the socket", || code(world.output(&["health"]).status) == "0");

    let same = world.output(&["config", "diff"]);
    assert_eq!((code(same.status).as_str(), stderr(&same).as_str()), ("0", ""), "{}", stdout(&same));

    write(4, &[&keys[2], &keys[0]]);
    let output = world.output(&["config", "diff", "--json"]);
    assert_eq!(code(output.status), "1", "{}", stderr(&output));
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told: Vec<String> = json["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| {
            let field = |name: &str| change[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", field("name"), field("change"), field("running"), field("needs"))
        })
        .collect();
    let tail = |n: usize| format!("\"…{}\"", &keys[n][keys[n].len() - 4..]);
    let expected = [
        "keys.A1 added - reload".to_owned(),
        "keys.A2 moved keys.A1 reload".to_owned(),
        format!("keys.A2 removed {} reload", tail(1)),
        "seats.max changed 3 reload".to_owned(),
    ];
    assert_eq!(told, expected);
    assert!(json["changes"][3]["origin"].as_str().is_some_and(|at| at.ends_with("svs.toml:2:1")), "{json}");
    let table = world.output(&["config", "diff"]);
    for (n, key) in keys.iter().enumerate() {
        let told = [&output.stdout, &table.stdout, &table.stderr]
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert!(!told.concat().contains(&key[..30]), "key {n}");
    }

    // Another file in place of its own, and one with which it could not start.
    let other = world.folder().join("other.toml");
    fs::write(&other, "[seats]\nmax = 5\n").expect("a file");
    let output = world.output(&["config", "diff", "-c", other.to_str().expect("UTF-8"), "-q"]);
    assert_eq!(stdout(&output), "keys.A1\nkeys.A2\nseats.max\n", "{}", stderr(&output));
    fs::write(&other, "[seats]\nmaxx = 5\n").expect("a file");
    let output = world.output(&["config", "diff", "-c", other.to_str().expect("UTF-8")]);
    assert_eq!(code(output.status), "78");
    assert!(stderr(&output).contains("did you mean seats.max?"), "{}", stderr(&output));
}

/// A process that does not outlive its test.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

//! The log: who may read what in it, what a reader who has stopped costs, and how it is followed and changed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::User;

use crate::support::{World, code, english, owner, stderr, stdout};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn entries(world: &World, arguments: &[&str]) -> Vec<Value> {
    let output = world.output(&[&["logs", "-o", "json"], arguments].concat());
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    stdout(&output).lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

fn level(world: &World, arguments: &[&str]) -> String {
    let output = world.output(&[&["logs", "level"], arguments].concat());
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    stdout(&output).trim().to_owned()
}

#[test]
fn a_log_that_nobody_reads_costs_lines_and_no_answer() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let child = world
        .svs(&["run", "--log-format", "json"])
        .env("LOG_LEVEL", "trace")
        .envs([("SVS_LIMITS_COOLDOWN", "0s"), ("SVS_LIMITS_SEND_MARGIN", "0s")])
        .envs([("SVS_ROLES_NORMAL_PER_HOUR", "off"), ("SVS_LIMITS_FLASH_LITE_RPM", "1000")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // Nobody ever reads from this pipe: it holds 64 KiB.
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut daemon = Running(child);
    world.wait("a daemon", || code(world.output(&["health"]).status) == "0");
    let status = || {
        let output = world.output(&["status", "--json"]);
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let dropped = || status()["log_lines_dropped"].as_u64().expect("a number");
    // Every control request is a line.
    let mut asked = 0;
    world.wait_for("dropped lines", Duration::from_mins(1), || {
        asked += 1;
        let person = User::new(5000 + asked, "Pat").language("en");
        let answers = world.ask(&person, "hello", 1);
        assert!(answers[0].text.contains("hello"), "{answers:?}");
        for _ in 0..80 {
            level(&world, &["trace"]);
        }
        dropped() > 0
    });
    assert!(level(&world, &[]).contains("lines found no room"), "{}", level(&world, &[]));
    // What finds no room in the pipe is kept all the same.
    let last = entries(&world, &["-n", "5"]);
    assert_eq!(last.len(), 5);
    // Whoever reads again is told how many are missing.
    let mut pipe = daemon.0.stderr.take().expect("piped");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = pipe.read_to_string(&mut text);
        text
    });
    world.ask(&owner(), "hello again", 1);
    let pid = rustix::process::Pid::from_child(&daemon.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
    assert!(daemon.0.wait().expect("our own child").success());
    let text = reader.join().expect("no panic");
    assert!(text.contains("log lines found no room and were dropped"), "{text:.400}");
}

#[test]
fn the_log_is_followed_wherever_it_goes() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let mut daemon = world.start_unlimited_with(&[("LOG_LEVEL", "info")]);
    world.wait("a daemon", || code(world.output(&["health"]).status) == "0");
    let follower = world.svs(&["logs", "-f", "-o", "json", "-n", "1"]).stdout(Stdio::piped()).spawn();
    let mut follower = Running(follower.expect("the binary starts"));
    let mut lines = BufReader::new(follower.0.stdout.take().expect("piped")).lines();
    // It follows once it has told the last entry of before.
    let first = lines.next().and_then(Result::ok);
    let first: Value = serde_json::from_str(&first.expect("an entry")).expect("an object");
    assert_eq!((first["schema"].as_u64(), first["target"].as_str().is_some()), (Some(1), true));
    world.sandbox().gemini().fail("*=500@1-3").expect("a known fault");
    world.ask(&english(), "hello", 1);
    daemon.terminate();
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let has = |words: &str| rest.iter().any(|line| line.contains(words));
    assert!(has("attempt failed") && has("SIGTERM"), "{rest:#?}");
    assert_eq!(code(follower.0.wait().expect("our own child")), "69", "the daemon has ended");
    assert_eq!(code(world.output(&["logs"]).status), "69", "there is none");
}

#[test]
fn the_level_is_changed_while_it_runs_and_goes_back() {
    let world = World::new();
    let _daemon = world.start(&[("LOG_LEVEL", "warn")]);
    world.wait("a daemon", || code(world.output(&["health"]).status) == "0");
    assert_eq!(level(&world, &[]), "warn");
    let debugs = || {
        let entries = entries(&world, &["-n", "1000"]);
        entries.iter().filter(|entry| entry["level"] == "DEBUG").count()
    };
    world.ask(&english(), "hello", 1);
    assert_eq!(debugs(), 0);
    assert_eq!(level(&world, &["debug", "--for", "10m"]), "debug, warn again in 10m");
    // A broken call makes a line at debug.
    world.sandbox().gemini().fail("*=500@1-2").expect("a known fault");
    world.ask(&owner(), "hello", 1);
    world.wait("a line at debug", || debugs() > 0);
    assert!(entries(&world, &["--level", "warn"]).iter().all(|entry| entry["level"] != "DEBUG"));
    assert_eq!(level(&world, &["reset"]), "warn");
    assert_eq!(level(&world, &["info", "--for", "50ms"]).split(',').next(), Some("info"));
    world.wait("the configured level", || level(&world, &[]) == "warn");
    assert_eq!(level(&world, &["error"]), "error until the daemon ends; warn is configured");
    for bad in [&["loud"][..], &["--for", "10m"], &["debug", "--for", "10"]] {
        let output = world.output(&[&["logs", "level"], bad].concat());
        assert_eq!(code(output.status), "64", "{bad:?}: {}", stderr(&output));
    }
}

#[test]
fn people_stand_in_the_log_under_a_name_of_this_installation_alone() {
    let names = |ids: &str| {
        let world = World::new();
        world.sandbox().gemini().answer(Answer::Echo);
        let person = User::new(7_311_445_209, "Wilhelmina").language("en");
        let run = || {
            let mut daemon = world.start_unlimited_with(&[("LOG_LEVEL", "info"), ("SVS_LOG_IDS", ids)]);
            world.wait("a daemon", || code(world.output(&["health"]).status) == "0");
            let count = world.sandbox().telegram().answers(person.id).len() + 1;
            world.sandbox().gemini().fail("*=500@1-2").expect("a known fault");
            world.ask(&person, "tell me of quincunxes", count);
            let role = world.output(&["users", "role", "7311445209", "premium"]);
            assert_eq!(code(role.status), "0", "{}", stderr(&role));
            world.output(&["vip", "kick", "7311445209", "--yes"]);
            let shown = world.output(&["users", "show", "7311445209", "--json"]);
            let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
            daemon.terminate();
            shown["log_name"].as_str().expect("a name").to_owned()
        };
        let (first, second) = (run(), run());
        assert_eq!(first, second, "the same after a restart");
        (first, world.log())
    };
    let (name, log) = names("false");
    assert!(name.starts_with("u-") && log.matches(&name).count() >= 4, "{name}: {log}");
    for secret in ["7311445209", "Wilhelmina", "quincunx"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let (other, log) = names("true");
    assert_eq!(other, "7311445209");
    assert!(log.contains("user=7311445209") && !log.contains("quincunx"), "{log}");
}

#[test]
fn the_journal_gets_priorities_and_a_file_gets_text() {
    let world = World::new();
    let first_line = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = world
            .svs(&[&["run"], arguments].concat())
            // It ends at once: this folder cannot be one.
            .env("SVS_STATE_DIR", "/dev/null/state")
            .env("SVS_HTTP_LISTEN", "0.0.0.0:0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        stderr(&output).lines().next().unwrap_or_default().to_owned()
    };
    let warning = "whoever reaches 0.0.0.0:0";
    let text = first_line(&[], &[("JOURNAL_STREAM", "1:1")]);
    assert!(text.contains(" WARN ") && text.contains(warning) && text.starts_with("20"), "{text}");
    let journal = first_line(&["--log-format", "journal"], &[]);
    assert!(journal.starts_with("<4>") && journal.contains(warning), "{journal}");
    let json: Value = serde_json::from_str(&first_line(&["--log-format", "json"], &[])).expect("an object");
    assert!(json["level"] == "WARN" && json["message"].as_str().is_some_and(|said| said.contains(warning)));
    assert!(first_line(&["--log-format", "loud"], &[]).contains("loud"));
}

#[test]
fn another_configured_level_is_taken_over_by_a_reload() {
    let world = World::new();
    let write = |level: &str| {
        let file = world.folder().join("svs.toml");
        std::fs::write(&file, format!("[log]\nlevel = \"{level}\"\n")).expect("a file");
        rustix::fs::chmod(&file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).expect("permissions");
    };
    write("warn");
    let mut command = world.svs(&["run"]);
    command.env("SVS_CONFIG", "svs.toml").stdin(Stdio::null()).stderr(Stdio::null());
    let _daemon = Running(command.spawn().expect("the binary starts"));
    world.wait("a daemon", || code(world.output(&["health"]).status) == "0");
    write("info");
    let reloaded = world.output(&["reload"]);
    assert_eq!(code(reloaded.status), "0", "{}", stderr(&reloaded));
    assert_eq!(level(&world, &[]), "info");
    assert_eq!(level(&world, &["debug"]), "debug until the daemon ends; info is configured");
    write("error");
    world.output(&["reload"]);
    assert_eq!(level(&world, &[]), "debug until the daemon ends; error is configured");
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_collector_that_this_build_cannot_speak_to_is_named_once() {
    let world = World::new();
    let mut daemon = world.start(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9/v1/traces")]);
    world.wait("the start", || world.log().contains("svs is ready"));
    let log = world.log();
    let line = log.lines().find(|line| line.contains("OTLP")).unwrap_or_else(|| panic!("not said: {log}"));
    assert!(
        line.contains("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") && line.contains("--features otlp"),
        "{line}"
    );
    assert_eq!(log.matches("OTLP").count(), 2, "in one line: {log}");
    daemon.terminate();
}

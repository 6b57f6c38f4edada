//! The command line as a shell sees it: exit codes, streams, closed pipes, odd terminals.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

fn svs(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_svs"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["SVS_CONFIG", "SVS_SOCKET", "XDG_RUNTIME_DIR", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    command.env("SVS_SOCKET", "/nonexistent/control.sock");
    command
}

fn run(arguments: &[&str]) -> Output {
    svs(arguments).output().expect("svs starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn wrong_usage_exits_with_64_and_says_so_on_standard_error() {
    let cases: [&[&str]; 22] = [
        &[],
        &["stauts"],
        &["vip"],
        &["vip", "kick"],
        &["vip", "kick", "ming"],
        &["vip", "kick", "-1"],
        &["vip", "kick", "0"],
        &["vip", "kick", "18446744073709551616"],
        &["vip", "kick", "@"],
        &["vip", "kick", "seat:"],
        &["vip", "kick", "seat:0"],
        &["vip", "kick", "42", "--all"],
        &["vip", "kick", "42", "--yes", "--ban", "0s"],
        &["vip", "kick", "42", "--yes", "--reason", " "],
        &["vip", "grant"],
        &["vip", "grant", "seat:1"],
        &["vip", "grant", "42", "--for", "30"],
        &["vip", "extend"],
        &["vip", "extend", "ming"],
        &["vip", "ls", "--sort", "name"],
        &["status", "--output", "xml"],
        &["status", "--timeout", "10"],
    ];
    for arguments in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_mistyped_command_is_guessed() {
    let error = text(&run(&["stauts"]).stderr);
    assert!(error.contains("'status'"), "{error}");
    let json: serde_json::Value = serde_json::from_slice(&run(&["stauts", "--json"]).stderr).expect("JSON");
    assert_eq!(json["error"]["code"], "usage");
    assert!(json["error"]["hint"].as_str().expect("a hint").contains("'status'"));
}

#[test]
fn without_a_daemon_the_shell_gets_69_and_a_monitor_2() {
    for arguments in
        [&["status"][..], &["vip", "kick", "42", "--yes"], &["vip", "grant", "42"], &["vip", "extend", "42"]]
    {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(69), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(error.starts_with("error: the daemon is not running"), "{error}");
        assert!(error.ends_with("hint: systemctl start svs\n"), "{error}");
    }
    let output = run(&["status", "-o", "nagios"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).starts_with("CRITICAL - the daemon is not running"));
}

#[test]
fn a_kick_is_never_done_unasked() {
    let output = run(&["vip", "kick", "42"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(text(&output.stderr).contains("--yes"));
}

#[test]
fn help_and_version_go_to_standard_output() {
    for arguments in [&["--help"][..], &["help"], &["vip", "kick", "--help"], &["--version"], &["version"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    for arguments in [&["completions", "bash"][..], &["--help"], &["man"], &["help", "exit-codes", "--json"]]
    {
        let output = svs(arguments)
            .stdout(writer.try_clone().expect("a copy"))
            .stderr(Stdio::piped())
            .output()
            .expect("svs starts");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn color_is_only_where_it_is_wished() {
    let escapes = |configure: &dyn Fn(&mut Command)| {
        let mut command = svs(&["status"]);
        configure(&mut command);
        command.output().expect("svs starts").stderr.contains(&0x1b)
    };
    assert!(!escapes(&|_| {}), "a pipe");
    assert!(escapes(&|command| _ = command.env("CLICOLOR_FORCE", "1")));
    assert!(!escapes(&|command| _ = command.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(escapes(&|command| _ = command.arg("--color=always").env("NO_COLOR", "1")));
    assert!(!escapes(&|command| _ = command.arg("--color=never").env("CLICOLOR_FORCE", "1")));
}

#[test]
fn a_manual_is_for_everybody_and_a_closed_folder_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let pages = dir.path().join("pages");
    assert!(run(&["man", "--dir", pages.to_str().expect("an ordinary path")]).status.success());
    let mode = std::fs::metadata(pages.join("svs.1")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    let output = run(&["man", "--dir", "/proc/nowhere"]);
    assert_eq!(output.status.code(), Some(73));
    assert!(text(&output.stderr).contains("/proc/nowhere"));
}

#[test]
fn a_question_is_text_within_a_mebibyte() {
    let ask = |arguments: &[&str], input: &[u8]| {
        let mut child = svs(&[&["ask"], arguments].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("svs starts");
        // A refusal may come before all is read.
        let _ = child.stdin.take().expect("it is piped").write_all(input);
        child.wait_with_output().expect("svs ends").status.code()
    };
    assert_eq!(ask(&[""], b""), Some(65));
    assert_eq!(ask(&["-"], b" \n"), Some(65));
    assert_eq!(ask(&["what is this?"], b"\x89PNG\r\n\0\0\xff"), Some(65));
    assert_eq!(ask(&[], &vec![b'x'; (1 << 20) + 1]), Some(65));
    // All is well with these but for the daemon that was named.
    let named = ["--socket", "/nonexistent/control.sock"];
    assert_eq!(ask(&named, &vec![b'x'; 1 << 20]), Some(69));
    assert_eq!(ask(&[&named[..], &["why?"]].concat(), b"because"), Some(69));
}

/// A configuration of three keys in two groups, none of which anybody is asked about.
fn with_keys(command: &mut Command) -> &mut Command {
    let key = |n: u32| format!("AIzaSyNotAKeyOfAnybody{n:017}");
    command
        .env("GROUP_A_KEYS", [key(1), key(2)].join(","))
        .env("GROUP_B_KEYS", key(3))
        .env("HOME", "/nonexistent")
        .env_remove("SVS_SOCKET")
}

#[test]
fn a_route_is_the_same_for_the_same_seed_state_and_time() {
    let route = |arguments: &[&str]| {
        let fixed = ["route", "--state", "empty", "--at", "2026-01-31T12:00:00Z", "-o", "json"];
        let output = with_keys(&mut svs(&[&fixed, arguments].concat())).output().expect("svs starts");
        (output.status.code(), output.stdout)
    };
    let (code, first) = route(&["--role", "vip", "--text", "hi"]);
    assert_eq!(code, Some(0));
    assert_eq!(route(&["--role", "vip", "--text", "hi"]).1, first);
    let json: serde_json::Value = serde_json::from_slice(&first).expect("JSON");
    assert_eq!((json["task"].as_str(), json["model"].as_str()), (Some("chat"), Some("flash-lite")));
    assert_eq!(json["steps"][0]["group"], "A");
    assert_eq!(json["steps"][0]["router"], "A");

    let (_, failed) = route(&["--role", "vip", "--text", "hi", "--fail", "A1,a2"]);
    let json: serde_json::Value = serde_json::from_slice(&failed).expect("JSON");
    assert_eq!(json["steps"][0]["key"], "B1");
    assert_eq!(json["skipped"][0]["reason"], "tried");
    let (code, _) = route(&["--role", "vip", "--text", "hi", "--fail", "A1,A2,B1"]);
    assert_eq!(code, Some(75));
    assert_eq!(route(&["--role", "vip", "--fail", "D1"]).0, Some(66));
    assert_eq!(route(&["--role", "root"]).0, Some(64));
}

#[test]
fn a_configuration_is_shown_with_its_origins_and_without_its_secrets() {
    let output = with_keys(&mut svs(&["config", "show", "keys", "--origin"])).output().expect("svs starts");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(shown.contains("keys.A1") && shown.contains("environment GROUP_A_KEYS"), "{shown}");
    assert!(!shown.contains("NotAKey"), "{shown}");

    let check = with_keys(&mut svs(&["config", "check", "--json"])).output().expect("svs starts");
    let json: serde_json::Value = serde_json::from_slice(&check.stdout).expect("JSON");
    assert_eq!(check.status.code(), Some(1), "groups C and D are not configured");
    assert_eq!((json["homes"]["guest"].as_str(), json["homes"]["vip"].as_str()), (Some("B"), Some("A")));
}

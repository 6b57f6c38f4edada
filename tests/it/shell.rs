//! The command line as a shell sees it: exit codes, streams, closed pipes, odd terminals.

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
    let cases: [&[&str]; 9] = [
        &[],
        &["stauts"],
        &["vip"],
        &["vip", "kick"],
        &["vip", "kick", "ming"],
        &["vip", "kick", "-1"],
        &["vip", "kick", "18446744073709551616"],
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
    for arguments in [&["status"][..], &["vip", "ls"], &["vip", "kick", "42", "--yes"]] {
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

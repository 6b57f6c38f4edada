//! Every subcommand in every format, with a daemon and without: judged by exit code, standard output and standard
//! error. The commands are those that have a manual page, so a new one is among them by itself.

use std::process::Output;

use serde_json::Value;

use crate::support::{World, code, owner, stderr, stdout};

const FORMATS: [&str; 6] = ["table", "plain", "json", "jsonl", "csv", "nagios"];
const CODES: [&str; 15] =
    ["0", "1", "2", "3", "64", "65", "66", "69", "70", "73", "74", "75", "77", "78", "130"];
/// They serve or ask until they are ended.
const ENDLESS: [&str; 2] = ["run", "top"];
/// It does something itself, and has a command below it.
const WITH_BELOW: &str = "svs-logs";
/// It prints an object as soon as there is one.
const STREAMED: &str = "logs";

/// What a command needs to be called; nobody is kicked, and nothing is erased.
fn arguments(command: &[&str]) -> Vec<&'static str> {
    match command {
        ["explain"] => vec!["K7QF"],
        ["ask"] => vec!["2+2?"],
        ["route"] => vec!["--role", "vip", "--text", "hi"],
        ["sandbox"] => vec!["--script", "/nonexistent"],
        ["completions"] => vec!["bash"],
        ["init"] => vec!["--non-interactive", "--dir", "/proc/nowhere"],
        ["vip", "kick"] => vec!["42", "--yes", "--dry-run"],
        ["vip", "grant" | "extend"] | ["users", "show" | "ban" | "unban"] => vec!["@nobody"],
        ["users", "role"] => vec!["@nobody", "none"],
        ["users", "forget"] => vec!["@nobody", "--yes", "--dry-run"],
        ["keys", "disable" | "enable" | "reset"] => vec!["A1", "--dry-run"],
        _ => Vec::new(),
    }
}

/// All that do something themselves, by the names of their pages.
fn commands() -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().to_str().expect("an ordinary path");
    let world = World::new();
    assert_eq!(code(world.output(&["man", "--dir", dir]).status), "0");
    let pages = std::fs::read_dir(folder.path()).expect("pages");
    let names: Vec<String> = pages
        .map(|page| page.expect("a page").file_name().to_string_lossy().trim_end_matches(".1").to_owned())
        .collect();
    let has_below = |name: &String| names.iter().any(|other| other.starts_with(&format!("{name}-")));
    let leaves = names.iter().filter(|name| *name == WITH_BELOW || !has_below(name));
    leaves.map(|name| name.split('-').skip(1).map(str::to_owned).collect()).collect()
}

/// What is wrong with how a call ended.
fn wrong(command: &[&str], format: &str, output: &Output) -> Option<String> {
    let (exit, data, told) = (code(output.status), stdout(output), stderr(output));
    let is_json = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|value| value["schema"] == 1);
    if !CODES.contains(&exit.as_str()) || exit == "70" {
        return Some(format!("exit {exit}: {told}"));
    }
    if data.contains('\u{1b}') || told.contains('\u{1b}') {
        return Some("it is decorated".to_owned());
    }
    let shaped = match format {
        "json" if command == [STREAMED] => data.lines().all(is_json),
        "json" => data.is_empty() || data.lines().count() == 1 && is_json(data.trim_end()),
        "jsonl" => data.lines().all(is_json),
        "csv" => {
            let fields =
                |line: &str| line.split('"').step_by(2).map(|part| part.matches(',').count()).sum::<usize>();
            data.lines().all(|line| fields(line) == fields(data.lines().next().unwrap_or_default()))
        }
        "nagios" if exit != "64" => {
            data.lines().count() == 1
                && ["OK - ", "WARNING - ", "CRITICAL - ", "UNKNOWN - "]
                    .iter()
                    .any(|word| data.starts_with(word))
        }
        _ => true,
    };
    if !shaped {
        return Some(format!("it is no {format}: {data}"));
    }
    let failed = exit.parse::<u8>().is_ok_and(|exit| exit >= 64);
    if failed && data.is_empty() {
        let lines: Vec<&str> = told.lines().filter(|line| !line.is_empty()).collect();
        let shaped = match format {
            "json" | "jsonl" => lines.iter().any(|line| is_json(line) && line.contains("\"error\"")),
            _ => lines.iter().any(|line| line.starts_with("error: ")),
        };
        if !shaped {
            return Some(format!("the error has no shape: {told}"));
        }
    }
    None
}

fn judge(world: &World) {
    let mut faults = Vec::new();
    for command in commands() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        for format in FORMATS {
            if ENDLESS.contains(&words[0]) && format == "table" {
                continue;
            }
            let line = [&words[..], &arguments(&words), &["-o", format]].concat();
            let output = world.output(&line);
            if let Some(fault) = wrong(&words, format, &output) {
                faults.push(format!("{}: {fault}", line.join(" ")));
            }
            let told = stderr(&output);
            let refused = told.contains("this command has no output as");
            if refused && (code(output.status) != "64" || !stdout(&output).is_empty()) {
                faults.push(format!("{}: a format it has not is no clear refusal", line.join(" ")));
            }
            // Of a format that it seemed to have.
            if refused && !told.contains("it has ") && !told.contains("leave out -o") {
                faults.push(format!("{}: it was refused when all was done", line.join(" ")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_command_keeps_to_its_format_where_no_daemon_runs() {
    judge(&World::new());
}

#[test]
fn every_command_keeps_to_its_format_beside_a_daemon() {
    let world = World::new();
    let _daemon = world.start(&[]);
    world.ask(&owner(), "hello", 1);
    judge(&world);
}

//! How a question from the shell ends: every kind of end has its exit code and one line, and a schema its JSON.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use svs::sandbox::gemini::{Answer, Timing};

use crate::support::{World, code, stderr, stdout};

#[test]
fn a_bad_key_a_quota_and_an_outage_are_told_apart() {
    tell_ends_apart(false);
}

#[test]
fn they_are_told_apart_beside_a_daemon() {
    tell_ends_apart(true);
}

fn tell_ends_apart(beside_a_daemon: bool) {
    let cases = [
        ("*=400key", "78", "no key is left"),
        ("*=403leaked", "78", "no key is left"),
        ("*=429", "75", "every key is busy"),
        ("*=429day", "75", "quota is spent"),
        ("*=limit0", "75", "budget"),
        ("*=html502", "69", "Gemini did not answer"),
        ("*=blockedother", "65", "blocked"),
    ];
    for (fault, expected, word) in cases {
        let world = World::new();
        world.sandbox().gemini().fail(fault).expect("a known fault");
        let _daemon = beside_a_daemon.then(|| world.run());
        let ask = |flag| world.output(&["ask", flag, "-m", "flash-lite", "--timeout", "60s", "hello?"]);
        let output = ask("-q");
        let said = stderr(&output);
        assert_eq!(code(output.status), expected, "{fault}: {said}");
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains(word), "{fault}: {said}");
        assert_eq!(stdout(&output), "", "{fault}");
        if expected == "69" {
            // It tries again for as long as it may.
            continue;
        }
        // What was learned of the keys by then changes nothing.
        let again = ask("--json");
        let said = stderr(&again);
        assert_eq!((code(again.status).as_str(), stdout(&again).as_str()), (expected, ""), "{fault}: {said}");
        let error: Value =
            serde_json::from_str(said.trim_end()).unwrap_or_else(|_| panic!("{fault}: {said}"));
        assert_eq!(error["error"]["exit"].to_string(), expected, "{fault}: {said}");
        let message = error["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(word), "{fault}: {said}");
    }
}

#[test]
fn a_deadline_that_passes_is_an_answer_that_did_not_come() {
    let world = World::new();
    world.sandbox().gemini().fail("*=hang").expect("a known fault");
    let asked = Instant::now();
    let output = world.output(&["ask", "--timeout", "700ms", "hello?"]);
    assert_eq!(code(output.status), "69");
    assert!(stderr(&output).contains("took longer than 700ms"), "{}", stderr(&output));
    assert!(asked.elapsed() < Duration::from_secs(4));
}

#[test]
fn an_answer_streams_into_a_pipe_only_when_that_was_said() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text("one two three four five six seven".to_owned()));
    let slow = Timing { first: Duration::ZERO, between: Duration::from_millis(400), chunk_chars: 8 };
    world.sandbox().gemini().set_timing(slow);
    for (flag, streams) in [("--stream", true), ("--no-stream", false)] {
        let mut child = world
            .svs(&["ask", "-q", flag, "count"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut pipe = child.stdout.take().expect("piped");
        let mut first = [0; 4];
        pipe.read_exact(&mut first).expect("the answer begins");
        let begun = Instant::now();
        let mut rest = String::new();
        pipe.read_to_string(&mut rest).expect("text");
        assert_eq!((&first, rest.as_str()), (b"one ", "two three four five six seven\n"), "{flag}");
        // Three pieces of 400 ms are still to come, or none.
        assert_eq!(begun.elapsed() > Duration::from_millis(600), streams, "{flag}: {:?}", begun.elapsed());
        assert_eq!(code(child.wait().expect("it ends")), "0");
    }
}

#[test]
fn a_reader_that_goes_away_amid_an_answer_ends_it_quietly() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Long(4000));
    let slow = Timing { first: Duration::ZERO, between: Duration::from_millis(50), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let mut child = world
        .svs(&["ask", "--stream", "count"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    assert!(!reader.fill_buf().expect("the answer begins").is_empty());
    drop(reader);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((code(output.status).as_str(), stderr(&output).as_str()), ("0", ""));
    world.wait("the end of the call", || world.sandbox().gemini().in_flight() == 0);
}

#[test]
fn a_schema_makes_the_answer_json() {
    let world = World::new();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "additionalProperties": false,
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"],
    });
    let path = world.folder().join("person.json");
    std::fs::write(&path, schema.to_string()).expect("a file");
    let path = path.to_str().expect("UTF-8");
    let output = world.output(&["ask", "--schema", path, "who?"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    let value: Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
    assert!(value["name"].is_string() && value["age"].is_i64(), "{value}");
    let body: Value = serde_json::from_str(&world.sandbox().gemini().generations()[0].body).expect("JSON");
    let config = &body["generationConfig"];
    assert_eq!(
        (&config["responseJsonSchema"], &config["responseMimeType"]),
        (&schema, &json!("application/json"))
    );

    world.sandbox().gemini().answer(Answer::Text("I would rather not.".to_owned()));
    let output = world.output(&["ask", "--schema", path, "--json", "who?"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((code(output.status).as_str(), &answer["value"]), ("1", &Value::Null));
}

#[test]
fn a_schema_that_is_none_is_bad_input_and_costs_nothing() {
    let world = World::new();
    for (content, word) in [("{\"type\"", "not JSON"), ("[]", "must be an object")] {
        let path = world.folder().join("schema.json");
        std::fs::write(&path, content).expect("a file");
        let output = world.output(&["ask", "--schema", path.to_str().expect("UTF-8"), "who?"]);
        assert_eq!(code(output.status), "65");
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
    assert_eq!(code(world.output(&["ask", "--schema", "/nonexistent", "who?"]).status), "65");
    assert!(world.sandbox().gemini().generations().is_empty());
}

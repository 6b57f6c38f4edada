//! `svs ask` without a daemon: the answer, its exit codes, and what it costs.

use std::io::Read as _;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::report::Bounds;

use crate::support::{World, code, stderr, stdout};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", stderr(output)))
}

/// Who asks and does not wait for the answer.
fn start(world: &World, arguments: &[&str]) -> Child {
    world
        .svs(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

#[test]
fn the_answer_alone_is_on_standard_output() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let output = world.output_with_input(&["ask", "what is", "this?"], b"a line\n");
    assert_eq!((code(output.status).as_str(), stdout(&output).as_str()), ("0", "what is this?\n\na line\n"));
    let note = stderr(&output);
    assert!(note.lines().count() == 1 && note.contains(" tokens, #"), "{note}");
    let quiet = world.output(&["ask", "-q", "again?"]);
    assert_eq!((stdout(&quiet).as_str(), stderr(&quiet).as_str()), ("again?\n", ""));
    assert_eq!(world.sandbox().gemini().generations().len(), 2);
}

#[test]
fn an_answer_for_programs_says_who_gave_it() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let output = world.output(&["ask", "--json", "--role", "owner", "-m", "flash", "who?"]);
    let answer = json(&output);
    assert_eq!((answer["text"].as_str(), answer["finish"].as_str()), (Some("who?"), Some("complete")));
    assert_eq!((answer["model"].as_str(), answer["schema"].as_u64()), (Some("flash"), Some(1)));
    let call = &world.sandbox().gemini().generations()[0];
    assert_eq!(answer["key"].as_str(), Some(&*call.key), "{answer}");
    assert!(call.key.starts_with('A') && call.model.contains("flash"), "{call:?}");
    assert!(answer["ref"].as_str().is_some_and(|name| name.len() >= 4), "{answer}");
    assert!(answer["usage"]["output"].as_u64().is_some_and(|tokens| tokens > 0), "{answer}");
}

#[test]
fn the_exit_code_says_why_there_is_no_answer() {
    let cases: [(&str, &str, &str); 4] = [
        ("*=blocked", "65", "blocked"),
        ("*=503", "69", "Gemini"),
        ("*=400", "69", "Gemini"),
        ("*=region", "69", "Gemini"),
    ];
    for (fault, expected, word) in cases {
        let world = World::new();
        world.sandbox().gemini().fail(fault).expect("a known fault");
        let output = world.output(&["ask", "--timeout", "60s", "hello?"]);
        assert_eq!(code(output.status), expected, "{fault}: {}", stderr(&output));
        let said = stderr(&output);
        assert!(
            said.lines().any(|line| line.starts_with("error: ") && line.contains(word)),
            "{fault}: {said}"
        );
        assert_eq!(stdout(&output), "", "{fault}");
    }
}

#[test]
fn an_answer_that_is_not_complete_is_printed_and_exits_with_1() {
    for (fault, finish) in [("*=maxtokens", "truncated"), ("*=safety", "cut"), ("*=eof", "incomplete")] {
        let world = World::new();
        world.sandbox().gemini().answer(Answer::Text("One, two, three, four, five, six.".to_owned()));
        world.sandbox().gemini().fail(fault).expect("a known fault");
        let output = world.output(&["ask", "count"]);
        assert_eq!(code(output.status), "1", "{fault}: {}", stderr(&output));
        assert!(stdout(&output).starts_with("One, "), "{fault}: {}", stdout(&output));
        assert!(stderr(&output).starts_with("the answer is not complete: "), "{}", stderr(&output));
        let answer = json(&world.output(&["ask", "--json", "count"]));
        assert_eq!(answer["finish"], finish, "{fault}");
    }
}

#[test]
fn a_day_is_spent_for_all_processes_and_says_when_it_renews() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let keys = world.sandbox().environment();
    let keys = keys.iter().find(|row| row.0 == "GROUP_A_KEYS").map(|row| row.1.clone()).expect("set");
    // One key with one request a day: three tenths of four.
    let ask = || {
        let mut command = world.svs(&["ask", "hello?"]);
        for name in ["GROUP_B_KEYS", "GROUP_C_KEYS", "GROUP_D_KEYS", "ROUTER_KEY_A", "ROUTER_KEY_B"] {
            command.env_remove(name);
        }
        command.env("GROUP_A_KEYS", keys.split(',').next().unwrap_or_default());
        command.env("SVS_LIMITS_FLASH_LITE_DAILY_LIMIT", "4");
        command.env("SVS_LIMITS_FLASH_DAILY_LIMIT", "0").env("SVS_LIMITS_PRO_DAILY_LIMIT", "0");
        command.stdin(Stdio::null()).output().expect("the binary starts")
    };
    let first = ask();
    assert_eq!(
        (code(first.status).as_str(), stdout(&first).as_str()),
        ("0", "hello?\n"),
        "{}",
        stderr(&first)
    );
    let second = ask();
    assert_eq!(code(second.status), "75", "{}", stderr(&second));
    assert!(stderr(&second).contains("hint: try again in "), "{}", stderr(&second));
    assert_eq!(world.sandbox().gemini().generations().len(), 1);
}

#[test]
fn without_keys_it_is_the_configuration_that_is_wrong() {
    let output = crate::support::bare_svs(&["ask", "hello?"]).output().expect("the binary starts");
    assert_eq!(code(output.status), "78", "{}", stderr(&output));
    assert!(stderr(&output).contains("aistudio.google.com/apikey"), "{}", stderr(&output));
}

#[test]
fn a_daemon_that_was_named_must_be_there() {
    let world = World::new();
    let output = world.output(&["ask", "--socket", "/nonexistent/control.sock", "hello?"]);
    assert_eq!(code(output.status), "69", "{}", stderr(&output));
    assert!(world.sandbox().gemini().generations().is_empty());
}

#[test]
fn a_reader_that_has_gone_away_is_no_failure() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output =
        world.svs(&["ask", "hello?"]).stdin(Stdio::null()).stdout(writer).output().expect("it starts");
    assert_eq!((code(output.status).as_str(), stderr(&output).as_str()), ("0", ""));
}

#[test]
fn ctrl_c_ends_the_call_and_what_was_sent_stays_counted() {
    let world = World::new();
    let slow = Timing { first: Duration::from_secs(20), between: Duration::ZERO, chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let mut child = start(&world, &["ask", "--role", "owner", "hello?"]);
    world.wait("the call", || world.sandbox().gemini().in_flight() == 1);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let asked = Instant::now();
    let ended = child.wait().expect("it ends");
    assert_eq!(code(ended), "130");
    assert!(asked.elapsed() < Duration::from_millis(1500), "it settles and does not run into its deadline");
    world.wait_for("the end of the call", Duration::from_secs(2), || {
        world.sandbox().gemini().in_flight() == 0
    });
    let mut said = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut said).expect("text");
    assert_eq!(said, "");
    // The key rests after its use: another one serves the next question.
    world.sandbox().gemini().set_timing(Timing::default());
    let next = json(&world.output(&["ask", "--json", "--role", "owner", "hello?"]));
    let calls = world.sandbox().gemini().generations();
    assert_eq!((calls.len(), next["key"].as_str()), (2, Some(&*calls[1].key)));
    assert_ne!(calls[0].key, calls[1].key, "{next}");
}

#[test]
fn thirty_at_once_are_counted_once_each_and_break_no_limit() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let children: Vec<Child> = (0..30)
        .map(|n| start(&world, &["ask", "--role", "owner", "-m", "flash-lite", &format!("number {n}")]))
        .collect();
    for (n, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(code(output.status), "0", "{n}: {}", stderr(&output));
        assert_eq!(stdout(&output), format!("number {n}\n"));
    }
    let report = world.sandbox().gemini().report();
    assert_eq!(report.sends, 30);
    // The gap is kept between debits; a process that is held up sends a moment after its own.
    let bounds = Bounds { per_minute: 10, gap_ms: 9_750, per_day: 30 };
    assert_eq!(report.violations(bounds), Vec::<String>::new());
}

#[test]
fn the_output_is_the_same_with_a_daemon() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text("Scattering.".to_owned()));
    let shape = |answer: &Value| {
        let fields = answer.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        (fields, answer["text"].clone(), answer["finish"].clone(), answer["model"].clone())
    };
    let direct = json(&world.output(&["ask", "--json", "why?"]));
    let _daemon = world.run();
    let through = world.output(&["ask", "--json", "why?"]);
    assert_eq!(shape(&json(&through)), shape(&direct));
    assert!(world.log().contains("a question from the shell"), "{}", world.log());
    assert_ne!(json(&through)["key"], direct["key"], "the daemon knows which key rests");
    world.sandbox().gemini().fail("*=blocked").expect("a known fault");
    assert_eq!(code(world.output(&["ask", "why?"]).status), "65");
}

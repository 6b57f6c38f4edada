//! What Google and Telegram say when they fail is for whoever repairs it: `svs explain` and a log at debug have it, and
//! nothing else. A word that no program of ours knows stands in everything they say here.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use svs::sandbox::faults::Fault;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, TelegramFault, User};

use crate::support::{World, chinese, code, english, is_final, owner, stderr, stdout};

/// As nobody else writes it.
const WORD: &str = "Quetzalcoatlus";
const TELEGRAM_WORD: &str = "Archaeopteryx";
const TELEGRAM_SAYS: &str = "Bad Request: Archaeopteryx: can't find the entity it speaks of";

fn without(words: &[&str], place: &str, text: &str) {
    for word in words {
        let found = text.to_lowercase().find(&word.to_lowercase());
        let around = found.map(|at| text.get(at.saturating_sub(200)..(at + 60).min(text.len())));
        assert!(found.is_none(), "{place} repeats what a provider said: {around:?}");
    }
}

/// Everything a person can have seen of the bot.
fn seen(world: &World) -> String {
    let calls = world.sandbox().telegram().calls().into_iter();
    let params = calls.filter(|call| call.method != "getUpdates").map(|call| call.params.to_string());
    params.collect::<Vec<_>>().join("\n")
}

/// Commands that do not promise Google's own words.
const COMMANDS: [&[&str]; 7] = [
    &["status"],
    &["status", "--json"],
    &["status", "-o", "nagios"],
    &["usage"],
    &["users"],
    &["vip"],
    &["route", "hello"],
];

/// One fault, met by a person in a chat and by a shell; whether a ref was shown.
fn one_fault(fault: Fault) -> bool {
    let world = World::new();
    world
        .sandbox()
        .gemini()
        .answer(Answer::Text("Half of this may come, and half of it may not come.".to_owned()));
    let gemini = world.sandbox().gemini();
    gemini.set_remark(WORD);
    let _daemon = world.start_unlimited_with(&[
        ("LOG_LEVEL", "info"),
        ("SVS_GEMINI_BETWEEN_EVENTS", "1s"),
        ("SVS_GEMINI_FIRST_EVENT_FLASH_LITE", "1s"),
        ("SVS_GEMINI_FIRST_EVENT_FLASH", "1s"),
    ]);
    world.ask(&owner(), "/start", 1);
    gemini.fail(&format!("*={}", fault.name())).expect("a known fault");
    let telegram = world.sandbox().telegram();
    for who in [english(), chinese()] {
        world.ask(&who, "hello?", 1);
        world.wait("an end", || telegram.answers(who.id).iter().all(is_final));
    }
    let place = fault.name();
    let asked = world.output(&["ask", "-vv", "--timeout", "10s", "hello?"]);
    without(&[WORD], place, &(stdout(&asked) + &stderr(&asked)));
    for command in COMMANDS {
        let output = world.output(command);
        assert_ne!(code(output.status), "70", "{}", stderr(&output));
        without(
            &[WORD],
            &format!("{place}: svs {}", command.join(" ")),
            &(stdout(&output) + &stderr(&output)),
        );
    }
    without(&[WORD], &format!("{place}: a chat"), &seen(&world));
    without(&[WORD], &format!("{place}: the log"), &world.log());
    let shown = telegram.answers(english().id).remove(0).text;
    let Some((_, reference)) = shown.rsplit_once('#') else { return false };
    let trace = world.output(&["explain", reference.trim(), "--json"]);
    assert_eq!(code(trace.status), "0", "{place}: {shown}: {}", stderr(&trace));
    let trace: Value = serde_json::from_slice(&trace.stdout).expect("JSON");
    assert!(!trace["sends"].as_array().expect("sends").is_empty(), "{place}: {trace}");
    trace.to_string().contains(WORD)
}

/// Issue 4, point 8: never provider text; and the ref leads to it.
#[test]
fn no_word_of_gemini_reaches_a_person_a_log_or_a_shell_but_by_its_ref() {
    // Those that say nothing: silence, cuts, and answers that are fine.
    let silent = [
        "drip",
        "hang",
        "hangheaders",
        "rst",
        "close",
        "bigheader",
        "flood",
        "gzipbomb",
        "lf",
        "comments",
        "utf8",
    ];
    let faults: Vec<Fault> = Fault::all().filter(|fault| !silent.contains(&fault.name())).collect();
    let (next, led) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if one_fault(*fault) {
                        led.lock().expect("no panic").push(fault.name());
                    }
                }
            });
        }
    });
    let led = led.into_inner().expect("no panic");
    println!("refs that lead to Google's words: {led:?}");
    for fault in ["400", "500", "503", "html502", "403leaked", "spii"] {
        assert!(led.contains(&fault), "what {fault} said is found by its ref: {led:?}");
    }
}

/// The same of Telegram, whose refusals may quote a message.
#[test]
fn no_word_of_telegram_reaches_a_person_a_log_or_a_shell() {
    for level in ["info", "debug"] {
        let world = World::new();
        world.sandbox().gemini().answer(Answer::Text("**Bold** words.".to_owned()));
        let _daemon = world.start_unlimited_with(&[("LOG_LEVEL", level)]);
        let telegram = world.sandbox().telegram();
        for (n, (method, code, times)) in (0..).zip([
            ("sendMessage", 400, 1),
            ("sendMessage", 400, 3),
            ("editMessageText", 400, 1),
            ("editMessageText", 400, 4),
            ("sendMessageDraft", 400, 1),
            ("sendChatAction", 400, 2),
            ("sendMessage", 403, 1),
            ("setMyCommands", 400, 9),
            ("answerCallbackQuery", 400, 1),
            ("getFile", 400, 1),
            ("*", 418, 2),
            ("*", 500, 2),
        ]) {
            telegram.fail(method, TelegramFault::Says(code, TELEGRAM_SAYS), times);
            let who = User::new(7600 + n, "P").language("en");
            telegram.say(&who, &ChatSpec::Private, "hello?");
            let file = telegram.say_file(&who, &ChatSpec::Private, "a.txt", "text/plain", b"hello".to_vec());
            assert!(file > 0);
            telegram.press(&who, who.id, 1, "b:1:0");
            world.wait("an end", || !telegram.answers(who.id).is_empty() || code == 403 || times >= 3);
            std::thread::sleep(std::time::Duration::from_millis(700));
            telegram.clear_faults();
        }
        without(&[TELEGRAM_WORD], "a chat", &seen(&world));
        for command in COMMANDS {
            let output = world.output(command);
            without(&[TELEGRAM_WORD], &command.join(" "), &(stdout(&output) + &stderr(&output)));
        }
        if level == "info" {
            without(&[TELEGRAM_WORD], "the log", &world.log());
        } else {
            assert!(world.log().contains(TELEGRAM_WORD), "a log at debug tells: {}", world.log());
        }
    }
}

//! Everything svs sends in a conversation, held against the machine-readable Bot API and Google's own types.
//!
//! The two checkers and the API's description lie in `../shared` beside the project; without them, or without Python,
//! the tests say so and pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::{Value, json};
use svs::sandbox::gemini::{Answer, GeminiCall, Timing};
use svs::sandbox::telegram::{ChatSpec, TelegramCall, User};

use crate::support::{World, chinese, english, owner};

/// A file beside the project, if it is there.
fn shared(path: &str) -> Option<PathBuf> {
    // A second working tree lies one folder deeper.
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    project
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("shared").join(path))
        .find(|path| path.exists())
}

fn python(arguments: &[&str]) -> Option<Output> {
    Command::new("python3").args(arguments).output().ok().filter(|output| output.status.success())
}

fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// A conversation in which everything happens that svs can say.
fn talk(world: &World) {
    let (telegram, gemini) = (world.sandbox().telegram(), world.sandbox().gemini());
    gemini.answer(Answer::Plausible);
    let between = Duration::from_millis(8);
    gemini.set_timing(Timing { first: Duration::from_millis(50), between, chunk_chars: 24 });
    let _daemon = world.start(&[
        ("SVS_LIMITS_COOLDOWN", "1ms"),
        ("SVS_TELEGRAM_PRIVATE_INTERVAL", "50ms"),
        ("SVS_ROUTER_MAX_WAIT", "3s"),
        ("SVS_GEMINI_MODELS_IMAGE", "gemini-3.1-flash-image"),
        ("SVS_LIMITS_IMAGE_DAILY_LIMIT", "100"),
    ]);
    let mut count = 0;
    for command in [
        "/start",
        "/help",
        "/status",
        "/vip",
        "/lang zh",
        "/lang en",
        "/new",
        "why is the sky blue?",
        "and at night?",
    ] {
        count += 1;
        world.ask(&owner(), command, count);
    }
    world.ask(&chinese(), "用 Rust 写一个排序函数，并解释", 1);
    gemini.answer(Answer::Long(9_000));
    telegram.say(&english(), &ChatSpec::Private, "a long one, please");
    world.wait("three parts", || telegram.answers(english().id).len() >= 3);
    gemini.answer(Answer::Plausible);
    let guest = User::new(3001, "Gus").language("en");
    let topic = ChatSpec::topic(-1_001_234_567_890, "friends", 7);
    telegram.say(&guest, &topic, "/ask what is 2 + 2?");
    world.answers(topic.chat_id(&guest), 1);
    // A stopped answer, a queue, a full queue, a file, a refusal, a failure.
    let busy = User::new(3002, "Bo").language("zh-hans");
    gemini.answer(Answer::Long(2_000));
    for n in 0..6 {
        telegram.say(&busy, &ChatSpec::Private, &format!("第 {n} 个问题"));
    }
    world.wait("an opening", || !telegram.answers(busy.id).is_empty());
    telegram.say(&busy, &ChatSpec::Private, "/stop");
    telegram.say_file(&guest, &ChatSpec::Private, "a.pdf", "application/pdf", vec![0; 100]);
    let opened = telegram.answers(busy.id)[0].message_id;
    telegram.press(&busy, busy.id, opened, "stop:1");
    gemini.fail("*=blocked").expect("a known fault");
    world.ask(&User::new(3003, "Bl").language("en"), "a bad one", 1);
    gemini.clear_faults();
    gemini.fail("*=503").expect("a known fault");
    world.ask(&User::new(3004, "Fa").language("en"), "an unlucky one", 1);
    gemini.clear_faults();
    let asked = world.output(&[
        "ask",
        "--system",
        "Be short.",
        "--max-tokens",
        "10000",
        "--temperature",
        "0.5",
        "hello?",
    ]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let folder = world.folder();
    fs::write(folder.join("a.pdf"), b"%PDF-1.7\n\xe2\xe3").expect("written");
    fs::write(folder.join("a.rs"), b"fn main() {}").expect("written");
    let file = |name: &str| folder.join(name).display().to_string();
    let asked = world.output(&[
        "ask",
        "-f",
        &file("a.pdf"),
        "-f",
        &file("a.rs"),
        "--image",
        &file("a.png"),
        "draw it",
    ]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    world.wait("quiet", || gemini.in_flight() == 0);
}

#[test]
fn every_call_and_every_request_is_as_described() {
    let tools = [
        shared("tools/botapi_validate.py"),
        shared("tools/proto_validate.py"),
        shared("spec/telegram-bot-api.json"),
    ];
    let [Some(bot_api), Some(proto), Some(description)] = tools else {
        return skipped("no checkers in ../shared/tools");
    };
    if python(&["--version"]).is_none() {
        return skipped("no python3");
    }
    let world = World::new();
    talk(&world);
    let calls = world.folder().join("calls.json");
    fs::write(&calls, Value::from(bot_api_calls(&world)).to_string()).expect("written");
    holds(&[&bot_api, &description, &calls]);

    let bodies = world.folder().join("bodies.jsonl");
    fs::write(&bodies, gemini_bodies(&world).join("\n")).expect("written");
    if python(&["-c", "import google.ai.generativelanguage_v1beta"]).is_none() {
        return skipped("no Python package google-ai-generativelanguage");
    }
    holds(&[&proto, &bodies]);
}

fn holds(arguments: &[&Path]) {
    let output = Command::new("python3").args(arguments).output().expect("python3 was there");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    println!("{said}");
}

/// The description is of Bot API 10.1. Newer is only the Stop of a draft, of 10.3, which a server may refuse.
fn bot_api_calls(world: &World) -> Vec<Value> {
    let call = |mut call: TelegramCall| {
        if let Some(draft) = call.params.as_object_mut().filter(|_| call.method == "sendMessageDraft") {
            draft.remove("can_stop");
        }
        json!({"method": call.method, "params": call.params})
    };
    let calls: Vec<Value> = world.sandbox().telegram().calls().into_iter().map(call).collect();
    let methods = [
        "sendMessage",
        "editMessageText",
        "setMessageReaction",
        "setMyCommands",
        "getUpdates",
        "answerCallbackQuery",
    ];
    for method in methods {
        assert!(calls.iter().any(|call| call["method"] == method), "the talk has no {method}");
    }
    calls
}

fn gemini_bodies(world: &World) -> Vec<String> {
    let calls = world.sandbox().gemini().generations();
    let body = |call: &GeminiCall| json!({"path": &*call.method, "body": call.body}).to_string();
    let bodies: Vec<String> = calls.iter().map(body).collect();
    assert!(bodies.len() >= 8, "{} bodies", bodies.len());
    for sent in ["maxOutputTokens", "inlineData", "responseModalities"] {
        assert!(bodies.iter().any(|body| body.contains(sent)), "{sent} was sent");
    }
    // Models differ in what they take, so nothing is said about thinking unless it was configured.
    assert!(!bodies.iter().any(|body| body.contains("thinking")), "{bodies:?}");
    bodies
}

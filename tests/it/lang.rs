//! `--lang`: operators are shown what people read, in the language they wish.

use std::process::Output;

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::ChatSpec;

use crate::support::pty::Pty;
use crate::support::{World, code, english, stderr, stdout};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", stderr(output)))
}

#[test]
fn a_route_says_what_the_person_would_read_in_the_language_that_is_wished() {
    let world = World::new();
    let told = |lang: &[&str], variables: &[(&str, &str)]| {
        let route =
            ["route", "--role", "guest", "--state", "empty", "--fail", "D1,D2,D3,D4,D5", "-o", "json"];
        let mut command = world.svs(&[&route[..], lang].concat());
        let output = command.envs(variables.iter().copied()).output().expect("svs starts");
        assert_eq!(code(output.status), "75", "{}", stderr(&output));
        json(&output)["told"].as_str().expect("words").to_owned()
    };
    let chinese = "服务暂时没接通，已试 5 次。稍后点“重答”。#…";
    let english = told(&[], &[]);
    assert!(english.contains("5 "), "{english}");
    assert_eq!(told(&["--lang", "zh"], &[]), chinese);
    assert_eq!(told(&[], &[("SVS_LANG", "zh_CN.UTF-8"), ("LANG", "en_US.UTF-8")]), chinese);
    assert_eq!(told(&[], &[("SVS_LANG", ""), ("LC_ALL", "zh_CN.UTF-8")]), chinese);
    assert_eq!(told(&["--lang", "en"], &[("SVS_LANG", "zh")]), english);
    // In the table it stands on a line of its own, and an answer like any other has none.
    let table = world.output(&["route", "--role", "guest", "--state", "empty", "--fail", "D1,D2,D3,D4,D5"]);
    assert!(stdout(&table).contains(&format!("the person reads: {english}\n")), "{}", stdout(&table));
    let plain = json(&world.output(&["route", "--role", "guest", "--state", "empty", "-o", "json"]));
    assert!(plain["told"].is_null(), "{plain}");

    let output = world.output(&["status", "--lang", "xx"]);
    assert_eq!(code(output.status), "64");
    assert!(stderr(&output).contains("no such language (en, zh)"), "{}", stderr(&output));
    let mut command = world.svs(&["version"]);
    let output = command.env("SVS_LANG", "xx").output().expect("svs starts");
    assert_eq!(code(output.status), "64");
    assert!(stderr(&output).contains("SVS_LANG=xx"), "{}", stderr(&output));
}

#[test]
fn what_a_command_tells_somebody_is_shown_in_the_language_that_is_wished() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    world.ask(&who, "hello", 1);
    let id = who.id.to_string();
    // Shown in Chinese, said in English.
    let output = world.output(&["users", "role", &id, "vip", "--lang", "zh"]);
    assert_eq!(stdout(&output).lines().nth(1), Some("told: 你的级别已改为VIP。"), "{}", stderr(&output));
    let heard = |word: &str| telegram.answers(who.id).into_iter().any(|message| message.text.contains(word));
    world.wait("the word", || heard("You are now VIP"));
    world.sandbox().telegram().say(&who, &ChatSpec::Private, "as vip");
    world.wait("a seat", || !stdout(&world.output(&["vip", "ls", "-q"])).is_empty());
    let kick = |more: &[&str]| world.output(&[&["vip", "kick", &id, "--reason", "noise"], more].concat());
    let dry = kick(&["--dry-run", "--lang", "zh"]);
    let told = "told: 你的 VIP 会话已被管理员结束（原因：noise）。对话没丢，现在按高级用户继续。\n";
    assert!(stdout(&dry).ends_with(told), "{}{}", stdout(&dry), stderr(&dry));
    let silent = json(&kick(&["--dry-run", "--no-notify", "--json"]));
    assert_eq!(silent["told"], serde_json::json!([]), "{silent}");
    // The question comes after what the person would read; Ctrl-C is no answer.
    let mut asked =
        Pty::start(&world.svs(&["vip", "kick", &id, "--reason", "noise", "--lang", "zh"]), 100, 24);
    asked.wait_for_text("End the session");
    assert!(asked.screen().contains("原因：noise"), "{}", asked.screen());
    asked.type_in("\u{3}");
    assert_eq!(code(asked.end()), "signal 2", "{}", asked.screen());
    assert!(asked.has_its_modes_back(), "the terminal is left as it was");
    let done = json(&kick(&["--yes", "--json", "--lang", "en"]));
    let said = done["told"][0].as_str().expect("words").to_owned();
    world.wait("what was shown", || heard(&said));

    // What somebody read is quoted, in their own language unless another is wished.
    world.sandbox().gemini().fail("*=503").expect("a known fault");
    telegram.say(&who, &ChatSpec::Private, "a question that fails");
    let last = || telegram.answers(who.id).into_iter().rfind(|message| message.text.contains('#'));
    world.wait("a refusal", || last().is_some());
    let shown = last().expect("a refusal").text;
    let reference = &shown.rsplit('#').next().expect("a ref")[..4];
    let explain = |more: &[&str]| world.output(&[&["explain", reference], more].concat());
    world.wait("the message's end", || json(&explain(&["--json"]))["messages"][0]["state"] == "done");
    assert_eq!(json(&explain(&["--json"]))["messages"][0]["said"].as_str(), Some(&*shown));
    let chinese = stdout(&explain(&["--lang", "zh"]));
    assert!(chinese.contains("服务暂时没接通") && chinese.contains(reference), "{chinese}");
    drop(daemon);
}

#[test]
fn a_bot_that_is_set_up_in_a_language_speaks_it() {
    let world = World::new();
    let path = |name: &str| world.folder().join(name).display().to_string();
    std::fs::write(path("token"), world.sandbox().bot_token()).expect("a file");
    let keys: Vec<String> = world.sandbox().gemini().keys().into_iter().map(|(_, key, _)| key).collect();
    std::fs::write(path("keys"), keys.join("\n")).expect("a file");
    let (token, keys, folder) = (path("token"), path("keys"), path("made"));
    let init = ["init", "--non-interactive", "--token-file", &token, "--keys-file", &keys, "--dir", &folder];
    let output = world.output(&[&init[..], &["--lang", "zh"]].concat());
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    let shown = json(&world.output(&["config", "show", "-c", &path("made/svs.toml"), "--json"]));
    let settings = shown["settings"].as_array().expect("settings");
    let language = settings.iter().find(|setting| setting["name"] == "telegram.language").expect("a setting");
    assert_eq!(language["value"].as_str(), Some("\"zh\""), "{language}");
    let text = std::fs::read_to_string(path("made/svs.toml")).expect("it is there");
    assert!(text.contains("language = \"zh\"\n"), "{text}");
}

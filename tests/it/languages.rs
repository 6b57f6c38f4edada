//! In which language the bot speaks, and what it shows of itself before anything is said.

use svs::sandbox::telegram::{ChatSpec, TelegramCall, User};

use crate::support::{World, code, owner, stderr, stdout};

/// The calls that change what Telegram shows of the bot.
fn writings(world: &World) -> Vec<TelegramCall> {
    let calls = world.sandbox().telegram().calls();
    calls.into_iter().filter(|call| call.method.starts_with("setMy")).collect()
}

/// Waits until a daemon has looked at everything that Telegram shows: the owner's menu comes last.
fn until_registered(world: &World, starts: usize) {
    let owner = owner().id;
    let looks = || {
        let calls = world.sandbox().telegram().calls();
        let of_owner = |call: &&TelegramCall| {
            call.method == "getMyCommands"
                && call.params["scope"]["chat_id"] == owner
                && (call.params["language_code"] == "zh" || call.status != 200)
        };
        calls.iter().filter(of_owner).count()
    };
    world.wait("the owner's menu", || looks() >= starts);
}

/// The codes under which texts are kept where English is for everybody else.
fn own_codes() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/telegram/locales");
    let files =
        std::fs::read_dir(folder).expect("the languages").map(|entry| entry.expect("a file").file_name());
    let codes = files.filter_map(|name| Some(name.to_str()?.strip_suffix(".ftl")?.to_owned()));
    codes.filter(|code| code != "en").chain(["*".to_owned()]).collect()
}

/// Where a call writes: the scope, and the language code.
fn place(call: &TelegramCall) -> String {
    let scope = call.params["scope"]["type"].as_str().unwrap_or("-");
    let code = call.params["language_code"].as_str().unwrap_or("*");
    format!("{} {scope} {code}", call.method)
}

#[test]
fn menus_and_descriptions_are_written_once_per_scope_and_language() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    until_registered(&world, 1);
    let first = writings(&world);
    let mut places: Vec<String> = first.iter().map(place).collect();
    places.sort();
    let mut expected = Vec::new();
    for code in own_codes() {
        for scope in ["default", "all_private_chats", "all_group_chats"] {
            expected.push(format!("setMyCommands {scope} {code}"));
        }
        expected.extend([format!("setMyDescription - {code}"), format!("setMyShortDescription - {code}")]);
    }
    expected.sort();
    assert_eq!(places, expected);
    assert!(first.iter().all(|call| call.status == 200 && call.flags.is_empty()), "{first:?}");
    let described = |code: &str| {
        let of = |call: &&TelegramCall| place(call) == format!("setMyDescription - {code}");
        first.iter().find(of).expect("it was written").params["description"].clone()
    };
    assert_eq!(described("zh"), "接入 Gemini 的助手：聊天、看图、听语音、读文档。回答边写边出，可随时停止。");
    assert_eq!(
        described("*"),
        "A Gemini assistant: chat, images, voice, documents. Answers appear as they are written; stop any time."
    );
    let in_groups = first.iter().filter(|call| call.params["scope"]["type"] == "all_group_chats");
    for menu in in_groups {
        let names =
            menu.params["commands"].as_array().expect("commands").iter().map(|c| c["command"].clone());
        assert_eq!(names.clone().next(), Some("ask".into()), "what a group needs first");
        assert!(names.clone().count() <= 9 && names.clone().all(|name| name != "vip" && name != "users"));
    }

    // A second start finds everything as it should be.
    assert_eq!(code(daemon.terminate()), "0");
    let mut daemon = world.start_unlimited();
    until_registered(&world, 2);
    assert_eq!(writings(&world).len(), first.len(), "{:?}", writings(&world).last());

    // Another language for everybody else: that of the others is kept under its own code from now on.
    assert_eq!(code(daemon.terminate()), "0");
    let _daemon = world.start_unlimited_with(&[("SVS_TELEGRAM_LANGUAGE", "zh")]);
    until_registered(&world, 3);
    let written: Vec<String> = writings(&world)[first.len()..].iter().map(place).collect();
    assert_eq!(written.len(), 10, "{written:?}");
    assert!(written.iter().all(|place| place.ends_with('*') || place.ends_with(" en")), "{written:?}");
}

#[test]
fn the_bot_speaks_as_chosen_else_as_telegram_does_else_as_configured() {
    for (config, otherwise) in [("en", "Hi P."), ("zh", "你好，P。")] {
        let world = World::new();
        let _daemon = world.start_unlimited_with(&[("SVS_TELEGRAM_LANGUAGE", config)]);
        let cases = [
            (Some("zh"), "你好，P。"),
            (Some("zh-hans"), "你好，P。"),
            (Some("zh-hant"), "你好，P。"),
            (Some("zh-TW"), "你好，P。"),
            (Some("en"), "Hi P."),
            (Some("en-US"), "Hi P."),
            (Some("fr"), otherwise),
            (Some("zho"), otherwise),
            (Some(""), otherwise),
            (None, otherwise),
        ];
        for ((tag, greeting), id) in cases.into_iter().zip(7001..) {
            let who = User { language_code: tag.map(str::to_owned), ..User::new(id, "P") };
            let said = world.ask(&who, "/start", 1).remove(0).text;
            assert!(said.starts_with(greeting), "{tag:?}, {config}: {said}");
        }
    }
}

#[test]
fn a_chosen_language_stays_whatever_telegram_says_and_over_a_restart() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let ann = User::new(7100, "Ann").language("en");
    let offer = world.ask(&ann, "/lang", 1).remove(0);
    for line in ["Choose a language:\n", "\n/lang en English", "\n/lang zh 中文"] {
        assert!(offer.text.contains(line), "{}", offer.text);
    }
    let buttons = offer.markup["inline_keyboard"][0].as_array().expect("buttons").clone();
    let button = buttons.iter().find(|button| button["text"] == "中文").expect("a button of each language");
    telegram.press(&ann, ann.id, offer.message_id, button["callback_data"].as_str().expect("data"));
    world.wait("the choice", || telegram.answers(ann.id)[0].text == "好的，以后我用中文说话。");
    assert!(telegram.answers(ann.id)[0].markup.is_null(), "the buttons have served");
    assert!(world.ask(&ann, "/stop", 2)[1].text.starts_with("现在没有"));
    assert_eq!(code(daemon.terminate()), "0");
    let _daemon = world.start_unlimited();
    assert!(world.ask(&ann, "/stop", 3)[2].text.starts_with("现在没有"));
    for (n, (words, answer)) in [
        ("/lang 英文", "All right"),
        ("/lang Chinese", "好的"),
        ("/lang EN-gb", "All right"),
        ("/lang 火星文", "Choose"),
    ]
    .into_iter()
    .enumerate()
    {
        let said = &world.ask(&ann, words, 4 + n)[3 + n].text;
        assert!(said.starts_with(answer), "{words}: {said}");
    }
    // In a group it is everybody's own.
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    telegram.say(&User::new(7101, "林").language("zh-hans"), &group, "/stop");
    let seen = world.answers(-1_001_234_567_890, 1);
    assert!(seen[0].text.starts_with("现在没有"), "{}", seen[0].text);
}

#[test]
fn a_language_that_is_not_there_is_refused_with_those_that_are() {
    let world = World::new();
    let sandbox = world.output(&["sandbox", "--lang", "xx"]);
    assert_eq!(code(sandbox.status), "64", "{}", stderr(&sandbox));
    assert!(
        stderr(&sandbox).contains("no such language (") && stderr(&sandbox).contains("zh)"),
        "{}",
        stderr(&sandbox)
    );
    let check =
        world.svs(&["config", "check"]).env("SVS_TELEGRAM_LANGUAGE", "xx").output().expect("it starts");
    let said = stderr(&check) + &stdout(&check);
    assert_eq!(code(check.status), "78", "{said}");
    assert!(
        said.contains("telegram.language must be ") && said.contains("\"en\"") && said.contains("\"zh\""),
        "{said}"
    );
}

#[test]
fn what_the_bot_says_by_itself_is_in_the_language_somebody_was_last_seen_with() {
    let world = World::new();
    let mut daemon = world.start_unlimited();
    let person = User::new(2001, "小林").language("zh-hans");
    world.ask(&person, "/start", 1);
    daemon.kill();
    // Nobody has written to this process yet.
    let _daemon = world.start_unlimited();
    world.wait("the new daemon", || world.output(&["status"]).status.success());
    let changed = world.output(&["users", "role", "2001", "premium"]);
    assert!(changed.status.success(), "{}", stderr(&changed));
    let told = &world.answers(person.id, 2)[1].text;
    assert!(told.contains("高级"), "{told}");
}

//! Roles as people and the owner handle them in chat: what is seen there, and what Gemini is asked because of it.

use rusqlite::Connection;
use serde_json::Value;
use svs::sandbox::gemini::{Answer, GeminiCall};
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::canary::Canaries;
use crate::support::{World, chinese, owner};

/// Turns in the request, the question among them.
fn turns(call: &GeminiCall) -> usize {
    let body: Value = serde_json::from_str(&call.body).expect("a request body is JSON");
    body["contents"].as_array().expect("contents").len()
}

fn last_call(world: &World) -> GeminiCall {
    world.sandbox().gemini().generations().pop().expect("a request")
}

/// Says something in private and hands back the answer to it.
fn say(world: &World, user: &User, text: &str) -> String {
    let before = world.sandbox().telegram().answers(user.id).len();
    let seen = world.ask(user, text, before + 1);
    seen[before].text.clone()
}

/// Waits for one more message of the bot, whatever was said, and hands it back.
fn hear(world: &World, user: &User, after: usize) -> String {
    world.answers(user.id, after + 1)[after].text.clone()
}

#[test]
fn a_role_that_the_owner_gives_in_chat_is_in_force_with_the_next_message() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let quick = [("SVS_LIMITS_COOLDOWN", "1ms"), ("SVS_TELEGRAM_PRIVATE_INTERVAL", "50ms")];
    let mut daemon = world.start(&quick);
    let lin = chinese().username("xiao_lin");
    for n in 1..=9 {
        say(&world, &lin, &format!("第 {n} 个问题"));
    }
    assert_eq!((turns(&last_call(&world)), &last_call(&world).key[..1]), (7, "C"), "three rounds of group C");

    let before = world.sandbox().telegram().answers(lin.id).len();
    let done = say(&world, &owner(), "/grant @Xiao_Lin vip 30d");
    assert!(done.starts_with("2001 · 小林 @xiao_lin\n✅ Level: normal → VIP\nEnds in 30 d"), "{done}");
    let told = hear(&world, &lin, before);
    assert!(told.contains("VIP") && told.contains("天"), "{told}");
    let answer = say(&world, &lin, "现在呢？");
    assert!(answer.contains("已进入 VIP（1/3）"), "{answer}");
    assert_eq!(
        (turns(&last_call(&world)), &last_call(&world).key[..1]),
        (15, "A"),
        "seven rounds of group A"
    );
    let who = say(&world, &lin, "/whoami");
    assert!(who.starts_with("ID：2001\n级别：VIP\n记忆：7 轮\n到期：") && who.ends_with("已入座"), "{who}");
    assert_eq!(say(&world, &lin, "/model pro"), "好的，以后用 Pro 回答。");
    say(&world, &lin, "你好");
    assert!(last_call(&world).model.contains("pro"), "{}", last_call(&world).model);

    // A role is stored, not remembered: the next process knows it too.
    daemon.kill();
    let _daemon = world.start(&quick);
    let list = say(&world, &owner(), "/users vip");
    assert!(list.contains("\n2001 · VIP (ends in ") && list.contains(" · 小林 @xiao_lin"), "{list}");
    let before = world.sandbox().telegram().answers(lin.id).len();
    assert!(say(&world, &owner(), "/revoke 2001").ends_with("✅ Taken back; they are normal now."));
    hear(&world, &lin, before);
    let answer = say(&world, &lin, "还有 Pro 吗？");
    assert!(answer.contains("你选的 Pro 不在现在的级别（普通）里，已改回自动。"), "{answer}");
    assert_eq!((turns(&last_call(&world)), &last_call(&world).key[..1]), (7, "C"));
    assert!(!last_call(&world).model.contains("pro"));

    say(&world, &owner(), "/ban 2001 noise");
    let (before, asked) =
        (world.sandbox().telegram().answers(lin.id).len(), world.sandbox().gemini().generations().len());
    for text in ["还在吗？", "/start", "/whoami"] {
        world.sandbox().telegram().say(&lin, &ChatSpec::Private, text);
    }
    world.wait("three updates dropped", || {
        let state = Connection::open(world.folder().join("state/svs.db")).expect("a database");
        let count = "SELECT count(*) FROM inbox WHERE ending = 'dropped:banned'";
        state.query_row(count, [], |row| row.get::<_, u32>(0)).expect("a number") == 3
    });
    assert!(say(&world, &owner(), "/unban 2001").ends_with("✅ Not banned any more."));
    assert_eq!(say(&world, &lin, "回来了"), "回来了");
    assert_eq!(world.sandbox().telegram().answers(lin.id).len(), before + 1, "the banned are not answered");
    assert_eq!(world.sandbox().gemini().generations().len(), asked + 1);
}

#[test]
fn a_bot_without_an_owner_prints_a_link_that_makes_one_owner() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let unowned = [("BOT_OWNER_ID", ""), ("LOG_LEVEL", "warn")];
    let mut daemon = world.start(&unowned);
    let link = "https://t.me/";
    world.wait("the link", || world.log().contains("?start=claim_"));
    let log = world.log();
    assert_eq!(log.matches(link).count(), 1, "{log}");
    let (_, argument) = log.split_once("?start=").expect("a link");
    let argument = argument.split_whitespace().next().expect("an argument").to_owned();

    let (lin, eve) = (chinese(), User::new(2666, "Eve").language("en"));
    assert!(say(&world, &eve, "/start claim_00000000000000000000000000000000").starts_with("Hi Eve."));
    assert_eq!(say(&world, &eve, "/users"), "That is a command for the owner.");
    let claimed = say(&world, &lin, &format!("/start {argument}"));
    assert!(claimed.starts_with("🎉 你现在是这个机器人的管理员。\n\n管理员：\n/users "), "{claimed}");
    assert!(say(&world, &eve, &format!("/start {argument}")).starts_with("Hi Eve."));
    assert_eq!(say(&world, &eve, "/keys"), "That is a command for the owner.");
    assert!(say(&world, &lin, "/users").starts_with("👥 2 人：管理员 1 · 普通 1\n"));
    let menus = || {
        let calls = world.sandbox().telegram().calls();
        let of_owner = |call: &&svs::sandbox::telegram::TelegramCall| {
            call.method == "setMyCommands" && call.params["scope"]["chat_id"] == lin.id && call.status == 200
        };
        calls.iter().filter(of_owner).map(|call| call.params.to_string()).collect::<Vec<_>>()
    };
    world.wait("the owner's menu", || menus().len() == 2);
    assert!(
        menus().iter().all(|menu| menu.contains("\"grant\"") && menu.contains("\"users\"")),
        "{menus:?}",
        menus = menus()
    );

    daemon.kill();
    let _daemon = world.start(&unowned);
    assert!(say(&world, &lin, "/whoami").contains("级别：管理员"));
    assert_eq!(world.log().matches(link).count(), 1, "who has an owner prints no link");
}

#[test]
fn what_the_owner_sees_of_keys_is_no_key() {
    let world = World::new();
    let _daemon = world.start_unlimited();
    let secrets = world.sandbox().gemini().keys();
    let secrets: Vec<_> = secrets.into_iter().map(|(label, secret, _)| (label, secret)).collect();
    assert_eq!(secrets.len(), 25);
    let canaries = Canaries::new(&secrets);
    let english = say(&world, &owner(), "/keys");
    say(&world, &owner(), "/lang zh");
    let chinese = say(&world, &owner(), "/keys");
    for (text, group) in [(&english, "Group A"), (&chinese, "A 组")] {
        canaries.assert_none("/keys", text.as_bytes());
        assert!(text.encode_utf16().count() <= 4096 && text.contains(group), "{text}");
        for (label, secret) in &secrets {
            let line = format!("\n{label} …{} ", &secret[secret.len() - 4..]);
            assert!(text.contains(&line), "{label} in {text}");
        }
    }
}

//! The fake Bot API server as a bot sees it, through reqwest.

use reqwest::Client;
use serde_json::{Value, json};

use super::{ChatSpec, TelegramEvent, TelegramFault, User};
use crate::sandbox::{Options, Sandbox};

mod files;
mod updates;

struct World {
    sandbox: Sandbox,
    client: Client,
    ann: User,
}

impl World {
    async fn start() -> World {
        World::with(Options::default()).await
    }

    async fn with(options: Options) -> World {
        let ann = User::new(42, "Ann").username("ann").language("zh-hans");
        World { sandbox: Sandbox::start(options).await.unwrap(), client: Client::new(), ann }
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.sandbox.telegram_url(), self.sandbox.bot_token())
    }

    async fn try_call(&self, method: &str, params: Value) -> reqwest::Result<Value> {
        let reply = self.client.post(self.url(method)).json(&params).send().await?;
        let status = reply.status().as_u16();
        let body: Value = reply.json().await?;
        assert_eq!(body["ok"].as_bool(), Some(status == 200), "{body}");
        if status != 200 {
            assert_eq!(body["error_code"], status);
        }
        Ok(body)
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        self.try_call(method, params).await.unwrap()
    }

    async fn refusal(&self, method: &str, params: Value) -> String {
        let body = self.call(method, params.clone()).await;
        body["description"].as_str().unwrap_or_else(|| panic!("{method} {params} was taken")).to_owned()
    }

    fn say(&self, text: &str) -> i64 {
        self.sandbox.telegram().say(&self.ann, &ChatSpec::Private, text)
    }
}

#[tokio::test]
async fn a_message_is_measured_cleaned_and_shown_whole() {
    let world = World::start().await;
    world.say("/start hello");
    let update = world.call("getUpdates", json!({})).await["result"][0].clone();
    assert_eq!(update["message"]["entities"][0], json!({"type": "bot_command", "offset": 0, "length": 6}));
    assert_eq!(update["message"]["from"]["language_code"], "zh-hans");
    let send = async |text: &str| world.call("sendMessage", json!({"chat_id": 42, "text": text})).await;
    assert_eq!(send("  hi  ").await["result"]["text"], "hi");
    assert_eq!(send(&"😀".repeat(2048)).await["ok"], true, "4096 units");
    assert_eq!(send(&"😀".repeat(2049)).await["description"], "Bad Request: message is too long");
    assert_eq!(send(" \u{200b}").await["description"], "Bad Request: message text is empty");
    let reply = world
        .call(
            "sendMessage",
            json!({"chat_id": 42, "text": "re", "reply_parameters": {"message_id": 2},
        "reply_markup": {"inline_keyboard": [[{"text": "Stop", "callback_data": "s"}]]}}),
        )
        .await;
    let message = &reply["result"];
    assert_eq!(message["reply_to_message"]["text"], "/start hello");
    assert_eq!(
        (message["from"]["is_bot"].as_bool(), message["chat"]["type"].as_str()),
        (Some(true), Some("private"))
    );
    let table = [
        (json!({"text": "x"}), "chat_id is empty"),
        (json!({"chat_id": 7, "text": "x"}), "chat not found"),
        (json!({"chat_id": 42, "text": "x", "message_thread_id": 9}), "message thread not found"),
        (
            json!({"chat_id": 42, "text": "x", "reply_parameters": {"message_id": 999}}),
            "message to be replied not found",
        ),
        (json!({"chat_id": 42, "text": "x", "reply_parameters": "{"}), "can't parse reply parameters"),
        (json!({"chat_id": 42, "text": "x", "parse_mode": "Wiki"}), "unsupported parse_mode"),
        (
            json!({"chat_id": 42, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 9}]}),
            "ends after",
        ),
        (
            json!({"chat_id": 42, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x",
            "callback_data": "y".repeat(65)}]]}}),
            "BUTTON_DATA_INVALID",
        ),
    ];
    for (params, says) in table {
        let refusal = world.refusal("sendMessage", params.clone()).await;
        assert!(refusal.starts_with("Bad Request: ") && refusal.contains(says), "{params}: {refusal}");
    }
    let lenient = json!({"chat_id": 42, "text": "x", "reply_parameters": {"message_id": 999,
        "allow_sending_without_reply": true}});
    assert!(world.call("sendMessage", lenient).await["result"].get("reply_to_message").is_none());
}

#[tokio::test]
async fn an_edit_must_change_something_of_the_bots_own() {
    let world = World::start().await;
    world.say("q");
    let mut events = world.sandbox.telegram().watch();
    let id =
        world.call("sendMessage", json!({"chat_id": 42, "text": "a"})).await["result"]["message_id"].clone();
    let edit = async |id: &Value, text: &str| {
        world.call("editMessageText", json!({"chat_id": 42, "message_id": id, "text": text})).await
    };
    assert!(
        edit(&id, "a ").await["description"]
            .as_str()
            .unwrap()
            .starts_with("Bad Request: message is not modified")
    );
    assert!(edit(&id, "b").await["result"]["edit_date"].is_i64());
    assert_eq!(edit(&json!(2), "x").await["description"], "Bad Request: message can't be edited");
    assert_eq!(edit(&json!(77), "x").await["description"], "Bad Request: message to edit not found");
    assert_eq!(world.call("deleteMessage", json!({"chat_id": 42, "message_id": id})).await["result"], true);
    assert_eq!(edit(&id, "c").await["description"], "Bad Request: message to edit not found");
    let seen = world.sandbox.telegram().messages(42);
    let texts: Vec<_> = seen[1].edits.iter().map(|edit| edit.1.as_str()).collect();
    assert_eq!((texts, seen[1].deleted, seen[1].from_bot), (vec!["b"], true, true));
    assert!(matches!(events.recv().await.unwrap(), TelegramEvent::Sent(m) if m.text == "a"));
    assert!(matches!(events.recv().await.unwrap(), TelegramEvent::Edited(m) if m.text == "b"));
    assert!(matches!(events.recv().await.unwrap(), TelegramEvent::Deleted { chat_id: 42, .. }));
}

#[tokio::test]
async fn groups_topics_and_privacy_are_as_in_telegram() {
    let world = World::with(Options { privacy: true, ..Options::default() }).await;
    let telegram = world.sandbox.telegram();
    let topic = ChatSpec::topic(-1_001, "Forum", 7);
    assert_eq!(telegram.say(&world.ann, &topic, "just talking"), 0, "privacy mode");
    assert_ne!(telegram.say(&world.ann, &topic, "/ask@SVS_sandbox_bot now"), 0);
    assert_eq!(telegram.say(&world.ann, &topic, "/ask@other_bot now"), 0);
    let update = world.call("getUpdates", json!({})).await["result"][0]["message"].clone();
    assert_eq!(
        (update["message_thread_id"].as_i64(), update["is_topic_message"].as_bool()),
        (Some(7), Some(true))
    );
    assert_eq!((update["message_id"].as_i64(), update["chat"]["is_forum"].as_bool()), (Some(2), Some(true)));
    let sent =
        world.call("sendMessage", json!({"chat_id": -1001, "text": "here", "message_thread_id": 7})).await;
    assert_eq!(sent["result"]["message_thread_id"], 7);
    let id = sent["result"]["message_id"].as_i64().unwrap();
    assert_ne!(telegram.reply(&world.ann, &topic, id, "thanks"), 0, "a reply to the bot is heard");
    telegram.say(&world.ann, &ChatSpec::topic(-1_001, "Forum", 1), "/x");
    let general = json!({"chat_id": -1001, "text": "x", "message_thread_id": 1});
    assert!(world.refusal("sendMessage", general).await.contains("message thread not found"));
    telegram.migrate(-1_001, -1_002);
    let moved = world.call("sendMessage", json!({"chat_id": -1001, "text": "x"})).await;
    assert_eq!(
        (moved["error_code"].as_i64(), moved["parameters"]["migrate_to_chat_id"].as_i64()),
        (Some(400), Some(-1_002))
    );
    world.say("hi");
    telegram.set_blocked(42, true);
    let blocked = world.call("sendMessage", json!({"chat_id": 42, "text": "x"})).await;
    assert_eq!(
        (blocked["error_code"].as_i64(), blocked["description"].as_str()),
        (Some(403), Some("Forbidden: bot was blocked by the user"))
    );
}

#[tokio::test]
async fn a_press_is_answered_once() {
    let world = World::start().await;
    world.say("q");
    let telegram = world.sandbox.telegram();
    let (_, query) = telegram.press(&world.ann, 42, 2, "stop:1");
    let update = world.call("getUpdates", json!({"offset": -1})).await["result"][0]["callback_query"].clone();
    assert_eq!((update["data"].as_str(), update["message"]["text"].as_str()), (Some("stop:1"), Some("q")));
    let answer = json!({"callback_query_id": query, "text": "ok"});
    assert_eq!(world.call("answerCallbackQuery", answer.clone()).await["result"], true);
    assert!(world.refusal("answerCallbackQuery", answer).await.contains("query is too old"));
}

#[tokio::test]
async fn faults_happen_before_or_after_the_work_as_told() {
    let world = World::start().await;
    let telegram = world.sandbox.telegram();
    world.say("q");
    let send = async || world.try_call("sendMessage", json!({"chat_id": 42, "text": "x"})).await;
    telegram.fail("sendMessage", TelegramFault::RetryAfter(30), 1);
    let refused = send().await.unwrap();
    assert_eq!(
        (refused["error_code"].as_i64(), refused["parameters"]["retry_after"].as_i64()),
        (Some(429), Some(30))
    );
    for (fault, done) in [
        (TelegramFault::Close, 0),
        (TelegramFault::DropAfterAccept, 1),
        (TelegramFault::Reset, 1),
        (TelegramFault::Garbage, 2),
    ] {
        telegram.fail("sendMessage", fault, 1);
        assert!(send().await.is_err(), "{fault:?}");
        assert_eq!(telegram.answers(42).len(), done, "{fault:?}");
    }
    telegram.fail("*", TelegramFault::Html(502), 1);
    let page = world.client.get(world.url("getMe")).send().await.unwrap();
    assert!(page.status() == 502 && page.text().await.unwrap().contains("Bad Gateway"));
    telegram.set_flood_limit(Some(20));
    let mut limited = Value::Null;
    for _ in 0..21 {
        limited = send().await.unwrap();
    }
    assert_eq!(limited["error_code"], 429);
    assert!((1..=3).contains(&limited["parameters"]["retry_after"].as_i64().unwrap()));
    telegram.say(&User::new(43, "Bo"), &ChatSpec::Private, "hi");
    assert_eq!(
        world.call("sendMessage", json!({"chat_id": 43, "text": "x"})).await["ok"],
        true,
        "another chat goes on"
    );
}

#[tokio::test]
async fn tokens_methods_and_unknown_parameters_are_noticed() {
    let world = World::start().await;
    let wrong =
        world.client.get(format!("{}/bot1:x/getMe", world.sandbox.telegram_url())).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.json::<Value>().await.unwrap()["description"], "Unauthorized");
    assert_eq!(world.refusal("sendTelepathy", json!({})).await, "Not Found");
    assert_eq!(world.call("GETME", json!({})).await["result"]["username"], "svs_sandbox_bot");
    world.say("q");
    world.call("sendMessageDraft", json!({"chat_id": 42, "draft_id": 1, "can_stop": true})).await;
    let call = world.sandbox.telegram().calls().pop().unwrap();
    assert_eq!(
        (call.method.as_str(), call.flags),
        ("sendMessageDraft", vec!["unknown parameter can_stop".to_owned()])
    );
    let plain = World::with(Options { drafts: false, ..Options::default() }).await;
    assert_eq!(plain.refusal("sendMessageDraft", json!({"chat_id": 42, "draft_id": 1})).await, "Not Found");
}

#[tokio::test]
async fn commands_are_kept_per_scope_and_language() {
    let world = World::start().await;
    let commands = |name: &str| json!([{"command": name, "description": "d"}]);
    world.call("setMyCommands", json!({"commands": commands("new")})).await;
    world
        .call(
            "setMyCommands",
            json!({"commands": commands("neu"), "language_code": "zh",
        "scope": {"type": "all_private_chats"}}),
        )
        .await;
    let get = async |params: Value| world.call("getMyCommands", params).await["result"].clone();
    assert_eq!(get(json!({})).await, commands("new"));
    assert_eq!(get(json!({"language_code": "zh"})).await, json!([]));
    assert_eq!(
        get(json!({"language_code": "zh", "scope": {"type": "all_private_chats"}})).await,
        commands("neu")
    );
    assert!(
        world
            .refusal("setMyCommands", json!({"commands": commands("New!")}))
            .await
            .contains("BOT_COMMAND_INVALID")
    );
    world.call("setMyDescription", json!({"description": "hello"})).await;
    assert_eq!(
        world.call("getMyDescription", json!({"language_code": "zh"})).await["result"]["description"],
        "hello"
    );
}

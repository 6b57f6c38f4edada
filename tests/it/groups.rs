//! The bot among many people: what it listens to, where it answers, and what becomes of its groups.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use serde_json::{Value, json};
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, SeenMessage, User};

use crate::support::{World, chinese, code, english, owner, stderr, turns};

const GROUP: i64 = -4001;
const SUPERGROUP: i64 = -1_001_234_567_890;

fn world() -> World {
    let world = World::new();
    // A question may have a quote before it.
    let own = |question: &str| question.lines().last().unwrap_or_default().to_owned();
    world.sandbox().gemini().answer(Answer::with(move |asked| format!("about {}", own(&asked.question))));
    world
}

fn friends() -> ChatSpec {
    ChatSpec::supergroup(SUPERGROUP, "friends")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The texts of the last request.
fn last_prompt(world: &World) -> Vec<String> {
    let call = world.sandbox().gemini().generations().pop().expect("a request");
    turns(&call).into_iter().map(|(_, text)| text).collect()
}

fn questions(world: &World) -> Vec<String> {
    let calls = world.sandbox().gemini().generations();
    calls.iter().map(|call| turns(call).pop().expect("a question").1).collect()
}

/// Waits until every update so far has ended, and hands back how.
fn endings(world: &World) -> Vec<(i64, String)> {
    world.wait("the last update", || world.sandbox().telegram().pending_updates() == 0);
    let read = || -> Vec<(i64, Option<String>)> {
        rows(world, "SELECT update_id, ending FROM inbox ORDER BY arrival", |row| {
            (row.get(0).expect("an id"), row.get(1).expect("an ending"))
        })
    };
    world.wait("the end of every update", || read().iter().all(|(_, ending)| ending.is_some()));
    read().into_iter().map(|(id, ending)| (id, ending.unwrap_or_default())).collect()
}

fn ending(world: &World, update: i64) -> String {
    let found = endings(world).into_iter().find(|(id, _)| *id == update);
    found.expect("the update was received").1
}

fn rows<T>(world: &World, query: &str, read: impl Fn(&rusqlite::Row<'_>) -> T) -> Vec<T> {
    let database = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    database.busy_timeout(Duration::from_secs(10)).expect("patience");
    let mut select = database.prepare(query).expect("a query");
    let found = select.query_map([], |row| Ok(read(row))).expect("rows");
    found.map(|row| row.expect("a row")).collect()
}

fn texts(messages: &[SeenMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.text.as_str()).collect()
}

/// The id of the latest message of a person in a chat.
fn latest(world: &World, chat: i64) -> i64 {
    let messages = world.sandbox().telegram().messages(chat);
    messages.iter().rfind(|message| !message.from_bot).expect("a message").message_id
}

#[test]
fn who_calls_the_bot_in_a_group_is_answered_there_and_nobody_else() {
    let world = world();
    let _daemon = world.start_unlimited_with(&[("SVS_GROUPS_KEYWORDS", "小助手, Gemini")]);
    let (telegram, ann, lin) = (world.sandbox().telegram(), english(), chinese());
    let me = |offset: usize| {
        json!([{"type": "text_mention", "offset": offset, "length": 3,
        "user": {"id": 7_000_000_001_i64, "is_bot": true, "first_name": "svs"}}])
    };
    telegram.say(&ann, &friends(), "/ask one");
    world.answers(SUPERGROUP, 1);
    let first = telegram.answers(SUPERGROUP)[0].message_id;
    telegram.reply(&ann, &friends(), first, "two");
    world.answers(SUPERGROUP, 2);
    telegram.say(&ann, &friends(), "@svs_sandbox_bot three");
    world.answers(SUPERGROUP, 3);
    telegram.say_with(&ann, &friends(), "Bot four", json!({"entities": me(0)}));
    world.answers(SUPERGROUP, 4);
    telegram.say(&lin, &friends(), "问问ＧＥＭＩＮＩ五");
    world.answers(SUPERGROUP, 5);
    telegram.say(&lin, &friends(), "/ask@svs_sandbox_bot six");
    let seen = world.answers(SUPERGROUP, 6);
    assert_eq!(
        texts(&seen),
        ["about one", "about two", "about three", "about Bot four", "about 问问ＧＥＭＩＮＩ五", "about six"]
    );
    for answer in &seen {
        let question =
            telegram.messages(SUPERGROUP).into_iter().find(|m| Some(m.message_id) == answer.reply_to);
        let question = question.expect("each answer points at its question");
        let asked = answer.text.trim_start_matches("about ");
        assert!(!question.from_bot && question.text.ends_with(asked), "{answer:?} under {question:?}");
    }

    // What is for others: people, other bots, and nobody.
    let robot = User { is_bot: true, ..User::new(6666, "Rose") };
    let ignored = [
        (telegram.say(&ann, &friends(), "hello all"), "dropped:not_addressed"),
        (telegram.say(&ann, &friends(), "geminis are twins"), "dropped:not_addressed"),
        (telegram.say(&ann, &friends(), "/ask@other_bot seven"), "dropped:foreign_command"),
        (telegram.say(&ann, &friends(), "/roll 6"), "dropped:foreign_command"),
        (telegram.say(&ann, &friends(), "/roll@svs_sandbox_bot 6"), "dropped:foreign_command"),
        (telegram.say(&ann, &friends(), "/users"), "dropped:owners_command"),
        (telegram.say(&robot, &friends(), "/ask eight"), "dropped:from_bot"),
        (telegram.say(&robot, &friends(), "gemini nine"), "dropped:from_bot"),
    ];
    for (update, rule) in ignored {
        assert_eq!(ending(&world, update), rule);
    }
    assert_eq!(telegram.answers(SUPERGROUP).len(), 6);
    assert_eq!(world.sandbox().gemini().generations().len(), 6);
}

#[test]
fn a_keyword_fills_the_columns_of_the_predecessor() {
    let world = world();
    let daemon = world.start_unlimited_with(&[("SVS_GROUPS_KEYWORDS", "小助手,Gemini")]);
    let (telegram, lin) = (world.sandbox().telegram(), chinese().username("xiao_lin"));
    for (n, text) in ["小助手在吗", "gemini 呢", "/ask 没有关键词"].into_iter().enumerate() {
        telegram.say(&lin, &friends(), text);
        world.answers(SUPERGROUP, n + 1);
    }
    telegram.say(&lin, &friends(), "/retry");
    world.answers(SUPERGROUP, 4);
    endings(&world);
    drop(daemon);
    let registry = rows(
        &world,
        "SELECT user_id, username, first_name, chat_id, triggered_by_keyword, \
        trigger_count, last_triggered_at > created_at FROM user_registry",
        |row| {
            let text = |at: usize| row.get::<_, String>(at).expect("a text");
            let number = |at: usize| row.get::<_, i64>(at).expect("a number");
            (number(0), text(1), text(2), number(3), text(4), number(5), number(6))
        },
    );
    let lin = (2001, "xiao_lin".to_owned(), "小林".to_owned(), SUPERGROUP, "Gemini".to_owned(), 2, 1);
    assert_eq!(registry, [lin]);
    let history = rows(&world, "SELECT message_text, metadata FROM chat_history ORDER BY id", |row| {
        (row.get::<_, String>(0).expect("a text"), row.get::<_, String>(1).expect("a text"))
    });
    let history: Vec<_> = history
        .iter()
        .map(|(text, metadata)| (text.as_str(), serde_json::from_str::<Value>(metadata).expect("JSON")))
        .collect();
    assert_eq!(
        history,
        [
            ("小助手在吗", json!({"triggered_by_keyword": "小助手"})),
            ("gemini 呢", json!({"triggered_by_keyword": "Gemini"})),
            ("没有关键词", json!({})),
        ]
    );
    // Who is forgotten is forgotten there, too.
    let forgotten = world.output(&["users", "forget", "2001", "--yes"]);
    assert_eq!(code(forgotten.status), "0", "{}", stderr(&forgotten));
    assert!(rows(&world, "SELECT 1 FROM user_registry", |_| ()).is_empty());
}

#[test]
fn a_bare_ask_under_a_message_asks_about_that_message() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, ann, lin) = (world.sandbox().telegram(), english(), chinese());
    for (n, bare) in ["/ask", "@svs_sandbox_bot"].into_iter().enumerate() {
        telegram.say(&lin, &friends(), "光速是多少？");
        let asked = latest(&world, SUPERGROUP);
        telegram.reply(&ann, &friends(), asked, bare);
        let seen = world.answers(SUPERGROUP, n + 1);
        assert_eq!(seen[n].text, "about 光速是多少？");
        assert_eq!(seen[n].reply_to, Some(latest(&world, SUPERGROUP)));
    }
    // In a topic some clients reply to its root all the time: that is no question.
    let forum = ChatSpec::topic(-1_001_234_567_891, "forum", 7);
    let root = json!({"message_id": 7, "date": now(), "chat": {"id": -1_001_234_567_891_i64, "type": "supergroup"},
        "text": "the root", "from": {"id": lin.id, "is_bot": false, "first_name": "小林"}});
    telegram.say_with(&ann, &forum, "/ask", json!({"reply_to_message": root}));
    let seen = world.answers(-1_001_234_567_891, 1);
    assert!(seen[0].text.starts_with("Usage: /ask"), "{}", seen[0].text);
    assert_eq!(seen[0].thread, Some(7));
}

#[test]
fn an_answer_stays_in_its_topic_and_carries_no_thread_elsewhere() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, ann) = (world.sandbox().telegram(), english());
    let forum = -1_001_234_567_891;
    // Known to the bot in private, so that she has a memory.
    world.ask(&ann, "/start", 1);
    let topic = |thread| ChatSpec::topic(forum, "forum", thread);
    telegram.say(&ann, &topic(5), "/ask in five");
    world.answers(forum, 1);
    telegram.say(&ann, &topic(6), "/ask in six");
    world.answers(forum, 2);
    assert_eq!(last_prompt(&world), ["in six"], "a topic is a conversation of its own");
    telegram.say(&ann, &topic(1), "/ask in general");
    world.answers(forum, 3);
    telegram.say(&ann, &topic(5), "/ask again in five");
    let seen = world.answers(forum, 4);
    assert_eq!(last_prompt(&world), ["in five", "about in five", "again in five"]);
    let threads: Vec<Option<i64>> = seen.iter().map(|message| message.thread).collect();
    assert_eq!(threads, [Some(5), Some(6), None, Some(5)]);
    // Outside forums a reply has a thread, too, which is nobody's topic.
    telegram.say_with(&ann, &friends(), "/ask in a thread", json!({"message_thread_id": 44}));
    world.answers(SUPERGROUP, 1);
    let calls = telegram.calls();
    let to_friends = calls.iter().filter(|call| call.params["chat_id"] == SUPERGROUP);
    assert!(to_friends.clone().count() > 0);
    for call in to_friends {
        assert!(call.params.get("message_thread_id").is_none(), "{call:?}");
    }
    for call in calls.iter().filter(|call| call.method == "sendMessage") {
        assert!(call.flags.is_empty(), "{call:?}");
    }
}

/// The service messages by which Telegram says that a group has another id.
fn migrate(world: &World) {
    let telegram = world.sandbox().telegram();
    telegram.migrate(GROUP, SUPERGROUP);
    let from = json!({"id": 2002, "is_bot": false, "first_name": "Ann"});
    telegram.push_raw(
        json!({"message": {"message_id": 900, "date": now(), "from": from, "migrate_to_chat_id": SUPERGROUP,
        "chat": {"id": GROUP, "type": "group", "title": "old"}}}),
    );
    telegram.push_raw(
        json!({"message": {"message_id": 1, "date": now(), "from": from, "migrate_from_chat_id": GROUP,
        "chat": {"id": SUPERGROUP, "type": "supergroup", "title": "old"}}}),
    );
}

/// The rows that still name a chat.
fn rows_of(world: &World, chat: i64) -> Vec<(String, u32)> {
    let columns = [
        ("inbox", "chat"),
        ("outbox", "chat"),
        ("chat_history", "chat_id"),
        ("asked", "chat_id"),
        ("cleared", "chat_id"),
        ("user_registry", "chat_id"),
    ];
    let count = |(table, column): (&str, &str)| {
        let query = format!("SELECT count(*) FROM {table} WHERE {column} = {chat}");
        (table.to_owned(), rows(world, &query, |row| row.get::<_, u32>(0).expect("a number"))[0])
    };
    columns.map(count).to_vec()
}

#[test]
fn a_group_that_becomes_a_supergroup_keeps_its_memory() {
    let world = world();
    let daemon = world.start_unlimited_with(&[("SVS_GROUPS_KEYWORDS", "gemini")]);
    let (telegram, ann) = (world.sandbox().telegram(), english());
    let (old, new) = (ChatSpec::group(GROUP, "old"), ChatSpec::supergroup(SUPERGROUP, "old"));
    world.ask(&ann, "/start", 1);
    telegram.say(&ann, &old, "/ask zero");
    world.answers(GROUP, 1);
    telegram.say(&ann, &old, "/new");
    world.answers(GROUP, 2);
    telegram.say(&ann, &old, "gemini one");
    world.answers(GROUP, 3);
    migrate(&world);
    endings(&world);
    telegram.say(&ann, &new, "gemini two");
    world.answers(SUPERGROUP, 1);
    assert_eq!(last_prompt(&world), ["gemini one", "about gemini one", "gemini two"]);
    endings(&world);
    assert!(rows_of(&world, GROUP).iter().all(|(_, count)| *count == 0), "{:?}", rows_of(&world, GROUP));
    assert!(
        rows_of(&world, SUPERGROUP).iter().all(|(_, count)| *count > 0),
        "{:?}",
        rows_of(&world, SUPERGROUP)
    );
    // Nor does a restart forget where the group is: an old button leads nowhere.
    drop(daemon);
    let _daemon = world.start_unlimited();
    let begun = telegram.answers(GROUP)[1].clone();
    let undo = begun.markup["inline_keyboard"][0][0]["callback_data"].as_str().expect("a button").to_owned();
    let calls = telegram.calls().len();
    telegram.press(&ann, GROUP, begun.message_id, &undo);
    world.wait("the end of the spinner", || {
        telegram.calls()[calls..].iter().any(|call| call.method == "answerCallbackQuery")
    });
    assert_eq!(texts(&telegram.answers(SUPERGROUP)), ["about gemini two"]);
}

#[test]
fn an_answer_in_the_making_follows_its_group_and_arrives_once() {
    for streams in ["auto", "off"] {
        let world = world();
        world.sandbox().gemini().answer(Answer::Long(900));
        let slow = Timing {
            first: Duration::from_millis(300),
            between: Duration::from_millis(60),
            ..Timing::default()
        };
        world.sandbox().gemini().set_timing(slow);
        let mut daemon = world.start_unlimited_with(&[("SVS_TELEGRAM_STREAM", streams)]);
        let (telegram, ann) = (world.sandbox().telegram(), english());
        world.ask(&ann, "/start", 1);
        telegram.say(&ann, &ChatSpec::group(GROUP, "old"), "/ask tell me all");
        world.wait("the generation", || world.sandbox().gemini().in_flight() == 1);
        if streams == "auto" {
            world.wait("its beginning", || !telegram.answers(GROUP).is_empty());
        }
        // Nobody says so but the next call.
        telegram.migrate(GROUP, SUPERGROUP);
        let seen = world.answers(SUPERGROUP, 1);
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert!(seen[0].text.chars().count() > 700, "{}", seen[0].text);
        let refused = telegram.calls();
        let refused = refused.iter().filter(|call| call.params["chat_id"] == GROUP && call.status == 400);
        assert!(refused.count() <= 2, "one look and one row at most");
        world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
        telegram.say(&ann, &ChatSpec::supergroup(SUPERGROUP, "old"), "/ask and?");
        world.answers(SUPERGROUP, 2);
        let prompt = last_prompt(&world);
        assert_eq!((prompt.len(), prompt[0].as_str()), (3, "tell me all"), "the answer is remembered there");
        assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    }
}

#[test]
fn whoever_writes_in_the_name_of_a_chat_is_a_guest_without_memory() {
    let world = world();
    // Not even where guests remember, and not the owner behind it.
    let _daemon = world.start_unlimited_with(&[("SVS_ROLES_GUEST_ROUNDS", "3")]);
    let telegram = world.sandbox().telegram();
    let anonymous = User { is_bot: true, ..User::new(1_087_968_824, "Group").username("GroupAnonymousBot") };
    let channel = User { is_bot: true, ..User::new(136_817_688, "Channel").username("Channel_Bot") };
    let as_group = json!({"sender_chat": {"id": SUPERGROUP, "type": "supergroup", "title": "friends"}});
    let as_channel =
        json!({"sender_chat": {"id": -1_009_999_999_999_i64, "type": "channel", "title": "news"}});
    let mut count = 0;
    for (who, name) in [(&anonymous, &as_group), (&channel, &as_channel)] {
        for text in ["/ask first", "/ask second"] {
            telegram.say_with(who, &friends(), text, name.clone());
            count += 1;
            world.answers(SUPERGROUP, count);
            assert_eq!(last_prompt(&world), [text.trim_start_matches("/ask ")]);
            let call = world.sandbox().gemini().generations().pop().expect("a request");
            assert_eq!(&call.key[..1], "D", "a guest's group");
        }
        telegram.say_with(who, &friends(), "/whoami", name.clone());
        count += 1;
        let seen = world.answers(SUPERGROUP, count);
        assert!(seen[count - 1].text.starts_with("You write anonymously"), "{}", seen[count - 1].text);
        for order in ["/users", "/ban 2001", "/grant 2001 vip"] {
            let update = telegram.say_with(who, &friends(), order, name.clone());
            assert_eq!(ending(&world, update), "dropped:owners_command", "{order}");
        }
    }
    // A post of the linked channel, which Telegram forwards into its group by itself.
    let mut post = as_channel.clone();
    post["is_automatic_forward"] = json!(true);
    let update = telegram.say_with(&User::new(777_000, "Telegram"), &friends(), "/ask the post", post);
    assert_eq!(ending(&world, update), "dropped:channel_post");
    // The owner, who is one elsewhere.
    assert!(world.ask(&owner(), "/whoami", 1)[0].text.contains("owner"));
    assert_eq!(telegram.answers(SUPERGROUP).len(), count);
}

fn membership(world: &World, status: &str) -> i64 {
    let bot = json!({"id": 7_000_000_001_i64, "is_bot": true, "first_name": "svs"});
    world.sandbox().telegram().push_raw(json!({"my_chat_member": {
        "chat": {"id": SUPERGROUP, "type": "supergroup", "title": "friends"}, "date": now(),
        "from": {"id": 2002, "is_bot": false, "first_name": "Ann"},
        "old_chat_member": {"status": "member", "user": bot}, "new_chat_member": {"status": status, "user": bot},
    }}))
}

#[test]
fn where_the_bot_was_removed_it_says_nothing_until_it_is_back() {
    let world = world();
    world.sandbox().gemini().answer(Answer::Long(600));
    let slow = Timing {
        first: Duration::from_millis(200),
        between: Duration::from_millis(100),
        ..Timing::default()
    };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.start_unlimited();
    let (telegram, ann) = (world.sandbox().telegram(), english());
    let asked = [telegram.say(&ann, &friends(), "/ask one"), telegram.say(&ann, &friends(), "/ask two")];
    world.wait("the first words", || !telegram.answers(SUPERGROUP).is_empty());
    telegram.set_blocked(SUPERGROUP, true);
    let left = membership(&world, "kicked");
    assert_eq!(ending(&world, left), "dropped:membership");
    assert_eq!(ending(&world, asked[1]), "dropped:left_chat");
    endings(&world);
    let said = |world: &World| {
        let calls = world.sandbox().telegram().calls();
        calls.iter().filter(|call| call.params["chat_id"] == SUPERGROUP).count()
    };
    let before = said(&world);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(said(&world), before, "nothing more is sent there");
    assert_eq!(world.sandbox().gemini().generations().len(), 1, "and nothing asked for it");
    telegram.set_blocked(SUPERGROUP, false);
    membership(&world, "member");
    world.sandbox().gemini().set_timing(Timing::default());
    telegram.say(&ann, &friends(), "/ask three");
    let seen = world.answers(SUPERGROUP, 2);
    assert!(seen[1].text.chars().count() > 400, "{seen:?}");
}

#[test]
fn a_refusal_in_a_group_is_said_once_a_minute_and_person() {
    let world = world();
    let unlimited = [("SVS_ROLES_GUEST_PER_HOUR", "1"), ("SVS_LIMITS_COOLDOWN", "0s")];
    let _daemon = world.start_unlimited_with(&unlimited);
    let (telegram, ann, lin) = (world.sandbox().telegram(), english(), chinese());
    let mut last = 0;
    for n in 1..=5 {
        for who in [&ann, &lin] {
            last = telegram.say(who, &friends(), &format!("/ask number {n}"));
            // Each in its turn.
            ending(&world, last);
        }
    }
    assert_eq!(ending(&world, last), "refused:hour_cap");
    let seen = world.answers(SUPERGROUP, 4);
    let refusals: Vec<&str> = texts(&seen).into_iter().filter(|text| !text.starts_with("about")).collect();
    assert_eq!(refusals.len(), 2, "{refusals:?}");
    assert!(
        refusals[0].starts_with("You've used this hour's 1") && refusals[1].starts_with("这一小时的 1 次")
    );
    assert_eq!(questions(&world), ["number 1", "number 1"]);
    // In private each question hears why.
    for (n, text) in ["/start", "a", "b"].into_iter().enumerate() {
        world.ask(&ann, text, n + 1);
    }
}

//! The bot among many people: what it listens to, where it answers, and for whom.

use serde_json::{Value, json};
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::groups::{SUPERGROUP, ending, endings, friends, last_prompt, latest, rows, texts, world};
use crate::support::updates::seconds_ago;
use crate::support::{chinese, code, english, owner, stderr};

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
    let root = json!({"message_id": 7, "date": seconds_ago(0), "chat": {"id": -1_001_234_567_891_i64, "type": "supergroup"},
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

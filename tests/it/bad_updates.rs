//! Updates as nobody should send them: each is acknowledged, ends by a named rule or in words, and harms nobody else.

use std::time::Duration;

use serde_json::{Value, json};
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, User};

use crate::support::updates::{echoing, ended, private, questions, seconds_ago, still_answers};
use crate::support::{code, english};

const GROUP: i64 = -1_001_234_567_890;

/// Bad inputs 35 and 43. They come although nobody asked for them: an older list of kinds was in force.
#[test]
fn polls_channel_posts_and_unknown_kinds_are_counted_and_their_words_kept_out_of_the_log() {
    let world = echoing();
    let telegram = world.sandbox().telegram();
    let channel = json!({"id": -1_009_999_999_999_i64, "type": "channel", "title": "C"});
    let mut poll = private(2002, 70, "");
    poll.as_object_mut().expect("an object").remove("text");
    poll["poll"] = json!({"id": "1", "question": "persimmon?", "options": []});
    for update in [
        json!({"poll": {"id": "1", "question": "persimmon?"}}),
        json!({"poll_answer": {"poll_id": "1", "option_ids": [0]}}),
        json!({"message": poll}),
        json!({"channel_post": {"message_id": 1, "date": seconds_ago(0), "chat": channel, "text": "persimmon"}}),
        json!({"edited_channel_post": {"message_id": 1, "date": 1, "chat": channel, "text": "persimmon"}}),
        json!({"hologram": {"message_id": 1, "text": "persimmon", "from": {"id": 2002}}}),
        json!({"message": "persimmon"}),
        json!({"update_kind_of_2031": ["persimmon"]}),
    ] {
        assert!(telegram.push_raw(update) > 0);
    }
    let _daemon = world.start_unlimited_with(&[("LOG_LEVEL", "trace")]);
    let updates = ended(&world, 8);
    assert_eq!(updates["dropped"], json!({"poll": 3, "channel_post": 2, "unknown_kind": 3}));
    world.wait("the offset", || telegram.pending_updates() == 0);
    still_answers(&world);
    assert_eq!(questions(&world), ["still there?"]);
    let log = world.log();
    assert!(log.contains("the bot is up") && !log.contains("persimmon"), "{log}");
}

/// Bad input 35: an edit of the latest question within two minutes asks it again (`memory`); no other does.
#[test]
fn an_edit_that_comes_late_or_is_of_an_earlier_question_asks_nothing() {
    let world = echoing();
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    world.ask(&who, "the first", 1);
    world.ask(&who, "the second", 2);
    let messages = telegram.messages(who.id);
    let id_of = |text: &str| messages.iter().find(|message| message.text == text).expect("said").message_id;
    telegram.edit(who.id, id_of("the first"), "the first, edited");
    let mut late = private(who.id, id_of("the second"), "the second, edited");
    late["date"] = json!(seconds_ago(121));
    late["edit_date"] = json!(seconds_ago(0));
    telegram.push_raw(json!({"edited_message": late}));
    assert_eq!(ended(&world, 4)["dropped"], json!({"edited": 2}));
    assert_eq!((questions(&world).len(), telegram.answers(who.id).len()), (2, 2));
}

/// Bad input 37.
#[test]
fn a_text_of_which_nothing_can_be_seen_is_ignored() {
    let world = echoing();
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    let blanks = [
        " ",
        "\n\t ",
        "\u{200b}",
        "\u{2060}\u{feff}\u{200d}",
        "\u{a0}\u{3000}",
        "\u{3164}",
        "\u{202e}\u{202c}",
    ];
    for blank in blanks {
        telegram.say(&who, &ChatSpec::Private, blank);
    }
    assert_eq!(ended(&world, blanks.len())["dropped"], json!({"blank": blanks.len()}));
    assert!(questions(&world).is_empty() && telegram.answers(who.id).is_empty());
    still_answers(&world);
}

/// Bad input 38.
#[test]
fn of_a_hundred_fragments_in_a_second_four_are_answered_and_few_words_said_of_the_rest() {
    let world = echoing();
    world.sandbox().gemini().set_timing(Timing { first: Duration::from_secs(1), ..Timing::default() });
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    world.ask(&who, "hello", 1);
    for n in 0..100 {
        telegram.say(&who, &ChatSpec::Private, &format!("fragment {n}"));
    }
    still_answers(&world);
    let updates = ended(&world, 102);
    let count =
        |value: &Value| value.as_object().map_or(0, |map| map.values().filter_map(Value::as_u64).sum());
    let answered = updates["answered"].as_u64().expect("a number");
    assert_eq!(answered + count(&updates["refused"]) + count(&updates["dropped"]), 102, "{updates}");
    // One runs and three wait; while they do, a few more may find room.
    assert!((6..=10).contains(&answered), "{updates}");
    let seen = telegram.answers(who.id);
    assert!(seen.len() <= answered as usize + 3, "{} messages: {seen:?}", seen.len());
    assert_eq!(questions(&world).len() as u64, answered);
}

/// Bad input 39.
#[test]
fn what_is_no_text_is_acknowledged_and_parked() {
    let world = echoing();
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let raw = |id: i64, text: &str| {
        let update = json!({"update_id": id, "message": private(2002, id, "TEXT")}).to_string();
        update.replace("TEXT", text)
    };
    let deep = format!("{{\"update_id\":900000003,\"message\":{}1{}}}", "[".repeat(300), "]".repeat(300));
    let odd = [
        (900_000_001, raw(900_000_001, "a\\u0000b")),
        (900_000_002, raw(900_000_002, "a \\ud83c b")),
        (900_000_003, deep),
        (900_000_004, raw(900_000_004, "\\udc00\\ud800")),
    ];
    for (id, json) in &odd {
        telegram.push_text(*id, json);
    }
    still_answers(&world);
    assert_eq!(ended(&world, 5)["dropped"], json!({"unreadable": 4}));
    world.wait("the offset", || telegram.pending_updates() == 0);
    assert_eq!(questions(&world), ["still there?"]);
    assert!(telegram.answers(2002).is_empty() && !world.log().contains("panicked"), "{}", world.log());
}

/// Bad input 40.
#[test]
fn overrides_and_combining_marks_pass_and_are_counted_as_telegram_counts() {
    let world = echoing();
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    let marks = format!("e{}", "\u{301}".repeat(3900));
    let asked = ["\u{202e}abc\u{202c} שלום", marks.as_str(), "👩‍👩‍👧‍👦 and 𝕏"];
    for (n, text) in asked.into_iter().enumerate() {
        let seen = world.ask(&who, text, n + 1);
        // In what the bot says nothing turns a line around.
        assert_eq!(
            seen[n].text,
            text.replace(['\u{202e}', '\u{202c}'], ""),
            "what is echoed is what was said"
        );
    }
    assert_eq!(questions(&world), asked);
    // Longer than a message, and no place to cut it well.
    world.sandbox().gemini().answer(Answer::Text(format!("e{}", "\u{301}".repeat(10_000))));
    telegram.say(&who, &ChatSpec::Private, "marks, please");
    let shown = || -> usize {
        let answers = telegram.answers(who.id);
        answers[asked.len()..].iter().map(|message| message.text.matches('\u{301}').count()).sum()
    };
    world.wait("all marks", || telegram.answers(who.id).len() > asked.len() && shown() >= 10_000);
    world.answers(who.id, asked.len() + 3);
    assert_eq!(shown(), 10_000);
    assert!(telegram.answers(who.id).iter().all(|message| message.text.encode_utf16().count() <= 4096));
    // Nothing had to be refused on the way to that.
    let mut spoken = telegram.calls();
    spoken.retain(|call| ["sendMessage", "editMessageText"].contains(&call.method.as_str()));
    assert!(spoken.iter().all(|call| call.status == 200), "{:?}", spoken.last());
}

/// Bad inputs 41 and 42.
#[test]
fn an_update_is_known_by_its_id_whatever_its_order_or_size() {
    let world = echoing();
    let telegram = world.sandbox().telegram();
    let ids = [2_147_483_648_i64, 500, 9_007_199_254_740_991, 501, 2_147_483_647, 7];
    let user = 4_503_599_627_370_495_i64;
    let push = |n: usize| {
        let message = private(user, 1000 + n as i64, &format!("question {n}"));
        telegram.push_raw(json!({"update_id": ids[n], "message": message}));
    };
    let mut daemon = world.start_unlimited();
    telegram.say(&User::new(user, "P").language("en"), &ChatSpec::Private, "question -1");
    world.answers(user, 1);
    for n in 0..ids.len() {
        push(n);
        world.answers(user, n + 2);
    }
    // Again, in another order, and after a restart.
    (0..ids.len()).rev().for_each(push);
    still_answers(&world);
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    let _daemon = world.start_unlimited();
    (0..ids.len()).for_each(push);
    world.ask(&english(), "the last", 1);
    let texts: Vec<String> = telegram.answers(user).into_iter().map(|message| message.text).collect();
    let expected: Vec<String> = (-1..ids.len() as i64).map(|n| format!("question {n}")).collect();
    assert_eq!(texts, expected);
    assert_eq!(questions(&world).len(), expected.len() + 2);
}

/// Bad input 42.
#[test]
fn a_message_id_beyond_32_bits_is_answered_as_it_is() {
    let world = echoing();
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    let group = ChatSpec::supergroup(GROUP, "friends");
    telegram.say(&who, &group, "/ask a small one");
    world.answers(GROUP, 1);
    let big = 2_147_483_648_i64 + 7;
    let mut message = private(who.id, big, "/ask a big one");
    message["chat"] = json!({"id": GROUP, "type": "supergroup", "title": "friends"});
    telegram.push_raw(json!({"message": message}));
    world.answers(GROUP, 2);
    let sends = telegram.calls().into_iter().filter(|call| call.method == "sendMessage");
    let mut replied = sends.filter_map(|call| call.params["reply_parameters"]["message_id"].as_i64());
    assert_eq!(replied.next_back(), Some(big));
}

/// Bad input 44.
#[test]
fn a_group_that_becomes_a_supergroup_is_followed_while_it_is_answered() {
    let world = echoing();
    world.sandbox().gemini().set_timing(Timing { first: Duration::from_secs(1), ..Timing::default() });
    let _daemon = world.start_unlimited();
    let (telegram, who) = (world.sandbox().telegram(), english());
    let small = ChatSpec::group(-4001, "friends");
    telegram.say(&who, &small, "/ask where are we?");
    world.wait("the question", || world.sandbox().gemini().in_flight() == 1);
    telegram.migrate(-4001, GROUP);
    world.wait("the answer in the new place", || {
        telegram.answers(GROUP).iter().any(|message| message.text == "where are we?")
    });
    // Telegram says it in the old group as well, and people go on in the new one.
    let mut moved = private(who.id, 900, "");
    moved["chat"] = json!({"id": -4001, "type": "group", "title": "friends"});
    moved["migrate_to_chat_id"] = json!(GROUP);
    telegram.push_raw(json!({"message": moved}));
    telegram.say(&who, &ChatSpec::supergroup(GROUP, "friends"), "/ask and now?");
    world
        .wait("the next answer", || telegram.answers(GROUP).iter().any(|message| message.text == "and now?"));
    assert!(telegram.answers(-4001).is_empty());
}

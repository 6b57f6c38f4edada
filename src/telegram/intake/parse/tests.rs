//! What becomes of each kind of update.

mod media;

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use serde_json::json;

use super::*;

fn me() -> Me {
    Me {
        id: 99,
        username: Some("My_Bot".to_owned()),
        can_read_all_group_messages: false,
        has_topics_enabled: None,
    }
}

fn keywords() -> Keywords {
    let mut keywords = Keywords::default();
    assert!(keywords.add("小助手") && keywords.add("Gemini"));
    keywords
}

fn kind(update: &Value) -> Kind {
    let update = read(&update.to_string(), &me(), &keywords()).expect("it has an id");
    assert_eq!(update.update_id, 7);
    update.kind
}

/// An update with a message of user 42, its fields overlaid with `fields`.
fn message(fields: Value) -> Value {
    let mut message = json!({
        "message_id": 5, "date": 1_700_000_000, "chat": {"id": 42, "type": "private"},
        "from": {"id": 42, "is_bot": false, "first_name": "Li", "username": "li", "language_code": "zh-hans"},
    });
    overlay(&mut message, fields);
    json!({"update_id": 7, "message": message})
}

fn group(fields: Value) -> Value {
    let mut update = message(json!({"chat": {"id": -100, "type": "supergroup"}}));
    overlay(&mut update["message"], fields);
    update
}

fn overlay(target: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    for (name, value) in fields {
        target[name] = value;
    }
}

fn read_as_message(update: &Value) -> Message {
    match kind(update) {
        Kind::Message(message) => *message,
        other => panic!("{other:?} for {update}"),
    }
}

fn text_of(update: &Value) -> String {
    match read_as_message(update).body {
        Body::Text(text) => text,
        other => panic!("{other:?} for {update}"),
    }
}

#[test]
fn a_private_text_is_a_question() {
    let read = read_as_message(&message(json!({"text": "你好"})));
    assert_eq!(read.chat, Chat { id: ChatId(42), is_private: true });
    assert_eq!(read.body, Body::Text("你好".to_owned()));
    assert_eq!(read.date, Timestamp::from_millis(1_700_000_000_000));
    assert_eq!(read.sender.language_code.as_deref(), Some("zh-hans"));
    assert!(!read.sender.is_anonymous && !read.is_edit);
}

/// Inputs 35 to 54 of the design, as far as reading decides them.
#[test]
fn what_needs_no_answer_is_dropped_by_a_named_rule() {
    let cases = [
        ("channel_post", json!({"update_id": 7, "channel_post": {"message_id": 1}})),
        ("poll", json!({"update_id": 7, "poll": {"id": "1"}})),
        ("poll", message(json!({"poll": {"id": "1"}}))),
        ("no_chat", json!({"update_id": 7, "my_chat_member": {}})),
        ("unknown_kind", json!({"update_id": 7, "hologram": {"text": "hi"}})),
        ("unknown_kind", json!({"update_id": 7, "message": "no object"})),
        ("unknown_kind", json!({"update_id": 7, "callback_query": {"data": "x"}})),
        ("blank", message(json!({"text": " \u{200b}\n"}))),
        ("unreadable", message(json!({"text": "a\0b"}))),
        ("from_bot", message(json!({"text": "hi", "from": {"id": 1, "is_bot": true}}))),
        ("service", message(json!({"new_chat_members": []}))),
        ("no_chat", json!({"update_id": 7, "message": {"text": "hi"}})),
        (
            "channel_post",
            group(json!({"text": "hi", "is_automatic_forward": true, "sender_chat": {"id": -5}})),
        ),
        ("not_addressed", group(json!({"text": "hello all"}))),
        ("not_addressed", group(json!({"photo": []}))),
        ("not_addressed", group(json!({"text": "mail@my_bot.example", "entities": []}))),
        ("foreign_command", group(json!({"text": "/stop@other_bot"}))),
        ("foreign_command", group(json!({"text": "/roll"}))),
        ("foreign_command", message(json!({"text": "/kick@other"}))),
        ("not_addressed", group(json!({"text": "geminis are twins"}))),
        ("from_bot", group(json!({"text": "gemini!", "from": {"id": 1, "is_bot": true}}))),
        ("foreign_command", group(json!({"text": "/roll gemini"}))),
        (
            "not_addressed",
            group(json!({
                "text": "in the topic", "message_thread_id": 50, "is_topic_message": true,
                "reply_to_message": {"message_id": 50, "from": {"id": 99, "is_bot": true}},
            })),
        ),
    ];
    for (rule, update) in cases {
        assert_eq!(kind(&update), Kind::Dropped(rule), "{update}");
    }
}

#[test]
fn a_lone_surrogate_costs_its_update_and_no_other() {
    let raw = r#"{"update_id": 7, "message": {"text": "\ud800"}}"#;
    assert_eq!(
        read(raw, &me(), &keywords()),
        Some(Update { update_id: 7, kind: Kind::Dropped("unreadable") })
    );
    let deep = format!(r#"{{"update_id":7,"x":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(
        read(&deep, &me(), &keywords()),
        Some(Update { update_id: 7, kind: Kind::Dropped("unreadable") })
    );
    for raw in ["", "{}", "[]", "null", r#"{"update_id":"x"}"#, r#"{"update_id":"#] {
        assert_eq!(read(raw, &me(), &keywords()), None, "{raw}");
    }
}

#[test]
fn entities_and_replies_of_unknown_kinds_lose_no_text() {
    let date =
        json!([{"type": "date_time", "offset": 0, "length": 5, "unix_time": 1, "date_time_format": "r"}]);
    assert_eq!(text_of(&message(json!({"text": "today at 5", "entities": date}))), "today at 5");
    let rich = json!({"message_id": 3, "rich_message": {"blocks": []}, "chat": {"id": 42}});
    assert_eq!(text_of(&message(json!({"text": "why?", "reply_to_message": rich}))), "why?");
    let wrong = json!({"text": "hi", "entities": {"type": 3}, "reply_to_message": [], "sender_chat": 1});
    assert_eq!(text_of(&message(wrong)), "hi");
    let odd = "\u{202e}abc e\u{301}\u{301}";
    assert_eq!(text_of(&message(json!({"text": odd}))), odd);
}

#[test]
fn ids_beyond_32_bits_are_kept() {
    let big = 9_007_199_254_740_000_i64;
    let read = read_as_message(&message(json!({
        "text": "hi", "message_id": big, "from": {"id": big, "is_bot": false, "first_name": "x"},
    })));
    assert_eq!((read.message_id, read.sender.id), (big, UserId(big)));
}

#[test]
fn who_has_no_name_is_anonymous() {
    let anonymous = json!({
        "text": "/ask why", "sender_chat": {"id": -100}, "from": {"id": 1_087_968_824, "is_bot": true},
    });
    let read = read_as_message(&group(anonymous));
    assert!(read.sender.is_anonymous);
    assert_eq!(read.sender.id, UserId(-100));
    let nobody = read_as_message(&message(json!({"text": "hi", "from": null})));
    assert!(nobody.sender.is_anonymous);
}

#[test]
fn in_a_group_the_bot_listens_to_replies_mentions_and_commands() {
    let ours = json!({"message_id": 3, "from": {"id": 99, "is_bot": true}});
    assert_eq!(text_of(&group(json!({"text": "and then?", "reply_to_message": ours.clone()}))), "and then?");
    let mention = json!([{"type": "hashtag"}, {"type": "mention", "offset": 0, "length": 7}]);
    assert_eq!(text_of(&group(json!({"text": "@my_bot 为什么？", "entities": mention.clone()}))), "为什么？");
    assert_eq!(text_of(&group(json!({"text": "why, @MY_BOT ?", "entities": mention}))), "why, ?");
    let by_name = json!([{"type": "text_mention", "offset": 0, "length": 3, "user": {"id": 99}}]);
    assert_eq!(text_of(&group(json!({"text": "Bot why", "entities": by_name}))), "Bot why");
    let ask = read_as_message(&group(json!({"text": "/ask@my_bot why"})));
    assert_eq!(ask.body, Body::Command(Command::Ask, "why".to_owned()));
    let photo =
        read_as_message(&group(json!({"photo": [], "reply_to_message": ours, "media_group_id": "1"})));
    let album = Some("1".to_owned());
    assert_eq!(photo.body, Body::Media { kind: "photo", caption: String::new(), album });
}

#[test]
fn a_thread_is_a_topic_only_where_telegram_says_so() {
    let in_topic = group(json!({"text": "/new", "message_thread_id": 50, "is_topic_message": true}));
    assert_eq!(read_as_message(&in_topic).topic, Some(50));
    let in_thread = group(json!({"text": "/new", "message_thread_id": 50}));
    assert_eq!(read_as_message(&in_thread).topic, None);
}

#[test]
fn an_edit_is_marked_and_dated_by_the_edit() {
    let mut update = message(json!({"text": "again", "edit_date": 1_700_000_060}));
    let edited = update["message"].take();
    let read = read_as_message(&json!({"update_id": 7, "edited_message": edited}));
    assert!(read.is_edit);
    assert_eq!(read.date, Timestamp::from_millis(1_700_000_060_000));
}

#[test]
fn a_commands_words_are_kept_and_unknown_ones_are_told_apart() {
    let read = |text: &str| read_as_message(&message(json!({ "text": text }))).body;
    assert_eq!(read("/start ref1"), Body::Command(Command::Start, "ref1".to_owned()));
    assert_eq!(read("/LANG zh"), Body::Command(Command::Lang, "zh".to_owned()));
    assert_eq!(read("/kick <b>x</b>"), Body::Command(Command::Kick, "<b>x</b>".to_owned()));
    assert_eq!(read("/kiss 10000000000000000000"), Body::UnknownCommand);
}

#[test]
fn presses_stops_and_migrations_are_read() {
    let press = json!({"update_id": 7, "callback_query": {
        "id": "q1", "from": {"id": 42, "is_bot": false, "first_name": "Li"}, "data": "stop",
        "message": {"message_id": 5, "date": 0, "chat": {"id": -100, "type": "supergroup"}},
    }});
    let Kind::Pressed(press) = kind(&press) else { panic!("a press") };
    assert_eq!((press.query_id.as_str(), press.data.as_str(), press.message_id), ("q1", "stop", Some(5)));
    let conversation = ConversationId { chat: ChatId(-100), topic: None, user: UserId(42) };
    assert_eq!(press.conversation, Some(conversation));

    let stop = json!({"update_id": 7, "stopped_message_generation": {
        "chat": {"id": 42, "type": "private"}, "message_thread_id": 3, "draft_id": 1,
    }});
    let conversation = ConversationId { chat: ChatId(42), topic: Some(3), user: UserId(42) };
    assert_eq!(kind(&stop), Kind::DraftStopped { at: conversation, draft: Some(1) });

    let moved = group(json!({"migrate_to_chat_id": -1_001_000_000_001_i64}));
    assert_eq!(kind(&moved), Kind::Migrated { from: ChatId(-100), to: ChatId(-1_001_000_000_001) });
    let moved = group(json!({"migrate_from_chat_id": -7}));
    assert_eq!(kind(&moved), Kind::Migrated { from: ChatId(-7), to: ChatId(-100) });
}

#[test]
fn the_bot_learns_where_it_may_speak() {
    let cases = [
        (json!({"status": "left"}), false),
        (json!({"status": "kicked", "until_date": 0}), false),
        (json!({"status": "restricted", "is_member": true, "can_send_messages": false}), false),
        (json!({"status": "restricted", "is_member": false, "can_send_messages": true}), false),
        (json!({"status": "restricted", "is_member": true, "can_send_messages": true}), true),
        (json!({"status": "member"}), true),
        (json!({"status": "administrator"}), true),
        (json!({"status": "a status of next year"}), true),
    ];
    for (member, can_speak) in cases {
        let update = json!({"update_id": 7, "my_chat_member": {
            "chat": {"id": -100, "type": "group"}, "from": {"id": 42}, "date": 1,
            "old_chat_member": {"status": "member"}, "new_chat_member": member,
        }});
        assert_eq!(kind(&update), Kind::Membership { chat: ChatId(-100), can_speak }, "{update}");
    }
}

#[test]
fn a_keyword_calls_in_groups_only_and_is_named() {
    let keyword = |update: Value| read_as_message(&update).keyword;
    assert_eq!(keyword(group(json!({"text": "问问GEMINI吧"}))).as_deref(), Some("Gemini"));
    let photo = read_as_message(&group(json!({"photo": [], "caption": "小助手看看"})));
    assert_eq!((photo.is_for_us, photo.keyword.as_deref()), (true, Some("小助手")));
    // Who speaks to us anyway is called by no keyword.
    assert_eq!(keyword(message(json!({"text": "Gemini?"}))), None);
    assert_eq!(keyword(group(json!({"text": "/ask gemini"}))), None);
    let ours = json!({"message_id": 3, "from": {"id": 99, "is_bot": true}});
    assert_eq!(keyword(group(json!({"text": "gemini?", "reply_to_message": ours}))), None);
}

#[test]
fn our_name_alone_is_as_a_bare_ask() {
    let mention = json!([{"type": "mention", "offset": 0, "length": 7}]);
    let alone = read_as_message(&group(json!({"text": "@my_bot", "entities": mention})));
    assert_eq!(alone.body, Body::Command(Command::Ask, String::new()));
}

/// Any JSON, with the names that reading looks for.
#[test]
fn a_reply_names_its_author_if_that_is_a_person() {
    let person = json!({"id": 5, "is_bot": false, "first_name": "Mo"});
    let bot = json!({"id": 6, "is_bot": true, "first_name": "Rose"});
    let reply =
        |reply: Value| read_as_message(&group(json!({"text": "/ban", "reply_to_message": reply}))).replied;
    let Some(Author::Person(author)) = reply(json!({"message_id": 4, "from": person})) else {
        panic!("a person")
    };
    assert_eq!((author.id, author.first_name.as_deref()), (UserId(5), Some("Mo")));
    for nobody in [
        json!({"message_id": 4, "from": bot}),
        json!({"message_id": 4, "from": person, "sender_chat": {"id": -100}}),
        json!({"message_id": 4}),
        json!({"message_id": 4, "from": {"id": "five"}}),
    ] {
        assert_eq!(reply(nobody.clone()), Some(Author::Nobody), "{nobody}");
    }
    assert_eq!(reply(json!(null)), None);
    // Some clients attach the root of a topic to everything that is said in it.
    let in_topic = json!({"text": "/ban", "message_thread_id": 4, "is_topic_message": true,
        "reply_to_message": {"message_id": 4, "from": person}});
    assert_eq!(read_as_message(&group(in_topic)).replied, None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("private"),
            Just("mention"),
            Just("/ask@my_bot x"),
            Just("@my_bot"),
            Just("@My_Botx@my_bot"),
            Just("photo"),
        ]
        .prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("message"),
        Just("edited_message"),
        Just("callback_query"),
        Just("chat"),
        Just("id"),
        Just("type"),
        Just("message_id"),
        Just("from"),
        Just("text"),
        Just("entities"),
        Just("data"),
        Just("user"),
        Just("reply_to_message"),
        Just("sender_chat"),
        Just("date"),
        Just("photo"),
        Just("caption_entities"),
        Just("caption"),
        Just("document"),
        Just("voice"),
        Just("media_group_id"),
        Just("file_id"),
        Just("file_size"),
        Just("duration"),
        Just("width"),
        Just("quote"),
        Just("external_reply"),
        Just("rich_message"),
        Just("blocks"),
        Just("cells"),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..6).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_reading_panic(mut update in any_json(), id in any::<i64>()) {
        if let Some(fields) = update.as_object_mut() {
            fields.insert("update_id".to_owned(), id.into());
            assert_eq!(read(&update.to_string(), &me(), &keywords()).map(|update| update.update_id), Some(id));
        }
    }

    #[test]
    fn no_text_makes_reading_panic(raw in "(?s).{0,200}") {
        let _ = read(&raw, &me(), &keywords());
        let _ = read(&format!("{{\"update_id\": {raw}"), &me(), &keywords());
    }
}

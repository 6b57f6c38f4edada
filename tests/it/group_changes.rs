//! What becomes of groups, and of what is asked there meanwhile: they migrate, they put the bot out, they ask too much.

use std::time::Duration;

use serde_json::json;
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::ChatSpec;

use crate::support::groups::{GROUP, SUPERGROUP, ending, endings, friends, last_prompt, rows, texts, world};
use crate::support::updates::{questions, seconds_ago};
use crate::support::{World, chinese, code, english};

/// The service messages by which Telegram says that a group has another id.
fn migrate(world: &World) {
    let telegram = world.sandbox().telegram();
    telegram.migrate(GROUP, SUPERGROUP);
    let from = json!({"id": 2002, "is_bot": false, "first_name": "Ann"});
    telegram.push_raw(
        json!({"message": {"message_id": 900, "date": seconds_ago(0), "from": from, "migrate_to_chat_id": SUPERGROUP,
        "chat": {"id": GROUP, "type": "group", "title": "old"}}}),
    );
    telegram.push_raw(
        json!({"message": {"message_id": 1, "date": seconds_ago(0), "from": from, "migrate_from_chat_id": GROUP,
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
fn a_stop_in_the_new_chat_ends_what_was_asked_in_the_old_one() {
    let world = world();
    world.sandbox().gemini().answer(Answer::Long(4000));
    // It may be asked in the very moment in which the first ends.
    world.sandbox().gemini().answer_when("and then?", Answer::Echo);
    let slow = Timing {
        first: Duration::from_millis(100),
        between: Duration::from_millis(100),
        ..Timing::default()
    };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.start_unlimited();
    let (telegram, gemini, ann) = (world.sandbox().telegram(), world.sandbox().gemini(), english());
    let new = ChatSpec::supergroup(SUPERGROUP, "old");
    telegram.say(&ann, &ChatSpec::group(GROUP, "old"), "/ask tell me all");
    world.wait("the first words", || !telegram.answers(GROUP).is_empty());
    migrate(&world);
    // One question at a time, as before.
    telegram.say(&ann, &new, "/ask and then?");
    telegram.say(&ann, &new, "/stop");
    world.wait_for("the end of the call", Duration::from_secs(1), || gemini.in_flight() == 0);
    let seen = world.answers(SUPERGROUP, 2);
    assert!(seen[0].text.ends_with("\n\n⏹ Stopped.") && seen[0].text.len() > 50, "{seen:?}");
    assert!(seen[0].markup.to_string().contains("Continue"), "{seen:?}");
    assert_eq!((seen.len(), seen[1].text.as_str()), (2, "and then?"));
}

fn membership(world: &World, status: &str) -> i64 {
    let bot = json!({"id": 7_000_000_001_i64, "is_bot": true, "first_name": "svs"});
    world.sandbox().telegram().push_raw(json!({"my_chat_member": {
        "chat": {"id": SUPERGROUP, "type": "supergroup", "title": "friends"}, "date": seconds_ago(0),
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

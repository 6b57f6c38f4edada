//! A person talks to the bot: what they see, and what Gemini was asked for it.

use std::time::Duration;

use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, TelegramFault, User};

use crate::support::{World, chinese, code, english, owner, turns};

#[test]
fn a_question_is_answered_once_by_edits_of_one_message() {
    let world = World::new();
    let answer = "The sky is blue because air scatters short waves more than long ones. ".repeat(12);
    world.sandbox().gemini().answer(Answer::Text(answer.clone()));
    let slow =
        Timing { first: Duration::from_millis(50), between: Duration::from_millis(60), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.run();
    let seen = world.ask(&english(), "Why is the sky blue?", 1);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0].text.trim(), answer.trim());
    assert!(!seen[0].edits.is_empty(), "the answer grew in place");
    assert_eq!(world.sandbox().gemini().generations().len(), 1);
    assert!(world.sandbox().gemini().generations()[0].flags.is_empty());
}

#[test]
fn what_is_remembered_depends_on_the_role() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
    let _daemon = world.run();
    let person = english();
    // A person in private is normal: three rounds.
    for n in 1..=5 {
        world.ask(&person, &format!("question number {n}"), n);
    }
    let last = world.sandbox().gemini().generations().into_iter().next_back().expect("five requests");
    let expected: Vec<(String, String)> = [2, 3, 4]
        .into_iter()
        .flat_map(|n| {
            let question = format!("question number {n}");
            [("user".to_owned(), question.clone()), ("model".to_owned(), format!("about {question}"))]
        })
        .chain([("user".to_owned(), "question number 5".to_owned())])
        .collect();
    assert_eq!(turns(&last), expected);
    // Somebody met only in a group is a guest: nothing is remembered.
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    let guest = User::new(3001, "Gus").language("en");
    for n in 1..=2 {
        world.sandbox().telegram().say(&guest, &group, &format!("/ask and {n}?"));
        world.answers(group.chat_id(&guest), n);
    }
    let last = world.sandbox().gemini().generations().into_iter().next_back().expect("seven requests");
    assert_eq!(turns(&last), [("user".to_owned(), "and 2?".to_owned())]);
    assert!(last.key.starts_with('D'), "a guest is served by D, not {}", last.key);
}

#[test]
fn commands_speak_the_users_language() {
    let world = World::new();
    let _daemon = world.run();
    let commands = ["/start", "/help", "/status", "/vip", "/new"];
    for (person, word) in [(chinese(), "的"), (english(), "the")] {
        for (n, command) in commands.iter().enumerate() {
            let seen = world.ask(&person, command, n + 1);
            assert_eq!(seen.len(), n + 1, "{command} has one answer");
        }
        let all: String =
            world.answers(person.id, commands.len()).iter().map(|message| message.text.clone()).collect();
        let han = all.chars().filter(|sign| ('\u{4e00}'..='\u{9fff}').contains(sign)).count();
        assert!(all.contains(word) && (han > 20) == (word == "的"), "{all}");
        assert!(all.contains("25") && all.contains("0/3"), "the counts of the predecessor: {all}");
    }
    assert!(world.sandbox().gemini().generations().is_empty(), "commands cost no generation");
    // /lang overrides the client's language, and lasts.
    let person = english();
    world.ask(&person, "/lang zh", commands.len() + 1);
    let seen = world.ask(&person, "/help", commands.len() + 2);
    let last = seen.last().expect("an answer");
    assert!(last.text.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign)), "{}", last.text);
}

#[test]
fn in_a_group_only_questions_to_the_bot_are_answered() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let _daemon = world.run();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    let chat = group.chat_id(&person);
    telegram.say(&person, &group, "nice weather today");
    telegram.say(&person, &group, "/ask@another_bot what is 2 + 2?");
    telegram.say(&person, &group, "/ask what is 3 + 3?");
    let seen = world.answers(chat, 1);
    assert_eq!(seen[0].text, "what is 3 + 3?");
    assert!(seen[0].reply_to.is_some(), "an answer in a group names its question");
    telegram.reply(&person, &group, seen[0].message_id, "and 4 + 4?");
    let seen = world.answers(chat, 2);
    assert!(seen[1].text.ends_with("\n\nand 4 + 4?"), "its own words come last: {}", seen[1].text);
    assert_eq!(world.sandbox().gemini().generations().len(), 2);
}

#[test]
fn stop_cuts_the_answer_and_keeps_what_was_written() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Long(4000));
    let slow = Timing { first: Duration::ZERO, between: Duration::from_millis(150), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.run();
    let (telegram, person) = (world.sandbox().telegram(), english());
    telegram.say(&person, &ChatSpec::Private, "Tell me everything.");
    world.wait("the opening", || !telegram.answers(person.id).is_empty());
    telegram.say(&person, &ChatSpec::Private, "/stop");
    world.wait_for("the end of the upstream call", Duration::from_secs(3), || {
        world.sandbox().gemini().in_flight() == 0
    });
    let seen = world.answers(person.id, 1);
    assert!(seen[0].text.chars().count() < 4000, "it was cut");
    assert!(seen[0].text.chars().count() > 40, "and what was written is kept");
}

#[test]
fn the_next_question_waits_for_the_answer_before_it() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let slow = Timing { first: Duration::from_millis(400), between: Duration::ZERO, chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.run();
    let (telegram, person) = (world.sandbox().telegram(), english());
    for n in 1..=3 {
        telegram.say(&person, &ChatSpec::Private, &format!("number {n}"));
    }
    world.wait("three generations", || world.sandbox().gemini().generations().len() == 3);
    world.wait("three answers", || {
        let answers = telegram.answers(person.id);
        (1..=3).all(|n| answers.iter().any(|message| message.text == format!("number {n}")))
    });
    let calls = world.sandbox().gemini().generations();
    for pair in calls.windows(2) {
        let ended = pair[0].ended.as_ref().expect("ended").0;
        assert!(pair[1].at >= ended, "one running answer per conversation");
    }
}

#[test]
fn a_stranger_update_hurts_nobody() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let mut daemon = world.run();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let chat = serde_json::json!({"id": 2002, "type": "private", "first_name": "Ann"});
    let from = serde_json::json!({"id": 2002, "is_bot": false, "first_name": "Ann", "language_code": "en"});
    for update in [
        serde_json::json!({"poll": {"id": "1"}}),
        serde_json::json!({"message": null}),
        serde_json::json!({"message": {"message_id": 2_147_483_648_i64, "date": 1, "chat": chat, "text": 5}}),
        serde_json::json!({"message": {"message_id": 77, "date": "soon", "chat": chat, "from": from, "sticker": {}}}),
        serde_json::json!({"something_new": {"text": "hello"}}),
        serde_json::json!({"callback_query": {"id": "1", "from": from, "data": "forged"}}),
        serde_json::json!({"message": {"message_id": 78, "chat": chat, "from": from, "text": "\u{0}\u{200b}"}}),
    ] {
        telegram.push_raw(update);
    }
    world.sandbox().telegram().say(&person, &ChatSpec::Private, "still there?");
    world.wait("the answer", || {
        telegram.answers(person.id).iter().any(|message| message.text == "still there?")
    });
    // A text with an entity that no library knows keeps its words.
    let date =
        serde_json::json!({"entities": [{"type": "date_time", "offset": 0, "length": 8, "unix_time": 1}]});
    telegram.say_with(&person, &ChatSpec::Private, "tomorrow at noon?", date);
    world.wait("the answer", || {
        telegram.answers(person.id).iter().any(|message| message.text == "tomorrow at noon?")
    });
    assert!(!daemon.has_ended());
    assert!(!world.log().contains("panicked"), "{}", world.log());
}

#[test]
fn a_terminated_daemon_finishes_what_it_answers() {
    let world = World::new();
    let answer = "Slowly, but to its very end. ".repeat(10);
    world.sandbox().gemini().answer(Answer::Text(answer.clone()));
    let slow =
        Timing { first: Duration::from_millis(100), between: Duration::from_millis(100), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let mut daemon = world.run();
    let (telegram, person) = (world.sandbox().telegram(), english());
    telegram.say(&person, &ChatSpec::Private, "Take your time.");
    world.wait("the opening", || !telegram.answers(person.id).is_empty());
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    let seen = telegram.answers(person.id);
    assert_eq!((seen.len(), seen[0].text.trim()), (1, answer.trim()));
}

#[test]
fn telegram_away_at_the_start_is_waited_for() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world.sandbox().telegram().fail("*", TelegramFault::Reset, 4);
    let _daemon = world.start(&[]);
    let seen = world.ask(&english(), "are you there?", 1);
    assert_eq!(seen[0].text, "are you there?");
}

#[test]
fn a_wrong_token_ends_the_daemon_with_its_cause() {
    let world = World::new();
    let mut daemon =
        world.start(&[("TELEGRAM_BOT_SVSKILO_TOKEN", "7000000001:AAwrongwrongwrongwrongwrongwrongwro")]);
    assert_eq!(code(daemon.end(Duration::from_secs(20))), "78", "{}", world.log());
    let log = world.log();
    assert!(log.contains("401") || log.to_lowercase().contains("token"), "{log}");
    assert!(!log.contains("wrongwrong"), "the token is not repeated");
}

#[test]
fn a_second_daemon_on_the_same_state_steps_back() {
    let world = World::new();
    let _first = world.run();
    let mut second = world.start(&[("SVS_SOCKET", "/nonexistent/other.sock")]);
    assert_eq!(code(second.end(Duration::from_secs(5))), "75", "{}", world.log());
}

#[test]
fn a_failing_key_is_passed_over_and_the_person_sees_only_the_answer() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    // Half of the keys of C fail, each in its own way; the owner is told about the dead ones.
    world.sandbox().gemini().fail("C1=429,C2=403leaked,C5=400key").expect("known faults");
    // Without a cooldown, lest the group be busy and another one named.
    let _daemon = world.start_unlimited();
    // Telegram lets a bot write only to those who have written to it.
    world.ask(&owner(), "/start", 1);
    for n in 1..=6 {
        let person = User::new(4000 + n, "P").language("en");
        let seen = world.ask(&person, &format!("hello number {n}"), 1);
        assert_eq!(seen[0].text, format!("hello number {n}"), "{}", world.log());
    }
    let generations = world.sandbox().gemini().generations();
    let dead =
        ["C2", "C5"].into_iter().filter(|label| generations.iter().any(|call| *call.key == **label)).count();
    assert!(dead > 0, "with three of six keys bad, six people meet one");
    let told = world.answers(owner().id, dead + 1);
    assert_eq!(told.len(), dead + 1, "the owner is told of each dead key once: {told:?}");
}

//! The whole bot against both other sides on loopback.

mod again;
mod buttons;
mod door;
mod orders;
mod roles;
mod vip;

use std::time::{Duration, Instant};

use serde_json::json;

use super::testing::{FakeBotApi, Fault, Setup, private};
use super::{run::RunEnd, stream::CURSOR};
use crate::clock::Clock;
use crate::domain::chat::UserId;
use crate::domain::reference::{RequestId, RequestName};
use crate::store::Incoming;

const ME: i64 = 42;

fn finals(fake: &FakeBotApi, chat: i64) -> Vec<String> {
    fake.texts(chat).into_iter().filter(|text| !text.ends_with(CURSOR)).collect()
}

async fn until_said(fake: &FakeBotApi, chat: i64, texts: &[&str]) {
    fake.until(|fake| finals(fake, chat) == texts).await;
}

#[tokio::test]
async fn a_question_is_answered_once_however_often_it_comes() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    for _ in 0..5 {
        setup.fake.write(1, "hello");
    }
    until_said(&setup.fake, ME, &["echo: hello"]).await;
    setup.fake.write(1, "hello");
    setup.fake.write(2, "and again");
    until_said(&setup.fake, ME, &["echo: hello", "echo: and again"]).await;
    assert_eq!(setup.gemini.asked(), [vec!["hello"], vec!["hello", "echo: hello", "and again"]]);
    assert_eq!(bot.endings().await, [("answered".to_owned(), 2)]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn answers_come_in_order_and_status_overtakes_them() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, "a slow one with many words in it so that it takes its time to the end");
    setup.fake.until(|fake| fake.texts(ME).len() == 1).await;
    setup.fake.write(2, "two");
    setup.fake.write(3, "three");
    setup.fake.write(4, "/status");
    setup.fake.until(|fake| finals(fake, ME).iter().any(|text| text.starts_with("📊"))).await;
    assert_eq!(finals(&setup.fake, ME).len(), 1, "the first answer is still being written");
    setup.fake.until(|fake| finals(fake, ME).len() == 4).await;
    let said = setup.fake.texts(ME);
    assert!(said[0].starts_with("echo: a slow one") && said[1].starts_with("📊"), "{said:?}");
    assert_eq!(said[2..], ["echo: two", "echo: three"]);
    assert_eq!(setup.fake.calls("SetMessageReaction").len(), 2);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn the_fifth_question_is_refused_in_words() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, "an endless one");
    setup.fake.until(|fake| fake.texts(ME).len() == 1).await;
    for id in 2..=5 {
        setup.fake.write(id, &format!("question {id}"));
    }
    setup
        .fake
        .until(|fake| finals(fake, ME).iter().any(|text| text.starts_with("3 questions are queued")))
        .await;
    setup.fake.write(6, "/stop");
    setup.fake.until(|fake| finals(fake, ME).len() == 5).await;
    let said = setup.fake.texts(ME);
    assert!(said[0].ends_with("⏹ Stopped."), "{}", said[0]);
    assert_eq!(said[2..], ["echo: question 2", "echo: question 3", "echo: question 4"]);
    assert_eq!(bot.endings().await, [("answered".to_owned(), 5), ("refused:queue_full".to_owned(), 1)]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_stop_button_stops_for_its_owner_only() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, "an endless one");
    setup.fake.until(|fake| fake.texts(ME).len() == 1).await;
    let press = |update_id: i64, user: i64, data: &str| {
        json!({"update_id": update_id, "callback_query": {
            "id": format!("q{update_id}"), "from": {"id": user, "is_bot": false, "first_name": "x"}, "data": data,
            "message": {"message_id": 1, "date": 1, "chat": {"id": ME, "type": "private"}},
        }})
    };
    setup.fake.deliver_update(press(2, 7, "stop:1"));
    setup.fake.deliver_update(press(3, ME, "stop:99"));
    setup.fake.deliver_update(press(4, ME, "drop table"));
    setup.fake.until(|fake| fake.calls("AnswerCallbackQuery").len() == 3).await;
    let answers: Vec<_> = setup.fake.calls("AnswerCallbackQuery");
    let mut words: Vec<&str> = answers.iter().filter_map(|answer| answer["text"].as_str()).collect();
    words.sort_unstable();
    assert_eq!(
        words,
        ["This button isn't for you.", "This button no longer works.", "This button no longer works."]
    );
    assert!(finals(&setup.fake, ME).is_empty());
    setup.fake.deliver_update(press(5, ME, "stop:1"));
    setup.fake.until(|fake| finals(fake, ME).len() == 1).await;
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn commands_are_answered_in_the_persons_language() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let cases = [
        (1, "/start", "Hi Li."),
        (2, "/help", "Just send a message"),
        (3, "/vip", "VIP is granted by the owner"),
        (4, "/nonsense", "There is no such command"),
        (5, "/lang", "Choose a language"),
        (6, "/lang zh", "好的"),
        (7, "/stop", "现在没有"),
        (8, "/new", "已开始新对话。"),
        (9, "/ask", "用法"),
    ];
    for (id, text, words) in cases {
        setup.fake.write(id, text);
        setup.fake.until(|fake| fake.texts(ME).len() == usize::try_from(id).expect("small")).await;
        let said = setup.fake.texts(ME);
        assert!(said.last().is_some_and(|said| said.starts_with(words)), "{text}: {said:?}");
    }
    assert_eq!(setup.fake.calls("SetMyCommands").len(), 6);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn new_forgets_what_was_said() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, "one");
    setup.fake.write(2, "/new");
    setup.fake.write(3, "two");
    until_said(&setup.fake, ME, &["echo: one", "New conversation (1 round cleared).", "echo: two"]).await;
    assert_eq!(setup.gemini.asked(), [["one"], ["two"]]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn what_is_no_question_costs_no_generation() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let mut sticker = private(1, ME, "");
    sticker["message"]["sticker"] = json!({"file_id": "x"});
    sticker["message"].as_object_mut().expect("an object").remove("text");
    setup.fake.deliver_update(sticker);
    setup.fake.until(|fake| fake.texts(ME).len() == 1).await;
    for (id, text) in [(2, "first"), (3, "second")] {
        let mut old = private(id, ME, text);
        old["message"]["date"] = json!(1_700_000_000);
        setup.fake.deliver_update(old);
    }
    setup.fake.deliver_update(json!({"update_id": 4, "poll": {}}));
    setup.fake.deliver_update(json!({"update_id": 5, "hologram": {}}));
    setup.fake.write(6, "/help");
    setup.fake.until(|fake| fake.texts(ME).len() == 3).await;
    let said = setup.fake.texts(ME);
    assert!(said[0].starts_with("I can't read this") && said[1].starts_with("I was away"), "{said:?}");
    assert!(setup.gemini.asked().is_empty());
    let endings = [
        ("answered", 1),
        ("dropped:poll", 1),
        ("dropped:too_late", 2),
        ("dropped:unknown_kind", 1),
        ("refused:unsupported", 1),
    ];
    assert_eq!(bot.endings().await, endings.map(|(ending, count)| (ending.to_owned(), count)));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_closed_bot_serves_the_granted_only() {
    let mut setup = Setup::new().await;
    setup.telegram.closed = true;
    setup.telegram.owner_ids = vec![UserId(7)];
    let bot = setup.start().await;
    setup.fake.write(1, "hello");
    setup.fake.deliver_update(private(2, 7, "hello"));
    setup.fake.until(|fake| finals(fake, ME).len() == 1 && finals(fake, 7).len() == 1).await;
    assert!(setup.fake.texts(ME)[0].ends_with("Send the owner your ID: 42"));
    assert_eq!(setup.fake.texts(7), ["echo: hello"]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_restart_takes_up_what_had_not_ended() {
    let setup = Setup::new().await;
    let clock = Clock::system();
    let store = setup.store(&clock);
    // The last run received two updates, began the first, and opened a message for it.
    let raw = |id, text: &str| Incoming {
        update_id: id,
        chat: None,
        topic: None,
        user: None,
        raw: private(id, ME, text).to_string(),
    };
    let batch = [raw(1, "hello"), raw(2, "and again")];
    let opened = crate::store::OpenPart {
        update_id: 1,
        part: 0,
        chat: crate::domain::chat::ChatId(ME),
        topic: None,
        user: Some(UserId(ME)),
        reply_to: None,
        message_id: 1,
    };
    store
        .commit(move |tx| {
            tx.receive(&batch)?;
            tx.begin_attempt(1)?;
            tx.open_part(&opened)
        })
        .await
        .expect("stored");
    store.close().await;
    setup.fake.put_message(ME, 1, "an unfinished ▌");

    let bot = setup.start().await;
    until_said(&setup.fake, ME, &["echo: hello", "echo: and again"]).await;
    assert_eq!(setup.fake.history(ME)[0].last().map(String::as_str), Some("echo: hello"));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_handler_that_panics_harms_only_its_update_and_is_parked() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, super::handlers::PANIC);
    setup.fake.write(2, "after it");
    setup.fake.until(|fake| finals(fake, ME).len() == 2).await;
    let said = setup.fake.texts(ME);
    assert!(said[0].starts_with("Something went wrong") && said[1] == "echo: after it", "{said:?}");
    // The ref that was shown leads to the update.
    let shown = said[0].split(['#', ';']).nth(1).expect("a ref");
    let name: RequestName = shown.parse().expect("a ref");
    let found = bot.store.read(move |tx| tx.request(&name)).await.expect("readable").expect("kept");
    assert_eq!((found.id, found.user), (RequestId(1), Some(UserId(ME))));
    assert_eq!(found.end.map(|end| end.outcome).as_deref(), Some("internal"));
    let endings = [("answered", 1), ("refused:internal", 1)];
    assert_eq!(bot.endings().await, endings.map(|(ending, count)| (ending.to_owned(), count)));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_shutdown_lets_running_answers_end_and_fetches_nothing_more() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, "a slow one with some words");
    setup.fake.until(|_| !setup.gemini.asked().is_empty()).await;
    let polls = setup.fake.calls("GetUpdates").len();
    let began = Instant::now();
    assert_eq!(bot.stop().await, Ok(()));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(setup.fake.texts(ME), ["echo: a slow one with some words"]);
    assert!(setup.fake.calls("GetUpdates").len() <= polls + 1);
}

#[tokio::test]
async fn what_cannot_be_waited_out_ends_the_bot() {
    let refuse = |code: u16, words: &str| {
        Fault::Answer(code, json!({"ok": false, "error_code": code, "description": words}))
    };
    let setup = Setup::new().await;
    setup.fake.fail("GetMe", refuse(401, "Unauthorized"));
    assert_eq!(setup.start().await.task.await.expect("ended"), Err(RunEnd::Unauthorized));
    assert_eq!(setup.fake.calls("GetMe").len(), 1);

    let setup = Setup::new().await;
    setup.fake.fail("GetUpdates", refuse(409, "Conflict: terminated by other getUpdates request"));
    setup.fake.fail(
        "GetUpdates",
        refuse(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"),
    );
    assert_eq!(setup.start().await.task.await.expect("ended"), Err(RunEnd::WebhookSet));
    assert_eq!(setup.fake.calls("GetUpdates").len(), 2);
    assert!(setup.fake.calls("DeleteWebhook").is_empty());
}

#[tokio::test]
async fn an_edit_of_the_latest_question_replaces_its_answer() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    setup.fake.write(1, "helo");
    until_said(&setup.fake, ME, &["echo: helo"]).await;
    let mut edit = private(2, ME, "hello");
    let mut message = edit["message"].take();
    message["message_id"] = json!(1);
    message["edit_date"] = message["date"].clone();
    setup.fake.deliver_update(json!({"update_id": 2, "edited_message": message}));
    until_said(&setup.fake, ME, &["echo: hello"]).await;
    message["message_id"] = json!(77);
    setup.fake.deliver_update(json!({"update_id": 3, "edited_message": message}));
    setup.fake.write(4, "/help");
    setup.fake.until(|fake| fake.texts(ME).len() == 2).await;
    assert_eq!(bot.endings().await, [("answered".to_owned(), 3), ("dropped:edited".to_owned(), 1)]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn in_a_group_each_person_has_their_own_conversation() {
    let setup = Setup::new().await;
    let bot = setup.start().await;
    let in_group = |id: i64, user: i64, text: &str| {
        let mut update = private(id, user, text);
        update["message"]["chat"] = json!({"id": -100, "type": "supergroup"});
        update
    };
    setup.fake.deliver_update(in_group(1, 7, "/ask from seven"));
    setup.fake.deliver_update(in_group(2, 8, "nobody asked"));
    setup.fake.deliver_update(in_group(3, 9, "/ask@my_bot from nine"));
    setup.fake.until(|fake| finals(fake, -100).len() == 2).await;
    let mut said = finals(&setup.fake, -100);
    said.sort();
    assert_eq!(said, ["echo: from nine", "echo: from seven"]);
    assert!(setup.gemini.asked().iter().all(|turns| turns.len() == 1));
    let replies: Vec<_> = setup
        .fake
        .calls("SendMessage")
        .iter()
        .map(|call| call["reply_parameters"]["message_id"].clone())
        .collect();
    assert!(replies.contains(&json!(1)) && replies.contains(&json!(3)), "{replies:?}");
    assert_eq!(bot.stop().await, Ok(()));
}

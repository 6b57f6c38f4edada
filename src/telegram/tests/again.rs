//! The latest question asked again: by /retry, by a button, by an edit; and what is remembered of it then.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::buttons::{CLEARED, GONE, UNDONE, data_under, press, until_answered};
use super::{ME, finals, until_said};
use crate::domain::chat::{ChatId, ConversationId, UserId};
use crate::store::{Content, Incoming, OutboxRow, Question};
use crate::telegram::testing::{FakeBotApi, Setup, private};

const EMPTY: &str = "The model returned nothing.";
const OLD: &str = "Only the latest answer can be asked again or continued.";
const NOTHING: &str = "There is no question to ask again. Just send one.";

/// The person changes a message, so long after it was written.
fn edit(fake: &FakeBotApi, update_id: i64, message_id: i64, text: &str, after: Duration) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let mut message = private(message_id, ME, text)["message"].take();
    message["date"] = json!(now - after.as_secs());
    message["edit_date"] = json!(now);
    fake.deliver_update(json!({"update_id": update_id, "edited_message": message}));
}

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_retry_replaces_the_round_it_repeats() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "/retry");
    until_said(fake, ME, &[NOTHING]).await;
    fake.write(2, "one");
    fake.write(3, "two");
    until_said(fake, ME, &[NOTHING, "echo: one", "echo: two"]).await;
    fake.write(4, "/retry");
    fake.write(5, "/retry@my_bot");
    fake.until(|fake| finals(fake, ME).len() == 5).await;
    fake.write(6, "three");
    fake.until(|fake| finals(fake, ME).len() == 6).await;
    let asked = setup.gemini.asked();
    for again in &asked[1..4] {
        assert_eq!(*again, ["one", "echo: one", "two"], "its own answer is not in its memory");
    }
    assert_eq!(asked[4], ["one", "echo: one", "two", "echo: two", "three"]);
    assert_eq!(bot.stop().await, Ok(()));

    // The same after a restart.
    let bot = setup.start().await;
    fake.write(7, "/retry");
    fake.until(|fake| finals(fake, ME).len() == 7).await;
    assert_eq!(setup.gemini.asked()[5], ["one", "echo: one", "two", "echo: two", "three"]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_question_that_failed_is_asked_again_in_the_place_of_the_failure() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "one");
    fake.write(2, "say nothing");
    fake.until(|fake| finals(fake, ME).len() == 2).await;
    let failure = finals(fake, ME)[1].clone();
    assert!(failure.starts_with(EMPTY), "{failure}");
    let data = data_under(fake, &failure);
    assert!(data.len() == 1 && data[0].starts_with("c:"), "{data:?}");
    assert_eq!(bot.stop().await, Ok(()));

    // What the question was is known after a restart too; and it may fail again.
    let bot = setup.start().await;
    press(fake, 3, ME, 2, &data[0]);
    assert_eq!(until_answered(fake, "q3").await, "");
    fake.until(|fake| finals(fake, ME).get(1).is_some_and(|text| *text != failure)).await;
    let again = finals(fake, ME)[1].clone();
    assert!(again.starts_with(EMPTY), "{again}");
    let newer = data_under(fake, &again);
    assert_ne!(newer, data);
    setup.gemini.speak();
    // The button it had before is no more.
    press(fake, 4, ME, 2, &data[0]);
    assert_eq!(until_answered(fake, "q4").await, OLD);
    press(fake, 5, 7, 2, &newer[0]);
    assert_eq!(until_answered(fake, "q5").await, "This button isn't for you.");
    // One that claims to need no turn is a forgery.
    press(fake, 6, ME, 2, &newer[0].replace("c:", "b:"));
    assert_eq!(until_answered(fake, "q6").await, GONE);
    press(fake, 7, ME, 2, &newer[0]);
    until_said(fake, ME, &["echo: one", "echo: say nothing"]).await;
    press(fake, 8, ME, 2, &newer[0]);
    assert_eq!(until_answered(fake, "q8").await, OLD);
    fake.write(9, "two");
    fake.until(|fake| finals(fake, ME).len() == 3).await;
    let asked = setup.gemini.asked();
    let expected = ["one", "echo: one", "say nothing", "echo: say nothing", "two"];
    assert_eq!(asked.last().expect("asked"), &expected);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn a_new_conversation_has_nothing_to_retry_until_it_is_undone() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "one");
    fake.write(2, "/new");
    fake.write(3, "/retry");
    until_said(fake, ME, &["echo: one", CLEARED, NOTHING]).await;
    edit(fake, 4, 1, "ones", SOON);
    press(fake, 5, ME, 2, &data_under(fake, CLEARED)[0]);
    until_said(fake, ME, &["echo: one", UNDONE, NOTHING]).await;
    fake.write(6, "/retry");
    until_said(fake, ME, &["echo: one", UNDONE, NOTHING, "echo: one"]).await;
    fake.write(7, "two");
    fake.until(|fake| finals(fake, ME).len() == 5).await;
    assert_eq!(setup.gemini.asked(), [vec!["one"], vec!["one"], vec!["one", "echo: one", "two"]]);
    assert!(bot.endings().await.contains(&("dropped:edited".to_owned(), 1)));
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn an_edit_of_the_latest_question_leaves_one_round_of_it() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "one");
    fake.write(2, "a lengthy one");
    fake.until(|fake| finals(fake, ME).len() == 4).await;
    // Not what it is about, not in time, nothing changed: none of them is asked.
    edit(fake, 3, 1, "won", SOON);
    edit(fake, 4, 2, "too late", Duration::from_secs(121));
    edit(fake, 5, 2, "a lengthy one", SOON);
    edit(fake, 6, 2, "/help", SOON);
    edit(fake, 7, 2, "a short one", SOON);
    until_said(fake, ME, &["echo: one", "echo: a short one"]).await;
    assert_eq!(bot.stop().await, Ok(()));
    // The memory of which one was the latest survives a restart.
    let restarted = setup.start().await;
    edit(fake, 8, 1, "won", SOON);
    edit(fake, 9, 2, "a shorter one", SOON);
    until_said(fake, ME, &["echo: one", "echo: a shorter one"]).await;
    fake.write(10, "two");
    fake.until(|fake| finals(fake, ME).len() == 3).await;
    let asked = setup.gemini.asked();
    assert_eq!(asked.len(), 5);
    assert_eq!(asked[2], ["one", "echo: one", "a short one"]);
    assert_eq!(asked[4], ["one", "echo: one", "a shorter one", "echo: a shorter one", "two"]);
    assert!(restarted.endings().await.contains(&("dropped:edited".to_owned(), 5)));
    assert_eq!(restarted.stop().await, Ok(()));
}

#[tokio::test]
async fn an_edit_cuts_the_answer_that_is_being_written() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "an endless one");
    fake.until(|fake| fake.texts(ME).len() == 1).await;
    edit(fake, 2, 1, "a short one", SOON);
    until_said(fake, ME, &["echo: a short one"]).await;
    let shown: Vec<String> = fake.history(ME).into_iter().flatten().collect();
    assert!(!shown.iter().any(|text| text.contains("Stopped")), "{shown:?}");
    fake.write(3, "two");
    fake.until(|fake| finals(fake, ME).len() == 2).await;
    let last = setup.gemini.asked().pop().expect("asked");
    assert_eq!(last, ["a short one", "echo: a short one", "two"]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn an_edit_of_a_question_that_waits_is_asked_in_its_place() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "an endless one");
    fake.until(|fake| fake.texts(ME).len() == 1).await;
    fake.write(2, "two");
    fake.write(3, "tree");
    edit(fake, 4, 3, "three", SOON);
    edit(fake, 5, 2, "too", SOON);
    fake.until(|fake| fake.calls("SetMessageReaction").len() == 2).await;
    fake.write(6, "/stop");
    fake.until(|fake| finals(fake, ME).len() == 3).await;
    assert_eq!(finals(fake, ME)[1..], ["echo: two", "echo: three"]);
    assert_eq!(setup.gemini.asked().len(), 3);
    let endings = [("answered", 4), ("dropped:edited", 2)];
    assert_eq!(bot.endings().await, endings.map(|(ending, count)| (ending.to_owned(), count)));
    assert_eq!(bot.stop().await, Ok(()));
}

/// A run that died with these updates in its inbox, and with this in its store.
async fn died_with(
    setup: &Setup,
    updates: Vec<(i64, serde_json::Value)>,
    work: impl FnOnce(&mut crate::store::Tx<'_>) -> Result<(), crate::store::StoreError> + Send + 'static,
) {
    let clock = crate::clock::Clock::system();
    let store = setup.store(&clock);
    let raw = |(update_id, raw): (i64, serde_json::Value)| Incoming {
        update_id,
        chat: None,
        topic: None,
        user: None,
        raw: raw.to_string(),
    };
    let batch: Vec<Incoming> = updates.into_iter().map(raw).collect();
    store
        .commit(move |tx| {
            tx.receive(&batch)?;
            work(tx)
        })
        .await
        .expect("stored");
    store.close().await;
}

#[tokio::test]
async fn a_press_that_a_crash_cut_asks_once_and_in_its_place() {
    let setup = Setup::new().await;
    let at = ConversationId { chat: ChatId(ME), topic: None, user: UserId(ME) };
    let pressed = json!({"update_id": 9, "callback_query": {
        "id": "q9", "data": "c:1:0", "from": {"id": ME, "is_bot": false, "first_name": "Li", "language_code": "en"},
        "message": {"message_id": 1, "date": 1, "chat": {"id": ME, "type": "private"}},
    }});
    died_with(&setup, vec![(9, pressed)], move |tx| {
        tx.ask(
            at,
            &Question {
                update_id: 8,
                message_id: 5,
                text: "say it".to_owned(),
                enclosed: None,
                keyword: None,
            },
        )?;
        tx.put_rows(&[OutboxRow {
            update_id: Some(8),
            part: 0,
            chat: at.chat,
            topic: None,
            user: Some(at.user),
            reply_to: None,
            content: Content::Words("it failed".to_owned()),
            buttons: vec![crate::domain::chat::Button::Retry],
            message_id: Some(1),
        }])?;
        tx.row_done(1, None)?;
        // The press was begun, and then the process died.
        tx.begin_attempt(9)?;
        tx.ask_again(at, 9, &[])?;
        tx.adopt_parts(&[8], 9)
    })
    .await;
    setup.fake.put_message(ME, 1, "it failed");
    let bot = setup.start().await;
    until_said(&setup.fake, ME, &["echo: say it"]).await;
    assert_eq!(setup.gemini.asked(), [["say it"]]);
    assert_eq!(bot.endings().await, [("answered".to_owned(), 1)]);
    assert_eq!(bot.stop().await, Ok(()));
}

#[tokio::test]
async fn an_edit_that_a_crash_left_behind_its_question_is_asked_once() {
    let setup = Setup::new().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let mut message = private(3, ME, "three")["message"].take();
    message["edit_date"] = json!(now);
    let changed = json!({"update_id": 4, "edited_message": message});
    // The question itself was never asked: its edit took its place, and then the process died.
    died_with(&setup, vec![(4, changed)], |_| Ok(())).await;
    let bot = setup.start().await;
    until_said(&setup.fake, ME, &["echo: three"]).await;
    assert_eq!(setup.gemini.asked(), [["three"]]);
    assert_eq!(bot.stop().await, Ok(()));
}

//! Buttons: whose they are, what they do, and that they do it once.

use serde_json::{Value, json};

use super::{ME, finals, until_said};
use crate::telegram::testing::{FakeBotApi, Setup};

/// Somebody presses a button with this data under a message in the chat of the test's person.
pub(super) fn press(fake: &FakeBotApi, update_id: i64, user: i64, message_id: i64, data: &str) {
    fake.deliver_update(json!({"update_id": update_id, "callback_query": {
        "id": format!("q{update_id}"), "data": data,
        "from": {"id": user, "is_bot": false, "first_name": "Li", "language_code": "en"},
        "message": {"message_id": message_id, "date": 1, "chat": {"id": ME, "type": "private"}},
    }}));
}

/// Somebody presses a button with this data under the message that says `text` in their own private chat.
pub(super) fn press_as(fake: &FakeBotApi, update_id: i64, user: i64, text: &str, data: &str) {
    let message_id = fake.message_saying(user, text).expect("it was said");
    fake.deliver_update(json!({"update_id": update_id, "callback_query": {
        "id": format!("q{update_id}"), "data": data,
        "from": {"id": user, "is_bot": false, "first_name": "Li", "language_code": "en"},
        "message": {"message_id": message_id, "date": 1, "chat": {"id": user, "type": "private"}},
    }}));
}

/// The data of the buttons that the latest call for this text gave.
pub(super) fn data_under(fake: &FakeBotApi, text: &str) -> Vec<String> {
    let mut calls = fake.calls("SendMessage");
    calls.extend(fake.calls("EditMessageText"));
    let call = calls.iter().rfind(|call| call["text"] == text).expect("it was said");
    let buttons = call["reply_markup"]["inline_keyboard"][0].as_array().cloned().unwrap_or_default();
    let data = |button: &Value| button["callback_data"].as_str().expect("data").to_owned();
    buttons.iter().map(data).collect()
}

/// What each press was answered, in the order of the answers.
fn toasts(fake: &FakeBotApi) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let answer = |call: &Value| (text(&call["callback_query_id"]), text(&call["text"]));
    fake.calls("AnswerCallbackQuery").iter().map(answer).collect()
}

pub(super) async fn until_answered(fake: &FakeBotApi, query: &str) -> String {
    fake.until(|fake| toasts(fake).iter().any(|(id, _)| id == query)).await;
    let answers: Vec<String> =
        toasts(fake).into_iter().filter(|(id, _)| id == query).map(|(_, text)| text).collect();
    assert_eq!(answers.len(), 1, "a press is answered once: {answers:?}");
    answers[0].clone()
}

pub(super) const CLEARED: &str = "New conversation (1 round cleared).";
pub(super) const UNDONE: &str = "Undone: the conversation goes on with its 1 earlier round.";
pub(super) const GONE: &str = "This button no longer works.";

#[tokio::test]
async fn undo_brings_the_rounds_back_once_and_for_their_owner_only() {
    let setup = Setup::new().await;
    let (fake, bot) = (&setup.fake, setup.start().await);
    fake.write(1, "one");
    fake.write(2, "/new");
    fake.write(3, "two");
    until_said(fake, ME, &["echo: one", CLEARED, "echo: two"]).await;
    let data = data_under(fake, CLEARED);
    assert_eq!(data.len(), 1);
    press(fake, 4, 7, 2, &data[0]);
    assert_eq!(until_answered(fake, "q4").await, "This button isn't for you.");
    for (update_id, forged) in [(5, "b:999:0"), (6, "b:1:0"), (7, "b:2:5")] {
        press(fake, update_id, ME, 2, forged);
        assert_eq!(until_answered(fake, &format!("q{update_id}")).await, GONE, "{forged}");
    }
    assert_eq!(finals(fake, ME)[1], CLEARED);
    press(fake, 8, ME, 2, &data[0]);
    assert_eq!(until_answered(fake, "q8").await, UNDONE);
    until_said(fake, ME, &["echo: one", UNDONE, "echo: two"]).await;
    assert!(data_under(fake, UNDONE).is_empty(), "a spent button goes");
    press(fake, 9, ME, 2, &data[0]);
    assert_eq!(until_answered(fake, "q9").await, GONE);
    fake.write(10, "three");
    until_said(fake, ME, &["echo: one", UNDONE, "echo: two", "echo: three"]).await;
    let asked = setup.gemini.asked();
    assert_eq!(asked[2], ["one", "echo: one", "two", "echo: two", "three"]);
    assert_eq!(bot.stop().await, Ok(()));
}

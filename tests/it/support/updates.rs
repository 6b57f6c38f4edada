//! Updates as Telegram writes them, and what became of them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::User;

use super::{World, turns};

/// A world whose Gemini says what it was asked.
pub(crate) fn echoing() -> World {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    world
}

pub(crate) fn seconds_ago(seconds: u64) -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() - seconds
}

/// A private text as Telegram writes it.
pub(crate) fn private(user: i64, message_id: i64, text: &str) -> Value {
    json!({"message_id": message_id, "date": seconds_ago(0), "text": text,
        "chat": {"id": user, "type": "private", "first_name": "P"},
        "from": {"id": user, "is_bot": false, "first_name": "P", "language_code": "en"}})
}

/// What became of the updates so far, once so many came and all have an end.
pub(crate) fn ended(world: &World, received: usize) -> Value {
    let mut updates = Value::Null;
    world.wait("the end of every update", || {
        let output = world.output(&["status", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        updates = status["updates_24h"].clone();
        updates["received"].as_u64() >= Some(received as u64) && updates["pending"].as_u64() == Some(0)
    });
    assert_eq!(updates["received"].as_u64(), Some(received as u64), "{updates}");
    updates
}

/// The questions that reached Gemini.
pub(crate) fn questions(world: &World) -> Vec<String> {
    let last = |call| turns(call).pop().expect("a turn").1;
    world.sandbox().gemini().generations().iter().map(last).collect()
}

/// Asks as somebody else and hears the answer: what came before has harmed nobody.
pub(crate) fn still_answers(world: &World) {
    let seen = world.ask(&User::new(2999, "Eva").language("en"), "still there?", 1);
    assert_eq!(seen.last().map(|message| message.text.as_str()), Some("still there?"));
}

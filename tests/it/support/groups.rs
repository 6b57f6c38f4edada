//! Groups, and what became of what was said there.

use std::time::Duration;

use rusqlite::Connection;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, SeenMessage};

use super::{World, turns};

pub(crate) const GROUP: i64 = -4001;
pub(crate) const SUPERGROUP: i64 = -1_001_234_567_890;

pub(crate) fn world() -> World {
    let world = World::new();
    // A question may have a quote before it.
    let own = |question: &str| question.lines().last().unwrap_or_default().to_owned();
    world.sandbox().gemini().answer(Answer::with(move |asked| format!("about {}", own(&asked.question))));
    world
}

pub(crate) fn friends() -> ChatSpec {
    ChatSpec::supergroup(SUPERGROUP, "friends")
}

/// The texts of the last request.
pub(crate) fn last_prompt(world: &World) -> Vec<String> {
    let call = world.sandbox().gemini().generations().pop().expect("a request");
    turns(&call).into_iter().map(|(_, text)| text).collect()
}

/// Waits until every update so far has ended, and hands back how.
pub(crate) fn endings(world: &World) -> Vec<(i64, String)> {
    world.wait("the last update", || world.sandbox().telegram().pending_updates() == 0);
    let read = || -> Vec<(i64, Option<String>)> {
        rows(world, "SELECT update_id, ending FROM inbox ORDER BY arrival", |row| {
            (row.get(0).expect("an id"), row.get(1).expect("an ending"))
        })
    };
    world.wait("the end of every update", || read().iter().all(|(_, ending)| ending.is_some()));
    read().into_iter().map(|(id, ending)| (id, ending.unwrap_or_default())).collect()
}

pub(crate) fn ending(world: &World, update: i64) -> String {
    let found = endings(world).into_iter().find(|(id, _)| *id == update);
    found.expect("the update was received").1
}

pub(crate) fn rows<T>(world: &World, query: &str, read: impl Fn(&rusqlite::Row<'_>) -> T) -> Vec<T> {
    let database = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    database.busy_timeout(Duration::from_secs(10)).expect("patience");
    let mut select = database.prepare(query).expect("a query");
    let found = select.query_map([], |row| Ok(read(row))).expect("rows");
    found.map(|row| row.expect("a row")).collect()
}

pub(crate) fn texts(messages: &[SeenMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.text.as_str()).collect()
}

/// The id of the latest message of a person in a chat.
pub(crate) fn latest(world: &World, chat: i64) -> i64 {
    let messages = world.sandbox().telegram().messages(chat);
    messages.iter().rfind(|message| !message.from_bot).expect("a message").message_id
}

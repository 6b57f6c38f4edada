//! Questions under a fault of Gemini, what is said of it, and what it does to the keys.

use std::time::Duration;

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::{ChatSpec, SeenMessage, User};

use super::{Daemon, World, is_final, stderr};

pub(crate) const ANSWER: &str =
    "One is the first, two is the second, three comes third, and four is the last of them.";

/// A world whose Gemini always says the same.
pub(crate) fn counting() -> World {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text(ANSWER.to_owned()));
    world
}

/// Somebody else each time.
pub(crate) fn person(n: i64) -> User {
    User::new(7300 + n, "P").language("en")
}

/// Asks as somebody new while a fault is in force, and waits for the end of what the bot says.
pub(crate) fn ask_under(world: &World, fault: &str, who: &User) -> SeenMessage {
    let gemini = world.sandbox().gemini();
    gemini.clear_faults();
    gemini.fail(&format!("*={fault}")).expect("a known fault");
    let seen = world.ask(who, "count, please", 1);
    world.wait(fault, || world.sandbox().telegram().answers(who.id).iter().all(is_final));
    gemini.clear_faults();
    assert_eq!(seen.len(), 1, "{fault}: {seen:?}");
    world.answers(who.id, 1).remove(0)
}

/// What a command tells programs.
pub(crate) fn json(world: &World, arguments: &[&str]) -> Value {
    let output = world.output(arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", stderr(&output)))
}

/// How many keys of all groups are in this state.
pub(crate) fn keys(world: &World, state: &str) -> u64 {
    let status = json(world, &["status", "--json"]);
    status["keys"].as_array().expect("groups").iter().filter_map(|keys| keys[state].as_u64()).sum()
}

/// A fault was nobody's whose key it met.
pub(crate) fn no_key_is_blamed(world: &World, fault: &str) {
    assert_eq!((keys(world, "blacklisted"), keys(world, "rejected")), (0, 0), "{fault}");
}

/// The outcome of the last send of the request that a message names.
pub(crate) fn explained(world: &World, text: &str) -> String {
    let reference = text.rsplit_once('#').unwrap_or_else(|| panic!("no ref in {text:?}")).1.trim();
    let trace = json(world, &["explain", reference, "--json"]);
    let sends = trace["sends"].as_array().expect("sends");
    sends.last().and_then(|send| send["outcome"].as_str()).unwrap_or("-").to_owned()
}

/// Asks as somebody else and hears the answer: the bot is as good as before.
pub(crate) fn still_answers(world: &World, daemon: &mut Daemon) {
    let (telegram, who) = (world.sandbox().telegram(), person(999));
    telegram.say(&who, &ChatSpec::Private, "count again");
    // A model that has failed may rest for a while.
    world.wait_for("a good answer", Duration::from_mins(1), || {
        telegram.answers(who.id).iter().any(|message| message.text == ANSWER)
    });
    assert!(!daemon.has_ended() && !world.log().contains("panicked"), "{}", world.log());
}

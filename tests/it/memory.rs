//! What Gemini is sent of a conversation: so many rounds as the role has, the person's own, each once; over restarts,
//! kills, and whatever the person does with the conversation.

use std::time::Duration;

use rusqlite::Connection;
use svs::sandbox::gemini::{Answer, GeminiCall};
use svs::sandbox::telegram::{ChatSpec, SeenMessage, User};

use crate::support::state::Stored;
use crate::support::{Daemon, World, code, english, owner, turns};

/// Gemini answers with words of its own that name the question.
fn world() -> World {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
    world
}

/// The texts of each request so far.
fn prompts(world: &World) -> Vec<Vec<String>> {
    let texts = |call: &GeminiCall| turns(call).into_iter().map(|(_, text)| text).collect();
    world.sandbox().gemini().generations().iter().map(texts).collect()
}

fn prompts_of(world: &World, question: &str) -> Vec<Vec<String>> {
    prompts(world).into_iter().filter(|texts| texts.last().is_some_and(|last| last == question)).collect()
}

/// The rounds of these questions, and then a question.
fn remembering(before: &[&str], question: &str) -> Vec<String> {
    let rounds = before.iter().flat_map(|text| [(*text).to_owned(), format!("about {text}")]);
    rounds.chain([question.to_owned()]).collect()
}

/// Runs a statement on the state of a daemon that has ended.
fn sql(world: &World, statement: &str) {
    let database = Connection::open(world.folder().join("state/svs.db")).expect("a database");
    database.execute_batch(statement).expect("a statement");
}

fn end(world: &World, mut daemon: Daemon) {
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
}

#[test]
fn exactly_the_rounds_of_the_role_reach_gemini() {
    const ROUNDS: [(i64, usize); 5] = [(10, 10), (11, 7), (12, 5), (13, 3), (14, 0)];
    let world = world();
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    let person = |id: i64| if id == 10 { owner() } else { User::new(6000 + id, "P").language("en") };
    // Who is met only in a group is a guest.
    let say = |id: i64, text: &str| match id {
        14 => world.sandbox().telegram().say(&person(id), &group, &format!("/ask {text}")),
        _ => world.sandbox().telegram().say(&person(id), &ChatSpec::Private, text),
    };
    let generations = |count: usize| {
        world.wait("the generations", || world.sandbox().gemini().generations().len() >= count);
        world.wait("their ends", || world.sandbox().gemini().in_flight() == 0);
    };
    let question = |id: i64, n: usize| format!("question {n} of {id}");
    let round = |n: usize| {
        for (id, _) in ROUNDS {
            say(id, &question(id, n));
        }
        generations((n + 1) * ROUNDS.len());
    };
    let check = |n: usize, rounds: &dyn Fn(i64, usize) -> usize| {
        for (id, own) in ROUNDS {
            let kept = rounds(id, own).min(n);
            let questions: Vec<String> = (n - kept..n).map(|n| question(id, n)).collect();
            let before: Vec<&str> = questions.iter().map(String::as_str).collect();
            let sent = prompts_of(&world, &question(id, n));
            assert_eq!(sent, [remembering(&before, &question(id, n))], "{own} rounds, question {n}");
        }
    };
    let daemon = world.start_unlimited();
    round(0);
    end(&world, daemon);
    sql(
        &world,
        "UPDATE users SET role = 'vip' WHERE user_id = 6011; UPDATE users SET role = 'premium' WHERE user_id = 6012;",
    );
    let daemon = world.start_unlimited();
    (1..12).for_each(round);
    end(&world, daemon);
    (0..12).for_each(|n| check(n, &|_, own| own));
    // What was said is still known after a restart, and who has a lower role now is sent less of it at once.
    sql(&world, "UPDATE users SET role = 'normal' WHERE user_id IN (6011, 6012)");
    let daemon = world.start_unlimited();
    round(12);
    check(12, &|id, own| if id == 11 || id == 12 { 3 } else { own });
    end(&world, daemon);
    for call in world.sandbox().gemini().generations() {
        let roles: Vec<String> = turns(&call).into_iter().map(|(role, _)| role).collect();
        assert!(roles.iter().enumerate().all(|(n, role)| role == ["user", "model"][n % 2]), "{roles:?}");
        assert!(call.flags.is_empty(), "{:?}", call.flags);
    }
}

#[test]
fn a_question_that_waited_for_a_key_is_sent_with_what_was_said_before() {
    let world = world();
    // A single key, with a gap: of two questions at once the second waits.
    let others = ["GROUP_A_KEYS", "GROUP_B_KEYS", "GROUP_D_KEYS", "ROUTER_KEY_A", "ROUTER_KEY_B"];
    let environment = world.sandbox().environment();
    let keys = environment.iter().find(|(name, _)| name == "GROUP_C_KEYS").expect("keys");
    let one = keys.1.split(',').next().expect("a key");
    let variables = others.map(|name| (name, "")).into_iter();
    let variables = variables.chain([("GROUP_C_KEYS", one), ("SVS_LIMITS_COOLDOWN", "1s")]);
    let _daemon = world.start_unlimited_with(&variables.collect::<Vec<_>>());
    let person = english();
    world.ask(&person, "one", 1);
    world.ask(&person, "two", 2);
    world.ask(&person, "three", 3);
    assert_eq!(prompts(&world)[2], remembering(&["one", "two"], "three"));
    let times: Vec<_> = world.sandbox().gemini().generations().iter().map(|call| call.at).collect();
    // In milliseconds; what lies between the debit and the wire is not the same each time.
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 900), "{times:?}");
}

/// The buttons under a message: label and data.
fn buttons(message: &SeenMessage) -> Vec<(String, String)> {
    let keyboard = message.markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    keyboard
        .iter()
        .flat_map(|row| row.as_array().cloned().unwrap_or_default())
        .map(|button| (text(&button["text"]), text(&button["callback_data"])))
        .collect()
}

#[test]
fn a_person_begins_anew_undoes_it_retries_and_edits() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    world.ask(&person, "one", 1);
    let cleared = world.ask(&person, "/new", 2).pop().expect("it was said");
    assert_eq!(cleared.text, "New conversation (1 round cleared).");
    let undo = buttons(&cleared);
    assert_eq!(undo.len(), 1);
    assert_eq!(undo[0].0, "↩️ Undo");
    world.ask(&person, "two", 3);
    telegram.press(&person, person.id, cleared.message_id, &undo[0].1);
    world.wait("the undo", || telegram.answers(person.id)[1].text.starts_with("Undone"));
    assert!(buttons(&telegram.answers(person.id)[1]).is_empty());
    world.ask(&person, "three", 4);
    assert_eq!(prompts(&world)[2], remembering(&["one", "two"], "three"));
    world.ask(&person, "/retry", 5);
    let asked = telegram.messages(person.id).into_iter().rfind(|message| message.text == "three");
    telegram.edit(person.id, asked.expect("the question").message_id, "trees");
    world.wait("the edited answer", || telegram.answers(person.id)[4].text == "about trees");
    world.ask(&person, "four", 6);
    let all = prompts(&world);
    assert_eq!(all[3], remembering(&["one", "two"], "three"));
    assert_eq!(all[4], remembering(&["one", "two"], "trees"));
    assert_eq!(all[5], remembering(&["one", "two", "trees"], "four"));
    assert_eq!(all.len(), 6);
}

#[test]
fn a_failure_is_retried_by_its_button_also_in_a_group() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    world.sandbox().gemini().answer(Answer::Text(String::new()));
    telegram.say(&person, &group, "/ask anybody there?");
    let failure = world.answers(group.chat_id(&person), 1).pop().expect("it was said");
    assert!(failure.text.starts_with("The model returned nothing. Tap Retry"), "{}", failure.text);
    let retry = buttons(&failure);
    assert_eq!(retry.len(), 1, "{retry:?}");
    let at_failure = world.sandbox().gemini().generations().len();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
    telegram.press(&User::new(7777, "Eve").language("en"), failure.chat_id, failure.message_id, &retry[0].1);
    telegram.press(&person, failure.chat_id, failure.message_id, &retry[0].1);
    world.wait("the answer", || {
        telegram.answers(failure.chat_id).iter().any(|message| message.text == "about anybody there?")
    });
    let seen = world.answers(failure.chat_id, 1);
    assert_eq!(seen.len(), 1, "in the place of the failure: {seen:?}");
    assert_eq!(buttons(&seen[0]).len(), 2, "it can be asked again, or forgotten");
    assert_eq!(world.sandbox().gemini().generations().len(), at_failure + 1, "for its owner only");
}

/// I33 from outside: people side by side in private, in a group and in its topics, doing everything at once.
#[test]
fn nobody_is_sent_what_another_said() {
    const SEED: u64 = 33;
    println!("seed {SEED}");
    let world = world();
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let mut rng = fastrand::Rng::with_seed(SEED);
    let people: Vec<User> = (1..=4).map(|n| User::new(6100 + n, "P").language("en")).collect();
    let forum = |thread| ChatSpec::topic(-1_001_234_567_891, "forum", thread);
    let places = [ChatSpec::Private, ChatSpec::supergroup(-1_001_234_567_890, "friends"), forum(5), forum(6)];
    let conversations: Vec<(&User, &ChatSpec, String)> = people
        .iter()
        .flat_map(|person| places.iter().enumerate().map(move |(n, place)| (person, place, n)))
        .map(|(person, place, n)| (person, place, format!("<{}:{n}>", person.id)))
        .collect();
    let mut latest: Vec<Option<String>> = conversations.iter().map(|_| None).collect();
    for step in 0..400 {
        let n = rng.usize(..conversations.len());
        let (person, place, mark) = &conversations[n];
        let lead = if matches!(place, ChatSpec::Private) { "" } else { "/ask " };
        let text = format!("{lead}{mark} number {step}");
        match rng.u8(..10) {
            0..=4 => {
                telegram.say(person, place, &text);
                latest[n] = Some(text);
            }
            command @ (5 | 6) => {
                telegram.say(person, place, if command == 5 { "/new" } else { "/retry" });
            }
            7 | 8 => {
                let chat = place.chat_id(person);
                let asked = telegram
                    .messages(chat)
                    .into_iter()
                    .rfind(|message| Some(&message.text) == latest[n].as_ref());
                if let Some(asked) = asked {
                    telegram.edit(chat, asked.message_id, &text);
                    latest[n] = Some(text);
                }
            }
            _ => {
                let chat = place.chat_id(person);
                let offered: Vec<SeenMessage> = telegram
                    .answers(chat)
                    .into_iter()
                    .filter(|message| !buttons(message).is_empty())
                    .collect();
                if let Some(message) = offered.last() {
                    // In a group it may be another's, and is refused.
                    telegram.press(person, chat, message.message_id, &buttons(message)[0].1);
                }
            }
        }
        std::thread::sleep(Duration::from_millis(15));
    }
    world.wait("the last update", || telegram.pending_updates() == 0);
    world.wait("the end of every update", || {
        std::thread::sleep(Duration::from_millis(100));
        let stored = Stored::read(&world.folder().join("state"), world.sandbox());
        stored.inbox.values().all(Option::is_some)
    });
    let all = prompts(&world);
    assert!(all.len() > 100, "{} prompts", all.len());
    for texts in &all {
        let question = texts.last().expect("a question");
        let mark = &question[..=question.find('>').expect("a mark")];
        for text in texts {
            assert!(text.trim_start_matches("about ").starts_with(mark), "seed {SEED}: {texts:?}");
        }
        assert!(texts.len() <= 2 * 3 + 1, "{texts:?}");
        let mut questions: Vec<&String> = texts.iter().step_by(2).collect();
        questions.sort();
        questions.dedup();
        assert_eq!(questions.len(), texts.len().div_ceil(2), "each question once: {texts:?}");
    }
}

/// A process that dies at a point, and what it had in hand.
#[cfg(feature = "failpoints")]
mod killed {
    use super::*;

    /// Kills a daemon at `point` with what `act` does to a conversation of one round, "one", whose answer is message 0;
    /// then checks with a last question that the conversation remembers `rounds`, and no more than one message was left
    /// behind.
    fn at(point: &str, act: impl Fn(&World), rounds: &[&str], messages: usize) {
        println!("point {point}");
        let world = world();
        let (telegram, person) = (world.sandbox().telegram(), english());
        let mut daemon = world.start_unlimited();
        world.ask(&person, "one", 1);
        let begun = world.ask(&person, "/new", 2).pop().expect("it was said");
        telegram.press(&person, person.id, begun.message_id, &buttons(&begun)[0].1);
        world.wait("the undo", || telegram.answers(person.id)[1].text.starts_with("Undone"));
        assert_eq!(code(daemon.terminate()), "0", "{}", world.log());

        let mut daemon = world.start(&[("SVS_CRASH_AT", point)]);
        act(&world);
        assert_eq!(code(daemon.end(Duration::from_secs(20))), "signal 6", "{}", world.log());
        let _daemon = world.start_unlimited();
        world.wait("what was left", || telegram.pending_updates() == 0);
        world.wait("an end", || {
            telegram.answers(person.id).iter().all(|message| !message.text.ends_with('▌'))
        });
        std::thread::sleep(Duration::from_millis(400));
        telegram.say(&person, &ChatSpec::Private, "last");
        world.wait("the last answer", || {
            telegram.answers(person.id).iter().any(|message| message.text == "about last")
        });
        assert_eq!(prompts_of(&world, "last"), [remembering(rounds, "last")], "{point}");
        let seen = telegram.answers(person.id);
        assert!((messages..=messages + 1).contains(&seen.len()), "{point}: {seen:?}");
    }

    fn say(world: &World, text: &str) {
        world.sandbox().telegram().say(&english(), &ChatSpec::Private, text);
    }

    const POINTS: [&str; 4] =
        ["after_inbox_commit", "before_answer_commit", "after_answer_commit", "before_edit"];

    #[test]
    fn a_kill_in_a_retry_leaves_one_round() {
        for point in POINTS {
            at(point, |world| say(world, "/retry"), &["one"], 4);
        }
    }

    #[test]
    fn a_kill_in_an_edit_leaves_the_changed_round() {
        for point in POINTS {
            let edit = |world: &World| {
                let telegram = world.sandbox().telegram();
                let question =
                    telegram.messages(english().id).into_iter().find(|message| message.text == "one");
                telegram.edit(english().id, question.expect("it was asked").message_id, "won");
            };
            at(point, edit, &["won"], 3);
        }
    }

    #[test]
    fn a_kill_in_a_new_conversation_clears_it_once() {
        for point in ["after_inbox_commit", "after_done"] {
            at(point, |world| say(world, "/new"), &[], 4);
        }
    }

    #[test]
    fn a_kill_in_an_undo_neither_loses_nor_repeats_it() {
        for point in ["after_inbox_commit:2", "before_edit", "after_edit", "after_done:2"] {
            let undo = |world: &World| {
                let telegram = world.sandbox().telegram();
                let begun = world.ask(&english(), "/new", 3).pop().expect("it was said");
                telegram.press(&english(), english().id, begun.message_id, &buttons(&begun)[0].1);
            };
            at(point, undo, &["one"], 4);
        }
    }
}

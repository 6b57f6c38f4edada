//! The ref in an error message leads to the whole way of its request; what came in is what was ended; usage adds up.

use serde_json::Value;
use svs::sandbox::gemini::Answer;
use svs::sandbox::telegram::ChatSpec;

use crate::support::canary::Canaries;
use crate::support::{World, code, english, stderr, stdout};

fn json(world: &World, arguments: &[&str]) -> Value {
    let output = world.output(arguments);
    assert_eq!(code(output.status), "0", "{arguments:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The ref in a message of the bot.
fn ref_in(text: &str) -> &str {
    let (_, rest) = text.split_once('#').unwrap_or_else(|| panic!("no ref in {text:?}"));
    let end = rest.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

/// The texts at some place of every element.
fn each<'v>(array: &'v Value, field: &str) -> Vec<&'v str> {
    array.as_array().expect("an array").iter().map(|element| element[field].as_str().unwrap_or("-")).collect()
}

#[test]
fn the_ref_of_a_failure_leads_to_every_key_tried_and_to_the_message() {
    let world = World::new();
    let (telegram, gemini) = (world.sandbox().telegram(), world.sandbox().gemini());
    gemini.answer(Answer::Echo);
    let _daemon = world.start_unlimited();
    let who = english();
    world.ask(&who, "a question that is answered: dragonfruit", 1);
    let refs = |world: &World| {
        let state = rusqlite::Connection::open(world.folder().join("state/svs.db")).expect("a database");
        state.query_row("SELECT count(ref) FROM requests", [], |row| row.get::<_, i64>(0)).expect("a column")
    };
    assert_eq!(refs(&world), 0, "what nobody is shown is not drawn");

    gemini.fail("*=503").expect("a known fault");
    let before = gemini.generations().len();
    let update = telegram.say(&who, &ChatSpec::Private, "and one that fails: pomegranate");
    world.wait("the refusal", || telegram.answers(who.id).iter().any(|message| message.text.contains('#')));
    let shown = telegram.answers(who.id).into_iter().find(|message| message.text.contains('#')).expect("it");
    let reference = ref_in(&shown.text).to_owned();
    let calls: Vec<_> = gemini.generations().split_off(before);
    assert!(calls.len() >= 2, "it was tried again: {calls:?}");
    // The row of the message is done a moment after the message stands there.
    world.wait("the message's end", || {
        let trace = json(&world, &["explain", &reference, "-o", "json"]);
        trace["messages"][0]["state"] == "done"
    });

    let trace = json(&world, &["explain", &reference, "-o", "json"]);
    assert_eq!((trace["schema"].as_u64(), trace["ref"].as_str()), (Some(1), Some(&*reference)), "{trace}");
    assert_eq!(trace["id"].as_i64(), Some(update));
    assert_eq!(trace["user"]["id"].as_i64(), Some(who.id));
    let tried: Vec<&str> = calls.iter().map(|call| &*call.key).collect();
    assert_eq!(each(&trace["sends"], "key"), tried, "in the order in which Gemini saw them");
    let outcomes = each(&trace["sends"], "outcome");
    assert!(outcomes.iter().all(|outcome| *outcome == "overloaded"), "{outcomes:?}");
    let secrets = gemini.keys();
    for (send, call) in trace["sends"].as_array().expect("an array").iter().zip(&calls) {
        let (_, secret, _) = secrets.iter().find(|(label, ..)| **label == *call.key).expect("a known key");
        assert!(send["tail"].as_str().is_some_and(|tail| secret.ends_with(tail)), "{send}");
        assert!(send["took_ms"].is_u64() && send["detail"].is_string() && send["at"].is_string(), "{send}");
    }
    let request = &trace["request"];
    assert_eq!((request["role"].as_str(), request["served"].as_str()), (Some("normal"), None), "{request}");
    assert_eq!(request["plan"]["steps"][0]["key"].as_str(), Some(tried[0]), "{request}");
    assert!(!each(&request["plan"]["skipped"], "reason").is_empty(), "{request}");
    assert!(request["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{request}");
    assert_eq!(trace["messages"][0]["message_id"].as_i64(), Some(shown.message_id), "{trace}");
    assert_eq!(trace["update"]["ending"].as_str(), Some("refused:failed"), "{trace}");

    let secrets: Vec<(String, String)> =
        secrets.into_iter().map(|(label, secret, _)| (label, secret)).collect();
    let canaries = Canaries::new(&secrets);
    for name in [reference.to_lowercase(), format!("#{reference}"), update.to_string()] {
        for format in ["table", "plain", "json", "jsonl"] {
            let output = world.output(&["explain", &name, "-o", format]);
            assert_eq!(code(output.status), "0", "{name}: {}", stderr(&output));
            let said = stdout(&output) + &stderr(&output);
            assert!(said.contains(&reference) && said.contains(tried[0]), "{said}");
            assert!(!said.contains("pomegranate"), "nobody's words are shown: {said}");
            canaries.assert_none(format, said.as_bytes());
        }
    }
    println!("{}", stdout(&world.output(&["explain", &reference])));
    assert_eq!(refs(&world), 1);
}

#[test]
fn the_stored_state_explains_without_a_daemon_what_is_kept_and_nothing_else() {
    let world = World::new();
    let unknown = world.output(&["explain", "K7QF"]);
    assert_eq!(code(unknown.status), "66", "nothing is stored yet: {}", stderr(&unknown));
    assert!(!world.folder().join("state").exists(), "looking makes nothing");

    world.sandbox().gemini().fail("*=blocked").expect("a known fault");
    let mut daemon = world.start_unlimited();
    let shown = world.ask(&english(), "what is not said", 1).remove(0);
    let reference = ref_in(&shown.text);
    world.wait("the message's end", || {
        json(&world, &["explain", reference, "-o", "json"])["messages"][0]["state"] == "done"
    });
    let live = json(&world, &["explain", reference, "-o", "json"]);
    daemon.kill();
    let stored = json(&world, &["explain", reference, "-o", "json"]);
    assert_eq!((live["live"].as_bool(), stored["live"].as_bool()), (Some(true), Some(false)));
    for part in ["ref", "id", "user", "update", "request", "sends", "messages"] {
        assert_eq!(live[part], stored[part]);
    }
    assert_eq!(live["request"]["outcome"].as_str(), Some("blocked"), "{live}");
    let daemon = world.start_unlimited();
    for (name, expected) in [("K7QG", "66"), ("999999999999", "66"), ("K7", "64"), ("K7Q0", "64"), ("", "64")]
    {
        let output = world.output(&["explain", name]);
        assert_eq!(code(output.status), expected, "{name}: {}", stderr(&output));
        assert!(expected != "66" || stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
    drop(daemon);
}

#[test]
fn a_question_from_the_shell_has_a_ref_whether_it_is_answered_or_not() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let answer = json(&world, &["ask", "--json", "--role", "owner", "what is a mango?"]);
    let reference = answer["ref"].as_str().expect("a ref");
    let trace = json(&world, &["explain", reference, "--json"]);
    assert_eq!((trace["request"]["outcome"].as_str(), trace["user"].is_null()), (Some("answered"), true));
    assert_eq!(trace["sends"][0]["key"], answer["key"]);
    assert_eq!(trace["request"]["served"], answer["model"]);
    world.sandbox().gemini().fail("*=503").expect("a known fault");
    let failed = world.output(&["ask", "--role", "owner", "and a papaya?"]);
    assert_eq!(code(failed.status), "69");
    let other = ref_in(&stderr(&failed)).to_owned();
    assert_ne!(other, reference);
    let trace = json(&world, &["explain", &other, "--json"]);
    assert_eq!(each(&trace["sends"], "outcome").last(), Some(&"overloaded"), "{trace}");
    let usage = json(&world, &["usage", "--by", "user", "--json"]);
    assert_eq!(
        (usage["rows"][0]["name"].as_str(), usage["total"]["requests"].as_u64()),
        (Some("shell"), Some(2))
    );
}

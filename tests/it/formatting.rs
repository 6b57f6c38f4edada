//! What a model writes in Markdown, as a person sees it: text with entities that Telegram takes.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, SeenMessage, objection};

use crate::support::{World, english};

/// The pieces of a message that its entities of this kind cover.
fn pieces(message: &SeenMessage, kind: &str) -> Vec<String> {
    let units: Vec<u16> = message.text.encode_utf16().collect();
    let number = |entity: &Value, name: &str| {
        usize::try_from(entity[name].as_u64().expect("a number")).expect("a small one")
    };
    let of_kind = message.entities.iter().filter(|entity| entity["type"] == kind);
    of_kind
        .map(|entity| {
            let from = number(entity, "offset");
            String::from_utf16_lossy(&units[from..from + number(entity, "length")])
        })
        .collect()
}

/// Every text the bot sent or edited, with its entities; what Telegram objects to fails.
fn all_shown(world: &World) -> Vec<String> {
    let calls = world.sandbox().telegram().calls();
    let shown = calls.iter().filter(|call| call.method == "sendMessage" || call.method == "editMessageText");
    shown
        .map(|call| {
            let body = &call.params;
            assert!(body["parse_mode"].is_null(), "{body}");
            let text = body["text"].as_str().expect("a text").to_owned();
            let entities = if body["entities"].is_null() { json!([]) } else { body["entities"].clone() };
            assert_eq!(objection(&text, &entities), None, "{text}");
            text
        })
        .collect()
}

#[test]
fn an_answer_in_markdown_is_seen_without_its_markup() {
    let world = World::new();
    let answer = "# Title\n\n**Bold** and `code`:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 中 |\n\n\
                  ```rust\nfn main() {}\n```";
    world.sandbox().gemini().answer(Answer::Text(answer.to_owned()));
    let _daemon = world.run();
    let seen = world.ask(&english(), "show me", 1);
    let message = &seen[0];
    assert_eq!(pieces(message, "bold"), ["Title", "Bold"]);
    assert_eq!(pieces(message, "code"), ["code"]);
    assert!(message.text.contains("• one\n• two"), "{}", message.text);
    let blocks = pieces(message, "pre");
    assert_eq!(blocks.last().map(String::as_str), Some("fn main() {}"));
    assert!(message.entities.iter().any(|entity| entity["language"] == "rust"), "{:?}", message.entities);
    assert!(blocks[0].contains("1 | 中"), "{blocks:?}");
    assert!(!message.text.contains(['*', '#', '`']), "{}", message.text);
    all_shown(&world);
}

/// A text with code that does not fit into one message, but has too few lines for a file.
fn long_code() -> String {
    let lines = (0..110).fold(String::new(), |mut lines, n| {
        let _ = writeln!(lines, "let number_{n} = {n}; // what comes after the number before");
        lines
    });
    format!("Here it **is**:\n\n```rust\n{lines}```\n\nThat was *all*.")
}

#[test]
fn code_over_two_messages_is_code_in_both() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Text(long_code()));
    let _daemon = world.start_unlimited();
    let seen = world.ask(&english(), "a lot of code, please", 2);
    assert_eq!(seen.len(), 2, "{seen:?}");
    for message in &seen {
        let blocks = pieces(message, "pre");
        assert!(blocks.len() == 1 && blocks[0].starts_with("let number_"), "{blocks:?}");
        assert!(message.entities.iter().any(|entity| entity["language"] == "rust"));
        assert!(!message.text.contains("```") && !message.text.contains('▌'), "{}", message.text);
    }
    assert!(seen[1].text.ends_with("That was all."));
    all_shown(&world);
}

#[test]
fn a_growing_answer_shows_no_markup_and_is_taken_at_every_edit() {
    let world = World::new();
    let story = "The **first** word is `one`, and [this](https://example.org) is *another* story.\n\n";
    let answer = story.repeat(4) + &long_code() + "\n\n" + &story.repeat(20);
    world.sandbox().gemini().answer(Answer::Text(answer));
    let slow = Timing { first: Duration::ZERO, between: Duration::from_millis(25), chunk_chars: 60 };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    telegram.say(&english(), &ChatSpec::Private, "tell me");
    world.wait("the end", || {
        telegram.answers(english().id).last().is_some_and(|last| last.text.ends_with("is another story."))
    });
    let shown = all_shown(&world);
    assert!(shown.len() > 5, "it grew: {}", shown.len());
    for text in &shown {
        for markup in ["**", "`", "](", "*another"] {
            assert!(!text.contains(markup), "{markup} in {text}");
        }
    }
    assert!(telegram.answers(english().id).iter().all(|message| !message.text.contains('▌')));
}

#[test]
fn words_below_an_answer_stand_outside_of_code_it_left_open() {
    let world = World::new();
    let code = "let a_line_of_code = 1;\n".repeat(200);
    world.sandbox().gemini().answer(Answer::Text(format!("Look:\n\n```rust\n{code}")));
    let slow = Timing { first: Duration::ZERO, between: Duration::from_millis(150), chunk_chars: 24 };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = world.run();
    let telegram = world.sandbox().telegram();
    telegram.say(&english(), &ChatSpec::Private, "code");
    world.wait("some code", || {
        telegram.answers(english().id).first().is_some_and(|message| message.text.contains("let"))
    });
    telegram.say(&english(), &ChatSpec::Private, "/stop");
    world.wait("the end", || {
        telegram.answers(english().id).first().is_some_and(|message| message.text.ends_with("Stopped."))
    });
    let message = &telegram.answers(english().id)[0];
    let blocks = pieces(message, "pre");
    assert!(blocks.len() == 1 && !blocks[0].contains("Stopped"), "{blocks:?}");
    all_shown(&world);
}

//! What is too long for a chat arrives as a file: once, whole, and after a restart as well.

use std::fmt::Write as _;
use std::time::Duration;

use svs::sandbox::gemini::{Answer, Timing};
use svs::sandbox::telegram::{ChatSpec, SeenFile, SeenMessage, TelegramFault};

#[cfg(feature = "failpoints")]
use crate::support::{Daemon, code};
use crate::support::{World, chinese, english};

/// More text than five messages take, with a last line to look for.
fn story() -> String {
    let mut story = String::from("# The **long** way\n\n");
    for n in 0..400 {
        let _ = writeln!(story, "Paragraph {n} of a *long* story, which is told 一段一段 without an end.\n");
    }
    story + "The end."
}

fn program(lines: usize) -> String {
    (0..lines).fold(String::new(), |mut code, n| {
        let _ = writeln!(code, "print({n})  # 你好");
        code
    })
}

fn files(world: &World, chat: i64) -> Vec<SeenFile> {
    let telegram = world.sandbox().telegram();
    telegram.answers(chat).iter().flat_map(|message| telegram.files_of(message)).collect()
}

fn wait_for_files(world: &World, chat: i64, count: usize) -> Vec<SeenFile> {
    world.wait("the file", || files(world, chat).len() >= count);
    files(world, chat)
}

/// The messages that are no files.
fn texts(world: &World, chat: i64) -> Vec<SeenMessage> {
    let telegram = world.sandbox().telegram();
    let seen = telegram.answers(chat);
    seen.into_iter().filter(|message| telegram.files_of(message).is_empty()).collect()
}

/// Bad input 62.
#[test]
fn an_answer_over_five_messages_is_its_first_and_a_file_with_all_of_it() {
    let world = World::new();
    let story = story();
    world.sandbox().gemini().answer(Answer::Text(story.clone()));
    // Slow enough to be seen in several messages before its end.
    let timing = Timing { first: Duration::ZERO, between: Duration::from_millis(60), chunk_chars: 600 };
    world.sandbox().gemini().set_timing(timing);
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), chinese());
    telegram.say(&person, &ChatSpec::Private, "讲个故事");
    let mut most = 0;
    world.wait("the file", || {
        most = most.max(texts(&world, person.id).len());
        !files(&world, person.id).is_empty()
    });
    assert!((3..=5).contains(&most), "it grew over {most} messages");
    world.wait("one message", || texts(&world, person.id).len() == 1);
    let seen = telegram.answers(person.id);
    let first = &seen[0].text;
    assert!(first.starts_with("The long way\nParagraph 0") && !first.contains('▌'), "{first}");
    let [file] = &files(&world, person.id)[..] else { panic!("one file") };
    assert_eq!((file.kind.as_str(), file.name.as_deref()), ("document", Some("answer.md")));
    assert_eq!(String::from_utf8_lossy(&file.bytes).trim(), story);
    assert_eq!(seen.last().expect("the file").text, "回答较长，全文见附件 answer.md。");
}

#[test]
fn long_code_is_named_in_the_text_and_follows_as_a_file() {
    let world = World::new();
    let (long, other, short) = (program(121), program(200), program(120));
    let answer = format!(
        "First:\n\n```python title=\"app.py\"\n{long}```\n\nthen:\n\n```py\n{other}```\n\nand:\n\n```py\n{short}```\n\nDone."
    );
    world.sandbox().gemini().answer(Answer::Text(answer));
    let _daemon = world.start_unlimited();
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    let person = english();
    let chat = group.chat_id(&person);
    world.sandbox().telegram().say(&person, &group, "/ask write it");
    let sent = wait_for_files(&world, chat, 2);
    let named: Vec<_> =
        sent.iter().map(|file| (file.name.clone().expect("a name"), &file.bytes[..])).collect();
    assert_eq!(
        named,
        [("app.py".to_owned(), long.as_bytes()), ("code.py".to_owned(), other.as_bytes())],
        "in their order, as they were written"
    );
    let said = texts(&world, chat);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].text.starts_with("First:\n\n📎 app.py\n\nthen:\n\n📎 code.py\n\nand:\n\nprint(0)"));
    assert!(said[0].text.ends_with("Done.") && said[0].reply_to.is_some());
    let captions: Vec<String> =
        world.sandbox().telegram().answers(chat).into_iter().map(|m| m.text).collect();
    assert_eq!(captions[1..], ["Long code attached as app.py.", "Long code attached as code.py."]);
}

#[cfg(feature = "failpoints")]
/// Asks, lets the daemon die when the text is final and the file is not sent yet, and starts another.
fn restarted(world: &World) -> Daemon {
    let mut daemon = world.start_unlimited_with(&[("SVS_CRASH_AT", "after_edit:1")]);
    world.sandbox().telegram().say(&english(), &ChatSpec::Private, "write it");
    assert_eq!(code(daemon.end(Duration::from_secs(30))), "signal 6", "{}", world.log());
    assert!(files(world, english().id).is_empty(), "the file was still to come");
    world.start_unlimited()
}

#[cfg(feature = "failpoints")]
#[test]
fn a_file_that_was_not_sent_when_the_process_died_is_sent_by_the_next() {
    let world = World::new();
    let long = program(500);
    world.sandbox().gemini().answer(Answer::Text(format!("Here:\n\n```py\n{long}```")));
    let _daemon = restarted(&world);
    let sent = wait_for_files(&world, english().id, 1);
    assert_eq!(String::from_utf8_lossy(&sent[0].bytes), long);
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!((files(&world, english().id).len(), texts(&world, english().id).len()), (1, 1));
    assert_eq!(world.sandbox().gemini().generations().len(), 1, "nothing is asked again for a file");
}

#[test]
fn a_file_whose_arrival_is_unknown_is_sent_once_more_and_its_text_is_not() {
    let world = World::new();
    let long = program(150);
    world.sandbox().gemini().answer(Answer::Text(format!("Here:\n\n```py\n{long}```")));
    let telegram = world.sandbox().telegram();
    telegram.fail("sendDocument", TelegramFault::RetryAfter(1), 1);
    telegram.fail("sendDocument", TelegramFault::DropAfterAccept, 1);
    let _daemon = world.start_unlimited();
    telegram.say(&english(), &ChatSpec::Private, "write it");
    let sent = wait_for_files(&world, english().id, 2);
    assert!(sent.iter().all(|file| file.bytes == long.as_bytes()));
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!((files(&world, english().id).len(), texts(&world, english().id).len()), (2, 1));
}

#[test]
fn an_edited_question_takes_the_file_of_its_first_answer_back() {
    let world = World::new();
    let (first, second) = (program(130), program(140));
    let answer = |code: &str| Answer::Text(format!("Here:\n\n```py\n{code}```"));
    world.sandbox().gemini().answer(answer(&first));
    world.sandbox().gemini().answer_when("second", answer(&second));
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    telegram.say(&person, &ChatSpec::Private, "the first");
    wait_for_files(&world, person.id, 1);
    let asked = telegram.messages(person.id)[0].message_id;
    for (words, expected) in [("the second", &second), ("the first again", &first)] {
        telegram.edit(person.id, asked, words);
        world.wait("the other file", || {
            let files = files(&world, person.id);
            files.len() == 1 && files[0].bytes == expected.as_bytes()
        });
    }
    assert_eq!(texts(&world, person.id).len(), 1);
}

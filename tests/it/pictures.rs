//! Pictures that people ask for: /image, plain words, what stands below them, and who gets none.

use std::time::Duration;

use svs::sandbox::gemini::{Answer, GeminiCall, SentMedia};
use svs::sandbox::telegram::{ChatSpec, Media, SeenFile, SeenMessage, User};

use crate::support::{Daemon, World, chinese, english, owner, turns};

const IMAGE: [(&str, &str); 3] = [
    ("SVS_GEMINI_MODELS_IMAGE", "gemini-3.1-flash-image"),
    ("SVS_LIMITS_IMAGE_DAILY_LIMIT", "1000"),
    ("SVS_GEMINI_SYSTEM_PROMPT", "Answer like a pirate."),
];
const PRIVATE: ChatSpec = ChatSpec::Private;
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0 a photo of somebody's dog";

fn start(world: &World) -> Daemon {
    world.start_unlimited_with(&IMAGE)
}

fn say(world: &World, person: &User, text: &str) {
    world.sandbox().telegram().say(person, &PRIVATE, text);
}

/// The pictures in a chat, with the messages they stand in.
fn photos(world: &World, chat: i64) -> Vec<(SeenMessage, SeenFile)> {
    let telegram = world.sandbox().telegram();
    let with_file =
        |message: SeenMessage| telegram.files_of(&message).into_iter().next().map(|file| (message, file));
    telegram.answers(chat).into_iter().filter_map(with_file).collect()
}

fn wait_for_photos(world: &World, chat: i64, count: usize) -> Vec<(SeenMessage, SeenFile)> {
    world.wait("the picture", || photos(world, chat).len() >= count);
    photos(world, chat)
}

fn drawn(world: &World) -> Vec<GeminiCall> {
    let calls = world.sandbox().gemini().generations();
    calls.into_iter().filter(|call| call.model.contains("image")).collect()
}

#[test]
fn a_picture_is_answered_as_a_photo_with_its_words_below() {
    let world = World::new();
    world.sandbox().gemini().answer_when("fox", Answer::Text("A **fox** in the snow.".to_owned()));
    let _daemon = start(&world);
    let (telegram, person) = (world.sandbox().telegram(), owner());
    say(&world, &person, "/image a fox");
    let (message, file) = wait_for_photos(&world, person.id, 1).remove(0);
    assert_eq!((file.kind.as_str(), message.text.as_str()), ("photo", "A fox in the snow."));
    assert_eq!(message.entities[0]["type"], "bold");
    assert!(file.bytes.starts_with(b"\x89PNG\r\n\x1a\n") && file.bytes.ends_with(b"IEND\xaeB`\x82"));
    let call = &drawn(&world)[0];
    assert!(
        call.body.contains(r#""responseModalities":["TEXT","IMAGE"]"#) && call.flags.is_empty(),
        "{call:?}"
    );
    assert!(!call.body.contains("pirate"), "how to talk is not for who draws");
    assert_eq!(telegram.answers(person.id).len(), 1, "the words stand nowhere else");
    let calls = telegram.calls();
    assert!(calls.iter().all(|call| call.method != "sendMessageDraft" && call.method != "sendMessage"));
    // What is remembered of it.
    say(&world, &person, "thank you");
    world.answers(person.id, 2);
    let said: Vec<String> = turns(world.sandbox().gemini().generations().last().expect("asked"))
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(said, ["a fox", "A **fox** in the snow.\n[picture]", "thank you"]);
}

#[test]
fn plain_words_are_enough_where_pictures_may_be_had_and_are_words_where_not() {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
    let _daemon = start(&world);
    say(&world, &owner(), "帮我画一只猫");
    wait_for_photos(&world, owner().id, 1);
    say(&world, &english(), "draw me a cat");
    assert_eq!(world.answers(english().id, 1)[0].text, "about draw me a cat");
    assert_eq!(drawn(&world).len(), 1, "a normal person has no pictures, and is answered in words");
    say(&world, &english(), "/image a cat");
    assert_eq!(world.answers(english().id, 2)[1].text, "Pictures are for premium and above; you are normal.");
    say(&world, &chinese(), "/image 猫");
    assert_eq!(world.answers(chinese().id, 1)[0].text, "画图需要高级或以上级别，你现在是普通用户。");
    say(&world, &owner(), "/image");
    assert!(world.answers(owner().id, 2)[1].text.starts_with("Usage: /image and what to draw"));
    say(&world, &owner(), "/help");
    assert!(world.answers(owner().id, 3)[2].text.contains("/image draw a picture"));
    say(&world, &english(), "/help");
    assert!(!world.answers(english().id, 3)[2].text.contains("/image"), "what is not theirs is not offered");
    assert_eq!(drawn(&world).len(), 1);
}

#[test]
fn nothing_is_drawn_without_a_model_and_a_budget() {
    for variables in [&[][..], &IMAGE[..1]] {
        let world = World::new();
        let _daemon = world.start_unlimited_with(variables);
        say(&world, &owner(), "/image a cat");
        assert_eq!(world.answers(owner().id, 1)[0].text, "Pictures aren't set up here.");
        say(&world, &owner(), "draw a cat");
        world.answers(owner().id, 2);
        assert!(drawn(&world).is_empty());
    }
}

#[test]
fn keys_that_nobody_pays_for_are_passed_over_and_named_when_there_is_no_other() {
    let world = World::new();
    let gemini = world.sandbox().gemini();
    let _daemon = start(&world);
    // The first three keys are of the free tier.
    gemini.fail("A:image=limit0").expect("a known fault");
    say(&world, &owner(), "/image a cat");
    wait_for_photos(&world, owner().id, 1);
    gemini.fail("*:image=limit0").expect("a known fault");
    say(&world, &owner(), "/image another cat");
    let said = world.answers(owner().id, 2);
    assert_eq!(
        said[1].text,
        "Pictures need a paid key, and none of the keys here is. Please tell the owner."
    );
    let asked = drawn(&world).len();
    assert!(asked <= gemini.keys().len() + 1, "each key once: {asked}");
    say(&world, &owner(), "/image a third cat");
    world.answers(owner().id, 3);
    assert_eq!(drawn(&world).len(), asked, "what Google has said is not asked again");
    // Text models are another matter.
    say(&world, &owner(), "hello");
    world.answers(owner().id, 4);
}

#[test]
fn a_picture_is_drawn_from_a_photo_and_again_by_retry_and_edit() {
    let world = World::new();
    let _daemon = start(&world);
    let (telegram, person) = (world.sandbox().telegram(), owner());
    telegram.send(&person, &PRIVATE, &Media::photo(JPEG, 640, 480), "/image as a watercolor");
    wait_for_photos(&world, person.id, 1);
    let asked = telegram.messages(person.id)[0].message_id;
    say(&world, &person, "/retry");
    wait_for_photos(&world, person.id, 2);
    // In the place of the one it had.
    telegram.edit(person.id, asked, "/image as an oil painting");
    world.wait("the edited one", || drawn(&world).len() == 3);
    world.wait("the old one to go", || photos(&world, person.id).len() == 2);
    let dog = telegram.messages(person.id)[0].message_id;
    telegram.reply(&person, &PRIVATE, dog, "/image in the snow");
    wait_for_photos(&world, person.id, 3);
    for (call, words) in
        drawn(&world).iter().zip(["as a watercolor", "as a watercolor", "as an oil painting", "in the snow"])
    {
        assert_eq!(call.media, [SentMedia::of("image/jpeg", JPEG)], "{words}");
        assert!(call.body.contains(words), "{}", call.body);
    }
}

#[test]
fn what_is_no_picture_for_telegram_arrives_as_a_document_and_words_alone_as_words() {
    let world = World::new();
    let _daemon = start(&world);
    world.sandbox().gemini().set_picture(&b"a format of tomorrow"[..]);
    say(&world, &owner(), "/image a cat");
    let (_, file) = wait_for_photos(&world, owner().id, 1).remove(0);
    assert_eq!((file.kind.as_str(), file.name.as_deref()), ("document", Some("picture.png")));
    world.sandbox().gemini().set_picture(Vec::new());
    world.sandbox().gemini().answer(Answer::Text("I would rather not draw that.".to_owned()));
    say(&world, &owner(), "/image something else");
    assert_eq!(world.answers(owner().id, 2)[1].text, "I would rather not draw that.");
}

#[test]
fn a_slow_picture_shows_that_a_photo_is_on_its_way() {
    let world = World::new();
    let slow = svs::sandbox::gemini::Timing {
        first: Duration::from_millis(900),
        between: Duration::ZERO,
        chunk_chars: 100,
    };
    world.sandbox().gemini().set_timing(slow);
    let _daemon = start(&world);
    say(&world, &owner(), "/image a cat");
    wait_for_photos(&world, owner().id, 1);
    let actions: Vec<_> = world
        .sandbox()
        .telegram()
        .calls()
        .iter()
        .filter(|call| call.method == "sendChatAction")
        .map(|call| call.params["action"].clone())
        .collect();
    assert_eq!(actions, ["upload_photo"]);
}

#[cfg(feature = "failpoints")]
#[test]
fn a_picture_that_was_drawn_when_the_process_died_is_sent_by_the_next() {
    use crate::support::code;
    let world = World::new();
    let mut daemon =
        world.start_unlimited_with(&[&IMAGE[..], &[("SVS_CRASH_AT", "after_answer_commit:1")]].concat());
    say(&world, &owner(), "/image a cat");
    assert_eq!(code(daemon.end(Duration::from_secs(30))), "signal 6", "{}", world.log());
    let _daemon = start(&world);
    let photos = wait_for_photos(&world, owner().id, 1);
    assert!(photos[0].1.bytes.ends_with(b"IEND\xaeB`\x82"));
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!((drawn(&world).len(), world.sandbox().telegram().answers(owner().id).len()), (1, 1));
}

//! Photos, voice, files and quotes, as people send them: what Gemini gets of them, and what is said of the rest.

use std::time::Duration;

use serde_json::{Value, json};
use svs::sandbox::gemini::{Answer, GeminiCall, SentMedia, Timing};
use svs::sandbox::telegram::{ChatSpec, Media, SeenMessage, User};

use crate::support::state::Stored;
use crate::support::{World, chinese, english, turns};

const PRIVATE: ChatSpec = ChatSpec::Private;
/// What JPEG, OGG and PDF begin with.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0OpusHead";
const PDF: &[u8] = b"%PDF-1.7\n\xe2\xe3\xcf\xd3";

fn photo(n: u8) -> (Vec<u8>, Media) {
    let bytes = [JPEG, &[n; 300]].concat();
    (bytes.clone(), Media::photo(bytes, 1280, 960))
}

fn world() -> World {
    let world = World::new();
    world.sandbox().gemini().answer(Answer::with(|asked| format!("about {}", asked.question)));
    world
}

fn generations(world: &World) -> Vec<GeminiCall> {
    world.sandbox().gemini().generations()
}

/// Waits for the end of `count` questions, and gives what Gemini was asked.
fn asked(world: &World, chat: i64, count: usize) -> Vec<GeminiCall> {
    world.answers(chat, count);
    let calls = generations(world);
    assert!(calls.iter().all(|call| call.flags.is_empty()), "{calls:?}");
    calls
}

/// The texts in the last turn of a request, part by part.
fn parts(call: &GeminiCall) -> Vec<String> {
    let body: Value = serde_json::from_str(&call.body).expect("a request body is JSON");
    let contents = body["contents"].as_array().expect("contents");
    let parts = contents.last().expect("a question")["parts"].as_array().expect("parts");
    parts.iter().filter_map(|part| part["text"].as_str().map(str::to_owned)).collect()
}

fn last(seen: &[SeenMessage]) -> &str {
    &seen.last().expect("an answer").text
}

#[test]
fn a_photo_is_asked_with_its_caption_and_remembered_without_its_bytes() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let (bytes, media) = photo(1);
    telegram.send(&person, &PRIVATE, &media, "What is this?");
    let calls = asked(&world, person.id, 1);
    assert_eq!(calls[0].media, [SentMedia::of("image/jpeg", &bytes)]);
    assert_eq!(parts(&calls[0]), ["What is this?"]);
    assert!(calls[0].model.contains("flash") && !calls[0].model.contains("lite"), "{}", calls[0].model);
    telegram.send(&person, &PRIVATE, &media, "");
    asked(&world, person.id, 2);
    world.ask(&person, "and now?", 3);
    let calls = generations(&world);
    assert_eq!((calls[1].media.len(), parts(&calls[1]).len()), (1, 0), "a photo without words is a question");
    assert!(!calls[1].model.contains("lite"), "{}", calls[1].model);
    let said: Vec<String> = turns(&calls[2]).into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["What is this?", "about What is this?", "[photo]", "about ", "and now?"]);
    assert!(calls[2].media.is_empty());
}

#[test]
fn an_album_is_one_question_with_the_caption_of_whichever_has_one() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let photos = [photo(1), photo(2), photo(3)];
    // The words stand below the second.
    for (n, (_, media)) in photos.iter().enumerate() {
        let caption = if n == 1 { "Which is the oldest?" } else { "" };
        telegram.send_with(&person, &PRIVATE, media, caption, json!({"media_group_id": "1300"}));
    }
    telegram.say(&person, &PRIVATE, "and why?");
    let calls = asked(&world, person.id, 2);
    assert_eq!(calls.len(), 2);
    let expected: Vec<SentMedia> =
        photos.iter().map(|(bytes, _)| SentMedia::of("image/jpeg", bytes)).collect();
    assert_eq!(
        (calls[0].media.as_slice(), parts(&calls[0])),
        (&*expected, vec!["Which is the oldest?".to_owned()])
    );
    assert_eq!(parts(&calls[1]), ["and why?"], "what is said after an album comes after it");
    // /retry and an edit of the words ask all of it again.
    world.ask(&person, "/retry", 3);
    assert_eq!(parts(&generations(&world)[2]), ["and why?"]);
    telegram.send_album(&person, &PRIVATE, &photos.clone().map(|(_, media)| media), "One more time");
    asked(&world, person.id, 4);
    let words = telegram.messages(person.id).into_iter().rfind(|message| message.text == "One more time");
    telegram.edit(person.id, words.expect("the caption").message_id, "In other words");
    world.wait("the edited answer", || last(&telegram.answers(person.id)) == "about In other words");
    world.ask(&person, "/retry", 5);
    let calls = generations(&world);
    for call in &calls[3..] {
        assert_eq!(call.media, expected);
    }
    assert_eq!(parts(&calls[5]), ["In other words"]);
}

#[test]
fn an_album_in_a_group_is_for_us_when_one_part_says_so() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    let bot = telegram.say(&person, &group, "/ask hello");
    assert!(bot > 0);
    let answer = world.answers(group.chat_id(&person), 1)[0].message_id;
    let photos = [photo(1), photo(2)];
    for (n, (_, media)) in photos.iter().enumerate() {
        let mut more = json!({"media_group_id": "1300"});
        if n == 1 {
            more["reply_to"] = json!(answer);
        }
        telegram.send_with(&person, &group, media, "", more);
    }
    // One that nobody asks us about.
    telegram.send_album(&person, &group, &photos.clone().map(|(_, media)| media), "look at this");
    let calls = asked(&world, group.chat_id(&person), 2);
    let expected: Vec<SentMedia> =
        photos.iter().map(|(bytes, _)| SentMedia::of("image/jpeg", bytes)).collect();
    assert_eq!(calls[1].media, expected, "also the part that does not name us");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!((generations(&world).len(), telegram.answers(group.chat_id(&person)).len()), (2, 2));
}

#[test]
fn voice_documents_and_code_reach_gemini_as_what_they_are() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let code = "fn main() {\n    println!(\"hello\");\n}\n";
    let cases = [
        (Media::voice(OGG, 3), "", Some(SentMedia::of("audio/ogg", OGG))),
        (
            Media::document("paper.pdf", "application/pdf", PDF),
            "Summarize",
            Some(SentMedia::of("application/pdf", PDF)),
        ),
        // The claim is wrong, and the bytes say so.
        (Media::document("notes.txt", "text/plain", JPEG), "See?", Some(SentMedia::of("image/jpeg", JPEG))),
        (Media::document("main.rs", "application/octet-stream", code), "What does it print?", None),
    ];
    for (n, (media, caption, sent)) in cases.into_iter().enumerate() {
        telegram.send(&person, &PRIVATE, &media, caption);
        let calls = asked(&world, person.id, n + 1);
        let call = &calls[n];
        if let Some(sent) = sent {
            assert_eq!(call.media, [sent]);
        } else {
            assert!(call.media.is_empty());
            assert_eq!(parts(call), [format!("main.rs:\n\n{code}"), caption.to_owned()]);
        }
    }
}

/// Bad inputs 36 and 49.
#[test]
fn what_cannot_be_read_is_said_in_a_line_and_costs_nothing() {
    let world = world();
    let _daemon = world.start_unlimited();
    let telegram = world.sandbox().telegram();
    let big = Media::document("film.mp4", "video/mp4", b"x".to_vec()).claiming(50 << 20);
    let zip = Media::document("a.zip", "application/zip", b"PK\x03\x04\0\0\0\0".to_vec());
    let sticker = Media::sticker(b"RIFF\0\0\0\0WEBPVP8 ".to_vec());
    for (person, lines) in [
        (chinese(), ["文件超过 20 MB，Telegram 不让机器人下载。", "暂不支持 zip。", "这个读不了。"]),
        (
            english(),
            [
                "Over 20 MB; Telegram won't let bots download it.",
                "zip isn't supported yet.",
                "I can't read this.",
            ],
        ),
    ] {
        for (n, (media, line)) in [&big, &zip, &sticker].into_iter().zip(lines).enumerate() {
            let before = telegram.downloads().len();
            telegram.send(&person, &PRIVATE, media, if n == 0 { "?" } else { "" });
            let seen = world.answers(person.id, n + 1);
            assert!(last(&seen).starts_with(line), "{}", last(&seen));
            assert_eq!(
                telegram.downloads().len() - before,
                usize::from(n == 1),
                "only the zip is looked into"
            );
        }
        telegram.say_with(&person, &PRIVATE, "", json!({"location": {"latitude": 1.0, "longitude": 2.0}}));
        assert!(last(&world.answers(person.id, 4)).starts_with(lines[2]));
    }
    assert!(generations(&world).is_empty());
    let asked_for = telegram.calls().iter().filter(|call| call.method == "getFile").count();
    assert_eq!(asked_for, 2, "what is too big is not even asked for");
}

#[test]
fn what_a_question_replies_to_is_context_and_no_part_of_memory() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let answer = world.ask(&person, "one", 1)[0].message_id;
    telegram.reply(&person, &PRIVATE, answer, "Shorter, please");
    let calls = asked(&world, person.id, 2);
    let said = parts(&calls[1]);
    assert_eq!((said.len(), said[1].as_str()), (2, "Shorter, please"));
    assert!(said[0].contains("this message of yours:\n\nabout one"), "{said:?}");
    world.ask(&person, "three", 3);
    let before: Vec<String> = turns(&generations(&world)[2]).into_iter().map(|(_, text)| text).collect();
    assert_eq!(before[2], "Shorter, please");
    // In a group, the words and the photo of somebody else.
    let group = ChatSpec::supergroup(-1_001_234_567_890, "friends");
    let other = User::new(3001, "Gus").language("en");
    let (bytes, media) = photo(9);
    telegram.send(&other, &group, &media, "my new bike");
    let bike = telegram.messages(group.chat_id(&other)).last().expect("the photo").message_id;
    telegram.reply(&person, &group, bike, "/ask what color is it?");
    let calls = asked(&world, group.chat_id(&person), 1);
    let call = calls.last().expect("a request");
    assert_eq!(call.media, [SentMedia::of("image/jpeg", &bytes)]);
    let said = parts(call);
    assert!(said[0].contains("my new bike") && said[1] == "what color is it?", "{said:?}");
}

#[test]
fn a_closed_bot_looks_at_no_file_of_a_stranger() {
    let world = world();
    let _daemon = world.start_unlimited_with(&[("SVS_TELEGRAM_CLOSED", "true")]);
    let (telegram, person) = (world.sandbox().telegram(), english());
    telegram.send_album(&person, &PRIVATE, &[photo(1).1, photo(2).1], "hello?");
    let seen = world.answers(person.id, 1);
    assert!(last(&seen).starts_with("This bot isn't open to you yet."), "{}", last(&seen));
    world.wait("the end of every part", || telegram.pending_updates() == 0);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!((telegram.answers(person.id).len(), telegram.downloads().len()), (1, 0));
    assert!(generations(&world).is_empty());
}

#[test]
fn an_album_survives_a_kill_and_is_answered_once() {
    for moment in ["while it comes in", "while it is answered"] {
        let world = world();
        let slow = Timing { first: Duration::from_millis(800), between: Duration::ZERO, chunk_chars: 100 };
        world.sandbox().gemini().set_timing(slow);
        let mut daemon = world.start_unlimited();
        let (telegram, person) = (world.sandbox().telegram(), english());
        let photos = [photo(1), photo(2), photo(3)];
        let updates =
            telegram.send_album(&person, &PRIVATE, &photos.clone().map(|(_, media)| media), "Compare");
        if moment == "while it comes in" {
            world.wait("the album", || telegram.pending_updates() == 0);
        } else {
            world.wait("the question", || world.sandbox().gemini().in_flight() > 0);
        }
        daemon.kill();
        let mut daemon = world.start_unlimited();
        world.wait(moment, || {
            telegram.answers(person.id).iter().any(|message| message.text == "about Compare")
        });
        std::thread::sleep(Duration::from_millis(1500));
        let finals = telegram.answers(person.id);
        assert_eq!(finals.iter().filter(|message| message.text == "about Compare").count(), 1, "{finals:?}");
        daemon.terminate();
        let calls = generations(&world);
        assert!(calls.len() <= 2 && calls.iter().all(|call| call.media.len() == 3), "{moment}: {calls:?}");
        let stored = Stored::read(&world.folder().join("state"), world.sandbox());
        assert!(stored.is_answered(updates[0]), "{moment}");
    }
}

/// What MP4 begins with.
const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

#[test]
fn sound_and_video_reach_gemini_as_what_they_are() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let mp3 = b"ID3\x04\0\0\0\0\0\0 a song";
    let m4a = b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom";
    let cases = [
        (Media::voice(OGG, 3), SentMedia::of("audio/ogg", OGG)),
        (Media::audio("song.mp3", "audio/mpeg", &mp3[..], 180), SentMedia::of("audio/mp3", mp3)),
        (Media::audio("talk.m4a", "audio/x-m4a", &m4a[..], 60), SentMedia::of("audio/mp4", m4a)),
        (Media::video(MP4, 12), SentMedia::of("video/mp4", MP4)),
        (Media::video_note(MP4, 8), SentMedia::of("video/mp4", MP4)),
        (Media::animation(MP4, 2), SentMedia::of("video/mp4", MP4)),
    ];
    for (n, (media, sent)) in cases.into_iter().enumerate() {
        // A round video has no caption.
        let caption = if n == 4 { "" } else { "What is it?" };
        telegram.send(&person, &PRIVATE, &media, caption);
        let calls = asked(&world, person.id, n + 1);
        assert_eq!(calls[n].media, [sent], "{n}");
        assert_eq!(parts(&calls[n]).len(), usize::from(!caption.is_empty()));
    }
}

#[test]
fn an_album_of_many_kinds_is_one_question_however_many_there_are() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), english());
    let mut media: Vec<Media> = (0..11).map(|n| photo(n).1).collect();
    let mut expected: Vec<SentMedia> = (0..11).map(|n| SentMedia::of("image/jpeg", &photo(n).0)).collect();
    media.push(Media::video(MP4, 3));
    expected.push(SentMedia::of("video/mp4", MP4));
    telegram.send_album(&person, &PRIVATE, &media, "Which is the best?");
    let calls = asked(&world, person.id, 1);
    assert_eq!((calls.len(), &calls[0].media), (1, &expected));
    assert_eq!(parts(&calls[0]), ["Which is the best?"]);
}

#[test]
fn a_file_that_telegram_has_lost_is_said_to_be_with_a_way_to_try_again() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), chinese());
    let lost = json!({"voice": {"file_id": "AwACAgI-lost", "file_unique_id": "AgADlost", "duration": 3,
        "mime_type": "audio/ogg", "file_size": 9000}});
    telegram.say_with(&person, &PRIVATE, "", lost);
    let seen = world.answers(person.id, 1);
    assert_eq!(last(&seen), "没能从 Telegram 取到文件。请点“重答”，或把文件重新发一次。");
    assert!(seen[0].markup.to_string().contains("重答"), "{}", seen[0].markup);
    assert!(generations(&world).is_empty());
    // A passing trouble is not even seen.
    telegram.fail("getFile", svs::sandbox::telegram::TelegramFault::Html(502), 1);
    telegram.send(&person, &PRIVATE, &Media::voice(OGG, 3), "");
    assert_eq!(asked(&world, person.id, 2)[0].media, [SentMedia::of("audio/ogg", OGG)]);
}

#[test]
fn what_is_no_file_that_can_be_read_gets_a_line_of_its_own() {
    let world = world();
    let _daemon = world.start_unlimited();
    let (telegram, person) = (world.sandbox().telegram(), chinese());
    let kinds = [
        json!({"contact": {"phone_number": "+1", "first_name": "Bo"}}),
        json!({"dice": {"emoji": "🎲", "value": 4}}),
        json!({"venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": "T", "address": "A"}}),
        json!({"story": {"chat": {"id": 5, "type": "private", "first_name": "Bo"}, "id": 1}}),
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        telegram.say_with(&person, &PRIVATE, "", kind);
        assert!(last(&world.answers(person.id, n + 1)).starts_with("这个读不了。可以发文字、图片、语音"));
    }
    assert!(generations(&world).is_empty());
}

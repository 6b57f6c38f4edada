//! Files, captions, albums, and what a message replies to.

use super::*;

fn photo(sizes: &[(u64, u64)]) -> Value {
    sizes
        .iter()
        .map(|(width, height)| {
            json!({"file_id": format!("{width}x{height}"), "file_unique_id": "u", "width": width, "height": height,
            "file_size": width * height / 10})
        })
        .collect()
}

fn media_of(update: &Value) -> (&'static str, String, Option<String>, Vec<FileRef>) {
    let read = read_as_message(update);
    match read.body {
        Body::Media { kind, caption, album } => (kind, caption, album, read.files),
        other => panic!("{other:?} for {update}"),
    }
}

#[test]
fn a_file_comes_with_what_is_said_of_it() {
    let voice = json!({"file_id": "v", "file_unique_id": "uv", "duration": 7, "mime_type": "audio/ogg", "file_size": 900});
    let document = json!({"file_id": "d", "file_unique_id": "ud", "file_name": "论文.pdf", "mime_type": "application/pdf",
        "file_size": 5_000_000_000_u64, "thumbnail": {"file_id": "t"}});
    let file = |id: &str, kind, mime: &str| FileRef {
        file_id: id.to_owned(),
        unique_id: None,
        kind,
        mime: Some(mime.to_owned()),
        size: None,
        name: None,
        duration: None,
    };
    let cases = [
        (
            json!({"voice": voice}),
            FileRef {
                unique_id: Some("uv".to_owned()),
                size: Some(900),
                duration: Some(Duration::from_secs(7)),
                ..file("v", "voice", "audio/ogg")
            },
        ),
        (
            json!({"document": document}),
            FileRef {
                unique_id: Some("ud".to_owned()),
                size: Some(5_000_000_000),
                name: Some("论文.pdf".to_owned()),
                ..file("d", "document", "application/pdf")
            },
        ),
        (json!({"video_note": {"file_id": "n", "length": 240}}), file("n", "video_note", "video/mp4")),
        (json!({"audio": {"file_id": "a", "mime_type": "audio/mpeg"}}), file("a", "audio", "audio/mpeg")),
        (json!({"video": {"file_id": "m", "mime_type": "video/mp4"}}), file("m", "video", "video/mp4")),
        (
            json!({"document": {"file_id": "same"}, "animation": {"file_id": "g", "mime_type": "video/mp4"}}),
            file("g", "animation", "video/mp4"),
        ),
        // Nonsense costs what it is in, no more.
        (
            json!({"voice": {"file_id": "v", "duration": -3, "file_size": "many", "file_name": "", "mime_type": 5}}),
            file("v", "voice", "audio/ogg"),
        ),
    ];
    for (fields, expected) in cases {
        let (kind, caption, album, files) = media_of(&message(fields.clone()));
        assert_eq!((kind, caption.as_str(), album), (expected.kind, "", None), "{fields}");
        assert_eq!(files, [expected], "{fields}");
    }
}

#[test]
fn what_holds_no_file_to_read_has_none() {
    for fields in [
        json!({"sticker": {"file_id": "s"}}),
        json!({"contact": {"phone_number": "1"}}),
        json!({"location": {"latitude": 1.0}}),
        json!({"document": {"file_name": "no id"}}),
        json!({"photo": []}),
        json!({"photo": [{"width": 90}, 7]}),
    ] {
        let (_, _, _, files) = media_of(&message(fields.clone()));
        assert_eq!(files, [], "{fields}");
    }
}

#[test]
fn of_a_photo_the_largest_size_is_taken_that_is_not_larger_than_needed() {
    let cases: [(&[(u64, u64)], &str); 5] = [
        (&[(90, 60), (320, 213), (1280, 853), (800, 533)], "1280x853"),
        (&[(90, 51), (1280, 720), (2560, 1440)], "2560x1440"),
        (&[(90, 51), (1280, 720), (5120, 2880)], "1280x720"),
        (&[(720, 1280), (1440, 2560), (1441, 2561)], "1440x2560"),
        (&[(9000, 9000), (4000, 4000)], "4000x4000"),
    ];
    for (sizes, taken) in cases {
        let files = media_of(&message(json!({"photo": photo(sizes)}))).3;
        assert_eq!(files[0].file_id, taken, "{sizes:?}");
        assert_eq!((files.len(), files[0].kind, files[0].mime.as_deref()), (1, "photo", Some("image/jpeg")));
    }
}

#[test]
fn a_caption_is_read_as_a_text_is() {
    let mention = json!([{"type": "mention", "offset": 0, "length": 7}]);
    let one = photo(&[(90, 60)]);
    let media = |caption: &str| Body::Media { kind: "photo", caption: caption.to_owned(), album: None };
    let cases = [
        (message(json!({"photo": one, "caption": "what is this?"})), media("what is this?")),
        (message(json!({"photo": one, "caption": "/ask what is this?"})), media("what is this?")),
        (message(json!({"photo": one, "caption": "/new"})), Body::Command(Command::New, String::new())),
        (message(json!({"photo": one, "caption": "/unheard of"})), Body::UnknownCommand),
        (group(json!({"photo": one, "caption": "/ask@my_bot 这是什么"})), media("这是什么")),
        (
            group(json!({"photo": one, "caption": "@my_bot 这是什么", "caption_entities": mention})),
            media("这是什么"),
        ),
    ];
    for (update, body) in cases {
        let read = read_as_message(&update);
        assert_eq!((&read.body, read.files.len()), (&body, 1), "{update}");
    }
    for (rule, fields) in [
        ("not_addressed", json!({"photo": one, "caption": "look, all"})),
        ("foreign_command", json!({"photo": one, "caption": "/ask@other_bot hm"})),
        ("unreadable", json!({"photo": one, "caption": "a\0b"})),
    ] {
        assert_eq!(kind(&group(fields.clone())), Kind::Dropped(rule), "{fields}");
    }
}

#[test]
fn a_part_of_an_album_in_a_group_waits_for_the_part_that_speaks() {
    let part =
        |caption: &str| json!({"photo": photo(&[(90, 60)]), "media_group_id": "13", "caption": caption});
    let album = |caption: &str, is_for_us| {
        (Body::Media { kind: "photo", caption: caption.to_owned(), album: Some("13".to_owned()) }, is_for_us)
    };
    for (update, expected) in [
        (group(part("")), album("", false)),
        (group(part("/ask@my_bot which one?")), album("which one?", true)),
        (message(part("")), album("", true)),
    ] {
        let read = read_as_message(&update);
        assert_eq!((read.body, read.is_for_us), expected, "{update}");
    }
    let sticker = json!({"sticker": {"file_id": "s"}, "media_group_id": "13"});
    assert_eq!(kind(&group(sticker)), Kind::Dropped("not_addressed"));
}

fn quoted(fields: Value) -> Option<Quoted> {
    let mut update = message(json!({"text": "why?"}));
    overlay(&mut update["message"], fields);
    read_as_message(&update).quoted.map(|quoted| *quoted)
}

#[test]
fn what_is_replied_to_comes_along() {
    let text = |text: &str, is_ours| Some(Quoted { text: text.to_owned(), files: vec![], is_ours });
    let ours = json!({"id": 99, "is_bot": true});
    let rich = json!({"blocks": [
        {"type": "heading", "text": "Title"},
        {"type": "paragraph", "text": ["one ", {"type": "bold", "text": "two"}, {"type": "url", "url": "https://x", "text": ["!"]}]},
        {"type": "list", "items": [{"label": "1.", "blocks": [{"type": "paragraph", "text": "item"}]}]},
        {"type": "table", "cells": [[{"text": "a"}, {"text": "b"}], [{"text": "c"}]], "caption": "table"},
    ]});
    let cases = [
        (json!({"reply_to_message": {"message_id": 3, "text": "said", "from": ours}}), text("said", true)),
        (
            json!({"reply_to_message": {"message_id": 3, "text": "said", "from": {"id": 1}}}),
            text("said", false),
        ),
        (
            json!({"reply_to_message": {"message_id": 3, "text": "a long said"}, "quote": {"text": "long", "position": 2}}),
            text("long", false),
        ),
        (
            json!({"external_reply": {"origin": {"type": "user"}}, "quote": {"text": "from afar", "position": 0}}),
            text("from afar", false),
        ),
        (
            json!({"reply_to_message": {"message_id": 3, "caption": "below", "sticker": {"file_id": "s"}}}),
            text("below", false),
        ),
        (
            json!({"reply_to_message": {"message_id": 3, "rich_message": rich}}),
            text("Title\none two!\nitem\ntable\na\tb\t\nc", false),
        ),
        (json!({"reply_to_message": {"message_id": 3, "text": " \u{200b}"}}), None),
        (json!({"reply_to_message": {"message_id": 3, "rich_message": {"blocks": []}}}), None),
        (
            json!({"reply_to_message": {"message_id": 50, "text": "the root"}, "message_thread_id": 50, "is_topic_message": true}),
            None,
        ),
        (json!({"reply_to_message": [], "quote": 3, "external_reply": "x"}), None),
        (json!({}), None),
    ];
    for (fields, expected) in cases {
        assert_eq!(quoted(fields.clone()), expected, "{fields}");
    }
    let far =
        quoted(json!({"external_reply": {"origin": {}, "document": {"file_id": "d", "file_name": "a.pdf"}}}));
    assert_eq!(far.expect("a file").files[0].name.as_deref(), Some("a.pdf"));
    let photo =
        quoted(json!({"reply_to_message": {"message_id": 3, "photo": photo(&[(90, 60)]), "caption": "c"}}));
    assert_eq!(photo.map(|quoted| (quoted.text, quoted.files.len())), Some(("c".to_owned(), 1)));
}

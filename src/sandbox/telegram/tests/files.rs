//! Files, both ways.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::World;
use crate::sandbox::Options;
use crate::sandbox::telegram::{ChatSpec, Media, TelegramEvent, TelegramFault};

const PNG: &[u8] = include_bytes!("../../gemini/picture.png");

impl World {
    async fn messages_since(&self) -> Vec<Value> {
        let updates = self.call("getUpdates", json!({})).await["result"].clone();
        updates.as_array().unwrap().iter().map(|update| update["message"].clone()).collect()
    }

    async fn fetch(&self, file_id: &Value) -> Result<Vec<u8>, Value> {
        let file = self.call("getFile", json!({"file_id": file_id})).await;
        let Some(path) = file["result"]["file_path"].as_str() else {
            return Err(file["description"].clone());
        };
        let url = format!("{}/file/bot{}/{path}", self.sandbox.telegram_url(), self.sandbox.bot_token());
        let reply = self.client.get(url).send().await.map_err(|error| json!(error.to_string()))?;
        assert_eq!(reply.status(), 200);
        reply.bytes().await.map(Into::into).map_err(|_| json!("cut"))
    }

    async fn upload(
        &self,
        method: &str,
        field: &'static str,
        name: &str,
        bytes: Vec<u8>,
        more: Value,
    ) -> Value {
        let mut form = Form::new().text("chat_id", "42");
        for (name, value) in more.as_object().unwrap() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            form = form.text(name.clone(), text);
        }
        let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str("image/png").unwrap();
        let request = self.client.post(self.url(method)).multipart(form.part(field, part));
        request.send().await.unwrap().json().await.unwrap()
    }
}

#[tokio::test]
async fn every_kind_of_file_has_the_fields_of_the_real_one_and_its_bytes_can_be_fetched() {
    let world = World::start().await;
    let telegram = world.sandbox.telegram();
    let send = |media: &Media, caption: &str| telegram.send(&world.ann, &ChatSpec::Private, media, caption);
    send(&Media::photo(PNG, 1600, 1200), "what is it?");
    send(&Media::voice(b"OggS...OpusHead".as_slice(), 3), "");
    send(&Media::audio("song.mp3", "audio/mpeg", b"ID3".as_slice(), 200), "");
    send(&Media::video(b"mp4".as_slice(), 9), "");
    send(&Media::video_note(b"mp4".as_slice(), 9), "");
    send(&Media::animation(b"mp4".as_slice(), 2), "");
    send(&Media::document("a.pdf", "application/pdf", b"%PDF-1.7".as_slice()), "");
    send(&Media::sticker(b"RIFF....WEBP".as_slice()), "");
    let messages = world.messages_since().await;
    let fields: [(&str, &[&str]); 8] = [
        ("photo", &["file_id", "file_size", "file_unique_id", "height", "width"]),
        ("voice", &["duration", "file_id", "file_size", "file_unique_id", "mime_type"]),
        ("audio", &["duration", "file_id", "file_name", "file_size", "file_unique_id", "mime_type", "title"]),
        (
            "video",
            &[
                "duration",
                "file_id",
                "file_name",
                "file_size",
                "file_unique_id",
                "height",
                "mime_type",
                "width",
            ],
        ),
        ("video_note", &["duration", "file_id", "file_size", "file_unique_id", "length"]),
        (
            "animation",
            &[
                "duration",
                "file_id",
                "file_name",
                "file_size",
                "file_unique_id",
                "height",
                "mime_type",
                "width",
            ],
        ),
        ("document", &["file_id", "file_name", "file_size", "file_unique_id", "mime_type"]),
        (
            "sticker",
            &[
                "emoji",
                "file_id",
                "file_size",
                "file_unique_id",
                "height",
                "is_animated",
                "is_video",
                "set_name",
                "type",
                "width",
            ],
        ),
    ];
    for (message, (kind, names)) in messages.iter().zip(fields) {
        let file = message[kind].as_array().map_or(&message[kind], |sizes| sizes.last().unwrap());
        let has: Vec<&str> = file.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(has, names, "{message}");
    }
    assert_eq!((messages[0]["caption"].as_str(), messages[0]["text"].as_str()), (Some("what is it?"), None));
    let widths: Vec<u64> =
        messages[0]["photo"].as_array().unwrap().iter().map(|size| size["width"].as_u64().unwrap()).collect();
    assert_eq!(widths, [90, 320, 800, 1280, 1600]);
    assert_eq!(messages[5]["document"], messages[5]["animation"]);
    let photo = messages[0]["photo"][4]["file_id"].clone();
    assert_eq!(world.fetch(&photo).await.unwrap(), PNG);
    assert_eq!(telegram.downloads(), [photo.as_str().unwrap()]);
    let seen = telegram.messages(42);
    assert_eq!(
        (telegram.files_of(&seen[0])[0].kind.as_str(), &telegram.files_of(&seen[0])[0].bytes[..]),
        ("photo", PNG)
    );
}

#[tokio::test]
async fn an_album_is_several_messages_that_share_an_id() {
    let world = World::start().await;
    let album = [Media::photo(PNG, 100, 100), Media::photo(PNG, 100, 100)];
    world.sandbox.telegram().send_album(&world.ann, &ChatSpec::Private, &album, "which?");
    let messages = world.messages_since().await;
    assert!(messages[0]["media_group_id"].is_string());
    assert_eq!(messages[0]["media_group_id"], messages[1]["media_group_id"]);
    assert_eq!((messages[0]["caption"].as_str(), messages[1]["caption"].as_str()), (Some("which?"), None));
}

#[tokio::test]
async fn a_file_over_20_mb_is_not_handed_out_but_by_a_server_of_ones_own() {
    let claims =
        Media::document("a.iso", "application/octet-stream", b"x".as_slice()).claiming((20 << 20) + 1);
    for (large_files, answer) in
        [(false, Err(json!("Bad Request: file is too big"))), (true, Ok(b"x".to_vec()))]
    {
        let world = World::with(Options { large_files, ..Options::default() }).await;
        world.sandbox.telegram().send(&world.ann, &ChatSpec::Private, &claims, "");
        let document = world.messages_since().await[0]["document"].clone();
        assert_eq!(document["file_size"], (20 << 20) + 1);
        assert_eq!(world.fetch(&document["file_id"]).await, answer);
    }
}

#[tokio::test]
async fn a_download_can_fail_too() {
    let world = World::start().await;
    let telegram = world.sandbox.telegram();
    telegram.say_file(&world.ann, &ChatSpec::Private, "a.txt", "text/plain", b"content".to_vec());
    let id = world.messages_since().await[0]["document"]["file_id"].clone();
    telegram.fail("download", TelegramFault::DropAfterAccept, 1);
    assert_eq!(world.fetch(&id).await, Err(json!("cut")));
    telegram.fail("download", TelegramFault::Close, 1);
    assert!(world.fetch(&id).await.is_err());
    assert_eq!(world.fetch(&id).await.unwrap(), b"content");
}

#[tokio::test]
async fn photos_and_documents_arrive_with_caption_and_buttons_and_are_checked() {
    let world = World::start().await;
    world.say("q");
    let telegram = world.sandbox.telegram();
    let mut events = telegram.watch();
    let more = json!({"caption": "a  picture", "caption_entities": [{"type": "bold", "offset": 0, "length": 1}],
        "reply_markup": {"inline_keyboard": [[{"text": "Retry", "callback_data": "b:1"}]]}});
    let sent = world.upload("sendPhoto", "photo", "p.png", PNG.to_vec(), more).await["result"].clone();
    assert_eq!(
        (sent["photo"][0]["width"].as_u64(), sent["caption"].as_str()),
        (Some(48), Some("a  picture"))
    );
    assert_eq!(
        (&sent["caption_entities"][0]["type"], &sent["reply_markup"]["inline_keyboard"][0][0]["text"]),
        (&json!("bold"), &json!("Retry"))
    );
    let TelegramEvent::Sent(seen) = events.recv().await.unwrap() else { panic!("a message") };
    assert_eq!((telegram.files_of(&seen)[0].bytes.as_ref(), seen.text.as_str()), (PNG, "a  picture"));
    let sent =
        world.upload("sendDocument", "document", "a.md", b"# a".to_vec(), json!({})).await["result"].clone();
    assert_eq!(
        (sent["document"]["file_name"].as_str(), sent["document"]["file_size"].as_i64()),
        (Some("a.md"), Some(3))
    );
    let again = json!({"chat_id": 42, "document": sent["document"]["file_id"]});
    assert_eq!(world.call("sendDocument", again).await["result"]["document"]["file_size"], 3);
    let edit = |markup: Value| json!({"chat_id": 42, "message_id": seen.message_id, "reply_markup": markup});
    let edited =
        world.call("editMessageReplyMarkup", edit(json!({"inline_keyboard": []}))).await["result"].clone();
    assert!(edited["reply_markup"].is_null() && edited["caption"] == "a  picture", "{edited}");

    let wide = [&PNG[..16], &[0, 0, 0x20, 0, 0, 0, 0, 0x10], &PNG[24..]].concat();
    let big = [PNG, &vec![0; 10 << 20]].concat();
    let table = [
        ("sendPhoto", "photo", b"no picture".to_vec(), "", "IMAGE_PROCESS_FAILED"),
        ("sendPhoto", "photo", wide, "", "PHOTO_INVALID_DIMENSIONS"),
        ("sendPhoto", "photo", big, "", "too big for a photo"),
        ("sendPhoto", "photo", PNG.to_vec(), "😀", "message caption is too long"),
        ("sendDocument", "document", vec![], "", "file must be non-empty"),
        ("sendDocument", "document", vec![0; (50 << 20) + 1], "", "Request Entity Too Large"),
        ("sendDocument", "other", PNG.to_vec(), "", "there is no document"),
    ];
    for (method, field, bytes, caption, says) in table {
        let answer = world.upload(method, field, "x", bytes, json!({"caption": caption.repeat(513)})).await;
        assert!(answer["description"].as_str().is_some_and(|words| words.contains(says)), "{says}: {answer}");
    }
    let just =
        world.upload("sendPhoto", "photo", "p.png", PNG.to_vec(), json!({"caption": "😀".repeat(512)})).await;
    assert_eq!(just["ok"], true, "1024 units");
}

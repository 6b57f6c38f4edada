//! Files in requests, pictures in answers.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{FLASH, World, events, joined};
use crate::sandbox::gemini::SentMedia;

const IMAGE: &str = "gemini-3.1-flash-image";
const PNG: &[u8] = include_bytes!("../picture.png");

fn with_file(mime: &str, data: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": mime, "data": data}}, {"text": "what is it?"}]}]})
}

fn drawing(modalities: &[&str]) -> Value {
    json!({"contents": [{"parts": [{"text": "a cat"}]}], "generationConfig": {"responseModalities": modalities}})
}

#[tokio::test]
async fn a_file_is_noted_with_its_type_length_and_hash() {
    let world = World::start().await;
    let large = [PNG, &[7; 9000]].concat();
    for data in [STANDARD.encode(&large), URL_SAFE_NO_PAD.encode(&large)] {
        let (status, body) =
            world.call("A1", &format!("{FLASH}:generateContent"), &with_file("image/png", &data)).await;
        assert_eq!(status, 200, "{body}");
        assert!(joined(&[body]).contains(&format!("image/png ({} bytes)", large.len())));
        let call = world.sandbox.gemini().calls().pop().unwrap();
        assert_eq!(call.media, [SentMedia::of("image/png", &large)]);
        let kept: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(kept["contents"][0]["parts"][0]["inlineData"]["data"], data[..64]);
        assert_eq!(
            (kept["contents"][0]["parts"][1]["text"].as_str(), call.size > large.len()),
            (Some("what is it?"), true)
        );
    }
}

#[tokio::test]
async fn what_the_real_server_refuses_of_files_is_refused() {
    let world = World::start().await;
    let png = STANDARD.encode(PNG);
    let table = [
        (with_file("image/gif", &png), "Unsupported MIME type: image/gif"),
        (with_file("png", &png), "Unsupported MIME type: png"),
        (with_file("", &png), "mime_type is empty"),
        (with_file("image/png", ""), "data is empty"),
        (with_file("image/png", "not base64!"), "Base64 decoding failed"),
        (with_file("image/jpeg", &png), "Unable to process input image"),
        (with_file("application/pdf", &png), "no pages"),
        (json!({"contents": [{"parts": [{"inlineData": {"mime": "image/png"}}]}]}), "Unknown name \"mime\""),
        (
            json!({"contents": [{"parts": [{"text": "x", "inlineData": {"mimeType": "image/png", "data": png}}]}]}),
            "oneof field",
        ),
    ];
    for (body, says) in table {
        let (status, answer) = world.call("A1", &format!("{FLASH}:generateContent"), &body).await;
        let words = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && words.contains(says), "{says}: {answer}");
    }
    world.sandbox.gemini().set_request_limit(1000);
    let (status, answer) = world
        .call("A1", &format!("{FLASH}:generateContent"), &with_file("image/png", &"A".repeat(1000)))
        .await;
    assert_eq!(
        (status, answer["error"]["message"].as_str()),
        (400, Some("Request payload size exceeds the limit: 1000 bytes."))
    );
}

#[tokio::test]
async fn a_model_that_draws_answers_with_words_and_a_picture() {
    let world = World::start().await;
    let picture = |event: &Value| {
        let parts = event["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default();
        parts.iter().find_map(|part| STANDARD.decode(part["inlineData"]["data"].as_str()?).ok())
    };
    let body = drawing(&["TEXT", "IMAGE"]);
    let (status, whole) = world.call("A1", &format!("{IMAGE}:generateContent"), &body).await;
    assert_eq!((status, picture(&whole).as_deref()), (200, Some(PNG)), "{whole}");
    assert!(!joined(&[whole]).is_empty());
    let stream =
        world.request("A1", &format!("{IMAGE}:streamGenerateContent?alt=sse"), &body).send().await.unwrap();
    let events = events(&stream.text().await.unwrap());
    assert_eq!(events.iter().find_map(picture).as_deref(), Some(PNG));
    assert_eq!(events.last().unwrap()["candidates"][0]["finishReason"], "STOP");
    assert!(events.last().unwrap()["usageMetadata"]["candidatesTokenCount"].as_u64().unwrap() > 1290);
    let words_only = world.call("A1", &format!("{IMAGE}:generateContent"), &drawing(&["TEXT"])).await.1;
    assert_eq!(picture(&words_only), None);
    let (status, refused) = world.call("A1", &format!("{FLASH}:generateContent"), &body).await;
    assert!(
        status == 400 && refused["error"]["message"].as_str().unwrap().contains("response modalities"),
        "{refused}"
    );
    world.sandbox.gemini().fail("*:image=limit0").unwrap();
    let (status, refused) = world.call("A1", &format!("{IMAGE}:generateContent"), &body).await;
    assert!(status == 429 && refused["error"]["message"].as_str().unwrap().contains("limit: 0"), "{refused}");
    assert_eq!(world.ask("A1", "hi").await.0, 200, "other models go on");
}

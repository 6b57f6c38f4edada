//! Files on their way out, pictures on their way in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::*;
use crate::gemini::Attachment;

const PICTURE: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}}]},\"finishReason\":\"STOP\"}]}\r\n\r\n";

#[tokio::test]
async fn a_file_arrives_whole_with_its_length_told_before() {
    let server = Server::start(|_| vec![stream_head(), chunked(STOP), chunked("")]).await;
    let file = [b"%PDF-1.7\n", &vec![0xe2; 200_001][..]].concat();
    let attachment = Attachment::read(Bytes::from(file.clone()), Some("a.pdf"), None).expect("a PDF");
    let prompt = Prompt { attachments: vec![attachment], ..prompt() };
    let key = Secret::new(CANARY);
    let call = Call { key: &key, slot: ModelSlot::Flash, prompt: &prompt };
    let client = client(&server.url);
    for _ in 0..2 {
        assert_eq!(client.stream(&call, &mut |_| {}).await.outcome, Outcome::Answered);
    }
    for request in server.requests() {
        let (head, body) = request.split_once("\r\n\r\n").expect("head and body");
        let head = head.to_lowercase();
        assert!(
            head.contains(&format!("content-length: {}", body.len())) && !head.contains("chunked"),
            "{head}"
        );
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let sent = json!({"mimeType": "application/pdf", "data": STANDARD.encode(&file)});
        assert_eq!(body["contents"][0]["parts"], json!([{"inlineData": sent}, {"text": "Hi"}]));
    }
    assert_eq!(server.requests().len(), 2, "the file of a prompt can be sent again");
}

#[tokio::test]
async fn the_image_slot_asks_for_pictures_and_waits_for_them() {
    let drawn = || vec![stream_head(), chunked(EVENT), Act::Wait(ms(500)), chunked(PICTURE), chunked("")];
    let server = Server::start(move |_| drawn()).await;
    let mut config = config(&server.url);
    config.models[ModelSlot::Image] = Some("gemini-3.1-flash-image".to_owned());
    let client = GeminiClient::new(&config).expect("a client");
    let (key, prompt) = (Secret::new(CANARY), prompt());
    let mut text = String::new();
    let call = Call { key: &key, slot: ModelSlot::Image, prompt: &prompt };
    let reply = client.stream(&call, &mut |piece| text.push_str(piece)).await;
    assert_eq!((reply.outcome, reply.finish, text.as_str()), (Outcome::Answered, Finish::Complete, "Half"));
    let pictures: Vec<_> =
        reply.pictures.iter().map(|picture| (&picture.mime[..], &picture.bytes[..])).collect();
    assert_eq!(pictures, [("image/png", &b"\x89PNG\r\n\x1a\n"[..])]);
    let request = server.requests().remove(0);
    assert!(request.starts_with("POST /v1beta/models/gemini-3.1-flash-image:streamGenerateContent?alt=sse "));
    assert!(request.ends_with(r#""generationConfig":{"responseModalities":["TEXT","IMAGE"]}}"#), "{request}");
    // Models that write do not fall silent for so long.
    let call = Call { slot: ModelSlot::Flash, ..call };
    assert_eq!(client.stream(&call, &mut |_| {}).await.outcome, Outcome::Incomplete);
}

//! Files against a server that answers from a script.

use std::net::SocketAddr;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::config::{Secret, TelegramConfig};

const TOKEN: &str = "1234567890:AAcanarycanarycanarycanarycanarycan";

/// Answers the n-th connection with the n-th bytes, and hands back what was asked.
async fn server(answers: Vec<Vec<u8>>) -> (SocketAddr, tokio::task::JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    let served = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let (mut request, mut piece) = (Vec::new(), vec![0; 64 << 10]);
            while !is_whole(&request) {
                let read = socket.read(&mut piece).await.expect("a request");
                assert!(read > 0, "the request ends early");
                request.extend_from_slice(&piece[..read]);
            }
            asked.push(request);
            // Who reads no more of a long answer than needed closes before its end.
            let _ = socket.write_all(&answer).await;
        }
        asked
    });
    (address, served)
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

fn answer(status: u16, head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{head}\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn whole(status: u16, body: &[u8]) -> Vec<u8> {
    answer(status, &format!("content-length: {}\r\n", body.len()), body)
}

fn file(path: &str, size: Option<u64>) -> Vec<u8> {
    whole(200, json!({"ok": true, "result": {"file_id": "x", "file_unique_id": "y", "file_path": path, "file_size": size}}).to_string().as_bytes())
}

fn api(address: SocketAddr) -> Api {
    let config = TelegramConfig {
        token: Some(Secret::new(TOKEN)),
        api_url: format!("http://{address}/a%20prefix/"),
        ..TelegramConfig::default()
    };
    Api::new(&config).expect("a client")
}

#[tokio::test]
async fn a_file_is_fetched_below_the_prefix_of_the_api() {
    let (address, served) = server(vec![file("photos/a b.jpg", Some(5)), whole(200, b"\xff\0ab\n")]).await;
    let bytes = api(address).download("id-1", 20 << 20).await.expect("a file");
    assert_eq!(&bytes[..], b"\xff\0ab\n");
    let asked = served.await.expect("served");
    let line = |n: usize| String::from_utf8_lossy(&asked[n]).lines().next().unwrap_or_default().to_owned();
    assert_eq!(line(0), format!("POST /a%20prefix/bot{TOKEN}/GetFile HTTP/1.1"));
    assert_eq!(line(1), format!("GET /a%20prefix/file/bot{TOKEN}/photos/a%20b.jpg HTTP/1.1"));
}

#[tokio::test]
async fn nothing_over_the_cap_is_taken_whatever_was_said_of_it() {
    let over = vec![b'x'; 101];
    let chunked =
        || answer(200, "transfer-encoding: chunked\r\n", &[b"65\r\n", &over[..], b"\r\n0\r\n\r\n"].concat());
    let cases = [
        ("declared by getFile", vec![file("a", Some(101))], Err(ApiError::TooBig)),
        ("declared by the download", vec![file("a", Some(1)), whole(200, &over)], Err(ApiError::TooBig)),
        ("declared by nobody", vec![file("a", None), chunked()], Err(ApiError::TooBig)),
        ("just fits", vec![file("a", None), whole(200, &over[..100])], Ok(100)),
        (
            "refused by Telegram",
            vec![whole(
                400,
                br#"{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}"#,
            )],
            Err(ApiError::TooBig),
        ),
    ];
    for (name, answers, expected) in cases {
        let (address, _served) = server(answers).await;
        let got = api(address).download("id", 100).await.map(|bytes| bytes.len());
        assert_eq!(got, expected, "{name}");
    }
}

#[tokio::test]
async fn a_failed_download_says_why_and_shows_neither_token_nor_address() {
    let page = format!("<html>/file/bot{TOKEN}/photos/a.jpg</html>");
    let envelope = json!({"ok": false, "error_code": 404, "description": "Not Found"}).to_string();
    let moved = format!("location: http://attacker.invalid/file/bot{TOKEN}/a\r\ncontent-length: 0\r\n");
    let cases = [
        ("gone", vec![file("a", None), whole(404, envelope.as_bytes())], ApiError::FileGone),
        ("a page", vec![file("a", None), whole(502, page.as_bytes())], ApiError::Server(502)),
        (
            "moved",
            vec![file("a", None), answer(302, &moved, b"")],
            ApiError::Other("HTTP 302 for a file".to_owned()),
        ),
        (
            "cut",
            vec![file("a", None), answer(200, "content-length: 9\r\n", b"abc")],
            ApiError::Network { sent: true },
        ),
        ("closed", vec![file("a", None), vec![]], ApiError::Network { sent: true }),
        ("upwards", vec![file("../../etc/passwd", None)], ApiError::FileGone),
        ("the server's own disk", vec![file("/var/lib/bot/a", None)], ApiError::FileGone),
        ("no path", vec![whole(200, br#"{"ok":true,"result":{"file_id":"x"}}"#)], ApiError::FileGone),
    ];
    for (name, answers, expected) in cases {
        let (address, _served) = server(answers).await;
        let error = api(address).download("id", 100).await.expect_err(name);
        assert_eq!(error, expected, "{name}");
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("canary") && !shown.contains("prefix") && !shown.contains("127.0"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_file_is_sent_with_its_caption_and_buttons_as_a_form() {
    let sent = whole(200, br#"{"ok":true,"result":{"message_id":9,"date":1}}"#);
    let (address, served) = server(vec![sent]).await;
    let entities = [serde_json::json!({"type": "bold", "offset": 0, "length": 2})];
    let buttons = InlineKeyboard::one("Retry".to_owned(), "b:1".to_owned());
    let message = FileMessage {
        caption: "图 one",
        caption_entities: &entities,
        reply_parameters: Some(ReplyParameters::to(5)),
        reply_markup: Some(&buttons),
        ..FileMessage::new(-100, Some(7))
    };
    let upload =
        Upload { name: "a \"图\".png", mime: "image/png", bytes: Bytes::from_static(b"\x89PNG\r\n--\0") };
    let sent = api(address).upload(&SendPhoto(message), upload).await.expect("sent");
    assert_eq!(sent.message_id, 9);
    let asked = served.await.expect("served").remove(0);
    let text = String::from_utf8_lossy(&asked);
    assert!(text.starts_with(&format!("POST /a%20prefix/bot{TOKEN}/SendPhoto HTTP/1.1\r\n")), "{text}");
    for piece in [
        "content-type: multipart/form-data; boundary=",
        "name=\"chat_id\"\r\n\r\n-100\r\n",
        "name=\"message_thread_id\"\r\n\r\n7\r\n",
        "name=\"caption\"\r\n\r\n图 one\r\n",
        r#"[{"length":2,"offset":0,"type":"bold"}]"#,
        r#"{"allow_sending_without_reply":true,"message_id":5}"#,
        r#"{"inline_keyboard":[[{"callback_data":"b:1","text":"Retry"}]]}"#,
        "name=\"photo\"; filename=\"a \\\"图\\\".png\"\r\nContent-Type: image/png\r\n\r\n",
    ] {
        assert!(text.contains(piece), "{piece} is missing in {text}");
    }
    assert!(asked.windows(8).any(|window| window == b"\x89PNG\r\n--"), "the bytes are as they were");
}

#[tokio::test]
async fn an_upload_that_is_too_big_says_so() {
    let (address, _served) = server(vec![whole(
        413,
        br#"{"ok":false,"error_code":413,"description":"Request Entity Too Large"}"#,
    )])
    .await;
    let upload = Upload { name: "a.md", mime: "text/markdown", bytes: Bytes::from_static(b"# a") };
    let answer = api(address).upload(&SendDocument(FileMessage::new(1, None)), upload).await;
    assert_eq!(answer.err(), Some(ApiError::TooBig));
}

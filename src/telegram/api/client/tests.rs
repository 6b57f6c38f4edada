//! The call path against a server that answers from a script.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::config::Secret;
use crate::telegram::api::methods::{EditMessageText, GetMe, GetUpdates, SendMessage, SendMessageDraft};

const TOKEN: &str = "1234567890:AAfakefakefakefakefakefakefakefakefa";

/// Answers the n-th connection with the n-th script, and hands back what was asked.
async fn server(scripts: Vec<&'static str>) -> (SocketAddr, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    let served = tokio::spawn(async move {
        let mut asked = Vec::new();
        for script in scripts {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let mut request = vec![0; 64 * 1024];
            let read = socket.read(&mut request).await.expect("a request");
            asked.push(String::from_utf8_lossy(&request[..read]).into_owned());
            let (status, body) = script.split_once(' ').expect("status and body");
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            socket.write_all(answer.as_bytes()).await.expect("written");
        }
        asked
    });
    (address, served)
}

fn api(base: &str) -> Api {
    let config = TelegramConfig {
        token: Some(Secret::new(TOKEN)),
        api_url: base.to_owned(),
        ..TelegramConfig::default()
    };
    Api::new(&config).expect("a client")
}

#[tokio::test]
async fn a_call_goes_to_the_bots_path_below_any_prefix() {
    let (address, served) =
        server(vec![r#"200 {"ok":true,"result":{"message_id":4294967296,"date":1}}"#]).await;
    let api = api(&format!("http://{address}/prefix/"));
    let sent = api.call(&SendMessage::new(-1_001_234_567_890, Some(7), "hi")).await.expect("sent");
    assert_eq!(sent.message_id, 4_294_967_296);
    let asked = served.await.expect("served");
    assert!(asked[0].starts_with(&format!("POST /prefix/bot{TOKEN}/SendMessage ")), "{}", asked[0]);
    assert!(asked[0].contains(r#""chat_id":-1001234567890,"message_thread_id":7,"text":"hi""#));
}

#[tokio::test]
async fn a_gateway_page_is_a_server_error_at_once() {
    let (address, _served) = server(vec!["502 <html>bad gateway</html>"]).await;
    let started = std::time::Instant::now();
    let answer = api(&format!("http://{address}")).call(&GetMe {}).await;
    assert_eq!(answer, Err(ApiError::Server(502)));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_error_shows_the_token_or_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let closed = listener.local_addr().expect("bound");
    drop(listener);
    let error = api(&format!("http://{closed}/some/prefix")).call(&GetMe {}).await.expect_err("nobody there");
    assert_eq!(error, ApiError::Network { sent: false });
    let (address, _served) = server(vec![
        r#"400 {"ok":false,"error_code":400,"description":"Bad Request: see /bot1234567890:AAfakefakefakefakefakefakefakefakefa/x"}"#,
    ])
    .await;
    crate::redact::register(TOKEN);
    let echoed = api(&format!("http://{address}")).call(&GetMe {}).await.expect_err("refused");
    for error in [error, echoed] {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("AAfake") && !shown.contains("prefix"), "{shown}");
    }
}

#[tokio::test]
async fn a_poll_keeps_updates_that_no_reader_would_take() {
    let (address, _served) = server(vec![
        r#"200 {"ok":true,"result":[{"update_id":1,"novelty":{"x":"\ud800"}},{"update_id":2}]}"#,
    ])
    .await;
    let poll = GetUpdates { offset: Some(1), timeout: 0, allowed_updates: &["message"] };
    let updates = api(&format!("http://{address}")).poll(&poll).await.expect("both");
    assert_eq!(updates.len(), 2);
}

fn draft() -> SendMessageDraft<'static> {
    SendMessageDraft {
        chat_id: 1,
        message_thread_id: None,
        draft_id: 1,
        text: "",
        entities: &[],
        can_stop: false,
    }
}

#[tokio::test]
async fn a_rejected_feature_is_asked_for_once() {
    for words in ["Not Found: method not found", "Not Found"] {
        let refusal = format!(r#"404 {{"ok":false,"error_code":404,"description":"{words}"}}"#);
        let (address, served) = server(vec![refusal.leak()]).await;
        let api = api(&format!("http://{address}"));
        for _ in 0..3 {
            assert!(api.draft(&mut draft()).await.is_err());
        }
        assert!(!api.has(Feature::Draft) && api.has(Feature::Reaction));
        assert_eq!(served.await.expect("one call").len(), 1);
    }
}

#[tokio::test]
async fn a_draft_goes_without_its_stop_where_that_is_rejected() {
    let done = r#"200 {"ok":true,"result":true}"#;
    let refused =
        r#"400 {"ok":false,"error_code":400,"description":"Bad Request: can_stop isn't supported"}"#;
    let (address, served) = server(vec![done, refused, done, done]).await;
    let api = api(&format!("http://{address}"));
    for _ in 0..3 {
        assert_eq!(api.draft(&mut draft()).await, Ok(()));
    }
    let asked = served.await.expect("four calls");
    let stoppable: Vec<bool> = asked.iter().map(|call| call.contains(r#""can_stop":true"#)).collect();
    assert_eq!(stoppable, [true, true, false, false]);
}

#[tokio::test]
async fn an_edit_that_changes_nothing_says_so() {
    let (address, _served) = server(vec![
        r#"400 {"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"}"#,
    ])
    .await;
    let answer = api(&format!("http://{address}")).call(&EditMessageText::new(1, 2, "x")).await;
    assert_eq!(answer.err(), Some(ApiError::NotModified));
}

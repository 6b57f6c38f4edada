//! The client against servers that misbehave, over real sockets with short deadlines.

mod listing;
mod media;
mod server;

use std::sync::{Arc, Mutex};

use serde_json::json;

use self::server::{Act, Server, chunked, json_reply, reply, stream_head};
use super::*;
use crate::domain::chat::{Speaker, Turn};
use crate::domain::pool::outcome::Rejection;

const CANARY: &str = "AIzaSyCANARY-client-0123456789abcdefghi";
const EVENT: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Half\"}]}}]}\r\n\r\n";
const STOP: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\" done\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n";

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn config(api_url: &str) -> GeminiConfig {
    GeminiConfig {
        api_url: api_url.to_owned(),
        version: "v1beta".to_owned(),
        models: PerModel([
            Some("gemini-3.5-flash-lite".to_owned()),
            Some("models/gemini-3.8-flash".to_owned()),
            Some("gemini-2.5-pro".to_owned()),
            None,
        ]),
        connect: ms(300),
        first_event: PerModel([ms(400); 4]),
        between_events: ms(300),
        attempt: PerModel([ms(1500); 4]),
        proxy: None,
        safety: Vec::new(),
        thinking_level: PerModel::default(),
        max_output_tokens: None,
        temperature: None,
        system_prompt: None,
    }
}

fn client(api_url: &str) -> GeminiClient {
    GeminiClient::new(&config(api_url)).expect("a client")
}

fn prompt() -> Prompt {
    Prompt { turns: vec![Turn { speaker: Speaker::User, text: "Hi".to_owned() }], ..Prompt::default() }
}

async fn stream(client: &GeminiClient) -> (Reply, Vec<String>) {
    let (key, prompt) = (Secret::new(CANARY), prompt());
    let mut pieces = Vec::new();
    let call = Call { key: &key, slot: ModelSlot::Flash, prompt: &prompt };
    let reply = client.stream(&call, &mut |text| pieces.push(text.to_owned())).await;
    assert_eq!(pieces.concat(), reply.text);
    assert_no_key(&format!("{reply:?} {call:?} {client:?}"));
    (reply, pieces)
}

fn assert_no_key(text: &str) {
    assert!(!text.contains("CANARY"), "{text}");
    assert!(!text.contains("0123456789"), "{text}");
}

#[tokio::test]
async fn a_stream_hands_over_its_text_in_order_and_the_key_travels_only_in_its_header() {
    let server =
        Server::start(|_| vec![stream_head(), chunked(EVENT), Act::Wait(ms(50)), chunked(STOP), chunked("")])
            .await;
    let (reply, pieces) = stream(&client(&server.url)).await;
    assert_eq!(pieces, ["Half", " done"]);
    assert_eq!((reply.outcome, reply.finish), (Outcome::Answered, Finish::Complete));
    assert!(reply.elapsed >= ms(50));
    let request = server.requests().remove(0);
    let first_line = request.lines().next().unwrap_or_default();
    assert_eq!(first_line, "POST /v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse HTTP/1.1");
    assert_eq!(request.matches(CANARY).count(), 1);
    assert!(request.to_lowercase().contains(&format!("x-goog-api-key: {}", CANARY.to_lowercase())));
    assert!(request.ends_with(r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#), "{request}");
}

#[tokio::test]
async fn an_answer_in_one_piece_of_plain_json_is_read_too() {
    let body = json!({"candidates": [{"content": {"parts": [{"text": "ja"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 1}});
    let server = Server::start(move |_| json_reply(200, &body.to_string())).await;
    let reply = stream(&client(&server.url)).await.0;
    assert_eq!((reply.outcome, reply.text.as_str(), reply.usage.total()), (Outcome::Answered, "ja", 3));
}

#[tokio::test]
async fn what_breaks_before_text_is_attributed_to_the_connection() {
    let header = format!("HTTP/1.1 200 OK\r\nx-big: {}\r\n\r\n", "x".repeat(1024 * 1024));
    let cases: Vec<(&str, Vec<Act>, Outcome)> = vec![
        ("hangs", vec![Act::Wait(ms(5000))], Outcome::TimedOut),
        ("hangs after the head", vec![stream_head(), Act::Wait(ms(5000))], Outcome::TimedOut),
        ("only comments", vec![stream_head(), chunked(": ping\n\n"), Act::Wait(ms(5000))], Outcome::TimedOut),
        ("reset", vec![Act::Reset], Outcome::Unreachable { sent: true }),
        ("closed", vec![], Outcome::Unreachable { sent: true }),
        ("reset after the head", vec![stream_head(), Act::Reset], Outcome::Unreachable { sent: true }),
        ("a header of 1 MB", vec![Act::Send(header.into_bytes())], Outcome::Unreachable { sent: true }),
        ("no HTTP", vec![Act::Send(b"SSH-2.0-OpenSSH\r\n".to_vec())], Outcome::Unreachable { sent: true }),
        (
            "a page",
            json_reply(200, "<html><title>Log in</title></html>"),
            Outcome::Unreachable { sent: true },
        ),
        (
            "packed",
            reply(200, "content-encoding: gzip\r\n", "\u{1f}\u{8b}"),
            Outcome::Unreachable { sent: true },
        ),
        ("packed error", reply(503, "content-encoding: br\r\n", "x"), Outcome::Overloaded),
        ("cut JSON", json_reply(200, r#"{"candidates":[{"content":"#), Outcome::Empty),
        ("nothing", json_reply(200, ""), Outcome::Empty),
        (
            "an error inside",
            json_reply(200, r#"data: {"error":{"code":503,"message":"busy"}}"#),
            Outcome::Overloaded,
        ),
        (
            "an error body that is cut",
            vec![Act::Send(b"HTTP/1.1 503 No\r\ncontent-length: 99\r\n\r\n{".to_vec())],
            Outcome::Overloaded,
        ),
    ];
    for (name, acts, outcome) in cases {
        let server = Server::start(move |_| acts.clone()).await;
        let (reply, _) = stream(&client(&server.url)).await;
        assert_eq!(reply.outcome, outcome, "{name}: {:?}", reply.detail);
        assert_eq!((reply.finish, reply.text.as_str()), (Finish::None, ""), "{name}");
        assert!(reply.detail.is_some_and(|detail| !detail.is_empty()), "{name}");
        assert!(reply.elapsed < ms(1400), "{name}: {:?}", reply.elapsed);
        assert_eq!(server.requests().len(), 1, "{name}: one call is one send");
    }
}

#[tokio::test]
async fn what_breaks_after_text_keeps_the_text_as_incomplete() {
    let drip: Vec<Act> =
        EVENT.bytes().flat_map(|byte| [chunked(&char::from(byte).to_string()), Act::Wait(ms(30))]).collect();
    let first = || vec![stream_head(), chunked(EVENT)];
    let steady: Vec<Act> = (0..100).flat_map(|_| [chunked(EVENT), Act::Wait(ms(50))]).collect();
    let cases: Vec<(&str, Vec<Act>, std::ops::Range<u64>)> = vec![
        ("closed", vec![chunked("")], 0..1400),
        ("closed without the last chunk", vec![], 0..1400),
        ("reset", vec![Act::Wait(ms(50)), Act::Reset], 0..1400),
        ("silent", vec![Act::Wait(ms(5000))], 300..1400),
        ("a drip", drip, 300..1400),
        ("endless", steady, 1500..4000),
        (
            "an error inside",
            vec![chunked("data: {\"error\":{\"code\":500}}\n\n"), Act::Wait(ms(5000))],
            0..300,
        ),
    ];
    for (name, acts, elapsed) in cases {
        let server = Server::start(move |_| first().into_iter().chain(acts.clone()).collect()).await;
        let (reply, pieces) = stream(&client(&server.url)).await;
        assert_eq!((reply.outcome, reply.finish), (Outcome::Incomplete, Finish::Incomplete), "{name}");
        assert_eq!(pieces[0], "Half", "{name}");
        let took = u64::try_from(reply.elapsed.as_millis()).unwrap_or(u64::MAX);
        assert!(elapsed.contains(&took), "{name}: {took} ms");
    }
}

#[tokio::test]
async fn an_answer_that_had_its_reason_is_complete_even_if_the_connection_hangs() {
    let server =
        Server::start(|_| vec![stream_head(), chunked(EVENT), chunked(STOP), Act::Wait(ms(5000))]).await;
    let (reply, _) = stream(&client(&server.url)).await;
    assert_eq!((reply.outcome, reply.finish), (Outcome::Answered, Finish::Complete));
    assert!(reply.elapsed < ms(1400));
}

#[tokio::test]
async fn before_a_connection_stands_nothing_was_sent() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let refused = format!("http://{}", unused.local_addr().expect("an address"));
    drop(unused);
    let silent = Server::start(|_| vec![Act::Wait(ms(5000))]).await;
    let no_tls = Server::start_at_once(vec![Act::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]).await;
    let https = |server: &Server| server.url.replace("http://", "https://");
    for url in [refused, https(&silent), https(&no_tls)] {
        let (reply, _) = stream(&client(&url)).await;
        assert_eq!(reply.outcome, Outcome::Unreachable { sent: false }, "{url}: {:?}", reply.detail);
        assert!(!reply.detail.unwrap_or_default().contains("models/"), "no address in errors");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::start(|_| json_reply(200, "{}")).await;
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}/v1beta/elsewhere\r\n", other.url);
        let server = Server::start(move |_| reply(status, &location, "")).await;
        let (reply, _) = stream(&client(&server.url)).await;
        assert_eq!(reply.outcome, Outcome::Unreachable { sent: true });
    }
    assert_eq!(other.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_endless_plain_answer_is_cut_at_the_cap() {
    let megabyte = Act::Send(vec![b' '; 1024 * 1024]);
    let head = Act::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec());
    let server = Server::start(move |_| [vec![head.clone()], vec![megabyte.clone(); 100]].concat()).await;
    let mut config = config(&server.url);
    config.first_event = PerModel([Duration::from_secs(20); 4]);
    config.attempt = config.first_event;
    let reply = stream(&GeminiClient::new(&config).expect("a client")).await.0;
    assert_eq!(reply.detail.as_deref(), Some("the answer is larger than 8 MiB"));
    assert!(server.sent_bytes() < 40 * 1024 * 1024);
}

#[tokio::test]
async fn an_error_status_is_judged_by_its_body_and_echoes_no_key() {
    let body = json!({"error": {"code": 403, "status": "PERMISSION_DENIED",
        "message": format!("Permission denied: Consumer 'api_key:{CANARY}' has been suspended."),
        "details": [{"reason": "CONSUMER_SUSPENDED", "metadata": {"consumer": "projects/77", "containerInfo": CANARY}}]}});
    let server = Server::start(move |_| json_reply(403, &body.to_string())).await;
    let client = client(&server.url);
    let (reply, _) = stream(&client).await;
    assert_eq!(reply.outcome, Outcome::Rejected { reason: Rejection::Suspended });
    assert_eq!(reply.consumer.as_deref(), Some("77"));
    assert_eq!(
        reply.detail.as_deref(),
        Some("403 PERMISSION_DENIED: Permission denied: Consumer 'api_key:[redacted]' has been suspended.")
    );
    assert_eq!(stream(&client).await.0.outcome, reply.outcome);
}

#[tokio::test]
async fn a_refused_thinking_setting_is_left_out_from_then_on() {
    let server = Server::start(|request| {
        if request.contains("thinkingConfig") {
            json_reply(400, r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Thinking level is not supported for this model."}}"#)
        } else {
            json_reply(200, r#"{"candidates":[{"content":{"parts":[{"text":"ok"}]},"finishReason":"STOP"}]}"#)
        }
    })
    .await;
    let mut config = config(&server.url);
    config.thinking_level = PerModel::from_fn(|_| Some("low".to_owned()));
    let client = GeminiClient::new(&config).expect("a client");
    let refused = stream(&client).await.0;
    assert_eq!((refused.outcome, refused.thinking_refused), (Outcome::BadRequest, true));
    let again = stream(&client.clone()).await.0;
    assert_eq!((again.outcome, again.thinking_refused), (Outcome::Answered, false));
    // Another model's setting still stands.
    let (key, prompt) = (Secret::new(CANARY), prompt());
    let call = Call { key: &key, slot: ModelSlot::Pro, prompt: &prompt };
    assert!(client.stream(&call, &mut |_| {}).await.thinking_refused);
    assert!(server.requests()[2].contains(r#""thinkingConfig":{"thinkingBudget":1024}"#));
}

#[tokio::test]
async fn dropping_the_call_closes_its_connection() {
    let server = Server::start(|_| vec![stream_head(), chunked(EVENT), Act::Closed]).await;
    let client = client(&server.url);
    let shown = Arc::new(Mutex::new(String::new()));
    let seen = shown.clone();
    let call = tokio::spawn(async move {
        let (key, prompt) = (Secret::new(CANARY), prompt());
        let call = Call { key: &key, slot: ModelSlot::Flash, prompt: &prompt };
        client.stream(&call, &mut |text| seen.lock().expect("no panic").push_str(text)).await
    });
    while shown.lock().expect("no panic").is_empty() {
        tokio::time::sleep(ms(5)).await;
    }
    call.abort();
    tokio::time::timeout(ms(1000), server.closed()).await.expect("the server sees the end");
    assert_eq!(*shown.lock().expect("no panic"), "Half");
}

#[tokio::test]
async fn calls_that_cannot_be_sent_are_not_sent() {
    let server = Server::start(|_| json_reply(200, "{}")).await;
    let client = client(&server.url);
    let (key, bad_key, full, empty) =
        (Secret::new(CANARY), Secret::new("AIza\nCANARY"), prompt(), Prompt::default());
    let cases = [
        (Call { key: &key, slot: ModelSlot::Image, prompt: &full }, Outcome::ModelMissing),
        (Call { key: &key, slot: ModelSlot::Flash, prompt: &empty }, Outcome::BadRequest),
        (
            Call { key: &bad_key, slot: ModelSlot::Flash, prompt: &full },
            Outcome::Rejected { reason: Rejection::Invalid },
        ),
    ];
    for (call, outcome) in cases {
        let reply = client.stream(&call, &mut |_| {}).await;
        assert_eq!(reply.outcome, outcome);
        assert_no_key(&format!("{reply:?}"));
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[test]
fn an_unusable_configuration_is_refused_without_repeating_secrets() {
    let refused = |change: fn(&mut GeminiConfig)| {
        let mut config = config("https://generativelanguage.googleapis.com");
        change(&mut config);
        GeminiClient::new(&config).expect_err("refused")
    };
    assert_eq!(
        refused(|config| config.api_url = "http://example.com".to_owned()),
        GeminiSetupError::PlainHttp
    );
    for url in ["", "ftp://x.test", "https://user@x.test", "nonsense"] {
        let mut config = config("");
        config.api_url = url.to_owned();
        assert!(matches!(GeminiClient::new(&config), Err(GeminiSetupError::Address(_))), "{url}");
    }
    for id in ["", "..", "a/b", "a?key=1", "a#b", "a b", "../../x"] {
        let mut config = config("http://localhost:1");
        config.models[ModelSlot::Flash] = Some(id.to_owned());
        assert!(matches!(GeminiClient::new(&config), Err(GeminiSetupError::Address(_))), "{id}");
    }
    let proxy = refused(|config| config.proxy = Some(Secret::new("http://me:CANARY@[bad")));
    assert_eq!(proxy, GeminiSetupError::Proxy);
    assert_no_key(&format!("{proxy} {proxy:?}"));
}

#[tokio::test]
async fn a_configured_proxy_is_used() {
    let proxy = Server::start(|_| {
        json_reply(200, r#"{"candidates":[{"content":{"parts":[{"text":"ok"}]},"finishReason":"STOP"}]}"#)
    })
    .await;
    let mut config = config("http://localhost:1");
    config.proxy = Some(Secret::new(proxy.url.replace("http://", "http://me:CANARY@")));
    let client = GeminiClient::new(&config).expect("a client");
    assert_eq!(stream(&client).await.0.outcome, Outcome::Answered);
    let request = proxy.requests().remove(0);
    assert!(request.starts_with("POST http://localhost:1/v1beta/"), "{request}");
    assert!(request.to_lowercase().contains("proxy-authorization: basic "), "{request}");
    assert_no_key(&format!("{client:?}"));
}

/// Runs itself in a second process, since only there the environment may be changed.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const UPSTREAM: &str = "SVS_TEST_UPSTREAM";
    if let Ok(upstream) = std::env::var(UPSTREAM) {
        stream(&client(&upstream)).await;
        return;
    }
    let proxy = Server::start(|_| json_reply(200, "{}")).await;
    let upstream = Server::start(|_| json_reply(200, "{}")).await;
    let name = concat!(module_path!(), "::a_proxy_of_the_environment_is_not_used");
    let name = name.split_once("::").expect("a path").1;
    let child = tokio::task::spawn_blocking({
        let mut command = std::process::Command::new(std::env::current_exe().expect("this test"));
        command.args(["--exact", name]).env(UPSTREAM, &upstream.url).stdout(std::process::Stdio::null());
        for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env(variable, &proxy.url);
        }
        move || command.status()
    });
    assert!(child.await.expect("no panic").expect("a process").success());
    assert_eq!((proxy.requests().len(), upstream.requests().len()), (0, 1));
}

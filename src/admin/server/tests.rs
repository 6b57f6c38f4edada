//! The control socket against clients that err, dawdle and crowd, over real sockets.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

use super::*;
use crate::admin::Client;
use crate::admin::api::AskEvent;

/// A served socket in a folder of its own.
struct Served {
    path: PathBuf,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    /// Wakes the verbs that wait.
    gate: Arc<Notify>,
    _dir: tempfile::TempDir,
}

fn serve_here(peers: Peers) -> Served {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("control.sock");
    let listener = Listener::bind(&path, None).expect("the place is free");
    let gate = Arc::new(Notify::new());
    let wait = Arc::clone(&gate);
    let told = || {
        let line = |text: &str| {
            serde_json::to_string(&AskEvent::Text { text: text.to_owned() }).expect("it is JSON") + "\n"
        };
        line("one") + &line("two")
    };
    let when_let = {
        let gate = Arc::clone(&gate);
        move || async move {
            gate.notified().await;
            told()
        }
    };
    let router = axum::Router::new()
        .route("/v1/echo", post(|body: String| async move { body }))
        .route("/v1/uid", get(|peer: axum::Extension<Peer>| async move { peer.uid.to_string() }))
        .route(
            "/v1/missing",
            get(|| async { failed(CommandError::new(ErrorKind::NotFound, "nobody").hint("ls")) }),
        )
        .route("/v1/hang", get(move || async move { wait.notified().await }))
        .route("/v1/wait", post(when_let.clone()))
        .route(path::ASK, post(when_let));
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, peers, shutdown.clone()));
    Served { path, shutdown, task, gate, _dir: dir }
}

fn everybody() -> Peers {
    Peers::new(Vec::new(), None).expect("no group is asked for")
}

impl Served {
    /// Sends bytes as they are and reads until the other end closes.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = UnixStream::connect(&self.path).await.expect("it is served");
        stream.write_all(bytes).await.expect("it is read");
        let mut answer = Vec::new();
        // A reset after the answer is an end, too.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn client(&self) -> Client {
        Client::connect(std::slice::from_ref(&self.path)).await.expect("it is served")
    }
}

#[tokio::test]
async fn a_verb_knows_who_asks() {
    let served = serve_here(everybody());
    let uid: u32 = served.client().await.get("/v1/uid").await.expect("a number is JSON");
    assert_eq!(uid, rustix::process::geteuid().as_raw());
}

#[tokio::test]
async fn a_failure_keeps_its_kind_and_hint_on_the_way() {
    let served = serve_here(everybody());
    let error = served.client().await.get::<u32>("/v1/missing").await.expect_err("nobody is there");
    assert_eq!(error, CommandError::new(ErrorKind::NotFound, "nobody").hint("ls"));
    let error = served.client().await.get::<u32>("/v2/status").await.expect_err("there is no such verb");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.hints[0].contains("different versions"), "{error:?}");
}

#[tokio::test]
async fn a_streamed_answer_arrives_line_by_line() {
    let served = serve_here(everybody());
    served.gate.notify_one();
    let mut lines = served.client().await.lines(path::ASK, &()).await.expect("it answers");
    let mut seen = Vec::new();
    while let Some(AskEvent::Text { text }) = lines.next().await.expect("lines are JSON") {
        seen.push(text);
    }
    assert_eq!(seen, ["one", "two"]);
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_before_they_are_read() {
    let served = serve_here(everybody());
    let announced = b"POST /v1/echo HTTP/1.1\r\nhost: svs\r\ncontent-length: 1073741824\r\n\r\n{";
    let begin = Instant::now();
    assert!(served.raw(announced).await.starts_with("HTTP/1.1 413"));
    assert!(begin.elapsed() < Duration::from_secs(2));

    // Without an announced length, the limit is found while reading.
    let mut chunked = b"POST /v1/echo HTTP/1.1\r\nhost: svs\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..5 {
        chunked.extend_from_slice(b"4000\r\n");
        chunked.extend_from_slice(&[b'x'; 0x4000]);
        chunked.extend_from_slice(b"\r\n");
    }
    let answer = served.raw(&chunked).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

    let fits =
        format!("POST /v1/echo HTTP/1.1\r\nhost: svs\r\ncontent-length: 65536\r\n\r\n{}", "x".repeat(65_536));
    assert!(served.raw(fits.as_bytes()).await.starts_with("HTTP/1.1 200"));
    let question =
        format!("POST /v1/ask HTTP/1.1\r\nhost: svs\r\ncontent-length: 65537\r\n\r\n{}", "x".repeat(65_537));
    served.gate.notify_one();
    assert!(served.raw(question.as_bytes()).await.starts_with("HTTP/1.1 200"), "a question may be longer");
}

#[tokio::test]
async fn a_question_has_twenty_megabytes_and_not_one_byte_more() {
    let served = serve_here(everybody());
    let head =
        format!("POST /v1/ask HTTP/1.1\r\nhost: svs\r\ncontent-length: {}\r\n\r\n", QUESTIONS.body + 1);
    assert!(served.raw(head.as_bytes()).await.starts_with("HTTP/1.1 413"));
    let whole = format!(
        "POST /v1/ask HTTP/1.1\r\nhost: svs\r\ncontent-length: {}\r\n\r\n{}",
        QUESTIONS.body,
        "x".repeat(QUESTIONS.body)
    );
    served.gate.notify_one();
    assert!(served.raw(whole.as_bytes()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_of_a_megabyte_is_refused() {
    let served = serve_here(everybody());
    let head = format!("GET /v1/uid HTTP/1.1\r\nhost: svs\r\nx-long: {}\r\n\r\n", "x".repeat(1 << 20));
    let mut stream = UnixStream::connect(&served.path).await.expect("it is served");
    // The other end may stop reading before all is written.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(served.client().await.get::<u32>("/v1/uid").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn half_a_request_and_then_silence_is_ended_by_the_deadline() {
    let served = serve_here(everybody());
    let begin = tokio::time::Instant::now();
    let half_body = served.raw(b"POST /v1/echo HTTP/1.1\r\nhost: svs\r\ncontent-length: 10\r\n\r\n{").await;
    assert!(half_body.starts_with("HTTP/1.1 408"), "{half_body}");
    assert!(begin.elapsed() <= CONTROL.deadline * 2);

    let begin = tokio::time::Instant::now();
    served.raw(b"POST /v1/ec").await;
    assert!(begin.elapsed() <= CONTROL.deadline * 2, "half a head is ended as well");
    let begin = tokio::time::Instant::now();
    served.raw(b"").await;
    assert!(begin.elapsed() <= CONTROL.deadline * 2, "so is silence from the start");
}

#[tokio::test(start_paused = true)]
async fn a_verb_that_hangs_is_given_up() {
    let served = serve_here(everybody());
    let error = served.client().await.get::<()>("/v1/hang").await.expect_err("it hangs");
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Unavailable, "the daemon could not answer in time")
    );
}

/// Takes all places of a class: each client waits for the gate.
async fn crowd(served: &Served, path: &'static str, places: usize) -> tokio::task::JoinSet<()> {
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..places {
        let client = served.client().await;
        waiting.spawn(async move {
            let mut lines = client.lines(path, &()).await.expect("there was a place");
            while lines.next::<AskEvent>().await.expect("lines are JSON").is_some() {}
        });
    }
    waiting
}

/// Asks until it is refused: then all have arrived.
async fn until_refused(served: &Served, path: &str) -> CommandError {
    loop {
        let client = served.client().await;
        let asked = tokio::time::timeout(Duration::from_millis(50), client.lines(path, &())).await;
        if let Ok(Err(error)) = asked {
            return error;
        }
    }
}

#[tokio::test]
async fn the_seventeenth_client_is_told_to_come_back_and_so_is_the_129th_question() {
    let served = serve_here(everybody());
    for (path, other, places) in [("/v1/wait", path::ASK, 16), (path::ASK, "/v1/wait", 128)] {
        let mut waiting = crowd(&served, path, places).await;
        assert_eq!(until_refused(&served, path).await.kind, ErrorKind::TryAgain, "{path}");
        // The other class has places of its own.
        let mut beside = crowd(&served, other, 1).await;
        while waiting.len() + beside.len() > 0 {
            served.gate.notify_waiters();
            while waiting.try_join_next().or_else(|| beside.try_join_next()).is_some_and(|end| end.is_ok()) {}
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(served.client().await.get::<u32>("/v1/uid").await.is_ok(), "places are given back");
    }
}

#[tokio::test]
async fn a_thousand_clients_at_once_are_answered_refused_or_closed_and_then_it_goes_on() {
    let served = serve_here(everybody());
    let mut crowd = tokio::task::JoinSet::new();
    for n in 0..1000 {
        let path = served.path.clone();
        crowd.spawn(async move {
            let mut stream = UnixStream::connect(&path).await?;
            // Every other one says nothing, and goes away after a while.
            if n % 2 == 0 {
                tokio::time::sleep(Duration::from_millis(300)).await;
                return Ok("silent");
            }
            stream.write_all(b"GET /v1/uid HTTP/1.1\r\nhost: svs\r\n\r\n").await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok(match answer.get(..12) {
                Some("HTTP/1.1 200") => "answered",
                Some("HTTP/1.1 503") => "refused",
                _ => "closed",
            })
        });
    }
    let ends: Vec<std::io::Result<&str>> =
        tokio::time::timeout(Duration::from_secs(10), crowd.join_all()).await.expect("nobody hangs");
    assert!(ends.iter().any(|end| matches!(end, Ok("answered"))));
    let is_plain = |end: &std::io::Result<&str>| match end {
        Ok(_) => true,
        Err(error) => matches!(
            error.kind(),
            std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::BrokenPipe
                | std::io::ErrorKind::WouldBlock
        ),
    };
    assert!(ends.iter().all(is_plain), "{ends:?}");
    assert!(served.client().await.get::<u32>("/v1/uid").await.is_ok());
}

#[tokio::test]
async fn a_foreign_user_is_refused() {
    // This process plays the stranger: its own uid is not among those who may.
    let served = serve_here(Peers::of_others());
    let error = served.client().await.get::<u32>("/v1/uid").await.expect_err("a stranger asks");
    assert_eq!(error.kind, ErrorKind::Denied);
}

#[tokio::test]
async fn nonsense_is_answered_or_closed_and_harms_nobody() {
    let served = serve_here(everybody());
    for nonsense in
        [&b"\x16\x03\x01\x02\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n"]
    {
        let answer = served.raw(nonsense).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1."), "{answer:?}");
    }
    assert!(served.client().await.get::<u32>("/v1/uid").await.is_ok());
}

#[tokio::test]
async fn the_end_lets_who_is_inside_finish() {
    let served = serve_here(everybody());
    let client = served.client().await;
    let inside = tokio::spawn(async move { client.lines(path::ASK, &()).await?.next::<AskEvent>().await });
    // The request has arrived when the gate has somebody to wake; a permit left behind would be taken later.
    tokio::time::sleep(Duration::from_millis(50)).await;
    served.shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!served.path.exists(), "nobody finds the socket any more");
    served.gate.notify_one();
    let answer = inside.await.expect("no panic").expect("the answer is whole");
    assert_eq!(answer, Some(AskEvent::Text { text: "one".to_owned() }));
    served.task.await.expect("the server ends");
}

#[tokio::test]
async fn without_a_daemon_the_hint_says_how_to_start_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let nowhere = [dir.path().join("control.sock")];
    let error = Client::connect(&nowhere).await.expect_err("nobody listens");
    assert_eq!((error.kind, error.hints[0].as_str()), (ErrorKind::Unavailable, "systemctl start svs"));
    assert!(Client::find(&nowhere).await.expect("no failure").is_none());
    // A file that is no socket at all counts as nobody there, and so does a stale one.
    drop(std::os::unix::net::UnixListener::bind(&nowhere[0]).expect("the place is free"));
    assert_eq!(Client::connect(&nowhere).await.expect_err("it is stale").kind, ErrorKind::Unavailable);
    let too_long = [dir.path().join("x".repeat(200))];
    assert_eq!(Client::connect(&too_long).await.expect_err("too long").kind, ErrorKind::Config);
}

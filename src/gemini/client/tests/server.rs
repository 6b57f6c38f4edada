//! A raw TCP server that plays a script for every request and writes down what it was sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// One step of a script. At its end the connection is closed.
#[derive(Clone)]
pub(super) enum Act {
    Send(Vec<u8>),
    Wait(Duration),
    /// Close with RST.
    Reset,
    /// Wait until the other side has closed.
    Closed,
}

/// What a server has seen.
#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    sent: AtomicUsize,
    closed: Notify,
}

type Script = dyn Fn(&str) -> Vec<Act> + Send + Sync;

pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Seen>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Answers each request with the script made for it.
    pub(super) async fn start(script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) -> Server {
        Server::serve(Some(Arc::new(script)), Vec::new()).await
    }

    /// Plays the script as soon as a connection stands.
    pub(super) async fn start_at_once(acts: Vec<Act>) -> Server {
        Server::serve(None, acts).await
    }

    async fn serve(script: Option<Arc<Script>>, acts: Vec<Act>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Seen::default());
        let shared = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (seen, script, acts) = (shared.clone(), script.clone(), acts.clone());
                tokio::spawn(async move {
                    let acts = match script {
                        Some(script) => {
                            let Some(request) = read_request(&mut stream).await else { return };
                            seen.requests.lock().expect("no panic").push(request.clone());
                            script(&request)
                        }
                        None => acts,
                    };
                    play(stream, acts, &seen).await;
                });
            }
        });
        Server { url, seen, task }
    }

    /// The requests so far, head and body.
    pub(super) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().expect("no panic").clone()
    }

    /// The bytes that could be written so far.
    pub(super) fn sent_bytes(&self) -> usize {
        self.seen.sent.load(Ordering::Relaxed)
    }

    /// Resolves once a script's `Closed` has seen the end.
    pub(super) async fn closed(&self) {
        self.seen.closed.notified().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn play(mut stream: TcpStream, acts: Vec<Act>, seen: &Seen) {
    for act in acts {
        match act {
            Act::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
                seen.sent.fetch_add(bytes.len(), Ordering::Relaxed);
            }
            Act::Wait(time) => tokio::time::sleep(time).await,
            Act::Reset => {
                stream.set_zero_linger().expect("a socket");
                return;
            }
            Act::Closed => {
                let _ = stream.read(&mut [0]).await;
                seen.closed.notify_one();
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.ok()?;
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if count == 0 {
            return None;
        }
    }
}

/// The head of a chunked stream of events.
pub(super) fn stream_head() -> Act {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    Act::Send(head.as_bytes().to_vec())
}

/// One chunk; the empty one ends the stream.
pub(super) fn chunked(text: &str) -> Act {
    Act::Send(format!("{:x}\r\n{text}\r\n", text.len()).into_bytes())
}

/// A whole answer.
pub(super) fn reply(status: u16, headers: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    );
    vec![Act::Send(text.into_bytes())]
}

/// A whole answer in JSON, or in what is said to be.
pub(super) fn json_reply(status: u16, body: &str) -> Vec<Act> {
    reply(status, "content-type: application/json; charset=UTF-8\r\n", body)
}

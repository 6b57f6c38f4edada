//! A collector: takes whatever is posted, and knows OTLP by its specification alone.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// One message that was posted.
#[derive(Clone)]
pub(crate) struct Posted {
    pub(crate) path: String,
    /// In small letters, but for the values.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Collector {
    at: SocketAddr,
    posted: Arc<Mutex<Vec<Posted>>>,
    status: Arc<Mutex<&'static str>>,
}

impl Collector {
    pub(crate) fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("it listens");
        let (posted, status) = (Arc::<Mutex<Vec<Posted>>>::default(), Arc::new(Mutex::new("200 OK")));
        let (all, answer) = (Arc::clone(&posted), Arc::clone(&status));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                std::thread::spawn(move || converse(stream, &all, &answer));
            }
        });
        Collector { at, posted, status }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// What it answers from now on, such as `503 Service Unavailable`.
    pub(crate) fn answer(&self, status: &'static str) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    pub(crate) fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All messages to a path, as JSON.
    pub(crate) fn json(&self, path: &str) -> Vec<Value> {
        let to = |posted: &Posted| posted.path == path;
        let read = |posted: Posted| serde_json::from_slice(&posted.body).expect("JSON");
        self.posted().into_iter().filter(to).map(read).collect()
    }

    /// All spans.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let resources = self.json("/v1/traces").into_iter().flat_map(|sent| list(&sent, "resourceSpans"));
        let scopes = resources.flat_map(|resource| list(&resource, "scopeSpans"));
        scopes.flat_map(|scope| list(&scope, "spans")).map(Span).collect()
    }
}

fn converse(mut stream: TcpStream, all: &Mutex<Vec<Posted>>, status: &Mutex<&'static str>) {
    let _ = stream.set_read_timeout(Some(Duration::from_mins(1)));
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read(&mut piece) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let until = end + length.unwrap_or_default();
        while bytes.len() < until {
            match stream.read(&mut piece) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
                _ => return,
            }
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let body = bytes[end..until].to_vec();
        bytes.drain(..until);
        let status = *status.lock().unwrap_or_else(PoisonError::into_inner);
        if status.starts_with('2') {
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(Posted { path, head, body });
        }
        let answer =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A span as OTLP's JSON has it.
#[derive(Clone, Debug)]
pub(crate) struct Span(pub(crate) Value);

impl Span {
    pub(crate) fn text(&self, field: &str) -> String {
        self.0[field].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it has no parent.
    pub(crate) fn is_root(&self) -> bool {
        self.text("parentSpanId").is_empty()
    }

    /// Nanoseconds since 1970: 64-bit numbers are texts in JSON.
    pub(crate) fn time(&self, field: &str) -> u64 {
        self.text(field).parse().expect("a number of nanoseconds")
    }

    pub(crate) fn took(&self) -> Duration {
        Duration::from_nanos(self.time("endTimeUnixNano") - self.time("startTimeUnixNano"))
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.0["status"]["code"] == 2
    }

    /// The attributes, each value as text.
    pub(crate) fn attributes(&self) -> HashMap<String, String> {
        attributes(&self.0)
    }

    pub(crate) fn attribute(&self, key: &str) -> String {
        self.attributes().remove(key).unwrap_or_default()
    }
}

/// The attributes of a span, a resource or a data point, each value as text.
pub(crate) fn attributes(of: &Value) -> HashMap<String, String> {
    let all = of["attributes"].as_array().cloned().unwrap_or_default();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pair = |pair: Value| {
        let value = pair["value"].as_object().and_then(|value| value.values().next()).map(plain);
        (pair["key"].as_str().unwrap_or_default().to_owned(), value.unwrap_or_default())
    };
    all.into_iter().map(pair).collect()
}

/// Where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("it listened"))
}

/// Who accepts and never answers.
pub(crate) fn mute() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = listener.local_addr().expect("it listens");
    std::thread::spawn(move || {
        let mut held = Vec::new();
        let until = Instant::now() + Duration::from_mins(5);
        while Instant::now() < until
            && let Ok((stream, _)) = listener.accept()
        {
            held.push(stream);
        }
    });
    format!("http://{at}")
}

/// What stands in the fields of this path of a protobuf message, as the encoding has it.
pub(crate) fn protobuf_fields(message: &[u8], path: &[u64]) -> Vec<Vec<u8>> {
    let Some((wanted, rest)) = path.split_first() else { return vec![message.to_vec()] };
    let mut found = Vec::new();
    let mut at = 0;
    while at < message.len() {
        let tag = varint(message, &mut at);
        let length = match tag & 7 {
            0 => {
                varint(message, &mut at);
                continue;
            }
            1 => 8,
            2 => varint(message, &mut at) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        if tag >> 3 == *wanted {
            found.extend(protobuf_fields(&message[at..at + length], rest));
        }
        at += length;
    }
    found
}

fn varint(message: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = message[*at];
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

//! A tap on the wire, for those who measure: when bytes came in and went out, as the sockets saw it, so that a
//! server's own work is not taken for the client's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Server {
    /// The Bot API.
    Telegram,
    /// Gemini.
    Gemini,
}

/// What passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Passed {
    /// Bytes came; the last step of the path, where a request begins with them.
    Read(Option<String>),
    /// Bytes went out.
    Wrote,
}

/// One passing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// On which server.
    pub server: Server,
    /// On which of its connections.
    pub connection: u64,
    /// What.
    pub passed: Passed,
}

/// Collects what passes; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    marks: Arc<Mutex<Vec<Mark>>>,
    connections: Arc<AtomicU64>,
}

impl Tap {
    /// What has passed since the last time, in order.
    pub fn take(&self) -> Vec<Mark> {
        std::mem::take(&mut *self.marks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The tap of a new connection.
    pub(super) fn connected(&self, server: Server) -> Line {
        Line { tap: self.clone(), server, connection: self.connections.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The tap of one connection.
#[derive(Debug)]
pub(super) struct Line {
    tap: Tap,
    server: Server,
    connection: u64,
}

impl Line {
    pub(super) fn read(&self, bytes: &[u8]) {
        let at = Instant::now();
        if !bytes.is_empty() {
            self.mark(at, Passed::Read(last_step(bytes)));
        }
    }

    pub(super) fn wrote(&self) {
        self.mark(Instant::now(), Passed::Wrote);
    }

    fn mark(&self, at: Instant, passed: Passed) {
        let mark = Mark { at, server: self.server, connection: self.connection, passed };
        self.tap.marks.lock().unwrap_or_else(PoisonError::into_inner).push(mark);
    }
}

/// The last step of the path of a request that begins here.
fn last_step(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    words.next().filter(|method| method.bytes().all(|sign| sign.is_ascii_uppercase()))?;
    let path = words.next().filter(|path| path.starts_with('/'))?;
    words.next().filter(|version| version.starts_with("HTTP/"))?;
    let step = path.split('?').next()?.rsplit('/').next()?;
    Some(step.to_owned())
}

#[cfg(test)]
mod tests {
    use super::last_step;

    #[test]
    fn only_the_head_of_a_request_names_a_step() {
        let cases = [
            ("POST /bot1:x/getUpdates HTTP/1.1\r\nhost: x\r\n\r\n", Some("getUpdates")),
            (
                "POST /v1beta/models/m:streamGenerateContent?alt=sse HTTP/1.1\r\n",
                Some("m:streamGenerateContent"),
            ),
            ("{\"text\":\"see /a/b HTTP/1.1\"}", None),
            ("", None),
        ];
        for (bytes, step) in cases {
            assert_eq!(last_step(bytes.as_bytes()).as_deref(), step, "{bytes:?}");
        }
    }
}

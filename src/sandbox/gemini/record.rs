//! What the server saw: one record per call, in memory for tests and as lines in the witness log.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tokio::sync::broadcast;

use super::media::SentMedia;
use crate::sandbox::report::{Report, Send};
use crate::sandbox::witness::{Time, Witness};

/// How a reply ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// All of it was handed to the connection.
    Complete,
    /// The client went away, or the fault of the call cut it.
    Cut,
}

/// One call.
#[derive(Clone, Debug)]
pub struct GeminiCall {
    /// Counted from 1.
    pub number: u64,
    /// Arrival: milliseconds since 1970, the server's clock.
    pub at: i64,
    /// The label of the key; `-` without a key, `?` for one nobody registered.
    pub key: Arc<str>,
    /// The project of the key, empty when unknown.
    pub project: Arc<str>,
    /// The model id, empty for lists.
    pub model: Arc<str>,
    /// `generateContent`, `streamGenerateContent`, `models.list`, `models.get`, or the path when unknown.
    pub method: Arc<str>,
    /// The request body; of a file in it no more than its first bytes, in valid base64.
    pub body: String,
    /// The files in it, in order.
    pub media: Vec<SentMedia>,
    /// Bytes of the request body as it came.
    pub size: usize,
    /// The status of the reply; 0 when the fault sends none.
    pub status: u16,
    /// The name of the fault that hit it.
    pub fault: Option<&'static str>,
    /// What a careful client would not have done; empty for a good call.
    pub flags: Vec<String>,
    /// When the reply ended and how, with the bytes of its body; none while it runs.
    pub ended: Option<(i64, Ending, u64)>,
}

impl GeminiCall {
    /// Whether it was a generation, of either kind.
    pub fn is_generation(&self) -> bool {
        self.method.ends_with("enerateContent")
    }
}

/// All records.
pub(super) struct Records {
    time: Time,
    witness: Witness,
    keep: usize,
    kept: Mutex<Kept>,
    watch: broadcast::Sender<GeminiCall>,
}

/// When, and the key, project and model.
type Sent = (i64, Arc<str>, Arc<str>, Arc<str>);

#[derive(Default)]
struct Kept {
    next: u64,
    running: usize,
    calls: VecDeque<GeminiCall>,
    sends: Vec<Sent>,
}

impl Records {
    pub(super) fn new(time: Time, witness: Witness, keep: usize) -> Records {
        Records { time, witness, keep, kept: Mutex::default(), watch: broadcast::Sender::new(1024) }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Note an arrival; gives the call its number.
    pub(super) fn begin(&self, mut call: GeminiCall) -> u64 {
        let watched = self.watch.receiver_count() > 0;
        let mut copy = None;
        let number = {
            let mut kept = self.kept();
            kept.next += 1;
            kept.running += 1;
            call.number = kept.next;
            if call.is_generation() && !call.project.is_empty() {
                let (key, project, model) = (&call.key, &call.project, &call.model);
                kept.sends.push((call.at, Arc::clone(key), Arc::clone(project), Arc::clone(model)));
            }
            if kept.calls.len() >= self.keep {
                kept.calls.pop_front();
            }
            let number = call.number;
            if watched || self.witness.is_open() {
                copy = Some(call.clone());
            }
            kept.calls.push_back(call);
            number
        };
        let Some(call) = copy else { return number };
        if self.witness.is_open() {
            let mut line = json!({"at": call.at, "server": "gemini", "call": number, "key": &*call.key,
                "project": &*call.project, "model": &*call.model, "method": &*call.method, "body": call.body,
                "status": call.status, "bytes": call.size});
            if !call.media.is_empty() {
                line["media"] = call.media.iter().map(SentMedia::json).collect();
            }
            if let Some(fault) = call.fault {
                line["fault"] = json!(fault);
            }
            if !call.flags.is_empty() {
                line["flags"] = json!(call.flags);
            }
            self.witness.line(&line);
        }
        if watched {
            let _ = self.watch.send(call);
        }
        number
    }

    /// Note the end of a reply.
    pub(super) fn end(&self, number: u64, bytes: u64, complete: bool) {
        let at = self.time.now();
        let ending = if complete { Ending::Complete } else { Ending::Cut };
        let mut kept = self.kept();
        kept.running -= 1;
        let first = kept.calls.front().map_or(u64::MAX, |call| call.number);
        if let Some(call) = number.checked_sub(first).and_then(|at| kept.calls.get_mut(at as usize)) {
            call.ended = Some((at, ending, bytes));
        }
        drop(kept);
        if self.witness.is_open() {
            let ended = if complete { "complete" } else { "cut" };
            self.witness.line(
                &json!({"at": at, "server": "gemini", "end_of": number, "ended": ended, "sent": bytes}),
            );
        }
    }

    pub(super) fn calls(&self) -> Vec<GeminiCall> {
        self.kept().calls.iter().cloned().collect()
    }

    /// All calls so far, those that are no longer kept among them.
    pub(super) fn count(&self) -> u64 {
        self.kept().next
    }

    pub(super) fn running(&self) -> usize {
        self.kept().running
    }

    pub(super) fn forget(&self) {
        let mut kept = self.kept();
        kept.calls.clear();
        kept.sends.clear();
    }

    pub(super) fn watch(&self) -> broadcast::Receiver<GeminiCall> {
        self.watch.subscribe()
    }

    pub(super) fn report(&self) -> Report {
        let text = |text: &Arc<str>| text.as_ref().to_owned();
        let kept = self.kept();
        let sends = kept.sends.iter().map(|(at, key, project, model)| Send {
            at: *at,
            key: text(key),
            project: text(project),
            model: text(model),
        });
        let sends: Vec<Send> = sends.collect();
        drop(kept);
        Report::of(sends)
    }
}

//! An answer while it arrives: bytes in, visible text out in order, and at the end what it all amounts to.
//!
//! ```text
//!            first byte `[` or `{`            anything else
//! Unknown ──────────────────────────▶ Json   ───────────────▶ Sse
//!   (whitespace, BOM: wait)        (read whole at the end)   (event by event)
//! ```
//!
//! A stream may be answered with plain JSON, and an error may come in the middle of a 200. There is no end marker: an
//! answer is complete when a finish reason came and no text after it, however the connection ended then.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;

use super::media::Picture;
use super::sse::{Event, SseSplitter};
use super::verdict::{Verdict, code_of_body, scrub, verdict};
use super::wire::{self, Chunk, Seen, Usage};
use crate::domain::pool::outcome::Outcome;

/// Bytes of one answer that are read at most; there is no decompression.
pub(super) const BODY_CAP: usize = 8 * 1024 * 1024;
/// The same where pictures are asked for: a large one has about 10 MiB, as base64 a third more, and a few may come.
pub(super) const PICTURES_BODY_CAP: usize = 48 * 1024 * 1024;
/// Decoded bytes of all pictures of one answer that are kept; what is over is left out. Telegram takes 50 MB.
const PICTURES_CAP: usize = 24 * 1024 * 1024;
/// What is kept of a body that is no answer, for its detail.
const HEAD_CAP: usize = 2048;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// How an answer ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Finish {
    /// As answers end.
    Complete,
    /// At the token limit.
    Truncated,
    /// By Google, for this finish reason or block reason.
    Cut(String),
    /// The connection ended before the answer did.
    Incomplete,
    /// There is no answer.
    None,
}

/// How the bytes ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// As HTTP bodies end.
    Eof,
    /// Silence past the named deadline.
    TimedOut(&'static str),
    /// The connection broke.
    Broken(String),
    /// More bytes than this.
    TooLarge(usize),
}

impl Ended {
    fn words(&self) -> Option<String> {
        match self {
            Ended::Eof => None,
            Ended::TimedOut(what) => Some(format!("timed out: {what}")),
            Ended::Broken(why) => Some(why.clone()),
            Ended::TooLarge(cap) => Some(format!("the answer is larger than {} MiB", cap / 1024 / 1024)),
        }
    }
}

/// What an answer amounts to.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Conclusion {
    pub(super) verdict: Verdict,
    pub(super) finish: Finish,
    pub(super) text: String,
    pub(super) pictures: Vec<Picture>,
    pub(super) usage: Usage,
}

/// An answer while it arrives.
pub(super) struct AnswerReader {
    body: Body,
    size: usize,
    cap: usize,
    head: Vec<u8>,
    answer: Answer,
}

enum Body {
    /// All bytes so far.
    Unknown(Vec<u8>),
    Json(Vec<u8>),
    Sse(SseSplitter),
}

impl Default for Body {
    fn default() -> Body {
        Body::Unknown(Vec::new())
    }
}

#[derive(Default)]
struct Answer {
    text: String,
    pictures: Vec<Picture>,
    finish: Option<String>,
    finish_message: Option<String>,
    blocked: Option<String>,
    usage: Usage,
    /// An error in place of a chunk: its verdict.
    error: Option<Verdict>,
    /// Whether anything was understood as part of an answer.
    understood: bool,
    /// Whether something that should be a chunk could not be read: text may be missing.
    garbled: bool,
    chunks: usize,
}

impl AnswerReader {
    /// Reads at most `cap` bytes.
    pub(super) fn new(cap: usize) -> AnswerReader {
        AnswerReader { body: Body::default(), size: 0, cap, head: Vec::new(), answer: Answer::default() }
    }

    /// Takes the next bytes. True when they completed an event, so that the deadline of silence starts anew; a drip of
    /// bytes that never does is silence.
    pub(super) fn push(&mut self, bytes: &[u8], on_text: &mut (dyn FnMut(&str) + Send)) -> bool {
        self.size = self.size.saturating_add(bytes.len());
        let room = HEAD_CAP.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if let Body::Unknown(so_far) = &mut self.body {
            so_far.extend_from_slice(bytes);
            let start = so_far.strip_prefix(BOM).unwrap_or(so_far).trim_ascii_start().first();
            match start {
                None if so_far.len() < HEAD_CAP => return false,
                Some(0xef) if so_far.len() < BOM.len() => return false,
                Some(b'[' | b'{') => self.body = Body::Json(std::mem::take(so_far)),
                _ => {
                    let so_far = std::mem::take(so_far);
                    let mut splitter = SseSplitter::default();
                    let progress = self.answer.events(&mut splitter, &so_far, on_text);
                    self.body = Body::Sse(splitter);
                    return progress;
                }
            }
            return true;
        }
        match &mut self.body {
            Body::Json(whole) => {
                whole.extend_from_slice(bytes);
                true
            }
            Body::Sse(splitter) => self.answer.events(splitter, bytes, on_text),
            Body::Unknown(_) => false,
        }
    }

    /// Whether no more should be read: too much came, or an error that ends the answer.
    pub(super) fn is_over(&self) -> bool {
        self.size > self.cap || self.answer.error.is_some()
    }

    /// Whether anything of an answer has come.
    pub(super) fn has_begun(&self) -> bool {
        self.answer.chunks > 0
    }

    /// The end of the bytes; what is still held back is read now.
    pub(super) fn conclude(mut self, ended: Ended, on_text: &mut (dyn FnMut(&str) + Send)) -> Conclusion {
        let ended = if self.size > self.cap { Ended::TooLarge(self.cap) } else { ended };
        match &mut self.body {
            Body::Unknown(_) => {}
            Body::Json(whole) => self.answer.whole(whole, on_text),
            Body::Sse(splitter) => {
                let mut events = Vec::new();
                splitter.finish(|event| events.push(event));
                for event in events {
                    self.answer.event(&event, on_text);
                }
            }
        }
        self.answer.conclude(&ended, &self.head)
    }
}

impl Answer {
    fn events(
        &mut self,
        splitter: &mut SseSplitter,
        bytes: &[u8],
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> bool {
        let before = self.chunks;
        splitter.push(bytes, |event| self.event(&event, on_text));
        self.chunks > before
    }

    fn event(&mut self, event: &Event, on_text: &mut (dyn FnMut(&str) + Send)) {
        match wire::parse(&event.data) {
            Some(value) => self.value(&value, on_text),
            // An end marker that some proxies add.
            None if event.data.trim() == "[DONE]" => {}
            None => self.garbled |= !event.stray,
        }
    }

    /// A body of plain JSON: one chunk or an array of them, as far as they are whole.
    fn whole(&mut self, body: &[u8], on_text: &mut (dyn FnMut(&str) + Send)) {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}');
        if let Some(value) = wire::parse(text) {
            return self.value(&value, on_text);
        }
        let mut rest = text.trim_start().strip_prefix('[').unwrap_or(text);
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            let mut values = serde_json::Deserializer::from_slice(rest.as_bytes()).into_iter();
            match values.next() {
                Some(Ok(value)) => self.value(&value, on_text),
                _ => break,
            }
            rest = rest.get(values.byte_offset()..).unwrap_or_default();
        }
        self.garbled = true;
    }

    fn value(&mut self, value: &serde_json::Value, on_text: &mut (dyn FnMut(&str) + Send)) {
        if let Some(chunks) = value.as_array() {
            for chunk in chunks {
                self.chunk(chunk, on_text);
            }
        } else {
            self.chunk(value, on_text);
        }
    }

    fn chunk(&mut self, value: &serde_json::Value, on_text: &mut (dyn FnMut(&str) + Send)) {
        if self.error.is_some() {
            return;
        }
        let chunk = Chunk(value);
        if chunk.is_error() {
            self.chunks += 1;
            self.error = Some(verdict(code_of_body(value), &value.to_string()));
            return;
        }
        if !chunk.is_answer() {
            return;
        }
        self.chunks += 1;
        self.understood = true;
        for part in chunk.parts() {
            // A finish reason before more of an answer was none: some middle layers send empty chunks with STOP first.
            match part {
                Seen::Text(text) => {
                    self.finish = None;
                    self.text.push_str(text);
                    on_text(text);
                }
                Seen::Picture { mime, data } => {
                    self.finish = None;
                    self.picture(mime, data);
                }
            }
        }
        if let Some(reason) = chunk.finish_reason() {
            self.finish = Some(reason.to_owned());
            self.finish_message = chunk.finish_message().map(str::to_owned);
        }
        if let Some(reason) = chunk.block_reason() {
            self.blocked = Some(reason.to_owned());
        }
        if let Some(usage) = chunk.usage() {
            self.usage.update(usage);
        }
    }

    /// Keeps a picture, as far as it is one and fits.
    fn picture(&mut self, mime: &str, data: &str) {
        let kept: usize = self.pictures.iter().map(|picture| picture.bytes.len()).sum();
        // Four letters are three bytes; what cannot fit is not decoded.
        if data.len() / 4 * 3 > PICTURES_CAP.saturating_sub(kept) + 3 {
            self.garbled = true;
            return;
        }
        match STANDARD.decode(data).or_else(|_| URL_SAFE.decode(data)) {
            Ok(bytes) if bytes.is_empty() => {}
            Ok(bytes) => self.pictures.push(Picture {
                mime: mime.to_owned(),
                bytes: Bytes::from(bytes),
                at: self.text.len(),
            }),
            Err(_) => self.garbled = true,
        }
    }

    fn conclude(mut self, ended: &Ended, head: &[u8]) -> Conclusion {
        let error = self.error.take();
        let has_content = !self.text.trim().is_empty() || !self.pictures.is_empty();
        let reason = self.finish.take().or(self.blocked.take());
        let (outcome, finish, why) = match (has_content, error, reason) {
            (true, Some(error), _) => (Outcome::Incomplete, Finish::Incomplete, error.detail),
            (false, Some(error), _) => {
                return Conclusion {
                    verdict: error,
                    finish: Finish::None,
                    text: self.text,
                    pictures: self.pictures,
                    usage: self.usage,
                };
            }
            (true, None, Some(_)) if self.garbled => (
                Outcome::Incomplete,
                Finish::Incomplete,
                Some("a part of the answer could not be read".to_owned()),
            ),
            (true, None, Some(reason)) => (Outcome::Answered, finish_of(&reason), None),
            (true, None, None) => {
                let why =
                    ended.words().unwrap_or_else(|| "the stream ended without a finish reason".to_owned());
                (Outcome::Incomplete, Finish::Incomplete, Some(why))
            }
            (false, None, Some(reason)) => match reason.as_str() {
                "STOP" | "NO_IMAGE" => {
                    (Outcome::Empty, Finish::None, Some("the answer has no text".to_owned()))
                }
                "MAX_TOKENS" => {
                    let why = format!("{} tokens of thoughts left no room for text", self.usage.thoughts);
                    (Outcome::ThoughtOnly, Finish::Truncated, Some(why))
                }
                _ => (Outcome::Blocked, Finish::Cut(reason.clone()), Some(reason)),
            },
            (false, None, None) => {
                let (outcome, why) = self.nothing(ended, head);
                (outcome, Finish::None, Some(why))
            }
        };
        let words = self.finish_message.filter(|words| !words.trim().is_empty());
        let detail = match (why, words) {
            (Some(why), Some(words)) => Some(format!("{why}: {words}")),
            (why, words) => why.or(words),
        };
        let verdict = Verdict {
            outcome,
            detail: detail.map(|detail| super::verdict::one_line(&scrub(&detail), 400)),
            help_url: None,
            consumer: None,
            thinking_refused: false,
        };
        Conclusion { verdict, finish, text: self.text, pictures: self.pictures, usage: self.usage }
    }

    /// No text, no error, no reason: what became of the connection decides.
    fn nothing(&self, ended: &Ended, head: &[u8]) -> (Outcome, String) {
        match ended {
            Ended::TimedOut(_) => (Outcome::TimedOut, ended.words().unwrap_or_default()),
            Ended::Broken(_) => (Outcome::Unreachable { sent: true }, ended.words().unwrap_or_default()),
            Ended::TooLarge(_) => (Outcome::Empty, ended.words().unwrap_or_default()),
            Ended::Eof if self.understood => {
                (Outcome::Empty, "the answer has no text and no finish reason".to_owned())
            }
            Ended::Eof => {
                let head = String::from_utf8_lossy(head);
                let start = head.trim_start_matches('\u{feff}').trim_start();
                if start.is_empty() {
                    (Outcome::Empty, "the answer is empty".to_owned())
                } else if start.starts_with(['{', '[']) || start.starts_with("data:") {
                    (Outcome::Empty, "the answer is cut off or no answer of Gemini's".to_owned())
                } else {
                    // A page in place of an answer: something between here and Google spoke.
                    let verdict = verdict(200, &head);
                    (verdict.outcome, verdict.detail.unwrap_or_default())
                }
            }
        }
    }
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "STOP" => Finish::Complete,
        "MAX_TOKENS" => Finish::Truncated,
        other => Finish::Cut(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;

//! Framing: a list of events as one JSON object, as a JSON array or as SSE, with the faults of the wire.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;

use super::reply::{Framing, JSON, Timing};
use crate::sandbox::faults::Fault;
use crate::sandbox::http::{Script, Step};

pub(super) fn open(framing: Framing) -> Script {
    let kind = if framing == Framing::Sse { "text/event-stream" } else { JSON };
    let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(kind))];
    Script { status: 200, headers, steps: VecDeque::new() }
}

pub(super) fn frame(
    events: &[Value],
    fault: Option<Fault>,
    framing: Framing,
    timing: Timing,
    seed: u64,
) -> Script {
    let mut script = open(framing);
    let mut frames: Vec<Bytes> = Vec::new();
    let last = events.len().saturating_sub(1);
    for (at, event) in events.iter().enumerate() {
        frames.push(Bytes::from(match framing {
            Framing::Single => format!("{event:#}\n"),
            Framing::Array => {
                let (lead, tail) =
                    (if at == 0 { "[" } else { ",\r\n" }, if at == last { "\n]" } else { "\n" });
                format!("{lead}{event:#}{tail}")
            }
            Framing::Sse => sse(event, at, at == last, fault),
        }));
    }
    if framing == Framing::Array && events.is_empty() {
        frames.push(Bytes::from_static(b"[]"));
    }
    if fault == Some(Fault::Truncated) {
        let cut = frames.iter().map(Bytes::len).sum::<usize>() / 2;
        frames = vec![frames.concat()[..cut].to_vec().into()];
    }
    let pace = timing.between;
    let by_byte = |wait: Option<Duration>, steps: &mut VecDeque<Step>| {
        for byte in frames.concat() {
            steps.push_back(Step::Bytes(vec![byte].into()));
            steps.extend(wait.map(Step::Wait));
        }
    };
    match fault {
        Some(Fault::CutUtf8) => by_byte(None, &mut script.steps),
        Some(Fault::Drip) => by_byte(Some(Duration::from_secs(1)), &mut script.steps),
        _ => {
            let mut rng = fastrand::Rng::with_seed(seed);
            for (at, frame) in frames.into_iter().enumerate() {
                if at > 0 && !pace.is_zero() {
                    script.steps.push_back(Step::Wait(pace));
                }
                // A network cuts where it likes: now and then an event arrives in two pieces.
                if framing == Framing::Sse && frame.len() > 2 && rng.u8(..4) == 0 {
                    let cut = rng.usize(1..frame.len());
                    script.steps.push_back(Step::Bytes(frame.slice(..cut)));
                    script.steps.push_back(Step::Bytes(frame.slice(cut..)));
                } else {
                    script.steps.push_back(Step::Bytes(frame));
                }
            }
        }
    }
    match fault {
        Some(Fault::HangMid) => script.steps.push_back(Step::Hang),
        Some(Fault::ResetMid) => script.steps.push_back(Step::Cut { reset: true }),
        Some(Fault::CloseMid) => script.steps.push_back(Step::Cut { reset: false }),
        Some(Fault::BigHeader) => {
            let value = HeaderValue::from_maybe_shared(Bytes::from(vec![b'x'; 1 << 20]));
            script.headers.extend(value.ok().map(|v| (HeaderName::from_static("x-padding"), v)));
        }
        _ => {}
    }
    script
}

fn sse(event: &Value, at: usize, last: bool, fault: Option<Fault>) -> String {
    match fault {
        Some(Fault::Lf) => format!("data: {event}\n\n"),
        Some(Fault::Comments) => {
            // Several data lines of one event are one text joined by newlines.
            let pretty =
                format!("{event:#}").lines().fold(String::new(), |out, line| out + "data: " + line + "\n");
            format!(": keep-alive\n\nevent: message\nid: {at}\nretry: 1000\n{pretty}: tail\n\n")
        }
        Some(Fault::NoBlank) if last => format!("data: {event}"),
        _ => format!("data: {event}\r\n\r\n"),
    }
}

/// 1 GiB of spaces in 6.8 MB: a fixed-Huffman block of one literal and back references of length 258, distance 1.
pub(super) fn gzip_bomb(framing: Framing) -> Script {
    let mut bits = BitWriter::default();
    bits.push(0b011, 3); // last block, fixed codes
    bits.push_code(0x30 + u32::from(b' '), 8);
    while bits.used != 0 || bits.out.len() < 64 {
        bits.push_reference();
    }
    let head = std::mem::take(&mut bits.out);
    // Eight references of 13 bits are 13 bytes, so the rest is one repeated piece.
    (0..8 * 512).for_each(|_| bits.push_reference());
    let piece = Bytes::from(bits.out);
    let times = (1_u64 << 30) / (258 * 8 * 512) + 1;
    let mut script = open(framing);
    script.headers.push((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    let start = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..], &head].concat();
    script.steps = VecDeque::from([Step::Bytes(start.into()), Step::Repeat(piece, times)]);
    script
}

#[derive(Default)]
struct BitWriter {
    out: Vec<u8>,
    byte: u8,
    used: u8,
}

impl BitWriter {
    /// The low `count` bits, lowest first.
    fn push(&mut self, bits: u32, count: u32) {
        for at in 0..count {
            self.byte |= ((bits >> at & 1) as u8) << self.used;
            self.used += 1;
            if self.used == 8 {
                self.out.push(std::mem::take(&mut self.byte));
                self.used = 0;
            }
        }
    }

    /// A Huffman code, highest bit first.
    fn push_code(&mut self, code: u32, count: u32) {
        (0..count).rev().for_each(|at| self.push(code >> at & 1, 1));
    }

    /// Length 258 (symbol 285), distance 1 (symbol 0).
    fn push_reference(&mut self) {
        self.push_code(0b1100_0101, 8);
        self.push_code(0, 5);
    }
}

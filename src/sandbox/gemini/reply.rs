//! From a text to the bytes of a reply: events, their framing, and everything that can go wrong on the way.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::LOCATION;
use serde_json::{Value, json};

use super::answers::{Asked, stable_hash, tokens};
use super::check::field;
use super::errors::{self, ErrorBody, Scene};
use super::frame::{frame, gzip_bomb, open};
use super::media::{self, SentMedia};
use super::models::draws;
use crate::sandbox::faults::Fault;
use crate::sandbox::http::{Script, Step};

pub(super) const JSON: &str = "application/json; charset=UTF-8";
const HTML: &str = "text/html; charset=UTF-8";

/// How a stream is cut into events and how fast they come.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From the request to the reply's first byte.
    pub first: Duration,
    /// Between two events of a stream.
    pub between: Duration,
    /// At most so many characters per event; the real cuts vary below it.
    pub chunk_chars: usize,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing { first: Duration::ZERO, between: Duration::ZERO, chunk_chars: 24 }
    }
}

/// How the reply goes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Framing {
    /// One JSON object.
    Single,
    /// `alt=sse`.
    Sse,
    /// A stream without `alt=sse`: one JSON array.
    Array,
}

/// An error as the real server sends it: plain, or in an array for a stream that is not SSE.
pub(super) fn error(framing: Framing, (code, body): &ErrorBody) -> Script {
    let text = match framing {
        Framing::Array => format!("[{body:#}\n]"),
        Framing::Single | Framing::Sse => format!("{body:#}\n"),
    };
    Script::whole(*code, JSON, text)
}

/// Google's front page for a path or a moment it does not serve.
pub(super) fn html(code: u16, title: &str) -> Script {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error {code} ({title})!!1</title>\n  \
         <p><b>{code}.</b> <ins>That’s an error.</ins>\n  <p>{title}. <ins>That’s all we know.</ins>\n"
    );
    Script::whole(code, HTML, page)
}

/// What an answer says.
pub(super) struct Said {
    pub(super) text: String,
    /// A PNG; empty for none. Only models that draw say it.
    pub(super) picture: Bytes,
}

/// The answer before framing.
struct Draft {
    picture: Option<Bytes>,
    thought: Option<String>,
    text: String,
    finish: Option<&'static str>,
    prompt_tokens: u64,
    thought_tokens: u64,
}

/// How many tokens the model thinks, by its name and the request's wish.
fn thinking(asked: &Asked) -> u64 {
    let config = field(&asked.body, "generation_config").unwrap_or(&Value::Null);
    let config = field(config, "thinking_config").unwrap_or(&Value::Null);
    if let Some(budget) = field(config, "thinking_budget").and_then(Value::as_i64).filter(|b| *b >= 0) {
        return (budget as u64).min(96);
    }
    let level = field(config, "thinking_level").and_then(Value::as_str).unwrap_or("").to_ascii_lowercase();
    match level.as_str() {
        "minimal" => 0,
        "low" => 16,
        "medium" => 48,
        "high" => 96,
        _ if asked.model.contains("lite") => 0,
        _ if asked.model.contains("pro") => 96,
        _ => 48,
    }
}

fn draft(asked: &Asked, Said { mut text, picture }: Said) -> Draft {
    let config = field(&asked.body, "generation_config").unwrap_or(&Value::Null);
    let include = field(config, "thinking_config").and_then(|c| field(c, "include_thoughts"));
    let thought_tokens = thinking(asked);
    let include = include == Some(&Value::Bool(true)) && thought_tokens > 0;
    let thought = include.then(|| "**Weighing the question**\n\nI compare two ways to answer.\n".to_owned());
    let cap = field(config, "max_output_tokens").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let room = cap.saturating_sub(thought_tokens);
    let mut finish = "STOP";
    // Thinking eats the same budget as the text.
    if tokens(&text) > room {
        finish = "MAX_TOKENS";
        let keep = text.chars().count() as u64 * room / tokens(&text).max(1);
        text = text.chars().take(keep as usize).collect();
    }
    let prompt = asked
        .body
        .get("contents")
        .and_then(Value::as_array)
        .map_or(0, |turns| turns.iter().map(|turn| tokens(&super::answers::text_of(turn))).sum());
    let picture = Some(picture).filter(|picture| !picture.is_empty() && wants_picture(asked, config));
    let prompt: u64 = prompt + asked.media.iter().map(SentMedia::tokens).sum::<u64>();
    let prompt_tokens = prompt + asked.system.as_deref().map_or(0, tokens);
    Draft { picture, thought, text, finish: Some(finish), prompt_tokens, thought_tokens }
}

/// Models that draw do so unless the request names other modalities.
fn wants_picture(asked: &Asked, config: &Value) -> bool {
    let modalities = field(config, "response_modalities").and_then(Value::as_array);
    draws(&asked.model) && modalities.is_none_or(|asked| asked.iter().any(|one| one == "IMAGE"))
}

fn halve(text: &str) -> String {
    text.chars().take(text.chars().count().div_ceil(2)).collect()
}

/// The reply for a question, with its fault if it has one.
pub(super) fn reply(
    asked: &Asked,
    said: Said,
    fault: Option<Fault>,
    framing: Framing,
    timing: Timing,
    scene: &Scene<'_>,
) -> Script {
    let mut draft = draft(asked, said);
    if let Some(fault) = fault {
        if let Some(script) = whole_fault(fault, framing, scene) {
            return script;
        }
        spoil(&mut draft, fault);
    }
    let mut events = events(asked, &draft, fault, framing, timing);
    match fault {
        Some(Fault::InBand) => events = errors::of(Fault::InBand, scene).into_iter().map(|e| e.1).collect(),
        Some(Fault::InBandMid) => events.extend(errors::of(Fault::InBandMid, scene).map(|e| e.1)),
        Some(Fault::EofEmpty) if framing != Framing::Single => events.clear(),
        _ => {}
    }
    scene.odd.in_events(&mut events);
    frame(&events, fault, framing, timing, stable_hash(&asked.question))
}

/// Faults that are a whole reply by themselves.
fn whole_fault(fault: Fault, framing: Framing, scene: &Scene<'_>) -> Option<Script> {
    let in_band = matches!(fault, Fault::InBand | Fault::InBandMid);
    let status = errors::of(fault, scene).filter(|_| !in_band || framing == Framing::Single);
    Some(match (fault, status) {
        (Fault::ArrayError, Some((code, body))) => Script::whole(code, JSON, format!("[{body:#}\n]")),
        (_, Some(body)) => error(framing, &body),
        (Fault::Html502, None) => html(502, &scene.odd.in_title("Server Error")),
        (Fault::Html200, None) => html(200, &scene.odd.in_title("Sign in")),
        (Fault::Flood, None) => {
            let mut script = open(framing);
            script.steps.push_back(Step::Repeat(Bytes::from(vec![b' '; 65_536]), 1024));
            script
        }
        (Fault::GzipBomb, None) => gzip_bomb(framing),
        (Fault::HangHeaders, None) => {
            let mut script = open(framing);
            script.steps.push_back(Step::Hang);
            script
        }
        (Fault::Redirect, None) => {
            let mut script = Script::whole(307, HTML, "<HTML><HEAD><TITLE>307 Moved</TITLE></HEAD></HTML>\n");
            script.headers.push((LOCATION, scene.odd.redirect()));
            script
        }
        _ => return None,
    })
}

fn spoil(draft: &mut Draft, fault: Fault) {
    let (text, finish) = match fault {
        Fault::FinishSafety => (halve(&draft.text), Some("SAFETY")),
        Fault::FinishOther => (halve(&draft.text), Some("OTHER")),
        Fault::MaxTokens => (halve(&draft.text), Some("MAX_TOKENS")),
        Fault::Recitation => (String::new(), Some("RECITATION")),
        Fault::Spii => (String::new(), Some("SPII")),
        Fault::Malformed => (String::new(), Some("MALFORMED_FUNCTION_CALL")),
        Fault::MaxTokensEmpty => (String::new(), Some("MAX_TOKENS")),
        Fault::ThoughtsOnly => (String::new(), Some("STOP")),
        Fault::Eof | Fault::InBandMid | Fault::HangMid | Fault::ResetMid | Fault::CloseMid => {
            (halve(&draft.text), None)
        }
        Fault::Drip => (draft.text.chars().take(40).collect(), Some("STOP")),
        _ => return,
    };
    (draft.text, draft.finish, draft.picture) = (text, finish, None);
    if matches!(fault, Fault::ThoughtsOnly | Fault::MaxTokensEmpty) {
        draft.thought_tokens = draft.thought_tokens.max(64);
    }
    if fault == Fault::ThoughtsOnly {
        draft.thought = Some("**Weighing the question**\n\nI never stop weighing.\n".to_owned());
    }
}

fn events(
    asked: &Asked,
    draft: &Draft,
    fault: Option<Fault>,
    framing: Framing,
    timing: Timing,
) -> Vec<Value> {
    let hash = stable_hash(&asked.question);
    let usage = |output: u64| {
        let mut usage = json!({"promptTokenCount": draft.prompt_tokens,
            "totalTokenCount": draft.prompt_tokens + output + draft.thought_tokens,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": draft.prompt_tokens}]});
        if output > 0 {
            usage["candidatesTokenCount"] = json!(output);
        }
        if draft.thought_tokens > 0 {
            usage["thoughtsTokenCount"] = json!(draft.thought_tokens);
        }
        usage
    };
    let id = format!("{hash:016x}");
    let event = |candidates: Option<Value>, output: u64| {
        let mut event =
            json!({"usageMetadata": usage(output), "modelVersion": &*asked.model, "responseId": id});
        if let Some(candidates) = candidates {
            event["candidates"] = json!([candidates]);
        }
        event
    };
    let part = |text: &str| json!({"content": {"parts": [{"text": text}], "role": "model"}, "index": 0});
    match fault {
        Some(Fault::Empty) => return vec![event(None, 0)],
        Some(Fault::Blocked | Fault::BlockedOther) => {
            let reason = if fault == Some(Fault::Blocked) { "SAFETY" } else { "PROHIBITED_CONTENT" };
            let mut event = event(None, 0);
            event["promptFeedback"] = json!({"blockReason": reason, "safetyRatings": [
                {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": true}]});
            return vec![event];
        }
        _ => {}
    }
    let mut events = Vec::new();
    if fault == Some(Fault::EarlyStop) && framing != Framing::Single {
        let mut early = part("");
        early["finishReason"] = json!("STOP");
        events.push(event(Some(early), 0));
    }
    let mut parts = Vec::new();
    if fault == Some(Fault::Unknown) {
        parts.push(json!({"holographicData": {"angle": 42}}));
    }
    if let Some(thought) = &draft.thought {
        parts.push(json!({"text": thought, "thought": true}));
    }
    let picture = draft.picture.as_ref().map(media::part);
    let total = tokens(&draft.text) + if picture.is_some() { media::PICTURE_TOKENS } else { 0 };
    if framing == Framing::Single {
        if !draft.text.is_empty() {
            parts.push(json!({"text": draft.text}));
        }
        parts.extend(picture);
        let mut candidate = json!({"content": {"role": "model"}, "index": 0});
        if !parts.is_empty() {
            candidate["content"]["parts"] = Value::Array(parts);
        }
        finish(&mut candidate, draft, fault);
        return vec![event(Some(candidate), total)];
    }
    for lead in parts {
        events.push(event(Some(json!({"content": {"parts": [lead], "role": "model"}, "index": 0})), 0));
    }
    let mut sent = 0;
    for piece in pieces(&draft.text, timing.chunk_chars, hash) {
        sent += tokens(&piece);
        events.push(event(Some(part(&piece)), sent));
    }
    if let Some(picture) = picture {
        events
            .push(event(Some(json!({"content": {"parts": [picture], "role": "model"}, "index": 0})), total));
    }
    if draft.finish.is_some() {
        // Sometimes the last text carries the reason, sometimes an event without text or without parts does.
        if events.is_empty() || draft.text.is_empty() || !hash.is_multiple_of(3) {
            let bare = json!({"content": {"role": "model"}, "index": 0});
            events.push(event(Some(if hash.is_multiple_of(2) { part("") } else { bare }), total));
        }
        if let Some(last) = events.last_mut() {
            finish(&mut last["candidates"][0], draft, fault);
        }
    }
    events
}

fn finish(candidate: &mut Value, draft: &Draft, fault: Option<Fault>) {
    if let Some(reason) = draft.finish {
        candidate["finishReason"] = json!(reason);
    }
    if fault == Some(Fault::FinishSafety) {
        candidate["safetyRatings"] =
            json!([{"category": "HARM_CATEGORY_HARASSMENT", "probability": "MEDIUM", "blocked": true}]);
    }
    if fault == Some(Fault::Unknown) {
        candidate["safetyRatings"] =
            json!([{"category": "HARM_CATEGORY_TIME_TRAVEL", "probability": "PARADOX"}]);
        candidate["novelField"] = json!([1, {"deep": null}]);
    }
}

/// Cut a text into pieces of one to `most` characters, the same way for the same seed.
fn pieces(text: &str, most: usize, seed: u64) -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut chars = text.chars().peekable();
    let mut pieces = Vec::new();
    while chars.peek().is_some() {
        let size = rng.usize(most.max(1).div_ceil(3)..=most.max(1));
        pieces.push(chars.by_ref().take(size).collect());
    }
    pieces
}

//! The JSON of generateContent, both ways: what svs sends, and what it reads out of one chunk of an answer.
//!
//! Sending is strict: only what is set, roles alternating, the last turn the user's. Reading is lenient: whatever is
//! missing, new or of another type than expected is passed over, so that a change upstream costs a detail, not an answer.

mod chunk;
mod thinking;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::body::RequestBody;
use super::media::Attachment;
use crate::domain::chat::{Continuation, Quote, Speaker, Turn};
pub(super) use thinking::Thinking;

pub(super) use chunk::{Chunk, Seen};

/// What to ask.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Prompt {
    /// The system instruction.
    pub(crate) system: Option<String>,
    /// The conversation, oldest first; the last turn is the question.
    pub(crate) turns: Vec<Turn>,
    /// The message that the question replies to.
    pub(crate) quote: Option<Quote>,
    /// Files that belong to the question. A question may consist of them alone.
    pub(crate) attachments: Vec<Attachment>,
    /// What the last turn was answered so far, if the answer is to go on.
    pub(crate) continuation: Option<Continuation>,
    /// The longest answer in tokens, thinking included; none: as configured.
    pub(crate) max_output_tokens: Option<u32>,
    /// 0…2; none: as configured.
    pub(crate) temperature: Option<f32>,
    /// The JSON Schema the answer must follow; it is then JSON.
    pub(crate) schema: Option<Value>,
    /// Think less than configured: thinking ate the last answer.
    pub(crate) less_thinking: bool,
}

/// What configuration adds to every prompt of one model.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Defaults<'a> {
    pub(super) safety: &'a [(String, String)],
    pub(super) thinking: Option<Thinking>,
    pub(super) max_output_tokens: Option<u32>,
    pub(super) temperature: Option<f32>,
    /// Whether the answer may hold pictures.
    pub(super) pictures: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    safety_settings: Vec<SafetySetting<'a>>,
    #[serde(skip_serializing_if = "GenerationConfig::is_empty")]
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Speaker>,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
enum Part<'a> {
    #[serde(rename = "text")]
    Text(Cow<'a, str>),
    #[serde(rename = "inlineData", rename_all = "camelCase")]
    InlineData {
        mime_type: &'a str,
        /// Always empty here: `body` fills in the base64 while it is sent.
        data: &'static str,
    },
}

impl Part<'_> {
    const fn text(text: &str) -> Part<'_> {
        Part::Text(Cow::Borrowed(text))
    }
}

#[derive(Serialize)]
struct SafetySetting<'a> {
    category: &'a str,
    threshold: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<Thinking>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    response_modalities: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<&'a Value>,
}

impl GenerationConfig<'_> {
    fn is_empty(&self) -> bool {
        self.max_output_tokens.is_none()
            && self.temperature.is_none()
            && self.thinking_config.is_none()
            && self.response_modalities.is_empty()
            && self.response_json_schema.is_none()
    }
}

/// The request body; none when the prompt holds no question.
pub(super) fn request_body(prompt: &Prompt, defaults: Defaults<'_>) -> Option<RequestBody> {
    let contents = contents(prompt);
    let system = prompt.system.as_deref().filter(|text| !text.trim().is_empty());
    let request = Request {
        contents: Some(contents).filter(|contents| !contents.is_empty())?,
        system_instruction: system.map(|text| Content { role: None, parts: vec![Part::text(text)] }),
        safety_settings: defaults
            .safety
            .iter()
            .map(|(category, threshold)| SafetySetting { category, threshold })
            .collect(),
        generation_config: GenerationConfig {
            max_output_tokens: prompt.max_output_tokens.or(defaults.max_output_tokens),
            temperature: prompt.temperature.or(defaults.temperature).filter(|t| t.is_finite()),
            thinking_config: defaults.thinking,
            response_modalities: if defaults.pictures { &["TEXT", "IMAGE"] } else { &[] },
            response_mime_type: prompt.schema.as_ref().map(|_| "application/json"),
            response_json_schema: prompt.schema.as_ref(),
        },
    };
    let json = serde_json::to_vec(&request).ok()?;
    let inline = prompt.attachments.iter().filter(|file| file.text().is_none());
    RequestBody::new(json, inline.map(|file| file.bytes().clone()))
}

/// Turns as Gemini takes them: none empty, neighbors of one speaker merged, the user first and last. The question's
/// files stand before its words, as Google advises; between them, a part of its own, what it replies to. An answer that
/// is to go on stands behind it as the model's own turn.
fn contents(prompt: &Prompt) -> Vec<Content<'_>> {
    let (question, turns) = match prompt.turns.split_last() {
        Some((last, before)) if last.speaker == Speaker::User => (Some(last), before),
        _ => (None, prompt.turns.as_slice()),
    };
    let mut contents: Vec<Content<'_>> = Vec::new();
    let said = |turn: &&Turn| !turn.text.trim().is_empty();
    for turn in turns.iter().filter(said) {
        add(&mut contents, turn.speaker, Part::text(&turn.text));
    }
    for file in &prompt.attachments {
        add(&mut contents, Speaker::User, part(file));
    }
    if let Some(quote) = &prompt.quote {
        add(&mut contents, Speaker::User, quoted(quote));
    }
    if let Some(question) = question.filter(said) {
        add(&mut contents, Speaker::User, Part::text(&question.text));
    }
    if contents.last().is_some_and(|last| last.role == Some(Speaker::Model)) {
        contents.pop();
    }
    if let Some(Continuation { so_far, request }) = &prompt.continuation
        && !contents.is_empty()
        && !so_far.trim().is_empty()
    {
        add(&mut contents, Speaker::Model, Part::text(so_far));
        add(&mut contents, Speaker::User, Part::text(request));
    }
    contents
}

fn add<'a>(contents: &mut Vec<Content<'a>>, speaker: Speaker, part: Part<'a>) {
    match contents.last_mut() {
        Some(last) if last.role == Some(speaker) => last.parts.push(part),
        None if speaker == Speaker::Model => {}
        _ => contents.push(Content { role: Some(speaker), parts: vec![part] }),
    }
}

fn quoted(quote: &Quote) -> Part<'_> {
    let of = if quote.is_ours { " of yours" } else { "" };
    Part::Text(Cow::Owned(format!("What follows replies to this message{of}:\n\n{}\n\n---\n\n", quote.text)))
}

fn part(file: &Attachment) -> Part<'_> {
    match (file.text(), file.name()) {
        (Some(text), Some(name)) => Part::Text(Cow::Owned(format!("{name}:\n\n{text}"))),
        (Some(text), None) => Part::text(text),
        (None, _) => Part::InlineData { mime_type: file.mime(), data: "" },
    }
}

/// Tokens of one answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Usage {
    /// Of the prompt.
    pub(crate) prompt: u32,
    /// Of the answer, without thoughts.
    pub(crate) output: u32,
    /// Of the thoughts.
    pub(crate) thoughts: u32,
}

impl Usage {
    /// All of them: what counts against tokens per minute.
    pub(crate) const fn total(self) -> u32 {
        self.prompt.saturating_add(self.output).saturating_add(self.thoughts)
    }

    /// Later counts replace earlier ones; a count that a chunk does not name stays.
    pub(super) fn update(&mut self, later: &Value) {
        for (field, name) in [
            (&mut self.prompt, "promptTokenCount"),
            (&mut self.output, "candidatesTokenCount"),
            (&mut self.thoughts, "thoughtsTokenCount"),
        ] {
            if let Some(count) = later.get(name).and_then(number) {
                *field = count;
            }
        }
    }
}

/// A count, also when it is written as text, as protobuf does with long ones.
pub(super) fn number(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Parses JSON; half of a surrogate pair, which strict parsers refuse, becomes the replacement character.
pub(super) fn parse(text: &str) -> Option<Value> {
    match serde_json::from_slice(text.as_bytes()) {
        Ok(value) => Some(value),
        Err(_) if text.contains("\\u") => {
            serde_json::from_slice(replace_lone_surrogates(text).as_bytes()).ok()
        }
        Err(_) => None,
    }
}

fn replace_lone_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match escape(rest) {
            Some(0xd800..0xdc00) if matches!(rest.get(6..).and_then(escape), Some(0xdc00..0xe000)) => 12,
            Some(0xd800..0xe000) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            Some(_) => 6,
            // An escape of one character; a lone backslash at the end stands alone.
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

/// The code unit of a `\uXXXX` at the start of `text`.
fn escape(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests;

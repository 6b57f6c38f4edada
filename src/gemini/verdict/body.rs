//! An error body of Google's, taken apart: `{"error": {code, message, status, details[]}}`, possibly wrapped in an
//! array, possibly quoted inside another error's message, possibly no JSON at all.

use std::time::Duration;

use serde_json::Value;

use super::echo::scrub;
use crate::gemini::wire;

/// The longest detail kept, in characters.
const DETAIL_CAP: usize = 400;
/// The longest message read, in characters: far more than is ever kept.
const MESSAGE_CAP: usize = 8000;
/// The longest wait a text can name; whoever reads it clamps further.
const LONGEST: f64 = 1e9;

/// The parts of an error that rules look at.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    /// Whether the body is an error in JSON.
    pub(super) is_json: bool,
    pub(super) violations: Vec<Violation>,
    status: String,
    /// As it came: never leaves this room unscrubbed.
    message: String,
    /// Lower case, for comparisons.
    lowered: String,
    reasons: Vec<String>,
    retry_delay: Option<Duration>,
    zero_limit: bool,
    help_url: Option<String>,
    consumer: Option<String>,
}

/// One violated quota.
#[derive(Debug)]
pub(super) struct Violation {
    /// Lower case: id and metric.
    name: String,
    /// Its limit, where Google named it.
    pub(super) limit: Option<u32>,
}

impl Violation {
    pub(super) fn is_per_day(&self) -> bool {
        self.name.contains("perday") || self.name.contains("per_day")
    }

    pub(super) fn is_per_minute(&self) -> bool {
        self.name.contains("perminute") || self.name.contains("per_minute")
    }

    pub(super) fn is_of_tokens(&self) -> bool {
        self.name.contains("token")
    }
}

/// The HTTP status an error in the middle of a 200 stands for: its code, else what its status name means.
pub(in crate::gemini) fn code_of_body(error: &Value) -> u16 {
    let error = error.get("error").unwrap_or(error);
    if let Some(code) = error.get("code").and_then(wire::number).and_then(|code| u16::try_from(code).ok())
        && (400..600).contains(&code)
    {
        return code;
    }
    match error.get("status").and_then(Value::as_str).unwrap_or_default() {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "RESOURCE_EXHAUSTED" => 429,
        "CANCELLED" => 499,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => 500,
    }
}

impl ErrorBody {
    pub(super) fn parse(body: &str) -> ErrorBody {
        let mut error = ErrorBody::default();
        match wire::parse(body.trim_start_matches('\u{feff}')) {
            Some(root) => error.read(&root, 0),
            None => error.message = page_title(body),
        }
        error.lowered = error.message.to_lowercase();
        error
    }

    fn read(&mut self, root: &Value, depth: u8) {
        let root = match root {
            Value::Array(items) => items.iter().find(|item| item.get("error").is_some()).or(items.first()),
            other => Some(other),
        };
        let Some(root) = root else { return };
        let Some(error) = root.get("error").or_else(|| root.get("message").map(|_| root)) else { return };
        self.is_json = true;
        if let Some(message) = error.as_str().or_else(|| error.get("message")?.as_str()) {
            // A proxy in between may quote the whole error as text.
            if depth == 0
                && message.trim_start().starts_with(['{', '['])
                && let Some(inner) = wire::parse(message)
            {
                return self.read(&inner, depth + 1);
            }
            self.message = message.chars().take(MESSAGE_CAP).collect();
        }
        error.get("status").and_then(Value::as_str).unwrap_or_default().clone_into(&mut self.status);
        for list in ["details", "errors"] {
            error
                .get(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .for_each(|item| self.detail(item));
        }
    }

    /// One element of `details`; told apart by its fields, since `@type` may be missing.
    fn detail(&mut self, detail: &Value) {
        if let Some(reason) = detail.get("reason").and_then(Value::as_str) {
            self.reasons.push(reason.to_owned());
        }
        if let Some(metadata) = detail.get("metadata") {
            let text = |name| metadata.get(name).and_then(Value::as_str);
            self.consumer = self.consumer.take().or_else(|| text("consumer").and_then(project_number));
            if let Some(url) = text("activationUrl").and_then(safe_url) {
                self.help_url = Some(url);
            }
            // The form of quotas before QuotaFailure came.
            if let Some(name) = text("quota_limit").or_else(|| text("quota_metric")) {
                self.violation(name, metadata.get("quota_limit_value"));
            }
        }
        for violation in detail.get("violations").and_then(Value::as_array).into_iter().flatten() {
            let text = |name| violation.get(name).and_then(Value::as_str).unwrap_or_default();
            let name = format!("{} {}", text("quotaId"), text("quotaMetric"));
            self.violation(&name, violation.get("quotaValue"));
            let subject = project_number(text("subject"));
            self.consumer = self.consumer.take().or(subject);
        }
        if let Some(delay) = detail.get("retryDelay").and_then(duration_of) {
            self.retry_delay = Some(delay);
        }
        if self.help_url.is_none() {
            let links = detail.get("links").and_then(Value::as_array);
            self.help_url = links.and_then(|links| links.first()?.get("url")?.as_str()).and_then(safe_url);
        }
    }

    fn violation(&mut self, name: &str, value: Option<&Value>) {
        let limit = value.and_then(wire::number);
        self.zero_limit |= limit == Some(0);
        self.violations.push(Violation { name: name.to_lowercase(), limit });
    }

    pub(super) fn has_reason(&self, reason: &str) -> bool {
        self.reasons.iter().any(|one| one == reason)
    }

    pub(super) fn has_reason_between(&self, start: &str, end: &str) -> bool {
        self.reasons.iter().any(|one| one.starts_with(start) && one.ends_with(end))
    }

    pub(super) fn has_any_reason(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// Whether the message contains these lower-case words.
    pub(super) fn mentions(&self, words: &str) -> bool {
        self.lowered.contains(words)
    }

    /// Whether the message begins with these lower-case words.
    pub(super) fn starts_with(&self, words: &str) -> bool {
        self.lowered.trim_start().starts_with(words)
    }

    /// Whether a violated quota, or the message, names this.
    pub(super) fn quota_names(&self, word: &str) -> bool {
        self.mentions(word) || self.violations.iter().any(|violation| violation.name.contains(word))
    }

    /// Whether a limit is 0: not used up, but never there.
    pub(super) fn has_zero_limit(&self) -> bool {
        self.zero_limit || self.limits_in_message().any(|limit| limit == 0)
    }

    /// The first "limit: N" of the message.
    pub(super) fn limit_in_message(&self) -> Option<u32> {
        self.limits_in_message().next()
    }

    fn limits_in_message(&self) -> impl Iterator<Item = u32> {
        self.lowered.match_indices("limit: ").filter_map(|(at, words)| {
            let rest = &self.lowered[at + words.len()..];
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            rest[..digits].parse().ok()
        })
    }

    /// The wait Google names: in `RetryInfo`, else in words.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.waits().next()
    }

    /// All waits Google names.
    pub(super) fn waits(&self) -> impl Iterator<Item = Duration> {
        self.retry_delay.into_iter().chain(wait_in_words(&self.lowered))
    }

    pub(super) fn help_url(&self) -> Option<String> {
        self.help_url.clone()
    }

    pub(super) fn consumer(&self) -> Option<String> {
        self.consumer.clone().or_else(|| project_number(&self.message))
    }

    /// One line for operators: status, its name, Google's words; scrubbed before it is cut, so that no half of a key
    /// stays.
    pub(super) fn describe(&self, status: u16) -> String {
        let mut text = status.to_string();
        for part in [self.status.as_str(), self.message.as_str()] {
            if !part.trim().is_empty() {
                text.push_str(if text.len() == 3 { " " } else { ": " });
                text.push_str(part);
            }
        }
        one_line(&scrub(&text), DETAIL_CAP)
    }
}

/// Text on one line, without control characters, cut at `cap` characters.
pub(in crate::gemini) fn one_line(text: &str, cap: usize) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(cap) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// What a body that is no JSON says of itself: the title of a page, else its beginning.
fn page_title(body: &str) -> String {
    let lowered = body.to_ascii_lowercase();
    let title = lowered.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        let end = start + lowered.get(start..)?.find("</title>")?;
        body.get(start..end)
    });
    match title {
        Some(title) => format!("an HTML page: {title}"),
        None if lowered.contains("<html") || lowered.contains("<!doctype") => "an HTML page".to_owned(),
        None => body.chars().take(4 * DETAIL_CAP).collect(),
    }
}

/// A link an operator may be shown: https, no control or space.
fn safe_url(url: &str) -> Option<String> {
    let clean = url.starts_with("https://") && url.len() <= 500 && url.chars().all(|c| c.is_ascii_graphic());
    clean.then(|| scrub(url))
}

/// N of `projects/N`, `project:N`, `project_number:N`, `in project N`; names of projects are no numbers.
fn project_number(text: &str) -> Option<String> {
    ["projects/", "project:", "project_number:", "in project "].iter().find_map(|words| {
        let rest = &text[text.find(words)? + words.len()..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        (end > 0 && end <= 20).then(|| rest[..end].to_owned())
    })
}

/// A protobuf duration: "46s", or its fields.
fn duration_of(value: &Value) -> Option<Duration> {
    match value {
        Value::String(text) => seconds(text.trim().strip_suffix('s')?.parse().ok()?),
        Value::Object(fields) => seconds(fields.get("seconds").and_then(wire::number)?.into()),
        other => seconds(other.as_f64()?),
    }
}

fn seconds(seconds: f64) -> Option<Duration> {
    (!seconds.is_nan()).then(|| Duration::from_secs_f64(seconds.clamp(0.0, LONGEST)))
}

/// "retry in 10h17m5.7s", "retry in 964.97ms".
fn wait_in_words(message: &str) -> Option<Duration> {
    let words = "retry in ";
    let mut rest = &message[message.find(words)? + words.len()..];
    let mut total = None;
    loop {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let Ok(amount) = rest[..number].parse::<f64>() else { break };
        rest = &rest[number..];
        let units = [("ms", 0.001), ("d", 86_400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let Some((unit, length)) = units.iter().find(|(unit, _)| rest.starts_with(unit)) else { break };
        rest = &rest[unit.len()..];
        total = Some(total.unwrap_or(0.0) + amount * length);
    }
    seconds(total?)
}

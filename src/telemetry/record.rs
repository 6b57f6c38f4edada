//! One entry of the log, on its way from the code to its readers. Here, and only here, it is scrubbed of secrets and
//! cut to a length that can be kept; whoever shows it as text escapes what could pretend to be another entry.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use crate::config::LogLevel;
use crate::domain::time::Timestamp;
use crate::redact;

/// Bytes of a message or a value, at most.
const LONGEST: usize = 4096;

/// One entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// When.
    pub(crate) at: Timestamp,
    /// How important.
    pub(crate) level: LogLevel,
    /// Which part of svs or of a library.
    pub(crate) target: String,
    /// What happened.
    pub(crate) message: String,
    /// The circumstances: texts, numbers, yes or no.
    pub(crate) fields: Vec<(String, Value)>,
}

impl Record {
    /// What an event says, scrubbed.
    pub(super) fn of(event: &Event<'_>) -> Record {
        let metadata = event.metadata();
        let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        let mut record = Record {
            at: Timestamp::from_millis(now),
            level: level_of(*metadata.level()),
            target: metadata.target().to_owned(),
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut record);
        record
    }

    /// As a line for people, without its end.
    pub(crate) fn text(&self, color: bool) -> String {
        let (time, level) = (rfc3339(self.at), self.level.name().to_uppercase());
        let mut line = if color {
            format!("\x1b[2m{time}\x1b[0m \x1b[{}m{level:>5}\x1b[0m ", paint(self.level))
        } else {
            format!("{time} {level:>5} ")
        };
        self.say(&mut line, color);
        line
    }

    /// As sd-daemon(3) has it: the priority in front; the journal adds the time.
    pub(super) fn journal(&self) -> String {
        let priority = match self.level {
            LogLevel::Error => 3,
            LogLevel::Warn => 4,
            LogLevel::Info => 6,
            LogLevel::Debug | LogLevel::Trace => 7,
        };
        let mut line = format!("<{priority}>");
        self.say(&mut line, false);
        line
    }

    /// As an object, for programs.
    pub(crate) fn json(&self) -> Value {
        let mut object: Map<String, Value> = self.fields.iter().cloned().collect();
        object.insert("timestamp".to_owned(), rfc3339(self.at).into());
        object.insert("level".to_owned(), self.level.name().to_uppercase().into());
        object.insert("target".to_owned(), self.target.as_str().into());
        object.insert("message".to_owned(), self.message.as_str().into());
        Value::Object(object)
    }

    /// How much it holds, roughly, in bytes.
    pub(super) fn size(&self) -> usize {
        let value = |value: &Value| value.as_str().map_or(16, str::len);
        let fields: usize = self.fields.iter().map(|(name, of)| name.len() + value(of) + 48).sum();
        self.message.len() + self.target.len() + fields + 96
    }

    fn say(&self, line: &mut String, color: bool) {
        escape(line, &self.message);
        for (name, value) in &self.fields {
            let _ = if color { write!(line, " \x1b[3m{name}\x1b[0m=") } else { write!(line, " {name}=") };
            match value {
                Value::String(text) if is_plain(text) => line.push_str(text),
                Value::String(text) => quote(line, text),
                other => _ = write!(line, "{other}"),
            }
        }
    }

    fn take(&mut self, field: &Field, text: &str) {
        let text = harmless(text);
        match field.name() {
            "message" => self.message = text,
            // How `tracing` carries what libraries say by way of `log`.
            "log.target" => self.target = text,
            name if name.starts_with("log.") => {}
            name => self.fields.push((name.to_owned(), text.into())),
        }
    }

    fn number(&mut self, field: &Field, number: Value) {
        if !field.name().starts_with("log.") {
            self.fields.push((field.name().to_owned(), number));
        }
    }
}

impl Visit for Record {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, value.into());
    }
}

/// Without secrets, and not too long.
fn harmless(text: &str) -> String {
    // Scrubbed first: half a secret at the end would not be known as one.
    let mut clean = redact::scrub(text).into_owned();
    if clean.len() > LONGEST {
        clean.truncate(clean.floor_char_boundary(LONGEST));
        clean.push('…');
    }
    clean
}

/// Whether a value can stand without quotes.
fn is_plain(text: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || "-_.,:;/@+#%…{}[]".contains(letter);
    !text.is_empty() && text.chars().all(fits)
}

fn quote(line: &mut String, text: &str) {
    line.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            line.push('\\');
        }
        push(line, letter);
    }
    line.push('"');
}

fn escape(line: &mut String, text: &str) {
    text.chars().for_each(|letter| push(line, letter));
}

/// A letter, escaped where it would begin another line, move the cursor, or turn the reading direction.
fn push(line: &mut String, letter: char) {
    match letter {
        '\n' => line.push_str("\\n"),
        '\r' => line.push_str("\\r"),
        '\t' => line.push_str("\\t"),
        letter if letter.is_control() || is_deceptive(letter) => {
            let _ = write!(line, "\\u{{{:x}}}", u32::from(letter));
        }
        letter => line.push(letter),
    }
}

/// Line and paragraph ends of Unicode, and marks that turn the direction of what follows.
const fn is_deceptive(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// RFC 3339 in UTC, to a millisecond.
fn rfc3339(at: Timestamp) -> String {
    let ms = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| "-".to_owned(), |at| format!("{at:.3}"))
}

fn level_of(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

const fn paint(level: LogLevel) -> u8 {
    match level {
        LogLevel::Error => 31,
        LogLevel::Warn => 33,
        LogLevel::Info => 32,
        LogLevel::Debug => 34,
        LogLevel::Trace => 35,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(message: &str, name: &str, value: &str) -> Record {
        Record {
            at: Timestamp::from_millis(1_769_860_800_123),
            level: LogLevel::Warn,
            target: "svs".to_owned(),
            message: harmless(message),
            fields: vec![(name.to_owned(), harmless(value).into())],
        }
    }

    #[test]
    fn no_value_begins_another_entry_or_moves_the_cursor() {
        let forged =
            record("a\n2026-01-31 ERROR forged", "name", "x\r\n<3>forged\u{1b}[2J\u{202e}\u{2028}\u{9b}1m");
        for line in [forged.text(false), forged.journal(), forged.json().to_string()] {
            let is_bad = |letter: char| letter == '\n' || letter == '\r' || letter == '\u{1b}';
            assert!(!line.contains(is_bad), "{line:?}");
        }
        assert_eq!(
            forged.text(false),
            "2026-01-31T12:00:00.123Z  WARN a\\n2026-01-31 ERROR forged \
             name=\"x\\r\\n<3>forged\\u{1b}[2J\\u{202e}\\u{2028}\\u{9b}1m\""
        );
        assert_eq!(forged.json()["message"], "a\n2026-01-31 ERROR forged");
    }

    #[test]
    fn a_value_cannot_pretend_to_be_another_field() {
        let line = record("role", "name", "x\" uid=0 \\").journal();
        assert_eq!(line, "<4>role name=\"x\\\" uid=0 \\\\\"");
    }

    #[test]
    fn what_is_too_long_to_be_kept_is_cut() {
        let long = record(&"字".repeat(4000), "name", "x");
        assert!(long.message.len() <= LONGEST + 3 && long.message.ends_with('…'));
    }
}

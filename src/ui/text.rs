//! How times, spans and foreign text are written.

use std::borrow::Cow;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// RFC 3339 in UTC with milliseconds only where there are any, for JSON; none for [`Timestamp::NEVER`].
pub(crate) fn rfc3339(at: Timestamp) -> Option<String> {
    let ms = i64::try_from(at.as_millis()).ok()?;
    jiff::Timestamp::from_millisecond(ms).ok().map(|instant| instant.to_string())
}

/// A point in time as seen from `now`, for people: `in 3m 20s`, `12s ago`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    if at == Timestamp::NEVER {
        return "never".to_owned();
    }
    if at > now { format!("in {}", span(at.since(now))) } else { format!("{} ago", span(now.since(at))) }
}

/// A span in its two largest units: `2d 3h`, `3m 20s`, `450ms`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let pair = |large: u64, unit: &str, small: u64, subunit: &str| match small {
        0 => format!("{large}{unit}"),
        _ => format!("{large}{unit} {small}{subunit}"),
    };
    match (days, hours, minutes) {
        (1.., _, _) => pair(days, "d", hours, "h"),
        (0, 1.., _) => pair(hours, "h", minutes, "m"),
        (0, 0, 1..) => pair(minutes, "m", seconds % 60, "s"),
        (0, 0, 0) if seconds > 0 || span.is_zero() => format!("{seconds}s"),
        (0, 0, 0) => format!("{}ms", span.as_millis()),
    }
}

/// Bytes for people: `6.1 MB`.
pub(crate) fn bytes(count: u64) -> String {
    let of = |unit: f64| count as f64 / unit;
    match count {
        1_000_000_000.. => format!("{:.1} GB", of(1e9)),
        1_000_000.. => format!("{:.1} MB", of(1e6)),
        _ => format!("{:.0} kB", of(1e3)),
    }
}

/// Each on a line of its own.
pub(crate) fn lines<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().fold(String::new(), |text, item| text + &item.to_string() + "\n")
}

/// `1 key`, `2 keys`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Text of foreign origin on one line: control characters (line ends, tabs, escape sequences) become blanks.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe) { Cow::Owned(text.replace(is_unsafe, " ")) } else { Cow::Borrowed(text) }
}

/// Text of foreign origin on a terminal: escape sequences cannot act, line ends and tabs stay.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let acts = |c: char| is_unsafe(c) && c != '\n' && c != '\t';
    if text.contains(acts) { Cow::Owned(text.replace(acts, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Control characters, and the marks that turn the direction of the text around them.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_show_two_units() {
        let cases = [
            (0, "0s"),
            (450, "450ms"),
            (1_000, "1s"),
            (200_000, "3m 20s"),
            (3_600_000, "1h"),
            (3_660_000, "1h 1m"),
            (183_600_000, "2d 3h"),
        ];
        for (ms, expected) in cases {
            assert_eq!(span(Duration::from_millis(ms)), expected);
        }
    }

    #[test]
    fn times_are_utc_and_never_is_no_time() {
        assert_eq!(
            rfc3339(Timestamp::from_millis(1_767_225_600_000)).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert_eq!(
            rfc3339(Timestamp::from_millis(1_767_225_600_250)).as_deref(),
            Some("2026-01-01T00:00:00.25Z")
        );
        assert_eq!(rfc3339(Timestamp::NEVER), None);
    }

    #[test]
    fn foreign_text_cannot_act_on_a_terminal() {
        assert_eq!(harmless("a\n\tb\x1b]0;x\x07\u{202e}"), "a\n\tb\u{fffd}]0;x\u{fffd}\u{fffd}");
        assert_eq!(one_line("a\r\nb"), "a  b");
    }
}

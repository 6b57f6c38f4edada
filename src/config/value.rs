//! Values: how numbers, durations and words are read from what a source wrote, and written for an operator.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::toml_file::Raw;

/// How a duration is written.
pub(super) const DURATION_FORM: &str = "a duration like \"500ms\", \"10s\", \"5m\", \"1h\" or \"2d\"";

/// How "none" is written where a number, a duration or a name may be missing.
pub(super) const OFF: &str = "off";

/// The text of a value.
pub(super) fn text(raw: &Raw) -> Option<&str> {
    any_text(raw).map(|text| if matches!(raw, Raw::Word(_)) { tidy(text) } else { text })
}

pub(super) fn any_text(raw: &Raw) -> Option<&str> {
    match raw {
        Raw::Text(text) => Some(text),
        Raw::Word(word) => OsStr::to_str(word),
        _ => None,
    }
}

/// The text without spaces and one pair of quotes around it, which shells remove and env files keep.
pub(super) fn tidy(text: &str) -> &str {
    let text = text.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .map_or(text, str::trim)
}

/// The value as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// "a, b or c".
pub(super) fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => quoted(only),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|word| quoted(word)).collect();
            format!("{} or {}", first.join(", "), quoted(last))
        }
    }
}

pub(super) fn is_off(raw: &Raw) -> bool {
    text(raw) == Some(OFF)
}

/// A whole number in a range.
pub(super) fn whole(raw: &Raw, range: &RangeInclusive<u32>) -> Option<u32> {
    let number = match raw {
        Raw::Integer(number) => u32::try_from((*number)?).ok()?,
        Raw::Word(word) => tidy(word.to_str()?).parse().ok()?,
        _ => return None,
    };
    range.contains(&number).then_some(number)
}

/// Any number.
pub(super) fn number(raw: &Raw) -> Option<f64> {
    match raw {
        Raw::Integer(number) => (*number).map(|number| number as f64),
        Raw::Float(number) => Some(*number),
        Raw::Word(word) => tidy(word.to_str()?).parse().ok(),
        _ => None,
    }
}

/// A duration in a range.
pub(super) fn span(raw: &Raw, range: &RangeInclusive<Duration>) -> Option<Duration> {
    parse_duration(text(raw)?).filter(|span| range.contains(span))
}

/// Reads the one form a duration has: a whole number and a unit.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (digits, unit) = text.split_at(unit_at);
    let n: u64 = digits.parse().ok()?;
    let seconds = match unit {
        "ms" => return Some(Duration::from_millis(n)),
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    n.checked_mul(seconds).map(Duration::from_secs)
}

/// Writes a duration in its largest whole unit.
pub(crate) fn duration_text(span: Duration) -> String {
    let ms = span.as_millis();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
        if ms >= length && ms.is_multiple_of(length) {
            return format!("{}{unit}", ms / length);
        }
    }
    if ms == 0 { "0s".to_owned() } else { format!("{ms}ms") }
}

pub(super) fn numbers(range: &RangeInclusive<u32>) -> String {
    format!("a whole number from {} to {}", range.start(), range.end())
}

pub(super) fn durations(range: &RangeInclusive<Duration>) -> String {
    format!("{DURATION_FORM}, from {} to {}", duration_text(*range.start()), duration_text(*range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_back_what_it_writes() {
        for text in ["0s", "500ms", "10s", "90s", "5m", "1h", "36h", "2d"] {
            let span = parse_duration(text).unwrap_or_default();
            assert_eq!(duration_text(span), text);
        }
        for text in ["", "10", "s", "1.5s", "-1s", "1 s", "1w", "99999999999999999999s", "1h30m"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}

//! How values on the command line are read. Every refusal lists what would have been accepted.

use std::time::Duration;

use crate::domain::chat::{Language, Who};
use crate::domain::key::{Group, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::nearest::did_you_mean;
use crate::domain::reference::{NoRequestName, RequestName};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// A role by name.
pub(crate) fn parse_role(text: &str) -> Result<Role, String> {
    let guess = || did_you_mean(text, Role::ALL.map(Role::name));
    text.parse().map_err(|error: crate::domain::role::UnknownRole| format!("{error}{}", guess()))
}

/// A model slot by name.
pub(crate) fn parse_model(text: &str) -> Result<ModelSlot, String> {
    let guess = || did_you_mean(text, ModelSlot::ALL.map(ModelSlot::name));
    text.parse().map_err(|error: crate::domain::model::UnknownModel| format!("{error}{}", guess()))
}

/// A key by its place; small letters are taken as well.
pub(crate) fn parse_key(text: &str) -> Result<KeyId, String> {
    let upper = text.to_ascii_uppercase();
    upper.parse().map_err(|error: crate::domain::key::UnknownKey| error.to_string())
}

/// Somebody, by id or @name.
pub(crate) fn parse_who(text: &str) -> Result<Who, String> {
    text.parse().map_err(|error: crate::domain::chat::UnknownWho| format!("{error}{}", with_at(text)))
}

/// The end of a refusal: a guess at whom a name without its @ was to mean, or nothing.
pub(crate) fn with_at(text: &str) -> String {
    let named = format!("@{text}");
    let is_name = named.parse::<Who>().is_ok() && text.bytes().any(|byte| !byte.is_ascii_digit());
    if is_name { format!("; did you mean {named}?") } else { String::new() }
}

/// The ref or the id of a request.
pub(crate) fn parse_request_name(text: &str) -> Result<RequestName, String> {
    text.parse().map_err(|error: NoRequestName| error.to_string())
}

/// A group by letter; small letters are taken as well.
pub(crate) fn parse_group(text: &str) -> Result<Group, String> {
    let mut letters = text.chars().map(|letter| letter.to_ascii_uppercase());
    let wanted = letters.next().filter(|_| letters.next().is_none());
    let found = Group::ALL.into_iter().find(|group| wanted == Some(group.letter()));
    found.ok_or_else(|| "no such group (A, B, C, D)".to_owned())
}

/// A language of the bot's own words, by its code or as a tag.
pub(crate) fn parse_language(text: &str) -> Result<Language, String> {
    Language::of_tag(text).ok_or_else(|| crate::domain::language::UnknownLanguage.to_string())
}

/// An instant in RFC 3339, as in `2026-01-31T12:00:00Z`.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let instant: jiff::Timestamp =
        text.parse().map_err(|_| "a time is needed, as in 2026-01-31T12:00:00Z".to_owned())?;
    let ms = u64::try_from(instant.as_millisecond()).map_err(|_| "times begin in 1970".to_owned())?;
    Ok(Timestamp::from_millis(ms))
}

/// An instant as it may be named: itself, by its distance from now, or the midnight of the quota.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Instant {
    /// In RFC 3339.
    At(Timestamp),
    /// So far from now; ahead or back is the option's.
    Away(Duration),
    /// The midnight at which budgets are renewed.
    Midnight,
}

/// `2026-01-31T12:00:00Z`, `6h` or `midnight`.
pub(crate) fn parse_instant(text: &str) -> Result<Instant, String> {
    if text == "midnight" {
        return Ok(Instant::Midnight);
    }
    parse_span(text).map(Instant::Away).or_else(|_| parse_time(text).map(Instant::At)).map_err(|_| {
        "a time, a span or midnight is needed, as in 2026-01-31T12:00:00Z, 6h, midnight".to_owned()
    })
}

/// A span of time: a whole number and its unit, as in `500ms`, `10s`, `30m`, `1h`, `7d`.
pub(crate) fn parse_span(text: &str) -> Result<Duration, String> {
    let refuse = || "a number and a unit are needed, as in 500ms, 10s, 30m, 1h, 7d".to_owned();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| refuse())?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(refuse()),
    };
    // A year is beyond every use, and keeps later sums from overflowing.
    match number.checked_mul(milliseconds) {
        Some(total @ 1..=31_536_000_000) => Ok(Duration::from_millis(total)),
        _ => Err("a span lies between 1ms and 365d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_a_number_and_a_unit() {
        for (text, ms) in
            [("500ms", 500), ("10s", 10_000), ("30m", 1_800_000), ("1h", 3_600_000), ("365d", 31_536_000_000)]
        {
            assert_eq!(parse_span(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in
            ["", "10", "s", "1.5h", "-1s", "+1s", "1 h", "1H", "0s", "366d", "99999999999999999999s", "１s"]
        {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_instant_is_a_time_a_span_or_midnight() {
        let noon = Timestamp::from_millis(1_769_860_800_000);
        assert_eq!(parse_instant("2026-01-31T12:00:00Z"), Ok(Instant::At(noon)));
        assert_eq!(parse_instant("6h"), Ok(Instant::Away(Duration::from_hours(6))));
        assert_eq!(parse_instant("midnight"), Ok(Instant::Midnight));
        assert!(parse_instant("tomorrow").is_err_and(|why| why.contains("midnight")));
    }

    #[test]
    fn keys_and_groups_are_read_in_either_case() {
        assert_eq!(parse_key("a3"), Ok(KeyId::Member(Group::A, 3)));
        assert_eq!(parse_key("rb"), Ok(KeyId::RouterB));
        assert_eq!(parse_group("d"), Ok(Group::D));
        for text in ["", "E", "AA", "Ａ"] {
            assert!(parse_group(text).is_err(), "{text}");
        }
    }
}

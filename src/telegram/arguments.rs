//! Reads what an owner's command names: somebody, a role, how long. What is not understood says what is missing.

use std::time::Duration;

use super::intake::{Author, Sender};
use crate::domain::chat::Who;
use crate::domain::role::Role;

/// The shortest and longest grant with an end: a minute, ten years.
const SHORTEST: u64 = 60;
const LONGEST: u64 = 3650 * 86_400;
/// Of a note beside a ban or the reason of a kick, so many characters are kept.
const LONGEST_NOTE: usize = 200;

/// Somebody, as a command names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// In words.
    Named(Who),
    /// By a reply to what they wrote.
    Replied(Sender),
}

/// What of a command was not understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Misread {
    /// Nobody is named.
    Who,
    /// Who wrote the message that is replied to is no person.
    NoPerson,
    /// No role is named.
    Role,
    /// What stands behind is no span of time.
    Span,
    /// There is more than the command takes.
    More,
}

/// `@user|id|reply`, and the words behind.
fn read_target<'a>(arguments: &'a str, replied: Option<&Author>) -> Result<(Target, Vec<&'a str>), Misread> {
    let mut words: Vec<&str> = arguments.split_whitespace().collect();
    if let Some(who) = words.first().and_then(|word| word.replace('＠', "@").parse().ok()) {
        words.remove(0);
        return Ok((Target::Named(who), words));
    }
    match replied {
        // A name that is none is a slip, not a word for the replied-to.
        _ if words.first().is_some_and(|word| word.starts_with(['@', '＠'])) => Err(Misread::Who),
        Some(Author::Person(sender)) => Ok((Target::Replied(sender.clone()), words)),
        Some(Author::Nobody) => Err(Misread::NoPerson),
        None => Err(Misread::Who),
    }
}

/// `@user|id|reply role [30d]`.
pub(super) fn read_grant(
    arguments: &str,
    replied: Option<&Author>,
) -> Result<(Target, Role, Option<Duration>), Misread> {
    let (target, words) = read_target(arguments, replied)?;
    let (role, span) = words.split_first().ok_or(Misread::Role)?;
    let role = read_role(role).ok_or(Misread::Role)?;
    let lasts = if span.is_empty() { None } else { Some(read_span(&span.concat()).ok_or(Misread::Span)?) };
    Ok((target, role, lasts))
}

/// `@user|id|reply`.
pub(super) fn read_person(arguments: &str, replied: Option<&Author>) -> Result<Target, Misread> {
    let (target, words) = read_target(arguments, replied)?;
    if words.is_empty() { Ok(target) } else { Err(Misread::More) }
}

/// `@user|id|reply [a note]`.
pub(super) fn read_ban(
    arguments: &str,
    replied: Option<&Author>,
) -> Result<(Target, Option<String>), Misread> {
    let (target, words) = read_target(arguments, replied)?;
    Ok((target, note(&words)))
}

/// `seat:2 [a reason]`; none if no seat is named.
pub(super) fn read_seat(arguments: &str) -> Result<Option<(u32, Option<String>)>, Misread> {
    let mut words = arguments.split_whitespace();
    let first = words.next().unwrap_or_default().replace('：', ":").to_lowercase();
    let Some(seat) = first.strip_prefix("seat:") else { return Ok(None) };
    let is_number = seat.bytes().all(|byte| byte.is_ascii_digit());
    let seat = seat.parse().ok().filter(|seat| is_number && *seat > 0).ok_or(Misread::Who)?;
    Ok(Some((seat, note(&words.collect::<Vec<_>>()))))
}

fn note(words: &[&str]) -> Option<String> {
    let note: String = words.join(" ").chars().take(LONGEST_NOTE).collect();
    (!note.is_empty()).then_some(note)
}

/// A role by its name in any of the bot's languages.
pub(super) fn read_role(word: &str) -> Option<Role> {
    let lower = word.to_lowercase();
    match lower.strip_suffix("用户").unwrap_or(&lower) {
        "管理员" => Some(Role::Owner),
        "高级" => Some(Role::Premium),
        "普通" => Some(Role::Normal),
        "访客" => Some(Role::Guest),
        name => name.parse().ok(),
    }
}

/// `30m`, `12h`, `30d`, `2w`, or the same in Chinese; a minute to ten years.
fn read_span(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.to_lowercase().as_str() {
        "m" | "min" | "分" | "分钟" => 60,
        "h" | "时" | "小时" => 3600,
        "d" | "天" | "日" => 86_400,
        "w" | "周" => 7 * 86_400,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (SHORTEST..=LONGEST).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::UserId;

    const DAY: Duration = Duration::from_hours(24);

    fn replied() -> Author {
        let nothing = || None;
        Author::Person(Sender {
            id: UserId(5),
            is_anonymous: false,
            username: nothing(),
            first_name: Some("vip".to_owned()),
            language_code: nothing(),
        })
    }

    fn id(id: i64) -> Target {
        Target::Named(Who::Id(UserId(id)))
    }

    #[test]
    fn a_grant_names_somebody_a_role_and_perhaps_an_end() {
        let li = || Target::Named(Who::Name("li".to_owned()));
        let cases = [
            ("@li vip", Ok((li(), Role::Vip, None))),
            ("＠li VIP 30d", Ok((li(), Role::Vip, Some(30 * DAY)))),
            ("42   premium  2w", Ok((id(42), Role::Premium, Some(14 * DAY)))),
            ("42 高级用户 12 小时", Ok((id(42), Role::Premium, Some(DAY / 2)))),
            ("42 owner", Ok((id(42), Role::Owner, None))),
            ("", Err(Misread::Who)),
            ("vip", Err(Misread::Who)),
            ("li vip", Err(Misread::Who)),
            ("@ vip", Err(Misread::Who)),
            ("@<b>li</b> vip", Err(Misread::Who)),
            ("-5 vip", Err(Misread::Who)),
            ("0 vip", Err(Misread::Who)),
            ("10000000000000000000 vip", Err(Misread::Who)),
            ("42", Err(Misread::Role)),
            ("42 king", Err(Misread::Role)),
            ("42 \u{202e}piv", Err(Misread::Role)),
            ("42 vip 30", Err(Misread::Span)),
            ("42 vip 0d", Err(Misread::Span)),
            ("42 vip -1d", Err(Misread::Span)),
            ("42 vip 99999999999999999999d", Err(Misread::Span)),
            ("42 vip 9999999999999d", Err(Misread::Span)),
            ("42 vip 30d please", Err(Misread::Span)),
        ];
        for (arguments, read) in cases {
            assert_eq!(read_grant(arguments, None), read, "{arguments:?}");
        }
    }

    #[test]
    fn a_reply_names_its_author_unless_words_name_somebody() {
        let author = replied();
        let Author::Person(sender) = replied() else { panic!("a person") };
        let grant = |arguments| read_grant(arguments, Some(&author));
        assert_eq!(grant("vip 1w"), Ok((Target::Replied(sender.clone()), Role::Vip, Some(7 * DAY))));
        assert_eq!(grant("42 vip"), Ok((id(42), Role::Vip, None)));
        assert_eq!(grant("@\u{200b} vip"), Err(Misread::Who));
        assert_eq!(grant(""), Err(Misread::Role));
        assert_eq!(read_grant("vip", Some(&Author::Nobody)), Err(Misread::NoPerson));
        assert_eq!(read_person("", Some(&author)), Ok(Target::Replied(sender.clone())));
        assert_eq!(read_person("now", Some(&author)), Err(Misread::More));
        assert_eq!(
            read_ban("too  noisy", Some(&author)),
            Ok((Target::Replied(sender), Some("too noisy".to_owned())))
        );
        assert_eq!(read_ban("42", None), Ok((id(42), None)));
    }

    #[test]
    fn a_seat_is_named_by_its_number() {
        let because = Some("too noisy".to_owned());
        for (arguments, read) in [
            ("seat:2", Ok(Some((2, None)))),
            ("SEAT：3 too  noisy", Ok(Some((3, because)))),
            ("seat:0", Err(Misread::Who)),
            ("seat:", Err(Misread::Who)),
            ("seat:-1", Err(Misread::Who)),
            ("seat:+1", Err(Misread::Who)),
            ("seat:4294967296", Err(Misread::Who)),
            ("42 seat:2", Ok(None)),
            ("", Ok(None)),
        ] {
            assert_eq!(read_seat(arguments), read, "{arguments:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_arguments_are_read(arguments in ".*") {
            let _ = read_grant(&arguments, None);
            let _ = read_ban(&arguments, Some(&replied()));
        }
    }
}

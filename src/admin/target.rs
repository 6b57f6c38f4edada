//! Whom a kick means, on the command line and as the last part of a path.

use std::fmt;
use std::str::FromStr;

use crate::domain::chat::Who;
use crate::telemetry::person;

/// `42`, `seat:2`, `@name`, `all`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum KickTarget {
    /// A user, by id or by the name last used here.
    Who(Who),
    /// Whoever sits there, counted from 1.
    Seat(u32),
    /// Everybody.
    All,
}

/// Text that names nobody.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a user id, seat:N or @name is needed")]
pub(crate) struct UnknownTarget;

impl FromStr for KickTarget {
    type Err = UnknownTarget;

    fn from_str(text: &str) -> Result<KickTarget, UnknownTarget> {
        if let Some(seat) = text.strip_prefix("seat:") {
            let is_number = seat.bytes().all(|byte| byte.is_ascii_digit());
            return match seat.parse() {
                Ok(seat @ 1..) if is_number => Ok(KickTarget::Seat(seat)),
                _ => Err(UnknownTarget),
            };
        }
        text.parse().map(KickTarget::Who).map_err(|_| UnknownTarget)
    }
}

impl KickTarget {
    /// The target in a path; there `all` is a word of its own, which no person can type in place of a user.
    pub(crate) fn from_path(segment: &str) -> Result<KickTarget, UnknownTarget> {
        if segment == "all" { Ok(KickTarget::All) } else { segment.parse() }
    }

    /// The target as the log may name it: nobody by an id or a name of theirs.
    pub(crate) fn in_log(&self) -> String {
        match self {
            KickTarget::Who(Who::Id(user)) => person(*user),
            KickTarget::Who(Who::Name(_)) => "@…".to_owned(),
            KickTarget::Seat(_) | KickTarget::All => self.to_string(),
        }
    }
}

impl fmt::Display for KickTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KickTarget::Who(who) => who.fmt(f),
            KickTarget::Seat(seat) => write!(f, "seat:{seat}"),
            KickTarget::All => f.write_str("all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::UserId;

    #[test]
    fn a_target_is_a_user_a_seat_or_a_name() {
        let cases = [
            ("42", KickTarget::Who(Who::Id(UserId(42)))),
            ("5000000000", KickTarget::Who(Who::Id(UserId(5_000_000_000)))),
            ("seat:2", KickTarget::Seat(2)),
            ("@ming_1", KickTarget::Who(Who::Name("ming_1".to_owned()))),
        ];
        for (text, target) in cases {
            assert_eq!(text.parse(), Ok(target.clone()), "{text}");
            assert_eq!(KickTarget::from_path(&target.to_string()), Ok(target));
        }
        let nobody =
            ["", "ming", "0", "-1", "+1", "18446744073709551616", "seat:0", "seat:", "seat:-1", "seat:x"];
        for text in nobody.into_iter().chain(["@", "@a/b", "@小明", "all", "42 ", "１"]) {
            assert_eq!(text.parse::<KickTarget>(), Err(UnknownTarget), "{text:?}");
        }
        assert_eq!(KickTarget::from_path("all"), Ok(KickTarget::All));
    }
}

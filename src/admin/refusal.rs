//! Why a question from the shell has no answer, as an error with an exit code.

use std::time::Duration;

use crate::domain::chat::Notice;
use crate::domain::time::Timestamp;
use crate::error::{CommandError, ErrorKind};

/// The error of a notice that stands in place of an answer.
pub(crate) fn refusal(notice: &Notice, now: Timestamp) -> CommandError {
    let again = |kind: ErrorKind, what: &str, at: Timestamp| {
        let error = CommandError::new(kind, what);
        if at == Timestamp::NEVER {
            error
        } else {
            error.hint(format!("try again in {}", about(at.since(now))))
        }
    };
    match notice {
        Notice::PoolSpent { resets_at } => {
            let error = again(ErrorKind::TryAgain, "every budget this role may use is spent", *resets_at);
            error.hint("svs status shows the budgets")
        }
        Notice::KeysOut { reference } => {
            let message = format!("no key is left that may serve this (#{reference})");
            CommandError::new(ErrorKind::Config, message).hint("svs keys check shows which keys Google takes")
        }
        Notice::PoolBusy { retry_at, reference } if *retry_at == Timestamp::NEVER => {
            let message = format!("Google's quota is spent on every key that was tried (#{reference})");
            CommandError::new(ErrorKind::TryAgain, message).hint("svs status shows the budgets")
        }
        Notice::PoolBusy { retry_at, reference } => {
            again(ErrorKind::TryAgain, &format!("every key is busy (#{reference})"), *retry_at)
        }
        Notice::DayCapReached { limit, resets_at } => {
            again(ErrorKind::TryAgain, &format!("the cap of {limit} requests a day is reached"), *resets_at)
        }
        Notice::HourCapReached { limit, resets_at } => {
            again(ErrorKind::TryAgain, &format!("the cap of {limit} requests an hour is reached"), *resets_at)
        }
        Notice::TooManyQueued { capacity } => {
            CommandError::new(ErrorKind::TryAgain, format!("{capacity} questions wait already"))
        }
        Notice::Outage { reference } => CommandError::new(
            ErrorKind::Unavailable,
            format!("Gemini is out; nobody knows for how long (#{reference})"),
        ),
        Notice::Failed { attempts, reference } => {
            let plural = if *attempts == 1 { "" } else { "s" };
            let message = format!("Gemini did not answer in {attempts} attempt{plural} (#{reference})");
            CommandError::new(ErrorKind::Unavailable, message)
                .hint("svs keys check shows which keys are good")
        }
        Notice::EmptyAnswer { reference } => {
            CommandError::new(ErrorKind::Unavailable, format!("the model gave no text (#{reference})"))
        }
        Notice::Blocked { reference } => CommandError::new(
            ErrorKind::BadInput,
            format!("Google's safety policy blocked it (#{reference})"),
        ),
        Notice::TooLong { limit } => {
            CommandError::new(ErrorKind::BadInput, format!("the question is longer than {limit} characters"))
        }
        Notice::Internal { reference } => {
            CommandError::new(ErrorKind::Bug, format!("svs failed (#{reference}); the daemon's log says why"))
        }
        Notice::PicturesUnpaid => {
            CommandError::new(ErrorKind::Config, "Google makes no pictures for any of the keys (limit: 0)")
                .hint("pictures need a key of a project with billing")
        }
        // These go to people in a chat and never stand in place of an answer to the shell.
        Notice::Queued { .. }
        | Notice::Waiting { .. }
        | Notice::TooLate
        | Notice::Degraded(_)
        | Notice::Restarted
        | Notice::Silenced { .. }
        | Notice::Unsupported
        | Notice::FileTooBig { .. }
        | Notice::FilesTooBig { .. }
        | Notice::FileUnsupported { .. }
        | Notice::FileEmpty
        | Notice::FileLost
        | Notice::PicturesOff
        | Notice::PicturesDenied { .. }
        | Notice::NotOpen { .. }
        | Notice::RoleChanged { .. }
        | Notice::VipFull { .. }
        | Notice::VipEntered { .. }
        | Notice::VipKicked { .. }
        | Notice::VipUnqueued { .. }
        | Notice::VipEnding { .. }
        | Notice::VipRenewed { .. }
        | Notice::VipInLine { .. }
        | Notice::VipHoldLapsed
        | Notice::VipSeatFree
        | Notice::VipExpired { .. }
        | Notice::VipSeatHeld { .. }
        | Notice::KeyRejected { .. } => {
            CommandError::new(ErrorKind::Bug, "an answer was refused without a reason")
        }
    }
}

/// A wait in one unit, rounded up.
fn about(wait: Duration) -> String {
    let seconds = wait.as_secs_f64().ceil() as u64;
    match seconds {
        0..=119 => format!("{}s", seconds.max(1)),
        120..=7199 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::chat::RequestRef;

    use super::*;

    #[test]
    fn a_refusal_says_why_and_when() {
        let now = Timestamp::from_millis(1_000_000);
        let reference = || RequestRef("K7QF".to_owned());
        let cases = [
            (
                Notice::PoolBusy { retry_at: now + Duration::from_millis(4_200), reference: reference() },
                75,
                Some("try again in 5s"),
            ),
            (Notice::PoolSpent { resets_at: now + Duration::from_hours(7) }, 75, Some("try again in 7 h")),
            (Notice::PoolSpent { resets_at: Timestamp::NEVER }, 75, Some("svs status shows the budgets")),
            (Notice::Outage { reference: reference() }, 69, None),
            (
                Notice::KeysOut { reference: reference() },
                78,
                Some("svs keys check shows which keys Google takes"),
            ),
            (Notice::PicturesUnpaid, 78, Some("pictures need a key of a project with billing")),
            (Notice::Blocked { reference: reference() }, 65, None),
            (Notice::EmptyAnswer { reference: reference() }, 69, None),
            (Notice::TooLong { limit: 9 }, 65, None),
            (Notice::Internal { reference: reference() }, 70, None),
        ];
        for (notice, code, hint) in cases {
            let error = refusal(&notice, now);
            assert_eq!(
                (error.kind.exit_code(), error.hints.first().map(String::as_str)),
                (code, hint),
                "{notice:?}"
            );
        }
    }
}

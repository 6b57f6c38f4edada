//! What is said where there is no answer. People in a chat are told that and when to try again; a shell is told whose
//! fault it is, since its operator can mend it.

use super::course::{Course, Refused};
use super::hub::Shared;
use super::name::name_request;
use crate::domain::chat::Notice;
use crate::domain::pool::outcome::Outcome;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx};

/// Why nothing serves now, in words for a person: an outage has no time, a spent day has its reset.
pub(super) fn refusal(shared: &Shared, Refused { until, outage, unpaid }: Refused) -> Notice {
    if unpaid {
        return Notice::PicturesUnpaid;
    }
    let now = shared.clock.now();
    let reset = shared.calendar.next_reset(now);
    if outage {
        Notice::Outage
    } else if until == Timestamp::NEVER {
        Notice::KeysOut
    } else if until >= reset {
        Notice::PoolSpent { resets_at: until }
    } else {
        Notice::PoolBusy { retry_at: until }
    }
}

/// What is said of the outcome that ended a request; a ref is drawn only where it is shown.
pub(super) fn failure(tx: &mut Tx<'_>, outcome: &Outcome, course: &Course) -> Result<Notice, StoreError> {
    Ok(match outcome {
        Outcome::Blocked => Notice::Blocked { reference: name_request(tx, course.id)? },
        Outcome::Empty | Outcome::ThoughtOnly => {
            Notice::EmptyAnswer { reference: name_request(tx, course.id)? }
        }
        Outcome::RegionUnsupported => Notice::Outage,
        Outcome::MinuteLimit { retry_after, .. } if course.conversation.is_none() => {
            Notice::PoolBusy { retry_at: tx.now() + *retry_after }
        }
        Outcome::DayLimit { .. } | Outcome::BareLimit | Outcome::SpendCap { .. }
            if course.conversation.is_none() =>
        {
            Notice::PoolBusy { retry_at: Timestamp::NEVER }
        }
        _ => failed(tx, course)?,
    })
}

/// It was tried, in vain.
pub(super) fn failed(tx: &mut Tx<'_>, course: &Course) -> Result<Notice, StoreError> {
    Ok(Notice::Failed { attempts: course.sends, reference: name_request(tx, course.id)? })
}

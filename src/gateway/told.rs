//! What is said where there is no answer. People in a chat are told that and when to try again; a shell is told whose
//! fault it is, since its operator can mend it.

use std::sync::Arc;

use super::course::Course;
use super::finish::close;
use super::hub::Shared;
use super::name::name_request;
use crate::domain::chat::Notice;
use crate::domain::pool::outcome::Outcome;
use crate::domain::router::told::Refused;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Tx};

impl Shared {
    /// Ends a request that nothing serves now; says why.
    pub(super) async fn turn_away(
        self: &Arc<Shared>,
        course: Course,
        refused: Refused,
    ) -> Result<Notice, StoreError> {
        let shared = Arc::clone(self);
        self.committed(move |tx| {
            let notice = refusal(&shared, tx, &course, refused)?;
            close(tx, &course, notice.reason(), true, None)?;
            Ok(notice)
        })
        .await
    }
}

/// Why nothing serves now.
pub(super) fn refusal(
    shared: &Shared,
    tx: &mut Tx<'_>,
    course: &Course,
    refused: Refused,
) -> Result<Notice, StoreError> {
    refused.notice(shared.calendar.next_reset(shared.clock.now()), || name_request(tx, course.id))
}

/// What is said of the outcome that ended a request; a ref is drawn only where it is shown.
pub(super) fn failure(tx: &mut Tx<'_>, outcome: &Outcome, course: &Course) -> Result<Notice, StoreError> {
    Ok(match outcome {
        Outcome::Blocked => Notice::Blocked { reference: name_request(tx, course.id)? },
        Outcome::Empty | Outcome::ThoughtOnly => {
            Notice::EmptyAnswer { reference: name_request(tx, course.id)? }
        }
        Outcome::RegionUnsupported => Notice::Outage { reference: name_request(tx, course.id)? },
        Outcome::MinuteLimit { retry_after, .. } if course.conversation.is_none() => {
            let retry_at = tx.now() + *retry_after;
            Notice::PoolBusy { retry_at, reference: name_request(tx, course.id)? }
        }
        Outcome::DayLimit { .. } | Outcome::BareLimit | Outcome::SpendCap { .. }
            if course.conversation.is_none() =>
        {
            Notice::PoolBusy { retry_at: Timestamp::NEVER, reference: name_request(tx, course.id)? }
        }
        _ => failed(tx, course)?,
    })
}

/// It was tried, in vain.
fn failed(tx: &mut Tx<'_>, course: &Course) -> Result<Notice, StoreError> {
    Ok(Notice::Failed { attempts: course.sends, reference: name_request(tx, course.id)? })
}

//! The loop that fetches updates.
//!
//! ```text
//!   getUpdates ──▶ one commit of the batch ──▶ lanes ──▶ sync ──▶ getUpdates (confirms) …
//! ```
//!
//! **Invariant:** the getUpdates that confirms a batch to Telegram leaves only after the batch is on the disk.
//! The offset itself is not stored: without one Telegram begins with what was not confirmed, and the inbox knows
//! what it has seen. So ids that begin anew after an idle week lose nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::parse::{Kind, Update};
use crate::domain::chat::{ChatId, ConversationId, Notice, UserId};
use crate::domain::policy::roles::Admission;
use crate::domain::time::Timestamp;
use crate::failpoint::crash_point;
use crate::store::{Content, Ending, Incoming, OutboxRow, StoreError};
use crate::telegram::api::{ApiError, GetUpdates};
use crate::telegram::desk::Desk;

/// What we want to hear of. Sent with every poll: the server keeps the last list it was given.
const ALLOWED: [&str; 5] =
    ["message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"];
/// A message older than this at first sight is not answered.
const TOO_LATE: Duration = Duration::from_hours(1);
/// After this long without updates their ids may begin anew.
const IDS_HOLD: Duration = Duration::from_hours(5 * 24);
const MAX_BACKOFF: Duration = Duration::from_mins(1);
/// Conflicts that look like our own predecessor's last poll.
const QUICK_CONFLICTS: u32 = 3;

/// Why polling ends for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PollEnd {
    /// We were asked to end.
    Shutdown,
    /// The token is not known.
    Unauthorized,
    /// A webhook is set.
    WebhookSet,
}

/// Where the loop stands.
struct Course {
    /// Telegram has answered once: only then a poll may take its time.
    answered: bool,
    offset: Option<i64>,
    /// Since when `offset` is what it is.
    moved_at: Timestamp,
    failures: u32,
    /// When each chat was told that it was too late.
    told_late: HashMap<ChatId, Timestamp>,
}

/// Polls until something ends it.
pub(crate) async fn poll(desk: &Arc<Desk>) -> PollEnd {
    let mut course = Course {
        answered: false,
        offset: None,
        moved_at: desk.clock.now(),
        failures: 0,
        told_late: HashMap::new(),
    };
    loop {
        if desk.clock.now().since(course.moved_at) > IDS_HOLD {
            course.offset = None;
        }
        desk.vitals.moves_by(desk.clock.now());
        let timeout = if course.answered { desk.config().telegram.poll_timeout.as_secs() } else { 0 };
        let request = GetUpdates { offset: course.offset, timeout, allowed_updates: &ALLOWED };
        let polled = tokio::select! {
            polled = desk.api.poll(&request) => polled,
            () = desk.shutdown.cancelled() => return PollEnd::Shutdown,
        };
        let wait = match polled {
            Ok(batch) => {
                if course.offset.is_some() {
                    crash_point!("after_offset");
                }
                course.failures = 0;
                course.answered = true;
                desk.vitals.polled(desk.clock.now());
                let taken = take(desk, &mut course, batch).await;
                desk.vitals.set_intake_fails(taken.is_err());
                match taken {
                    Ok(()) => continue,
                    Err(error) => {
                        // Nothing was confirmed: Telegram keeps the batch.
                        tracing::error!(%error, "updates cannot be stored; Telegram keeps them meanwhile");
                        Duration::from_secs(5)
                    }
                }
            }
            Err(ApiError::Unauthorized) => return PollEnd::Unauthorized,
            Err(ApiError::Conflict { webhook: true }) => return PollEnd::WebhookSet,
            Err(error) => course.after(&error),
        };
        desk.vitals.moves_by(desk.clock.now() + wait);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = desk.shutdown.cancelled() => return PollEnd::Shutdown,
        }
    }
}

impl Course {
    /// How long to wait after a failed poll; says so in the log, but not every time.
    fn after(&mut self, error: &ApiError) -> Duration {
        self.failures += 1;
        let backoff = backoff(self.failures);
        match error {
            ApiError::RetryAfter(wait) => (*wait).max(Duration::from_secs(1)),
            ApiError::Conflict { .. } if self.failures <= QUICK_CONFLICTS => {
                tracing::info!("another process was polling; trying again");
                Duration::from_secs(1).mul_f64(0.5 + fastrand::f64())
            }
            ApiError::Conflict { .. } => {
                tracing::error!("another process polls with this token: only one svs run may use it");
                backoff
            }
            error => {
                if self.failures == 1 || self.failures.is_multiple_of(10) {
                    tracing::warn!(%error, failures = self.failures, "Telegram is away; trying again");
                }
                backoff
            }
        }
    }
}

/// 1, 2, 4 … 60 s, with jitter so that many bots do not come back together.
fn backoff(failures: u32) -> Duration {
    let seconds = Duration::from_secs(1 << failures.saturating_sub(1).min(6)).min(MAX_BACKOFF);
    seconds.mul_f64(0.5 + 0.5 * fastrand::f64())
}

/// One batch: into the inbox in one commit, then to the desk, then onto the disk.
async fn take(
    desk: &Arc<Desk>,
    course: &mut Course,
    batch: Vec<Box<serde_json::value::RawValue>>,
) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    crash_point!("fetched");
    let now = desk.clock.now();
    let mut updates = Vec::with_capacity(batch.len());
    let mut incoming = Vec::with_capacity(batch.len());
    let mut late = Vec::new();
    for raw in batch {
        let Some(mut update) = desk.read(raw.get()) else {
            tracing::error!("an update without an id was passed over");
            continue;
        };
        if is_late(&update, now) {
            late.extend(course.late_note(desk, &update, now));
            update.kind = Kind::Dropped("too_late");
        }
        incoming.push(to_inbox(&update, raw.get()));
        updates.push(update);
    }
    let Some(last) = updates.iter().map(|update| update.update_id).max() else { return Ok(()) };
    crash_point!("before_inbox_commit");
    let dropped: Vec<(i64, &'static str)> = updates
        .iter()
        .filter_map(|update| match update.kind {
            Kind::Dropped(rule) => Some((update.update_id, rule)),
            _ => None,
        })
        .collect();
    let noted: Vec<i64> = late.iter().filter_map(|row| row.update_id).collect();
    let gateway = desk.gateway.clone();
    let is_new = desk
        .store
        .commit(move |tx| {
            let is_new = tx.receive(&incoming)?;
            for (update_id, rule) in dropped {
                tx.finish(update_id, Ending::Dropped(rule))?;
            }
            for row in late {
                // Whoever is not served is not told when we were away either.
                let user = row.user.unwrap_or(UserId(0));
                let stored = tx.user(user)?;
                let is_banned = stored.as_ref().is_some_and(|user| user.banned);
                let in_private = ConversationId { chat: row.chat, topic: None, user }.is_private();
                if !is_banned && gateway.admission(user, stored.as_ref(), in_private) != Admission::NotOpen {
                    tx.put_rows(&[row])?;
                }
            }
            Ok(is_new)
        })
        .await?;
    crash_point!("after_inbox_commit");
    for update_id in noted {
        desk.outbox.deliver(update_id).await?;
    }
    // Work begins before the disk has the batch: the log survives our death, and nothing is confirmed yet.
    let synced = desk.store.sync();
    for (update, is_new) in updates.into_iter().zip(is_new) {
        if is_new && !matches!(update.kind, Kind::Dropped(_)) {
            desk.place(update, false);
        }
    }
    synced.await?;
    desk.let_arrive().await;
    crash_point!("before_offset");
    course.offset = Some(last + 1);
    course.moved_at = now;
    Ok(())
}

fn is_late(update: &Update, now: Timestamp) -> bool {
    match &update.kind {
        Kind::Message(message) => now.since(message.date) > TOO_LATE,
        _ => false,
    }
}

impl Course {
    /// One note per chat and hour that somebody was not heard in time.
    fn late_note(&mut self, desk: &Desk, update: &Update, now: Timestamp) -> Option<OutboxRow> {
        let Kind::Message(message) = &update.kind else { return None };
        self.told_late.retain(|_, told| now.since(*told) < TOO_LATE);
        if message.is_edit || !message.is_for_us || self.told_late.insert(message.chat.id, now).is_some() {
            return None;
        }
        if let Some(language) =
            message.sender.language_code.as_deref().and_then(crate::domain::chat::Language::of_tag)
        {
            desk.outbox.learn_language(message.sender.id, language);
        }
        Some(Desk::row(Some(update.update_id), message, Content::Notice(Notice::TooLate)))
    }
}

fn to_inbox(update: &Update, raw: &str) -> Incoming {
    let at = match &update.kind {
        Kind::Message(message) => Some(message.conversation()),
        Kind::Pressed(press) => press.conversation,
        Kind::DraftStopped { at, .. } => Some(*at),
        Kind::Migrated { .. } | Kind::Membership { .. } | Kind::Dropped(_) => None,
    };
    let is_dropped = matches!(update.kind, Kind::Dropped(_));
    Incoming {
        update_id: update.update_id,
        chat: at.map(|at| at.chat),
        topic: at.and_then(|at| at.topic),
        user: at.map(|at| at.user),
        raw: if is_dropped { String::new() } else { raw.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_between_polls_grows_to_a_minute() {
        for (failures, longest) in [(1, 1), (2, 2), (3, 4), (7, 60), (100, 60)] {
            let pause = backoff(failures);
            assert!(pause <= Duration::from_secs(longest) && pause >= Duration::from_secs(longest) / 2);
        }
    }

    #[test]
    fn a_conflict_is_first_taken_for_a_restart() {
        let mut course = Course {
            answered: true,
            offset: None,
            moved_at: Timestamp::ZERO,
            failures: 0,
            told_late: HashMap::new(),
        };
        let conflict = ApiError::Conflict { webhook: false };
        for _ in 0..3 {
            assert!(course.after(&conflict) <= Duration::from_millis(1500));
        }
        course.failures = 9;
        assert!(course.after(&conflict) >= Duration::from_secs(30));
        assert_eq!(course.after(&ApiError::RetryAfter(Duration::from_secs(7))), Duration::from_secs(7));
    }
}

//! What one chat has to say, and which of it is next. Pure: the writer does it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::live::{Live, Next, Sight};
use crate::domain::time::Timestamp;
use crate::store::{Content, PendingRow};
use crate::telegram::budget::{Budget, Purpose};

/// A row on its way out.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Job {
    /// What must be said.
    pub(super) pending: PendingRow,
    /// Whether the message id is committed; before that, no final text.
    pub(super) is_id_stored: bool,
    /// Sends whose outcome is unknown.
    pub(super) unknown_sends: u32,
    /// Refusals that nobody can explain.
    pub(super) refusals: u32,
    /// Not to be tried before.
    pub(super) not_before: Timestamp,
    /// Failures in a row, for the pause between tries.
    pub(super) failures: u32,
}

impl Job {
    pub(super) fn new(pending: PendingRow) -> Job {
        let is_id_stored = pending.row.message_id.is_some();
        Job { pending, is_id_stored, not_before: Timestamp::ZERO, unknown_sends: 0, refusals: 0, failures: 0 }
    }

    fn purpose(&self) -> Purpose {
        match (&self.pending.row.content, self.pending.row.message_id) {
            (Content::Text(_), None) => Purpose::Opening,
            _ => Purpose::Final,
        }
    }
}

/// Everything one chat has to say.
pub(super) struct ChatQueue {
    pub(super) budget: Budget,
    rows: VecDeque<Job>,
    lives: Vec<Arc<Live>>,
    /// Messages opened by answers that are being written: (update, part, message). The newest few: the store has
    /// them all.
    opened: VecDeque<(i64, u32, i64)>,
    /// The row that the writer is saying.
    in_hand: Option<i64>,
}

/// Parts that may be open in one chat at once, beyond which the oldest is left to the store.
const MAX_OPENED: usize = 32;

/// What the writer does next.
pub(super) enum Act {
    /// Say this row; its first token is taken. It is out of the queue until given back.
    Row(Job),
    /// Show this much of an answer.
    Show(Arc<Live>, Sight),
    /// Nothing before then.
    Wait(Timestamp),
    /// Nothing until something happens.
    Rest,
}

impl ChatQueue {
    pub(super) fn new(budget: Budget) -> ChatQueue {
        ChatQueue { budget, rows: VecDeque::new(), lives: Vec::new(), opened: VecDeque::new(), in_hand: None }
    }

    /// One more row; false if it is here already.
    pub(super) fn push(&mut self, pending: PendingRow) -> bool {
        let id = pending.id;
        if self.in_hand == Some(id) || self.rows.iter().any(|job| job.pending.id == id) {
            return false;
        }
        self.rows.push_back(Job::new(pending));
        true
    }

    /// A row that is not done goes back to its place.
    pub(super) fn give_back(&mut self, job: Job) {
        self.in_hand = None;
        self.rows.push_front(job);
    }

    /// An answer begins.
    pub(super) fn begin(&mut self, live: Arc<Live>) {
        self.lives.push(live);
    }

    /// A message was opened for a part of an answer, and its id is committed.
    pub(super) fn opened(&mut self, update_id: i64, part: u32, message_id: i64) {
        if self.opened.len() == MAX_OPENED {
            self.opened.pop_front();
        }
        self.opened.push_back((update_id, part, message_id));
    }

    /// Nothing more is said here: the person is gone. Returns the rows to close.
    pub(super) fn close(&mut self) -> Vec<Job> {
        self.lives.drain(..).for_each(|live| live.close());
        self.opened.clear();
        self.rows.drain(..).collect()
    }

    /// Whether nothing is to be said and nothing is remembered.
    pub(super) fn is_idle(&mut self, now: Timestamp) -> bool {
        self.lives.retain(|live| !live.is_closed());
        self.rows.is_empty() && self.in_hand.is_none() && self.lives.is_empty() && self.budget.is_full(now)
    }

    /// What is next. Rows go before looks at answers: an answer that is there should arrive.
    pub(super) fn next(&mut self, has_drafts: bool, now: Timestamp) -> Act {
        self.lives.retain(|live| !live.is_closed());
        let mut wake: Option<Timestamp> = None;
        let mut wake_at = |at: Timestamp| wake = Some(wake.map_or(at, |wake| wake.min(at)));
        if let Some(job) = self.rows.front_mut() {
            adopt(job, &self.opened);
            let due = job.not_before;
            if now < due {
                wake_at(due);
            } else {
                match self.budget.take(job.purpose(), now) {
                    Ok(()) => {
                        if let Some(job) = self.rows.pop_front() {
                            self.in_hand = Some(job.pending.id);
                            return Act::Row(job);
                        }
                    }
                    Err(ready) => wake_at(ready),
                }
            }
        }
        for live in &self.lives {
            match live.next(&mut self.budget, has_drafts, now) {
                Next::Do(sight) => return Act::Show(Arc::clone(live), sight),
                Next::At(at) => wake_at(at),
                Next::Rest => {}
            }
        }
        match wake {
            Some(at) => Act::Wait(at),
            None => Act::Rest,
        }
    }

    /// The row is done: the message opened for it is not needed any more.
    pub(super) fn done(&mut self, job: &Job) {
        self.in_hand = None;
        let row = &job.pending.row;
        self.opened.retain(|(update_id, part, _)| row.update_id != Some(*update_id) || row.part != *part);
    }
}

/// A row takes over the message that was opened for its part.
fn adopt(job: &mut Job, opened: &VecDeque<(i64, u32, i64)>) {
    let row = &mut job.pending.row;
    if row.message_id.is_some() {
        return;
    }
    let found =
        opened.iter().find(|(update_id, part, _)| row.update_id == Some(*update_id) && row.part == *part);
    if let Some((_, _, message_id)) = found {
        row.message_id = Some(*message_id);
        job.is_id_stored = true;
    }
}

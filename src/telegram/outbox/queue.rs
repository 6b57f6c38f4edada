//! What one chat has to say, and which of it is next. Pure: the writer does it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

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
    in_hand: Option<Box<PendingRow>>,
    /// The same row, revised meanwhile.
    revised: Option<Box<PendingRow>>,
    /// The end of the pause that is explained already.
    explained_until: Option<Timestamp>,
}

/// A pause longer than this is explained, once, when it is over.
const EXPLAINED_ABOVE: Duration = Duration::from_mins(2);
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
        let (rows, lives, opened) = (VecDeque::new(), Vec::new(), VecDeque::new());
        ChatQueue { budget, rows, lives, opened, in_hand: None, revised: None, explained_until: None }
    }

    /// One more row; false if it is here already: then what it says and its buttons are those of the latest revision.
    pub(super) fn push(&mut self, pending: PendingRow) -> bool {
        let id = pending.id;
        if let Some(in_hand) = self.in_hand.as_ref().filter(|row| row.id == id) {
            let latest = self.revised.as_ref().unwrap_or(in_hand);
            if !says_the_same(latest, &pending) {
                self.revised = Some(Box::new(pending));
            }
            return false;
        }
        if let Some(job) = self.rows.iter_mut().find(|job| job.pending.id == id) {
            revise(job, pending);
            return false;
        }
        self.rows.push_back(Job::new(pending));
        true
    }

    /// A row that is not done goes back to its place.
    pub(super) fn give_back(&mut self, mut job: Job) {
        self.in_hand = None;
        if let Some(revised) = self.revised.take() {
            revise(&mut job, *revised);
        }
        self.rows.push_front(job);
    }

    /// Telegram wants nothing from us here for so long. True if that is to be explained to the person.
    pub(super) fn pause(&mut self, wait: Duration, now: Timestamp) -> bool {
        let is_known = self.explained_until.is_some_and(|until| now < until);
        self.budget.pause(wait, now);
        let is_long = wait > EXPLAINED_ABOVE;
        if is_long {
            self.explained_until = self.explained_until.max(Some(now + wait));
        }
        is_long && !is_known
    }

    /// An answer begins, in the place of whatever was to be shown of it before.
    pub(super) fn begin(&mut self, live: Arc<Live>) {
        let same = |before: &&Arc<Live>| before.target.update_id == live.target.update_id;
        self.lives.iter().filter(same).for_each(|before| before.close());
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
                            self.in_hand = Some(Box::new(job.pending.clone()));
                            return Act::Row(job);
                        }
                    }
                    Err(ready) => wake_at(ready),
                }
            }
        }
        for live in &self.lives {
            // What was on its way when it began is there now.
            let of_it = |(update_id, ..): &&(i64, u32, i64)| *update_id == live.target.update_id;
            self.opened.iter().filter(of_it).for_each(|(_, part, id)| live.knows(*part, *id));
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

    /// The row is done: the message opened for it is not needed any more. True if it was revised meanwhile, and is to be
    /// said again.
    pub(super) fn done(&mut self, job: &Job) -> bool {
        self.in_hand = None;
        let again = self.revised.take().map(|revised| Job::new(*revised));
        let is_again = again.is_some();
        self.rows.extend(again);
        let row = &job.pending.row;
        self.opened.retain(|(update_id, part, _)| row.update_id != Some(*update_id) || row.part != *part);
        // A chat is remembered beyond its last word, and there are many.
        if self.rows.is_empty() && self.opened.is_empty() {
            (self.rows, self.opened) = Default::default();
        }
        is_again
    }
}

fn says_the_same(one: &PendingRow, other: &PendingRow) -> bool {
    (&one.row.content, &one.row.buttons) == (&other.row.content, &other.row.buttons)
}

fn revise(job: &mut Job, revised: PendingRow) {
    job.pending.row.content = revised.row.content;
    job.pending.row.buttons = revised.row.buttons;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Pace;
    use crate::domain::chat::ChatId;
    use crate::store::OutboxRow;

    fn row(words: &str) -> PendingRow {
        let row = OutboxRow {
            update_id: None,
            part: 0,
            chat: ChatId(1),
            topic: None,
            user: None,
            reply_to: None,
            content: Content::Words(words.to_owned()),
            buttons: Vec::new(),
            message_id: Some(7),
        };
        PendingRow { id: 5, row }
    }

    /// Takes the next row in hand.
    fn take(queue: &mut ChatQueue) -> Option<(Job, Content)> {
        match queue.next(false, Timestamp::ZERO) {
            Act::Row(job) => {
                let says = job.pending.row.content.clone();
                Some((job, says))
            }
            _ => None,
        }
    }

    #[test]
    fn a_long_pause_is_explained_once() {
        let mut queue = ChatQueue::new(Budget::full(
            Pace { burst: 6, interval: Duration::from_secs(3) },
            Timestamp::ZERO,
        ));
        let at = |seconds| Timestamp::ZERO + Duration::from_secs(seconds);
        assert!(!queue.pause(Duration::from_mins(2), at(0)));
        assert!(queue.pause(Duration::from_mins(5), at(130)));
        assert!(!queue.pause(Duration::from_mins(5), at(131)), "the same pause");
        assert!(queue.pause(Duration::from_secs(121), at(500)), "another");
    }

    #[test]
    fn a_row_that_is_revised_is_said_as_it_was_revised_last_and_no_oftener_than_needed() {
        let pace = Pace { burst: 20, interval: Duration::from_secs(1) };
        let mut queue = ChatQueue::new(Budget::full(pace, Timestamp::ZERO));
        let words = |words: &str| Content::Words(words.to_owned());
        assert!(queue.push(row("one")));
        assert!(!queue.push(row("two")), "it is here already");
        let (job, says) = take(&mut queue).expect("a row");
        assert_eq!(says, words("two"));
        // In hand: seen again as it is, it is not said again; revised, it is.
        assert!(!queue.push(row("two")));
        assert!(!queue.done(&job));
        assert!(take(&mut queue).is_none());
        assert!(queue.push(row("two")));
        let (job, _) = take(&mut queue).expect("a row");
        assert!(!queue.push(row("three")));
        assert!(!queue.push(row("three")));
        assert!(queue.done(&job), "it is said again");
        let (job, says) = take(&mut queue).expect("the same row");
        assert_eq!((job.pending.row.message_id, says), (Some(7), words("three")));
        // What could not be said yet is said as it is now.
        assert!(!queue.push(row("four")));
        queue.give_back(job);
        assert_eq!(take(&mut queue).expect("the same row").1, words("four"));
    }
}

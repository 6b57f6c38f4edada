//! Order within a conversation: one question at a time, three waiting, the next refused.
//!
//! A lane holds update ids, not messages: what waits costs a few bytes, and is read from the inbox when its turn
//! comes.
//!
//! ```text
//!   enter ──▶ runs ──leave──▶ the next runs …
//!        └──▶ waits (1…3) ──┘
//!        └──▶ full
//! ```

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::chat::{ChatId, ConversationId};
use crate::domain::policy::fairness::QUEUED_PER_CONVERSATION;
use crate::domain::time::Timestamp;

/// Questions that wait behind the running one.
pub(crate) const WAITING: u32 = QUEUED_PER_CONVERSATION as u32;
/// An edit of the latest question within this asks it again.
pub(crate) const EDIT_WITHIN: Duration = Duration::from_mins(2);
/// The same text again within this is a slip of the finger.
const REPEATED_WITHIN: Duration = Duration::from_secs(3);
/// Refusals in words before a lane that does not move falls silent.
const REFUSALS_IN_WORDS: u32 = 3;

/// Conversations whose last text is remembered before the old ones are forgotten.
const PRUNE_ABOVE: usize = 256;
/// Conversations where nothing runs whose latest question is remembered: more than all keys can answer while it may be
/// edited.
const MAX_QUESTIONS: usize = 1024;

/// All lanes that are not empty.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<State>);

#[derive(Default)]
struct State {
    lanes: HashMap<ConversationId, Lane>,
    /// Their tasks.
    tasks: usize,
    /// What was said last where nothing runs any more, and when.
    last: HashMap<ConversationId, (u32, Timestamp)>,
    /// The latest question where nothing runs any more, and when something was said there last.
    asked: HashMap<ConversationId, (Latest, Timestamp)>,
    /// Groups that got another id while something ran there: what runs leaves under the old one.
    moved: HashMap<ChatId, ChatId>,
}

impl State {
    /// Under which conversation the lane is kept that was entered as `at`.
    fn current(&self, at: ConversationId) -> ConversationId {
        match self.moved.get(&at.chat) {
            Some(chat) if !self.lanes.contains_key(&at) => ConversationId { chat: *chat, ..at },
            _ => at,
        }
    }
}

/// Thousands may be parked: of each there is this, and no more than it needs.
struct Lane {
    running: i64,
    /// What tells the text that was said last from others, and when that was.
    said: u32,
    said_at: Timestamp,
    /// The message of the latest question, and what tells its text from others; none: there is none.
    message_id: i64,
    text: Option<NonZeroU32>,
    /// None while the update is parked and nothing happens to it.
    busy: Option<Box<Busy>>,
}

/// The latest question of a conversation, which an edit may change. The store has it too, once it is asked; this is for
/// what still waits, and for what need not come to its turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Latest {
    /// The person's message.
    pub(crate) message_id: i64,
    /// The update that asks it.
    pub(crate) update_id: i64,
    /// The fingerprint of what it says.
    pub(crate) text: u32,
}

/// What a lane has besides.
#[derive(Default)]
struct Busy {
    cut: Cut,
    /// Tasks of what runs: two where one that was recalled begins before the one that parked it has ended.
    tasks: u8,
    /// Whether what runs keeps its place without a task.
    is_parked: bool,
    waiting: VecDeque<i64>,
    refused: u32,
    /// The update that asks the latest question; none: what runs.
    asked_by: Option<i64>,
}

impl Lane {
    fn busy(&mut self) -> &mut Busy {
        self.busy.get_or_insert_with(|| Box::new(Busy { is_parked: true, ..Busy::default() }))
    }

    fn is_parked(&self) -> bool {
        self.busy.as_ref().is_none_or(|busy| busy.is_parked)
    }

    fn latest(&self) -> Option<Latest> {
        let (message_id, text) = (self.message_id, self.text?.get());
        let update_id = self.busy.as_ref().and_then(|busy| busy.asked_by).unwrap_or(self.running);
        Some(Latest { message_id, update_id, text })
    }

    fn note(&mut self, latest: Latest) {
        (self.message_id, self.text) = (latest.message_id, NonZeroU32::new(latest.text));
        self.busy().asked_by = Some(latest.update_id);
    }
}

/// Stops a turn, and says why.
#[derive(Clone, Default, Debug)]
pub(crate) struct Cut {
    /// Cancelled: the turn is to end.
    pub(crate) stop: CancellationToken,
    /// True before that: another update asks the same in other words, so that there is nothing to say.
    superseded: Arc<AtomicBool>,
}

impl Cut {
    /// Whether it was cut because another update takes its place.
    pub(crate) fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Acquire)
    }
}

/// What became of an update whose place another wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Superseded {
    /// It was running, and ends now; the other stands in line.
    Cut,
    /// It was waiting, and the other waits in its place.
    Replaced,
    /// It is not in the lane.
    Gone,
}

/// Where an update came to stand.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// It runs; this stops it.
    Runs(Cut),
    /// It is so many-th in the line, from 1.
    Waits(u32),
    /// There is no room; say so.
    Full,
    /// There is no room, and that was said.
    FullInSilence,
    /// It says what the one before it said.
    Repeated,
}

/// What tells two texts apart.
pub(crate) fn fingerprint(text: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() as u32
}

impl Lanes {
    /// A place for an update that says `text`.
    pub(crate) fn enter(&self, at: ConversationId, update_id: i64, text: u32, now: Timestamp) -> Place {
        let State { lanes, tasks, last, asked, .. } = &mut *self.lock();
        let repeats = |(said, when): (u32, Timestamp)| said == text && now.since(when) < REPEATED_WITHIN;
        let Some(lane) = lanes.get_mut(&at) else {
            if last.get(&at).copied().is_some_and(repeats) {
                return Place::Repeated;
            }
            last.remove(&at);
            let busy = Busy { tasks: 1, ..Busy::default() };
            let cut = busy.cut.clone();
            *tasks += 1;
            let busy = Some(Box::new(busy));
            let mut lane =
                Lane { running: update_id, said: text, said_at: now, message_id: 0, text: None, busy };
            if let Some((latest, _)) = asked.remove(&at) {
                lane.note(latest);
            }
            lanes.insert(at, lane);
            return Place::Runs(cut);
        };
        if repeats((lane.said, lane.said_at)) {
            return Place::Repeated;
        }
        (lane.said, lane.said_at) = (text, now);
        let busy = lane.busy();
        if busy.waiting.len() < WAITING as usize {
            busy.waiting.push_back(update_id);
            return Place::Waits(busy.waiting.len() as u32);
        }
        busy.refused += 1;
        if busy.refused <= REFUSALS_IN_WORDS { Place::Full } else { Place::FullInSilence }
    }

    /// The running update keeps its place, and its task ends until it is resumed.
    pub(crate) fn park(&self, at: ConversationId) {
        let mut state = self.lock();
        let at = state.current(at);
        if let Some(lane) = state.lanes.get_mut(&at) {
            lane.busy().is_parked = true;
        }
    }

    /// Whether an update keeps its place without a task.
    pub(crate) fn is_parked(&self, at: ConversationId, update_id: i64) -> bool {
        let state = self.lock();
        let lane = state.lanes.get(&state.current(at));
        lane.is_some_and(|lane| lane.running == update_id && lane.is_parked())
    }

    /// An update that is parked has a task again.
    pub(crate) fn resume(&self, at: ConversationId, update_id: i64) -> Option<Cut> {
        let mut state = self.lock();
        let at = state.current(at);
        let State { lanes, tasks, .. } = &mut *state;
        let busy = lanes.get_mut(&at).filter(|lane| lane.running == update_id)?.busy();
        busy.is_parked = false;
        busy.tasks += 1;
        *tasks += 1;
        Some(busy.cut.clone())
    }

    /// A task of the running update is over. If it was the last and the update is not parked, the next one runs.
    pub(crate) fn leave(&self, at: ConversationId) -> Option<(i64, Cut)> {
        let mut state = self.lock();
        let at = state.current(at);
        let State { lanes, tasks, last, asked, .. } = &mut *state;
        let lane = lanes.get_mut(&at)?;
        let latest = lane.latest();
        let busy = lane.busy.as_mut()?;
        busy.tasks -= 1;
        *tasks -= 1;
        if busy.tasks > 0 {
            return None;
        }
        if busy.is_parked {
            if busy.waiting.is_empty() && !busy.cut.stop.is_cancelled() {
                lane.busy = None;
            }
            return None;
        }
        let Some(next) = busy.waiting.pop_front() else {
            let said = (lane.said, lane.said_at);
            lanes.remove(&at);
            if last.len() >= PRUNE_ABOVE {
                last.retain(|_, (_, when)| said.1.since(*when) < REPEATED_WITHIN);
            }
            last.insert(at, said);
            if let Some(latest) = latest {
                if asked.len() >= MAX_QUESTIONS {
                    asked.retain(|_, (_, when)| said.1.since(*when) < EDIT_WITHIN);
                }
                if asked.len() >= MAX_QUESTIONS {
                    // The store knows them, when an edit comes to its turn.
                    asked.clear();
                }
                asked.insert(at, (latest, said.1));
            }
            return None;
        };
        lane.running = next;
        *tasks += 1;
        (busy.tasks, busy.cut, busy.refused) = (1, Cut::default(), 0);
        busy.asked_by = latest.map(|latest| latest.update_id);
        Some((next, busy.cut.clone()))
    }

    /// The latest question of a conversation, as far as it is remembered.
    pub(crate) fn latest(&self, at: ConversationId) -> Option<Latest> {
        let state = self.lock();
        match state.lanes.get(&at) {
            Some(lane) => lane.latest(),
            None => state.asked.get(&at).map(|(latest, _)| *latest),
        }
    }

    /// Remembers a question that has its place as the latest of its conversation.
    pub(crate) fn note(&self, at: ConversationId, latest: Latest) {
        if let Some(lane) = self.lock().lanes.get_mut(&at) {
            lane.note(latest);
        }
    }

    /// `by` asks in other words what `update_id` asks.
    pub(crate) fn supersede(&self, at: ConversationId, update_id: i64, by: i64) -> Superseded {
        let mut state = self.lock();
        let Some(lane) = state.lanes.get_mut(&at) else { return Superseded::Gone };
        let is_running = lane.running == update_id;
        let busy = lane.busy();
        if is_running {
            busy.cut.superseded.store(true, Ordering::Release);
            busy.cut.stop.cancel();
            return Superseded::Cut;
        }
        let Some(place) = busy.waiting.iter_mut().find(|waiting| **waiting == update_id) else {
            return Superseded::Gone;
        };
        *place = by;
        Superseded::Replaced
    }

    /// Stops what runs in a conversation; says which update that is.
    pub(crate) fn stop(&self, at: ConversationId) -> Option<i64> {
        let mut state = self.lock();
        let lane = state.lanes.get_mut(&at)?;
        lane.busy().cut.stop.cancel();
        Some(lane.running)
    }

    /// Where something runs in a chat.
    pub(crate) fn of_chat(&self, chat: ChatId) -> Vec<ConversationId> {
        self.lock().lanes.keys().filter(|at| at.chat == chat).copied().collect()
    }

    /// A group has another id: who speaks there is in the same conversation as before.
    pub(crate) fn follow(&self, from: ChatId, to: ChatId) {
        let State { lanes, moved, .. } = &mut *self.lock();
        let old: Vec<ConversationId> = lanes.keys().filter(|at| at.chat == from).copied().collect();
        for at in old {
            let new = ConversationId { chat: to, ..at };
            // Where somebody was faster than the news, both run to their end.
            if !lanes.contains_key(&new)
                && let Some(mut lane) = lanes.remove(&at)
            {
                // Its message has another id there.
                lane.text = None;
                lanes.insert(new, lane);
                moved.insert(from, to);
            }
        }
    }

    /// In which conversation of a chat an update runs.
    pub(crate) fn find(&self, update_id: i64) -> Option<ConversationId> {
        self.lock().lanes.iter().find(|(_, lane)| lane.running == update_id).map(|(at, _)| *at)
    }

    /// Lets no waiting update run any more: the inbox keeps them for the next start.
    pub(crate) fn close(&self) {
        self.lock()
            .lanes
            .values_mut()
            .filter_map(|lane| lane.busy.as_mut())
            .for_each(|busy| busy.waiting.clear());
    }

    /// How many updates run: have a task.
    pub(crate) fn running(&self) -> usize {
        self.lock().tasks
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

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
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::chat::{ChatId, ConversationId};
use crate::domain::policy::fairness::QUEUED_PER_CONVERSATION;
use crate::domain::time::Timestamp;

/// Questions that wait behind the running one.
pub(crate) const WAITING: u32 = QUEUED_PER_CONVERSATION as u32;
/// The same text again within this is a slip of the finger.
const REPEATED_WITHIN: Duration = Duration::from_secs(3);
/// Refusals in words before a lane that does not move falls silent.
const REFUSALS_IN_WORDS: u32 = 3;

/// Conversations whose last text is remembered before the old ones are forgotten.
const PRUNE_ABOVE: usize = 256;

/// All lanes that are not empty.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<State>);

#[derive(Default)]
struct State {
    lanes: HashMap<ConversationId, Lane>,
    /// What was said last where nothing runs any more, and when.
    last: HashMap<ConversationId, (u64, Timestamp)>,
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

struct Lane {
    running: i64,
    cut: Cut,
    waiting: VecDeque<i64>,
    last: (u64, Timestamp),
    refused: u32,
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
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Lanes {
    /// A place for an update that says `text`.
    pub(crate) fn enter(&self, at: ConversationId, update_id: i64, text: u64, now: Timestamp) -> Place {
        let State { lanes, last, .. } = &mut *self.lock();
        let repeats = |(said, when): (u64, Timestamp)| said == text && now.since(when) < REPEATED_WITHIN;
        let Some(lane) = lanes.get_mut(&at) else {
            if last.get(&at).copied().is_some_and(repeats) {
                return Place::Repeated;
            }
            last.remove(&at);
            let cut = Cut::default();
            let waiting = VecDeque::new();
            let lane = Lane { running: update_id, cut: cut.clone(), waiting, last: (text, now), refused: 0 };
            lanes.insert(at, lane);
            return Place::Runs(cut);
        };
        if repeats(lane.last) {
            return Place::Repeated;
        }
        lane.last = (text, now);
        if lane.waiting.len() < WAITING as usize {
            lane.waiting.push_back(update_id);
            return Place::Waits(lane.waiting.len() as u32);
        }
        lane.refused += 1;
        if lane.refused <= REFUSALS_IN_WORDS { Place::Full } else { Place::FullInSilence }
    }

    /// The running update has ended; the next one runs.
    pub(crate) fn leave(&self, at: ConversationId) -> Option<(i64, Cut)> {
        let mut state = self.lock();
        let at = state.current(at);
        let State { lanes, last, .. } = &mut *state;
        let lane = lanes.get_mut(&at)?;
        let Some(next) = lane.waiting.pop_front() else {
            let said = lane.last;
            lanes.remove(&at);
            if last.len() >= PRUNE_ABOVE {
                last.retain(|_, (_, when)| said.1.since(*when) < REPEATED_WITHIN);
            }
            last.insert(at, said);
            return None;
        };
        lane.running = next;
        lane.cut = Cut::default();
        lane.refused = 0;
        Some((next, lane.cut.clone()))
    }

    /// `by` asks in other words what `update_id` asks.
    pub(crate) fn supersede(&self, at: ConversationId, update_id: i64, by: i64) -> Superseded {
        let mut state = self.lock();
        let Some(lane) = state.lanes.get_mut(&at) else { return Superseded::Gone };
        if lane.running == update_id {
            lane.cut.superseded.store(true, Ordering::Release);
            lane.cut.stop.cancel();
            return Superseded::Cut;
        }
        let Some(place) = lane.waiting.iter_mut().find(|waiting| **waiting == update_id) else {
            return Superseded::Gone;
        };
        *place = by;
        Superseded::Replaced
    }

    /// Stops what runs in a conversation; says which update that is.
    pub(crate) fn stop(&self, at: ConversationId) -> Option<i64> {
        let state = self.lock();
        let lane = state.lanes.get(&at)?;
        lane.cut.stop.cancel();
        Some(lane.running)
    }

    /// Stops what runs in a chat.
    pub(crate) fn stop_chat(&self, chat: ChatId) {
        self.lock()
            .lanes
            .iter()
            .filter(|(at, _)| at.chat == chat)
            .for_each(|(_, lane)| lane.cut.stop.cancel());
    }

    /// A group has another id: who speaks there is in the same conversation as before.
    pub(crate) fn follow(&self, from: ChatId, to: ChatId) {
        let State { lanes, moved, .. } = &mut *self.lock();
        let old: Vec<ConversationId> = lanes.keys().filter(|at| at.chat == from).copied().collect();
        for at in old {
            let new = ConversationId { chat: to, ..at };
            // Where somebody was faster than the news, both run to their end.
            if !lanes.contains_key(&new)
                && let Some(lane) = lanes.remove(&at)
            {
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
        self.lock().lanes.values_mut().for_each(|lane| lane.waiting.clear());
    }

    /// How many updates run.
    pub(crate) fn running(&self) -> usize {
        self.lock().lanes.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::UserId;

    const T0: Timestamp = Timestamp::from_millis(10_000);

    fn at(user: i64) -> ConversationId {
        ConversationId { chat: ChatId(-1), topic: None, user: UserId(user) }
    }

    #[test]
    fn one_runs_three_wait_and_the_next_is_told_so_at_most_thrice() {
        let lanes = Lanes::default();
        assert!(matches!(lanes.enter(at(1), 10, 10, T0), Place::Runs(_)));
        for (id, place) in [(11, 1), (12, 2), (13, 3)] {
            assert!(matches!(lanes.enter(at(1), id, id.unsigned_abs(), T0), Place::Waits(n) if n == place));
        }
        for id in 14..17 {
            assert!(matches!(lanes.enter(at(1), id, id.unsigned_abs(), T0), Place::Full));
        }
        assert!(matches!(lanes.enter(at(1), 17, 17, T0), Place::FullInSilence));
        assert!(matches!(lanes.enter(at(2), 18, 18, T0), Place::Runs(_)));
        assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(11));
        assert!(matches!(lanes.enter(at(1), 19, 19, T0), Place::Waits(3)));
        for id in [12, 13, 19] {
            assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(id));
        }
        assert!(lanes.leave(at(1)).is_none());
        assert_eq!(lanes.running(), 1);
    }

    #[test]
    fn the_same_text_at_once_is_one_question() {
        let lanes = Lanes::default();
        assert!(matches!(lanes.enter(at(1), 1, fingerprint("hi"), T0), Place::Runs(_)));
        let soon = T0 + Duration::from_millis(2999);
        assert!(matches!(lanes.enter(at(1), 2, fingerprint("hi"), soon), Place::Repeated));
        let later = T0 + Duration::from_secs(3);
        assert!(matches!(lanes.enter(at(1), 3, fingerprint("hi"), later), Place::Waits(1)));
        // Also when the first was answered meanwhile.
        assert!(lanes.leave(at(1)).is_some() && lanes.leave(at(1)).is_none());
        let again = |ms| lanes.enter(at(1), 4, fingerprint("hi"), later + Duration::from_millis(ms));
        assert!(matches!(again(2999), Place::Repeated) && matches!(again(3000), Place::Runs(_)));
        for n in 0..4000_u32 {
            let now = later + Duration::from_millis(100) * n;
            lanes.enter(at(100 + i64::from(n)), i64::from(n), 7, now);
            lanes.leave(at(100 + i64::from(n)));
        }
        assert!(lanes.0.lock().expect("no panic").last.len() <= PRUNE_ABOVE);
    }

    #[test]
    fn a_stop_reaches_the_running_one_and_not_the_next() {
        let lanes = Lanes::default();
        let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
        lanes.enter(at(1), 2, 2, T0);
        assert_eq!((lanes.find(1), lanes.find(2)), (Some(at(1)), None));
        assert_eq!(lanes.stop(at(1)), Some(1));
        assert!(first.stop.is_cancelled() && !first.is_superseded());
        let (_, second) = lanes.leave(at(1)).expect("the next");
        assert!(!second.stop.is_cancelled());
        assert_eq!(lanes.stop(at(9)), None);
    }

    #[test]
    fn what_is_asked_in_other_words_is_cut_or_loses_its_place() {
        let lanes = Lanes::default();
        let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
        lanes.enter(at(1), 2, 2, T0);
        lanes.enter(at(1), 3, 3, T0);
        assert_eq!(lanes.supersede(at(1), 2, 9), Superseded::Replaced);
        assert_eq!(lanes.supersede(at(1), 2, 10), Superseded::Gone);
        assert_eq!(lanes.supersede(at(2), 1, 10), Superseded::Gone);
        assert!(!first.is_superseded());
        assert_eq!(lanes.supersede(at(1), 1, 10), Superseded::Cut);
        assert!(first.stop.is_cancelled() && first.is_superseded());
        let (next, second) = lanes.leave(at(1)).expect("the next");
        assert!(next == 9 && !second.stop.is_cancelled() && !second.is_superseded());
        assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(3));
    }

    #[test]
    fn a_lane_goes_along_with_its_group() {
        let lanes = Lanes::default();
        let new = |user| ConversationId { chat: ChatId(-2), ..at(user) };
        let Place::Runs(first) = lanes.enter(at(1), 1, 1, T0) else { panic!("it runs") };
        lanes.enter(at(2), 5, 5, T0);
        lanes.enter(new(2), 6, 6, T0);
        lanes.follow(ChatId(-1), ChatId(-2));
        assert!(matches!(lanes.enter(new(1), 2, 2, T0), Place::Waits(1)));
        assert_eq!((lanes.find(1), lanes.stop(new(1))), (Some(new(1)), Some(1)));
        assert!(first.stop.is_cancelled());
        // What ran leaves where it came in, and so does what waited behind it.
        assert_eq!(lanes.leave(at(1)).map(|(id, _)| id), Some(2));
        assert!(lanes.leave(at(1)).is_none());
        // Two that both run do not become one.
        assert_eq!((lanes.find(5), lanes.find(6)), (Some(at(2)), Some(new(2))));
        assert!(lanes.leave(at(2)).is_none() && lanes.running() == 1);
        assert!(lanes.leave(new(2)).is_none() && lanes.running() == 0);
    }

    #[test]
    fn a_closed_lane_starts_nothing() {
        let lanes = Lanes::default();
        lanes.enter(at(1), 1, 1, T0);
        lanes.enter(at(1), 2, 2, T0);
        lanes.close();
        assert!(lanes.leave(at(1)).is_none());
    }
}

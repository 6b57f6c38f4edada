//! An answer that is being written, as its chat sees it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::config::StreamMode;
use crate::domain::chat::{ChatId, Language, UserId};
use crate::domain::time::Timestamp;
use crate::store::Formatted;
use crate::telegram::budget::{Budget, Purpose};
use crate::telegram::markdown::{Entity, Head, Limits, Rendered, render_growing, utf16_len};
use crate::telegram::stream::{CURSOR, Cadence, DRAFT_EVERY, Step, TELL_WAIT_AFTER, TYPING_EVERY};

/// An answer that comes within this needs no "typing…".
const TYPING_AFTER: Duration = Duration::from_millis(200);
/// A draft that shows text is shown again after this if there is more.
const DRAFT_TEXT_EVERY: Duration = Duration::from_secs(1);
/// A part of a growing text is full when this much more than a message is there, so that its cut stays; in UTF-16 units.
const ROLL_MARGIN: usize = 64;
/// After a failed look at the answer, the next one waits this long.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(4);

/// Where an answer goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    /// The update that asked.
    pub(crate) update_id: i64,
    /// The chat.
    pub(crate) chat: ChatId,
    /// The topic in it.
    pub(crate) topic: Option<i32>,
    /// Who asked.
    pub(crate) user: UserId,
    /// The message that asked, where the answer should point at it.
    pub(crate) reply_to: Option<i64>,
    /// The language of the bot's own words.
    pub(crate) language: Language,
    /// Whether the chat is private, so that it can have drafts.
    pub(crate) is_private: bool,
    /// Whether the answer is a picture: nothing can be read of it while it is made.
    pub(crate) draws: bool,
}

/// An answer that is being written. The handler feeds it, the chat's writer shows it.
pub(crate) struct Live {
    pub(crate) target: Target,
    state: Mutex<State>,
}

/// What the writer does for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sight {
    /// The native "Thinking…", or a text in it.
    Draft(Formatted),
    /// "typing…".
    Typing,
    /// A first message of this part.
    Open(View),
    /// Another text for it.
    Edit(i64, View),
}

/// A text to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct View {
    pub(super) part: u32,
    pub(super) shown: Formatted,
    /// Characters of the answer in it; 0 for words of our own.
    chars: usize,
    /// Whether more of the answer goes into the next part.
    is_full: bool,
}

/// What comes next for one answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// Nothing until something happens.
    Rest,
    /// Nothing before then.
    At(Timestamp),
    /// This, now; its token is taken.
    Do(Sight),
}

struct State {
    mode: StreamMode,
    /// What stands before the text.
    head: Head,
    /// Everything written so far.
    text: String,
    part: u32,
    cadence: Cadence,
    message_id: Option<i64>,
    /// Messages opened before a restart, to be used again.
    known: Vec<(u32, i64)>,
    /// Our own words to show while there is no text, and since when.
    words: Option<(String, Timestamp)>,
    accepted_at: Timestamp,
    not_before: Timestamp,
    ping_at: Timestamp,
    /// How much text there was when the draft was shown last, and when that was.
    drafted: Option<(usize, Timestamp)>,
    /// Closed as soon as its words are shown, and who waits for that.
    only_tells: Option<oneshot::Sender<()>>,
    is_closed: bool,
}

impl Live {
    pub(super) fn new(
        target: Target,
        mode: StreamMode,
        known: Vec<(u32, i64)>,
        head: Head,
        now: Timestamp,
    ) -> Live {
        let mut state = State {
            mode,
            head,
            text: String::new(),
            part: 0,
            cadence: Cadence::default(),
            message_id: None,
            known,
            words: None,
            accepted_at: now,
            not_before: now,
            ping_at: now + TYPING_AFTER,
            drafted: None,
            only_tells: None,
            is_closed: false,
        };
        state.begin_part(0, now);
        Live { target, state: Mutex::new(state) }
    }

    /// More of the answer. True when the writer should look at it.
    pub(super) fn push(&self, text: &str, now: Timestamp) -> bool {
        let mut state = self.lock();
        state.text.push_str(text);
        state.cadence.text_came(now);
        !state.is_closed
    }

    /// A message is open for a part of it.
    pub(super) fn knows(&self, part: u32, message_id: i64) {
        let mut state = self.lock();
        if state.part == part {
            state.message_id.get_or_insert(message_id);
        }
    }

    /// Words of our own to show if the answer is not there when the wait becomes long.
    pub(super) fn tell(&self, words: String, now: Timestamp) {
        let mut state = self.lock();
        let since = state.accepted_at + TELL_WAIT_AFTER;
        state.words = Some((words, since.max(now)));
    }

    /// Words of our own to show at once, if a message is open for them.
    pub(super) fn tell_now(&self, words: String, now: Timestamp) {
        let mut state = self.lock();
        if state.message_id.is_some() {
            state.words = Some((words, now));
        }
    }

    /// Shows these words and nothing else, and is closed then.
    pub(super) fn only_tell(&self, words: String, now: Timestamp) -> oneshot::Receiver<()> {
        let (told, is_told) = oneshot::channel();
        let mut state = self.lock();
        state.words = Some((words, now));
        state.ping_at = Timestamp::NEVER;
        state.only_tells = Some(told);
        is_told
    }

    /// Nothing more is shown; the rows of the answer say the rest.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.only_tells = None;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// What to do now, within the chat's budget.
    pub(super) fn next(&self, budget: &mut Budget, has_drafts: bool, now: Timestamp) -> Next {
        let has_drafts = has_drafts && self.target.is_private && !self.target.draws;
        self.lock().next(budget, has_drafts, now)
    }

    /// The sight was shown; a new message has this id.
    pub(super) fn showed(&self, sight: &Sight, message_id: Option<i64>, now: Timestamp) {
        let mut state = self.lock();
        match sight {
            Sight::Draft(_) => {
                state.ping_at = now + DRAFT_EVERY;
                state.drafted = Some((state.text.len(), now));
            }
            Sight::Typing => state.ping_at = now + TYPING_EVERY,
            Sight::Open(view) | Sight::Edit(_, view) => {
                state.message_id = message_id.or(state.message_id);
                state.cadence.showed(view.chars, now);
                if view.chars == 0 {
                    state.words = None;
                    state.is_closed |= state.only_tells.take().is_some();
                }
                if view.is_full {
                    let part = state.part + 1;
                    state.begin_part(part, now);
                    state.cadence.text_came(now);
                }
            }
        }
    }

    /// Showing failed: nothing is tried for a while. A message that is gone is not edited again.
    pub(super) fn failed(&self, sight: &Sight, is_gone: bool, now: Timestamp) {
        let mut state = self.lock();
        match sight {
            Sight::Draft(_) | Sight::Typing => state.ping_at = now + TYPING_EVERY,
            Sight::Open(_) | Sight::Edit(..) => state.not_before = now + PAUSE_AFTER_FAILURE,
        }
        if is_gone {
            state.is_closed = true;
            state.only_tells = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin_part(&mut self, part: u32, now: Timestamp) {
        self.part = part;
        self.cadence = Cadence::default();
        self.message_id = self.known.iter().find(|(known, _)| *known == part).map(|(_, id)| *id);
        if self.message_id.is_some() {
            self.cadence.showed(0, now);
        }
    }

    fn next(&mut self, budget: &mut Budget, has_drafts: bool, now: Timestamp) -> Next {
        if self.is_closed {
            return Next::Rest;
        }
        if let Some(until) = budget.paused_until(now) {
            return Next::At(until);
        }
        let ping = self.ping(has_drafts, now);
        if let Next::Do(_) = ping {
            return ping;
        }
        let sight = if self.mode == StreamMode::Off || (self.mode == StreamMode::Draft && has_drafts) {
            Next::Rest
        } else {
            self.message(budget, now)
        };
        match (ping, sight) {
            (Next::At(ping), Next::At(sight)) => Next::At(ping.min(sight)),
            (Next::At(at), Next::Rest) => Next::At(at),
            (_, sight) => sight,
        }
    }

    /// The sign of life while nothing can be read.
    fn ping(&self, has_drafts: bool, now: Timestamp) -> Next {
        let in_draft = has_drafts && self.mode == StreamMode::Draft;
        if self.message_id.is_some() || self.cadence.is_open() || (!self.text.is_empty() && !in_draft) {
            return Next::Rest;
        }
        let due = match self.drafted {
            // There is more than the draft shows.
            Some((bytes, at)) if in_draft && bytes < self.text.len() => at + DRAFT_TEXT_EVERY,
            _ => self.ping_at,
        };
        if now < due {
            return Next::At(due);
        }
        if has_drafts && matches!(self.mode, StreamMode::Auto | StreamMode::Draft) {
            let view = if in_draft { self.view() } else { None };
            return Next::Do(Sight::Draft(view.map(|view| view.shown).unwrap_or_default()));
        }
        Next::Do(Sight::Typing)
    }

    fn message(&mut self, budget: &mut Budget, now: Timestamp) -> Next {
        // Rendering a long text is worth it only where it could be shown.
        if now < self.not_before {
            return Next::At(self.not_before);
        }
        let due = self.due(now);
        let purpose = match &due {
            Next::Do(Sight::Open(_)) => Purpose::Opening,
            Next::Do(_) => Purpose::Glimpse,
            Next::At(_) | Next::Rest => return due,
        };
        if let Err(ready) = budget.take(purpose, now) {
            self.not_before = ready;
            return Next::At(ready);
        }
        due
    }

    /// What is due, whatever the budget.
    fn due(&self, now: Timestamp) -> Next {
        if self.text.is_empty() {
            return match &self.words {
                None => Next::Rest,
                Some((_, since)) if now < *since => Next::At(*since),
                Some((words, _)) => {
                    let shown = Formatted { text: words.clone(), entities: Vec::new() };
                    self.sight(View { part: self.part, shown, chars: 0, is_full: false })
                }
            };
        }
        if let Some(at) = self.cadence.pause_until(now) {
            return Next::At(at);
        }
        // Of this part there may be nothing yet that is worth showing.
        let Some(view) = self.view() else { return Next::Rest };
        match self.cadence.next(&view.shown.text, view.chars, now) {
            // What fills a message is shown although little of it may be new.
            Step::Rest if view.is_full => self.sight(view),
            Step::Rest => Next::Rest,
            Step::WaitUntil(at) => Next::At(at),
            Step::Open | Step::Edit => self.sight(view),
        }
    }

    fn sight(&self, view: View) -> Next {
        Next::Do(match self.message_id {
            Some(id) => Sight::Edit(id, view),
            None => Sight::Open(view),
        })
    }

    /// The current part of the text, marked as unfinished.
    fn view(&self) -> Option<View> {
        let limits = Limits::default();
        // What has more parts than this becomes a file.
        let part = usize::try_from(self.part).ok().filter(|part| *part < limits.parts)?;
        let mut parts = render_growing(&self.head.before(&self.text), limits).into_iter();
        let shown = parts.nth(part)?;
        let behind: usize = parts.map(|part| utf16_len(&part.text)).sum();
        let chars = shown.text.chars().count();
        let mut shown = Formatted::from(shown);
        shown.text.push_str(CURSOR);
        Some(View { part: self.part, shown, chars, is_full: behind > ROLL_MARGIN })
    }
}

impl From<Rendered> for Formatted {
    fn from(rendered: Rendered) -> Formatted {
        let entities = rendered.entities.iter().map(Entity::to_value).collect();
        Formatted { text: rendered.text, entities }
    }
}

#[cfg(test)]
mod tests;

//! What the rest of the shell holds of the outbox.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::live::{Live, Target};
use super::queue::{Act, ChatQueue, Job};
use super::writer;
use crate::clock::Clock;
use crate::config::{LiveConfig, StreamMode};
use crate::domain::chat::{ChatId, Language, UserId};
use crate::store::{OutboxRow, PendingRow, Store, StoreError};
use crate::telegram::api::{Api, Feature};
use crate::telegram::budget::Budget;
use crate::telegram::markdown::Head;
use crate::telegram::texts::Texts;
use crate::telemetry::Vitals;

/// How often it is looked for rows that others put in: notices of the gateway.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// Words that are shown once are given up after this.
const TELL_WITHIN: Duration = Duration::from_secs(2);
/// Chats kept before the idle ones are forgotten.
const PRUNE_ABOVE: usize = 1024;
/// Languages kept before all are forgotten.
const MAX_LANGUAGES: usize = 1024;

/// All that svs says. Clones share it.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Shared>);

/// What the writers share.
pub(super) struct Shared {
    pub(super) api: Api,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) texts: Texts,
    config: LiveConfig,
    pub(super) vitals: Vitals,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    chats: HashMap<ChatId, Chat>,
    /// Rows that are not done.
    rows: u32,
    /// Chats kept after the last pruning.
    pruned_to: usize,
    /// Groups that became supergroups.
    moved: HashMap<ChatId, ChatId>,
    /// Chats in which we may not speak.
    left: HashSet<ChatId>,
    /// The languages of some who were just seen; the store knows those of all it knows.
    languages: HashMap<UserId, Language>,
}

struct Chat {
    queue: ChatQueue,
    /// Wakes the writer; none: there is no writer.
    writer: Option<Arc<Notify>>,
}

impl Outbox {
    pub(crate) fn new(
        api: Api,
        store: Store,
        clock: Clock,
        texts: Texts,
        config: LiveConfig,
        vitals: Vitals,
    ) -> Outbox {
        Outbox(Arc::new(Shared { api, store, clock, texts, config, vitals, state: Mutex::default() }))
    }

    /// Takes up what was not said before the last end.
    pub(crate) async fn resume(&self) -> Result<usize, StoreError> {
        let (moved, rows) = self.0.store.read(|tx| Ok((tx.moved_chats()?, tx.pending_rows()?))).await?;
        self.0.lock().moved.extend(moved);
        let count = rows.len();
        self.0.push_all(rows);
        Ok(count)
    }

    /// Says the rows of an update, which are committed.
    pub(crate) async fn deliver(&self, update_id: i64) -> Result<(), StoreError> {
        let rows = self.0.store.read(move |tx| tx.pending_rows_of(Some(update_id))).await?;
        self.0.push_all(rows);
        Ok(())
    }

    /// Says one row again that was revised.
    pub(crate) async fn deliver_row(&self, id: i64) -> Result<(), StoreError> {
        let row = self.0.store.read(move |tx| tx.pending_row(id)).await?;
        self.0.push_all(row.into_iter().collect());
        Ok(())
    }

    /// Says what others put in, for ever.
    pub(crate) async fn sweep(&self) {
        loop {
            self.0.vitals.says_by(self.0.clock.now() + SWEEP_EVERY);
            match self.0.store.read(|tx| tx.pending_rows_of(None)).await {
                Ok(rows) => self.0.push_all(rows),
                Err(StoreError::Closed) => return,
                Err(error) => tracing::error!(%error, "the outbox cannot be read"),
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// An answer begins; `known` are the messages that were opened for it before a restart.
    pub(crate) fn begin(&self, target: Target, known: Vec<(u32, i64)>, head: Head) -> Arc<Live> {
        let live = Arc::new(Live::new(
            target,
            self.0.config.current().telegram.stream,
            known,
            head,
            self.0.clock.now(),
        ));
        if self.has_left(target.chat) {
            live.close();
        }
        self.0.with_queue(target.chat, |queue| queue.begin(Arc::clone(&live)));
        self.0.wake(target.chat);
        live
    }

    /// More of an answer.
    pub(crate) fn push(&self, live: &Live, text: &str) {
        if live.push(text, self.0.clock.now()) {
            self.0.wake(live.target.chat);
        }
    }

    /// Words of our own, shown in the place of the answer if it does not come soon.
    pub(crate) fn tell_waiting(&self, live: &Live, words: String) {
        live.tell(words, self.0.clock.now());
        self.0.wake(live.target.chat);
    }

    /// Words of our own, shown at once and once, in the place of an answer that nobody writes yet. Done when they were
    /// shown, or could not be.
    pub(crate) async fn tell_once(&self, target: Target, known: Vec<(u32, i64)>, words: String) {
        if self.0.config.current().telegram.stream == StreamMode::Off || self.has_left(target.chat) {
            return;
        }
        let now = self.0.clock.now();
        let live = Arc::new(Live::new(target, StreamMode::Edit, known, Head::default(), now));
        let is_told = live.only_tell(words, now);
        self.0.with_queue(target.chat, |queue| queue.begin(Arc::clone(&live)));
        self.0.wake(target.chat);
        // A chat may be on a pause; what is not told is not missed.
        let _ = tokio::time::timeout(TELL_WITHIN, is_told).await;
        live.close();
    }

    /// The language of what is said to somebody.
    pub(crate) async fn language_of(&self, user: UserId) -> Language {
        self.0.language_of(Some(user)).await
    }

    /// Words of our own, shown at once in a message that is already open.
    pub(crate) fn tell_now(&self, live: &Live, words: String) {
        live.tell_now(words, self.0.clock.now());
        self.0.wake(live.target.chat);
    }

    /// The answer is whole, or there is none: its rows say the rest.
    pub(crate) fn end(&self, live: &Live) {
        live.close();
        // Many may end at once: their writers need not sleep until they would have looked again.
        if let Some(writer) = self.0.wake_of(live.target.chat) {
            writer.notify_one();
        }
    }

    /// Remembers in which language somebody's notices are.
    pub(crate) fn learn_language(&self, user: UserId, language: Language) {
        let mut state = self.0.lock();
        if state.languages.len() >= MAX_LANGUAGES {
            state.languages.clear();
        }
        state.languages.insert(user, language);
    }

    /// How many chats are remembered.
    #[cfg(test)]
    pub(crate) fn chats(&self) -> usize {
        self.0.lock().chats.len()
    }

    /// A group has another id now.
    pub(crate) fn follow(&self, from: ChatId, to: ChatId) {
        self.0.moved(from, to);
    }

    /// The id that a chat has now.
    pub(crate) fn current(&self, chat: ChatId) -> ChatId {
        self.0.current(chat)
    }

    /// Whether we may not speak in a chat.
    pub(crate) fn has_left(&self, chat: ChatId) -> bool {
        self.0.lock().left.contains(&chat)
    }

    /// We may speak in a chat.
    pub(crate) fn enter(&self, chat: ChatId) {
        self.0.lock().left.remove(&chat);
    }

    /// We may not speak in a chat any more: what was to be said there is not said.
    pub(crate) fn leave(&self, chat: ChatId) {
        self.0.lock().left.insert(chat);
        let closed = self.0.with_queue(chat, ChatQueue::close);
        for job in &closed {
            self.0.store_done(job);
        }
        self.0.row_ended(u32::try_from(closed.len()).unwrap_or(u32::MAX));
    }

    /// Waits until everything is said, at most so long. Says whether it is.
    pub(crate) async fn drain(&self, longest: Duration) -> bool {
        let until = self.0.clock.now() + longest;
        while self.0.lock().rows > 0 {
            if self.0.clock.now() >= until {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }
}

impl Shared {
    /// One more row for its chat, wherever that is now.
    pub(super) fn push(self: &Arc<Self>, mut row: PendingRow) {
        let chat = self.current(row.row.chat);
        if chat != row.row.chat {
            // The ids of messages have begun anew there.
            row.row = OutboxRow { chat, message_id: None, reply_to: None, ..row.row };
        }
        if self.lock().left.contains(&chat) {
            return self.store_done(&Job::new(row));
        }
        if self.with_queue(chat, |queue| queue.push(row)) {
            self.lock().rows += 1;
            self.publish();
            self.wake(chat);
        }
    }

    fn push_all(self: &Arc<Self>, rows: Vec<PendingRow>) {
        for row in rows {
            self.push(row);
        }
    }

    /// What the writer of this chat does next; none: the writer ends.
    pub(super) fn next(&self, chat: ChatId) -> Option<Act> {
        let has_drafts = self.api.has(Feature::Draft);
        let now = self.clock.now();
        let mut state = self.lock();
        let entry = state.chats.get_mut(&chat)?;
        match entry.queue.next(has_drafts, now) {
            Act::Rest => {
                entry.writer = None;
                None
            }
            act => Some(act),
        }
    }

    pub(super) fn wake_of(&self, chat: ChatId) -> Option<Arc<Notify>> {
        self.lock().chats.get(&chat).and_then(|entry| entry.writer.clone())
    }

    /// Makes sure that the writer looks at this chat.
    pub(super) fn wake(self: &Arc<Self>, chat: ChatId) {
        let mut state = self.lock();
        let Some(entry) = state.chats.get_mut(&chat) else { return };
        if let Some(writer) = &entry.writer {
            writer.notify_one();
            return;
        }
        entry.writer = Some(Arc::new(Notify::new()));
        drop(state);
        tokio::spawn(writer::write(Arc::clone(self), chat));
    }

    pub(super) fn with_queue<R>(&self, chat: ChatId, f: impl FnOnce(&mut ChatQueue) -> R) -> R {
        let now = self.clock.now();
        let mut state = self.lock();
        if state.chats.len() > PRUNE_ABOVE.max(2 * state.pruned_to) && !state.chats.contains_key(&chat) {
            state.chats.retain(|_, chat| chat.writer.is_some() || !chat.queue.is_idle(now));
            state.pruned_to = state.chats.len();
        }
        let entry = state.chats.entry(chat).or_insert_with(|| {
            let telegram = &self.config.current().telegram;
            let pace = if chat.0 < 0 { telegram.group_pace } else { telegram.private_pace };
            Chat { queue: ChatQueue::new(Budget::full(pace, now)), writer: None }
        });
        f(&mut entry.queue)
    }

    /// The language of what is said to somebody.
    pub(super) async fn language_of(&self, user: Option<UserId>) -> Language {
        let fallback = self.config.current().telegram.language.unwrap_or_default();
        let Some(user) = user else { return fallback };
        if let Some(language) = self.lock().languages.get(&user) {
            return *language;
        }
        let stored = self.store.read(move |tx| tx.user(user)).await;
        stored.ok().flatten().and_then(|user| user.language.or(user.seen_language)).unwrap_or(fallback)
    }

    /// A chat got another id: from now on in all that is stored, too.
    pub(super) fn moved(&self, from: ChatId, to: ChatId) {
        let mut state = self.lock();
        if from == to || state.moved.insert(from, to) == Some(to) {
            return;
        }
        // It may not have been the first time.
        state.moved.values_mut().filter(|moved| **moved == from).for_each(|moved| *moved = to);
        drop(state);
        tracing::info!(
            "a group became a supergroup; what was kept under its old id is kept under the new one"
        );
        self.store.later(move |tx| tx.move_chat(from, to));
    }

    /// One row is done.
    pub(super) fn row_ended(&self, rows: u32) {
        {
            let mut state = self.lock();
            state.rows = state.rows.saturating_sub(rows);
        }
        self.publish();
    }

    fn publish(&self) {
        self.vitals.set_outbox(self.lock().rows);
    }

    fn current(&self, chat: ChatId) -> ChatId {
        self.lock().moved.get(&chat).copied().unwrap_or(chat)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

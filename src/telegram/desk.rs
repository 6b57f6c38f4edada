//! The desk: where every update gets its place, its turn and its end.
//!
//! An update is new in the inbox when it comes here. What overtakes is begun at once; the rest stands in the lane of
//! its conversation. An update whose handler panics harms only itself, and is parked after three tries.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::api::{Api, Feature, Me, SetMessageReaction};
use super::handlers;
use super::intake::{Body, Kind, Message, Sender, Update, read};
use super::lane::{Lanes, Place, WAITING, fingerprint};
use super::outbox::Outbox;
use super::texts::Texts;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::chat::{ConversationId, Notice};
use crate::domain::time::{Calendar, Timestamp};
use crate::gateway::Gateway;
use crate::store::{Content, Ending, MAX_ATTEMPTS, OutboxRow, Store, StoreError, User};
use crate::telemetry::Vitals;

/// An edit of the latest question within this asks it again.
const EDIT_WITHIN: Duration = Duration::from_mins(2);
/// The pause before an update is tried again when the store fails.
const AFTER_STORE_ERROR: Duration = Duration::from_secs(5);

/// Everything a handler needs.
pub(crate) struct Desk {
    pub(super) api: Api,
    pub(super) me: Me,
    pub(super) config: Arc<Config>,
    pub(super) gateway: Gateway,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) calendar: Calendar,
    pub(super) texts: Texts,
    pub(super) outbox: Outbox,
    pub(super) vitals: Vitals,
    pub(super) lanes: Lanes,
    /// No new turn begins once this is cancelled.
    pub(super) shutdown: CancellationToken,
    memo: Mutex<Memo>,
}

/// What is worth remembering for minutes.
#[derive(Default)]
struct Memo {
    /// The latest question of a conversation: its message, its update, when.
    asked: HashMap<ConversationId, (i64, i64, Timestamp)>,
    /// Albums that were answered.
    albums: VecDeque<String>,
}

/// One turn of one update.
pub(super) struct Turn {
    pub(super) update_id: i64,
    pub(super) message: Box<Message>,
    /// What is stored of the person who wrote it.
    pub(super) stored: Option<User>,
    /// How often it was begun, this time included.
    pub(super) attempt: u32,
    pub(super) cancel: CancellationToken,
    pub(super) headed_since: Timestamp,
}

impl Desk {
    #[expect(clippy::too_many_arguments, reason = "built in one place")]
    pub(super) fn new(
        api: Api,
        me: Me,
        config: Arc<Config>,
        gateway: Gateway,
        store: Store,
        clock: Clock,
        texts: Texts,
        outbox: Outbox,
        vitals: Vitals,
        shutdown: CancellationToken,
    ) -> Arc<Desk> {
        let calendar = crate::clock::pacific_calendar(clock.now());
        let (lanes, memo) = (Lanes::default(), Mutex::default());
        Arc::new(Desk {
            api,
            me,
            config,
            gateway,
            store,
            clock,
            calendar,
            texts,
            outbox,
            vitals,
            lanes,
            shutdown,
            memo,
        })
    }

    /// Takes up the updates that had not ended when the process did, in the order of their arrival.
    pub(super) async fn resume(self: &Arc<Desk>) -> Result<usize, StoreError> {
        let pending = self.store.read(|tx| tx.pending()).await?;
        let count = pending.len();
        for row in pending {
            match read(&row.incoming.raw, &self.me) {
                // It was begun before: the body is not handed on, so that the attempt is counted first.
                Some(update) => self.place(update, row.attempts > 0),
                None => self.end(row.incoming.update_id, Ending::Dropped("unreadable")),
            }
        }
        Ok(count)
    }

    /// Gives an update its place. It is in the inbox.
    pub(super) fn place(self: &Arc<Desk>, update: Update, was_begun: bool) {
        let id = update.update_id;
        match update.kind {
            Kind::Dropped(rule) => self.end(id, Ending::Dropped(rule)),
            Kind::Message(message) => self.place_message(id, message, was_begun),
            Kind::Pressed(press) => {
                let desk = Arc::clone(self);
                tokio::spawn(async move { handlers::press(&desk, id, *press).await });
            }
            Kind::DraftStopped(at) => {
                self.lanes.stop(at);
                self.end(id, Ending::Answered);
            }
            Kind::Migrated { from, to } => {
                self.outbox.follow(from, to);
                self.end(id, Ending::Dropped("migrated"));
            }
        }
    }

    fn place_message(self: &Arc<Desk>, id: i64, message: Box<Message>, was_begun: bool) {
        let at = message.conversation();
        if let Some(rule) = self.drops(&message, was_begun) {
            return self.end(id, Ending::Dropped(rule));
        }
        let hand_on = |message| if was_begun { None } else { Some(message) };
        if matches!(message.body, Body::Command(command, _) if command.overtakes()) {
            let desk = Arc::clone(self);
            tokio::spawn(desk.run(id, None, hand_on(message), CancellationToken::new()));
            return;
        }
        let text = match &message.body {
            // Edits differ from what they edit even where the text does not.
            Body::Text(text) if !message.is_edit => fingerprint(text),
            _ => id.unsigned_abs(),
        };
        match self.lanes.enter(at, id, text, self.clock.now()) {
            Place::Runs(cancel) => {
                tokio::spawn(Arc::clone(self).run(id, Some(at), hand_on(message), cancel));
            }
            Place::Waits(position) => {
                tokio::spawn(Arc::clone(self).acknowledge(message, position));
            }
            Place::Full => {
                let notice = Notice::TooManyQueued { capacity: WAITING };
                let row = Desk::row(Some(id), &message, Content::Notice(notice));
                let desk = Arc::clone(self);
                tokio::spawn(async move { desk.finish_logged(id, vec![row], Ending::Refused).await });
            }
            Place::FullInSilence => self.end(id, Ending::Dropped("burst")),
            Place::Repeated => self.end(id, Ending::Dropped("repeated")),
        }
    }

    /// The rule by which a message needs no turn, if there is one.
    fn drops(&self, message: &Message, was_begun: bool) -> Option<&'static str> {
        let mut memo = self.memo();
        if let Body::Media { album: Some(album), .. } = &message.body {
            if memo.albums.contains(album) && !was_begun {
                return Some("album");
            }
            memo.albums.truncate(63);
            memo.albums.push_front(album.clone());
        }
        if !message.is_edit || was_begun {
            return None;
        }
        let now = self.clock.now();
        let asked = memo.asked.get(&message.conversation());
        let is_latest =
            asked.is_some_and(|(of, _, at)| *of == message.message_id && now.since(*at) < EDIT_WITHIN);
        (!is_latest || !matches!(message.body, Body::Text(_))).then_some("edited")
    }

    /// Remembers a question as the latest of its conversation; says which update asked it before, if it was edited.
    pub(super) fn asks(&self, update_id: i64, message: &Message) -> Option<i64> {
        let now = self.clock.now();
        let mut memo = self.memo();
        if memo.asked.len() >= 1024 {
            memo.asked.retain(|_, (_, _, at)| now.since(*at) < EDIT_WITHIN);
        }
        let before = memo.asked.insert(message.conversation(), (message.message_id, update_id, now));
        before.filter(|(of, ..)| message.is_edit && *of == message.message_id).map(|(_, update, _)| update)
    }

    /// Runs an update and then what waits behind it in its lane.
    async fn run(
        self: Arc<Desk>,
        update_id: i64,
        lane: Option<ConversationId>,
        message: Option<Box<Message>>,
        cancel: CancellationToken,
    ) {
        let mut guard = Guard { desk: Arc::clone(&self), update_id, lane, is_over: false };
        let mut message = message;
        loop {
            let taken = message.take();
            match self.turn(update_id, taken, cancel.clone()).await {
                Ok(()) | Err(StoreError::Closed) => break,
                Err(error) => tracing::error!(%error, update_id, "an update waits for the store"),
            }
            tokio::time::sleep(AFTER_STORE_ERROR).await;
        }
        guard.is_over = true;
    }

    async fn turn(
        self: &Arc<Desk>,
        update_id: i64,
        message: Option<Box<Message>>,
        cancel: CancellationToken,
    ) -> Result<(), StoreError> {
        let (attempt, message, stored) = if let Some(message) = message {
            // Who it is, is read first: a read behind a write would wait for its commit.
            let stored = self.stored(&message).await?;
            self.store.later(move |tx| tx.begin_attempt(update_id).map(|_| ()));
            (1, message, stored)
        } else {
            let begun = self
                .store
                .commit(move |tx| Ok((tx.begin_attempt(update_id)?, tx.pending_update(update_id)?)))
                .await?;
            let (attempt, Some(row)) = begun else { return Ok(()) };
            let Some(Update { kind: Kind::Message(message), .. }) = read(&row.incoming.raw, &self.me) else {
                self.end(update_id, Ending::Dropped("unreadable"));
                return Ok(());
            };
            let stored = self.stored(&message).await?;
            (attempt, message, stored)
        };
        if attempt > MAX_ATTEMPTS {
            return self.park(update_id, &message).await;
        }
        let headed_since = self.clock.now();
        handlers::message(self, Turn { update_id, message, stored, attempt, cancel, headed_since }).await
    }

    /// What is stored of the person who wrote a message.
    async fn stored(&self, message: &Message) -> Result<Option<User>, StoreError> {
        let Sender { id, is_anonymous, .. } = message.sender;
        if is_anonymous {
            return Ok(None);
        }
        self.store.read(move |tx| tx.user(id)).await
    }

    /// Ends an update that nobody survives.
    async fn park(&self, update_id: i64, message: &Message) -> Result<(), StoreError> {
        tracing::error!(
            update_id,
            "an update is parked: it was begun {MAX_ATTEMPTS} times without coming to an end"
        );
        let reference = crate::domain::chat::RequestRef(format!("{:X}", update_id & 0xF_FFFF));
        let row = Desk::row(Some(update_id), message, Content::Notice(Notice::Internal { reference }));
        self.finish(update_id, vec![row], Ending::Dropped("parked")).await
    }

    /// Shows that a question has its place in the line.
    async fn acknowledge(self: Arc<Desk>, message: Box<Message>, position: u32) {
        let reaction = SetMessageReaction::new(message.chat.id.0, message.message_id, "👀");
        if self.api.try_call(Feature::Reaction, &reaction).await.is_ok() {
            return;
        }
        let notice = Notice::Queued { position, capacity: WAITING };
        let row = Desk::row(None, &message, Content::Notice(notice));
        if let Err(error) = self.store.commit(move |tx| tx.put_rows(&[row])).await {
            tracing::error!(%error, "a notice could not be stored");
        }
    }

    /// A row that answers a message.
    pub(super) fn row(update_id: Option<i64>, message: &Message, content: Content) -> OutboxRow {
        OutboxRow {
            update_id,
            part: 0,
            chat: message.chat.id,
            topic: message.topic,
            user: Some(message.sender.id),
            reply_to: (!message.chat.is_private).then_some(message.message_id),
            content,
            message_id: None,
        }
    }

    /// Ends an update with what is said to it: one commit, then the outbox says it.
    pub(super) async fn finish(
        &self,
        id: i64,
        rows: Vec<OutboxRow>,
        ending: Ending,
    ) -> Result<(), StoreError> {
        let is_said = !rows.is_empty();
        self.store
            .commit(move |tx| {
                if tx.finish(id, ending)? {
                    tx.put_rows(&rows)?;
                }
                Ok(())
            })
            .await?;
        if is_said { self.outbox.deliver(id).await } else { Ok(()) }
    }

    async fn finish_logged(&self, id: i64, rows: Vec<OutboxRow>, ending: Ending) {
        if let Err(error) = self.finish(id, rows, ending).await {
            tracing::error!(%error, update_id = id, "an update could not be ended");
        }
    }

    /// Ends an update to which nothing is said.
    pub(super) fn end(&self, id: i64, ending: Ending) {
        self.store.later(move |tx| tx.finish(id, ending).map(|_| ()));
    }

    fn memo(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands the lane on when a turn is over, and begins it again when it panicked.
struct Guard {
    desk: Arc<Desk>,
    update_id: i64,
    lane: Option<ConversationId>,
    is_over: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let desk = Arc::clone(&self.desk);
        if !self.is_over {
            if !std::thread::panicking() {
                // The runtime is being dropped; the inbox keeps the update.
                return;
            }
            tracing::error!(update_id = self.update_id, "the handler of an update panicked");
            runtime.spawn(desk.run(self.update_id, self.lane, None, CancellationToken::new()));
            return;
        }
        let Some(at) = self.lane else { return };
        if let Some((next, cancel)) = desk.lanes.leave(at) {
            runtime.spawn(desk.run(next, Some(at), None, cancel));
        }
    }
}

//! The desk: where every update gets its place and its end.
//!
//! An update is new in the inbox when it comes here. What overtakes is begun at once; the rest stands in the lane of
//! its conversation.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::albums::Albums;
use super::api::{Api, Feature, Me, SetMessageReaction};
use super::button::Pressed;
use super::claim::Claim;
use super::door::{Door, Refusals};
use super::enclosed::album;
use super::handlers;
use super::intake::{Body, Kind, Message, Press, Update};
use super::lane::{Cut, EDIT_WITHIN, Lanes, Latest, Place, Superseded, WAITING, fingerprint};
use super::outbox::Outbox;
use super::texts::Texts;
use super::turn::ARRIVING;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::chat::{ConversationId, Notice};
use crate::domain::time::Calendar;
use crate::gateway::Gateway;
use crate::store::{Content, Ending, OutboxRow, Store, StoreError};
use crate::telemetry::Vitals;

/// Everything a handler needs.
pub(crate) struct Desk {
    pub(super) api: Api,
    pub(super) me: Me,
    pub(super) gateway: Gateway,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) calendar: Calendar,
    pub(super) texts: Texts,
    pub(super) outbox: Outbox,
    pub(super) vitals: Vitals,
    pub(super) lanes: Lanes,
    pub(super) claim: Claim,
    pub(super) door: Door,
    pub(super) refusals: Refusals,
    pub(super) albums: Albums,
    /// No new turn begins once this is cancelled.
    pub(super) shutdown: CancellationToken,
    /// The latest order of an owner.
    orders: Mutex<Option<JoinHandle<()>>>,
}

impl Desk {
    #[expect(clippy::too_many_arguments, reason = "built in one place")]
    pub(super) fn new(
        api: Api,
        me: Me,
        gateway: Gateway,
        store: Store,
        clock: Clock,
        texts: Texts,
        outbox: Outbox,
        vitals: Vitals,
        shutdown: CancellationToken,
    ) -> Arc<Desk> {
        let calendar = crate::clock::pacific_calendar(clock.now());
        let is_unowned = gateway.owners().is_empty();
        let claim = if is_unowned { Claim::open().unwrap_or_default() } else { Claim::default() };
        Arc::new(Desk {
            api,
            me,
            gateway,
            store,
            clock,
            calendar,
            texts,
            outbox,
            vitals,
            lanes: Lanes::default(),
            claim,
            door: Door::default(),
            refusals: Refusals::default(),
            albums: Albums::default(),
            shutdown,
            orders: Mutex::default(),
        })
    }

    /// The configuration in force.
    pub(super) fn config(&self) -> Arc<Config> {
        self.gateway.config()
    }

    /// Takes up the updates that had not ended when the process did, in the order of their arrival.
    pub(super) async fn resume(self: &Arc<Desk>) -> Result<usize, StoreError> {
        let pending = self.store.read(|tx| tx.pending()).await?;
        let count = pending.len();
        for (nth, row) in pending.into_iter().enumerate() {
            if nth % ARRIVING == 0 {
                self.let_arrive().await;
            }
            match self.read(&row.incoming.raw) {
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
            Kind::Message(message) => {
                // Who hears of a chat is in it.
                self.outbox.enter(message.chat.id);
                self.place_message(id, message, was_begun);
            }
            Kind::Pressed(press) => self.place_press(id, press, was_begun),
            Kind::DraftStopped { at, draft } => {
                let is_draft_of = |running: &ConversationId| running.chat == at.chat;
                let running = match draft {
                    Some(draft) => self.lanes.find(draft).filter(is_draft_of),
                    None => Some(at),
                };
                running.and_then(|at| self.stop(at));
                self.end(id, Ending::Answered);
            }
            Kind::Migrated { from, to } => self.follow(id, from, to),
            Kind::Membership { chat, can_speak } => self.member(id, chat, can_speak),
        }
    }

    fn place_message(self: &Arc<Desk>, id: i64, message: Box<Message>, was_begun: bool) {
        let at = message.conversation();
        if let Some(rule) = self.drops(&message, was_begun) {
            return self.end(id, Ending::Dropped(rule));
        }
        let hand_on = |message| if was_begun { None } else { Some(Kind::Message(message)) };
        if let Body::Command(command, _) = message.body
            && command.overtakes()
        {
            let run = Arc::clone(self).run(id, None, hand_on(message), Cut::default(), None);
            self.begin_beside(run, command.is_order());
            return;
        }
        if message.is_edit {
            if self.supersede(id, &message) {
                return;
            }
        } else if !self.gather(id, &message) {
            return;
        }
        let text = match &message.body {
            // Edits differ from what they edit even where the text does not.
            Body::Text(text) if !message.is_edit => fingerprint(text),
            _ => id as u32,
        };
        match self.lanes.enter(at, id, text, self.clock.now()) {
            Place::Runs(cut) => {
                self.note_new(id, &message);
                tokio::spawn(Arc::clone(self).run(id, Some(at), hand_on(message), cut, None));
            }
            Place::Waits(position) => {
                self.note_new(id, &message);
                tokio::spawn(Arc::clone(self).acknowledge(message, position));
            }
            Place::Full => {
                tokio::spawn(Arc::clone(self).refuse(id, message));
            }
            Place::FullInSilence => {
                self.abandon_album(&message);
                self.end(id, Ending::Dropped("burst"));
            }
            Place::Repeated => self.end(id, Ending::Dropped("repeated")),
        }
    }

    fn place_press(self: &Arc<Desk>, id: i64, press: Box<Press>, was_begun: bool) {
        let hand_on = |press| if was_begun { None } else { Some(Kind::Pressed(press)) };
        let in_order = matches!(Pressed::read(&press.data), Some(Pressed::OfRow { in_order: true, .. }));
        let Some(at) = press.conversation.filter(|_| in_order) else {
            tokio::spawn(Arc::clone(self).run(id, None, hand_on(press), Cut::default(), None));
            return;
        };
        let desk = Arc::clone(self);
        match self.lanes.enter(at, id, id as u32, self.clock.now()) {
            Place::Runs(cut) => {
                tokio::spawn(desk.run(id, Some(at), hand_on(press), cut, None));
            }
            Place::Waits(position) => {
                let notice = Notice::Queued { position, capacity: WAITING };
                tokio::spawn(async move { handlers::answer_press(&desk, &press, notice).await });
            }
            Place::Full | Place::FullInSilence | Place::Repeated => {
                let notice = Notice::TooManyQueued { capacity: WAITING };
                self.end(id, Ending::Refused(notice.reason()));
                tokio::spawn(async move { handlers::answer_press(&desk, &press, notice).await });
            }
        }
    }

    /// Begins what waits for no answer. Orders run one after another: the later one stands.
    fn begin_beside(&self, run: impl Future<Output = ()> + Send + 'static, is_order: bool) {
        if !is_order {
            tokio::spawn(run);
            return;
        }
        let mut latest = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let before = latest.take();
        *latest = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // One that panicked is over as well.
                let _ = before.await;
            }
            run.await;
        }));
    }

    /// The rule by which a message needs no turn, if there is one.
    fn drops(&self, message: &Message, was_begun: bool) -> Option<&'static str> {
        if !message.is_for_us && (message.is_edit || album(message).is_none()) {
            return Some("not_addressed");
        }
        if !message.is_edit || was_begun {
            return None;
        }
        let Some(text) = message.question() else { return Some("edited") };
        if message.date.since(message.written) > EDIT_WITHIN {
            return Some("edited");
        }
        // What is not known here is known to the store, when its turn comes.
        let latest = self.lanes.latest(message.conversation());
        latest
            .is_some_and(|latest| latest.message_id != message.message_id || latest.text == fingerprint(text))
            .then_some("edited")
    }

    /// An edit cuts the answer to what it changes, or takes its place if that still waits: then it has a place.
    fn supersede(self: &Arc<Desk>, id: i64, message: &Message) -> bool {
        let at = message.conversation();
        let Some(latest) = self.lanes.latest(at) else { return false };
        match self.lanes.supersede(at, latest.update_id, id) {
            Superseded::Replaced => {
                self.end(latest.update_id, Ending::Dropped("edited"));
                self.note(id, message);
                true
            }
            Superseded::Cut => {
                self.gateway.recall(at.user);
                false
            }
            Superseded::Gone => false,
        }
    }

    /// As [`Desk::note`]; whether an edit is about the latest question, the store may have to say first.
    fn note_new(&self, update_id: i64, message: &Message) {
        if !message.is_edit || self.lanes.latest(message.conversation()).is_some() {
            self.note(update_id, message);
        }
    }

    /// Remembers a question that has its place as the latest of its conversation.
    pub(super) fn note(&self, update_id: i64, message: &Message) {
        let Some(text) = message.question() else { return };
        let latest = Latest { message_id: message.message_id, update_id, text: fingerprint(text) };
        self.lanes.note(message.conversation(), latest);
    }

    /// The latest question is asked again by another update, which an edit of it then cuts.
    pub(super) fn note_again(&self, at: ConversationId, update_id: i64) {
        if let Some(latest) = self.lanes.latest(at) {
            self.lanes.note(at, Latest { update_id, ..latest });
        }
    }

    /// Shows that a question has its place in the line.
    async fn acknowledge(self: Arc<Desk>, message: Box<Message>, position: u32) {
        if !self.serves(&message).await.unwrap_or(false) {
            return;
        }
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
            reply_to: message.reply_to(),
            content,
            buttons: Vec::new(),
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
        let rows = self.said_of(rows, ending);
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

    /// Ends a message for which its lane has no room.
    async fn refuse(self: Arc<Desk>, id: i64, message: Box<Message>) {
        self.abandon_album(&message);
        let notice = Notice::TooManyQueued { capacity: WAITING };
        let ending = Ending::Refused(notice.reason());
        let refused = match self.serves(&message).await {
            Ok(true) => {
                let row = Desk::row(Some(id), &message, Content::Notice(notice));
                self.finish(id, vec![row], ending).await
            }
            Ok(false) => self.finish(id, Vec::new(), Ending::Dropped("burst")).await,
            Err(error) => Err(error),
        };
        if let Err(error) = refused {
            tracing::error!(%error, update_id = id, "an update could not be ended");
        }
    }

    /// Ends an update to which nothing is said.
    pub(super) fn end(&self, id: i64, ending: Ending) {
        self.store.later(move |tx| tx.finish(id, ending).map(|_| ()));
    }
}

//! The whole way of one request, from what is kept of it: for `svs explain`. No text of anybody.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::hub::Gateway;
use crate::config::Config;
use crate::domain::chat::{ChatId, Language, Notice, RequestRef, UserId};
use crate::domain::key::KeyId;
use crate::domain::model::ModelSlot;
use crate::domain::policy::task::{Reason, Task};
use crate::domain::reference::{RequestId, RequestName};
use crate::domain::role::Role;
use crate::domain::router::record::{self, PlanRecord};
use crate::domain::time::Timestamp;
use crate::store::{RequestRecord, SaidRow, SettledSend, Store, StoreError, Tx, UpdateRecord};

/// One request, or an update that became none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// When it looked like this.
    pub(crate) as_of: Timestamp,
    /// Its identity: the update's.
    pub(crate) id: RequestId,
    /// The ref that was shown for it, if one was.
    pub(crate) reference: Option<RequestRef>,
    /// The person; none for a shell, and after a user was forgotten.
    pub(crate) user: Option<TracedUser>,
    /// What is kept of the update that carried it.
    pub(crate) update: Option<TracedUpdate>,
    /// What was decided; none for an update that was refused before.
    pub(crate) request: Option<TracedRequest>,
    /// Every send, in their order.
    pub(crate) sends: Vec<TracedSend>,
    /// What was said to it in Telegram, as long as that is kept.
    pub(crate) messages: Vec<TracedMessage>,
}

/// Who asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TracedUser {
    pub(crate) id: UserId,
    /// The name last used here, without @.
    pub(crate) name: Option<String>,
    pub(crate) first_name: Option<String>,
    /// The language in which the bot speaks to them, as far as that is known.
    #[serde(default)]
    pub(crate) language: Option<Language>,
}

/// The update that carried a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TracedUpdate {
    pub(crate) chat: Option<ChatId>,
    pub(crate) topic: Option<i32>,
    pub(crate) received_at: Timestamp,
    /// How often work on it was begun: more than once after a crash.
    pub(crate) attempts: u32,
    pub(crate) ended_at: Option<Timestamp>,
    /// `answered`, `refused:<reason>`, `dropped:<rule>`.
    pub(crate) ending: Option<String>,
}

/// What was decided about a request, and how it ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct TracedRequest {
    /// The role in force.
    pub(crate) role: Role,
    /// A vip who had no seat.
    pub(crate) seatless_vip: bool,
    /// What it was taken for, and why; none for an update that svs failed with.
    pub(crate) task: Option<Task>,
    pub(crate) reasons: Vec<Reason>,
    /// The model the person asked for.
    pub(crate) choice: Option<ModelSlot>,
    pub(crate) seed: u64,
    /// The first plan.
    pub(crate) plan: Option<PlanRecord>,
    pub(crate) asked_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) outcome: Option<String>,
    /// The key that answered, by the place it had then.
    pub(crate) key: Option<String>,
    /// The id of the model that answered.
    pub(crate) model: Option<String>,
    pub(crate) tokens: u32,
}

/// One send. Spans are milliseconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TracedSend {
    /// The place the key has now; none if it left the configuration.
    pub(crate) key: Option<KeyId>,
    /// The key's last characters.
    pub(crate) tail: Option<String>,
    pub(crate) fingerprint: String,
    pub(crate) project: String,
    pub(crate) model: String,
    pub(crate) router: String,
    pub(crate) at: Timestamp,
    /// How long it was waited before, for a key or in line.
    pub(crate) waited: u64,
    /// How long it took; none while it runs, or if its process died.
    pub(crate) took: Option<u64>,
    pub(crate) outcome: Option<String>,
    pub(crate) tokens: Option<u32>,
    /// Google's words, scrubbed.
    pub(crate) detail: Option<String>,
}

/// One message of the bot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct TracedMessage {
    pub(crate) part: u32,
    pub(crate) chat: ChatId,
    /// `answer`, `words`, or a notice's reason; none while it grows.
    pub(crate) kind: Option<String>,
    /// The notice, where it is one.
    #[serde(default)]
    pub(crate) notice: Option<Notice>,
    pub(crate) message_id: Option<i64>,
    /// `open`, `pending`, `done`.
    pub(crate) state: String,
    pub(crate) opened_at: Timestamp,
    pub(crate) done_at: Option<Timestamp>,
}

impl Gateway {
    /// The way of a request that is kept.
    pub(crate) async fn trace(&self, name: RequestName) -> Result<Option<Trace>, StoreError> {
        trace(&self.shared.store, &self.shared.config(), name).await
    }

    /// The latest requests that a ref was shown for, at most `most`, newest first.
    pub(crate) async fn recent_requests(&self, most: u32) -> Result<Vec<RecentRequest>, StoreError> {
        let found = self.shared.store.read_aside(move |tx| tx.latest_requests(most)).await?;
        let recent = |request: RequestRecord| {
            let outcome = request.end.map(|end| end.outcome);
            Some(RecentRequest { reference: request.reference?, role: request.role, outcome })
        };
        Ok(found.into_iter().filter_map(recent).collect())
    }
}

/// A request that a ref was shown for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RecentRequest {
    /// The ref.
    pub(crate) reference: RequestRef,
    /// The role in force.
    pub(crate) role: Role,
    /// How it ended; none while it runs.
    pub(crate) outcome: Option<String>,
}

/// The way of a request, from a store that needs no daemon.
pub(crate) async fn trace(
    store: &Store,
    config: &Config,
    name: RequestName,
) -> Result<Option<Trace>, StoreError> {
    let mut found = store.read_aside(move |tx| read(tx, &name)).await?;
    for send in found.iter_mut().flat_map(|trace| &mut trace.sends) {
        let key = config.keys.iter().find(|key| key.fingerprint.to_string() == send.fingerprint);
        send.key = key.map(|key| key.id);
        send.tail = key.and_then(|key| key.secret.tail()).map(str::to_owned);
    }
    Ok(found)
}

fn read(tx: &Tx<'_>, name: &RequestName) -> Result<Option<Trace>, StoreError> {
    let request = tx.request(name)?;
    let id = match (name, &request) {
        (_, Some(request)) => request.id,
        (RequestName::Id(id), None) => *id,
        (RequestName::Ref(_), None) => return Ok(None),
    };
    let update = tx.update(id.0)?;
    let Some(user) =
        request.as_ref().map(|request| request.user).or_else(|| update.as_ref().map(|update| update.user))
    else {
        return Ok(None);
    };
    let sends = match &request {
        Some(request) => {
            let until = request.end.as_ref().map_or(Timestamp::NEVER, |end| end.at);
            sends(tx.sends_of(id, request.asked_at, until)?, request.asked_at)
        }
        None => Vec::new(),
    };
    Ok(Some(Trace {
        as_of: tx.now(),
        id,
        reference: request.as_ref().and_then(|request| request.reference.clone()),
        user: user.map(|id| traced_user(tx, id)).transpose()?,
        update: update.map(traced_update),
        request: request.map(traced_request),
        sends,
        messages: tx.said_rows(id.0)?.into_iter().map(traced_message).collect(),
    }))
}

fn traced_user(tx: &Tx<'_>, id: UserId) -> Result<TracedUser, StoreError> {
    let user = tx.user(id)?;
    let language = user.as_ref().and_then(|user| user.language.or(user.seen_language));
    let (name, first_name) = user.map_or((None, None), |user| (user.username, user.first_name));
    Ok(TracedUser { id, name, first_name, language })
}

fn traced_update(update: UpdateRecord) -> TracedUpdate {
    let (ended_at, ending) = update.ended.unzip();
    TracedUpdate {
        chat: update.chat,
        topic: update.topic,
        received_at: update.received_at,
        attempts: update.attempts,
        ended_at,
        ending,
    }
}

fn traced_request(request: RequestRecord) -> TracedRequest {
    let end = request.end;
    TracedRequest {
        role: request.role,
        seatless_vip: request.seatless_vip,
        task: request.task,
        reasons: request.reasons,
        choice: request.choice,
        seed: request.seed,
        plan: record::read(&request.plan, request.asked_at),
        asked_at: request.asked_at,
        ended_at: end.as_ref().map(|end| end.at),
        outcome: end.as_ref().map(|end| end.outcome.clone()),
        key: end.as_ref().and_then(|end| end.key.clone()),
        model: end.as_ref().and_then(|end| end.model.clone()),
        tokens: end.as_ref().map_or(0, |end| end.tokens),
    }
}

/// Sends with how long each was waited for: since the request, or since the one before had ended.
fn sends(settled: Vec<SettledSend>, asked_at: Timestamp) -> Vec<TracedSend> {
    let mut free_since = asked_at;
    let mut sends = Vec::with_capacity(settled.len());
    for send in settled {
        sends.push(TracedSend {
            key: None,
            tail: None,
            fingerprint: send.fingerprint,
            project: send.project,
            model: send.model,
            router: send.router,
            at: send.at,
            waited: millis(send.at.since(free_since)),
            took: send.elapsed.map(millis),
            outcome: send.outcome,
            tokens: send.tokens,
            detail: send.detail,
        });
        free_since = send.at + send.elapsed.unwrap_or_default();
    }
    sends
}

fn traced_message(row: SaidRow) -> TracedMessage {
    TracedMessage {
        part: row.part,
        chat: row.chat,
        kind: row.kind,
        notice: row.notice,
        message_id: row.message_id,
        state: row.state,
        opened_at: row.created_at,
        done_at: row.done_at,
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

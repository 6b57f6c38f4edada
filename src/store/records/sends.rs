//! Sends: one row for every request that was let out to Gemini, written with its debit, completed when settled.

use std::time::Duration;

use rusqlite::Row;

use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::ModelSlot;
use crate::domain::pool::outcome::Outcome;
use crate::domain::reference::RequestId;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::tx::{Tx, from_ms, ms};

/// The row of a send.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SendId(pub(crate) i64);

/// A send at the moment of its debit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SendRecord {
    /// The request it was for, none for a check.
    pub(crate) request: Option<RequestId>,
    /// The key.
    pub(crate) fingerprint: Fingerprint,
    /// Whose budget paid.
    pub(crate) project: Project,
    /// The model.
    pub(crate) model: ModelSlot,
    /// Which router chose it.
    pub(crate) router: &'static str,
}

/// A send as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SettledSend {
    /// The row.
    pub(crate) id: SendId,
    /// When it was debited.
    pub(crate) at: Timestamp,
    /// The request it was for.
    pub(crate) request: Option<RequestId>,
    /// The key, in hexadecimal.
    pub(crate) fingerprint: String,
    /// Whose budget paid.
    pub(crate) project: String,
    /// The model's name.
    pub(crate) model: String,
    /// Which router chose it.
    pub(crate) router: String,
    /// The outcome's name, none while it runs (or if its process died).
    pub(crate) outcome: Option<String>,
    /// How long it took.
    pub(crate) elapsed: Option<Duration>,
    /// Tokens in all.
    pub(crate) tokens: Option<u32>,
    /// Google's words on a failure, scrubbed and cut.
    pub(crate) detail: Option<String>,
}

/// How a send ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendEnd<'a> {
    /// What the call taught us.
    pub(crate) outcome: &'a Outcome,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// Tokens in all.
    pub(crate) tokens: u32,
    /// Google's words, scrubbed; kept of failures only.
    pub(crate) detail: Option<&'a str>,
    /// The number of the key's project, when Google named it.
    pub(crate) consumer: Option<&'a str>,
}

/// Letters of Google's words that are kept.
const LONGEST_DETAIL: usize = 200;

/// The outcomes that are nobody's fault: the answer, what the safety policy or the request itself decided, and
/// callers that went away.
const NO_ERROR: &str = "('answered', 'blocked', 'bad_request', 'thought_only', 'abandoned')";

const COLUMNS: &str = "id, at, request_id, fingerprint, project, model, router, outcome, ms, tokens, detail";

fn duration(ms: i64) -> Duration {
    from_ms(ms).since(Timestamp::ZERO)
}

fn send(row: &Row<'_>) -> rusqlite::Result<SettledSend> {
    Ok(SettledSend {
        id: SendId(row.get(0)?),
        at: from_ms(row.get(1)?),
        request: row.get::<_, Option<i64>>(2)?.map(RequestId),
        fingerprint: row.get(3)?,
        project: row.get(4)?,
        model: row.get(5)?,
        router: row.get(6)?,
        outcome: row.get(7)?,
        elapsed: row.get::<_, Option<i64>>(8)?.map(duration),
        tokens: row.get(9)?,
        detail: row.get(10)?,
    })
}

impl Tx<'_> {
    /// Writes down a send, in the commit that debits it.
    pub(crate) fn insert_send(&mut self, send: &SendRecord) -> Result<SendId, StoreError> {
        let at = ms(self.now());
        let mut insert = self.sql(
            "INSERT INTO sends (at, request_id, fingerprint, project, model, router)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )?;
        let id = insert.query_row(
            (
                at,
                send.request.map(|request| request.0),
                send.fingerprint.to_string(),
                &*send.project.0,
                send.model.name(),
                send.router,
            ),
            |row| row.get(0),
        )?;
        Ok(SendId(id))
    }

    /// Writes down how a send ended; the first ending stands, and the answer says whether this was it.
    pub(crate) fn settle_send(&mut self, id: SendId, end: &SendEnd<'_>) -> Result<bool, StoreError> {
        let elapsed = ms(Timestamp::ZERO + end.elapsed);
        let failed = !matches!(end.outcome, Outcome::Answered);
        let detail: Option<String> =
            end.detail.filter(|_| failed).map(|detail| detail.chars().take(LONGEST_DETAIL).collect());
        let mut update = self.sql(
            "UPDATE sends SET outcome = ?2, ms = ?3, tokens = ?4, detail = ?5 WHERE id = ?1 AND outcome IS NULL",
        )?;
        Ok(update.execute((id.0, end.outcome.name(), elapsed, end.tokens, detail))? == 1)
    }

    /// The sends of a request that ran from `since` until `until`, in their order.
    pub(crate) fn sends_of(
        &self,
        id: RequestId,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<SettledSend>, StoreError> {
        // Found by time: an index by request would be written with every send.
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM sends WHERE at BETWEEN ?1 AND ?2 AND request_id = ?3 ORDER BY at, id"
        ))?;
        Ok(select.query_map((ms(since), ms(until), id.0), send)?.collect::<Result<_, _>>()?)
    }

    /// Walks over the sends since `since`, in the order of time.
    pub(crate) fn each_send(
        &self,
        since: Timestamp,
        mut each: impl FnMut(SettledSend),
    ) -> Result<(), StoreError> {
        let mut select = self.sql(&format!("SELECT {COLUMNS} FROM sends WHERE at >= ?1 ORDER BY at"))?;
        let mut rows = select.query([ms(since)])?;
        while let Some(row) = rows.next()? {
            each(send(row)?);
        }
        Ok(())
    }

    /// How many sends since `since` failed by a fault of a key, a project, a model or the host.
    pub(crate) fn errors_since(&self, since: Timestamp) -> Result<u32, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT count(*) FROM sends WHERE at >= ?1 AND outcome IS NOT NULL AND outcome NOT IN {NO_ERROR}"
        ))?;
        Ok(select.query_row([ms(since)], |row| row.get(0))?)
    }

    /// The newest `limit` of those failures, newest first.
    pub(crate) fn recent_errors(&self, since: Timestamp, limit: u32) -> Result<Vec<SettledSend>, StoreError> {
        let mut select = self.sql(&format!(
            "SELECT {COLUMNS} FROM sends WHERE at >= ?1 AND outcome IS NOT NULL AND outcome NOT IN {NO_ERROR}
             ORDER BY at DESC, id DESC LIMIT ?2"
        ))?;
        Ok(select.query_map((ms(since), limit), send)?.collect::<Result<_, _>>()?)
    }
}

//! The last transaction of a request: settle, answer, memory and outbox rows in one commit.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc;

use super::ask::{Answer, AskError, RowsFor, Stop};
use super::course::{Attempt, Course};
use super::decide::{settle, strike_suspects};
use super::hub::Shared;
use crate::domain::chat::{Notice, Round};
use crate::domain::policy::fairness::caps::UserUsage;
use crate::domain::policy::roles;
use crate::domain::pool::outcome::Outcome;
use crate::gemini::Reply;
use crate::store::{CellKey, Ending, RequestEnd, SendEnd, StoreError, Tx};

/// The request that served an answer, as its record names it.
pub(super) struct Served {
    key: String,
    model: String,
    tokens: u32,
}

/// What is delivered: the answer, and what is stored with it.
pub(super) struct Delivery {
    pub(super) reply: Reply,
    /// Who stopped it, if it was.
    pub(super) stopped: Option<Stop>,
    pub(super) question: String,
    /// What it was answered before, if this goes on from there.
    pub(super) so_far: String,
    pub(super) rows: Option<RowsFor>,
    /// What svs took until Gemini was asked, waiting for a key left out.
    pub(super) before: Duration,
}

/// What the person may still ask today, if that is to stand below the answer.
fn left_today(shared: &Shared, tx: &Tx<'_>, course: &Course) -> Result<Option<u32>, StoreError> {
    let Some((user, _)) = course.unit.filter(|_| shared.config().telegram.footer) else { return Ok(None) };
    let Some(limit) = roles::caps(&shared.config().rules.roles, course.base).per_day else { return Ok(None) };
    let usage: UserUsage = tx.read_cell(&CellKey::User(user))?;
    Ok(Some(limit.saturating_sub(usage.used(&shared.calendar, tx.now()).day)))
}

/// Ends the record of a request, and gives its unit back if nothing was delivered.
pub(super) fn close(
    tx: &mut Tx<'_>,
    course: &Course,
    outcome: &str,
    give_back: bool,
    served: Option<Served>,
) -> Result<(), StoreError> {
    if let Some((user, token)) = course.unit.filter(|_| give_back) {
        tx.update_cell::<UserUsage, _>(&CellKey::User(user), |usage, _| usage.give_back(token))?;
    }
    let (key, model, tokens) = match served {
        Some(served) => (Some(served.key), Some(served.model), served.tokens),
        None => (None, None, 0),
    };
    let end =
        RequestEnd { at: tx.now(), outcome: outcome.to_owned(), key, model, attempts: course.sends, tokens };
    tx.end_request(course.id, &end).map(|_| ())
}

impl Shared {
    /// Runs a transaction. If it may not have been committed, the mirror is read anew from the ledger.
    pub(super) async fn committed<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let result = self.store.commit(work).await;
        if result.is_err()
            && let Err(error) = self.reload().await
        {
            tracing::error!(%error, "the ledger cannot be read");
        }
        result
    }

    /// Stores an answer with everything that belongs to it.
    pub(super) async fn end_with_answer(
        self: &Arc<Shared>,
        mut course: Course,
        attempt: Attempt,
        delivery: Delivery,
    ) -> Result<Answer, AskError> {
        let Delivery { reply, stopped, question, so_far, rows, before } = delivery;
        let stored_from = std::time::Instant::now();
        let step = attempt.step;
        course.notices.extend(attempt.degradation.map(Notice::Degraded));
        let answer = Answer {
            text: reply.text.clone(),
            pictures: reply.pictures.clone(),
            finish: reply.finish.clone(),
            stopped,
            model: step.model,
            wished: course.wished,
            notices: std::mem::take(&mut course.notices),
            key: step.key,
            reference: course.reference.clone(),
            usage: reply.usage,
            left_today: None,
        };
        let model_id = self.config().gemini.models[step.model].clone().unwrap_or_default();
        let shared = Arc::clone(self);
        let mut kept = answer.clone();
        crate::failpoint::crash_point!("before_answer_commit");
        let is_kept = self.committed(move |tx| {
            settle(&shared, tx, &attempt.lease, Some(attempt.send), &told(&reply, &reply.outcome))?;
            if matches!(reply.outcome, Outcome::Answered) {
                strike_suspects(&shared, tx, &course)?;
            }
            // Whoever was forgotten meanwhile leaves nothing behind.
            if let Some(update_id) = course.update_id
                && tx.has_ended(update_id)?
            {
                close(tx, &course, "stopped", true, None)?;
                return Ok(false);
            }
            if let Some(at) = course.conversation {
                let round = Round { question, answer: so_far + &remembered(&kept) };
                tx.append_round(at, &round, &model_id, course.update_id)?;
            }
            let served =
                Served { key: step.key.to_string(), model: model_id.clone(), tokens: kept.usage.total() };
            close(tx, &course, reply.outcome.name(), false, Some(served))?;
            if let Some(update_id) = course.update_id {
                kept.left_today = left_today(&shared, tx, &course)?;
                if let Some(rows) = rows {
                    tx.put_rows(&rows(&kept))?;
                }
                tx.finish(update_id, Ending::Answered)?;
            }
            Ok(true)
        });
        if !is_kept.await? {
            return Err(AskError::Stopped(Stop::Forgotten));
        }
        crate::failpoint::crash_point!("after_answer_commit");
        self.vitals.record_overhead(before + stored_from.elapsed());
        Ok(answer)
    }

    /// Ends a request that delivered nothing.
    pub(super) async fn end_without_answer(
        self: &Arc<Shared>,
        course: Course,
        outcome: &'static str,
    ) -> Result<(), StoreError> {
        self.committed(move |tx| close(tx, &course, outcome, true, None)).await
    }

    /// Ends a request that was stopped while Gemini was being asked.
    pub(super) async fn abandon(
        self: &Arc<Shared>,
        attempt: Attempt,
        course: Course,
    ) -> Result<(), StoreError> {
        let shared = Arc::clone(self);
        self.committed(move |tx| {
            settle(&shared, tx, &attempt.lease, Some(attempt.send), &ABANDONED)?;
            close(tx, &course, "stopped", true, None)
        })
        .await
    }
}

/// What is remembered of an answer: its words, and of its pictures that they were there.
fn remembered(answer: &Answer) -> String {
    let words = Some(answer.text.trim_end()).filter(|words| !words.is_empty() && !answer.pictures.is_empty());
    if answer.pictures.is_empty() {
        return answer.text.clone();
    }
    let pictures = answer.pictures.iter().map(|_| "[picture]");
    words.into_iter().chain(pictures).collect::<Vec<_>>().join("\n")
}

/// How a send ended, as its reply tells; `outcome` may say it otherwise.
pub(super) fn told<'a>(reply: &'a Reply, outcome: &'a Outcome) -> SendEnd<'a> {
    SendEnd {
        outcome,
        tokens: reply.usage.total(),
        elapsed: reply.elapsed,
        detail: reply.detail.as_deref(),
        consumer: reply.consumer.as_deref(),
    }
}

pub(super) const ABANDONED: SendEnd<'static> = SendEnd {
    outcome: &Outcome::Abandoned,
    tokens: 0,
    elapsed: Duration::ZERO,
    detail: None,
    consumer: None,
};

/// Settles the leases of requests that were dropped, for as long as the gateway lives.
pub(super) async fn settle_abandoned(shared: Weak<Shared>, mut leases: mpsc::UnboundedReceiver<Attempt>) {
    while let Some(attempt) = leases.recv().await {
        let Some(shared) = shared.upgrade() else { return };
        let gateway = Arc::clone(&shared);
        let settled = shared
            .committed(move |tx| settle(&gateway, tx, &attempt.lease, Some(attempt.send), &ABANDONED))
            .await;
        if let Err(error) = settled {
            tracing::error!(%error, "an abandoned send could not be settled; its deadline will");
        }
    }
}

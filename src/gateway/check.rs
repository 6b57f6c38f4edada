//! Checks of keys: what the ledger learns from them, a generation for those who want one, and what is remembered of
//! the last check.

use std::collections::HashMap;
use std::sync::Arc;

use super::course::Attempt;
use super::decide::{acquire, settle};
use super::finish::told;
use super::hub::{Gateway, Shared};
use super::lease::Guard;
use crate::domain::chat::{Speaker, Turn};
use crate::domain::key::{Fingerprint, KeyId};
use crate::domain::model::ModelSlot;
use crate::domain::pool::outcome::{Outcome, Rejection};
use crate::domain::pool::project::{Effect, ProjectState};
use crate::domain::pool::refusal::Refusal;
use crate::domain::router::plan::{Router, Step};
use crate::gemini::{Call, Prompt, Reply};
use crate::store::{CellKey, KeyFacts, SendRecord, StoreError, StoredCheck, Tx};

/// What a check found out about a key.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    /// The key.
    pub(crate) fingerprint: Fingerprint,
    /// What Google said, where that was not settled as a send; [`Outcome::Answered`] if the key is good.
    pub(crate) outcome: Option<Outcome>,
    /// The number of the key's project, when Google named it.
    pub(crate) consumer: Option<String>,
    /// What was asked.
    pub(crate) asked: String,
    /// The result, to be had again.
    pub(crate) result: String,
}

/// What became of a generation for a check.
#[derive(Debug)]
pub(crate) enum Probed {
    /// It was debited and sent.
    Asked(Box<Reply>),
    /// The ledger did not grant it; nothing was sent.
    Refused(Refusal),
}

/// What is remembered of keys, by their fingerprint in hexadecimal.
pub(crate) type KnownFacts = HashMap<String, KeyFacts>;

/// One word, and one token for the answer.
const QUESTION: &str = "ping";

impl Gateway {
    /// Writes down what a check found out: a key that Google rejects goes out, one that it takes comes back; what says
    /// nothing about the key itself changes nothing.
    pub(crate) async fn learn_from_checks(&self, checks: Vec<Learned>) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.committed(move |tx| checks.iter().try_for_each(|check| learn(&shared, tx, check))).await
    }

    /// Asks a model for one token with this very key: debited, sent and settled like every send. None: no such key.
    pub(crate) async fn probe(&self, id: KeyId, model: ModelSlot) -> Result<Option<Probed>, StoreError> {
        let shared = Arc::clone(&self.shared);
        let step = Step { key: id, group: id.group(), model, router: Router::A };
        let leased = self.shared.committed(move |tx| {
            let lease = match acquire(&shared, tx, step)? {
                Ok(lease) => lease,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let send = tx.insert_send(&SendRecord {
                request: None,
                fingerprint: lease.fingerprint,
                project: lease.project.clone(),
                model,
                router: "check",
            })?;
            let attempt = Attempt { lease, send, step, degradation: None };
            Ok(Ok(Guard::new(attempt, shared.abandoned.clone())))
        });
        let guard = match leased.await? {
            Ok(guard) => guard,
            Err(refusal) => return Ok(Some(Probed::Refused(refusal))),
        };
        let secret = guard.attempt().and_then(|attempt| self.shared.secret(attempt.lease.fingerprint));
        let Some(secret) = secret else { return Ok(None) };
        let prompt = Prompt {
            turns: vec![Turn { speaker: Speaker::User, text: QUESTION.to_owned() }],
            max_output_tokens: Some(1),
            less_thinking: true,
            ..Prompt::default()
        };
        let call = Call { key: &secret, slot: model, prompt: &prompt };
        let mut reply = self.shared.gemini().stream(&call, &mut |_| {}).await;
        if matches!(reply.outcome, Outcome::ThoughtOnly) {
            // The one token went into a thought: that is all that was asked for.
            reply.outcome = Outcome::Answered;
        }
        let Some(attempt) = guard.take() else { return Err(StoreError::Closed) };
        let (shared, ended) = (Arc::clone(&self.shared), reply.clone());
        self.shared
            .committed(move |tx| {
                settle(&shared, tx, &attempt.lease, Some(attempt.send), &told(&ended, &ended.outcome))
            })
            .await?;
        Ok(Some(Probed::Asked(Box::new(reply))))
    }

    /// What is remembered of all keys.
    pub(crate) async fn key_facts(&self) -> Result<KnownFacts, StoreError> {
        let facts = self.shared.store.read(|tx| tx.key_facts()).await?;
        Ok(facts.into_iter().map(|facts| (facts.fingerprint.clone(), facts)).collect())
    }

    /// The client by which Google is asked.
    pub(crate) fn gemini(&self) -> crate::gemini::GeminiClient {
        self.shared.gemini()
    }
}

fn learn(shared: &Shared, tx: &mut Tx<'_>, check: &Learned) -> Result<(), StoreError> {
    let fingerprint = check.fingerprint;
    let Some((place, id, project)) = ({
        let pool = shared.pool();
        pool.roster.find_by_fingerprint(fingerprint).map(|key| {
            let spec = &pool.roster.keys()[key];
            (pool.roster.project_of(key), spec.id, spec.project.clone())
        })
    }) else {
        return Ok(());
    };
    remember(tx, check)?;
    let rejection: Option<Rejection> = match &check.outcome {
        Some(Outcome::Answered) => None,
        Some(Outcome::Rejected { reason }) => Some(*reason),
        _ => return Ok(()),
    };
    let cell = CellKey::Project(project);
    let (effect, state) = tx.update_cell::<ProjectState, _>(&cell, |state, _| {
        if let Some(reason) = rejection {
            return state.reject(fingerprint, reason);
        }
        state.accept(fingerprint);
        Effect::None
    })?;
    shared.pool().projects[place] = state;
    shared.tell_operators(tx, id, effect)
}

fn remember(tx: &mut Tx<'_>, check: &Learned) -> Result<(), StoreError> {
    let fingerprint = check.fingerprint;
    if let Some(consumer) = &check.consumer {
        tx.learn_consumer(fingerprint, consumer)?;
    }
    let stored = StoredCheck { at: tx.now(), asked: check.asked.clone(), result: check.result.clone() };
    tx.put_check(fingerprint, &stored)
}

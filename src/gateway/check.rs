//! Whether Google takes our keys: asks each for its list of models, which spends no generation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::hub::Gateway;
use crate::domain::key::{Fingerprint, KeyId, Project};
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::{Effect, ProjectState};
use crate::gemini::{SlotCheck, Verdict, check_models};
use crate::store::{CellKey, StoreError};

/// What a check found out about a key.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct CheckedKey {
    /// Its place.
    pub(crate) id: KeyId,
    /// The last characters of the secret, by which operators know it.
    pub(crate) tail: Option<String>,
    /// Its identity.
    pub(crate) fingerprint: Fingerprint,
    /// Its quota domain.
    pub(crate) project: Project,
    /// What Google says.
    pub(crate) verdict: KeyVerdict,
    /// How long the answer took.
    pub(crate) elapsed: Duration,
}

/// What Google says of a key.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum KeyVerdict {
    /// It is good; with what became of the configured model ids.
    Good(Vec<SlotCheck>),
    /// It is not, or cannot be told.
    Bad(Verdict),
}

impl Gateway {
    /// Checks keys, `concurrency` at a time, and hands each over as it is done. What is learned is written down: a key
    /// that is rejected goes out, one that is good comes back.
    pub(crate) async fn check_keys(
        &self,
        wanted: impl Fn(KeyId) -> bool,
        concurrency: usize,
        mut on_checked: impl FnMut(CheckedKey),
    ) -> Result<(), StoreError> {
        let keys: Vec<_> = self.shared.config.keys.iter().filter(|key| wanted(key.id)).collect();
        let mut checks =
            stream::iter(keys).map(|key| self.check_key(key)).buffer_unordered(concurrency.max(1));
        while let Some(checked) = checks.next().await {
            let checked = checked?;
            on_checked(checked);
        }
        Ok(())
    }

    async fn check_key(&self, key: &crate::config::ConfiguredKey) -> Result<CheckedKey, StoreError> {
        let began = Instant::now();
        let listed = self.shared.gemini.list_models(&key.secret).await;
        let elapsed = began.elapsed();
        let verdict = match listed {
            Ok(models) => KeyVerdict::Good(check_models(&self.shared.config.gemini.models, &models)),
            Err(verdict) => KeyVerdict::Bad(verdict),
        };
        self.learn_from_check(key, &verdict).await?;
        Ok(CheckedKey {
            id: key.id,
            tail: key.secret.tail().map(str::to_owned),
            fingerprint: key.fingerprint,
            project: key.project.clone(),
            verdict,
            elapsed,
        })
    }

    async fn learn_from_check(
        &self,
        key: &crate::config::ConfiguredKey,
        verdict: &KeyVerdict,
    ) -> Result<(), StoreError> {
        let rejection = match verdict {
            KeyVerdict::Good(_) => None,
            KeyVerdict::Bad(Verdict { outcome: Outcome::Rejected { reason }, .. }) => Some(*reason),
            KeyVerdict::Bad(_) => return Ok(()),
        };
        let shared = Arc::clone(&self.shared);
        let (id, fingerprint, project) = (key.id, key.fingerprint, key.project.clone());
        self.shared
            .committed(move |tx| {
                let cell = CellKey::Project(project.clone());
                let (effect, state) = tx.update_cell::<ProjectState, _>(&cell, |state, _| {
                    if let Some(reason) = rejection {
                        return state.reject(fingerprint, reason);
                    }
                    state.accept(fingerprint);
                    Effect::None
                })?;
                let place = shared.pool().roster.projects().iter().position(|known| *known == project);
                if let Some(place) = place {
                    shared.pool().projects[place] = state;
                }
                shared.tell_operators(tx, id, effect, None)
            })
            .await
    }
}

//! What a check of a key teaches the ledger: a key that Google rejects goes out, one that it takes comes back.

use std::sync::Arc;

use super::hub::Gateway;
use crate::domain::key::KeyId;
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::{Effect, ProjectState};
use crate::store::{CellKey, StoreError};

impl Gateway {
    /// Writes down what a check found out about a key; what says nothing about the key itself changes nothing.
    pub(crate) async fn learn_from_check(&self, id: KeyId, outcome: &Outcome) -> Result<(), StoreError> {
        let rejection = match outcome {
            Outcome::Answered => None,
            Outcome::Rejected { reason } => Some(*reason),
            _ => return Ok(()),
        };
        let shared = Arc::clone(&self.shared);
        self.shared
            .committed(move |tx| {
                let Some((place, fingerprint, project)) = ({
                    let pool = shared.pool();
                    pool.roster.find(id).map(|key| {
                        let spec = &pool.roster.keys()[key];
                        (pool.roster.project_of(key), spec.fingerprint, spec.project.clone())
                    })
                }) else {
                    return Ok(());
                };
                let (effect, state) =
                    tx.update_cell::<ProjectState, _>(&CellKey::Project(project), |state, _| {
                        if let Some(reason) = rejection {
                            return state.reject(fingerprint, reason);
                        }
                        state.accept(fingerprint);
                        Effect::None
                    })?;
                shared.pool().projects[place] = state;
                shared.tell_operators(tx, id, effect)
            })
            .await
    }

    /// The client by which Google is asked.
    pub(crate) fn gemini(&self) -> &crate::gemini::GeminiClient {
        &self.shared.gemini
    }
}

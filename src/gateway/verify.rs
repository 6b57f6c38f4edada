//! The proof that no limit was ever passed, from the sends that are kept. For `svs verify`.

use serde::{Deserialize, Serialize};

use super::hub::Gateway;
use crate::clock::pacific_calendar;
use crate::config::Config;
use crate::domain::key::{Fingerprint, KeyId, Project};
use crate::domain::model::ModelSlot;
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::ProjectState;
use crate::domain::pool::proof::{Debit, Proof, Prover};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, Store, StoreError, Tx};

/// What was proved.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Verified {
    /// When.
    pub(crate) as_of: Timestamp,
    /// From when on sends were judged.
    pub(crate) since: Timestamp,
    /// What is older than this is not kept any more.
    pub(crate) kept_since: Timestamp,
    /// The first send that was judged, and the last.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    /// Sends whose connection failed before the first byte: they reached nobody and are not judged.
    pub(crate) not_sent: u64,
    /// The findings, and the violations.
    pub(crate) proof: Proof,
    /// The keys that were used, as they are configured now.
    pub(crate) keys: Vec<UsedKey>,
    /// Limits that Google has named since and that are lower than the configured ones.
    pub(crate) lowered: Vec<Lowered>,
}

/// A key that was used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct UsedKey {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) project: Project,
    /// Its place; none if it left the configuration.
    pub(crate) id: Option<KeyId>,
    /// Its last characters.
    pub(crate) tail: Option<String>,
}

/// A limit that Google lowered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Lowered {
    pub(crate) project: Project,
    pub(crate) model: ModelSlot,
    /// Sends a minute now.
    pub(crate) rpm: u32,
    /// Sends a quota day now.
    pub(crate) budget: u32,
}

impl Gateway {
    /// Judges every send since `since`.
    pub(crate) async fn verify(&self, since: Timestamp) -> Result<Verified, StoreError> {
        verify(&self.shared.store, &self.shared.config(), since).await
    }
}

/// Judges every send since `since`, from a store that needs no daemon.
pub(crate) async fn verify(store: &Store, config: &Config, since: Timestamp) -> Result<Verified, StoreError> {
    let keys: Vec<_> =
        config.keys.iter().map(|key| (key.fingerprint, key.project.clone(), key.limits.clone())).collect();
    let (general, keep) = (config.rules.key.clone(), config.storage.sends);
    let judge = move |tx: &Tx<'_>| {
        let (now, kept_since) = (tx.now(), tx.now() - keep);
        let since = since.max(kept_since);
        let calendar = pacific_calendar(now);
        let limits = keys.iter().map(|(fingerprint, _, limits)| (*fingerprint, limits.clone()));
        let mut prover = Prover::new(&calendar, limits, general, since);
        let (mut span, mut not_sent, mut used) = (None, 0, Vec::<UsedKey>::new());
        tx.each_send(prover.needed_since(), |send| {
            // What nobody can read was written by nobody.
            let (Ok(fingerprint), Ok(model)) = (send.fingerprint.parse(), send.model.parse()) else { return };
            if send.outcome.as_deref() == Some(Outcome::NOT_SENT) {
                not_sent += u64::from(send.at >= since);
                return;
            }
            let project = Project(send.project.into());
            if send.at >= since {
                span = Some((span.map_or(send.at, |(first, _)| first), send.at));
                if !used.iter().any(|key| key.fingerprint == fingerprint && key.project == project) {
                    used.push(UsedKey { fingerprint, project: project.clone(), id: None, tail: None });
                }
            }
            prover.judge(&Debit { id: send.id.0, at: send.at, fingerprint, project, model });
        })?;
        let mut lowered = Vec::new();
        for (cell, state) in tx.cells::<ProjectState>(CellKey::PROJECTS)? {
            let CellKey::Project(project) = cell else { continue };
            let moment = calendar.moment(now);
            for model in ModelSlot::ALL {
                prover.compare(&project, model, state.spent(model, &moment), now);
            }
            if let Some((_, _, limits)) = keys.iter().find(|(_, of, _)| *of == project) {
                lowered.extend(ModelSlot::ALL.into_iter().filter_map(|model| {
                    let (is, was) = (state.limits(limits, model), limits.models[model]);
                    let (rpm, budget) = (is.rpm, is.budget());
                    let project = project.clone();
                    (rpm < was.rpm || budget < was.budget()).then_some(Lowered {
                        project,
                        model,
                        rpm,
                        budget,
                    })
                }));
            }
        }
        let proof = prover.conclude();
        Ok(Verified { as_of: now, since, kept_since, span, not_sent, proof, keys: used, lowered })
    };
    let mut verified = store.read_aside(judge).await?;
    for key in &mut verified.keys {
        let found = config.keys.iter().find(|configured| configured.fingerprint == key.fingerprint);
        key.id = found.map(|key| key.id);
        key.tail = found.and_then(|key| key.secret.tail()).map(str::to_owned);
    }
    verified.keys.sort_by_key(|key| (key.id.is_none(), key.id, key.fingerprint));
    Ok(verified)
}

//! How much there is to do: the rates of the last minute, and what is down at large.

use std::time::Duration;

use super::hub::{Gateway, Shared};
use super::status::Updates;
use crate::domain::model::ModelSlot;
use crate::domain::pool::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// The stretch over which rates are counted.
const MINUTE: Duration = Duration::from_mins(1);

/// How much there is to do.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pulse {
    /// What became of the updates received in the last minute.
    pub(crate) updates: Updates,
    /// Requests sent to Gemini in it.
    pub(crate) sends: u32,
    /// Of these, answered ones.
    pub(crate) answered: u32,
    /// Of these, failed by a fault of a key, a project, a model or the host.
    pub(crate) failed: u32,
    /// The median time of the answered ones, from the call to the end of the answer.
    pub(crate) answer_p50: Option<Duration>,
}

impl Gateway {
    /// How much there is to do now.
    pub(crate) async fn pulse(&self) -> Result<Pulse, StoreError> {
        let shared = &self.shared;
        let since = shared.clock.now() - MINUTE;
        // Counted beside the writer, which has more important things to do.
        let counted = shared.store.read_aside(move |tx| {
            let (mut sends, mut took) = (0, Vec::new());
            tx.each_send(since, |send| {
                sends += 1;
                took.extend(send.elapsed.filter(|_| send.outcome.as_deref() == Some("answered")));
            })?;
            Ok((Updates::of(tx.endings_since(since)?), tx.errors_since(since)?, sends, took))
        });
        let (updates, failed, sends, mut took) = counted.await?;
        took.sort_unstable();
        Ok(Pulse {
            updates,
            sends,
            answered: u32::try_from(took.len()).unwrap_or(u32::MAX),
            failed,
            answer_p50: took.get(took.len().div_ceil(2).saturating_sub(1)).copied(),
        })
    }
}

impl Shared {
    /// What is down at large.
    pub(super) fn outages(&self, now: Timestamp) -> Vec<(Option<ModelSlot>, Refusal)> {
        let pool = self.pool();
        let paused = pool.health.ready(now).err().map(|refusal| (None, refusal));
        let is_configured = |model: &ModelSlot| {
            pool.roster.keys().iter().any(|key| key.limits.models[*model].daily_limit > 0)
        };
        let down =
            |model: ModelSlot| pool.models[model].ready(now).err().map(|refusal| (Some(model), refusal));
        paused.into_iter().chain(ModelSlot::ALL.into_iter().filter(is_configured).filter_map(down)).collect()
    }
}

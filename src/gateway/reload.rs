//! Another configuration for a gateway that runs. It takes force between two transactions, so no decision sees half of
//! each; what runs goes on, and what was counted stays counted. Keys are the same keys by their fingerprint.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::hub::{Gateway, Shared, read_ledger, unread_pool};
use crate::config::Config;
use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::ModelSlot;
use crate::domain::pool::outcome::Outcome;
use crate::domain::pool::project::ProjectState;
use crate::domain::pool::roster::Roster;
use crate::domain::time::{Calendar, Timestamp};
use crate::gemini::GeminiClient;
use crate::store::{CellKey, StoreError, Tx};

/// No sliding window is longer (`limits.rate_window`).
const LONGEST_WINDOW: Duration = Duration::from_mins(10);

impl Gateway {
    /// Puts another configuration in force; `gemini` where upstream is another too.
    pub(crate) async fn reconfigure(
        &self,
        config: Arc<Config>,
        gemini: Option<GeminiClient>,
    ) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared.committed(move |tx| shared.reconfigure(tx, config, gemini)).await?;
        // Seats may be more or fewer now, and end at other times.
        self.shared.expire_seats().await?;
        self.shared.queue.stir();
        Ok(())
    }
}

impl Shared {
    fn reconfigure(
        &self,
        tx: &mut Tx<'_>,
        config: Arc<Config>,
        gemini: Option<GeminiClient>,
    ) -> Result<(), StoreError> {
        let mut pool = unread_pool(&config, Arc::clone(&self.calendar));
        follow_keys(tx, &pool.roster, &self.calendar)?;
        (pool.projects, pool.models, pool.health) = read_ledger(tx, pool.roster.projects())?;
        let mut current = self.pool();
        pool.arrivals = std::mem::take(&mut current.arrivals);
        *current = pool;
        self.configure(config, gemini);
        Ok(())
    }
}

/// Whether keys are in other projects than they were.
pub(super) fn have_keys_moved(tx: &Tx<'_>, roster: &Roster) -> Result<bool, StoreError> {
    Ok(!moves(&tx.cells(CellKey::PROJECTS)?.into_iter().collect(), roster).is_empty())
}

/// What was spent follows the keys into their projects.
pub(super) fn follow_keys(tx: &mut Tx<'_>, roster: &Roster, calendar: &Calendar) -> Result<(), StoreError> {
    let stored: BTreeMap<CellKey, ProjectState> = tx.cells(CellKey::PROJECTS)?.into_iter().collect();
    let moves = moves(&stored, roster);
    let sends = if moves.is_empty() { Vec::new() } else { recent_sends(tx, calendar)? };
    for ((to, from), keys) in moves {
        let Some(before) = stored.get(&from) else { continue };
        tracing::info!(project = %to, keys = keys.len(), "keys came from another project, with what they spent");
        let is_its =
            |key: Fingerprint| roster.keys().iter().any(|spec| spec.fingerprint == key && spec.project == to);
        let its: Vec<_> =
            sends.iter().filter(|(key, ..)| is_its(*key)).map(|(_, model, at)| (*model, *at)).collect();
        tx.update_cell::<ProjectState, _>(&CellKey::Project(to.clone()), |state, now| {
            state.take_over(before, &keys);
            state.recount(&its, calendar, now);
        })?;
        tx.update_cell::<ProjectState, _>(&from, |state, _| keys.iter().for_each(|key| state.let_go(*key)))?;
    }
    Ok(())
}

/// What was sent today and in the last minutes, oldest first.
fn recent_sends(
    tx: &Tx<'_>,
    calendar: &Calendar,
) -> Result<Vec<(Fingerprint, ModelSlot, Timestamp)>, StoreError> {
    let since = calendar.start(calendar.day(tx.now())).min(tx.now() - LONGEST_WINDOW);
    let mut sends = Vec::new();
    tx.each_send(since, |send| {
        if send.outcome.as_deref() != Some(Outcome::NOT_SENT)
            && let (Ok(fingerprint), Ok(model)) = (send.fingerprint.parse(), send.model.parse())
        {
            sends.push((fingerprint, model, send.at));
        }
    })?;
    Ok(sends)
}

/// The keys that their project does not know and another cell does: to where, from where.
fn moves(
    stored: &BTreeMap<CellKey, ProjectState>,
    roster: &Roster,
) -> BTreeMap<(Project, CellKey), Vec<Fingerprint>> {
    let mut moves = BTreeMap::<_, Vec<Fingerprint>>::new();
    for key in roster.keys() {
        let own = CellKey::Project(key.project.clone());
        let knows = |state: &ProjectState| state.knows(key.fingerprint);
        if stored.get(&own).is_some_and(knows) {
            continue;
        }
        for (cell, _) in stored.iter().filter(|(_, state)| knows(state)) {
            moves.entry((key.project.clone(), cell.clone())).or_default().push(key.fingerprint);
        }
    }
    moves
}

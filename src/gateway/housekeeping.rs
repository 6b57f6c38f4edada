//! What must be done once in a while: old records go, the arrival curve is learned from what is kept.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinSet;

use super::hub::{Gateway, Shared};
use crate::domain::pool::arrivals::ArrivalCurve;
use crate::domain::time::{Calendar, QuotaDay};
use crate::store::{StoreError, Tx};

const EVERY: Duration = Duration::from_mins(10);
/// Rows deleted in one transaction, so that nobody waits for it long.
const BATCH: u32 = 500;
/// Days of arrivals beside today.
const DAYS: u32 = 7;

impl Gateway {
    /// Starts what only the daemon does: seats and grants that end by time, and cleaning up.
    pub(crate) fn keep_house(&self) -> House {
        let shared = || Arc::downgrade(&self.shared);
        let mut tasks = JoinSet::new();
        tasks.spawn(super::seats::keep_seats(shared()));
        tasks.spawn(super::people::keep_grants(shared()));
        tasks.spawn(clean_up(shared()));
        House(tasks)
    }
}

/// Those who keep house; dropping it ends them.
pub(crate) struct House(JoinSet<()>);

impl House {
    /// Done when none of them uses the store any more; what they had handed over is still committed.
    pub(crate) async fn leave(mut self) {
        self.0.shutdown().await;
    }
}

async fn clean_up(shared: Weak<Shared>) {
    loop {
        let Some(shared) = shared.upgrade() else { return };
        match shared.expire_seats().await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "seats could not be looked after"),
        }
        if let Err(error) = shared.purge().await {
            tracing::warn!(%error, "old records could not be deleted");
        }
        drop(shared);
        tokio::time::sleep(EVERY).await;
    }
}

impl Shared {
    async fn purge(&self) -> Result<(), StoreError> {
        loop {
            let (now, keep) = (self.clock.now(), self.config().storage);
            if self.store.commit(move |tx| tx.purge(now, &keep, BATCH)).await? == 0 {
                return Ok(());
            }
            // Others first.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Learns when in the day people come from the requests of the last days.
pub(super) async fn learn_arrivals(shared: Weak<Shared>) {
    let Some(shared) = shared.upgrade() else { return };
    let calendar = Arc::clone(&shared.calendar);
    match shared.store.read(move |tx| arrivals(tx, &calendar)).await {
        Ok(arrivals) => shared.pool().arrivals = arrivals,
        // A short command is over before its question about the past is answered.
        Err(StoreError::Closed) => {}
        Err(error) => tracing::warn!(%error, "the arrivals of the last days cannot be read"),
    }
}

/// When in the day people came, as far as their requests are kept.
pub(super) fn arrivals(tx: &Tx<'_>, calendar: &Calendar) -> Result<ArrivalCurve, StoreError> {
    let today = calendar.day(tx.now()).0;
    let count = |day: u32| {
        let midnights = [day, day + 1].map(|day| calendar.start(QuotaDay(day)));
        let roles = tx.arrivals(&midnights)?.0;
        let sum = |bucket: usize| roles.iter().map(|counts| counts[bucket]).sum();
        Ok((QuotaDay(day), (0..roles[0].len()).map(sum).collect::<Vec<u32>>()))
    };
    let days = (today.saturating_sub(DAYS)..=today).map(count).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(ArrivalCurve::from_counts(days))
}

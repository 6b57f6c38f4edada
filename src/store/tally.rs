//! How many updates came and how they ended, as committed by this process since it opened the state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::inbox::Ending;

/// Counts of updates.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct UpdateCounts {
    /// Those that came for the first time.
    pub(crate) received: u64,
    /// Those that ended, by how.
    pub(crate) ended: BTreeMap<Ending, u64>,
}

impl UpdateCounts {
    /// One more has ended.
    pub(super) fn end(&mut self, ending: Ending) {
        *self.ended.entry(ending).or_default() += 1;
    }

    /// All that another has counted.
    pub(super) fn add(&mut self, other: UpdateCounts) {
        self.received += other.received;
        for (ending, count) in other.ended {
            *self.ended.entry(ending).or_default() += count;
        }
    }
}

/// What has been committed so far; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Mutex<UpdateCounts>>);

impl Tally {
    /// This was committed.
    pub(super) fn add(&self, counts: UpdateCounts) {
        if counts != UpdateCounts::default() {
            self.lock().add(counts);
        }
    }

    /// All of it.
    pub(super) fn counts(&self) -> UpdateCounts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, UpdateCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
